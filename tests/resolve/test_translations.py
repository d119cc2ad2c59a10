"""Machine translations in folders that yt-dlp wrote are not what somebody said, and are not indexed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, run
from tests.resolve.test_local_files import describe, put, tracks
from vidindex.errors import TargetError
from vidindex.resolve.local_files import SavedVideo, read_caption_file, read_caption_folder

__all__ = ["run"]

TIMED = "https://www.youtube.com/api/timedtext?v=L6YqHxYHa7A"
ENGLISH = f"{TIMED}&lang=en"
SPOKEN = f"{TIMED}&kind=asr&lang=en"


def formats(url: str, *names: str) -> list[dict[str, str]]:
    return [{"ext": name, "url": f"{url}&fmt={name}"} for name in names or ("json3", "vtt")]


def read(folder: Path, *tails: str, **lists: Any) -> SavedVideo:
    describe(folder, "talk", **{"subtitles": {}, "automatic_captions": {}, **lists})
    put(folder, *(f"talk.{tail}" for tail in tails))
    (saved,) = read_caption_folder(folder)
    return saved


AUTOMATIC = {
    "en-orig": formats(SPOKEN),
    "en": formats(SPOKEN),
    "de": formats(f"{SPOKEN}&tlang=de"),
    "sw": formats(f"{SPOKEN}&tlang=sw"),
}


def test_translations_are_left_out_and_named(tmp_path: Path) -> None:
    saved = read(tmp_path, "en.vtt", "en-orig.vtt", "de.vtt", "sw.json3", automatic_captions=AUTOMATIC)
    assert tracks(saved) == [("en", "automatic", "vtt")]
    assert saved.translations == ("talk.de.vtt", "talk.sw.json3")


def test_a_video_with_translations_only_has_no_tracks(tmp_path: Path) -> None:
    saved = read(tmp_path, "de.vtt", automatic_captions=AUTOMATIC)
    assert (saved.tracks, saved.translations) == ((), ("talk.de.vtt",))
    assert saved.video.id == "youtube:L6YqHxYHa7A"


def test_a_converted_translation_is_one(tmp_path: Path) -> None:
    """`--convert-subs srt` writes a format that the site does not offer."""
    assert read(tmp_path, "de.srt", automatic_captions=AUTOMATIC).translations == ("talk.de.srt",)


def test_manual_captions_replace_a_translation_into_their_language(tmp_path: Path) -> None:
    manual = {"de": formats(f"{TIMED}&lang=de")}
    saved = read(tmp_path, "de.vtt", subtitles=manual, automatic_captions=AUTOMATIC)
    assert (tracks(saved), saved.translations) == ([("de", "manual", "vtt")], ())


def test_the_tracks_that_were_chosen_decide(tmp_path: Path) -> None:
    """yt-dlp writes them with `--no-clean-info-json`; with `--write-auto-subs` alone, it chose the translation."""
    saved = read(
        tmp_path, "de.vtt", subtitles={"de": formats(f"{TIMED}&lang=de")}, automatic_captions=AUTOMATIC,
        requested_subtitles={"de": {"ext": "vtt", "url": f"{SPOKEN}&tlang=de&fmt=vtt", "filepath": "talk.de.vtt"}},
    )  # fmt: skip
    assert (saved.tracks, saved.translations) == ((), ("talk.de.vtt",))


def test_a_translation_of_manual_captions_is_left_out(tmp_path: Path) -> None:
    """`de-en` is the translation of `en` into German, and `en-en` is `en` itself."""
    saved = read(
        tmp_path, "en.vtt", "en-en.vtt", "de-en.vtt", subtitles={"en": formats(ENGLISH)},
        automatic_captions={"en-en": formats(ENGLISH), "de-en": formats(f"{ENGLISH}&tlang=de")},
    )  # fmt: skip
    assert (tracks(saved), saved.translations) == ([("en", "manual", "vtt")], ("talk.de-en.vtt",))


def test_manual_captions_that_were_saved_as_their_own_translation_are_manual(tmp_path: Path) -> None:
    saved = read(
        tmp_path, "en-en.vtt", subtitles={"en": formats(ENGLISH)}, automatic_captions={"en-en": formats(ENGLISH)}
    )
    assert tracks(saved) == [("en", "manual", "vtt")]


@pytest.mark.parametrize(
    "url", ["https://kettle.example/tlang=de.vtt", f"{SPOKEN}#tlang=de", f"{SPOKEN}&xtlang=de", "", "http://["]
)
def test_only_the_parameter_marks_a_translation(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, "de.vtt", automatic_captions={"de": [{"ext": "vtt", "url": url}]}).translations == ()


@pytest.mark.parametrize(
    "value", [None, "de", 7, [7], {"de": 7}, {"de": None}, {"de": ["x", None]}, {"de": [{"url": 7}]}, {"de": [{}]}]
)
@pytest.mark.parametrize("key", ["subtitles", "automatic_captions", "requested_subtitles"])
def test_lists_of_another_shape_mark_nothing(tmp_path: Path, key: str, value: object) -> None:
    saved = read(tmp_path, "de.vtt", **{key: value})
    assert (len(saved.tracks), saved.translations, saved.problem) == (1, (), "")


def test_a_file_that_is_a_translation_is_refused_by_name(tmp_path: Path) -> None:
    read(tmp_path, "de.vtt", "en.vtt", automatic_captions=AUTOMATIC)
    with pytest.raises(TargetError, match=r"it is a machine translation, and not what was said"):
        read_caption_file(tmp_path / "talk.de.vtt")
    assert read_caption_file(tmp_path / "talk.en.vtt").tracks


def test_add_says_what_it_left_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    read(tmp_path / "saved", "en.vtt", "de.vtt", "sw.vtt", automatic_captions=AUTOMATIC)
    said = run("add", "saved")
    assert said.returncode == 0
    assert "skipped  All hands  2 machine translations are not indexed: talk.de.vtt, talk.sw.vtt" in said.stderr
    assert "en (auto-generated)" in run("list", "videos").stdout
    assert "de" not in run("list", "videos").stdout.partition("All hands")[2]
