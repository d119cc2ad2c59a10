"""Decompress Brotli and zstd, if the libraries for them are there, in pieces of limited size, as `zlib` does.

Python has zstd since version 3.14; the extra `archives` installs what is missing.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

INSTALL_STEP = "`pip install 'vidindex[archives]'`"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MORE = b"\0"
"""Stands for the input that a decompressor keeps, as `zlib` states what it has not used."""

_MAX_WINDOW_LOG = 27  # 128 MB, the default of the command line


class _PieceReader:
    """Has the interface of `zlib.decompressobj`; *process* takes input and the size of a piece.

    *keeps_input* tells whether there is more output without more input, and *is_ended* whether the end was read.
    """

    def __init__(
        self,
        process: Callable[[bytes, int], bytes],
        keeps_input: Callable[[], bool],
        is_ended: Callable[[], bool],
        error: type[Exception],
    ) -> None:
        self._process = process
        self._keeps_input = keeps_input
        self._is_ended = is_ended
        self._error = error
        self.unconsumed_tail = b""

    unused_data = b""

    @property
    def eof(self) -> bool:
        """Whether the end was read."""
        return self._is_ended()

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return about *max_length* bytes at most.  Raises `zlib.error` if *data* are damaged."""
        try:
            block = self._process(b"" if data is _MORE else data, max_length)
        except self._error as exc:
            raise zlib.error(str(exc)) from exc
        self.unconsumed_tail = _MORE if self._keeps_input() and not self.eof else b""
        return block


class _ZstdReader(_PieceReader):
    """Decompresses one frame."""

    def __init__(self, zstd: Any, dictionary: bytes) -> None:
        options = {zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}
        self._frame = zstd.ZstdDecompressor(zstd.ZstdDict(dictionary) if dictionary else None, options)
        super().__init__(
            self._frame.decompress, lambda: not self._frame.needs_input, lambda: bool(self._frame.eof), zstd.ZstdError
        )

    @property
    def unused_data(self) -> bytes:  # type: ignore[override]
        """What follows the frame."""
        return bytes(self._frame.unused_data)


def has_zstd() -> bool:
    """Return whether zstd can be decompressed."""
    return _import_zstd() is not None


def open_zstd(dictionary: bytes = b"") -> Any:
    """Return a decompressor for a zstd frame; the library must be there."""
    return _ZstdReader(_import_zstd(), dictionary)


def has_brotli() -> bool:
    """Return whether Brotli can be decompressed in pieces of limited size, as its library can since version 1.2."""
    library = _import("brotli")
    return library is not None and hasattr(library.Decompressor, "can_accept_more_data")


def open_brotli() -> Any:
    """Return a decompressor for Brotli; the library must be there."""
    library = import_module("brotli")
    stream = library.Decompressor()
    return _PieceReader(
        lambda data, size: bytes(stream.process(data, output_buffer_limit=size)),
        lambda: not stream.can_accept_more_data(),
        lambda: bool(stream.is_finished()),
        library.error,
    )


def _import_zstd() -> Any:
    return _import("compression.zstd") or _import("backports.zstd")


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None
