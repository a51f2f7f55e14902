"""What holds for every kind of channel; a new kind joins by a line in ``BENCHES``."""

from __future__ import annotations

import io
import json
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from watcher.channels import KINDS, Channel, ChannelTools, build, secrets
from watcher.model import ConfigError, DeliveryError, Envelope, MessageKind, Rendered
from watcher.schedule import QuietHours

Parcel = Callable[..., Envelope]


@dataclass
class Bench:
    """A kind of channel in working order, and a way to see and to break what is at its other end."""

    channel: Channel
    written: dict[str, Any]
    """The options it was built from."""
    keys: Callable[[], list[str]]
    """Keys that arrived, in order."""
    texts: Callable[[], str]
    """Everything that arrived, as text."""
    broken: Channel
    """The same kind with an other end that fails."""
    secrets: tuple[str, ...] = ()


def terminal(tools: ChannelTools, request: pytest.FixtureRequest) -> Bench:
    stream, closed = io.StringIO(), io.StringIO()
    closed.close()
    return Bench(
        channel=build("x", "terminal", {}, replace(tools, stream=stream)),
        written={},
        keys=lambda: re.findall(r"^\[(k\w+)\]$", stream.getvalue(), re.MULTILINE),
        texts=stream.getvalue,
        broken=build("x", "terminal", {}, replace(tools, stream=closed)),
    )


def atom(tools: ChannelTools, request: pytest.FixtureRequest) -> Bench:
    path = request.getfixturevalue("tmp_path") / "x.atom"
    written = {"path": str(path)}
    return Bench(
        channel=build("x", "atom", written, tools),
        written=written,
        keys=lambda: re.findall(r"urn:watcher:message:(k\w+)", path.read_text())[::-1],
        texts=path.read_text,
        broken=build("x", "atom", {"path": str(path.parent / "missing" / "x.atom")}, tools),
    )


def mail(tools: ChannelTools, request: pytest.FixtureRequest) -> Bench:
    request.getfixturevalue("trusting")
    box = request.getfixturevalue("mailbox")()
    start = request.getfixturevalue("mail_server")
    tls = request.getfixturevalue("server_tls")
    port = start(box, tls_context=tls, require_starttls=True, auth_required=True, authenticator=box.authenticator)
    written: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "watcher@example.org",
        "to": ["desk@example.org", "night@example.org"],
        "tls": "starttls",
        "username": "desk",
        "password": "hunter2-of-the-desk",
    }
    return Bench(
        channel=build("x", "mail", written, tools),
        written=written,
        keys=lambda: [re.findall(rb"Message-ID: <(k\w+)@", mail.content)[0].decode() for mail in box.mails],
        texts=lambda: b"\n".join(mail.content for mail in box.mails).decode(),
        broken=build("x", "mail", written | {"password": "another-secret"}, tools),
        secrets=("hunter2-of-the-desk", "another-secret", "ZGVzawBodW50ZXIy", "YW5vdGhlci1zZWNyZXQ"),
    )


def webhook(tools: ChannelTools, request: pytest.FixtureRequest) -> Bench:
    server: HTTPServer = request.getfixturevalue("httpserver")
    requests: list[Request] = []

    def receive(came: Request) -> Response:
        came.get_data()
        requests.append(came)
        return Response(status=204)

    server.expect_request("/token-in-path").respond_with_handler(receive)
    server.expect_request("/other-token").respond_with_data("other-token c2VjcmV0", status=500)
    written = {
        "url": server.url_for("/token-in-path").replace("http://", "http://user:url-password@"),
        "secret": "whsec_" + "c2VjcmV0" * 4,
        "old_secret": "whsec_" + "b2xkIG9s" * 4,
    }
    return Bench(
        channel=build("x", "webhook", written, tools),
        written=written,
        keys=lambda: [came.headers["webhook-id"] for came in requests],
        texts=lambda: "\n".join(json.dumps(json.loads(came.get_data()), ensure_ascii=False) for came in requests),
        broken=build("x", "webhook", written | {"url": server.url_for("/other-token")}, tools),
        secrets=("token-in-path", "other-token", "url-password", "c2VjcmV0", "b2xkIG9s"),
    )


