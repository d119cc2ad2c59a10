"""The folder of an index that another person prepared: nothing is executed, and no other file is changed."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import vidindex
from vidindex.config import STORE_FILE
from vidindex.engines import delete_engine, installed_engines
from vidindex.engines.folders import is_deletable, is_engine_name
from vidindex.errors import EngineError, IndexLocationError
from vidindex.library import rebuild_index
from vidindex.store.opensearch.endpoint import ClusterEndpoint, parse_endpoint

WORDS = "the moment in which the roof of the old market hall came down"

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
needs_tantivy = pytest.mark.skipif("tantivy" not in installed_engines(), reason="tantivy is not installed")


@pytest.fixture
def captions(write: Callable[..., Path]) -> Path:
    return write("talk.en.vtt", *[WORDS] * 30)


@pytest.fixture
def folder(tmp_path: Path, captions: Path, engine: str) -> Path:
    """The folder of an honest index."""
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(captions)
    return tmp_path / "index"


@pytest.fixture
def whoosh_folder(tmp_path: Path, captions: Path) -> Path:
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(captions)
    return tmp_path / "index" / "whoosh-1"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder of the user, with a file."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    return folder


def is_unharmed(victim: Path) -> bool:
    return [path.name for path in victim.iterdir()] == ["precious.txt"] and (
        victim / "precious.txt"
    ).read_text() == "precious"


def change_setting(folder: Path, key: str, value: str) -> None:
    with sqlite3.connect(folder / STORE_FILE) as sql:
        sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
    sql.close()


def search(folder: Path) -> int:
    with vidindex.open(folder, create=False) as index:
        return len(index.search(WORDS))


def add(folder: Path, captions: Path) -> None:
    with vidindex.open(folder) as index:
        index.add(captions)


# Settings


@pytest.mark.parametrize("name", ["../victim", "whoosh-1/../../victim", ".", "", "whoosh-", "whoosh-1\n", "tantivy-1²"])
def test_only_names_of_engines_are_accepted(name: str) -> None:
    assert not is_engine_name(Path("index"), name)
    assert not is_deletable(Path("index") / name)


def test_names_of_engines_are_accepted() -> None:
    assert is_engine_name(Path("index"), "whoosh-1")
    assert is_engine_name(Path("index"), "tantivy-123456789")
    assert not is_engine_name(Path("index"), "opensearch-1")


@pytest.mark.parametrize("name", ["*", "opensearch-*", "opensearch-1,logs", "meta", "opensearch-1-commits"])
def test_only_names_of_engines_are_accepted_on_a_cluster(name: str) -> None:
    endpoint = parse_endpoint("opensearch+http://h:1/talks")
    assert isinstance(endpoint, ClusterEndpoint)
    assert is_engine_name(endpoint, "opensearch-12")
    assert not is_engine_name(endpoint, name)
    assert not is_deletable(parse_endpoint("opensearch+http://h:1/talks-tasks"))


@pytest.mark.parametrize("key", ["engine_folder", "engine_left"])
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
def test_a_setting_that_names_another_folder_never_deletes_it(
    key: str, absolute: bool, folder: Path, victim: Path, captions: Path, write: Callable[..., Path]
) -> None:
    change_setting(folder, key, str(victim) if absolute else "../victim")
    if key == "engine_folder":
        with pytest.raises(EngineError, match="rebuild"):
            search(folder)
        with pytest.raises(EngineError, match="rebuild"):
            add(folder, write("second.en.vtt", WORDS))
    else:
        add(folder, write("second.en.vtt", WORDS))
    assert is_unharmed(victim)
    assert rebuild_index(folder) == []
    assert is_unharmed(victim)
    assert search(folder)


def test_the_folder_of_an_engine_in_use_is_not_deleted_as_a_retired_one(folder: Path, engine: str) -> None:
    change_setting(folder, "engine_left", f"{engine}-1")
    with vidindex.open(folder) as index:
        index.flush()
        assert index.search(WORDS)


def test_a_rebuild_continues_after_the_highest_number(folder: Path, engine: str) -> None:
    shutil.move(folder / f"{engine}-1", folder / f"{engine}-999999999")
    change_setting(folder, "engine_folder", f"{engine}-999999999")
    assert search(folder)
    assert rebuild_index(folder) == []
    assert search(folder)


def test_other_folders_are_not_deleted(victim: Path) -> None:
    delete_engine(victim)
    link = victim.parent / "whoosh-1"
    link.symlink_to(victim)
    delete_engine(link)
    assert is_unharmed(victim)


# Links and other files


def test_an_engine_folder_that_is_a_link_is_refused_and_left_alone(
    folder: Path, engine: str, victim: Path, captions: Path, write: Callable[..., Path]
) -> None:
    moved = victim.parent / "elsewhere"
    shutil.move(folder / f"{engine}-1", moved)
    (folder / f"{engine}-1").symlink_to(moved)
    before = sorted(path.name for path in moved.iterdir())
    with pytest.raises(EngineError, match="is a link"):
        add(folder, write("second.en.vtt", WORDS))
    assert rebuild_index(folder) == []
    assert sorted(path.name for path in moved.iterdir()) == before
    assert search(folder)


def test_the_temporary_folder_of_whoosh_is_not_emptied_through_a_link(
    whoosh_folder: Path, victim: Path, write: Callable[..., Path]
) -> None:
    (whoosh_folder / "MAIN.tmp").symlink_to(victim)
    with pytest.raises(EngineError, match="not a regular file"):
        add(whoosh_folder.parent, write("second.en.vtt", WORDS))
    assert is_unharmed(victim)


def test_a_fifo_in_an_engine_folder_does_not_block(folder: Path, engine: str) -> None:
    os.mkfifo(folder / f"{engine}-1" / "_MAIN_99.toc")
    with pytest.raises(EngineError, match="not a regular file"):
        search(folder)


@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_a_lock_file_is_neither_followed_nor_waited_for(
    kind: str, folder: Path, victim: Path, write: Callable[..., Path]
) -> None:
    (folder / "engine.lock").unlink(missing_ok=True)
    if kind == "link":
        (folder / "engine.lock").symlink_to(victim / "created")
    else:
        os.mkfifo(folder / "engine.lock")
    with pytest.raises(IndexLocationError, match="not writable"):
        add(folder, write("second.en.vtt", WORDS))
    assert is_unharmed(victim)


@needs_tantivy
def test_tantivy_deletes_no_file_elsewhere(
    tmp_path: Path, captions: Path, victim: Path, write: Callable[..., Path]
) -> None:
    """A commit of tantivy deletes the files that are on this list and that no segment needs."""
    with vidindex.open(tmp_path / "index", engine="tantivy") as index:
        index.add(captions)
    managed = tmp_path / "index" / "tantivy-1" / ".managed.json"
    names = [*json.loads(managed.read_text()), "../../victim/precious.txt", str(victim / "precious.txt")]
    managed.write_text(json.dumps(names))
    with pytest.raises(EngineError, match="list of files"):
        add(tmp_path / "index", write("second.en.vtt", WORDS))
    assert is_unharmed(victim)


@needs_tantivy
@pytest.mark.parametrize(
    "change",
    [
        lambda meta: meta["segments"][0].update(max_doc=4_294_967_295),
        lambda meta: meta["segments"][0].update(max_doc=-1),
        lambda meta: meta["segments"][0].update(segment_id="../../victim"),
        lambda meta: meta["schema"].pop(),
        lambda meta: meta["schema"][0].update(type="text"),
        lambda meta: meta["index_settings"].update(docstore_blocksize=1 << 40),
        lambda meta: meta.pop("segments"),
        lambda meta: meta.update(segments=7),
    ],
)
def test_a_damaged_list_of_segments_is_an_engine_error(
    change: Callable[[dict[str, Any]], object], tmp_path: Path, captions: Path
) -> None:
    with vidindex.open(tmp_path / "index", engine="tantivy") as index:
        index.add(captions)
    listing = tmp_path / "index" / "tantivy-1" / "meta.json"
    meta = json.loads(listing.read_text())
    change(meta)
    listing.write_text(json.dumps(meta))
    with pytest.raises(EngineError, match="rebuild"):
        search(tmp_path / "index")


# The files of whoosh


class Creating:
    """A value whose pickle creates a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def replace_segments(whoosh_folder: Path, pickled: bytes) -> None:
    """Replace the list of segments in the commit of an index."""
    (commit,) = whoosh_folder.glob("*.toc")
    data = commit.read_bytes()
    commit.write_bytes(data[: data.rindex(b"\x80\x05")] + pickled)


