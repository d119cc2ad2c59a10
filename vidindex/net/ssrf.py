"""The guard against requests to private addresses: public addresses, and private ones that the user names, are allowed.

A host name is resolved once, every address is checked, and the connection goes to a checked address.  A name that
resolves differently the second time (DNS rebinding) therefore gains nothing.

The entries of `allowed_private_hosts` are hosts, each with all its ports, and `HOST:PORT`, each with that port only.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import unquote, urlsplit, urlunsplit

from ..errors import OptionError, PrivateAddressError

ANY_HOST = frozenset({"*"})
"""The value of `allowed_private_hosts` that allows every private host."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535
_ALLOWED_ADDRESS = re.compile(r"(?:\[([0-9a-f:.]+)\]|(\w[\w.-]*?)\.?):([0-9]{1,5})")

_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa",
)  # fmt: skip
_MAX_ADDRESSES_TRIED = 8

# The table is our own, because `ipaddress.is_global` differs between Python versions.  It contains every block of
# IANA's registries of special-purpose addresses, also the few that are "globally reachable": they are anycast
# services of the network itself (PCP, TURN, AMT, AS112), which serve no pages.
_SPECIAL_IPV4_BLOCKS = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT; contains the metadata service of Alibaba, 100.100.100.200
    "127.0.0.0/8",  # loopback
    "168.63.129.16/32",  # the platform service of Azure, which is a public address by IANA's registry
    "169.254.0.0/16",  # link-local; contains the metadata services of most clouds
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments; contains the metadata service of Oracle, 192.0.0.192
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 and 6a44 relays
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved; contains the broadcast address
)
_GLOBAL_IPV6_BLOCK = "2000::/3"
"""The only block from which IANA allocates addresses of the public internet; it contains the blocks that follow."""

