"""Requirements for the committed samples; these tests do not need ffmpeg or flite."""

from __future__ import annotations

import json
import re
import struct
from difflib import SequenceMatcher
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest

from tests.samples.conftest import PAGES, SAMPLES, Clip, Quote, clips, quotes
from vidindex.model import Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import read_captions
from vidindex.transcripts.normalize import normalize_words


def each(*suffixes: str, format: str = "") -> pytest.MarkDecorator:  # noqa: A002 - the name in the manifest
    """Run a test on the clips with these media suffixes or this caption format, or on all clips."""
    chosen = [clip for clip in clips() if clip.media.suffix in suffixes or clip.format == format]
    return pytest.mark.parametrize("clip", chosen or clips(), ids=lambda clip: clip.title[:30])


QUOTES = pytest.mark.parametrize("quote", quotes(), ids=lambda quote: quote.query[:30])
HTML = pytest.mark.parametrize("page", sorted(PAGES.rglob("*.html")), ids=lambda page: page.stem)
OLD_POST = PAGES / "vale-on-the-late-desk.html"

_TIME = r"\d\d:\d\d:\d\d\.\d{3}"
_ATTRIBUTION = re.compile(r"[,.]?” [^“”]{1,30} “")


def transcript(clip: Clip) -> Transcript:
    automatic = True if clip.format == "rolling" else None
    return make_transcript(read_captions(clip.captions), automatic=automatic)


def text_of(page: Path) -> str:
    return " ".join(lxml.html.fromstring(page.read_bytes()).text_content().split())


# Files


