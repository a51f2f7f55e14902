"""No socket is opened to where nobody may be sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import ConfigError, FetchError, Reason
from watcher.web import Web
from watcher.web.addresses import AddressPolicy, is_public

FORBIDDEN = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.0.0.170", "192.88.99.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "[::]", "[::1]", "[::7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[100::1]", "[2001::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[3fff::1]", "[5f00::1]",
    "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
    "2130706433", "0x7f000001", "0x7f.1", "127.1", "0", "0177.0.0.1", "017700000001", "127.0.0.1.", "localhost",
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "127\u3002" + "0\uff0e0\uff611", "user:secret@127.0.0.1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "100.128.0.1", "172.32.0.1", "198.20.0.1", "223.255.255.254", "2606:4700::1111",
          "2a00:1450:4001::1", "2001:200::1", "2003::1"]  # fmt: skip
REFUSALS = {Reason.ADDRESS_REFUSED, Reason.BAD_URL, Reason.ADDRESS_UNKNOWN, Reason.REDIRECT}


@pytest.fixture
def local(names: dict[str, list[list[str]]]) -> None:
    names["localhost"] = [["127.0.0.1", "::1"]]


@pytest.mark.scenario("Z1")
@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("host", FORBIDDEN)
def test_no_form_of_a_private_address_is_connected_to(host: str, make_web: Any, connects: list[Any]) -> None:
    web: Web = make_web(allow_private=())
    for url in (f"http://{host}/", f"http://{host}:8080/latest/meta-data/", f"https://{host}/"):
        for visit in (web.get, lambda url: web.post(url, content=b"x", headers={})):
            with pytest.raises(FetchError) as caught:
                visit(url)
            assert caught.value.reason in REFUSALS
            assert not caught.value.unacknowledged
    assert connects == []


@pytest.mark.scenario("Z1")
@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("host", FORBIDDEN)
def test_no_redirect_leads_to_a_private_address(
    host: str, make_web: Any, serve: Any, http: Any, connects: list[Any]
) -> None:
    server = serve(http("302 Found", ("Location", f"http://{host}/")))
    with pytest.raises(FetchError) as caught:
        make_web(allow_private=(server.authority,)).get(server.url)
    assert caught.value.reason in REFUSALS
    assert connects == [("127.0.0.1", server.port)]


@pytest.mark.scenario("Z1")
@pytest.mark.parametrize("host", [host.strip("[]") for host in FORBIDDEN[:35]])
def test_special_addresses_are_not_public(host: str) -> None:
    assert not is_public(ip_address(host))


@pytest.mark.parametrize("address", PUBLIC)
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_becomes_public_by_being_wrapped(address: Any) -> None:
    number = int(address)
    wrapped = [number, (0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | number << 80]
    assert not any(is_public(ip_address(value.to_bytes(16))) for value in wrapped)


@pytest.mark.scenario("Z2")
def test_a_name_that_changes_its_address_is_checked_at_every_connect(
    make_web: Any, names: dict[str, list[list[str]]], connects: list[Any]
) -> None:
    names["rebind.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    web: Web = make_web(allow_private=())
    reasons = []
    for _ in range(2):
        with pytest.raises(FetchError) as caught:
            web.get("http://rebind.example/")
        reasons.append(caught.value.reason)
    assert reasons == [Reason.CONNECTION, Reason.ADDRESS_REFUSED]
    assert connects == [("93.184.216.34", 80)]


@pytest.mark.scenario("Z2")
@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "64:ff9b::a00:1"])
def test_one_private_address_among_public_ones_refuses_them_all(
    private: str, make_web: Any, names: dict[str, list[list[str]]], connects: list[Any]
) -> None:
    names["mixed.example"] = [["93.184.216.34", private]]
    with pytest.raises(FetchError) as caught:
        make_web(allow_private=()).get("http://mixed.example/")
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert private in caught.value.detail
    assert connects == []


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1", 80, "127.0.0.1", True),
        ("127.0.0.1", "any.example", 8000, "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", 80, "127.0.0.2", False),
        ("127.0.0.1:8000", "127.0.0.1", 8000, "127.0.0.1", True),
        ("127.0.0.1:8000", "127.0.0.1", 8001, "127.0.0.1", False),
        ("10.1.0.0/16", "intranet", 80, "10.1.2.3", True),
        ("10.1.0.0/16", "intranet", 80, "10.2.2.3", False),
        ("::1", "localhost", 80, "::1", True),
        ("[::1]", "localhost", 80, "::1", True),
        ("[::1]:8000", "localhost", 8000, "::1", True),
        ("[::1]:8000", "localhost", 80, "::1", False),
        ("fd00::/8", "intranet", 80, "fd12::1", True),
        ("Intranet.Example", "intranet.example", 443, "10.0.0.1", True),
        ("intranet.example", "intranet.example.", 443, "10.0.0.1", True),
        ("intranet.example", "evil.intranet.example", 443, "10.0.0.1", False),
        ("intranet.example:443", "intranet.example", 443, "10.0.0.1", True),
        ("intranet.example:443", "intranet.example", 80, "10.0.0.1", False),
        ("intranet.example:80", "intranet.example", 80, "10.0.0.1", True),
        ("bücher.example", "xn--bcher-kva.example", 80, "10.0.0.1", True),
    ],
)
def test_an_entry_allows_what_it_names_and_no_more(
    entry: str, host: str, port: int, address: str, allowed: bool
) -> None:
    policy = AddressPolicy([entry])
    if allowed:
        policy.check(host, port, [address])
    else:
        with pytest.raises(FetchError, match="not a public address"):
            policy.check(host, port, [address])


@pytest.mark.parametrize(
    "entry",
    ["", " ", "http://intranet/", "10.0.0.1/8", "user@host", "a b", "host:port", "[intranet]:80", "[::1", "host:123456",
     "host/24", "fe80::1:z"],
)  # fmt: skip
def test_an_entry_that_cannot_be_understood_is_named(entry: str) -> None:
    with pytest.raises(ConfigError, match="allow_private") as caught:
        AddressPolicy([entry])
    assert repr(entry) in str(caught.value)
