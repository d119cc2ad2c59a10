"""The page of one video: its player at a moment, what is said beside it, and where it was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import NotIndexedError, QuerySyntaxError
from ...model import Hit, Subject, Track, Transcript, Video
from ...transcripts.timecode import clock
from .hits import Moment, moment
from .player import Player, player_of
from .thumbnail import Picture, picture
from .transcript import Paragraph, paragraphs, readable
from .urls import article_path, language_tag, quote_path, search_path, transcript_path, video_path

if TYPE_CHECKING:
    from ...library import Index

_MOST_MOMENTS = 200
_MOST_ARTICLES = 50
_NARROWEST = 4.0
_SCALE = 1000.0
_ORIGINS = {"manual": "written by people", "automatic": "made by a machine", "asr": "made by a machine", "supplied": ""}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the page asks for; *file* is where this server has the video itself, *server* its host."""

    video: str
    at_ms: int = 0
    text: str = ""
    language: str = ""
    file: str = ""
    server: str = "localhost"


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere; *is_chosen*: it shows already."""

    text: str
    href: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter."""

    start_ms: int
    clock: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Place:
    """An article that embeds the video, with the label it gives it."""

    href: str
    title: str
    facts: str
    label: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A hit on the timeline, in thousandths of the video."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole video in one line: *at* is where it plays."""

    name: str
    at: float
    chapters: tuple[float, ...]
    marks: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class VideoPage:
    """All that the page of a video shows."""

    id: str
    path: str
    title: str
    facts: tuple[str, ...]
    gone: str
    description: str
    player: Player
    picture: Picture
    timeline: Timeline
    at_ms: int
    clock: str
    length_ms: int
    length: str
    query: str
    slip: str
    elsewhere: str
    moments_title: str
    moments: tuple[Moment, ...]
    chapters: tuple[Part, ...]
    articles: tuple[Place, ...]
    tracks: tuple[Link, ...]
    origin: str
    language: str
    paragraphs: tuple[Paragraph, ...]
    downloads: tuple[Link, ...]
    quote: str


def video_page(index: Index, wanted: Wanted, *, pictures: bool = False) -> VideoPage:
    """Show the video that is *wanted*.  Raises `NotIndexedError` where there is none."""
    video = index.video(wanted.video)
    tracks = index.tracks(video.id)
    said = _transcript(index, video, wanted.language)
    hits, slip = _hits(video, said, wanted.text, wanted.language)
    length_ms = max(video.duration_ms, said.ends_ms[-1] if said and said.ends_ms else 0)
    read = paragraphs(said, video=video.id, at_ms=wanted.at_ms, hits=hits, language=wanted.language) if said else ()
    language = _language(tracks, wanted.language)
    return VideoPage(
        id=video.id,
        path=video_path(video.id),
        title=video.title or video.id,
        facts=_facts(video, length_ms),
        gone=f"Its site has not shown this video any more since {video.gone}." if video.gone else "",
        description=video.description,
        player=player_of(video, wanted.at_ms, file=wanted.file, server=wanted.server, language=wanted.language),
        picture=picture(video, hits, length_ms=length_ms, wanted=pictures),
        timeline=_timeline(video, hits, wanted.at_ms, length_ms),
        at_ms=wanted.at_ms,
        clock=clock(wanted.at_ms),
        length_ms=length_ms,
        length=clock(length_ms),
        query=wanted.text,
        slip=slip,
        elsewhere=search_path(wanted.text),
        moments_title=f"{len(hits)} moment{'s' * (len(hits) != 1)} for",
        moments=tuple(moment(hit, text=wanted.text, language=wanted.language) for hit in hits),
        chapters=_chapters(video, wanted),
        articles=tuple(_articles(index, video)),
        tracks=_tracks(tracks, video, wanted),
        origin=_origin(tracks, language),
        language=language_tag(language),
        paragraphs=read,
        downloads=_downloads(video, wanted.language) if read else (),
        quote=_quote(video, hits, read, wanted),
    )


def _transcript(index: Index, video: Video, language: str) -> Transcript | None:
    try:
        said = index.transcript(video.id, language=language)
    except NotIndexedError:
        return None
    return readable(said) if said.words else None


