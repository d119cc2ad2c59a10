"""Embed → Video + Tracks: everything yt-dlp, its options and its errors.  yt-dlp is imported at the first use."""

from ..errors import PlaylistError
from .options import ResolveOptions
from .resolver import ResolvedVideo, VideoResolver
from .tracks import FoundTrack

__all__ = ["FoundTrack", "PlaylistError", "ResolveOptions", "ResolvedVideo", "VideoResolver"]
