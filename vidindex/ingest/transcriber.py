"""`Transcriber`: recognise the speech of videos, those of the store and those that are first added to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from ..model import Progress, Video
from ..store.base import Store
from ..transcripts.asr import AsrOptions
from .adder import Adder
from .network import Asking
from .options import AddOptions, Notify
from .progress import Journal
from .speech_track import Place
from .videos import Videos

_WRITTEN = ("manual", "supplied")


class Transcriber:
    """Recognises speech; one video that fails never stops the rest.

    A video with captions that people wrote is left alone, and so is one that the same model has heard, unless
    *force*.  *stored* is called after each video.  Raises `AsrNotInstalledError`, `AsrModelError`.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: AddOptions,
        notify: Notify,
        stored: Callable[[], object],
        force: bool = False,
    ) -> None:
        self._store = store
        self._stored = stored
        self._force = force
        self._asr = options.asr or AsrOptions()
        options = replace(options, asr=self._asr)
        self._asking = Asking.of(options.resolve, archive=options.archive)
        self._journal = Journal(notify)
        self._videos = Videos(store, self._asking, options=options, journal=self._journal, stored=stored)
        plain = replace(options, asr=None)
        tell = partial(_tell_start, notify)
        self._adder = Adder(store, options=plain, notify=tell, stored=stored, asking=self._asking)
        self._journal.tally = self.tally = self._adder.tally

    def close(self) -> None:
        """Close all connections."""
        self._adder.close()

    def transcribe(self, name: str) -> None:
        """Transcribe the video called *name*, or what a target leads to; what fails is in the tally.

        Raises `AsrModelError`: without a model there is no going on.
        """
        self._videos.ready()
        for video in self._found(name):
            with self._journal.tallied(video.id):
                self._transcribe(video)

    def _found(self, name: str) -> Iterator[Video]:
        """Find *name* in the store, else add what it leads to and give the videos there."""
        known = self._store.video(name) or self._store.video(_as_uri(name))
        if known is not None:
            yield known
            return
        before = set(self._all())
        self._adder.add(name)
        for video in [each for each in self._all() if each not in before]:
            if (found := self._store.video(video)) is not None:
                yield found

    def _all(self) -> list[str]:
        return [*self.tally.videos, *self.tally.unchanged]

    def _transcribe(self, video: Video) -> None:
        if not self._force and (why := self._needless(video)):
            self._note("unchanged", video, why)
            return
        change = self._videos.hear(video, self._place(video))
        if change is None:
            self._note("no captions", video, "nobody speaks in it")
        else:
            self._note("unchanged" if change == "unchanged" else "indexed", video, video.id)
        self._stored()

    def _needless(self, video: Video) -> str:
        """Say why *video* need not be heard, empty where it should."""
        tracks = [track for _, track in self._store.tracks(video.id)]
        if any(track.origin in _WRITTEN for track in tracks):
            return "it has captions that people wrote; --force transcribes it all the same"
        if any(track.origin == "asr" and track.name == self._asr.name for track in tracks):
            return f"{self._asr.name} transcribed it before; --force does it again"
        return ""

    def _note(self, stage: Literal["indexed", "unchanged", "no captions"], video: Video, detail: str) -> None:
        tally = self.tally
        groups = {"indexed": tally.videos, "unchanged": tally.unchanged, "no captions": tally.without_captions}
        for group in groups.values():  # adding may have put it into another
            group.pop(video.id, None)
        groups[stage][video.id] = None
        self._journal.tell(Progress(stage, video.title or video.id, detail))

    def _place(self, video: Video) -> Place:
        """Tell where *video* plays: some do so in the pages that embed them alone."""
        for state in self._store.embeds(video=video.id):
            if state.state == "done" and not state.is_replaced:
                article = self._store.article(state.article)
                return Place(state.embed.url, article.source if article else state.article)
        return Place(video.url)


def _tell_start(notify: Notify, progress: Progress) -> None:
    """Tell of adding alone what is not told again of the same video."""
    if progress.stage not in ("indexed", "unchanged", "no captions"):
        notify(progress)


def _as_uri(name: str) -> str:
    return name if "://" in name else Path(name).absolute().as_uri()
