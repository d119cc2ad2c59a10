"""A video → a track of what is heard in it: its sound is fetched, listened to, and thrown away."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..model import Progress, Track, Video
from ..net import Gate
from ..resolve import ResolveOptions, Resolver
from ..resolve.audio import AudioLimits, for_audio
from ..transcripts.asr import AsrOptions, recogniser
from ..transcripts.timecode import clock
from .progress import Journal
from .targets import local_path

_LISTS = (".m3u8", ".mpd")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a video plays: its address, and the page that embeds it there, empty for none."""

    url: str
    referer: str = ""


class Hearing:
    """Hears what is said in videos.

    Raises `AsrNotInstalledError`, and `AsrModelError` where the model is a folder that cannot be one.
    """

    def __init__(self, options: AsrOptions, resolve: ResolveOptions, *, gate: Gate, journal: Journal) -> None:
        self.options = options
        self._resolve = for_audio(resolve)
        self._gate = gate
        self._journal = journal
        self._recogniser = recogniser(options)

    def load(self) -> None:
        """Load the model, which may have to be downloaded.  Raises `AsrModelError`."""
        self._recogniser.load(lambda says: self._journal.tell(Progress("model", self.options.model, says)))

    def track(self, video: Video, place: Place) -> tuple[Track, bytes] | None:
        """Hear *video*, which plays at *place*: gives a track and its bytes, None where nobody speaks.

        Raises `ResolveError`, `AsrError`.
        """
        self.load()  # before anything is fetched in vain
        with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
            path = _local(place) or self._fetched(video, place, Path(folder))
            heard = self._recogniser.hear(path, name=video.id, tell=partial(self._tell_heard, video))
        track = Track(heard.language, "asr", "json", name=self.options.name)
        return (track, heard.raw) if heard.words else None

    def _fetched(self, video: Video, place: Place, folder: Path) -> Path:
        limits = replace(AudioLimits(), most_bytes=self.options.most_bytes)
        tell = partial(self._tell_fetched, video)
        with Resolver(self._resolve, gate=self._gate) as resolver:
            return resolver.audio(place.url, folder, referer=place.referer, limits=limits, tell=tell)

    def _tell_fetched(self, video: Video, came: int, total: int) -> None:
        of = f" of {total / 1e6:.1f}" if total else ""
        self._journal.tell(Progress("sound", video.title or video.id, f"{came / 1e6:.1f}{of} MB"))

    def _tell_heard(self, video: Video, done_ms: int) -> None:
        of = f" of {clock(video.duration_ms)}" if video.duration_ms else ""
        self._journal.tell(Progress("hearing", video.title or video.id, f"{clock(done_ms)}{of}"))


def _local(place: Place) -> Path | None:
    """Give the file that is here already; what a page names is for the door to judge."""
    if place.referer or not place.url.startswith("file:"):
        return None
    path = local_path(place.url)
    return path if path.suffix.lower() not in _LISTS else None
