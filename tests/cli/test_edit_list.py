"""`vidindex edit-list`."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Run
from tests.conftest import webvtt

LINES = ("Good evening everyone.", "I never took the time off.", "It was music after music.", "I took the time off.")


@pytest.fixture
def indexed(run: Run, tmp_path: Path) -> Path:
    """The folder of an index of captions, beside which lies something that is named like a film."""
    (tmp_path / "talk.en.vtt").write_text(webvtt(LINES))
    (tmp_path / "talk.mp4").write_bytes(b"not a film")
    assert run("add", tmp_path / "talk.en.vtt").returncode == 0
    return tmp_path


def test_the_hits_of_a_search_are_listed(run: Run, indexed: Path) -> None:
    words = ("--search", "took the time off", "--exact", "--pad", "1", "--rate", "25")
    done = run("edit-list", *words, "--format", "fcpxml", "-o", "cut.fcpxml", "--title", "Off")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "wrote 2 moments to cut.fcpxml\n"
    root = ElementTree.parse(indexed / "cut.fcpxml").getroot()
    assert [clip.get("name") for clip in root.iter("asset-clip")] == ["took the time off.", "took the time off."]
    assert [film.get("src") for film in root.iter("media-rep")] == [(indexed / "talk.mp4").as_uri()]
    by_time = run("edit-list", *words, "--format", "edl", "--order", "time").stdout
    starts = re.findall(r" C +(\S+)", by_time)
    assert starts == sorted(starts)


def test_times_of_a_film_are_listed_without_an_index(run: Run, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"not a film")
    times = ("--from", "1:30", "--to", "1:32.5", "--from", "0:10", "--to", "0:11")
    edl = run("edit-list", "film.mp4", *times, "--format", "edl", "--rate", "29.97", "--start-timecode", "00:00:00:00")
    assert edl.returncode == 0
    assert "FILM     AA/V  C        00:01:29:27 00:01:32:12 00:00:00:00 00:00:02:15\n" in edl.stdout


def test_hits_of_another_command_are_listed_in_their_order(
    run: Run, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run("search", "--json", "took the time off").stdout
    (indexed / "hits.jsonl").write_text(found)
    with (indexed / "hits.jsonl").open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        playlist = run("edit-list", "-", "--format", "m3u").stdout
    assert playlist.count("#EXTVLCOPT:start-time=") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "edl"], "the frame rate of the films is not known"),
        (["--format", "edl", "--rate", "25", "--start-timecode", "1h"], "is not HH:MM:SS:FF"),
        (["--format", "m3u", "-o", "no/folder.m3u8"], "cannot write no/folder.m3u8"),
    ],
)
def test_what_is_missing_is_said(run: Run, indexed: Path, words: list[str], message: str) -> None:
    done = run("edit-list", "--search", "took the time off", *words)
    assert done.returncode == 2
    assert message in done.stderr


def test_no_moments_are_no_list(run: Run, indexed: Path) -> None:
    done = run("edit-list", "--search", "seven purple submarines", "--format", "m3u", "-o", "none.m3u8")
    assert (done.returncode, done.stderr) == (1, "no moments found\n")
    assert not (indexed / "none.m3u8").exists()