_SPECIAL_IPV6_BLOCKS = (
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, AMT, AS112, DRIP
    "2001:db8::/32",  # documentation
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_ResolvedAddress = tuple[socket.AddressFamily, str]
_Block = tuple[int, int]
"""The network and the mask of a block of addresses."""


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


def address_of(url: str) -> str:
    """Return host and port of *url* as `HOST:PORT`, or an empty string if it is not an http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return _join_address(extract_host(url), port) if parts.hostname and port else ""


def parse_allowed_addresses(texts: Iterable[str]) -> frozenset[str]:
    """Return *texts*, such as `127.0.0.1:4416`, `[::1]:4416` and `tokens.lan:80`, as entries of allowed hosts.

    Raises `OptionError` if one is not a host with a port.
    """
    return frozenset(map(_parse_allowed_address, texts))


def _parse_allowed_address(text: str) -> str:
    match = _ALLOWED_ADDRESS.fullmatch(text.strip().lower())
    if not match or not 0 < int(match[3]) <= _MAX_PORT or (match[1] and not _is_ipv6(match[1])):
        raise OptionError(
            f"{text!r} is not a host with a port: use --allow-host HOST:PORT, such as 127.0.0.1:4416 or [::1]:4416"
        )
    host = match[1] or match[2]
    with suppress(UnicodeError):
        host = host.encode("idna").decode()  # as in the addresses that are requested
    return _join_address(host, int(match[3]))


def _is_ipv6(text: str) -> bool:
    return isinstance(_parse_ip(text), ipaddress.IPv6Address)


def _join_address(host: str, port: int) -> str:
    """Return `HOST:PORT` in one spelling, with brackets around an IPv6 address."""
    with suppress(ValueError):
        host = ipaddress.ip_address(host).compressed
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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


def is_allowed_name(url: str, allowed_private_hosts: frozenset[str]) -> bool:
    """Return whether the host of *url* is public by its spelling, or among *allowed_private_hosts*."""
    host = extract_host(url)
    is_allowed = _is_allowed_host(host, allowed_private_hosts) or address_of(url) in allowed_private_hosts
    return is_allowed or not is_private_name(host)


def _normalize_host(host: str) -> str:
    """Normalize *host* as resolvers do: decode `%31`, `①` and `。`, and drop the dot at the end."""
    return unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").rstrip(".").lower()


def is_public_address(address: _IPAddress) -> bool:
    """Return whether *address* belongs to the public internet; an IPv4 address inside an IPv6 address is unwrapped."""
    value = int(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not _is_in_blocks(value, _SPECIAL_IPV4)
    inner = _unwrap_ipv4(value)
    if inner is not None and _is_in_blocks(inner, _SPECIAL_IPV4):
        return False
    if _is_in_blocks(value, _IPV4_TRANSLATIONS):
        return True
    return _is_in_blocks(value, _GLOBAL_IPV6) and not _is_in_blocks(value, _SPECIAL_IPV6)


def _is_in_blocks(value: int, blocks: tuple[_Block, ...]) -> bool:
    for network, mask in blocks:  # noqa: SIM110 - `any` takes twice as long
        if value & mask == network:
            return True
    return False


def _unwrap_ipv4(value: int) -> int | None:
    """Return the IPv4 address to which the IPv6 address *value* leads, or None if it contains none."""
    if _is_in_blocks(value, _IPV4_TRANSLATIONS):
        return value & 0xFFFFFFFF
    if _is_in_blocks(value, _SIX_TO_FOUR):
        return value >> 80 & 0xFFFFFFFF
    return value & 0xFFFFFFFF if value >> 32 & 0xFFFFFFFF in _ISATAP_MARKS else None


def _parse_blocks(*texts: str) -> tuple[_Block, ...]:
    networks = [ipaddress.ip_network(text) for text in texts]
    return tuple((int(network.network_address), int(network.netmask)) for network in networks)


_SPECIAL_IPV4 = _parse_blocks(*_SPECIAL_IPV4_BLOCKS)
_SPECIAL_IPV6 = _parse_blocks(*_SPECIAL_IPV6_BLOCKS)
_METADATA_IPV4 = _parse_blocks("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32")
_METADATA_IPV6 = _parse_blocks("fe80::/10", "fd00:ec2::/32", "fd20:ce::/32")
_GLOBAL_IPV6 = _parse_blocks(_GLOBAL_IPV6_BLOCK)
_IPV4_TRANSLATIONS = _parse_blocks("::ffff:0:0/96", "64:ff9b::/96")  # IPv4-mapped, NAT64
_SIX_TO_FOUR = _parse_blocks("2002::/16")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)
"""Bits 32 to 63 of an address by which a router of an organization tunnels to an IPv4 address inside it."""


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


def check_host_name(host: str, port: int, allowed_private_hosts: frozenset[str]) -> None:
    """Check the spelling of *host* without resolving it.

    Raises `PrivateAddressError` if it is private and not in *allowed_private_hosts*.
    """
    is_allowed = _is_allowed_host(host, allowed_private_hosts) or _is_allowed_port(host, port, allowed_private_hosts)
    if is_private_name(host) and not is_allowed:
        raise PrivateAddressError(host, host)


def resolve_host(host: str, port: int, allowed_private_hosts: frozenset[str]) -> list[_ResolvedAddress]:
    """Return the addresses of *host*, each checked.

    One private address among public ones rejects them all, because no legitimate name mixes them.

    Raises `PrivateAddressError` if an address is private and *host* is not in *allowed_private_hosts*; also if *host*
    is a name, allowed with this port only, that resolves to the metadata service of a cloud.
    Raises `OSError` if the name cannot be resolved.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as exc:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a valid host name") from exc
    addresses = [(family, str(socket_address[0])) for family, _, _, _, socket_address in answers]
    if not _is_allowed_host(host, allowed_private_hosts):
        for _, address in addresses:
            if not _may_connect(host, port, ipaddress.ip_address(address.partition("%")[0]), allowed_private_hosts):
                raise PrivateAddressError(host, address)
    return list(dict.fromkeys(addresses))


def connect_to_host(
    host: str,
    port: int,
    *,
    allowed_private_hosts: frozenset[str],
    timeout: float | None,
    source_address: str = "",
) -> socket.socket:
    """Connect to the first checked address of *host* that accepts the connection.

    The connection comes from *source_address*, an address of this machine, and goes to addresses of the same family.

    Raises `PrivateAddressError` as `resolve_host` does.
    Raises `OSError` if the name cannot be resolved or every address fails.
    """
    addresses = resolve_host(host, port, allowed_private_hosts)
    if source_address:
        source_family = socket.AF_INET6 if ":" in source_address else socket.AF_INET
        addresses = [each for each in addresses if each[0] == source_family]
    missing = (
        f"the host name has no address that {source_address} can reach"
        if source_address
        else "the host name has no address"
    )
    failure: OSError = socket.gaierror(socket.EAI_NONAME, missing)
    for family, address in addresses[:_MAX_ADDRESSES_TRIED]:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            if source_address:
                sock.bind((source_address, 0))
            sock.connect((address, port))
        except OSError as exc:
            sock.close()
            failure = exc
        else:
            return sock
    raise failure


def _may_connect(host: str, port: int, address: _IPAddress, allowed_private_hosts: frozenset[str]) -> bool:
    if is_public_address(address):
        return True
    if not _is_allowed_port(host, port, allowed_private_hosts):
        return False
    # Whoever answers for a name chooses its address: it may not lead to the credentials of this machine.
    return _parse_ip(host) is not None or not _is_metadata_address(address)


def _is_metadata_address(address: _IPAddress) -> bool:
    value = int(address)
    if isinstance(address, ipaddress.IPv6Address):
        inner = _unwrap_ipv4(value)
        return _is_in_blocks(value, _METADATA_IPV6) or (inner is not None and _is_in_blocks(inner, _METADATA_IPV4))
    return _is_in_blocks(value, _METADATA_IPV4)


def _is_allowed_port(host: str, port: int, allowed_private_hosts: frozenset[str]) -> bool:
    return _join_address(host.rstrip(".").lower().strip("[]"), port) in allowed_private_hosts


def _is_allowed_host(host: str, allowed_private_hosts: frozenset[str]) -> bool:
    return host.rstrip(".").lower() in allowed_private_hosts or "*" in allowed_private_hosts
