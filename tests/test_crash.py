"""What was added survives a kill at any moment, and the next run completes it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import vidindex
from tests.conftest import webvtt

ROOT = Path(vidindex.__file__).parents[1]
FILES = 60


def make_folder(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        lines = [f"in talk {number} the speaker said word{number}x{at} and then went on" for at in range(120)]
        (folder / f"talk{number}.en.vtt").write_text(webvtt(lines), encoding="utf-8")


def start_adding(index: Path, folder: Path, engine: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "vidindex", "--index", index, "add", "--engine", engine, "-q", folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_run_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path, engine: str) -> None:
    make_folder(tmp_path / "talks")
    chance = random.Random(7)
    for _ in range(6):
        process = start_adding(tmp_path / "index", tmp_path / "talks", engine)
        time.sleep(chance.uniform(0.2, 1.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with vidindex.open(tmp_path / "index", engine=engine) as index:  # it opens, and answers
            index.search("the speaker said")
    assert start_adding(tmp_path / "index", tmp_path / "talks", engine).wait(timeout=120) == 0
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
            index.search("the speaker said")  # searching goes on meanwhile
    assert [process.returncode for process in both] == [0, 0]
    with vidindex.open(tmp_path / "index") as index:
        assert len(list(index.videos())) == FILES + 1
        assert index.find_damage() == []
        assert [hit.video.id for hit in index.search("nobody expected the other process")] == ["file:extra"]
        assert [hit.video.id for hit in index.search('"word7x60"')] == ["file:talk7"]
