"""Clips: their words, lines and times, and the formats in which they are copied."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

import vidindex
from vidindex.errors import NotIndexedError
from vidindex.model import Transcript, Video
from vidindex.server.views.clip import MAX_CLIP_MS, Clip, make_clip
from vidindex.server.views.clip_formats import CLIP_FORMATS
from vidindex.server.views.clip_page import make_clip_page
from vidindex.transcripts.timecode import parse_time_offset

WEBVTT = """WEBVTT

00:00:01.000 --> 00:00:03.000
<v Ada>It was raining when we left.

00:00:03.000 --> 00:00:05.000
<v Ada>[thunder] Nobody minded.

00:00:09.000 --> 00:00:12.000
<v Ben>I did not mind either.
"""
RAIN = Video("youtube:BaW_jenozKc", "https://www.youtube.com/watch?v=BaW_jenozKc", "Rain", "Weather", date="2020-02-02")
BASE = "http://localhost:8000"
HOSTILE = "<b>&\"'*_[x](y)`~|#$^{\\}%@ --> 1\n\n2"


@pytest.fixture
def transcript() -> Transcript:
    return vidindex.make_transcript(vidindex.read_captions(WEBVTT.encode()))


@pytest.fixture
def clip(transcript: Transcript) -> Clip:
    return make_clip(RAIN, transcript, 3_000, 12_000, base_url=BASE)


def make_hostile() -> Clip:
    words = vidindex.make_transcript([vidindex.Cue(1000, 2000, "a"), vidindex.Cue(2000, 3000, "b")])
    words = replace(words, words=(HOSTILE, "end"), speakers=((0, HOSTILE), (1, "B")))
    return make_clip(replace(RAIN, title=HOSTILE, channel=HOSTILE), words, 1000, 3000, base_url=BASE)


def test_each_speaker_has_a_line(clip: Clip) -> None:
    assert [(line.speaker, line.text) for line in clip.lines] == [
        ("Ada", "Nobody minded."),
        ("Ben", "I did not mind either."),
    ]
    assert clip.labels == ("Ada", "Ben")


def test_turns_of_unknown_speakers_are_separate_lines(transcript: Transcript) -> None:
    unnamed = replace(transcript, speakers=((0, ""), (6, ""), (9, "Ben")))
    clip = make_clip(RAIN, unnamed, 1_000, 12_000)
    assert [line.text for line in clip.lines] == ["It was raining when we left.", "Nobody minded.", clip.lines[2].text]
    assert clip.labels == ("Unknown speaker", "Unknown speaker", "Ben")


def test_times_are_those_of_the_first_and_last_word(clip: Clip, transcript: Transcript) -> None:
    first = transcript.words.index("Nobody")
    assert (clip.start_ms, clip.end_ms) == (transcript.starts_ms[first], transcript.ends_ms[-1])


def test_the_address_of_a_clip_has_the_same_words(transcript: Transcript) -> None:
    for end_ms in range(1_100, 12_000, 97):
        clip = make_clip(RAIN, transcript, 1_000, end_ms, base_url=BASE)
        times = re.search(r"t=([\d.]+)&end=([\d.]+)$", clip.page_url)
        assert times
        again = make_clip(RAIN, transcript, *map(parse_time_offset, times.groups()), base_url=BASE)
        assert again == clip


def test_a_clip_without_words_is_an_error(transcript: Transcript) -> None:
    with pytest.raises(NotIndexedError):
        make_clip(RAIN, transcript, 100_000, 200_000)


def test_a_long_clip_says_that_it_is_cut(transcript: Transcript) -> None:
    late = replace(transcript, starts_ms=(*transcript.starts_ms[:-1], MAX_CLIP_MS + 5_000))
    assert make_clip_page(make_clip(RAIN, late, 1_000, 2_000_000)).cut_note
    assert not make_clip_page(make_clip(RAIN, late, 1_000, 5_000)).cut_note


def test_text_has_a_line_for_each_speaker_and_both_links(clip: Clip) -> None:
    assert CLIP_FORMATS["text"].format_clip(clip) == (
        "Ada: “Nobody minded.”\nBen: “I did not mind either.”\n— “Rain”, Weather, 2020-02-02, 0:03–0:12\n"
        f"https://www.youtube.com/watch?v=BaW_jenozKc&t=3s\n{clip.page_url}\n"
    )


def test_a_single_speaker_is_named_with_the_source(transcript: Transcript) -> None:
    clip = make_clip(RAIN, transcript, 1_000, 5_000)
    assert CLIP_FORMATS["text"].format_clip(clip).splitlines()[:2] == [
        "“It was raining when we left. Nobody minded.”",
        "— Ada, “Rain”, Weather, 2020-02-02, 0:01–0:05",
    ]


def test_markdown_escapes_what_would_be_markup() -> None:
    lines = CLIP_FORMATS["markdown"].format_clip(make_hostile()).splitlines()
    assert all(line.startswith(">") for line in lines)
    text = re.sub(r"\]\(<[^>]*>\)", "", " ".join(line[1:] for line in lines)).replace("**", "")
    assert not re.search(r"(?<!\\)[<>*_`~|#$&]", text)
    assert r"\<b\>\&" in lines[0]


def test_html_escapes_what_would_be_markup() -> None:
    html = CLIP_FORMATS["html"].format_clip(make_hostile())
    assert '<b>&"' not in html
    assert "&lt;b&gt;&amp;&quot;&#x27;" in html
    assert set(re.findall(r"<(\w+)", html)) == {"blockquote", "p", "b", "footer", "cite", "a"}


def test_srt_has_one_arrow_in_each_caption() -> None:
    srt = CLIP_FORMATS["srt"].format_clip(make_hostile())
    blocks = srt.strip().split("\n\n")
    assert [block.count("-->") for block in blocks] == [1] * len(blocks)
    assert "→" in srt


def test_srt_keeps_the_times_of_the_video(clip: Clip) -> None:
    cues = vidindex.read_captions(CLIP_FORMATS["srt"].format_clip(clip).encode())
    assert (cues[0].start_ms, cues[-1].end_ms) == (clip.start_ms, clip.end_ms)


def test_bibtex_braces_are_balanced_and_its_specials_escaped() -> None:
    record = CLIP_FORMATS["bibtex"].format_clip(make_hostile())
    depth = 0
    for at, char in enumerate(record.strip()):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth > 0 or at < 6 or at == len(record.strip()) - 1
    assert depth == 0
    title = record.splitlines()[1]
    assert not re.search(r"(?<!\\)[&%$#_]", title)
    assert r"\textbackslash{}" in title
    assert "month = feb" in record
    assert "year = {2020}" in record


def test_csl_is_json_with_the_parts_of_the_date(clip: Clip) -> None:
    (item,) = json.loads(CLIP_FORMATS["csl"].format_clip(clip))
    assert (item["title"], item["publisher"], item["issued"]) == ("Rain", "Weather", {"date-parts": [[2020, 2, 2]]})
    assert item["note"].startswith("00:00:03.000–00:00:12.000: Ada: “Nobody") or "Ada: “Nobody minded.”" in item["note"]
    (bare,) = json.loads(CLIP_FORMATS["csl"].format_clip(replace(clip, video=Video("x:1", "file:///a.mp4"))))
    assert "issued" not in bare
