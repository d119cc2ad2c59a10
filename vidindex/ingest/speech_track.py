"""Make a caption track by speech recognition: download the audio, transcribe it, delete it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..errors import ResolveError
from ..model import Progress, Track, Video
from ..net.files import is_inside_folder
from ..net.saved_responses import ResponseArchive
from ..net.throttle import HostThrottle
from ..resolve import ResolveOptions, VideoResolver
from ..resolve.audio import AudioLimits, enable_audio_formats
from ..resolve.metadata import build_url_id
from ..transcripts.asr import AsrOptions, get_recognizer
from ..transcripts.timecode import format_clock
from .progress import ProgressLog
from .targets import MEDIA_SUFFIXES, PLAYLIST_SUFFIXES, file_url_to_path


@dataclass(frozen=True, slots=True)
class PlaybackSource:
    """The URL at which a video plays, and the page that embeds it there, "" if none does; *archive* may have both."""

    url: str
    referer: str = ""
    archive: ResponseArchive | None = None


class SpeechTrackMaker:
    """Makes caption tracks of videos by speech recognition.

    Raises `AsrNotInstalledError`, and `AsrModelError` if the model is a folder without a model in it.
    """

    def __init__(
        self, options: AsrOptions, resolve: ResolveOptions, *, throttle: HostThrottle, progress_log: ProgressLog
    ) -> None:
        self.options = options
        self._resolve_options = enable_audio_formats(resolve)
        self._throttle = throttle
        self._progress_log = progress_log
        self._recognizer = get_recognizer(options)

    def load_model(self) -> None:
        """Load the model, downloading it if necessary.  Raises `AsrModelError`."""
        self._recognizer.load(
            lambda says: self._progress_log.emit_progress(Progress("model", self.options.model, says))
        )

    def make_track(self, video: Video, playback: PlaybackSource) -> tuple[Track, bytes] | None:
        """Return a track of the speech in *video*, and its bytes; None if there is no speech.

        Raises `ResolveError`, `AsrError`, and `TargetError` if the URL is that of a file on another machine.
        """
        self.load_model()  # first: without it the download would be useless
        with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
            path = _local_media_path(video, playback) or self._fetch_audio(video, playback, Path(folder))
            heard = self._recognizer.recognize(
                path, name=video.id, on_progress=partial(self._report_recognition, video)
            )
        track = Track(heard.language, "asr", "json", name=self.options.name)
        return (track, heard.raw) if heard.word_count else None

    def _fetch_audio(self, video: Video, playback: PlaybackSource, folder: Path) -> Path:
        limits = replace(AudioLimits(), max_bytes=self.options.max_audio_bytes)
        tell = partial(self._report_download, video)
        with VideoResolver(self._resolve_options, throttle=self._throttle) as resolver:
            return resolver.fetch_audio(
                playback.url,
                folder,
                referer=playback.referer,
                limits=limits,
                archive=playback.archive,
                on_progress=tell,
            )

    def _report_download(self, video: Video, came: int, total: int) -> None:
        of = f" of {total / 1e6:.1f}" if total else ""
        self._progress_log.emit_progress(Progress("sound", video.title or video.id, f"{came / 1e6:.1f}{of} MB"))

    def _report_recognition(self, video: Video, done_ms: int) -> None:
        of = f" of {format_clock(video.duration_ms)}" if video.duration_ms else ""
        self._progress_log.emit_progress(Progress("hearing", video.title or video.id, f"{format_clock(done_ms)}{of}"))


def _local_media_path(video: Video, playback: PlaybackSource) -> Path | None:
    """Return the local file that *playback* names; None if a page named it, because those need access checks.

    Raises `ResolveError` if the user did not add the file itself: then its URL came from the metadata of a video, which
    anyone may have written; or if it is not a media file, or a link to another folder.
    """
    if playback.referer or not playback.url.lower().startswith("file:"):
        return None
    path = file_url_to_path(playback.url)
    if path.suffix.lower() in PLAYLIST_SUFFIXES and video.id == build_url_id(playback.url):
        return None
    is_own = video.id == build_url_id(playback.url) and is_inside_folder(path, path.parent)
    if not is_own or not {path.suffix.lower(), path.resolve().suffix.lower()} <= MEDIA_SUFFIXES:
        reason = "it is not a media file that was added by its own path: give the path of the media file"
        raise ResolveError(playback.url, reason, verdict="unsupported")
    return path.resolve()
