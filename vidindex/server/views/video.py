"""The page of one video: player, transcript, hits, chapters, and the articles that embed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...model import Hit, Track, Transcript, Video, origin_label
from ...transcripts.timecode import format_clock
from ...transcripts.track_choice import choose_reading_track
from .names import name_in_index
from .player import VideoPlayer, choose_player
from .thumbnail import Thumbnail, choose_thumbnail
from .timeline import Timeline, make_timeline
from .transcript import Paragraph, split_paragraphs
from .urls import article_path, language_tag, quote_path, safe_web_url, search_path, transcript_path, video_path
from .video_hits import HitList, HitQuery, find_video_hits, make_hit_list

if TYPE_CHECKING:
    from ...library import Index

_MAX_ARTICLES = 50


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The parameters of a video page.

    *file_url* is the path of the local media file, *server_host* the host of this server. The list of hits is folded
    unless *all_hits* is true.
    """

    video: str
    at_ms: int = 0
    text: str = ""
    all_hits: bool = False
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
class VideoPage:
    """The page of a video."""

    id: str
    path: str
    url: str
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
    hit_list: HitList
    chapters: tuple[ChapterLink, ...]
    articles: tuple[ArticleLink, ...]
    tracks: tuple[TextLink, ...]
    origin: str
    language: str
    paragraphs: tuple[Paragraph, ...]
    no_transcript_note: str
    downloads: tuple[TextLink, ...]
    citation_url: str


def make_video_page(index: Index, request: VideoRequest, *, pictures: bool = False) -> VideoPage:
    """Return the page of the video that *request* names.

    Raises `NotIndexedError` if the index does not have it.
    """
    video = index.video(request.video)
    tracks = index.tracks(video.id)
    shown = _find_shown_track(tracks, request.language)
    language = shown.language if shown else request.language
    transcript = _find_transcript(index, video, request.language)
    query = HitQuery(request.text, request.language, language, request.at_ms, show_all=request.all_hits)
    found = find_video_hits(index, video, transcript, query)
    length_ms = max(video.duration_ms, transcript.ends_ms[-1] if transcript and transcript.ends_ms else 0)
    paragraphs = (
        split_paragraphs(transcript, video=video.id, at_ms=request.at_ms, hits=found.marked, language=request.language)
        if transcript
        else ()
    )
    return VideoPage(
        id=video.id,
        path=video_path(video.id),
        url=safe_web_url(video.url),
        title=name_in_index(index, video),
        facts=_video_facts(video, length_ms),
        unavailable_note=f"Unavailable on its site since {video.unavailable_since}." if video.unavailable_since else "",
        description=video.description,
        player=choose_player(
            video, request.at_ms, file_url=request.file_url, server_host=request.server_host, language=request.language
        ),
        thumbnail=choose_thumbnail(video, found.hits, length_ms=length_ms, use_remote=pictures),
        timeline=make_timeline(
            video, found.hits, count=found.count if request.text else "", at_ms=request.at_ms, length_ms=length_ms
        ),
        at_ms=request.at_ms,
        clock=format_clock(request.at_ms),
        length_ms=length_ms,
        length=format_clock(length_ms),
        query=request.text,
        query_error=found.error,
        results_url=search_path(request.text),
        hit_list=make_hit_list(found, video, query),
        chapters=_chapter_links(video, request),
        articles=tuple(_article_links(index, video)),
        tracks=_track_links(tracks, video, request, chosen=language),
        origin=_describe_origin(shown),
        language=language_tag(language),
        paragraphs=paragraphs,
        no_transcript_note=_describe_no_transcript(tracks, request.language),
        downloads=_download_links(video, request.language) if paragraphs else (),
        citation_url=_make_citation_url(video, found.hits, paragraphs, request),
    )


def _find_transcript(index: Index, video: Video, language: str) -> Transcript | None:
    try:
        transcript = index.transcript(video.id, language=language, restore_case=True)
    except NotIndexedError:
        return None
    return transcript if transcript.words else None


def _find_shown_track(tracks: Sequence[Track], language: str) -> Track | None:
    """Return the track whose transcript is shown."""
    chosen = choose_reading_track(tracks, language)
    return None if chosen is None else tracks[chosen]


def _video_facts(video: Video, length_ms: int) -> tuple[str, ...]:
    kind = video.kind if video.kind != "other" else ""
    length = format_clock(length_ms) if length_ms else ""
    medium = video.medium if video.medium != "video" else ""
    return tuple(filter(None, (video.channel, video.date, length, kind, medium, video.site)))


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


def _describe_origin(track: Track | None) -> str:
    return " · ".join(filter(None, (track.language, origin_label(track.origin)))) if track else ""


def _describe_no_transcript(tracks: Sequence[Track], language: str) -> str:
    """Return what to say if no transcript is shown."""
    if language and tracks:
        return f"No captions in the language {language}. Choose another one above."
    return "The captions have no words." if tracks else "No captions. What is said in this video cannot be searched."


def _track_links(tracks: Sequence[Track], video: Video, request: VideoRequest, *, chosen: str) -> tuple[TextLink, ...]:
    """Return a link for each language; it shows the best track of that language."""
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
