"""Indexing in worker processes: the same index as without, and failures of one file only."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.processes import HANG_S, wait_until
from vidindex.engines.gist.vector_folder import VectorFolder
from vidindex.engines.track_passages import TrackPassages
from vidindex.ingest import flush
from vidindex.resolve.tracks import FoundTrack
from vidindex.store.prepared_track import TrackPreparer
from vidindex.transcripts import workers
from vidindex.transcripts.workers import JobPool

WORDS = [
    f"{a}{b}" for a in ("ka", "lo", "mi", "ne", "ru", "so", "ta", "vi") for b in ("ben", "dor", "fil", "gan", "ham")
]
FILES = 8


def write_captions(folder: Path, *, files: int = FILES, words: int = 400) -> None:
    """Write caption files; one is empty, one is not captions, one has speakers and one a repaired time."""
    folder.mkdir()
    rng = random.Random(1)
    for number in range(files):
        lines = ["WEBVTT"]
        for cue in range(words // 8):
            said = " ".join(rng.choices(WORDS, k=8))
            voice = f"<v Speaker {cue % 3}>" if number == 3 else ""
            lines.append(
                f"\n00:{cue // 60:02}:{cue % 60:02}.000 --> 00:{cue // 60:02}:{cue % 60:02}.900\n{voice}{said}"
            )
        (folder / f"talk{number:02}.en.vtt").write_text("\n".join(lines))
    (folder / "empty.en.vtt").write_text("WEBVTT\n")
    (folder / "noise.en.vtt").write_bytes(bytes(range(256)) * 40)


@pytest.fixture
def start_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start workers for the first byte, and make the first tracks searchable while others are added."""
    monkeypatch.setattr(workers.pool, "START_AFTER_BYTES", 1)
    monkeypatch.setattr(flush, "FLUSH_AFTER_WORDS", 1)
    monkeypatch.setattr(flush, "_CHECK_EVERY_S", 0.0)


