"""Read the transcript of one caption file or video, without an index."""

from __future__ import annotations

import os

from ..errors import CaptionError, CaptionFetchError, TargetError
from ..model import Transcript
from ..pages.saved_page import read_file_bytes
from ..resolve import ResolveOptions, VideoResolver
from ..resolve.local_files import MAX_CAPTION_FILE_BYTES, read_caption_file
from ..transcripts.languages import base_language
from ..transcripts.read import parse_transcript
from ..transcripts.track_choice import choose_tracks
from .targets import Target, classify_target


def transcript(
    target: str | os.PathLike[str], *, language: str = "", resolve: ResolveOptions | None = None
) -> Transcript:
    """Return the transcript of *target*, a caption file or the URL of a video, without an index.

    The track of a video is chosen as by `Index.add`: in *language* if that is given, else in the spoken language, else
    in English; manual captions are preferred to automatic ones.  *resolve* are options for requests.

    Raises `TargetError` if *target* is neither a caption file nor a URL, `CaptionError` if the captions cannot be
    parsed or there are none (in *language*), `ResolveError` if there is no video at the URL, `PlaylistError` if
    there are several, `CaptionFetchError` if the captions cannot be downloaded.
    """
    classified = classify_target(os.fspath(target))
    if classified.kind == "captions":
        return _read_caption_file(classified, language)
    if not classified.url:
        raise TargetError(str(classified.path), "it is not a caption file: give one, or the URL of a video")
    with VideoResolver(resolve) as resolver:
        return fetch_transcript(resolver, classified.url, language=language)


def fetch_transcript(resolver: VideoResolver, url: str, *, language: str = "") -> Transcript:
    """Resolve the video at *url* and return the transcript of its best track.

    Raises `CaptionError`, `ResolveError`, `PlaylistError`, `CaptionFetchError` as `transcript` does.
    """
    resolved = resolver.resolve(url)
    languages = (language,) if language else ()
    tracks = choose_tracks(resolved.tracks, spoken=resolved.video.language, languages=languages)
    if tracks:
        return parse_transcript(tracks[0], resolver.fetch_track(tracks[0]))
    if resolved.missing_reason:
        raise CaptionFetchError(url, resolved.missing_reason, verdict=resolved.missing_verdict)
    raise CaptionError(url, "the video has no captions" + (f" in {language}" if language else ""))


def _read_caption_file(target: Target, language: str) -> Transcript:
    (track,) = read_caption_file(target.path).tracks
    if language and track.language and base_language(track.language) != base_language(language):
        raise CaptionError(str(target.path), f"it has captions in {track.language}, not in {language}")
    return parse_transcript(track, read_file_bytes(target.path, MAX_CAPTION_FILE_BYTES))
