"""The lists of videos, channels and speakers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...engines.cpu_limit import check_cpu_time
from ...model import Video
from ...transcripts.timecode import format_clock
from ..plain_text import pluralize
from .names import name_in_index
from .pagination import PageLinks, make_page_links
from .urls import search_path, video_path

if TYPE_CHECKING:
    from ...library import Index
    from ...search.speakers import SpeakerWords

ROWS_PER_PAGE = 50
MAX_COUNTED_VIDEOS = 50_000
"""Videos whose channels are counted."""


@dataclass(frozen=True, slots=True)
class BrowseRow:
    """A video, a channel or a speaker."""

    title: str
    href: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrowsePage:
    """A page of the list *title*; *note* says what a reader must know about it."""

    title: str
    size: str
    rows: tuple[BrowseRow, ...]
    pages: PageLinks
    note: str = ""


def make_videos_page(index: Index, number: int) -> BrowsePage:
    """Return the page *number*, counted from 1, of the list of videos."""
    total = index.video_count()
    videos = islice(index.videos(offset=(number - 1) * ROWS_PER_PAGE), ROWS_PER_PAGE)
    return BrowsePage(
        "Videos",
        f"{pluralize(total, 'video')} in this index",
        tuple(_make_video_row(index, video) for video in videos),
        make_page_links("/videos", number, total=total, size=ROWS_PER_PAGE),
    )


def _make_video_row(index: Index, video: Video) -> BrowseRow:
    length = format_clock(video.duration_ms) if video.duration_ms else ""
    kind = video.kind if video.kind != "other" else ""
    captions = "" if index.tracks(video.id) else "no captions"
    facts = filter(None, (video.channel or video.site, video.date, length, kind, captions))
    return BrowseRow(name_in_index(index, video), video_path(video.id), tuple(facts))


def make_channels_page(index: Index, number: int) -> BrowsePage:
    """Return the page *number*, counted from 1, of the channels, those with the most videos first."""
    counts = _count_channels(index)
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    shown = ordered[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]
    total, videos = len(ordered), index.video_count()
    scope = f"the first {MAX_COUNTED_VIDEOS:,} of {videos:,} videos" if videos > MAX_COUNTED_VIDEOS else "this index"
    return BrowsePage(
        "Channels",
        f"{pluralize(total, 'channel')} in {scope}",
        tuple(_make_channel_row(name, counts[name]) for name in shown),
        make_page_links("/channels", number, total=total, size=ROWS_PER_PAGE),
    )


def _count_channels(index: Index) -> Counter[str]:
    counts: Counter[str] = Counter()
    for video in islice(index.videos(), MAX_COUNTED_VIDEOS):
        check_cpu_time()
        counts[video.channel] += 1
    del counts[""]
    return counts


def _make_channel_row(name: str, count: int) -> BrowseRow:
    """Return the row of a channel, which leads to the videos that a search in it finds."""
    return BrowseRow(name, _field_path("channel", name), (pluralize(count, "video"),))


def make_speakers_page(index: Index, number: int) -> BrowsePage:
    """Return the page *number*, counted from 1, of the speakers, those with the most words first."""
    speakers = index.speakers()
    shown = speakers[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]
    total = len(speakers)
    return BrowsePage(
        "Speakers",
        f"{pluralize(total, 'speaker')} in this index",
        tuple(_make_speaker_row(each) for each in shown),
        make_page_links("/speakers", number, total=total, size=ROWS_PER_PAGE),
        "These are the names in the captions, as written there. Most captions name nobody.",
    )


def _make_speaker_row(speaker: SpeakerWords) -> BrowseRow:
    """Return the row of a speaker, which leads to what the captions let this speaker say."""
    facts = (pluralize(speaker.words, "word"), pluralize(speaker.videos, "video"))
    return BrowseRow(speaker.name, _field_path("speaker", speaker.name), facts)


def _field_path(field: str, name: str) -> str:
    return search_path(f'{field}:"{name.replace(chr(34), " ")}"')
