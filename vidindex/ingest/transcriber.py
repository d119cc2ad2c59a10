"""Transcribe the speech of videos that are in the store, or that are added to it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from ..model import Progress, Video
from ..net.files import to_url
from ..store.base import Store
from ..transcripts.asr import AsrOptions
from ..transcripts.workers import JobPool
from .adder import TargetAdder
from .archives import page_of
from .network import Network
from .options import AddCallbacks, AddOptions, ProgressCallback
from .progress import ProgressLog
from .speech_track import PlaybackSource
from .videos import VideoStorer

_WRITTEN_ORIGINS = ("manual", "supplied")


class VideoTranscriber:
    """Transcribes videos; a failure never stops the rest.

    Videos with manual or supplied captions are skipped, and so are those that the same model has transcribed, unless
    *force* is true.  Raises `AsrNotInstalledError`, `AsrModelError`.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: AddOptions,
        callbacks: AddCallbacks,
        force: bool = False,
    ) -> None:
        self._store = store
        self._on_stored = callbacks.on_stored
        self._force = force
        self._asr_options = options.asr or AsrOptions()
        options = replace(options, asr=self._asr_options)
        self._network = Network.from_options(options.resolve, archive=options.archive)
        self._progress_log = ProgressLog(callbacks.notify)
        self._video_storer = VideoStorer(
            store,
            self._network,
            options=options,
            progress_log=self._progress_log,
            on_stored=self._on_stored,
            pool=JobPool(1),
        )
        plain = replace(options, asr=None)
        forwarding = replace(callbacks, notify=partial(_forward_progress, callbacks.notify))
        self._target_adder = TargetAdder(store, options=plain, callbacks=forwarding, network=self._network)
        self._progress_log.report_builder = self.report_builder = self._target_adder.report_builder

    def close(self) -> None:
        """Close all connections."""
        self._target_adder.close()

    def transcribe_all(self, names: Sequence[str]) -> None:
        """Transcribe *names*, and report the progress of all together.

        Raises `AsrModelError`.
        """
        for name in self._progress_log.split_work(names, len(names)):
            self.transcribe(name)

    def transcribe(self, name: str) -> None:
        """Transcribe the video *name*, or the videos that the target *name* leads to; failures are in the report.

        Raises `AsrModelError`.
        """
        self.report_builder.target = name
        self._video_storer.load_speech_model()
        videos = self._find_videos(name)
        for video in self._progress_log.split_work(videos, len(videos)):
            with self._progress_log.record_failures(video.id):
                self._transcribe_video(video)

    def _find_videos(self, name: str) -> list[Video]:
        """Return the video *name* of the store; if there is none, add the target *name* and return its videos."""
        known = self._store.find_video(name) or self._store.find_video(to_url(name))
        if known is not None:
            return [known]
        before = set(self._reported_video_ids())
        self._target_adder.add(name)
        added = [self._store.get_video(video) for video in self._reported_video_ids() if video not in before]
        return [video for video in added if video is not None]

    def _reported_video_ids(self) -> list[str]:
        return [*self.report_builder.videos, *self.report_builder.unchanged]

    def _transcribe_video(self, video: Video) -> None:
        if not self._force and (why := self._skip_reason(video)):
            self._record_result("unchanged", video, why)
            return
        change = self._video_storer.store_speech_track(video, self._playback_source(video))
        if change is None:
            self._record_result("no captions", video, "there is no speech in it")
        else:
            self._record_result("unchanged" if change == "unchanged" else "indexed", video, video.id)
        self._on_stored()

    def _skip_reason(self, video: Video) -> str:
        """Return why *video* is not transcribed, or "" if it is."""
        tracks = [track for _, track in self._store.list_tracks(video.id)]
        if any(track.origin in _WRITTEN_ORIGINS for track in tracks):
            return "it has manual captions; --force transcribes it anyway"
        if any(track.origin == "asr" and track.name == self._asr_options.name for track in tracks):
            return f"{self._asr_options.name} has transcribed it before; --force transcribes it again"
        return ""

    def _record_result(self, stage: Literal["indexed", "unchanged", "no captions"], video: Video, detail: str) -> None:
        report = self.report_builder
        groups = {"indexed": report.videos, "unchanged": report.unchanged, "no captions": report.without_captions}
        for group in groups.values():  # adding may have put the video into another group
            group.pop(video.id, None)
        groups[stage][video.id] = None
        report.add_result(video.id, "updated" if stage == "indexed" else "unchanged")
        self._progress_log.emit_progress(Progress(stage, video.title or video.id, detail))

    def _playback_source(self, video: Video) -> PlaybackSource:
        """Return where *video* plays: some videos play only in the pages that embed them."""
        for state in self._store.list_embeds(video=video.id):
            if state.state == "done" and not state.is_replaced:
                article = self._store.find_article(state.article)
                if article is None:
                    return PlaybackSource(state.embed.url, state.article)
                archive = self._network.archives.find_for(article)
                return PlaybackSource(state.embed.url, page_of(article, archive), archive)
        return PlaybackSource(video.url)


def _forward_progress(notify: ProgressCallback, progress: Progress) -> None:
    """Pass on the progress of adding, without the steps that transcribing reports itself."""
    if progress.stage not in ("indexed", "unchanged", "no captions"):
        notify(replace(progress, done=0, total=0))
