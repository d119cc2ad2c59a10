"""The page of one video: player, transcript, hits, chapters, and the articles that embed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import NotIndexedError, QuerySyntaxError
from ...model import Hit, Track, TrackContext, Transcript, Video, origin_label
from ...transcripts.timecode import format_clock
from .hits import HitView, make_hit_view
from .player import VideoPlayer, choose_player
from .thumbnail import Thumbnail, choose_thumbnail
from .transcript import Paragraph, split_paragraphs
from .urls import article_path, language_tag, quote_path, search_path, transcript_path, video_path

if TYPE_CHECKING:
    from ...library import Index

_MAX_HITS = 200
_MAX_ARTICLES = 50
_MIN_MARK_WIDTH = 4.0
_TIMELINE_WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The parameters of a video page.

    *file_url* is the path of the local media file, *server_host* the host of this server.
    """

    video: str
    at_ms: int = 0
    text: str = ""
    language: str = ""
    file_url: str = ""
    server_host: str = "localhost"


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link; *is_chosen*: its target is shown already."""

    text: str
    href: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ChapterLink:
    """A link to a chapter of the video."""

    start_ms: int
    clock: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """An article that embeds the video, with the label that introduces the video there."""

    href: str
    title: str
    facts: str
    label: str


@dataclass(frozen=True, slots=True)
class VideoMark:
    """A hit on the timeline, in thousandths of the video length."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline of the video; *at* is the current position."""

    name: str
    at: float
    chapters: tuple[float, ...]
    marks: tuple[VideoMark, ...]


@dataclass(frozen=True, slots=True)
class VideoPage:
    """The page of a video."""

    id: str
    path: str
    title: str
    facts: tuple[str, ...]
    unavailable_note: str
    description: str
    player: VideoPlayer
    thumbnail: Thumbnail
    timeline: Timeline
    at_ms: int
    clock: str
    length_ms: int
    length: str
    query: str
    query_error: str
    results_url: str
    hits_title: str
    hits: tuple[HitView, ...]
    chapters: tuple[ChapterLink, ...]
    articles: tuple[ArticleLink, ...]
    tracks: tuple[TextLink, ...]
    origin: str
    language: str
    paragraphs: tuple[Paragraph, ...]
    downloads: tuple[TextLink, ...]
    citation_url: str


def make_video_page(index: Index, request: VideoRequest, *, pictures: bool = False) -> VideoPage:
    """Return the page of the video that *request* names.

    Raises `NotIndexedError` if the index does not have it.
    """
    video = index.video(request.video)
    tracks = index.tracks(video.id)
    transcript = _find_transcript(index, video, request.language)
    hits, query_error = _find_hits(video, transcript, request.text, request.language)
    length_ms = max(video.duration_ms, transcript.ends_ms[-1] if transcript and transcript.ends_ms else 0)
    paragraphs = (
        split_paragraphs(transcript, video=video.id, at_ms=request.at_ms, hits=hits, language=request.language)
        if transcript
        else ()
    )
    language = _chosen_language(tracks, request.language)
    return VideoPage(
        id=video.id,
        path=video_path(video.id),
        title=video.title or video.id,
        facts=_video_facts(video, length_ms),
        unavailable_note=f"Unavailable on its site since {video.unavailable_since}." if video.unavailable_since else "",
        description=video.description,
        player=choose_player(
            video, request.at_ms, file_url=request.file_url, server_host=request.server_host, language=request.language
        ),
        thumbnail=choose_thumbnail(video, hits, length_ms=length_ms, use_remote=pictures),
        timeline=_make_timeline(video, hits, request.at_ms, length_ms),
        at_ms=request.at_ms,
        clock=format_clock(request.at_ms),
        length_ms=length_ms,
        length=format_clock(length_ms),
        query=request.text,
        query_error=query_error,
        results_url=search_path(request.text),
        hits_title=f"{_count_matches(hits)} for",
        hits=tuple(make_hit_view(hit, text=request.text, language=request.language) for hit in hits),
        chapters=_chapter_links(video, request),
        articles=tuple(_article_links(index, video)),
        tracks=_track_links(tracks, video, request),
        origin=_describe_origin(tracks, language),
        language=language_tag(language),
        paragraphs=paragraphs,
        downloads=_download_links(video, request.language) if paragraphs else (),
        citation_url=_make_citation_url(video, hits, paragraphs, request),
    )


def _find_transcript(index: Index, video: Video, language: str) -> Transcript | None:
    try:
        transcript = index.transcript(video.id, language=language, restore_case=True)
    except NotIndexedError:
        return None
    return transcript if transcript.words else None


