"""Added videos survive a kill at any moment, and the next run completes the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import vidindex
from tests.conftest import webvtt
from tests.processes import HANG_S, Process, kill, read_until, start_process, start_vidindex

FILES = 60

_SCRIPT = """
import sys
import vidindex

place, engine, talks, stop_at = sys.argv[1:]
steps = 0

def report(point):
    print(point + ".", flush=True)
    if point == stop_at:
        sys.stdin.readline()

def report_step(progress):
    global steps
    steps += 1
    report(f"step {steps}")

with vidindex.open(place, engine=engine) as index:
    store = index._store
    cut_passages, confirm_indexed = store.cut_passages, store.confirm_indexed

    def report_passages(tracks):
        for number, passage in enumerate(cut_passages(tracks)):
            report(f"passage {number}")
            yield passage
        report("written")

    def report_commit(tracks, dropped):
        report("committed")
        confirm_indexed(tracks, dropped)

    store.cut_passages, store.confirm_indexed = report_passages, report_commit
    index.add(talks, notify=report_step)
"""
"""Adds a folder, prints how far it is, and waits for its end at one point."""


def make_folder(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        lines = [f"in talk {number} the speaker said word{number}x{at} and then went on" for at in range(120)]
        (folder / f"talk{number}.en.vtt").write_text(webvtt(lines), encoding="utf-8")


def start_adding(index: Path, folder: Path, engine: str) -> Process:
    return start_vidindex("--index", index, "add", "--engine", engine, "-q", folder)


def start_reporting(index: Path, folder: Path, engine: str, stop_at: str = "") -> Process:
    command: list[str | Path] = [sys.executable, "-c", _SCRIPT, index, engine, folder, stop_at]
    return start_process(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)


def check_usable(index: Path, engine: str) -> None:
    """Check that the index can be opened and searched."""
    with vidindex.open(index, engine=engine) as opened:
        opened.search("the speaker said")


def test_a_run_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path, engine: str) -> None:
    make_folder(tmp_path / "talks")
    points = ("step 1", "step 10", "step 30", f"step {FILES}", "passage 0", "passage 100", "written", "committed")
    for point in points:
        process = start_reporting(tmp_path / "index", tmp_path / "talks", engine, stop_at=point)
        read_until(process, process.stdout, f"{point}.")
        kill(process)
        check_usable(tmp_path / "index", engine)
    for _ in range(2):  # without a stop: somewhere in the commit, or soon after it
        process = start_reporting(tmp_path / "index", tmp_path / "talks", engine)
        with process:
            assert process.stdout is not None
            any(line == "written.\n" for line in process.stdout)
            process.kill()
        check_usable(tmp_path / "index", engine)
    last = start_adding(tmp_path / "index", tmp_path / "talks", engine)
    _, errors = last.communicate(timeout=HANG_S)
    assert (last.returncode, errors) == (0, "")
    with vidindex.open(tmp_path / "index") as index:
        assert len(list(index.videos())) == FILES
        assert index.find_damage() == []
        for number in range(FILES):
            hits = index.search(f'"said word{number}x60 and then"')
            assert [(hit.video.id, hit.start_ms // 4000) for hit in hits] == [(f"file:talk{number}", 60)]


def test_two_runs_that_add_at_once_both_finish(tmp_path: Path, engine: str) -> None:
    make_folder(tmp_path / "talks")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "extra.en.vtt").write_text(webvtt(["nobody expected the other process"]), encoding="utf-8")
    both = [start_adding(tmp_path / "index", tmp_path / name, engine) for name in ("talks", "more")]
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        while any(process.poll() is None for process in both):
            index.search("the speaker said")  # searches work meanwhile
    assert [(process.communicate()[1], process.returncode) for process in both] == [("", 0)] * 2
    with vidindex.open(tmp_path / "index") as index:
        assert len(list(index.videos())) == FILES + 1
        assert index.find_damage() == []
        assert [hit.video.id for hit in index.search("nobody expected the other process")] == ["file:extra"]
        assert [hit.video.id for hit in index.search('"word7x60"')] == ["file:talk7"]
