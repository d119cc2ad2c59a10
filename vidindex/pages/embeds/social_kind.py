"""Which posts of social networks can only be videos: of the others the page does not say what they hold."""

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
    """Say `link` for a post that may be words or pictures alone, `embed` for anything else."""
    known = recognize_url(url)
    return "link" if known and known.provider in _SOCIAL_NETWORKS and not _VIDEO_POST_URL.search(url) else "embed"
