"""Resolve URLs to videos and caption tracks with yt-dlp, which is imported at its first use."""

from ..errors import PlaylistError
from .options import ResolveOptions
from .resolver import ResolvedVideo, VideoResolver
from .tracks import FoundTrack

__all__ = ["FoundTrack", "PlaylistError", "ResolveOptions", "ResolvedVideo", "VideoResolver"]
