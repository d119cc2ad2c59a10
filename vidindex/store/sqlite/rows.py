"""Values to rows and back."""

from __future__ import annotations

import json
import zlib
from typing import Any

from ...model import Article, CaptionLink, Chapter, Embed, Track, Video

VIDEO_COLUMNS = (
    "name, url, title, channel, channel_url, site, date, duration_ms, description, language, "
    "categories, tags, chapters, thumbnail, kind, gone"
)
ARTICLE_COLUMNS = "url, source, title, author, site, date, language, text"
EMBED_COLUMNS = "url, provider, name, label, kind, captions"
TASK_COLUMNS = "url, kind, state, tries, next_try, verdict, reason, video, article, listed, parent, host"
TRACK_COLUMNS = "language, origin, format, url, name"

Row = tuple[Any, ...]


def of(table: str, columns: str) -> str:
    """Say of which table *columns* are, for a query that joins several."""
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def video_row(video: Video) -> Row:
    return (
        video.id, video.url, video.title, video.channel, video.channel_url, video.site, video.date,
        video.duration_ms, video.description, video.language, _json(video.categories), _json(video.tags),
        _json([(chapter.start_ms, chapter.title) for chapter in video.chapters]), video.thumbnail, video.kind,
        video.gone,
    )  # fmt: skip


def to_video(row: Row) -> Video:
    (id_, url, title, channel, channel_url, site, date, duration_ms, description, language,
     categories, tags, chapters, thumbnail, kind, gone) = row  # fmt: skip
    return Video(
        id=id_, url=url, title=title, channel=channel, channel_url=channel_url, site=site, date=date,
        duration_ms=duration_ms, description=description, language=language,
        categories=_listed(categories), tags=_listed(tags),
        chapters=tuple(Chapter(start, name) for start, name in _listed(chapters)),
        thumbnail=thumbnail, kind=kind, gone=gone,
    )  # fmt: skip


def _listed(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()  # most lists are empty


def article_row(article: Article) -> Row:
    return (
        article.url, article.source, article.title, article.author, article.site, article.date,
        article.language, zlib.compress(article.text.encode("utf-8", "surrogatepass")),
    )  # fmt: skip


def to_article(row: Row) -> Article:
    url, source, title, author, site, date, language, packed = row
    text = zlib.decompress(packed).decode("utf-8", "surrogatepass") if packed else ""
    return Article(url, source, title, author, site, date, language, text)


def embed_row(embed: Embed) -> Row:
    captions = [(link.url, link.language, link.label) for link in embed.captions]
    return (embed.url, embed.provider, embed.id, embed.label, embed.kind, _json(captions))


def to_embed(row: Row, *, dead: bool) -> Embed:
    url, provider, id_, label, kind, captions = row
    links = tuple(CaptionLink(*link) for link in json.loads(captions))
    return Embed(url, provider, id_, label=label, kind=kind, dead=dead, captions=links)


def track_row(track: Track) -> Row:
    return (track.language, track.origin, track.format, track.url, track.name)


def to_track(row: Row) -> Track:
    return Track(*row)


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
