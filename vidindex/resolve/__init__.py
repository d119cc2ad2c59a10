"""Embed → Video + Tracks: everything yt-dlp, its options and its errors.  yt-dlp is imported at the first use."""

from .options import ResolveOptions
from .resolver import PlaylistError, ResolvedVideo, VideoResolver
from .tracks import FoundTrack

__all__ = ["FoundTrack", "PlaylistError", "ResolveOptions", "ResolvedVideo", "VideoResolver"]
