"""Large files of vectors have sketches, by which a search finds nearly all of the nearest vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vidindex.engines.gist import row_files, sketches, vector_folder
from vidindex.engines.gist.row_files import VectorRows
from vidindex.engines.gist.vector_folder import VectorFolder
from vidindex.engines.gist.vectors import SCALE, pack_key, quantize, unpack_key
from vidindex.errors import EngineError

np = pytest.importorskip("numpy")

DIM = 90  # no multiple of the bits of a word
TRACKS = 40
ROWS = 100  # of a track


@pytest.fixture(name="vectors")
def _vectors() -> Any:
    vectors = np.random.default_rng(3).normal(size=(TRACKS * ROWS, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, vectors: Any, monkeypatch: pytest.MonkeyPatch) -> VectorFolder:
    """Return a folder of vectors with sketches, which keep one of ten vectors."""
    for module in (row_files, vector_folder):
        monkeypatch.setattr(module, "MIN_SKETCHED_ROWS", 1_000)
    monkeypatch.setattr(sketches, "_MIN_LIKELY", 400)
    monkeypatch.setattr(sketches, "_COLUMNS_PER_BLOCK", 1_500)
    monkeypatch.setattr(row_files, "_ROWS_PER_BLOCK", 700)
    folder = VectorFolder(tmp_path / "gist-1", dim=DIM, create=True)
    for first in range(0, TRACKS, 20):
        keys = [pack_key(track, row) for track in range(first, first + 20) for row in range(ROWS)]
        rows = quantize(vectors[first * ROWS : (first + 20) * ROWS])
        folder.replace_tracks(list(range(first, first + 20)), VectorRows(np.array(keys, np.int64), rows))
    return folder


def find_rows(folder: VectorFolder, query: Any, **options: Any) -> list[int]:
    """Return which vectors are the 20 nearest ones, and check their cosines."""
    places = []
    for key, cosine in folder.nearest(query, limit=20, **options):
        track, row = unpack_key(key)
        places.append(track * ROWS + row)
        assert cosine >= -1
    return places


def nearest_rows(vectors: Any, query: Any, tracks: set[int]) -> list[int]:
    cosines = quantize(vectors) / SCALE @ query
    places = [at for at in np.argsort(-cosines, kind="stable").tolist() if at // ROWS in tracks]
    return places[:20]


@pytest.mark.parametrize("tracks", [None, set(range(0, TRACKS, 3)), {4, 5}])
def test_nearly_all_of_the_nearest_vectors_are_found(
    folder: VectorFolder, vectors: Any, tracks: set[int] | None, tmp_path: Path
) -> None:
    (file,) = tmp_path.glob("gist-1/rows-*")
    assert file.stat().st_size == 24 + TRACKS * ROWS * (8 + DIM + 2 * 2 * 8)  # a header, keys, rows and sketches
    found, expected = 0, 0
    for query in vectors[::200]:
        nearest = nearest_rows(vectors, query, tracks or set(range(TRACKS)))
        places = find_rows(folder, query, tracks=tracks)
        assert places[0] == nearest[0]
        found += len(set(places) & set(nearest))
        expected += len(nearest)
    assert found >= 0.9 * expected  # vectors without any structure are the hardest ones


def test_vectors_that_are_not_up_to_date_are_not_found(folder: VectorFolder, vectors: Any) -> None:
    folder.replace_tracks([7], VectorRows(np.zeros(0, np.int64), np.zeros((0, DIM), np.int8)))
    query = vectors[7 * ROWS]
    assert 7 * ROWS not in (places := find_rows(folder, query))
    assert places[0] == nearest_rows(vectors, query, set(range(TRACKS)) - {7})[0]
    assert folder.count_rows() == (TRACKS - 1) * ROWS


def test_files_without_sketches_are_merged_into_one_with_sketches(
    folder: VectorFolder, vectors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = VectorFolder(tmp_path / "gist-2", dim=DIM, create=True)
    monkeypatch.setattr(row_files, "MIN_SKETCHED_ROWS", 10**9)
    half = TRACKS * ROWS // 2
    keys = np.array([pack_key(at // ROWS, at % ROWS) for at in range(TRACKS * ROWS)], np.int64)
    small.replace_tracks([0], VectorRows(keys[:half], quantize(vectors[:half])))
    assert find_rows(small, vectors[9])[0] == 9
    monkeypatch.setattr(row_files, "MIN_SKETCHED_ROWS", 1_000)
    small.replace_tracks([TRACKS], VectorRows(keys[half:], quantize(vectors[half:])))
    (merged,), (whole,) = tmp_path.glob("gist-2/rows-*"), tmp_path.glob("gist-1/rows-*")
    assert merged.read_bytes() == whole.read_bytes()


def test_a_file_whose_sketches_are_cut_is_not_mapped(folder: VectorFolder, vectors: Any, tmp_path: Path) -> None:
    (file,) = tmp_path.glob("gist-1/rows-*")
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(EngineError, match="vidindex rebuild"):
        find_rows(VectorFolder(tmp_path / "gist-1", dim=DIM), vectors[0])
    assert folder.find_damaged_files() == [file.name]


@pytest.mark.parametrize("dim", [3, 64, 1_100])
def test_sketches_of_few_and_of_many_dimensions_are_compared(dim: int) -> None:
    rows = np.random.default_rng(dim).normal(size=(30, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    sketch = sketches.make_sketch(quantize(rows))
    query = sketches._quantize_query(rows[4])
    scores = 2 * sketches._multiply(sketch[0], query) + sketches._multiply(sketch[1], query)
    bits = [np.unpackbits(sketch[plane].T.copy().view(np.uint8), axis=1)[:, :dim] for plane in (0, 1)]
    values = np.rint(rows[4] * (7 / np.abs(rows[4]).max()))
    assert scores.tolist() == ((2 * bits[0] + bits[1].astype(int)) @ values.astype(int)).tolist()