def apprise(tools: ChannelTools, request: pytest.FixtureRequest) -> Bench:
    server: HTTPServer = request.getfixturevalue("httpserver")
    texts: list[str] = []

    def receive(came: Request) -> Response:
        texts.append(json.loads(came.get_data())["text"])
        return Response("ok")

    server.expect_request("/hooks/token-of-the-room").respond_with_handler(receive)
    server.expect_request("/hooks/another-token").respond_with_data("another-token", status=500)
    address = f"mmost://127.0.0.1:{server.port}/"
    written = {"rooms": {"desk": f"{address}token-of-the-room"}}
    return Bench(
        channel=build("x", "apprise", written, tools),
        written=written,
        keys=lambda: [key for text in texts for key in re.findall(r"^\[(k\w+)\]$", text, re.MULTILINE)],
        texts=lambda: "\n".join(texts),
        broken=build("x", "apprise", {"rooms": {"desk": f"{address}another-token"}}, tools),
        secrets=("token-of-the-room", "another-token"),
    )


BENCHES = {"apprise": apprise, "atom": atom, "mail": mail, "terminal": terminal, "webhook": webhook}


@pytest.fixture(params=sorted(KINDS))
def bench(request: pytest.FixtureRequest, tools: ChannelTools) -> Bench:
    return BENCHES[request.param](tools, request)


def to(channel: Channel, parcel: Parcel, key: str, **fields: Any) -> Envelope:
    return parcel(key=key, destination=channel.destinations()[0], **fields)


def test_a_message_arrives_with_its_key(bench: Bench, parcel: Parcel) -> None:
    bench.channel.send(to(bench.channel, parcel, "k1"))
    assert bench.keys() == ["k1"]
    assert "officers" in bench.texts()


def test_a_repeat_is_recognised_by_its_key(bench: Bench, parcel: Parcel) -> None:
    for key in ("k1", "k2", "k1"):
        bench.channel.send(to(bench.channel, parcel, key))
    assert set(bench.keys()) == {"k1", "k2"}


def test_every_destination_receives_its_own_delivery(bench: Bench, parcel: Parcel) -> None:
    destinations = bench.channel.destinations()
    assert destinations
    assert len(set(destinations)) == len(destinations)
    for number, destination in enumerate(destinations):
        bench.channel.send(parcel(key=f"k{number}", destination=destination))
    assert bench.keys() == [f"k{number}" for number in range(len(destinations))]


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_of_message_is_taken(kind: MessageKind, bench: Bench, parcel: Parcel) -> None:
    bare = Rendered(kind=kind, subject="s", text="t\n", html="<p>t", data={"type": kind.value, "data": {}})
    bench.channel.send(to(bench.channel, parcel, "k1", message=bare, thread=""))
    assert bench.keys() == ["k1"]


def test_a_failure_is_a_delivery_error_that_can_be_tried_again(bench: Bench, parcel: Parcel) -> None:
    with pytest.raises(DeliveryError) as caught:
        bench.broken.send(to(bench.broken, parcel, "k1"))
    assert not caught.value.permanent
    assert caught.value.detail
    assert "\n" not in str(caught.value)


