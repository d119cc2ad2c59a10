"""The frame rates and the time codes of films, read with ffprobe."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import vidindex
from tests.clips.edit_lists.readers import read_edl, read_fcpxml
from vidindex.clips.edit_lists.film_times import FilmTimes, read_film_times
from vidindex.clips.moments import ClipMoment
from vidindex.errors import OptionError
from vidindex.model import Video

Make = Callable[..., Path]


@pytest.fixture
def make(ffmpeg: str, tmp_path: Path) -> Make:
    """Return a function that makes a film of two seconds at a frame rate."""

    def make_film(name: str, rate: str, *options: str) -> Path:
        path = tmp_path / name
        source = f"color=s=32x32:r={rate}:d=2"
        command = ["ffmpeg", "-y", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "mpeg4", *options, str(path)]
        subprocess.run(command, check=True)
        return path

    return make_film


def moment(path: Path | None, start_ms: int = 1_000) -> ClipMoment:
    video = Video("site:a", "https://video.example/a", "A film")
    return ClipMoment(video, start_ms, start_ms + 500, media=path)


@pytest.mark.parametrize(
    ("rate", "timecode", "expected"),
    [
        ("30000/1001", "10:00:00;00", ("29.97df", "10:00:00;00")),
        ("30000/1001", "10:00:00:00", ("29.97", "10:00:00:00")),
        ("25", "", ("25", "")),
        ("24000/1001", "", ("23.976", "")),
        ("15", "", (None, "")),
    ],
)
def test_a_film_tells_its_frame_rate_and_time_code(
    make: Make, rate: str, timecode: str, expected: tuple[str | None, str]
) -> None:
    path = make("film.mov", rate, *(["-timecode", timecode] if timecode else []))
    (times,) = read_film_times([moment(path), moment(path)]).values()
    assert (times.rate, times.timecode) == expected
    assert abs(times.duration_ms - 2_000) < 100


def test_a_list_has_the_frame_rate_and_the_time_code_of_the_film(make: Make) -> None:
    path = make("film.mov", "30000/1001", "-timecode", "10:00:00;00")
    edl = vidindex.write_edit_list([moment(path)], "edl")
    assert "FCM: DROP FRAME" in edl
    assert "10:00:01;00 10:00:01;15 01:00:00;00 01:00:00;15" in edl
    assert len(read_edl(edl, "29.97df")) == 1
    (event,) = read_fcpxml(vidindex.write_edit_list([moment(path)], "fcpxml"), "29.97df")
    assert event.media == path.as_uri()
    assert event.start == 10 * 107_892 + 30


def test_a_film_that_cannot_be_read_needs_a_frame_rate_only(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"not a film")
    assert read_film_times([moment(path)]) == {path: FilmTimes(path)}
    with pytest.raises(OptionError, match="state it, such as 25"):
        vidindex.write_edit_list([moment(path)], "edl")
    assert "00:00:01:00 00:00:01:13" in vidindex.write_edit_list([moment(path)], "edl", rate="25")


def test_a_rate_is_not_guessed(make: Make, tmp_path: Path) -> None:
    first, second = make("a.mp4", "25"), make("b.mp4", "30")
    with pytest.raises(OptionError, match="25, 30"):
        vidindex.write_edit_list([moment(first), moment(second)], "otio")
    with pytest.raises(OptionError, match="not known"):
        vidindex.write_edit_list([moment(first), moment(None)], "otio")
    shutil.copy(first, tmp_path / "c.mp4")
    assert vidindex.write_edit_list([moment(first), moment(tmp_path / "c.mp4")], "otio")


def test_a_playlist_needs_neither_a_rate_nor_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "start-time=1\n" in vidindex.write_edit_list([moment(tmp_path / "a.mp4")], "m3u")
    assert "TITLE: vidindex" in vidindex.write_edit_list([moment(tmp_path / "a.mp4")], "edl", rate="25")
