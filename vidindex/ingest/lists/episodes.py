"""Read what a podcast feed states about its episodes: file, title, date, length, transcripts, speakers' channel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from ...model import Chapter
from ...pages.dates import parse_day
from ...transcripts.formats import TRANSCRIPT_HINT
from ...transcripts.timecode import parse_timestamp_ms
from .entry import clean_title
from .feed import media_link
from .json_lists import read_json_episodes
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import XmlTag, iter_tags

MAX_EPISODES = 20_000
_ENTRY_TAGS = frozenset({"item", "entry"})
_CHANNEL_TAGS = frozenset({"channel", "feed"})
_READ_TAGS = frozenset({
    *_ENTRY_TAGS, *_CHANNEL_TAGS, "title", "itunes:title", "itunes:author", "itunes:duration", "duration",
    "itunes:summary", "description", "enclosure", "link", "transcript", "pubdate", "published", "date", "updated",
    "language", "chapters", "chapter",
})  # fmt: skip
_DATE_TAGS = ("pubdate", "published", "date", "updated")
_DURATION = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:\.\d{1,6})?", re.ASCII)
_TRANSCRIPT_FORMATS = {
    "application/json": "json",
    "application/x-json": "json",
    "text/json": "json",
    "text/vtt": "vtt",
    "application/srt": "srt",
    "application/x-subrip": "srt",
    "application/x-srt": "srt",
    "text/srt": "srt",
    "application/ttml+xml": "ttml",
    "text/html": "html",
    "text/plain": TRANSCRIPT_HINT,
    "txt": TRANSCRIPT_HINT,
}
_FORMAT_RANK = {name: rank for rank, name in enumerate(("json", "vtt", "srt", "ttml", "html", TRANSCRIPT_HINT))}
"""The formats of transcripts, the most precise first: JSON has the times of words most often, HTML of paragraphs."""

_MAX_TRANSCRIPTS = 50
_MAX_CHAPTERS = 1_000
_MAX_DESCRIPTION_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class EpisodeTranscript:
    """A transcript that a feed names; *format* is that of its type, and HTML and text may turn out to have no times."""

    url: str
    format: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of a podcast; *transcripts* are sorted, the most precise first, and *feed* is its feed."""

    url: str
    feed: str = ""
    title: str = ""
    date: str = ""
    duration_ms: int = 0
    channel: str = ""
    language: str = ""
    description: str = ""
    transcripts: tuple[EpisodeTranscript, ...] = ()
    chapters: tuple[Chapter, ...] = ()


@dataclass(slots=True)
class _EpisodeDraft:
    """An episode that is being read."""

    url: str = ""
    title: str = ""
    date: str = ""
    duration_ms: int = 0
    description: str = ""
    transcripts: list[tuple[int, bool, EpisodeTranscript]] = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)


@dataclass(slots=True)
class _Channel:
    """What the feed states about itself."""

    title: str = ""
    language: str = ""


def read_episodes(source: ListSource, kind: str) -> Iterator[Episode]:
    """Yield the episodes in *source*, a feed of the format *kind*; entries without a file are left out."""
    if kind == "json":
        found: Iterator[Episode] = (
            Episode(url, source.address, title, date, duration_ms, channel)
            for url, title, date, duration_ms, channel in read_json_episodes(source)
        )
    else:
        found = _read_xml_episodes(source)
    yield from islice(found, MAX_EPISODES)


def _read_xml_episodes(source: ListSource) -> Iterator[Episode]:
    channel, draft = _Channel(), None
    for tag in iter_tags(source, _READ_TAGS):
        if tag.name in _ENTRY_TAGS:
            if draft is not None and draft.url:
                yield _to_episode(draft, channel, source)
            draft = _EpisodeDraft() if tag.is_opening else None
        elif tag.is_opening:
            continue
        elif draft is not None and tag.parent in _ENTRY_TAGS:
            _add_value(draft, tag, source.url)
        elif draft is not None and tag.name == "chapter" and tag.parent == "chapters":
            _add_chapter(draft, tag)
        elif draft is None and tag.parent in _CHANNEL_TAGS:
            _add_channel_value(channel, tag)
    if draft is not None and draft.url:
        yield _to_episode(draft, channel, source)


def _add_channel_value(channel: _Channel, tag: XmlTag) -> None:
    if tag.name == "title":
        channel.title = channel.title or clean_title(tag.text)
    elif tag.name == "language":
        channel.language = channel.language or tag.text[:35]


def _add_value(draft: _EpisodeDraft, tag: XmlTag, base: str) -> None:
    match tag.name:
        case "enclosure":
            draft.url = draft.url or media_link(tag, base)
        case "link" if tag.attributes.get("rel") == "enclosure":
            draft.url = draft.url or media_link(tag, base)
        case "title":
            draft.title = clean_title(tag.text) or draft.title
        case "itunes:title":
            draft.title = draft.title or clean_title(tag.text)
        case "itunes:duration" | "duration":  # without its namespace if the feed declares none
            draft.duration_ms = draft.duration_ms or parse_duration_ms(tag.text)
        case "description" | "itunes:summary":
            draft.description = draft.description or clean_title(tag.text)[:_MAX_DESCRIPTION_CHARS]
        case "transcript":
            _add_transcript(draft, tag, base)
        case _ if tag.name in _DATE_TAGS:
            draft.date = draft.date or parse_day(tag.text)


def _add_transcript(draft: _EpisodeDraft, tag: XmlTag, base: str) -> None:
    url = resolve_web_link(tag.attributes.get("url", ""), base)
    stated = tag.attributes.get("type", "").partition(";")[0].strip().lower()
    suffix = url.partition("?")[0].rpartition(".")[2].lower()
    name = _TRANSCRIPT_FORMATS.get(stated) or _TRANSCRIPT_FORMATS.get(suffix, suffix)
    if name == TRANSCRIPT_HINT and suffix in _FORMAT_RANK:  # servers call captions plain text
        name = suffix
    if url and name in _FORMAT_RANK and len(draft.transcripts) < _MAX_TRANSCRIPTS:
        found = EpisodeTranscript(url, name, tag.attributes.get("language", "")[:35])
        draft.transcripts.append((_FORMAT_RANK[name], tag.attributes.get("rel", "").lower() != "captions", found))


def _add_chapter(draft: _EpisodeDraft, tag: XmlTag) -> None:
    """Add a Podlove Simple Chapter, see https://podlove.org/simple-chapters/."""
    start_ms = parse_timestamp_ms(tag.attributes.get("start", "")[:40])
    title = clean_title(tag.attributes.get("title", ""))
    if start_ms is not None and title and len(draft.chapters) < _MAX_CHAPTERS:
        draft.chapters.append(Chapter(start_ms, title))


def parse_duration_ms(text: str) -> int:
    """Return the milliseconds of a duration, which is `H:MM:SS`, `MM:SS` or a number of seconds; 0 if it is neither."""
    match = _DURATION.fullmatch(text.strip()[:30])
    if match is None:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 1000 * (3600 * hours + 60 * minutes + seconds)


def _to_episode(draft: _EpisodeDraft, channel: _Channel, source: ListSource) -> Episode:
    ranked = sorted(draft.transcripts, key=lambda each: each[:2])
    return Episode(
        draft.url,
        source.address,
        draft.title,
        draft.date,
        draft.duration_ms,
        channel.title,
        channel.language,
        draft.description,
        tuple(replace(found, language=found.language or channel.language) for _, _, found in ranked),
        tuple(draft.chapters),
    )
