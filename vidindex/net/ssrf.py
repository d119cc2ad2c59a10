"""The guard against requests to private addresses: public addresses, and private ones that the user names, are allowed.

A host name is resolved once, every address is checked, and the connection goes to a checked address.  A name that
resolves differently the second time (DNS rebinding) therefore gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from urllib.parse import unquote, urlsplit, urlunsplit

from ..errors import PrivateAddressError

ANY_HOST = frozenset({"*"})
"""The value of `allowed_private_hosts` that allows every private host."""

_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa",
)  # fmt: skip
_NAT64_NETWORK = ipaddress.ip_network("64:ff9b::/96")
_MAX_ADDRESSES_TRIED = 8

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_ResolvedAddress = tuple[socket.AddressFamily, str]


def infer_private_hosts(target: str) -> frozenset[str]:
    """Return the private hosts that the user allows by giving *target*: its own host, if its name shows it is private.

    This holds for `http://127.0.0.1:8000/` and `http://wiki/`, but not for a name in the public DNS that resolves to
    a private address.
    """
    host = extract_host(target)
    return frozenset({host}) if host and is_private_name(host) else frozenset()


def extract_host(url: str) -> str:
    """Return the host of *url* in lower case, or an empty string if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def sanitize_referer(url: str) -> str:
    """Return *url* without user, password and fragment, or an empty string if it is not an http(s) URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def is_private_name(host: str) -> bool:
    """Return whether the spelling of *host* alone, before it is resolved, shows that it is private."""
    host = _normalize_host(host)
    address = _parse_ip(host)
    if address is not None:
        return not is_public_address(address)
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _normalize_host(host: str) -> str:
    """Normalize *host* as resolvers do: decode `%31`, `①` and `。`, and drop the dot at the end."""
    return unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").rstrip(".").lower()


def is_public_address(address: _IPAddress) -> bool:
    """Return whether *address* belongs to the public internet; an IPv4 address inside an IPv6 address is unwrapped."""
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
    """Parse *host* as an IP address, including the old forms that resolvers accept (`127.1`, `0x7f000001`)."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def check_host_name(host: str, allowed_private_hosts: frozenset[str]) -> None:
    """Check the spelling of *host* without resolving it.

    Raises `PrivateAddressError` if it is private and not in *allowed_private_hosts*.
    """
    if is_private_name(host) and not _is_allowed_host(host, allowed_private_hosts):
        raise PrivateAddressError(host, host)


def resolve_host(host: str, port: int, allowed_private_hosts: frozenset[str]) -> list[_ResolvedAddress]:
    """Return the addresses of *host*, each checked.

    One private address among public ones rejects them all, because no legitimate name mixes them.

    Raises `PrivateAddressError` if an address is private and *host* is not in *allowed_private_hosts*.
    Raises `OSError` if the name cannot be resolved.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as exc:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a valid host name") from exc
    addresses = [(family, str(socket_address[0])) for family, _, _, _, socket_address in answers]
    if not _is_allowed_host(host, allowed_private_hosts):
        for _, address in addresses:
            if not is_public_address(ipaddress.ip_address(address.partition("%")[0])):
                raise PrivateAddressError(host, address)
    return list(dict.fromkeys(addresses))


def connect_to_host(
    host: str, port: int, *, allowed_private_hosts: frozenset[str], timeout: float | None
) -> socket.socket:
    """Connect to the first checked address of *host* that accepts the connection.

    Raises `PrivateAddressError` as `resolve_host` does.
    Raises `OSError` if the name cannot be resolved or every address fails.
    """
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the host name has no address")
    for family, address in resolve_host(host, port, allowed_private_hosts)[:_MAX_ADDRESSES_TRIED]:
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
