"""Decide whether two URLs belong to the same site, by the Public Suffix List."""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*", re.ASCII)
_MAX_HOST_CHARS = 253


def is_same_site(one_url: str, other_url: str) -> bool:
    """Return whether two http(s) URLs belong to the same site: to the same registrable domain, on any port.

    Users of a host such as `github.io` or `blogspot.com` have a site each.  An IP address, a host without a dot and a
    public suffix have no registrable domain: the hosts and the ports must be equal.
    """
    one, other = split_web_url(one_url), split_web_url(other_url)
    if one is None or other is None:
        return False
    host, other_host = normalize_host(one.hostname or ""), normalize_host(other.hostname or "")
    if not host or not other_host:
        return False
    if host == other_host and _has_same_port(one, other):  # reading the list takes 30 ms
        return True
    domain = registrable_domain(host)
    return bool(domain) and domain == registrable_domain(other_host)


def split_web_url(url: str) -> SplitResult | None:
    """Split *url*; return None if it is not a valid http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if is_valid else None


def normalize_host(host: str) -> str:
    """Return *host* in lower case, in ASCII and without a final dot, or "" if browsers would read it differently."""
    host = host.lower().removesuffix(".")
    if _is_ip_address(host):
        return host
    if not host.isascii():
        # The codec maps some letters to others, which browsers keep: ß to ss.  These have no certain spelling.
        ascii_host = _encode_idna(host)
        host = ascii_host if _decode_idna(ascii_host) == host else ""
    return host if len(host) <= _MAX_HOST_CHARS and _HOST.fullmatch(host) else ""


@lru_cache(maxsize=1000)
def registrable_domain(host: str) -> str:
    """Return the domain of the normalized *host* that somebody registered, such as `example.co.uk`, or ""."""
    if "." not in host or _is_ip_address(host):
        return ""
    suffix = _public_suffixes().publicsuffix(_decode_idna(host) or host) or ""
    labels = host.split(".")
    owned_labels = labels[-suffix.count(".") - 2 :]
    return ".".join(owned_labels) if suffix and len(owned_labels) > suffix.count(".") + 1 else ""


@cache
def _public_suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    # Names are looked up in Unicode: encoding all rules as well takes three times as long.
    return PublicSuffixList(accept_encoded_idn=False)


def _encode_idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _decode_idna(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return ""


def _has_same_port(one: SplitResult, other: SplitResult) -> bool:
    """Return whether the ports are equal; the default ports of http and https count as one."""
    ports = [None if each.port == _DEFAULT_PORTS[each.scheme] else each.port for each in (one, other)]
    return ports[0] == ports[1]


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Browsers also read 127.1 and 0x7f.0.0.1 as addresses: no domain ends in a number.
        return re.fullmatch(r"\d+|0x[\da-f]*", host.rpartition(".")[2], re.ASCII) is not None
    return True