@pytest.mark.scenario("Z6")
def test_no_secret_is_shown_anywhere(
    bench: Bench, parcel: Parcel, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(0), structlog.testing.capture_logs() as events, pytest.raises(DeliveryError) as caught:
        bench.broken.send(to(bench.broken, parcel, "k1"))
    ours = [record for record in caplog.records if record.name not in ("werkzeug", "mail.log")]  # the other ends
    shown = "\n".join(
        [
            repr(caught.value),
            *traceback.format_exception(caught.value),
            repr(bench.channel),
            repr(vars(bench.channel).get("_options", "")),
            str(bench.channel.destinations()),
            repr(events),
            *(record.getMessage() for record in ours),
            *capfd.readouterr(),
        ]
    )
    assert [secret for secret in bench.secrets if secret in shown] == []


@pytest.mark.scenario("D12")
def test_hostile_text_arrives_harmless(bench: Bench, parcel: Parcel) -> None:
    text = "before \x00\x1b[2J\ud800\u202e after\n"
    hostile = replace(parcel().message, subject=text, text=text, html=text, data={"data": {"text": text[:7]}})
    bench.channel.send(to(bench.channel, parcel, "k1", message=hostile))
    assert bench.keys() == ["k1"]
    assert not {"\x00", "\x1b", "\ud800", "\u202e"} & set(bench.texts())


def test_many_threads_may_send_at_once(bench: Bench, parcel: Parcel) -> None:
    senders = [
        Thread(target=bench.channel.send, args=[to(bench.channel, parcel, f"k{number}")]) for number in range(20)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(bench.keys()) == sorted(f"k{number}" for number in range(20))


def test_the_schedule_gives_up_in_the_end_and_not_at_once(bench: Bench) -> None:
    schedule = bench.channel.schedule
    assert len(schedule) >= 3
    assert min(schedule) > timedelta(0)
    assert list(schedule) == sorted(schedule)


def test_an_unknown_option_is_refused_without_being_repeated(
    bench: Bench, request: pytest.FixtureRequest, tools: ChannelTools
) -> None:
    kind = request.node.callspec.params["bench"]
    with pytest.raises(ConfigError) as caught:
        build("desk", kind, bench.written | {"pasword": "mistyped-secret"}, tools)
    assert str(caught.value).startswith("channels.desk.pasword: unknown key 'pasword'")
    assert "mistyped-secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(ValidationError) as refused:
        KINDS[kind].options.model_validate(bench.written | {"pasword": "mistyped-secret"})
    assert "mistyped-secret" not in str(refused.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_may_have_quiet_hours(kind: str, request: pytest.FixtureRequest, tools: ChannelTools) -> None:
    written = BENCHES[kind](tools, request).written
    assert build("x", kind, written | {"quiet": "22:00-07:00"}, tools).quiet == QuietHours(time(22), time(7))
    for wrong in ("22:00", "22:00-25:00", "late-early", "07:00-07:00", 22):
        with pytest.raises(ConfigError, match=r"channels\.x\.quiet: "):
            build("x", kind, written | {"quiet": wrong}, tools)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_may_space_its_messages(kind: str, request: pytest.FixtureRequest, tools: ChannelTools) -> None:
    written = BENCHES[kind](tools, request).written
    assert build("x", kind, written, tools).spacing == timedelta(0)
    assert build("x", kind, written | {"spacing": 3}, tools).spacing == timedelta(seconds=3)
    for wrong in (-1, 901, "often"):
        with pytest.raises(ConfigError, match=r"channels\.x\.spacing: "):
            build("x", kind, written | {"spacing": wrong}, tools)


def test_an_unknown_kind_gets_a_hint(tools: ChannelTools) -> None:
    with pytest.raises(ConfigError, match=r"channels.desk: unknown kind 'mial'; did you mean mail\?"):
        build("desk", "mial", {}, tools)
    with pytest.raises(ConfigError, match="unknown kind 'pigeon' \\(known: apprise, atom, mail, terminal, webhook\\)"):
        build("desk", "pigeon", {}, tools)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("apprise", ["rooms"]),
        ("atom", []),
        ("mail", ["password"]),
        ("terminal", []),
        ("webhook", ["url", "secret", "old_secret"]),
        ("pigeon", []),
    ],
)
def test_options_that_hold_secrets_are_known_by_their_type(kind: str, names: list[str]) -> None:
    assert secrets(kind) == names


def test_every_kind_has_a_bench() -> None:
    assert set(BENCHES) == set(KINDS)


def test_every_module_of_the_room_is_a_kind_or_named_here() -> None:
    import watcher.channels

    modules = {file.stem for file in Path(watcher.channels.__file__).parent.glob("*.py")}
    assert modules == set(KINDS) | {"__init__", "channel", "smtp"}
