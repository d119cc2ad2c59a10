"""Send documents in requests of bounded size, as fast as the cluster accepts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from ...errors import EngineError
from .client import BUSY_STATUSES, JsonObject, explain_read_only, is_read_only, to_json, with_retries

MAX_REQUEST_BYTES = 4_000_000
"""Larger requests are not faster, and a node must hold each one in memory."""

MAX_REQUEST_DOCUMENTS = 5_000

_RESPONSE_FILTER_PATH = ",".join(
    ["errors", *(f"items.*.{part}" for part in ("_id", "status", "error.type", "error.reason"))],
)
_CONFLICT_STATUS = 409
_OVERLOAD_STATUS = 429


class Version(NamedTuple):
    """The version of a document that was read; a write with it fails if the document has changed since."""

    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class BulkWrite:
    """One write to the document *id*.

    `index` writes it whether it exists or not, `create` only if it does not exist.  With *version*, the write fails if
    the document has changed since.
    """

    id: str
    source: JsonObject | None = None
    action: Literal["index", "create", "delete"] = "index"
    version: Version | None = None


def send_writes(
    client: OpenSearch, index: str, writes: Iterable[BulkWrite], *, on_sent: Callable[[], None] = lambda: None
) -> list[str]:
    """Send *writes*, which are read lazily, call *on_sent* after each request, and return the ids that conflict.

    Writes that an overloaded node refuses are sent again with backoff, without the others.  A request whose response
    was lost is sent again as a whole; then the documents that it created are reported as conflicts.

    Raises `EngineError` if a write is refused for good, and the errors of the client.
    """
    return send_lines(client, index, map(format_write, writes), on_sent=on_sent)


def send_lines(
    client: OpenSearch, index: str, lines: Iterable[str], *, on_sent: Callable[[], None] = lambda: None
) -> list[str]:
    """Do the same as `send_writes` with the *lines* that `format_write` made of writes."""
    conflicts: list[str] = []
    for request in _split_requests(lines):
        conflicts += _deliver_request(client, index, request)
        on_sent()
    return conflicts


def format_write(write: BulkWrite) -> str:
    """Return the lines of *write* in a request."""
    meta: JsonObject = {"_id": write.id}
    if write.version is not None:
        meta |= {"if_seq_no": write.version.seq_no, "if_primary_term": write.version.primary_term}
    action = to_json({write.action: meta})
    return f"{action}\n" if write.source is None else f"{action}\n{to_json(write.source)}\n"


def _split_requests(lines: Iterable[str]) -> Iterator[list[str]]:
    request: list[str] = []
    size = 0
    for line in lines:
        if request and (size + len(line) > MAX_REQUEST_BYTES or len(request) == MAX_REQUEST_DOCUMENTS):
            yield request
            request, size = [], 0
        request.append(line)
        size += len(line) if line.isascii() else len(line.encode())
    if request:
        yield request


def _deliver_request(client: OpenSearch, index: str, request: Sequence[str]) -> list[str]:
    conflicts: list[str] = []

    def send_rest() -> None:
        nonlocal request
        body, params = "".join(request), {"filter_path": _RESPONSE_FILTER_PATH}
        request, reason = _collect_refused(request, client.bulk(body=body, index=index, params=params), conflicts)
        if request:
            raise TransportError(_OVERLOAD_STATUS, reason, {})

    with_retries(send_rest)
    return conflicts


def _collect_refused(request: Sequence[str], answer: JsonObject, conflicts: list[str]) -> tuple[list[str], str]:
    """Return the lines to send again and the reason, and add the ids that conflict to *conflicts*.

    Raises `EngineError` if a document is refused for good.
    """
    if not answer["errors"]:
        return [], ""
    refused, reason = [], ""
    for line, item in zip(request, answer["items"], strict=True):
        (done,) = item.values()
        error, status = done.get("error"), done["status"]
        if error is None:
            continue
        if status == _CONFLICT_STATUS:
            conflicts.append(done["_id"])
            continue
        if is_read_only(status, error["type"]) or status not in BUSY_STATUSES:
            raise _build_refusal_error(status, error)
        refused.append(line)
        reason = error["type"]
    return refused, reason


def _build_refusal_error(status: int, error: dict[str, Any]) -> EngineError:
    if is_read_only(status, error["type"]):
        reason, hint = explain_read_only()
        return EngineError("opensearch", reason, hint=hint)
    return EngineError("opensearch", f"the cluster refused a document: {error['type']}: {error['reason'][:300]}")
