"""The address of an index on a cluster: `opensearch+https://user@host:9200,other:9200/NAME`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ...errors import IndexLocationError

SCHEMES = {"opensearch+https": True, "opensearch+http": False}
"""What an address may start with, and whether the cluster is talked to by TLS."""

PORT = 9200

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?")
_OPTIONS = {"ca", "shards", "replicas"}


@dataclass(frozen=True, slots=True)
class Endpoint:
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


Place = Path | Endpoint
"""Where an index is: in a folder or on a cluster."""


def is_address(place: str) -> bool:
    """Tell whether *place* is the address of a cluster rather than a folder."""
    return place.partition("://")[0].lower() in SCHEMES


def parse(address: str) -> Endpoint:
    """Read an address.  Raises `IndexLocationError`, which never repeats a password that was typed into it."""
    try:
        return _parsed(address)
    except ValueError as error:
        raise IndexLocationError(_without_secret(address), str(error)) from None


def _parsed(address: str) -> Endpoint:
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in SCHEMES:
        raise ValueError("an address of a cluster starts with opensearch+https:// or opensearch+http://")
    parts = urlsplit(f"//{rest}")
    user, _, hosts = parts.netloc.rpartition("@")
    if ":" in user:
        raise ValueError("leave the password out: it is read from VIDINDEX_OPENSEARCH_PASSWORD or ~/.netrc")
    name = parts.path.strip("/")
    if not _NAME.fullmatch(name):
        raise ValueError("it ends with the name of the index: lower-case letters, digits, `-`, `_`, `.`")
    options = _options(parts.query)
    return Endpoint(
        name,
        tuple(_hosts(hosts)),
        SCHEMES[scheme.lower()],
        unquote(user),
        options.get("ca", ""),
        _number(options.get("shards", "1"), least=1),
        _number(options["replicas"], least=0) if "replicas" in options else None,
    )


def _hosts(written: str) -> Iterator[tuple[str, int]]:
    for each in written.split(","):
        found = _HOST.fullmatch(each)
        if not found or not 0 < int(found["port"] or PORT) < 65_536:
            raise ValueError(f"{each!r} is no host, or no port")
        yield found["name"].strip("[]"), int(found["port"] or PORT)


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _OPTIONS):
        raise ValueError(f"it has no option {unknown[0]!r}, only {', '.join(sorted(_OPTIONS))}")
    return options


def _number(written: str, *, least: int) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 4 and int(written) >= least):
        raise ValueError(f"{written!r} is no number of shards or replicas")
    return int(written)


def _without_secret(address: str) -> str:
    return re.sub(r"://[^/]*@", "://…@", address)
