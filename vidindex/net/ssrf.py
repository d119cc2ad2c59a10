"""Which addresses may be asked: the public ones, and those the user named himself.

A name is looked up once, every answer is judged, and the connection goes to an address that was judged: a name
that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from urllib.parse import unquote, urlsplit, urlunsplit

from ..errors import PrivateAddressError

ANY_HOST = frozenset({"*"})
"""Give this as the hosts that may be private to allow every one of them."""

_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa",
)  # fmt: skip
_NAT64_NETWORK = ipaddress.ip_network("64:ff9b::/96")

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_ResolvedAddress = tuple[socket.AddressFamily, str]


def infer_private_hosts(target: str) -> frozenset[str]:
    """Tell which hosts may be private because the user gave *target*: its own, if it is private on its face.

    `http://127.0.0.1:8000/` and `http://wiki/` are; a name of the public DNS that leads home is not.
    """
    host = extract_host(target)
    return frozenset({host}) if host and is_private_name(host) else frozenset()


def extract_host(url: str) -> str:
    """Give the host of *url* in lower case, empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def sanitize_referer(url: str) -> str:
    """Spell *url* as other sites may see it: no user, password or fragment; empty where it is no page of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def is_private_name(host: str) -> bool:
    """Tell whether *host* is private by its own spelling, before any look-up."""
    host = _normalize_host(host)
    address = _parse_ip(host)
    if address is not None:
        return not is_public_address(address)
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _normalize_host(host: str) -> str:
    """Undo the spellings that whoever looks *host* up undoes: `%31`, `①`, `。`, a dot at the end."""
    return unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").rstrip(".").lower()


def is_public_address(address: _IPAddress) -> bool:
    """Tell whether *address* belongs to the public internet, looking through IPv6 wrappings of IPv4."""
    inner = _unwrap_ipv4(address)
    if isinstance(inner, ipaddress.IPv6Address) and inner.is_site_local:
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)


def _unwrap_ipv4(address: _IPAddress) -> _IPAddress:
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64_NETWORK:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _parse_ip(host: str) -> _IPAddress | None:
    """Read *host* as an address, in the old spellings too (`127.1`, `0x7f000001`) that the resolver takes."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def check_host_name(host: str, allowed_private_hosts: frozenset[str]) -> None:
    """Refuse *host* where its spelling alone says that it is private and *private* does not name it.

    Raises: PrivateAddressError.
    """
    if is_private_name(host) and not _is_allowed_host(host, allowed_private_hosts):
        raise PrivateAddressError(host, host)


def resolve_host(host: str, port: int, allowed_private_hosts: frozenset[str]) -> list[_ResolvedAddress]:
    """Find the addresses of *host* that may be asked.

    One private answer among public ones condemns them all: no honest name mixes them.
    Raises: PrivateAddressError, or OSError where there is no answer.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as exc:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a host name") from exc
    found = [(family, str(where[0])) for family, _, _, _, where in answers]
    if not _is_allowed_host(host, allowed_private_hosts):
        for _, address in found:
            if not is_public_address(ipaddress.ip_address(address.partition("%")[0])):
                raise PrivateAddressError(host, address)
    return list(dict.fromkeys(found))


def connect_to_host(
    host: str, port: int, *, allowed_private_hosts: frozenset[str], timeout: float | None
) -> socket.socket:
    """Connect to the first address of *host* that may be asked and answers."""
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
    for family, address in resolve_host(host, port, allowed_private_hosts)[:8]:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            sock.connect((address, port))
        except OSError as exc:
            sock.close()
            failure = exc
        else:
            return sock
    raise failure


def _is_allowed_host(host: str, allowed_private_hosts: frozenset[str]) -> bool:
    return host.rstrip(".").lower() in allowed_private_hosts or "*" in allowed_private_hosts