def _hits(video: Video, said: Transcript | None, text: str, language: str) -> tuple[list[Hit], str]:
    """Find *text* in the video; tells, too, what is wrong with it."""
    from ...search.options import SearchOptions
    from ...search.single_video import find_within

    if said is None or not text.strip():
        return [], ""
    subject = Subject(video, Track(language, "supplied"))
    try:
        found = find_within(subject, said, text, options=SearchOptions(limit=_MOST_MOMENTS, context=8))
    except QuerySyntaxError as error:
        return [], error.reason
    return found, ""


def _facts(video: Video, length_ms: int) -> tuple[str, ...]:
    kind = video.kind if video.kind != "other" else ""
    length = clock(length_ms) if length_ms else ""
    return tuple(filter(None, (video.channel, video.date, length, kind, video.site)))


def _timeline(video: Video, hits: Sequence[Hit], at_ms: int, length_ms: int) -> Timeline:
    scale = _SCALE / max(length_ms, 1)
    return Timeline(
        name=f"{len(hits)} marked moment{'s' * (len(hits) != 1)} in {clock(length_ms)}",
        at=_within(at_ms * scale),
        chapters=tuple(_within(each.start_ms * scale) for each in video.chapters if 0 < each.start_ms < length_ms),
        marks=tuple(
            Stretch(
                min(_within(hit.start_ms * scale), _SCALE - _NARROWEST), _width((hit.end_ms - hit.start_ms) * scale)
            )
            for hit in hits
        ),
    )


def _within(value: float) -> float:
    return round(min(max(value, 0.0), _SCALE), 1)


def _width(value: float) -> float:
    return round(max(value, _NARROWEST), 1)


def _chapters(video: Video, wanted: Wanted) -> tuple[Part, ...]:
    return tuple(
        Part(
            each.start_ms,
            clock(each.start_ms),
            video_path(video.id, at_ms=each.start_ms, text=wanted.text, language=wanted.language),
            each.title,
        )
        for each in video.chapters
    )


def _articles(index: Index, video: Video) -> list[Place]:
    places = {}
    for state in index.embeds(video=video.id)[:_MOST_ARTICLES]:
        article = index.article(state.article)
        facts = " · ".join(filter(None, (article.site, article.date)))
        places[state.article] = Place(article_path(article.url), article.title or article.url, facts, state.embed.label)
    return list(places.values())


def _language(tracks: Sequence[Track], asked: str) -> str:
    return asked or next((track.language for track in tracks), "")


def _origin(tracks: Sequence[Track], language: str) -> str:
    track = next((track for track in tracks if track.language == language), None)
    return " · ".join(filter(None, (language, _ORIGINS[track.origin] if track else "")))


def _tracks(tracks: Sequence[Track], video: Video, wanted: Wanted) -> tuple[Link, ...]:
    """Offer each language once; the best track of it shows."""
    chosen = _language(tracks, wanted.language)
    return tuple(
        Link(each, video_path(video.id, at_ms=wanted.at_ms, text=wanted.text, language=each), each == chosen)
        for each in dict.fromkeys(track.language for track in tracks if track.language)
    )


def _downloads(video: Video, language: str) -> tuple[Link, ...]:
    return tuple(Link(form, transcript_path(video.id, form, language=language)) for form in ("vtt", "srt", "txt"))


def _quote(video: Video, hits: Sequence[Hit], read: Sequence[Paragraph], wanted: Wanted) -> str:
    """Give the address of the hit that plays, else of the paragraph, as a quote."""
    at_ms = wanted.at_ms
    for hit in hits:
        if hit.start_ms - 1000 <= at_ms < max(hit.end_ms, hit.start_ms + 1):
            return quote_path(video.id, hit.start_ms, hit.end_ms, language=wanted.language)
    spoken = [each for each in read if any(piece.kind != "sound" and piece.text.strip() for piece in each.pieces)]
    if not spoken:
        return ""
    here = max((at for at, each in enumerate(spoken) if each.start_ms <= at_ms), default=0)
    start_ms = spoken[here].start_ms
    spans_ms = 10 * sum(int(gap) for gap in spoken[here].gaps.split(",") if gap)
    return quote_path(video.id, start_ms, start_ms + spans_ms + 10, language=wanted.language)
