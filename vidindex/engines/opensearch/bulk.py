"""Send documents in requests of bounded size, as fast as the cluster takes them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from opensearchpy import OpenSearch

from ...errors import EngineError
from .client import BUSY, PATIENCE_S, is_read_only, patiently, read_only
from .schema import Json

REQUEST_BYTES = 4_000_000
"""Beyond some megabytes a request is no faster, and a node must hold it whole."""

REQUEST_DOCUMENTS = 5_000

_ANSWER = "errors,items.index.status,items.index.error.type,items.index.error.reason"


def send(client: OpenSearch, index: str, documents: Iterable[tuple[str, Json]], *, sent: Callable[[], None]) -> None:
    """Index *documents*, ids given, read lazily; *sent* is called after each request.

    What a node refuses for want of room is sent again, it alone, after growing pauses.  Sending a document twice
    changes nothing.  Raises `EngineError` and what the client raises.
    """
    for request in _requests(_lines(documents)):
        _deliver(client, index, request)
        sent()


def _lines(documents: Iterable[tuple[str, Json]]) -> Iterator[str]:
    for name, document in documents:
        fields = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        yield f'{{"index":{{"_id":"{name}"}}}}\n{fields}\n'


def _requests(lines: Iterable[str]) -> Iterator[list[str]]:
    request: list[str] = []
    size = 0
    for line in lines:
        if request and (size + len(line) > REQUEST_BYTES or len(request) == REQUEST_DOCUMENTS):
            yield request
            request, size = [], 0
        request.append(line)
        size += len(line) if line.isascii() else len(line.encode())
    if request:
        yield request


def _deliver(client: OpenSearch, index: str, request: Sequence[str]) -> None:
    deadline, pause = time.monotonic() + PATIENCE_S, 0.1
    while request:
        request, busy = _refused(request, _posted(client, index, request))
        if not request:
            return
        if time.monotonic() + pause > deadline:
            raise EngineError("opensearch", f"it has more to do than it can ({busy})", hint="run it again later")
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # so that many machines do not come back at once
        pause = min(2 * pause, 5.0)


def _posted(client: OpenSearch, index: str, request: Sequence[str]) -> Json:
    body = "".join(request)
    answer: Json = patiently(lambda: client.bulk(body=body, index=index, params={"filter_path": _ANSWER}))
    return answer


def _refused(request: Sequence[str], answer: Json) -> tuple[list[str], str]:
    """Give what is to be sent again, and why; raises `EngineError` for what never will be taken."""
    if not answer["errors"]:
        return [], ""
    refused, why = [], ""
    for line, item in zip(request, answer["items"], strict=True):
        error = item["index"].get("error")
        if error is None:
            continue
        status = item["index"]["status"]
        if is_read_only(status, error["type"]) or status not in BUSY:
            raise _refusal(status, error)
        refused.append(line)
        why = error["type"]
    return refused, why


def _refusal(status: int, error: dict[str, Any]) -> EngineError:
    if is_read_only(status, error["type"]):
        reason, hint = read_only()
        return EngineError("opensearch", reason, hint=hint)
    return EngineError("opensearch", f"it refused a passage: {error['type']}: {error['reason'][:300]}")
