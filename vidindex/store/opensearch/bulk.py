"""Send documents in requests of bounded size, as fast as the cluster takes them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from opensearchpy import OpenSearch

from ...errors import EngineError
from .client import BUSY_STATUSES, MAX_RETRY_S, JsonObject, explain_read_only, is_read_only, to_json, with_retries

MAX_REQUEST_BYTES = 4_000_000
"""Beyond some megabytes a request is no faster, and a node must hold it whole."""

MAX_REQUEST_DOCUMENTS = 5_000

_RESPONSE_FILTER_PATH = ",".join(
    ["errors", *(f"items.*.{part}" for part in ("_id", "status", "error.type", "error.reason"))],
)
_CONFLICT_STATUS = 409


class Version(NamedTuple):
    """At which change of a document it was read: a write may ask that there was none since."""

    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class BulkWrite:
    """What is to be done with the document *id*.

    `index` writes it whether it is there or not, `create` only where it is not.  With *seen*, only if it is still as it
    was then.
    """

    id: str
    source: JsonObject | None = None
    action: Literal["index", "create", "delete"] = "index"
    version: Version | None = None


def send_writes(
    client: OpenSearch, index: str, writes: Iterable[BulkWrite], *, on_sent: Callable[[], None] = lambda: None
) -> list[str]:
    """Do *writes*, read lazily; *sent* is called after each request.  Gives the ids of those that conflict.

    What a node refuses for want of room is sent again, it alone, after growing pauses.  A request whose answer was lost
    is sent again whole: what was created by it then says that it conflicts.  Raises `EngineError` and what the client
    raises.
    """
    conflicts: list[str] = []
    for request in _split_requests(map(_format_write, writes)):
        conflicts += _deliver_request(client, index, request)
        on_sent()
    return conflicts


def _format_write(write: BulkWrite) -> str:
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
    deadline, pause = time.monotonic() + MAX_RETRY_S, 0.1
    conflicts: list[str] = []
    while True:
        request, busy = _collect_refused(request, _post_request(client, index, request), conflicts)
        if not request:
            return conflicts
        if time.monotonic() + pause > deadline:
            raise EngineError("opensearch", f"it has more to do than it can ({busy})", hint="run it again later")
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # so that many machines do not come back at once
        pause = min(2 * pause, 5.0)


def _post_request(client: OpenSearch, index: str, request: Sequence[str]) -> JsonObject:
    body = "".join(request)
    answer: JsonObject = with_retries(
        lambda: client.bulk(body=body, index=index, params={"filter_path": _RESPONSE_FILTER_PATH})
    )
    return answer


def _collect_refused(request: Sequence[str], answer: JsonObject, conflicts: list[str]) -> tuple[list[str], str]:
    """Give what is to be sent again, and why; raises `EngineError` for what never will be taken."""
    if not answer["errors"]:
        return [], ""
    refused, why = [], ""
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
        why = error["type"]
    return refused, why


def _build_refusal_error(status: int, error: dict[str, Any]) -> EngineError:
    if is_read_only(status, error["type"]):
        reason, hint = explain_read_only()
        return EngineError("opensearch", reason, hint=hint)
    return EngineError("opensearch", f"it refused a document: {error['type']}: {error['reason'][:300]}")
