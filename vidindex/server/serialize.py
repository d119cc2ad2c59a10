"""Values as the JSON objects that `--json` and the API promise."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..model import Article, EmbedRecord, Hit, Stats, Track, Video

if TYPE_CHECKING:
    from ..verify.check import CheckedQuote

JsonFields = dict[str, object]


def serialize_hit(hit: Hit) -> JsonFields:
    """Give a hit as the fields that `--json` promises."""
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


def serialize_quote(checked: CheckedQuote) -> JsonFields:
    """Give a quotation with its verdict."""
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


def serialize_video(video: Video) -> JsonFields:
    """Give all that is known of a video itself."""
    return asdict(video)


def serialize_track(track: Track) -> JsonFields:
    """Say which captions a track holds."""
    return {"language": track.language, "origin": track.origin}


def serialize_article(article: Article) -> JsonFields:
    """Give what is known of an article, without its text."""
    return {
        "url": article.url,
        "title": article.title,
        "author": article.author,
        "site": article.site,
        "date": article.date,
        "language": article.language,
    }


def serialize_embed(state: EmbedRecord) -> JsonFields:
    """Give an embed with what became of it."""
    return {
        "url": state.embed.url,
        "provider": state.embed.provider,
        "id": state.embed.id,
        "label": state.embed.label,
        "kind": state.embed.kind,
        "state": state.state,
        "reason": state.reason,
        "video_id": state.video,
    }


def serialize_stats(stats: Stats) -> JsonFields:
    """Give what an index holds."""
    return asdict(stats)
