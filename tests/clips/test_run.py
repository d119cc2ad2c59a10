"""Clips of films on this machine: what they show and say, their captions, names and tags."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.clips.films import RATE, beep_times_ms, make_film, picture_times_ms, read_luma, run
from vidindex import ClipOptions
from vidindex.clips.names import safe_name
from vidindex.clips.run import check_space
from vidindex.errors import ClipError, FfmpegNotInstalledError, OptionError

pytestmark = pytest.mark.usefixtures("ffmpeg")

FRAME_MS = 1000 // RATE
EXACT_MS = 80


def cut(index: vidindex.Index, start_ms: int, end_ms: int, out: Path, **options: object) -> vidindex.ClipResult:
    """Cut a moment of the film."""
    moment = vidindex.ClipMoment(index.video("file:talk"), start_ms, end_ms, text="music after music")
    media = index.clip_moments(index.search("music after music"))[0].media
    options = {"captions": "none", **options}
    (result,) = index.clips([replace(moment, media=media)], out, options=ClipOptions(**options))  # type: ignore[arg-type]
    return result


def made(result: vidindex.ClipResult) -> Path:
    assert result.path is not None, result.reason
    return result.path


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_an_exact_clip_has_the_pictures_and_the_sound_of_the_moment(
    talk: vidindex.Index, tmp_path: Path, form: str
) -> None:
    result = cut(talk, 7300, 9700, tmp_path / "out", format=form)
    times = picture_times_ms(made(result))
    assert abs(times[0] - 7300) <= EXACT_MS
    assert abs(times[-1] + FRAME_MS - 9700) <= EXACT_MS
    assert [
        abs(at - expected) <= EXACT_MS for at, expected in zip(beep_times_ms(made(result)), (700, 1700), strict=True)
    ]
    assert (result.start_ms, result.state) == (7300, "cut")


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_sound_alone_is_cut_as_exactly(talk: vidindex.Index, tmp_path: Path, form: str) -> None:
    path = made(cut(talk, 7300, 9700, tmp_path / "out", format=form))
    assert all(abs(at - expected) <= EXACT_MS for at, expected in zip(beep_times_ms(path), (700, 1700), strict=True))


def test_a_gif_shows_the_moment(talk: vidindex.Index, tmp_path: Path) -> None:
    times = picture_times_ms(made(cut(talk, 7300, 8300, tmp_path / "out", format="gif")))
    assert abs(times[0] - 7300) <= EXACT_MS
    assert 8100 < times[-1] <= 8300


def test_a_copied_clip_starts_at_the_key_frame_and_says_so(talk: vidindex.Index, tmp_path: Path) -> None:
    result = cut(talk, 7300, 9700, tmp_path / "out", copy=True)
    times = picture_times_ms(made(result))
    assert times[0] == 6000
    assert 5900 < result.start_ms <= 6000  # a block of sound is longer than a picture
    assert abs(times[-1] - 9700) <= 2 * FRAME_MS
    kept = cut(talk, 7300, 9700, tmp_path / "out", copy=True)
    assert (kept.state, kept.start_ms) == ("kept", 6000)


def test_a_clip_of_a_film_with_few_pictures_begins_with_the_one_that_is_shown(
    talk: vidindex.Index, tmp_path: Path
) -> None:
    make_film(tmp_path / "talk.mp4", 20, rate=1)
    path = made(cut(talk, 7300, 9700, tmp_path / "out"))
    times = picture_times_ms(path)
    assert times[0] == 7000  # the next one comes after 700 ms
    assert abs(times.index(8000) * FRAME_MS - 700) <= EXACT_MS


def test_captions_are_cut_with_times_from_zero(talk: vidindex.Index, tmp_path: Path) -> None:
    result = cut(talk, 8300, 10_300, tmp_path / "out", captions="srt")
    assert result.captions is not None
    captions = vidindex.read_captions(result.captions)
    assert captions[0].start_ms == 0
    assert "time off" in result.captions.read_text(encoding="utf-8")
    assert max(cue.end_ms for cue in captions) <= 2000


def test_burned_captions_change_the_pictures_while_they_are_said_only(talk: vidindex.Index, tmp_path: Path) -> None:
    path = made(cut(talk, 500, 5000, tmp_path / "out", burn=True))
    frames = read_luma(path)
    differences = [max(abs(frame[32 * 64 + x] - frame[12 * 64 + x]) for x in range(64)) for frame in frames]
    assert [differences[at] > 15 for at in (0, 8, 30, 60, 100, 110)] == [False, False, True, True, False, False]


def test_tags_tell_source_quote_and_times(talk: vidindex.Index, tmp_path: Path) -> None:
    path = made(cut(talk, 7300, 9700, tmp_path / "out", format="mp3"))
    tags = json.loads(run("ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "json", path))["format"][
        "tags"
    ]
    assert tags["title"] == "talk"
    assert tags["comment"] == "“music after music” file:talk 00:00:07.300–00:00:09.700"


def test_a_failing_moment_does_not_stop_the_rest_and_a_second_run_keeps_what_is_done(
    talk: vidindex.Index, tmp_path: Path
) -> None:
    (good,) = talk.clip_moments(talk.search("music after music"))[:1]
    late = replace(good, start_ms=90_000, end_ms=91_000)
    options = ClipOptions("wav")
    results = list(talk.clips([late, good], tmp_path / "out", options=options))
    assert [result.state for result in results] == ["failed", "cut"]
    assert "the film ends at 0:20" in results[0].reason
    before = made(results[1]).stat()
    results = list(talk.clips([late, good], tmp_path / "out", options=options))
    assert [result.state for result in results] == ["failed", "kept"]
    assert made(results[1]).stat() == before
    assert sorted(each.suffix for each in (tmp_path / "out").iterdir()) == [".vtt", ".wav"]


def test_a_killed_run_leaves_no_partial_clip_and_is_continued(talk: vidindex.Index, tmp_path: Path) -> None:
    (moment,) = talk.clip_moments(talk.search("music after music"))[:1]
    moments = [replace(moment, start_ms=at, end_ms=at + 1000) for at in (1000, 2000, 3000)]
    out, options = tmp_path / "out", ClipOptions("wav", captions="none")
    child = os.fork()
    if not child:
        for count, _ in enumerate(talk.clips(moments, out, options=options)):
            if count:
                os.kill(os.getpid(), 9)
    assert os.waitpid(child, 0)[1] == 9
    assert len(list(out.glob("*.wav"))) == 2
    assert [path for path in out.iterdir() if path.is_dir()]  # what the run was working on
    results = list(talk.clips(moments, out, options=options))
    assert [result.state for result in results] == ["kept", "kept", "cut"]


def test_too_little_space_is_found_before_anything_is_cut(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match=r"need about .* MB, but only"):
        check_space(tmp_path, 10**18)


def test_without_ffmpeg_the_error_says_how_to_install_it(
    talk: vidindex.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FfmpegNotInstalledError, match="sudo apt install ffmpeg"):
        cut(talk, 7300, 9700, tmp_path / "out")


@pytest.mark.parametrize(
    "options", [{"copy": True, "burn": True}, {"copy": True, "format": "gif"}, {"burn": True, "format": "wav"}]
)
def test_options_that_exclude_each_other_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        ClipOptions(**options)  # type: ignore[arg-type]


NAMES = {
    "../../etc/passwd": "etc passwd",
    "CON": "CON_",
    "com1.mp4": "com1.mp4_",
    "-rf *": "rf",
    "a%03d:b|c?": "a 03d b c",
    "trailing. . ": "trailing",
    "right\u202eto\u2066left\x1b[31m": "right to left [31m",
    "\ud800": "clip",
    "": "clip",
    "é" * 100: "é" * 50,
}


@pytest.mark.parametrize(("title", "name"), NAMES.items(), ids=range(len(NAMES)))
def test_names_are_safe_on_every_system(title: str, name: str) -> None:
    assert safe_name(title) == name
    assert len(safe_name(title * 50).encode()) <= 101


def test_nothing_is_written_outside_the_folder(talk: vidindex.Index, tmp_path: Path) -> None:
    (moment,) = talk.clip_moments(talk.search("music after music"))[:1]
    for title in ("../../outside", "-y", "x\n\x1b[2J" * 40):
        hostile = replace(
            moment, video=replace(moment.video, title=title), text=f"{title}'\"\\{{", end_ms=moment.start_ms + 500
        )
        (result,) = talk.clips([hostile], tmp_path / "out", options=ClipOptions("wav"))
        assert made(result).parent == tmp_path / "out"
    assert {path.name for path in tmp_path.iterdir()} == {"index", "talk.en.vtt", "talk.mp4", "out"}
