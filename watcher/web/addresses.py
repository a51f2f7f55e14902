"""Which IP addresses may be connected to.

``ipaddress.is_global`` of Python 3.11 takes multicast, translated and tunnelled addresses for global ones; among
these are other ways to write ``127.0.0.1`` (``64:ff9b::7f00:1``, ``2002:7f00:1::``). So the policy has its own list,
from IANA's special-purpose registries: of IPv6 only global unicast counts, and both families lose what is special.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpx

from watcher.model import ConfigError, FetchError, Reason

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST_6: Final = ip_network("2000::/3")
_SPECIAL: Final = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' shared space
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_HOST_AND_PORT: Final = re.compile(r"(?:\[(?P<literal>[^\[\]]+)\]|(?P<name>[^\s:/?#@\[\]]+))(?::(?P<port>\d{1,5}))?")


def is_public(address: Address) -> bool:
    """Return whether this is an address of the public internet."""
    if address.version == 6 and address not in _GLOBAL_UNICAST_6:
        return False
    return address.is_global and not any(address in network for network in _SPECIAL)


class AddressPolicy:
    """Public addresses, and the private ones that a setting names."""

    def __init__(self, allow_private: Collection[str] = ()) -> None:
        """Parse the entries: hosts, host:port, addresses, networks. Raise ConfigError for anything else."""
        self._permits = tuple(_Permit.parse(entry) for entry in allow_private)

    def check(self, host: str, port: int, addresses: Collection[str]) -> None:
        """Raise FetchError unless every address that ``host`` has is public or permitted.

        Every one, because a name that mixes public and private addresses is after the private ones.
        """
        for text in addresses:
            address = ip_address(text)
            if not is_public(address) and not any(p.covers(host, port, address) for p in self._permits):
                raise FetchError(
                    Reason.ADDRESS_REFUSED,
                    f"{host} resolves to {address}, which is not a public address and not in allow_private",
                )


@dataclass(frozen=True, slots=True)
class _Permit:
    """One entry of ``allow_private``: a host by name, or a network by address; at one port, or at all."""

    host: str
    network: Network | None
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> _Permit:
        whole = _network(entry)
        if whole is not None:
            return cls("", whole, None)
        match = _HOST_AND_PORT.fullmatch(entry)
        if match is None:
            raise _wrong(entry)
        port = int(match["port"]) if match["port"] else None
        network = _network(match["literal"] or match["name"])
        if network is not None:
            return cls("", network, port)
        if match["literal"]:
            raise _wrong(entry)
        return cls(_as_in_urls(match["name"], entry), None, port)

    def covers(self, host: str, port: int, address: Address) -> bool:
        if self.port is not None and self.port != port:
            return False
        return address in self.network if self.network is not None else host.rstrip(".") == self.host


def _network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _as_in_urls(name: str, entry: str) -> str:
    """The name as it will be met: in lower case, and in ASCII if it is international."""
    try:
        return httpx.URL(f"http://{name}").raw_host.decode().rstrip(".")
    except (httpx.InvalidURL, ValueError) as error:
        raise _wrong(entry) from error


def _wrong(entry: str) -> ConfigError:
    return ConfigError(
        f"allow_private: {entry!r} is none of: a host (intranet.example), host:port (localhost:8000, [::1]:8000), "
        "a network (10.1.0.0/16)"
    )
