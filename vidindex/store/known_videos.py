"""Finds the videos of embeds that the index already has, without a request."""

from __future__ import annotations

from ..model import EmbedRecord, Video
from .base import Store


def find_known_video(store: Store, provider: str, id_: str, url: str) -> Video | None:
    """Return the video with an id at its provider, or with a URL; None if *store* does not have it."""
    known = store.get_video(f"{provider}:{id_}")
    return known if known is not None or not url else next(store.list_videos(url=url), None)


def link_known_videos(store: Store, article: str) -> None:
    """Link the embeds of *article* whose videos are in *store*, so that they are its own even if no request succeeds.

    The state of the embeds stays as it is: their videos are still resolved.
    """
    for record in store.list_embeds(article=article):
        is_open = not (record.video or record.is_replaced or record.embed.dead)
        video = _find_own_video(store, record) if is_open else None
        if video is not None:
            embed = record.embed.url
            store.set_embed_state(article, embed, state=record.state, reason=record.reason, video=video.id)


def _find_own_video(store: Store, record: EmbedRecord) -> Video | None:
    return find_known_video(store, record.embed.provider, record.embed.id, record.embed.url)