@pytest.fixture(autouse=True)
def no_defects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if the work of a worker is done again in this process."""
    take = TrackPassages._take

    def take_first(passages: TrackPassages, future: Future[list[bytes]], *args: Any) -> Sequence[bytes]:
        future.result()
        return take(passages, future, *args)

    monkeypatch.setattr(TrackPassages, "_take", take_first)


def add(folder: Path, target: Path, engine: str, jobs: int) -> vidindex.AddReport:
    with vidindex.open(folder, engine=engine) as index:
        return index.add(target, jobs=jobs)


def dump_rows(folder: Path) -> dict[str, list[object]]:
    """Return all rows of a store, but times at which something was done."""
    with sqlite3.connect(folder / "store.sqlite3") as sql:
        sql.execute("UPDATE video SET checked = 0")
        tables = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        kept = [name for name in tables if "text" not in name]
        rows = {name: sorted(sql.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in kept}
    # The checksum of a video covers the time, too.
    rows["checksum"] = [row for row in rows["checksum"] if row[0] != "video"]
    rows["meta"] = [row for row in rows["meta"] if row[0] != "texts"]  # "texts" is a random number
    return rows


def search_all(folder: Path, engine: str) -> list[object]:
    with vidindex.open(folder, engine=engine) as index:
        queries = [*WORDS[::7], " ".join(WORDS[:2]), "speaker:2 kaben", f"{WORDS[3]} AND {WORDS[9]}"]
        return [[(hit.video.id, hit.start_ms, hit.text, hit.score) for hit in index.search(query)] for query in queries]


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_the_index_is_the_same_whatever_the_number_of_jobs(tmp_path: Path, start_early: None, engine: str) -> None:
    write_captions(tmp_path / "captions")
    reports = [add(tmp_path / f"index{jobs}", tmp_path / "captions", engine, jobs) for jobs in (1, 3)]

    assert reports[0] == reports[1]
    assert len(reports[0].videos) == FILES
    assert dump_rows(tmp_path / "index1") == dump_rows(tmp_path / "index3")
    assert search_all(tmp_path / "index1", engine) == search_all(tmp_path / "index3", engine)


def test_a_rebuild_and_a_copy_are_the_same_whatever_the_number_of_jobs(tmp_path: Path, start_early: None) -> None:
    write_captions(tmp_path / "captions", files=4)
    add(tmp_path / "index", tmp_path / "captions", "tantivy", 1)
    before = dump_rows(tmp_path / "index")
    with vidindex.open(tmp_path / "index") as index:
        assert index.rebuild(jobs=2) == []
    migrated = vidindex.migrate(tmp_path / "index", tmp_path / "copy", jobs=2)

    assert migrated.verified
    for name in ("block", "track", "video", "dropped", "checksum"):
        assert dump_rows(tmp_path / "index")[name] == before[name]
    bodies = [[row[1] for row in rows["block"]] for rows in (before, dump_rows(tmp_path / "copy"))]  # type: ignore[index]
    assert sorted(bodies[0]) == sorted(bodies[1])
    assert search_all(tmp_path / "copy", "tantivy") == search_all(tmp_path / "index", "tantivy")


def dump_vectors(index: vidindex.Index) -> list[bytes]:
    """Return the vectors of an index, whatever its tracks are called."""
    opened = index._gist_handle.current()
    assert opened is not None
    assert isinstance(opened.vectors, VectorFolder)
    return sorted(row.tobytes() for part in opened.vectors._open_parts() for row in part.vectors.rows)


def test_workers_make_the_same_vectors(tmp_path: Path, start_early: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wordllama", reason="the extra `gist` is not installed")
    write_captions(tmp_path / "captions", files=3)
    with vidindex.open(tmp_path / "index") as index:
        index.rebuild(gist=True, jobs=1)
        with monkeypatch.context() as patch:
            patch.setattr("vidindex.engines.gist.writer.embed_tracks", lambda *_: pytest.fail("made in this process"))
            index.add(tmp_path / "captions", jobs=2)
            made_by_workers = dump_vectors(index)
        index.rebuild(jobs=1)
        assert dump_vectors(index) == made_by_workers
        assert len(made_by_workers) == index.stats().vectors >= 3


def test_threads_share_a_pool(start_early: None) -> None:
    track = vidindex.Track("en", "manual", "vtt")

    def count_words(number: int) -> int:
        said = " ".join(WORDS[:number])
        raw = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n".encode()
        return TrackPreparer(pool).prepare(track, raw).packed.words

    with JobPool(2) as pool, ThreadPoolExecutor(6) as threads:
        assert list(threads.map(count_words, range(1, 30))) == list(range(1, 30))


def test_workers_read_the_captions_of_videos_on_sites(start_early: None) -> None:
    """Their tracks have what the download needed, too."""
    track = FoundTrack("en", "automatic", "vtt", data=b"", allowed_private_hosts=frozenset({"127.0.0.1"}))
    with JobPool(2) as pool:
        prepared = TrackPreparer(pool).prepare(track, b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n")

    assert prepared.packed.words == 1


def test_adding_again_changes_nothing_and_starts_no_process(
    tmp_path: Path, start_early: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_captions(tmp_path / "captions", files=3)
    (tmp_path / "captions" / "noise.en.vtt").unlink()
    (tmp_path / "captions" / "empty.en.vtt").unlink()
    add(tmp_path / "index", tmp_path / "captions", "tantivy", 2)
    monkeypatch.setattr(workers.pool, "_start_child", lambda: pytest.fail("it started a process"))
    report = add(tmp_path / "index", tmp_path / "captions", "tantivy", 2)

    assert (len(report.unchanged), report.videos, report.failures) == (3, (), ())


def test_a_small_folder_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_captions(tmp_path / "captions")
    monkeypatch.setattr(workers.pool, "_start_child", lambda: pytest.fail("it started a process"))

    assert len(add(tmp_path / "index", tmp_path / "captions", "tantivy", 4).videos) == FILES


def stop_in_worker(parts: list[bytes]) -> list[bytes]:
    """Kill this process, which is a worker, if the captions say so."""
    from vidindex.store.prepared_track import prepare_in_worker

    if b"KILL" in parts[1]:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"ALLOCATE" in parts[1]:
        bytearray(2_000_000_000)
    if b"SPIN" in parts[1]:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 1, 500))
        while True:
            pass
    return prepare_in_worker(parts)


def test_a_file_that_ends_its_worker_fails_and_the_others_are_added(
    tmp_path: Path, start_early: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "captions"
    folder.mkdir()
    for name in ("a", "KILL", "b", "ALLOCATE", "c", "SPIN", "d"):
        (folder / f"{name}.en.vtt").write_text(f"WEBVTT\n\n00:01.000 --> 00:02.000\nThis is {name}\n")
    monkeypatch.setattr(
        "vidindex.ingest.videos.TrackPreparer", lambda pool: TrackPreparer(pool, f"{__name__}:stop_in_worker")
    )
    report = add(tmp_path / "index", folder, "tantivy", 2)

    assert len(report.videos) == 4
    assert [failure.reason for failure in sorted(report.failures, key=lambda failure: failure.target)] == [
        "it takes too much memory",
        "the process that read it was ended (signal 9); add it again",
        "it takes too much processor time",
    ]


def test_a_defect_of_a_worker_is_one_of_this_process(start_early: None) -> None:
    track = vidindex.Track("en", "manual", "vtt")
    with JobPool(2) as pool:
        preparer = TrackPreparer(pool, "vidindex.model:no_such_function")
        prepared = preparer.prepare(track, b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n")

    assert prepared.packed.words == 1


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from vidindex.transcripts.workers import JobPool\n"
        "pool = JobPool(2, start_after_bytes=0)\n"
        "print(int(pool.submit('os:getpid_of', []).exception() is not None), flush=True)\n"
        "print(*[worker._child.pid for worker in pool._workers if worker._child], flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        (child,) = map(int, parent.stdout.readline().split())
        parent.kill()
    wait_until(lambda: has_ended(child))


def has_ended(process: int) -> bool:
    """Return whether a process that is not a child of this one has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_forever(parts: list[bytes]) -> list[bytes]:
    """Never return."""
    signal.pause()
    return parts


def test_closing_a_pool_ends_work_and_processes() -> None:
    with JobPool(2, start_after_bytes=0) as pool:
        job = pool.submit("time:sleep", [])  # it fails: a list is not a number
        assert isinstance(job.exception(timeout=HANG_S), vidindex.JobError)
        children = [worker._child for worker in pool._workers if worker._child]
        waiting = [pool.submit(f"{__name__}:wait_forever", []) for _ in range(5)]
    assert children
    assert all(isinstance(each.exception(timeout=HANG_S), vidindex.JobError) for each in waiting)
    assert all(child.poll() is not None for child in children)
    with pytest.raises(vidindex.JobError):
        pool.submit("time:sleep", [])
