"""Embed → Video + Tracks: everything yt-dlp, its options and its errors.  yt-dlp is imported at the first use."""

from vidindex.resolve.options import ResolveOptions
from vidindex.resolve.resolver import PlaylistError, Resolved, Resolver
from vidindex.resolve.tracks import FoundTrack

__all__ = ["FoundTrack", "PlaylistError", "ResolveOptions", "Resolved", "Resolver"]
