"""Claims as JSON Lines: `{"quote": …, "who": …, "video": …, "article": …, "id": …}`, one a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from ...errors import OptionError, TargetError
from ...verify.claims import Claim

_MAX_LINE_BYTES = 1_000_000


class _JoinedStream(io.RawIOBase):
    """The first bytes of a stream, which were read already, and the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # always given a memoryview
        part = self._head[: len(buffer)] or self._read_rest(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def _read_rest(self, size: int) -> bytes:
        read_once = getattr(self._rest, "read1", self._rest.read)  # a pipe may have less for now
        part: bytes = read_once(size)
        return part


def parse_claim_lines(head: bytes, rest: BinaryIO, name: str) -> Iterator[Claim]:
    """Yield the claims in *head* and *rest* as they arrive; *name* is that of the document.

    Raises `TargetError`, which names the line.
    """
    lines = io.BufferedReader(_JoinedStream(head, rest))
    for number in count(1):
        line = lines.readline(_MAX_LINE_BYTES + 1)
        if not line:
            return
        if len(line) > _MAX_LINE_BYTES:
            raise TargetError(name[:200], f"line {number} is longer than {_MAX_LINE_BYTES // 1_000_000} MB")
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield from _parse_line(text, number, name)


def _parse_line(line: bytes, number: int, name: str) -> Iterator[Claim]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise TargetError(name[:200], f"line {number} is not JSON: write one object a line ({_reason(exc)})") from exc
    if not isinstance(value, dict):
        raise TargetError(name[:200], f'line {number} is no object: write {{"quote": "…", "who": "…"}}')
    try:
        yield Claim.from_mapping(value)
    except OptionError as exc:
        raise TargetError(name[:200], f"line {number}: {exc.reason}") from exc


def _reason(error: Exception) -> str:
    return str(getattr(error, "msg", "") or "it is nested too deeply").lower()[:100]
