"""The address of an index on a cluster: `opensearch+https://user@host:9200,other:9200/NAME`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ...errors import IndexLocationError

TLS_BY_SCHEME = {"opensearch+https": True, "opensearch+http": False}
"""The schemes of an address, and whether each uses TLS."""

DEFAULT_PORT = 9200

_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")
_HOST_PATTERN = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?")
_OPTION_NAMES = {"ca", "shards", "replicas"}


@dataclass(frozen=True, slots=True)
class ClusterEndpoint:
    """The address of an index on a cluster, without the password.

    *ca_file* holds the certificate authorities to trust instead of those of the system.  *shards* and *replicas* are
    used when the index is created; without *replicas*, there is one replica as soon as there is a second node.
    """

    name: str
    hosts: tuple[tuple[str, int], ...]
    tls: bool = True
    user: str = ""
    ca_file: str = ""
    shards: int = 1
    replicas: int | None = None

    def __str__(self) -> str:
        scheme = "opensearch+https" if self.tls else "opensearch+http"
        hosts = ",".join(f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in self.hosts)
        return f"{scheme}://{self.user}{'@' if self.user else ''}{hosts}/{self.name}"

    @property
    def address(self) -> str:
        """The address that opens the index again, including the CA file."""
        return f"{self}?{urlencode({'ca': self.ca_file})}" if self.ca_file else str(self)


Location = Path | ClusterEndpoint
"""The location of an index: a folder or an index on a cluster."""


def parse_endpoint(address: str) -> ClusterEndpoint:
    """Parse an address.

    Raises `IndexLocationError` if it is invalid; the message never repeats a password.
    """
    try:
        return _parse_address(address)
    except ValueError as error:
        raise IndexLocationError(_redact_password(address), str(error)) from None


def _parse_address(address: str) -> ClusterEndpoint:
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in TLS_BY_SCHEME:
        raise ValueError("the address of a cluster starts with opensearch+https:// or opensearch+http://")
    parts = urlsplit(f"//{rest}")
    user, _, hosts = parts.netloc.rpartition("@")
    if ":" in user:
        raise ValueError("remove the password: it is read from VIDINDEX_OPENSEARCH_PASSWORD or ~/.netrc")
    name = parts.path.strip("/")
    if not _NAME_PATTERN.fullmatch(name):
        raise ValueError("it must end with the name of the index: lower-case letters, digits, `-`, `_`, `.`")
    options = _parse_options(parts.query)
    return ClusterEndpoint(
        name,
        tuple(_parse_hosts(hosts)),
        TLS_BY_SCHEME[scheme.lower()],
        unquote(user),
        options.get("ca", ""),
        _parse_count(options.get("shards", "1"), minimum=1),
        _parse_count(options["replicas"], minimum=0) if "replicas" in options else None,
    )


def _parse_hosts(hosts: str) -> Iterator[tuple[str, int]]:
    for host in hosts.split(","):
        match = _HOST_PATTERN.fullmatch(host)
        if not match or not 0 < int(match["port"] or DEFAULT_PORT) < 65_536:
            raise ValueError(f"{host!r} is not a valid host and port")
        yield match["name"].strip("[]"), int(match["port"] or DEFAULT_PORT)


def _parse_options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _OPTION_NAMES):
        raise ValueError(f"unknown option {unknown[0]!r}; the options are {', '.join(sorted(_OPTION_NAMES))}")
    return options


def _parse_count(text: str, *, minimum: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) >= minimum):
        raise ValueError(f"{text!r} is not a valid number of shards or replicas")
    return int(text)


def _redact_password(address: str) -> str:
    return re.sub(r"://[^/]*@", "://…@", address)
