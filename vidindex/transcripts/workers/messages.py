"""The messages between a process and its workers: a status, and parts of bytes with their lengths before them."""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Sequence
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import BinaryIO

DONE, FAILED, TOO_LARGE, READY = b"D", b"F", b"M", b"R"
"""The statuses of an answer; a request has `DONE`."""

MAX_MESSAGE_BYTES = 400_000_000
_MAX_PARTS = 10_000_000
_HEADER_BYTES = 9
_READ_BYTES = 1 << 20


def encode_message(status: bytes, parts: Sequence[bytes]) -> list[bytes]:
    """Return the pieces of a message, to be written one after the other."""
    lengths = array("Q", map(len, parts)).tobytes()
    return [status + len(parts).to_bytes(8, "little"), lengths, *parts]


def read_message(source: BinaryIO) -> tuple[bytes, list[bytes]] | None:
    """Read a message from a blocking file; return None at its end."""
    header = source.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        return None
    count = int.from_bytes(header[1:], "little")
    body = source.read(8 * count)
    parts = [source.read(length) for length in _decode_lengths(body)]
    return header[:1], parts


def exchange_message(sink: int, source: int, pieces: Sequence[bytes], deadline: float) -> tuple[bytes, list[bytes]]:
    """Write *pieces* to the descriptor *sink* and read the answer from *source*, both non-blocking, until *deadline*.

    Raises `TimeoutError` after the deadline, `EOFError` or `OSError` if the process ended, or answered nonsense.
    """
    unsent = memoryview(b"".join(pieces))
    answer = _Answer()
    with DefaultSelector() as selector:
        selector.register(source, EVENT_READ)
        if unsent:
            selector.register(sink, EVENT_WRITE)
        while not answer.is_complete():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.fd == sink:
                    unsent = unsent[os.write(sink, unsent[:_READ_BYTES]) :]
                    if not unsent:
                        selector.unregister(sink)
                else:
                    answer.receive(os.read(source, _READ_BYTES))
    if unsent:  # it answered before it could know the request
        raise EOFError
    return answer.decode()


class _Answer:
    """The bytes of an answer that have arrived."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lengths: array[int] | None = None
        self._end = _HEADER_BYTES

    def receive(self, data: bytes) -> None:
        if not data:
            raise EOFError
        self._data += data

    def is_complete(self) -> bool:
        """Return whether the answer is whole.  Raises `EOFError` if it is too long."""
        if self._lengths is None and len(self._data) >= _HEADER_BYTES:
            count = int.from_bytes(self._data[1:_HEADER_BYTES], "little")
            self._check(count <= _MAX_PARTS)
            if len(self._data) >= _HEADER_BYTES + 8 * count:
                self._lengths = _decode_lengths(bytes(self._data[_HEADER_BYTES : _HEADER_BYTES + 8 * count]))
                self._end = _HEADER_BYTES + 8 * count + sum(self._lengths)
                self._check(self._end <= MAX_MESSAGE_BYTES)
        self._check(self._lengths is None or len(self._data) <= self._end)
        return self._lengths is not None and len(self._data) == self._end

    def decode(self) -> tuple[bytes, list[bytes]]:
        lengths = self._lengths or array("Q")
        view = memoryview(self._data)
        at = _HEADER_BYTES + 8 * len(lengths)
        parts = []
        for length in lengths:
            parts.append(bytes(view[at : at + length]))
            at += length
        return bytes(view[:1]), parts

    def _check(self, is_valid: bool) -> None:
        if not is_valid:
            raise EOFError


def _decode_lengths(data: bytes) -> array[int]:
    lengths = array("Q")
    lengths.frombytes(data)
    return lengths
