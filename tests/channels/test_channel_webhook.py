from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from werkzeug import Request, Response

from watcher.channels import ChannelTools, build
from watcher.model import ConfigError, DeliveryError, Envelope, Reason
from watcher.web import Web

SECRET = "whsec_" + "c2VjcmV0" * 4
OLD_SECRET = "whsec_" + "b2xkIG9s" * 4
TOKEN = "token-in-the-path"

Parcel = Callable[..., Envelope]
Make = Callable[..., Any]


@pytest.fixture
def webhook(tools: ChannelTools) -> Make:
    """A webhook channel to an address on loopback."""

    def make(url: str, *, tools: ChannelTools = tools, **options: Any) -> Any:
        return build("hook", "webhook", {"url": url, "secret": SECRET} | options, tools)

    return make


@pytest.fixture
def receiver(httpserver: HTTPServer) -> tuple[list[Request], list[Response], str]:
    """Requests that came, responses to give (then 204 for ever), and the address."""
    requests: list[Request] = []
    responses: list[Response] = []

    def handle(request: Request) -> Response:
        request.get_data()
        requests.append(request)
        return responses.pop(0) if responses else Response(status=204)

    httpserver.expect_request(f"/{TOKEN}", method="POST").respond_with_handler(handle)
    return requests, responses, httpserver.url_for(f"/{TOKEN}")


def refused(channel: Any, envelope: Envelope) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(envelope)
    return caught.value


def test_a_webhook_is_signed_as_standard_webhooks_says(webhook: Make, receiver: Any, parcel: Parcel) -> None:
    requests, _, url = receiver
    webhook(url).send(parcel())
    (request,) = requests
    payload = Verifier(SECRET).verify(request.get_data(), dict(request.headers))
    assert payload == parcel().message.data
    assert payload["type"] == "alert.created"
    assert request.headers["webhook-id"] == "msg_0123456789abcdef"
    assert request.headers["content-type"] == "application/json"
    assert "=" not in request.headers["webhook-signature"].split(",")[0]


@pytest.mark.scenario("D12")
def test_text_of_any_alphabet_is_signed_as_it_is_sent(webhook: Make, receiver: Any, parcel: Parcel) -> None:
    requests, _, url = receiver
    data = {"type": "health", "data": {"text": 'Ünï 😀 \ud800 " \\ \u2028'}}
    webhook(url).send(parcel(message=replace(parcel().message, data=data)))
    payload = Verifier(SECRET).verify(requests[0].get_data(), dict(requests[0].headers))
    assert payload["data"]["text"] == 'Ünï 😀 ? " \\ \u2028'


@pytest.mark.scenario("D15")
def test_while_the_secret_changes_either_verifies(webhook: Make, receiver: Any, parcel: Parcel) -> None:
    requests, _, url = receiver
    webhook(url, old_secret=OLD_SECRET).send(parcel())
    body, headers = requests[0].get_data(), dict(requests[0].headers)
    for secret in (SECRET, OLD_SECRET):
        Verifier(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + "b3RoZXIh" * 4).verify(body, headers)


@pytest.mark.scenario("D1")
def test_every_attempt_has_the_same_id_a_new_time_and_a_valid_signature(
    webhook: Make, receiver: Any, parcel: Parcel, tools: ChannelTools
) -> None:
    requests, responses, url = receiver
    moments = [datetime.now(UTC) - timedelta(seconds=60), datetime.now(UTC)]
    ticking = iter(moments)
    channel = webhook(url, tools=replace(tools, clock=lambda: next(ticking)))
    responses.append(Response(status=500))
    refused(channel, parcel())
    channel.send(parcel(attempt=2))
    first, second = requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [int(each.headers["webhook-timestamp"]) for each in requests] == [int(m.timestamp()) for m in moments]
    for request in requests:
        Verifier(SECRET).verify(request.get_data(), dict(request.headers))
    assert first.get_data() == second.get_data()


HOUR = timedelta(hours=1)


