"""Chat services by Apprise: which are taken, and what little is known of a message that was not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from watcher.channels import ChannelTools, apprise, build
from watcher.model import ConfigError, DeliveryError, Envelope, Reason

Parcel = Callable[..., Envelope]
TOKEN = "token-of-the-room"


def rooms(server: HTTPServer, **more: str) -> dict[str, Any]:
    return {"rooms": {"desk": f"mmost://127.0.0.1:{server.port}/{TOKEN}", **more}}


@pytest.mark.parametrize(
    "address", ["json://127.0.0.1/x", "file:///etc/passwd", "https://chat.example/x", "mailto://a:b@example.org", "x"]
)
def test_only_chat_services_are_taken(address: str, tools: ChannelTools) -> None:
    with pytest.raises(ConfigError, match=r"channels\.chat\.rooms.desk: not the address of a chat service") as caught:
        build("chat", "apprise", {"rooms": {"desk": address}}, tools)
    assert "127.0.0.1/x" not in str(caught.value)
    assert "passwd" not in str(caught.value)


def test_an_address_that_its_service_cannot_have_is_refused_at_the_start(tools: ChannelTools) -> None:
    with pytest.raises(ConfigError, match=r"channels\.chat\.rooms.desk: Apprise does not understand this address"):
        build("chat", "apprise", {"rooms": {"desk": "slack://"}}, tools)


def test_without_the_extra_its_name_is_said(
    httpserver: HTTPServer, tools: ChannelTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install 'verdict-watcher\[chat\]'"):
        build("chat", "apprise", rooms(httpserver), tools)


def test_a_redirect_is_not_followed(httpserver: HTTPServer, tools: ChannelTools, parcel: Parcel) -> None:
    elsewhere: list[Request] = []

    def receive(request: Request) -> Response:
        elsewhere.append(request)
        return Response("ok")

    httpserver.expect_request("/elsewhere").respond_with_handler(receive)
    moved = Response(status=307, headers={"Location": httpserver.url_for("/elsewhere")})
    httpserver.expect_request(f"/hooks/{TOKEN}").respond_with_response(moved)
    with pytest.raises(DeliveryError):
        build("chat", "apprise", rooms(httpserver), tools).send(parcel(key="k1", destination="desk"))
    assert elsewhere == []


def test_what_was_not_taken_may_have_arrived_and_is_tried_again(
    httpserver: HTTPServer, tools: ChannelTools, parcel: Parcel
) -> None:
    httpserver.expect_request(f"/hooks/{TOKEN}").respond_with_data("no", status=500)
    with pytest.raises(DeliveryError) as caught:
        build("chat", "apprise", rooms(httpserver), tools).send(parcel(key="k1", destination="desk"))
    assert (caught.value.reason, caught.value.permanent, caught.value.unacknowledged) == (Reason.REFUSED, False, True)


def test_what_waits_for_a_deleted_room_is_dead(httpserver: HTTPServer, tools: ChannelTools, parcel: Parcel) -> None:
    with pytest.raises(DeliveryError, match="no longer has a room of this name") as caught:
        build("chat", "apprise", rooms(httpserver), tools).send(parcel(key="k1", destination="gone"))
    assert caught.value.permanent


def test_each_room_has_a_delivery_of_its_own(httpserver: HTTPServer, tools: ChannelTools, parcel: Parcel) -> None:
    taken: list[str] = []

    def receive(request: Request) -> Response:
        taken.append(json.loads(request.get_data())["text"])
        return Response("ok")

    httpserver.expect_request("/hooks/token-of-the-night").respond_with_handler(receive)
    written = rooms(httpserver, night=f"mmost://127.0.0.1:{httpserver.port}/token-of-the-night")
    channel = build("chat", "apprise", written, tools)
    assert channel.destinations() == ("desk", "night")
    channel.send(parcel(key="k1", destination="night"))
    assert len(taken) == 1
