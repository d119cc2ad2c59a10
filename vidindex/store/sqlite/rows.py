"""Convert values to rows and back.

SQLite stores any type in any column, and another person may have written the file: rows are checked as they are read,
and `sqlite3.DatabaseError` says that one is malformed.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import zlib
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, get_args

from ...model import Article, CaptionLink, CaptionOrigin, Chapter, Embed, Medium, Review, Track, TrackWords, Video
from ..compression import decompress_bounded
from ..transcript_blocks import MAX_TEXT_BYTES

VIDEO_COLUMNS = (
    "name, url, title, channel, channel_url, site, date, duration_ms, description, language, "
    "categories, tags, chapters, thumbnail, kind, gone, medium"
)
ARTICLE_COLUMNS = "url, source, title, author, site, date, language, captured, text"
EMBED_COLUMNS = "url, provider, name, label, kind, captions, medium"
TASK_COLUMNS = "url, kind, state, tries, next_try, verdict, reason, video, article, listed, parent, host"
REVIEW_COLUMNS = "article, quote, done, note, changed"
TRACK_COLUMNS = "language, origin, format, url, name, warnings"

SqlRow = tuple[Any, ...]

_MAX_JSON_CHARS = 4_000_000
MAX_TIME = 10**15
_MEDIA: tuple[Medium, ...] = get_args(Medium)
_ORIGINS = frozenset((*get_args(CaptionOrigin), "none"))

_VIDEO_TYPES = (*[str] * 7, int, *[str] * 9)
_ARTICLE_TYPES = (str,) * 8
_EMBED_TYPES = (str,) * 7
_TRACK_TYPES = (str,) * 6

P = ParamSpec("P")
T = TypeVar("T", covariant=True)


class RowConverter(Protocol[P, T]):
    """A function that converts a row to a value."""

    def __call__(self, row: SqlRow, /, *args: P.args, **kwargs: P.kwargs) -> T: ...


def check_row(types: tuple[type, ...]) -> Callable[[Callable[Concatenate[SqlRow, P], T]], RowConverter[P, T]]:
    """Return a decorator for a function that converts a row, which must start with values of *types*."""

    def decorate(convert: Callable[Concatenate[SqlRow, P], T]) -> RowConverter[P, T]:
        @functools.wraps(convert)
        def convert_checked(row: SqlRow, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if tuple(map(type, row[: len(types)])) != types:
                raise sqlite3.DatabaseError("malformed record: a value has the wrong type")
            try:
                return convert(row, *args, **kwargs)
            except (ValueError, TypeError, RecursionError) as exc:
                raise sqlite3.DatabaseError(f"malformed record: {exc}") from exc

        return convert_checked

    return decorate


def qualify_columns(table: str, columns: str) -> str:
    """Prefix *columns* with *table*, for a query that joins tables."""
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def video_to_row(video: Video) -> SqlRow:
    return (
        video.id, video.url, video.title, video.channel, video.channel_url, video.site, video.date,
        video.duration_ms, video.description, video.language, _dump_json(video.categories), _dump_json(video.tags),
        _dump_json([(chapter.start_ms, chapter.title) for chapter in video.chapters]), video.thumbnail, video.kind,
        video.unavailable_since, video.medium,
    )  # fmt: skip


@check_row(_VIDEO_TYPES)
def row_to_video(row: SqlRow) -> Video:
    (id_, url, title, channel, channel_url, site, date, duration_ms, description, language,
     categories, tags, chapters, thumbnail, kind, gone, medium) = row  # fmt: skip
    if abs(duration_ms) > MAX_TIME:
        raise ValueError("a video is too long")
    return Video(
        id=id_, url=url, title=title, channel=channel, channel_url=channel_url, site=site, date=date,
        duration_ms=duration_ms, description=description, language=language,
        categories=_parse_texts(categories), tags=_parse_texts(tags),
        chapters=tuple(_make_chapter(*each) for each in _parse_json_list(chapters)),
        thumbnail=thumbnail, kind=kind, unavailable_since=gone, medium=check_medium(medium),
    )  # fmt: skip


def check_medium(text: str) -> Medium:
    for medium in _MEDIA:
        if text == medium:
            return medium
    raise ValueError("a medium is unknown")


def _parse_json_list(text: str) -> list[Any]:
    if text == "[]":  # most lists are empty
        return []
    if len(text) > _MAX_JSON_CHARS:
        raise ValueError("a list is too long")
    values = json.loads(text)
    if not isinstance(values, list):
        raise ValueError("a list is another value")
    return values


def _parse_texts(text: str) -> tuple[str, ...]:
    values = tuple(_parse_json_list(text))
    if set(map(type, values)) - {str}:
        raise ValueError("a list has other values than texts")
    return values


def _make_chapter(start_ms: int, title: str) -> Chapter:
    if type(start_ms) is not int or abs(start_ms) > MAX_TIME or type(title) is not str:
        raise ValueError("a chapter is another value")
    return Chapter(start_ms, title)


def article_to_row(article: Article) -> SqlRow:
    return (
        article.url, article.fetched_from, article.title, article.author, article.site, article.date,
        article.language, article.captured, zlib.compress(article.text.encode("utf-8", "surrogatepass")),
    )  # fmt: skip


@check_row(_ARTICLE_TYPES)
def row_to_article(row: SqlRow) -> Article:
    url, source, title, author, site, date, language, captured, packed = row
    text = decompress_bounded(packed, MAX_TEXT_BYTES).decode("utf-8", "surrogatepass") if packed else ""
    return Article(url, source, title, author, site, date, language, text, captured)


def embed_to_row(embed: Embed) -> SqlRow:
    captions = [(link.url, link.language, link.label) for link in embed.captions]
    return (embed.url, embed.provider, embed.id, embed.label, embed.kind, _dump_json(captions), embed.medium)


@check_row(_EMBED_TYPES)
def row_to_embed(row: SqlRow, *, dead: bool) -> Embed:
    url, provider, id_, label, kind, captions, medium = row
    links = tuple(_make_caption_link(*link) for link in _parse_json_list(captions))
    return Embed(url, provider, id_, label=label, kind=kind, dead=dead, captions=links, medium=check_medium(medium))


@check_row((str,) * 4)
def check_embed_state(row: SqlRow) -> SqlRow:
    """Return the article, the state, the reason and the video of an embed."""
    return row


@check_row((int,) * 9)
def check_counts(row: SqlRow) -> SqlRow:
    """Return the counts of the contents of a store."""
    return row


def _make_caption_link(*texts: str) -> CaptionLink:
    if set(map(type, texts)) - {str}:
        raise ValueError("a caption link is another value")
    return CaptionLink(*texts)


@check_row((str, int, str, str))
def row_to_review(row: SqlRow, *, article: str) -> Review:
    """Return the review in a row without its article."""
    quote, done, note, changed = row
    return Review(article, quote, bool(done), note, changed)


def track_to_row(track: Track) -> SqlRow:
    return (track.language, track.origin, track.format, track.url, track.name, dump_texts(track.warnings))


@check_row(_TRACK_TYPES)
def row_to_track(row: SqlRow) -> Track:
    if row[1] not in _ORIGINS:
        raise ValueError("a track has an unknown origin")
    language, origin, format_, url, name, warnings = row
    return Track(language, origin, format_, url, name, _parse_texts(warnings))


@check_row((int, str, str, str, int))
def row_to_track_words(row: SqlRow) -> TrackWords:
    return TrackWords(*row)


def dump_texts(texts: tuple[str, ...]) -> str:
    return _dump_json(texts)


def _dump_json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
