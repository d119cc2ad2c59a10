"""`vidindex search`: hits as a person or a program reads them."""

from __future__ import annotations

import click

from ..model import Hit
from . import Session
from .text import clock, counted, json_line, plain


def hit_fields(hit: Hit) -> dict[str, object]:
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
