"""Certificates are checked, and what is wrong with them is said."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from watcher.model import FetchError, Reason
from watcher.web import Web


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, make_web: Any) -> Web:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    web: Web = make_web(tls=context)
    return web


def certified(authority: trustme.CA, name: str = "127.0.0.1", **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **options).configure_cert(context)
    return context


def test_a_page_is_read_over_tls(trusting: Web, authority: trustme.CA, serve: Any, http: Any) -> None:
    server = serve(http(body=b"x" * 100_000), tls=certified(authority))
    assert trusting.get(server.url).body == b"x" * 100_000
    assert trusting.post(server.url, content=b"{}", headers={}).status == 200


def test_a_certificate_for_another_name_is_refused(trusting: Web, authority: trustme.CA, serve: Any, http: Any) -> None:
    server = serve(http(), tls=certified(authority, "other.example"))
    with pytest.raises(FetchError, match="IP address mismatch") as caught:
        trusting.post(server.url, content=b"{}", headers={})
    assert (caught.value.reason, caught.value.unacknowledged) == (Reason.TLS, False)


def test_an_expired_certificate_is_refused(trusting: Web, authority: trustme.CA, serve: Any, http: Any) -> None:
    server = serve(http(), tls=certified(authority, not_after=datetime(2020, 1, 1, tzinfo=UTC)))
    with pytest.raises(FetchError, match="certificate has expired") as caught:
        trusting.get(server.url)
    assert caught.value.reason is Reason.TLS


def test_an_unknown_authority_is_refused(web: Web, authority: trustme.CA, serve: Any, http: Any) -> None:
    server = serve(http(), tls=certified(authority))
    with pytest.raises(FetchError, match=r"not valid: (unable to get local issuer|self-signed)") as caught:
        web.get(server.url)
    assert caught.value.reason is Reason.TLS
    assert server.requests == []


def test_a_server_that_speaks_no_tls_is_an_error(web: Web, serve: Any, http: Any) -> None:
    server = serve(http())
    with pytest.raises(FetchError) as caught:
        web.get(server.url.replace("http:", "https:"))
    assert (caught.value.reason, caught.value.detail) == (Reason.TLS, "127.0.0.1: wrong version number")
