"""What the tools do: each function takes an index and arguments, and returns a result of a bounded size."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

from ..engines.cpu_limit import check_cpu_time
from ..errors import BadRequestError, NotIndexedError
from ..model import Article, Track, origin_label
from ..pages.providers import make_deep_link
from ..search.options import SearchOptions
from ..transcripts.export import ScreenCaption, split_captions
from ..transcripts.timecode import parse_clock_ms
from ..transcripts.track_choice import choose_reading_track
from .bounds import MAX_RESULT_BYTES, clean_text, take_fitting, to_fields, web_url, wire_bytes
from .cursors import make_cursor, read_cursor
from .results import (
    NOTICE,
    FoundVideo,
    MomentList,
    TranscriptLine,
    TranscriptPart,
    VideoList,
    describe_articles,
    describe_hit,
    describe_index,
    describe_line,
    describe_video,
)

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Hit, Transcript, Video
    from .arguments import SearchArguments, StatusArguments, TranscriptArguments, VideoArguments
    from .results import IndexState

_ENVELOPE_BYTES = 2_000
"""What a result takes besides its items: the notice, the cursor, and the message around it."""

_ITEMS_BYTES = MAX_RESULT_BYTES - _ENVELOPE_BYTES
_PAGE_BYTES = 4_500
"""Size of a page of a transcript, if the reader does not say where it ends."""

_LINE_BYTES = 450
_MAX_OFFSET = 1_000
_MAX_TRACKS = 6
_MAX_SCANNED_VIDEOS = 20_000
_CONTEXT_WORDS = 20


def search_moments(index: Index, wanted: SearchArguments) -> MomentList:
    """Find the moments in which something was said.  Raises `QuerySyntaxError`, `NotIndexedError`, `EngineError`."""
    request = wanted.model_dump()
    offset = min(read_cursor(wanted.cursor, request), _MAX_OFFSET)
    options = _search_options(index, wanted, offset)
    hits = _find_hits(index, wanted.query, options)
    wants_others = not offset and options.match != "gist" and (wanted.gist or not hits)
    others = index.suggest_gist(wanted.query, options=options) if wants_others else []
    shown = [*hits[: wanted.limit], *others[: wanted.limit]]
    moments, _ = take_fitting(map(describe_hit, shown), to_fields, _ITEMS_BYTES)
    count = min(len(moments), len(hits[: wanted.limit]))  # a cursor counts hits of the words
    is_more = len(hits) > count and offset + count < _MAX_OFFSET
    suggestion = "" if hits or offset else index.suggest(wanted.query, options=options) or ""
    return MomentList(
        NOTICE,
        tuple(moments),
        suggestion=clean_text(suggestion, 300),
        next_cursor=make_cursor(offset + count, request) if is_more else "",
    )


def _find_hits(index: Index, query: str, options: SearchOptions) -> list[Hit]:
    """Return the hits of the words, or with `match` those in other words."""
    if options.match == "gist":
        return index.suggest_gist(query, options=options)
    return index.search(query, options=options)


def _search_options(index: Index, wanted: SearchArguments, offset: int) -> SearchOptions:
    return SearchOptions(
        limit=wanted.limit + 1,
        offset=offset,
        match=wanted.match or None,
        site=wanted.site,
        channel=wanted.channel,
        lang=wanted.language,
        article=wanted.article,
        after=wanted.after,
        before=wanted.before,
        videos=frozenset([index.video(wanted.video).id] if wanted.video else []),
        context=_CONTEXT_WORDS,
    )


def read_transcript(index: Index, wanted: TranscriptArguments) -> TranscriptPart:
    """Read a part of a transcript.  Raises `NotIndexedError`, `BadRequestError` if a time is invalid."""
    request = wanted.model_dump()
    video = index.video(wanted.video)
    start_ms, end_ms = _parse_time("from", wanted.from_), _parse_time("to", wanted.to)
    transcript = index.transcript(video.id, language=wanted.language, restore_case=True)
    skipped = read_cursor(wanted.cursor, request)
    spoken = islice(split_lines(transcript, video, start_ms or 0, end_ms), skipped, None)
    lines, is_more = take_fitting(spoken, to_fields, _PAGE_BYTES if end_ms is None else _ITEMS_BYTES)
    return replace(
        _describe_track(index, video, wanted.language),
        lines=tuple(lines),
        next_cursor=make_cursor(skipped + len(lines), request) if is_more else "",
    )


def _describe_track(index: Index, video: Video, language: str) -> TranscriptPart:
    tracks = index.tracks(video.id)
    chosen = choose_reading_track(tracks, language)
    track = tracks[chosen] if chosen is not None else Track("", "supplied")
    about = describe_video(video)
    return TranscriptPart(
        NOTICE,
        about.video,
        title=about.title,
        url=about.url,
        language=clean_text(track.language, 40),
        captions=origin_label(track.origin),
    )


def _parse_time(name: str, text: str) -> int | None:
    """Return the milliseconds of *text*, None if it is empty."""
    if not text:
        return None
    ms = parse_clock_ms(text)
    if ms is None:
        raise BadRequestError(name, "write a time as 12:30, as 1:02:03, or as a number of seconds")
    return ms


def split_lines(transcript: Transcript, video: Video, start_ms: int, end_ms: int | None) -> Iterator[TranscriptLine]:
    """Yield what is said from *start_ms* to *end_ms*: some sentences of one speaker a line."""
    first: ScreenCaption | None = None
    text = ""
    for caption in split_captions(transcript):
        if caption.end_ms <= start_ms:
            continue
        if end_ms is not None and caption.start_ms >= end_ms:
            break
        longer = f"{text} {caption.text}"
        if first and (caption.speaker != first.speaker or len(longer.encode(errors="replace")) > _LINE_BYTES):
            yield _make_line(first, text, video)
            first, longer = None, caption.text
        first, text = first or caption, longer
    if first:
        yield _make_line(first, text, video)


def _make_line(first: ScreenCaption, text: str, video: Video) -> TranscriptLine:
    url = make_deep_link(video.url, first.start_ms) if web_url(video.url) else ""
    return describe_line(first.start_ms, text, first.speaker, url)


def find_videos(index: Index, wanted: VideoArguments) -> VideoList:
    """Find videos by their titles and articles.  Raises `NotIndexedError` if there is no such article."""
    request = wanted.model_dump()
    at = offset = read_cursor(wanted.cursor, request)
    source = _embedded_videos(index, wanted.article, offset) if wanted.article else index.videos(offset=offset)
    words = _fold(wanted.words).split()
    found: list[FoundVideo] = []
    size = 0
    next_at = 0
    for at, video in enumerate(islice(source, _MAX_SCANNED_VIDEOS), offset + 1):
        check_cpu_time()
        if not _is_match(video, words, wanted.site):
            continue
        described = _describe_with_index(index, video)
        size += wire_bytes(to_fields(described))
        if len(found) == wanted.limit or (found and size > _ITEMS_BYTES):
            next_at = at - 1
            break
        found.append(described)
    else:
        next_at = at if at - offset == _MAX_SCANNED_VIDEOS else 0
    return VideoList(NOTICE, tuple(found), next_cursor=make_cursor(next_at, request) if next_at else "")


def _embedded_videos(index: Index, article: str, offset: int) -> Iterator[Video]:
    names = dict.fromkeys(record.video for record in index.embeds(article=index.article(article).url) if record.video)
    return islice(_existing_videos(index, names), offset, None)


def _existing_videos(index: Index, names: Iterable[str]) -> Iterator[Video]:
    for name in names:
        with suppress(NotIndexedError):  # it has been removed in the meantime
            yield index.video(name)


def _is_match(video: Video, words: list[str], site: str) -> bool:
    if site and video.site.removeprefix("www.").lower() != site.removeprefix("www.").lower():
        return False
    text = _fold(f"{video.title[:2000]} {video.channel[:500]} {video.id}") if words else ""
    return all(word in text for word in words)


def _fold(text: str) -> str:
    """Return *text* without case and accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in split if not unicodedata.combining(char))


def _describe_with_index(index: Index, video: Video) -> FoundVideo:
    captions = [f"{clean_text(track.language, 20)} ({origin_label(track.origin)})" for track in index.tracks(video.id)]
    articles = tuple(Article(url) for url in dict.fromkeys(each.article for each in index.embeds(video=video.id)))
    return describe_video(video, captions=tuple(captions[:_MAX_TRACKS]), articles=describe_articles(articles))


def index_status(index: Index, wanted: StatusArguments) -> IndexState:
    """Return the size of the index."""
    del wanted
    return describe_index(index.stats(), index.status(), version("vidindex"))
