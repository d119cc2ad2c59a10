"""Which posts of social networks can only be videos: of the others the page does not say what they hold."""

from __future__ import annotations

import re

from ...model import EmbedKind
from ..providers import recognise

_NETWORKS = frozenset(
    ("twitter", "instagram", "reddit", "bluesky", "telegram", "linkedin", "pinterest", "imgur", "tumblr")
)
_VIDEO_URL = re.compile(
    r"(?i)/(?:reel|reels|tv|video|videos|watch|broadcasts)[/?.]|tiktok\.com|fb\.watch|v\.redd\.it|vine\.co|youtu|vimeo"
)


def post_kind(url: str) -> EmbedKind:
    """Say `link` for a post that may be words or pictures alone, `embed` for anything else."""
    known = recognise(url)
    return "link" if known and known.provider in _NETWORKS and not _VIDEO_URL.search(url) else "embed"
