"""`vidindex transcript`, and the warnings of tracks in the output of commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

REPAIRED = "WEBVTT\n\n00:01.000 --> 00:02.000\nI never took\n\nthe time off.\n"


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "talk.en.vtt"
    path.write_text(REPAIRED)
    return path


@pytest.mark.parametrize(
    ("form", "start"),
    [("txt", "I never took the time off."), ("srt", "1\n00:00:01,000 --> "), ("vtt", "WEBVTT"), ("json", "{")],
)
def test_a_transcript_of_a_caption_file_is_printed_without_an_index(
    run: Run, captions: Path, form: str, start: str
) -> None:
    done = run("transcript", captions, "--format", form)
    assert done.stdout.startswith(start)
    assert run("transcript", captions, "--format", form, "-o", "-").stdout == done.stdout
    assert [path.name for path in captions.parent.iterdir()] == ["talk.en.vtt"]


def test_captions_in_another_language_are_an_error(run: Run, captions: Path) -> None:
    english = captions.rename(captions.with_name("talk.en-US.vtt"))
    assert run("transcript", english, "--lang", "en").returncode == 0
    refused = run("transcript", english, "--lang", "de")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "it has captions in en-US, not in de" in refused.stderr


def test_what_was_repaired_is_named_beside_the_transcript(run: Run, captions: Path) -> None:
    done = run("transcript", captions)
    assert done.stderr == "warning: text after an empty line added to its cue\n"
    assert "warning" not in done.stdout


def test_a_transcript_is_written_to_a_file(run: Run, captions: Path, tmp_path: Path) -> None:
    run("transcript", captions, "-o", tmp_path / "talk.txt")
    assert (tmp_path / "talk.txt").read_text() == "I never took the time off.\n"


def test_captions_in_capitals_are_printed_in_sentence_case(run: Run, captions: Path) -> None:
    captions.write_text(
        REPAIRED.replace("never took", "NEVER TOOK IT IN MY LIFE").replace("the time off", "THE TIME OFF")
    )
    assert run("transcript", captions).stdout == "I never took it in my life the time off.\n"
    assert "THE TIME OFF" in run("transcript", captions, "--raw-case").stdout


def test_every_output_names_the_warnings_of_a_track(run: Run, captions: Path, tmp_path: Path) -> None:
    warning = "text after an empty line added to its cue"
    index = ("--index", tmp_path / "index")
    assert "1 track with warnings" in run(*index, "add", captions).stdout
    assert "en (supplied file, 1 warning)" in run(*index, "list", "videos").stdout
    assert f"en (supplied file): {warning}" in run(*index, "show", "talk").stdout
    shown = json.loads(run(*index, "show", "talk", "--json").stdout)
    assert shown["tracks"] == [{"language": "en", "origin": "supplied", "warnings": [warning]}]
    (listed,) = map(json.loads, run(*index, "list", "videos", "--json").stdout.splitlines())
    assert listed["tracks"] == shown["tracks"]
