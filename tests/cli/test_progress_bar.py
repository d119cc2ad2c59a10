"""Commands that take long show a bar on a terminal, few lines elsewhere, and after Ctrl-C what was done."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.terminals import run_on_terminal, visible_text
from vidindex.cli.progress_bar import format_rate, format_time_left

_FILES = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of many caption files."""
    folder = tmp_path / "talks"
    folder.mkdir()
    for number in range(_FILES):
        text = f"WEBVTT\n\n00:01.000 --> 00:02.000\nthis is talk {number}\n"
        (folder / f"talk-{number:03}.en.vtt").write_text(text, encoding="utf-8")
    return folder


def test_add_of_a_large_folder_prints_few_lines_if_its_output_is_piped(run: Run, folder: Path) -> None:
    first, again = run("add", folder), run("add", folder)

    for added in (first, again):
        assert added.returncode == 0
        assert len(added.stderr.splitlines()) < 30
        assert "further ones are counted" in added.stderr
    assert first.stdout == f"{_FILES} videos added\n"
    assert len(run("--verbose", "add", folder).stderr.splitlines()) >= _FILES


def test_add_shows_a_bar_with_the_count_on_a_terminal(folder: Path, tmp_path: Path) -> None:
    code, output = run_on_terminal("--index", tmp_path / "index", "add", folder, columns=100)

    assert code == 0
    assert re.search(rf"adding .*\d+/{_FILES}", visible_text(output))
    assert visible_text(output).rstrip().endswith(f"{_FILES} videos added")


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_rebuild_and_migrate_show_a_bar_on_a_terminal(run: Run, folder: Path, tmp_path: Path, engine: str) -> None:
    run("add", "--quiet", folder)

    _, rebuilt = run_on_terminal("--index", tmp_path / "index", "rebuild", "--engine", engine)
    _, migrated = run_on_terminal("migrate", tmp_path / "index", tmp_path / "copy")

    assert re.search(rf"parsing .*/{_FILES}", visible_text(rebuilt))
    assert f"rebuilt with {engine}: {_FILES} tracks" in visible_text(rebuilt)
    assert re.search(rf"copying .*/{_FILES}", visible_text(migrated))


def test_ctrl_c_says_what_was_done_and_how_to_continue(run: Run, folder: Path, tmp_path: Path) -> None:
    for number in range(2000):  # far more than are added before the signal arrives
        (folder / f"more-{number:04}.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nmore\n", encoding="utf-8")
    signals: list[int] = []

    def interrupt(pid: int, output: str) -> None:
        if "further ones" in output and not signals:
            signals.append(pid)
            os.kill(pid, signal.SIGINT)

    code, output = run_on_terminal("--index", tmp_path / "index", "add", folder, on_output=interrupt)

    text = visible_text(output)
    assert code == 130
    assert (said := re.search(r"(\d+) indexed before the interrupt", text))
    assert "run the same command again to continue" in text
    stats = run("stats", "--json").stdout
    assert f'"videos": {said[1]}' in stats or f'"videos": {int(said[1]) + 1}' in stats


def test_a_failure_for_now_is_continued_by_batch(run: Run) -> None:
    added = run("add", "http://127.0.0.1:9/", "--allow-private")

    assert "will retry" in added.stderr
    assert "1 link waits for a retry; run `vidindex batch` to continue" in added.stderr


def test_rates_and_times_are_readable_at_any_speed() -> None:
    assert [format_rate(rate) for rate in (12.34, 0.5, 0.01)] == ["12.3/s", "30.0/min", "36.0/h"]
    assert [format_time_left(time) for time in (5, 65, 3700, 90_000)] == ["5 s", "1 min 5 s", "1 h 1 min", "1 d 1 h"]
