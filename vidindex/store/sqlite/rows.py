"""Convert values to rows and back."""

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

SqlRow = tuple[Any, ...]


def qualify_columns(table: str, columns: str) -> str:
    """Prefix *columns* with *table*, for a query that joins tables."""
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def video_to_row(video: Video) -> SqlRow:
    return (
        video.id, video.url, video.title, video.channel, video.channel_url, video.site, video.date,
        video.duration_ms, video.description, video.language, _dump_json(video.categories), _dump_json(video.tags),
        _dump_json([(chapter.start_ms, chapter.title) for chapter in video.chapters]), video.thumbnail, video.kind,
        video.unavailable_since,
    )  # fmt: skip


def row_to_video(row: SqlRow) -> Video:
    (id_, url, title, channel, channel_url, site, date, duration_ms, description, language,
     categories, tags, chapters, thumbnail, kind, gone) = row  # fmt: skip
    return Video(
        id=id_, url=url, title=title, channel=channel, channel_url=channel_url, site=site, date=date,
        duration_ms=duration_ms, description=description, language=language,
        categories=_parse_json_list(categories), tags=_parse_json_list(tags),
        chapters=tuple(Chapter(start, name) for start, name in _parse_json_list(chapters)),
        thumbnail=thumbnail, kind=kind, unavailable_since=gone,
    )  # fmt: skip


def _parse_json_list(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()  # most lists are empty


def article_to_row(article: Article) -> SqlRow:
    return (
        article.url, article.fetched_from, article.title, article.author, article.site, article.date,
        article.language, zlib.compress(article.text.encode("utf-8", "surrogatepass")),
    )  # fmt: skip


def row_to_article(row: SqlRow) -> Article:
    url, source, title, author, site, date, language, packed = row
    text = zlib.decompress(packed).decode("utf-8", "surrogatepass") if packed else ""
    return Article(url, source, title, author, site, date, language, text)


def embed_to_row(embed: Embed) -> SqlRow:
    captions = [(link.url, link.language, link.label) for link in embed.captions]
    return (embed.url, embed.provider, embed.id, embed.label, embed.kind, _dump_json(captions))


def row_to_embed(row: SqlRow, *, dead: bool) -> Embed:
    url, provider, id_, label, kind, captions = row
    links = tuple(CaptionLink(*link) for link in json.loads(captions))
    return Embed(url, provider, id_, label=label, kind=kind, dead=dead, captions=links)


def track_to_row(track: Track) -> SqlRow:
    return (track.language, track.origin, track.format, track.url, track.name)


def row_to_track(row: SqlRow) -> Track:
    return Track(*row)


def _dump_json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