@pytest.mark.scenario("D1", "D2", "D3")
@pytest.mark.parametrize(
    ("status", "headers", "reason", "permanent", "wait"),
    [
        (500, {}, Reason.HTTP_STATUS, False, None),
        (502, {}, Reason.HTTP_STATUS, False, None),
        (503, {"Retry-After": "120"}, Reason.HTTP_STATUS, False, timedelta(seconds=120)),
        (504, {}, Reason.HTTP_STATUS, False, None),
        (408, {}, Reason.HTTP_STATUS, False, None),
        (425, {}, Reason.HTTP_STATUS, False, None),
        (429, {"Retry-After": "7"}, Reason.THROTTLED, False, timedelta(seconds=7)),
        (429, {"Retry-After": "99999999999999"}, Reason.THROTTLED, False, timedelta(days=1)),
        (429, {"Retry-After": "soon"}, Reason.THROTTLED, False, None),
        (429, {"Retry-After": "-1", "Cache-Control": "max-age=600"}, Reason.THROTTLED, False, None),
        (400, {}, Reason.HTTP_STATUS, False, HOUR),
        (401, {}, Reason.HTTP_STATUS, False, HOUR),
        (403, {"Retry-After": "7200"}, Reason.HTTP_STATUS, False, 2 * HOUR),
        (404, {}, Reason.HTTP_STATUS, False, HOUR),
        (422, {}, Reason.HTTP_STATUS, False, HOUR),
        (410, {}, Reason.GONE, True, None),
        (301, {"Location": "/elsewhere"}, Reason.REDIRECT, False, HOUR),
        (307, {"Location": "http://127.0.0.1:1/"}, Reason.REDIRECT, False, HOUR),
        (304, {}, Reason.REDIRECT, False, HOUR),
    ],
)
def test_what_an_answer_means(
    status: int,
    headers: dict[str, str],
    reason: Reason,
    permanent: bool,
    wait: timedelta | None,
    webhook: Make,
    receiver: Any,
    parcel: Parcel,
) -> None:
    requests, responses, url = receiver
    responses.append(Response(status=status, headers=headers))
    error = refused(webhook(url), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (reason, permanent, False)
    assert error.retry_after == wait
    assert str(status) in error.detail
    assert len(requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_answer_of_the_200_class_is_success(status: int, webhook: Make, receiver: Any, parcel: Parcel) -> None:
    _, responses, url = receiver
    responses.append(Response(status=status))
    webhook(url).send(parcel())


def test_retry_after_may_be_a_date(webhook: Make, receiver: Any, parcel: Parcel) -> None:
    _, responses, url = receiver
    later = datetime.now(UTC) + timedelta(minutes=30)
    responses.append(Response(status=503, headers={"Retry-After": format_datetime(later, usegmt=True)}))
    wait = refused(webhook(url), parcel()).retry_after
    assert wait is not None
    assert timedelta(minutes=29) < wait <= timedelta(minutes=30, seconds=2)


def heard(connection: socket.socket) -> None:
    """Read one whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)


def hang_up(connection: socket.socket) -> None:
    heard(connection)


def reset(connection: socket.socket) -> None:
    heard(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_a_status(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 2")


def nonsense(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"\x00\xff what?\r\n\r\n")


@pytest.mark.scenario("D1", "D4")
@pytest.mark.parametrize("behave", [hang_up, reset, half_a_status, nonsense])
def test_a_request_without_an_answer_may_have_arrived(
    behave: Callable[[socket.socket], None], webhook: Make, raw_server: Make, parcel: Parcel
) -> None:
    error = refused(webhook(f"http://127.0.0.1:{raw_server(behave)}/{TOKEN}"), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.CONNECTION, False, True)


def test_a_receiver_that_was_never_reached_has_nothing(webhook: Make, parcel: Parcel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = refused(webhook(f"http://127.0.0.1:{unused.getsockname()[1]}/{TOKEN}"), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.CONNECTION, False, False)


@pytest.mark.scenario("D1")
def test_an_unknown_host_is_tried_again(webhook: Make, parcel: Parcel) -> None:
    error = refused(webhook("https://hooks.invalid/x"), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.ADDRESS_UNKNOWN, False, False)


@pytest.mark.scenario("D1")
def test_a_receiver_that_speaks_no_tls_is_tried_again(webhook: Make, httpserver: HTTPServer, parcel: Parcel) -> None:
    error = refused(webhook(f"https://127.0.0.1:{httpserver.port}/{TOKEN}"), parcel())
    assert (error.reason, error.permanent, error.unacknowledged) == (Reason.TLS, False, False)


@pytest.mark.scenario("Z1")
def test_a_private_address_that_was_not_allowed_gets_nothing(
    webhook: Make, receiver: Any, parcel: Parcel, tools: ChannelTools
) -> None:
    requests, _, url = receiver
    strict = Web(user_agent="watcher-tests", clock=tools.clock)
    error = refused(webhook(url, tools=replace(tools, web=strict)), parcel())
    strict.close()
    assert (error.reason, error.permanent, error.retry_after) == (Reason.ADDRESS_REFUSED, False, HOUR)
    assert requests == []


def endless_body(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(100_000):
        connection.sendall(b"x" * 10_000)


def endless_headers(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000_000):
        connection.sendall(b"X-%d: " % number + b"x" * 1000 + b"\r\n")


def dripping(connection: socket.socket) -> None:
    heard(connection)
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.scenario("Z10")
@pytest.mark.parametrize(("behave", "reason"), [(endless_headers, Reason.CONNECTION), (dripping, Reason.TIMEOUT)])
def test_a_hostile_receiver_is_left_at_the_deadline(
    behave: Callable[[socket.socket], None],
    reason: Reason,
    webhook: Make,
    raw_server: Make,
    parcel: Parcel,
    tools: ChannelTools,
) -> None:
    web = Web(user_agent="watcher-tests", clock=tools.clock, allow_private=["127.0.0.1"], deadline=timedelta(seconds=1))
    started = time.monotonic()
    channel = webhook(f"http://127.0.0.1:{raw_server(behave)}/{TOKEN}", tools=replace(tools, web=web))
    error = refused(channel, parcel())
    web.close()
    assert time.monotonic() - started < 10
    assert (error.reason, error.unacknowledged) == (reason, True)


@pytest.mark.scenario("Z10")
def test_of_an_endless_answer_the_status_counts(webhook: Make, raw_server: Make, parcel: Parcel) -> None:
    started = time.monotonic()
    webhook(f"http://127.0.0.1:{raw_server(endless_body)}/{TOKEN}").send(parcel())
    assert time.monotonic() - started < 10


def test_the_destination_shows_the_host_and_nothing_that_may_be_secret(webhook: Make) -> None:
    channel = webhook(f"https://user:pass@hooks.example.org:8443/{TOKEN}?key=abc")
    assert channel.destinations() == ("https://hooks.example.org:8443",)


@pytest.mark.scenario("D1")
def test_the_schedule_is_the_published_one(webhook: Make) -> None:
    hours = [wait / HOUR for wait in webhook("https://x.example/").schedule]
    assert hours == [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]


@pytest.mark.scenario("D15")
@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"url": f"ftp://x.example/{TOKEN}"}, "url: not a web address"),
        ({"url": f"https://x.example/{TOKEN} "}, "url: not a web address"),
        ({"secret": "c2VjcmV0" * 4}, "secret: not a signing secret"),
        ({"secret": "whsec_c2VjcmV0"}, "secret: not a signing secret"),
        ({"secret": "whsec_" + "!" * 40}, "secret: not a signing secret"),
        ({"secret": "whsec_" + "c2VjcmV0" * 20}, "secret: not a signing secret"),
        ({"old_secret": ""}, "old_secret: not a signing secret"),
        ({"secrets": [SECRET]}, "secrets: unknown key 'secrets'; did you mean secret?"),
    ],
)
def test_options_are_checked_when_they_are_read(written: dict[str, Any], words: str, tools: ChannelTools) -> None:
    with pytest.raises(ConfigError) as caught:
        build("hook", "webhook", {"url": f"https://x.example/{TOKEN}", "secret": SECRET} | written, tools)
    assert words in str(caught.value)
    for secret in (TOKEN, SECRET.removeprefix("whsec_"), "c2VjcmV0"):
        assert secret not in repr(caught.value)


def test_the_payload_is_json_that_any_reader_takes(webhook: Make, receiver: Any, parcel: Parcel) -> None:
    requests, _, url = receiver
    webhook(url).send(parcel())
    assert json.loads(requests[0].get_data().decode()) == parcel().message.data
