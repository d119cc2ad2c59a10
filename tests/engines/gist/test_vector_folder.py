"""The vectors of an index in a folder: commits, merges, damage, and readers beside a writer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from vidindex.engines.gist.row_files import VectorRows
from vidindex.engines.gist.vector_folder import VectorFolder
from vidindex.engines.gist.vectors import SCALE, pack_key, quantize, unpack_key
from vidindex.errors import EngineError

np = pytest.importorskip("numpy")

DIM = 8


def make_rows(*tracks: int, rows: int = 1) -> VectorRows:
    """Return vectors of *tracks*: row *n* of a track points to the axis *track* + *n*."""
    keys = [pack_key(track, row) for track in tracks for row in range(rows)]
    axes = [(track + row) % DIM for track in tracks for row in range(rows)]
    return VectorRows(np.array(keys, np.int64), quantize(np.eye(DIM, dtype=np.float32)[axes]))


def axis(number: int) -> Any:
    return np.eye(DIM, dtype=np.float32)[number]


def found_tracks(folder: VectorFolder, number: int, **options: Any) -> list[int]:
    nearest = folder.nearest(axis(number), limit=options.pop("limit", 100), **options)
    return [unpack_key(key)[0] for key, cosine in nearest if cosine > 0.3]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> VectorFolder:
    return VectorFolder(tmp_path / "gist-1", dim=DIM, create=True)


def test_the_vectors_of_a_track_are_replaced_and_deleted(folder: VectorFolder) -> None:
    folder.replace_tracks([1, 2, 3], make_rows(1, 2, 3))
    folder.replace_tracks([2, 3], make_rows(2, rows=3))
    assert folder.list_tracks() == {1, 2}
    assert folder.count_rows() == 4
    assert (found_tracks(folder, 2), found_tracks(folder, 3), found_tracks(folder, 4)) == ([2], [2], [2])


def test_another_reader_sees_each_commit(folder: VectorFolder, tmp_path: Path) -> None:
    reader = VectorFolder(tmp_path / "gist-1", dim=DIM)
    assert reader.count_rows() == 0
    for track in range(1, 6):
        folder.replace_tracks([track], make_rows(track))
        assert reader.list_tracks() == set(range(1, track + 1))


def test_a_reader_goes_on_with_vectors_that_a_rebuild_has_just_deleted(folder: VectorFolder, tmp_path: Path) -> None:
    reader = VectorFolder(tmp_path / "gist-1", dim=DIM)
    folder.replace_tracks([1, 2], make_rows(1, 2))
    assert found_tracks(reader, 2) == [2]
    shutil.rmtree(tmp_path / "gist-1")
    assert found_tracks(reader, 1) == [1]
    assert reader.find_damaged_files() == ["vectors.json"]


def test_many_small_commits_leave_few_files_and_no_outdated_ones(folder: VectorFolder, tmp_path: Path) -> None:
    for track in range(1, 65):
        folder.replace_tracks([track], make_rows(track, rows=2))
    assert len(list(tmp_path.glob("gist-1/rows-*"))) <= 7
    assert folder.count_rows() == 128
    for track in range(1, 65):
        folder.replace_tracks([track], make_rows())
    assert (folder.count_rows(), folder.list_tracks()) == (0, set())
    assert not list(tmp_path.glob("gist-1/rows-*"))


def test_a_filter_selects_tracks_before_the_limit_does(folder: VectorFolder) -> None:
    folder.replace_tracks([1, 9, 17, 25], make_rows(1, 9, 17, 25))
    assert found_tracks(folder, 1, limit=2) == [1, 9]
    assert found_tracks(folder, 1, limit=2, tracks={17, 25, 99}) == [17, 25]
    assert found_tracks(folder, 1, tracks=set()) == []
    folder.replace_tracks([17], make_rows())
    assert found_tracks(folder, 1, tracks={17, 25}) == [25]


@pytest.mark.parametrize("selected", [None, set(range(0, 50, 2)), {7}])
def test_the_nearest_of_many_vectors_are_those_with_the_greatest_cosines(
    folder: VectorFolder, selected: set[int] | None
) -> None:
    vectors = np.random.default_rng(5).normal(size=(5_000, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = np.array([pack_key(track, row) for track in range(50) for row in range(100)], np.int64)
    folder.replace_tracks(list(range(50)), VectorRows(keys, quantize(vectors)))
    folder.replace_tracks([2], make_rows())
    kept = [at for at in range(5_000) if at // 100 != 2 and (selected is None or at // 100 in selected)]
    cosines = (quantize(vectors) / SCALE) @ axis(3)
    best = sorted(kept, key=lambda at: -cosines[at])[:60]
    found = folder.nearest(axis(3), limit=60, tracks=selected)
    assert [round(cosine, 5) for _, cosine in found] == [round(float(cosines[at]), 5) for at in best]
    places = [at for key, _ in found for track, row in [unpack_key(key)] for at in [100 * track + row]]
    assert set(places) <= set(kept)
    assert [round(float(cosines[at]), 5) for at in places] == [round(cosine, 5) for _, cosine in found]


def test_a_damaged_or_missing_file_is_found(folder: VectorFolder, tmp_path: Path) -> None:
    folder.replace_tracks([1], make_rows(1, rows=9))
    (rows,) = tmp_path.glob("gist-1/rows-*")
    assert folder.find_damaged_files() == []
    whole = rows.read_bytes()
    rows.write_bytes(whole[:-1] + b"\x55")
    assert folder.find_damaged_files() == [rows.name]
    rows.unlink()
    assert folder.find_damaged_files() == [rows.name]
    (tmp_path / "gist-1" / "vectors.json").write_text("{}", encoding="utf-8")
    assert folder.find_damaged_files() == ["vectors.json"]


@pytest.mark.parametrize("name", ["../store.sqlite3", "rows-1.i8/../../x", "/etc/passwd", "rows-.i8"])
def test_a_list_that_names_another_file_is_refused(folder: VectorFolder, tmp_path: Path, name: str) -> None:
    from vidindex.engines.gist import part_list

    folder.replace_tracks([1], make_rows(1))
    path = tmp_path / "gist-1" / "vectors.json"
    listed = json.loads(path.read_text())["list"]
    listed["parts"][0][0] = name
    path.write_text(json.dumps({"sum": part_list._checksum(listed), "list": listed}))
    with pytest.raises(EngineError, match="names another file"):
        VectorFolder(tmp_path / "gist-1", dim=DIM).nearest(axis(0), limit=1)


@pytest.mark.parametrize("header", [b"", b"vidgist1", b"vidgist1" + b"\xff" * 16, b"x" * 24])
def test_a_file_whose_size_differs_from_its_header_is_not_mapped(
    folder: VectorFolder, tmp_path: Path, header: bytes
) -> None:
    folder.replace_tracks([1], make_rows(1))
    (rows,) = tmp_path.glob("gist-1/rows-*")
    rows.write_bytes(header)
    with pytest.raises(EngineError, match="vidindex rebuild"):
        VectorFolder(tmp_path / "gist-1", dim=DIM).nearest(axis(0), limit=1)


def test_a_link_in_place_of_the_folder_or_a_file_is_refused(tmp_path: Path) -> None:
    VectorFolder(tmp_path / "other", dim=DIM, create=True)
    (tmp_path / "gist-1").symlink_to(tmp_path / "other")
    with pytest.raises(EngineError, match="is a link"):
        VectorFolder(tmp_path / "gist-1", dim=DIM)
