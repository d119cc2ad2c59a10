"""What is compressed in the zlib format is read by zlib, whichever library wrote it."""

from __future__ import annotations

import sys
import zlib

import pytest
from isal import isal_zlib

from vidindex.store import compression

TEXTS = [b"", b"a", b"we tie a knot " * 200, bytes(range(256)) * 9]


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_it_is_read_by_zlib(text: bytes) -> None:
    assert zlib.decompress(compression.compress(text)) == text
    assert compression.compress(text) == isal_zlib.compress(text, 3)


def test_zlib_compresses_if_the_faster_library_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    compression._load_isal.cache_clear()
    try:
        assert [compression.compress(text) for text in TEXTS] == [zlib.compress(text, 4) for text in TEXTS]
        assert compression.compress(TEXTS[2], zlib_level=1) == zlib.compress(TEXTS[2], 1)
    finally:
        compression._load_isal.cache_clear()
