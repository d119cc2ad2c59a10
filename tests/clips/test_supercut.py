"""Supercuts: all moments in order, in one size and at one loudness, with chapters; continued after a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vidindex
from tests.clips.films import make_film, picture_times_ms, read_luma, run
from vidindex import ClipMoment, ClipOptions, SupercutOptions
from vidindex.cli.main import vidindex as command_line
from vidindex.clips.mpv import make_mpv_list
from vidindex.clips.supercut import make_chapters
from vidindex.errors import ClipError

pytestmark = pytest.mark.usefixtures("ffmpeg")

SMALL = SupercutOptions(size=(64, 36), frame_rate=25)


def moments(index: vidindex.Index, *times: tuple[int, int]) -> list[ClipMoment]:
    (moment,) = index.clip_moments(index.search("music after music"))[:1]
    return [replace(moment, start_ms=start_ms, end_ms=end_ms) for start_ms, end_ms in times]


def facts(path: Path, *entries: str) -> Any:
    return json.loads(run("ffprobe", "-v", "error", *entries, "-of", "json", path))


def loudness(path: Path, start_s: float, end_s: float) -> float:
    said = run(
        "sh", "-c", f'ffmpeg -nostdin -ss {start_s} -to {end_s} -i "$1" -map 0:a -af ebur128 -f null - 2>&1', "sh", path
    )
    return float(re.findall(rb"I:\s*(-?[\d.]+) LUFS", said)[-1])


def test_a_supercut_has_all_moments_in_order_with_chapters(talk: vidindex.Index, tmp_path: Path) -> None:
    film = tmp_path / "super.mp4"
    times = ((15_000, 16_000), (2_000, 3_500), (90_000, 91_000), (9_000, 9_500))
    made = talk.supercut(moments(talk, *times), film, options=SMALL)
    assert [result.state for result in made.results] == ["cut", "cut", "failed", "cut"]
    seen = picture_times_ms(film)
    expected = [*range(15_000, 16_000, 40), *range(2_000, 3_500, 40), *range(9_000, 9_500, 40)]
    assert len(seen) == pytest.approx(len(expected), abs=2)
    assert all(abs(a - b) <= 80 for a, b in zip(seen[:25], expected[:25], strict=True))
    assert all(abs(a - b) <= 80 for a, b in zip(seen[26:62], expected[26:62], strict=True))
    found = facts(film, "-show_chapters", "-show_entries", "format=duration")
    assert [round(float(each["start_time"]), 1) for each in found["chapters"]] == [0.0, 1.0, 2.5]
    assert found["chapters"][1]["tags"]["title"] == "“music after music.” talk, 0:02"
    assert float(found["format"]["duration"]) == pytest.approx(3.0, abs=0.1)
    assert made.duration_ms == pytest.approx(3000, abs=40)
    assert {path.name for path in tmp_path.iterdir()} == {"index", "talk.mp4", "talk.en.vtt", "super.mp4"}


def test_a_moment_ends_with_its_film(talk: vidindex.Index, tmp_path: Path) -> None:
    """The film has 20 seconds, and no picture of it is shown for a minute."""
    made = talk.supercut(moments(talk, (1_000, 2_000), (19_000, 80_000)), tmp_path / "super.mp4", options=SMALL)
    assert [result.end_ms for result in made.results] == [2_000, pytest.approx(20_000, abs=100)]
    assert made.duration_ms == pytest.approx(2_000, abs=100)
    found = facts(tmp_path / "super.mp4", "-show_chapters", "-show_entries", "format=duration")
    assert float(found["chapters"][1]["end_time"]) == pytest.approx(2, abs=0.1)
    assert float(found["format"]["duration"]) == pytest.approx(2, abs=0.2)


def test_all_moments_are_as_loud_and_as_large_as_the_others(talk: vidindex.Index, tmp_path: Path, film: Path) -> None:
    quiet = tmp_path / "quiet.mp4"
    run("ffmpeg", "-v", "error", "-i", film, "-vf", "scale=36:64", "-af", "volume=-20dB", "-t", 8, quiet)
    first, second = moments(talk, (0, 4_000), (0, 4_000))
    made = tmp_path / "super.mp4"
    talk.supercut([first, replace(second, media=quiet, video=replace(second.video, id="q"))], made, options=SMALL)
    levels = [loudness(made, 0, 4), loudness(made, 4, 8)]
    assert levels == pytest.approx([-23, -23], abs=1)
    frames = read_luma(made)
    assert frames[150][18 * 64] <= 20  # a border
    stream = facts(made, "-select_streams", "v", "-show_entries", "stream=width,height")["streams"][0]
    assert (stream["width"], stream["height"]) == (64, 36)


def test_a_title_card_precedes_each_moment_and_silent_or_blind_films_fit_in(
    talk: vidindex.Index, tmp_path: Path
) -> None:
    (moment,) = moments(talk, (2_000, 3_000))
    mute = make_film(tmp_path / "mute.mp4", 3, "-an")
    sound = tmp_path / "sound.wav"
    run("ffmpeg", "-v", "error", "-i", tmp_path / "talk.mp4", "-t", 4, sound)
    hostile = replace(moment.video, id="x", title="{\\b1}\\N':,[in]%{pts}\nA", date="2009-09-14")
    chosen = [replace(moment, media=mute, video=hostile), replace(moment, media=sound)]
    made = tmp_path / "super.webm"
    options = replace(SMALL, card_ms=400)
    result = talk.supercut(chosen, made, options=options, clips=ClipOptions("webm"))
    assert [each.state for each in result.results] == ["cut", "cut"]
    frames = read_luma(made)
    assert len(frames) == pytest.approx(70, abs=2)
    assert max(frames[4]) > 60  # letters on black
    assert sorted(frames[4])[len(frames[4]) // 2] <= 18


def test_a_killed_supercut_is_continued(talk: vidindex.Index, tmp_path: Path) -> None:
    chosen = moments(talk, (1_000, 1_500), (2_000, 2_500), (3_000, 3_500))
    film, clips = tmp_path / "super.wav", ClipOptions("wav")
    child = os.fork()
    if not child:
        count = iter(range(9))
        talk.supercut(chosen, film, clips=clips, notify=lambda _: os.kill(os.getpid(), 9) if next(count) else None)
    assert os.waitpid(child, 0)[1] == 9
    assert not film.exists()
    states: list[str] = []
    made = talk.supercut(chosen, film, clips=clips, notify=lambda result: states.append(result.state))
    assert states == ["kept", "kept", "cut"]
    assert made.duration_ms == 1500
    assert {path.name for path in tmp_path.iterdir()} == {"index", "talk.mp4", "talk.en.vtt", "super.wav"}


def test_a_supercut_of_nothing_says_why(talk: vidindex.Index, tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="none of the moments can be cut: the film ends"):
        talk.supercut(moments(talk, (90_000, 91_000)), tmp_path / "super.mp4", options=SMALL)


def test_chapters_and_lists_for_mpv_take_titles_literally(talk: vidindex.Index) -> None:
    (moment,) = moments(talk, (2_000, 3_000))
    text = "a=b;c#d\\e\n[CHAPTER]"
    result = vidindex.ClipResult(replace(moment, text=text), "cut")
    assert r"title=“a\=b\;c\#d\\e [CHAPTER]” talk, 0:02" in make_chapters([(result, [])]).splitlines()
    media = Path("/films/a,b;c%é!.mp4")
    listed = make_mpv_list([replace(moment, media=media, text=""), replace(moment, media=None)])
    assert listed == "# mpv EDL v0\n%20%/films/a,b;c%é!.mp4,2.000,1.000,title=%10%talk, 0:02\n"


def test_the_commands_cut_what_they_are_told_to(
    talk: vidindex.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    only = tmp_path / "bin"
    only.mkdir()
    for program in ("ffmpeg", "ffprobe"):
        (only / program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", str(only))

    def invoke(*arguments: str, given: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(command_line, ["--index", "index", *arguments], input=given, standalone_mode=False)
        assert result.exception is None, result.output
        return result.return_value, result.output

    code, output = invoke("clip", "talk.mp4", "--from", "0:02", "--to", "0:03", "--from", "1:30", "--to", "1:31", "-q",
                          "--format", "wav")  # fmt: skip
    assert (code, "0:02–0:03" in output, "failed: talk at 1:30" in output) == (1, True, True)
    lines = invoke("search", "--json", "music after music")[1]
    code, output = invoke("clip", "-", "--json", "--format", "wav", given=lines)
    assert (code, json.loads(output.splitlines()[0])["state"]) == (0, "cut")
    code, output = invoke("clip", "--search", "music", "--exact", "--sentence", "--json", "--format", "wav")
    assert (code, len(output.splitlines())) == (0, 1)  # one sentence, though it has the word twice
    code, output = invoke("supercut", "--search", "music after music", "-n", "1", "-q", "-o", "super.wav")
    assert (code, "super.wav  1 moment, 0:0" in output) == (0, True)
    code, output = invoke("supercut", "--search", "music after music", "--preview")
    assert (code, (tmp_path / "supercut.mpv.edl").read_text().count("talk.mp4")) == (0, 1)
    assert invoke("clip", "--search", "zeppelin submarine unicorn")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["clip", "talk.mp4", "--from", "1"],
        ["clip", "talk.mp4"],
        ["clip", "talk.mp4", "--from", "x", "--to", "2"],
        ["clip", "talk.mp4", "--from", "1", "--to", "2", "--channel", "Late"],
        ["clip", "talk.mp4", "--search", "words"],
        ["supercut", "--search", "words", "-o", "film.gif"],
    ],
    ids=["no end", "no times", "no time", "no effect", "two sources", "format"],
)
def test_commands_refuse_what_makes_no_moments(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(command_line, ["--index", str(tmp_path / "none"), *arguments])
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())
