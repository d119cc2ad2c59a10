"""Distinguish posts of social networks that can only be videos from posts that may be text or pictures."""

from __future__ import annotations

import re

from ...model import EmbedKind
from ..providers import recognize_url

_SOCIAL_NETWORKS = frozenset(
    ("twitter", "instagram", "reddit", "bluesky", "telegram", "linkedin", "pinterest", "imgur", "tumblr")
)
_VIDEO_POST_URL = re.compile(
    r"(?i)/(?:reel|reels|tv|video|videos|watch|broadcasts)[/?.]|tiktok\.com|fb\.watch|v\.redd\.it|vine\.co|youtu|vimeo"
)


def classify_post(url: str) -> EmbedKind:
    """Return `link` for a post that may contain only text or pictures, otherwise `embed`."""
    video = recognize_url(url)
    return "link" if video and video.provider in _SOCIAL_NETWORKS and not _VIDEO_POST_URL.search(url) else "embed"
