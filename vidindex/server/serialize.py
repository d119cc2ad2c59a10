"""Convert values to the JSON objects of the API and of `--json`; `schemas` describes the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ..model import Article, EmbedRecord, Hit, Review, Stats, Track, Video
    from ..search.by_video import VideoHits
    from ..search.facets import Facet
    from ..search.texts import TextHit, TextHits
    from ..search.trend import Trend
    from ..store.tasks import QueueStatus
    from ..verify.check import CheckedQuote
    from ..verify.verdicts import Change, Context, Piece, Searched, Verdict
    from .schemas import (
        ArticleJson,
        ContextJson,
        EmbedJson,
        FacetJson,
        HitJson,
        MeaningChangeJson,
        PieceJson,
        QueueJson,
        QuoteJson,
        ReviewJson,
        SearchedJson,
        StatsJson,
        TextHitJson,
        TextsJson,
        TrackJson,
        TrendJson,
        VerdictJson,
        VideoHitsJson,
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
        "medium": hit.video.medium,
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


def serialize_video_hits(found: VideoHits) -> VideoHitsJson:
    """Return a video with its best hits and their number."""
    video = found.video
    return {
        "video_id": video.id,
        "video_url": video.url,
        "title": video.title,
        "channel": video.channel,
        "site": video.site,
        "date": video.date,
        "kind": video.kind,
        "duration_ms": video.duration_ms,
        "unavailable_since": video.unavailable_since,
        "total": found.total,
        "is_more": found.is_more,
        "hits": [serialize_hit(hit) for hit in found.hits],
    }


def serialize_facet(facet: Facet) -> FacetJson:
    """Return the values of a facet with their counts and names."""
    names = dict(facet.names)
    return {
        "name": facet.name,
        "values": [{"value": value, "count": count, "name": names.get(value, "")} for value, count in facet.values],
    }


def serialize_text_hit(hit: TextHit) -> TextHitJson:
    """Return the fields of a text that matches; `match` is its kind, which no moment has."""
    video, article = hit.video, hit.article
    return {
        "match": hit.match,
        "video_id": video.id if video else "",
        "video_url": video.url if video else "",
        "article_url": article.url if article else "",
        "title": video.title if video else article.title if article else "",
        "channel": video.channel if video else "",
        "site": video.site if video else article.site if article else "",
        "date": video.date if video else article.date if article else "",
        "start_ms": hit.start_ms,
        "text": hit.text,
        "marks": [[start, end] for start, end in hit.marks],
        "url": hit.url,
    }


def serialize_texts(found: TextHits) -> TextsJson:
    """Return the texts of a page, with the number of all texts of each kind."""
    return {
        "total": found.total,
        "counts": [{"kind": kind, "count": count} for kind, count in found.counts],
        "pending": found.pending,
        "hits": [serialize_text_hit(hit) for hit in found.hits],
    }


def serialize_trend(trend: Trend) -> TrendJson:
    """Return the rows of a trend with their rates."""
    return {
        "by": trend.by,
        "total": trend.total,
        "words": trend.words,
        "is_more": trend.is_more,
        "rows": [
            {
                "value": row.value,
                "hits": row.hits,
                "words": row.words,
                "rate": None if row.rate is None else round(row.rate, 3),
            }
            for row in trend.rows
        ],
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


def serialize_verdict(verdict: Verdict) -> VerdictJson:
    """Return a verdict with its claim."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "quote": claim.quote,
        "who": claim.who,
        "video": claim.video,
        "article": claim.article,
        "verdict": verdict.verdict,
        "speaker_check": verdict.speaker_check,
        "speaker": verdict.speaker,
        "score": round(verdict.score, 4),
        "confidence": round(verdict.confidence, 4),
        "elsewhere": verdict.elsewhere,
        "hit": serialize_hit(verdict.hit) if verdict.hit else None,
        "changes": [_serialize_change(change) for change in verdict.changes],
        "diff": [{"printed": words.printed, "spoken": words.spoken, "same": words.same} for words in verdict.diff],
        "pieces": [_serialize_piece(piece) for piece in verdict.pieces],
        "context": _serialize_context(verdict.context),
        "searched": _serialize_searched(verdict.searched),
        "notes": list(verdict.notes),
    }


def _serialize_change(change: Change) -> MeaningChangeJson:
    return {
        "kind": change.kind,
        "printed": change.printed,
        "said": change.said,
        "start_ms": change.start_ms,
        "undecided": change.undecided,
    }


def _serialize_piece(piece: Piece) -> PieceJson:
    return {
        "printed": piece.printed,
        "said": piece.said,
        "start_ms": piece.start_ms,
        "end_ms": piece.end_ms,
        "order": piece.order,
        "gap": piece.gap,
        "gap_words": piece.gap_words,
    }


def _serialize_context(context: Context | None) -> ContextJson | None:
    if context is None:
        return None
    return {
        "before": context.before,
        "after": context.after,
        "question": context.question,
        "cut_before": context.cut_before,
    }


def _serialize_searched(searched: Searched) -> SearchedJson:
    return {
        "scope": searched.scope,
        "videos": searched.videos,
        "with_captions": searched.with_captions,
        "without_captions": searched.without_captions,
        "languages": list(searched.languages),
        "complete": searched.complete,
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
        "medium": video.medium,
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
        "captured": article.captured,
    }


def serialize_embed(record: EmbedRecord) -> EmbedJson:
    """Return an embed with its state."""
    return {
        "url": record.embed.url,
        "provider": record.embed.provider,
        "id": record.embed.id,
        "label": record.embed.label,
        "kind": record.embed.kind,
        "medium": record.embed.medium,
        "state": record.state,
        "reason": record.reason,
        "video_id": record.video,
    }


def serialize_review(review: Review) -> ReviewJson:
    """Return what people noted about a quotation."""
    return {
        "article": review.article,
        "quote": review.quote,
        "done": review.done,
        "note": review.note,
        "changed": review.changed,
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
        "vectors": stats.vectors,
        "gist_model": stats.gist_model,
        "queue": cast("QueueJson", status_fields(queue)),
    }
