"""Find the video of an embed that is already in the store, under whatever address it was added."""

from __future__ import annotations

from ..model import Video
from .base import Store


def find_known_video(store: Store, provider: str, id_: str, url: str) -> Video | None:
    """Return the video with the id that its provider gives it, else the one at *url*; prefixes do not count."""
    for name in (f"{provider}:{id_}", url):
        found = store.find_video(name)
        if found is not None and name in (found.id, found.url):
            return found
    return None
