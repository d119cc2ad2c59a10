"""The contents of documents as the store wrote them: another program may have written to an index, or made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any, TypeVar

from ...errors import EngineError

_HINT = "another program may have written it: use an index with another name, or restore this one from a snapshot"
_NUMBER = (int, float)
_LIST = (list, tuple)  # tuples until they are stored

READ_ERRORS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading JSON raises that has another structure."""

T = TypeVar("T")

_TYPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "articles": {
        "article": dict, "added": int, "embeds": _LIST, "fields": dict, "removed": bool, "reviews": _LIST,
        "tell": _LIST, "text": str, "videos": _LIST,
    },
    "videos": {
        "added": int, "checked": _NUMBER, "dropped": _LIST, "dropped_numbers": _LIST, "holder": str, "name": str,
        "numbers": _LIST, "removed": bool, "tracks": _LIST, "until": _NUMBER, "video": dict,
    },
    "captions": {"blocks": int, "raw": str},
    "blocks": {"body": str},
    "tasks": {
        "article": str, "claim": str, "holder": str, "host": str, "kind": str, "lease": _NUMBER, "listed": str,
        "next_try": _NUMBER, "parent": str, "reason": str, "state": str, "tries": int, "untold": _NUMBER, "url": str,
        "verdict": str, "video": str,
    },
    "meta": {
        "astray": _LIST, "engine": str, "engine_folder": str, "format": int, "gist": str, "left": _LIST, "maker": str,
        "maker_until": _NUMBER, "next": int, "renewed": int, "taken": _LIST, "turn": int,
    },
    "commits": {"commits": _LIST, "last": int},
}  # fmt: skip
"""The types of the fields that are read, by kind of index; a field may also be absent."""


class StoredSource(dict[str, Any]):
    """The *content* of a document in the index *index* of *endpoint*, of which any field may be missing.

    Raises `EngineError` if a field has another type than the store wrote, and when one that is missing is read.
    """

    __slots__ = ("_endpoint", "_index")

    def __init__(self, content: Any, endpoint: object, index: str, kind: str) -> None:
        super().__init__(content if isinstance(content, dict) else {})
        self._endpoint = endpoint
        self._index = index
        if not isinstance(content, dict):
            raise self._build_error("its content is not an object")
        types = _TYPES.get(kind, {})
        for name, value in self.items():
            if name in types and not isinstance(value, types[name]):
                raise self._build_error(f"{name!r} has another type")

    def __missing__(self, name: str) -> Any:
        raise self._build_error(f"it has no {name!r}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raise `EngineError` if a value inside a field, which the block reads, is missing or of another type."""
        try:
            yield
        except READ_ERRORS as error:
            raise self._build_error(describe_read_error(error)) from error

    def _build_error(self, reason: str) -> EngineError:
        where = f"{self._endpoint}: a document of the index {self._index}"
        return EngineError("opensearch", f"{where} is not one that vidindex wrote: {reason}", hint=_HINT)


def reads_stored(parse: Callable[[dict[str, Any]], T]) -> Callable[[dict[str, Any]], T]:
    """Make *parse*, which reads the content of a document, raise `EngineError` as `StoredSource.reading` does."""

    @wraps(parse)
    def parse_stored(source: dict[str, Any]) -> T:
        with source.reading() if isinstance(source, StoredSource) else nullcontext():
            return parse(source)

    return parse_stored


def describe_read_error(error: Exception) -> str:
    """Return what one of `READ_ERRORS` says about the JSON that was read."""
    return f"it has no {error}" if isinstance(error, KeyError) else "it has values of other types"