def test_all_samples_together_stay_small() -> None:
    sizes = [path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(sizes) < 3_000_000
    assert max(sizes) < 800_000


def test_every_format_of_captions_and_both_kinds_of_media_are_there() -> None:
    assert {clip.format for clip in clips()} == {"webvtt", "rolling", "srt", "ttml"}
    assert {clip.media.suffix for clip in clips()} == {".mp4", ".mp3", ".ogg"}


def test_the_manifest_lists_all_media_and_captions() -> None:
    listed = {path for clip in clips() for path in (clip.media, clip.captions)}
    existing = {path for folder in (PAGES / "media", SAMPLES / "downloads") for path in folder.iterdir()}
    assert {path for path in existing if not path.name.endswith(".info.json")} == listed


# Pages


@HTML
def test_every_relative_link_of_a_page_is_a_file(page: Path) -> None:
    root = lxml.html.fromstring(page.read_bytes())
    links = [value for node in root.iter() for name, value in node.items() if name in ("src", "href", "data-src")]
    variables = [node.get("flashvars") or node.get("value") or "" for node in root.iter("embed", "param")]
    links += [file for stated in variables for file in parse_qs(stated).get("file", [])]
    relative = [link for link in links if not urlsplit(link).netloc]
    assert [link for link in relative if not (page.parent / link).is_file()] == []


def test_the_old_post_has_its_declared_encoding() -> None:
    raw = OLD_POST.read_bytes()
    assert b"charset=windows-1252" in raw
    assert "“NIGHT TRAIN HOME”" in raw.decode("windows-1252")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_the_modern_page_states_its_metadata_as_json() -> None:
    page = lxml.html.fromstring((PAGES / "the-clock-of-saint-aldern.html").read_bytes())
    (script,) = page.xpath("//script[@type='application/ld+json']")
    assert [thing["@type"] for thing in json.loads(script.text)["@graph"]] == ["NewsArticle", "VideoObject"]


@QUOTES
def test_a_page_contains_the_quotes_of_its_notes(quote: Quote) -> None:
    for page in re.findall(r"quoted in ([\w-]+\.html)", quote.note):
        printed = " ".join(normalize_words(_ATTRIBUTION.sub(" ", text_of(PAGES / page)).split())[0])
        assert " ".join(normalize_words(quote.query.split())[0]) in printed


# Media


@each()
def test_media_have_the_format_of_their_suffix(clip: Clip) -> None:
    raw = clip.media.read_bytes()
    starts = {".mp4": raw[4:8] == b"ftyp", ".ogg": raw[:4] == b"OggS", ".mp3": raw[:3] == b"ID3" or raw[0] == 0xFF}
    assert starts[clip.media.suffix]
    assert 30_000 <= clip.duration_ms <= 80_000


@each(".mp4")
def test_videos_can_be_streamed_and_have_the_stated_duration(clip: Clip) -> None:
    raw = clip.media.read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")
    assert b"avc1" in raw
    assert b"mp4a" in raw
    head = raw.index(b"mvhd") + 16  # version and flags, created, changed
    scale, length = struct.unpack(">II", raw[head : head + 8])
    assert length / scale * 1000 == pytest.approx(clip.duration_ms, abs=50)


# Captions


@each()
def test_caption_times_are_within_the_media_and_in_order(clip: Clip) -> None:
    cues = read_captions(clip.captions)
    assert [cue.start_ms for cue in cues] == sorted(cue.start_ms for cue in cues)
    assert all(0 <= cue.start_ms < cue.end_ms <= clip.duration_ms for cue in cues)


@each()
def test_captions_contain_every_word_of_the_clip_once(clip: Clip) -> None:
    made = transcript(clip)
    assert len(made.words) - len(made.sounds) == clip.words


def cues_of(clip: Clip) -> list[tuple[str, str]]:
    """Return the upper and the lower line of each cue of rolling captions."""
    head, *cues = clip.captions.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    assert head == "WEBVTT\nKind: captions\nLanguage: en"
    shown = re.compile(rf"{_TIME} --> {_TIME} align:start position:0%\n(.+)\n(.+)")
    matched = [shown.fullmatch(cue) for cue in cues]
    return [(cue[1], cue[2]) for cue in matched if cue] if all(matched) else []


@each(format="rolling")
def test_each_line_of_rolling_captions_is_timed_then_rests_then_rolls_up(clip: Clip) -> None:
    cues = cues_of(clip)
    timed, resting = cues[::2], cues[1::2]
    plain = [re.sub(r"<[^>]+>", "", lower) for _, lower in timed]
    assert len(timed) == len(resting) > 10
    assert resting == [(line, " ") for line in plain]
    assert [upper for upper, _ in timed] == [" ", *plain[:-1]]


@each(format="rolling")
def test_rolling_captions_time_every_word_of_a_line_but_the_first(clip: Clip) -> None:
    for _, lower in cues_of(clip)[::2]:
        times = re.findall(rf"<({_TIME})><c> [^<]+</c>", lower)
        assert len(times) == len(re.sub(r"<[^>]+>", "", lower).split()) - 1
        assert times == sorted(times)


@each(format="rolling")
def test_rolling_captions_have_neither_capitals_nor_punctuation(clip: Clip) -> None:
    words = [word for upper, _ in cues_of(clip)[1::2] for word in upper.split() if not word.startswith("[")]
    assert words
    assert [word for word in words if not re.fullmatch(r"[a-z0-9'-]+", word)] == []


@each(format="rolling")
def test_in_between_cues_last_ten_milliseconds(clip: Clip) -> None:
    spans = re.findall(rf"({_TIME}) --> ({_TIME})", clip.captions.read_text(encoding="utf-8"))
    lengths = [round((_seconds(end) - _seconds(start)) * 1000) for start, end in spans]
    assert set(lengths[1::2]) == {10}
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


def _seconds(stated: str) -> float:
    hours, minutes, seconds = stated.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_the_interview_has_two_speakers_who_take_turns() -> None:
    (clip,) = [clip for clip in clips() if clip.media.stem == "vale-interview"]
    names = [name for _, name in transcript(clip).speakers if name]
    assert set(names) == {"Dana Reyes", "Marcus Vale"}
    assert names.count("Marcus Vale") >= 12


def test_the_performance_marks_singing_and_crowd_sounds() -> None:
    (clip,) = [clip for clip in clips() if clip.media.stem == "night-train-home"]
    texts = [cue.text for cue in read_captions(clip.captions)]
    assert sum(text.startswith("♪") and text.endswith("♪") for text in texts) >= 8
    assert {"[applause]", "[cheering]"} <= set(texts)


# Quotes


def test_there_are_quotes_of_every_kind_from_every_clip() -> None:
    notes = " ".join(quote.note for quote in quotes())
    assert len(quotes()) >= 12
    assert {quote.media for quote in quotes()} == {clip.media for clip in clips()}
    assert all(kind in notes for kind in ("misremembered", "across", "sung", "verbatim", "rolling", "near"))


@QUOTES
def test_a_quote_is_captioned_at_the_stated_second(quote: Quote) -> None:
    (clip,) = [clip for clip in clips() if clip.media == quote.media]
    made = transcript(clip)
    wanted = normalize_words(quote.query.split())[0]
    first = min(
        range(len(made.tokens)),
        key=lambda at: abs(made.starts_ms[made.word_index[at]] / 1000 - quote.second),
    )
    there = list(made.tokens[first : first + len(wanted) + 3])
    likeness = SequenceMatcher(None, wanted, there, autojunk=False)
    matched = sum(block.size for block in likeness.get_matching_blocks())
    assert made.starts_ms[made.word_index[first]] / 1000 == pytest.approx(quote.second, abs=0.3)
    assert matched / len(wanted) >= (0.6 if "near" in quote.note else 1.0)


def test_the_readme_states_the_quotes_as_the_list_does() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [quote.query for quote in quotes() if f"| {quote.second:.1f} | " not in readme] == []
    assert [quote.query for quote in quotes() if f" | {quote.query} | " not in readme] == []


# Downloads


@pytest.mark.parametrize("path", sorted((SAMPLES / "downloads").glob("*.info.json")), ids=lambda path: path.name[:20])
def test_a_download_is_described_as_yt_dlp_does(path: Path) -> None:
    described = json.loads(path.read_text(encoding="utf-8"))
    stem = path.name.removesuffix(".info.json")
    assert stem.endswith(f"[{described['id']}]")
    assert (path.parent / f"{stem}.{described['ext']}").is_file()
    assert (path.parent / f"{stem}.en.vtt").is_file()
    assert ("en" in described["subtitles"]) != ("en" in described["automatic_captions"])
    assert re.fullmatch(r"(peer|tube)\.example\.(org|net)", urlsplit(described["webpage_url"]).netloc)
    spans = [(chapter["start_time"], chapter["end_time"]) for chapter in described["chapters"]]
    assert spans == sorted(spans)
    assert spans[-1][1] == described["duration"]
