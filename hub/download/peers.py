"""Whom an address leads to: resolved once, judged, and connected to as judged.

Refused are all that are not on the public internet: private, loopback, link-local, shared (RFC 6598), reserved, and
IPv6 addresses that carry an IPv4 one inside (mapped, 6to4, Teredo, NAT64), in every spelling the resolver understands.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult

from hub.domain.errors import Rejected, Transient

TRANSLATED = tuple(
    IPv6Network(one)
    for one in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)
DEFAULT_PORTS = {"https": 443, "http": 80}


class Inward(Rejected):
    """An address that leads into a network which is none of the asker's."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom to connect to: `addresses` are numeric, to be tried in this order; `host` is the name they stand for."""

    host: str
    addresses: tuple[str, ...]
    port: int
    secure: bool


def judged(parts: SplitResult, *, allowed: bool, ports: tuple[int, ...]) -> Peer:
    """Whom to connect to for this address. `allowed`: its host was named by an administrator.

    Inward when it leads where nobody may go, or is neither encrypted nor on one of `ports`; Transient when its name is
    not known.
    """
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    if parts.scheme not in DEFAULT_PORTS:
        raise Inward("the address is neither https nor http")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    found = _resolved(host, port)
    if not allowed:
        _guard(found, port, ports, secure=secure)
    return Peer(host, tuple(dict.fromkeys(found)), port, secure)


def _guard(found: list[str], port: int, ports: tuple[int, ...], *, secure: bool) -> None:
    if not all(is_public(one) for one in found):
        raise Inward("the address leads into a private network; allow its host by name in the connection if it is ours")
    if not secure:
        raise Inward("the address is not https")
    if port not in ports:
        raise Inward(f"the address names port {port}; only {' and '.join(map(str, ports))} are asked")


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Transient("its host is not known") from error
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet."""
    try:
        one = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(one, IPv6Address) and any(one in network for network in TRANSLATED):
        return False
    return _is_global(one)


def _is_global(one: IPv4Address | IPv6Address) -> bool:
    return one.is_global and not (one.is_multicast or one.is_reserved or one.is_unspecified)
