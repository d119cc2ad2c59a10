"""The address of an index on a cluster: `opensearch+https://user@host:9200,other:9200/NAME`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ...errors import IndexLocationError

TLS_BY_SCHEME = {"opensearch+https": True, "opensearch+http": False}
"""What an address may start with, and whether the cluster is talked to by TLS."""

DEFAULT_PORT = 9200

_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")
_HOST_PATTERN = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?")
_OPTION_NAMES = {"ca", "shards", "replicas"}


@dataclass(frozen=True, slots=True)
class ClusterEndpoint:
    """An index on a cluster, without any secret.

    *ca_file* holds the authorities to trust instead of the system's.  *shards* and *replicas* are for an index that
    is yet to be made; without *replicas* there is one as soon as there is a second node.
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
        """Write it so that it can be opened by it again."""
        return f"{self}?{urlencode({'ca': self.ca_file})}" if self.ca_file else str(self)


Location = Path | ClusterEndpoint
"""Where an index is: in a folder or on a cluster."""


def is_cluster_address(location: str) -> bool:
    """Tell whether *place* is the address of a cluster rather than a folder."""
    return location.partition("://")[0].lower() in TLS_BY_SCHEME


def parse_endpoint(address: str) -> ClusterEndpoint:
    """Read an address.  Raises `IndexLocationError`, which never repeats a password that was typed into it."""
    try:
        return _parse_address(address)
    except ValueError as error:
        raise IndexLocationError(_redact_password(address), str(error)) from None


def _parse_address(address: str) -> ClusterEndpoint:
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in TLS_BY_SCHEME:
        raise ValueError("an address of a cluster starts with opensearch+https:// or opensearch+http://")
    parts = urlsplit(f"//{rest}")
    user, _, hosts = parts.netloc.rpartition("@")
    if ":" in user:
        raise ValueError("leave the password out: it is read from VIDINDEX_OPENSEARCH_PASSWORD or ~/.netrc")
    name = parts.path.strip("/")
    if not _NAME_PATTERN.fullmatch(name):
        raise ValueError("it ends with the name of the index: lower-case letters, digits, `-`, `_`, `.`")
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


def _parse_hosts(written: str) -> Iterator[tuple[str, int]]:
    for each in written.split(","):
        found = _HOST_PATTERN.fullmatch(each)
        if not found or not 0 < int(found["port"] or DEFAULT_PORT) < 65_536:
            raise ValueError(f"{each!r} is no host, or no port")
        yield found["name"].strip("[]"), int(found["port"] or DEFAULT_PORT)


def _parse_options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _OPTION_NAMES):
        raise ValueError(f"it has no option {unknown[0]!r}, only {', '.join(sorted(_OPTION_NAMES))}")
    return options


def _parse_count(written: str, *, minimum: int) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 4 and int(written) >= minimum):
        raise ValueError(f"{written!r} is no number of shards or replicas")
    return int(written)


def _redact_password(address: str) -> str:
    return re.sub(r"://[^/]*@", "://…@", address)