@pytest.mark.parametrize("part", ["segments", "schema"])
def test_a_pickle_in_an_index_is_not_executed(
    part: str, whoosh_folder: Path, tmp_path: Path, write: Callable[..., Path]
) -> None:
    pickled = pickle.dumps(Creating(tmp_path / "executed"))
    if part == "segments":
        replace_segments(whoosh_folder, pickled)
    else:
        (commit,) = whoosh_folder.glob("*.toc")
        data = commit.read_bytes()
        # The length of the schema is a number of two bytes after the header; the pickle ends at its STOP.
        size = (data[14] & 0x7F) | data[15] << 7
        commit.write_bytes(data[:16] + pickled.ljust(size, b".") + data[16 + size :])
    for attempt in (search, lambda folder: add(folder, write("second.en.vtt", WORDS))):
        with suppress(EngineError):  # the schema is ours, and never read
            attempt(whoosh_folder.parent)
    assert not (tmp_path / "executed").exists()
    assert rebuild_index(whoosh_folder.parent) == []
    assert not (tmp_path / "executed").exists()
    assert search(whoosh_folder.parent)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"(_doccount\x94)K.", b"K\xff"),
        (rb"(_doccount\x94)K.", b"J\xff\xff\xff\x7f"),
        (rb"(_doccount\x94)K.", b"J\xff\xff\xff\xff"),
        (rb"(_deleted\x94)N", b"\x8f(K\xff\x90"),
        (rb"(_deleted\x94)N", b"]"),
        (rb"(MAI)N", b"L"),
        (rb"(W3Segmen)t", b"s"),
    ],
    ids=["count", "large-count", "negative-count", "deleted", "deleted-list", "name", "class"],
)
def test_a_segment_that_is_not_ours_is_an_engine_error(old: bytes, new: bytes, whoosh_folder: Path) -> None:
    (commit,) = whoosh_folder.glob("*.toc")
    data = commit.read_bytes()
    at = data.rindex(b"\x80\x05")
    changed, count = re.subn(
        old, lambda found: found[1] + new, data[at + 11 :], flags=re.DOTALL
    )  # without the length of the frame
    assert count
    commit.write_bytes(data[:at] + b"\x80\x05" + changed)
    with pytest.raises(EngineError, match="rebuild"):
        search(whoosh_folder.parent)


