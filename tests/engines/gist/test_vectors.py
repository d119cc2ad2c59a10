"""The search for the vectors nearest to another."""

from __future__ import annotations

from typing import Any

import pytest

from vidindex.engines.gist import vectors
from vidindex.engines.gist.vectors import quantize, search_exact

np = pytest.importorskip("numpy")

ROWS = 9_001


def make_vectors() -> Any:
    found = np.random.default_rng(7).standard_normal((ROWS, 16))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("is_part", [False, True])
def test_two_threads_find_what_one_finds(is_part: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made, keys = make_vectors(), np.arange(ROWS) * 3
    places = np.arange(0, ROWS, 2) if is_part else None
    alone = search_exact(quantize(made), keys, made[8_998], limit=20, places=places)
    monkeypatch.setattr(vectors, "_MIN_ROWS_FOR_THREADS", 1)
    assert search_exact(quantize(made), keys, made[8_998], limit=20, places=places) == alone
    assert alone[0][0] == 3 * 8_998


def test_an_error_in_the_other_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_MIN_ROWS_FOR_THREADS", 1)
    with pytest.raises(IndexError):
        search_exact(quantize(make_vectors()), np.arange(ROWS), np.ones(16), limit=1, places=np.array([0, ROWS]))