def _find_hits(video: Video, transcript: Transcript | None, text: str, language: str) -> tuple[list[Hit], str]:
    """Return the hits of *text* in the video, or what is wrong with the query."""
    from ...search.options import SearchOptions
    from ...search.single_video import find_in_transcript

    if transcript is None or not text.strip():
        return [], ""
    context = TrackContext(video, Track(language, "supplied"))
    try:
        hits = find_in_transcript(context, transcript, text, options=SearchOptions(limit=_MAX_HITS, context=8))
    except QuerySyntaxError as error:
        return [], error.reason
    return hits, ""


def _count_matches(hits: Sequence[Hit]) -> str:
    return f"{len(hits)} match{'es' * (len(hits) != 1)}" if hits else "No matches"


def _video_facts(video: Video, length_ms: int) -> tuple[str, ...]:
    kind = video.kind if video.kind != "other" else ""
    length = format_clock(length_ms) if length_ms else ""
    medium = video.medium if video.medium != "video" else ""
    return tuple(filter(None, (video.channel, video.date, length, kind, medium, video.site)))


def _make_timeline(video: Video, hits: Sequence[Hit], at_ms: int, length_ms: int) -> Timeline:
    scale = _TIMELINE_WIDTH / max(length_ms, 1)
    return Timeline(
        name=f"{_count_matches(hits)} in {format_clock(length_ms)}",
        at=_clamp_position(at_ms * scale),
        chapters=tuple(
            _clamp_position(each.start_ms * scale) for each in video.chapters if 0 < each.start_ms < length_ms
        ),
        marks=tuple(
            VideoMark(
                min(_clamp_position(hit.start_ms * scale), _TIMELINE_WIDTH - _MIN_MARK_WIDTH),
                _mark_width((hit.end_ms - hit.start_ms) * scale),
            )
            for hit in hits
        ),
    )


def _clamp_position(value: float) -> float:
    return round(min(max(value, 0.0), _TIMELINE_WIDTH), 1)


def _mark_width(value: float) -> float:
    return round(max(value, _MIN_MARK_WIDTH), 1)


def _chapter_links(video: Video, request: VideoRequest) -> tuple[ChapterLink, ...]:
    return tuple(
        ChapterLink(
            each.start_ms,
            format_clock(each.start_ms),
            video_path(video.id, at_ms=each.start_ms, text=request.text, language=request.language),
            each.title,
        )
        for each in video.chapters
    )


def _article_links(index: Index, video: Video) -> list[ArticleLink]:
    links = {}
    for record in index.embeds(video=video.id)[:_MAX_ARTICLES]:
        article = index.article(record.article)
        facts = " · ".join(filter(None, (article.site, article.date)))
        links[record.article] = ArticleLink(
            article_path(article.url), article.title or article.url, facts, record.embed.label
        )
    return list(links.values())


def _chosen_language(tracks: Sequence[Track], requested: str) -> str:
    return requested or next((track.language for track in tracks), "")


def _describe_origin(tracks: Sequence[Track], language: str) -> str:
    track = next((track for track in tracks if track.language == language), None)
    return " · ".join(filter(None, (language, origin_label(track.origin) if track else "")))


def _track_links(tracks: Sequence[Track], video: Video, request: VideoRequest) -> tuple[TextLink, ...]:
    """Return a link for each language; it shows the best track of that language."""
    chosen = _chosen_language(tracks, request.language)
    return tuple(
        TextLink(each, video_path(video.id, at_ms=request.at_ms, text=request.text, language=each), each == chosen)
        for each in dict.fromkeys(track.language for track in tracks if track.language)
    )


def _download_links(video: Video, language: str) -> tuple[TextLink, ...]:
    return tuple(TextLink(form, transcript_path(video.id, form, language=language)) for form in ("vtt", "srt", "txt"))


def _make_citation_url(
    video: Video, hits: Sequence[Hit], paragraphs: Sequence[Paragraph], request: VideoRequest
) -> str:
    """Return the path of the citation of the current hit, else of the current paragraph."""
    at_ms = request.at_ms
    for hit in hits:
        if hit.start_ms - 1000 <= at_ms < max(hit.end_ms, hit.start_ms + 1):
            return quote_path(video.id, hit.start_ms, hit.end_ms, language=request.language)
    spoken = [each for each in paragraphs if any(piece.kind != "sound" and piece.text.strip() for piece in each.pieces)]
    if not spoken:
        return ""
    current = max((at for at, each in enumerate(spoken) if each.start_ms <= at_ms), default=0)
    start_ms = spoken[current].start_ms
    duration_ms = 10 * sum(int(gap) for gap in spoken[current].gaps.split(",") if gap)
    return quote_path(video.id, start_ms, start_ms + duration_ms + 10, language=request.language)