def test_a_segment_elsewhere_is_not_opened(whoosh_folder: Path) -> None:
    (commit,) = whoosh_folder.glob("*.toc")
    (terms,) = whoosh_folder.glob("*.trm")
    name = terms.stem.removeprefix("MAIN_").encode()
    commit.write_bytes(commit.read_bytes().replace(name, b"../../victim/xxx"))
    with pytest.raises(EngineError, match="invalid name"):
        search(whoosh_folder.parent)


def write_terms(path: Path, block: bytes, *, offsets: int = 1, first_keys: bytes = b"a") -> None:
    """Write a terms file with one compressed block."""
    footer = struct.pack("<QQQ4s", len(block), len(block) + 8 * offsets, len(first_keys), b"vix1")
    path.write_bytes(block + bytes(8 * offsets) + first_keys + footer)


def damage_terms(path: Path, kind: str) -> None:
    match kind:
        case "bomb":
            write_terms(path, zlib.compress(bytes(300_000_000), 9))
        case "sparse":
            with path.open("wb") as file:
                file.truncate(3 << 30)
                file.seek(0, os.SEEK_END)
                file.write(struct.pack("<QQQ4s", 0, 3 << 30, 0, b"vix1"))
        case "counts":
            write_terms(path, zlib.compress(struct.pack("<HI", 65_535, 0xFFFFFFFF)))
        case "empty":
            path.write_bytes(b"")
        case "offsets":
            write_terms(path, b"", offsets=400_000)


@needs_proc
@pytest.mark.parametrize("kind", ["bomb", "sparse", "counts", "empty", "offsets"])
def test_a_damaged_terms_file_is_an_engine_error_within_little_memory(kind: str, whoosh_folder: Path) -> None:
    (terms,) = whoosh_folder.glob("*.trm")
    damage_terms(terms, kind)
    assert_engine_error_in_little_memory(whoosh_folder.parent, WORDS)


@needs_proc
def test_a_compressed_text_is_limited(whoosh_folder: Path) -> None:
    (texts,) = whoosh_folder.glob("*.text.col")
    (ids,) = whoosh_folder.glob("*.ids")
    count = ids.stat().st_size // 8
    bomb = zlib.compress(bytes(300_000_000), 9)
    texts.write_bytes(bomb + struct.pack(">I", len(bomb)) * count + bytes(4 * count) + b"IIX")
    assert_engine_error_in_little_memory(whoosh_folder.parent, f'"{WORDS}"')


def assert_engine_error_in_little_memory(folder: Path, query: str) -> None:
    """Search in a new process, and check its error and the maximum of its memory."""
    code = (
        "import pathlib, re, resource, sys, vidindex\n"
        "from vidindex.errors import EngineError\n"
        "try:\n"
        "    vidindex.open(sys.argv[1], create=False).search(sys.argv[2])\n"
        "except EngineError as error:\n"
        "    print(error)\n"
        # On Linux, `ru_maxrss` includes the memory of the process that started this one.
        "status = pathlib.Path('/proc/self/status')\n"
        "peak = re.search(r'VmHWM:\\s*(\\d+)', status.read_text()) if status.exists() else None\n"
        "print(int(peak[1]) if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, folder, query], capture_output=True, text=True, check=True)
    message, peak_kb = done.stdout.splitlines()
    assert "rebuild" in message
    assert int(peak_kb) < 200_000
