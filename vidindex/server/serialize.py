"""Convert values to the JSON objects of the API and of `--json`; `schemas` describes the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ..model import Article, EmbedRecord, Hit, Stats, Track, Video
    from ..search.facets import Facet
    from ..store.tasks import QueueStatus
    from ..verify.check import CheckedQuote
    from .schemas import (
        ArticleJson,
        EmbedJson,
        FacetJson,
        HitJson,
        QueueJson,
        QuoteJson,
        StatsJson,
        TrackJson,
        VideoJson,
    )


def serialize_hit(hit: Hit) -> HitJson:
    """Return the fields of a hit."""
    return {
        "video_id": hit.video.id,
        "video_url": hit.video.url,
        "title": hit.video.title,
        "channel": hit.video.channel,
        "site": hit.video.site,
        "date": hit.video.date,
        "label": hit.label,
        "kind": hit.kind,
        "language": hit.language,
        "origin": hit.origin,
        "unavailable_since": hit.video.unavailable_since,
        "speaker": hit.speaker,
        "start_ms": hit.start_ms,
        "end_ms": hit.end_ms,
        "text": hit.text,
        "before": hit.before,
        "after": hit.after,
        "match": hit.match,
        "score": round(hit.score, 4),
        "url": hit.url,
        "articles": [{"url": article.url, "title": article.title} for article in hit.articles],
    }


def serialize_facet(facet: Facet) -> FacetJson:
    """Return the values of a facet with their counts and names."""
    names = dict(facet.names)
    return {
        "name": facet.name,
        "values": [{"value": value, "count": count, "name": names.get(value, "")} for value, count in facet.values],
    }


def serialize_quote(checked: CheckedQuote) -> QuoteJson:
    """Return a quote with its verdict and its best match."""
    return {
        "quote": checked.quotation.text,
        "attribution": checked.quotation.attribution,
        "verdict": checked.verdict,
        "elsewhere": checked.elsewhere,
        "changes": [
            {"printed": change.printed, "spoken": change.spoken, "same": change.same} for change in checked.changes
        ],
        "hit": serialize_hit(checked.hit) if checked.hit else None,
    }


def serialize_video(video: Video) -> VideoJson:
    """Return the metadata of a video."""
    return {
        "id": video.id,
        "url": video.url,
        "title": video.title,
        "channel": video.channel,
        "channel_url": video.channel_url,
        "site": video.site,
        "date": video.date,
        "duration_ms": video.duration_ms,
        "description": video.description,
        "language": video.language,
        "categories": list(video.categories),
        "tags": list(video.tags),
        "chapters": [{"start_ms": chapter.start_ms, "title": chapter.title} for chapter in video.chapters],
        "thumbnail": video.thumbnail,
        "kind": video.kind,
        "unavailable_since": video.unavailable_since,
    }


def serialize_track(track: Track) -> TrackJson:
    """Return the language, the origin and the warnings of a caption track."""
    return {"language": track.language, "origin": track.origin, "warnings": list(track.warnings)}


def serialize_article(article: Article) -> ArticleJson:
    """Return the metadata of an article."""
    return {
        "url": article.url,
        "title": article.title,
        "author": article.author,
        "site": article.site,
        "date": article.date,
        "language": article.language,
    }


def serialize_embed(record: EmbedRecord) -> EmbedJson:
    """Return an embed with its state."""
    return {
        "url": record.embed.url,
        "provider": record.embed.provider,
        "id": record.embed.id,
        "label": record.embed.label,
        "kind": record.embed.kind,
        "state": record.state,
        "reason": record.reason,
        "video_id": record.video,
    }


def serialize_stats(stats: Stats, queue: QueueStatus) -> StatsJson:
    """Return the size of an index, and its work queue."""
    from ..store.tasks import status_fields  # a search does not use the queue

    return {
        "articles": stats.articles,
        "embeds": stats.embeds,
        "dead": stats.dead,
        "videos": stats.videos,
        "without_captions": stats.without_captions,
        "tracks": stats.tracks,
        "words": stats.words,
        "duration_ms": stats.duration_ms,
        "pending": stats.pending,
        "engine": stats.engine,
        "bytes": stats.bytes,
        "queue": cast("QueueJson", status_fields(queue)),
    }
