"""A resolved or saved video into the store: its kind, its tracks, each with its transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..engines.sync import transcript_of
from ..errors import CaptionFetchError, TargetError
from ..model import CaptionLink, Failure, Progress, Track, Video
from ..resolve import Resolved
from ..resolve.local_files import MOST_BYTES, Saved, nameable
from ..store.base import Change, Store
from ..store.tasks import Change as VideoChange
from ..store.tasks import Outcome
from ..transcripts.formats import choose_tracks
from .clip_kind import OTHER, clip_kind
from .network import Asking
from .options import AddOptions
from .page_reader import read_bytes
from .progress import Journal, outcome_of
from .speech_track import Hearing, Place
from .targets import local_path

Load = tuple[Track, Callable[[], bytes]]
"""A track, and how to get its bytes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored video, what that meant for it, and what failed of its captions."""

    video: Video
    change: VideoChange
    failures: tuple[Failure, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How it went."""
        return replace(outcome_of(list(self.failures), video=self.video.id), change=self.change)


class Videos:
    """Takes videos into *store*; a track that fails is noted, the others go on."""

    def __init__(
        self, store: Store, asking: Asking, *, options: AddOptions, journal: Journal, stored: Callable[[], object]
    ) -> None:
        self._store = store
        self._resolver = asking.resolver
        self._languages = options.languages
        self._journal = journal
        self._stored = stored
        self._hearing = None
        if options.asr is not None:
            gate = asking.fetching.gate
            self._hearing = Hearing(options.asr, options.resolve, gate=gate, journal=journal)

    def ask(self, url: str, *, referer: str = "", label: str = "", captions: tuple[CaptionLink, ...] = ()) -> Taken:
        """Resolve the video at *url* and take it.  Raises `ResolveError`."""
        self._journal.tell(Progress("resolve", url))
        resolved = self._resolver.resolve(url, referer=referer, captions=captions)
        return self.take(resolved, referer=referer, label=label, place=Place(url, referer))

    def take(self, resolved: Resolved, *, referer: str = "", label: str = "", place: Place | None = None) -> Taken:
        """Store a resolved video with the tracks that are wanted; it plays at its own address unless at *place*."""
        spoken = resolved.video.language
        chosen = choose_tracks(resolved.tracks, spoken=spoken, languages=self._languages)
        loads = [(track, partial(self._resolver.fetch, track, referer=referer)) for track in chosen]
        place = place or Place(resolved.video.url)
        return self._put(resolved.video, loads, label=label, missing=resolved.missing, place=place)

    def ready(self) -> None:
        """Get ready to hear.  Raises `AsrModelError`."""
        if self._hearing is not None:
            self._hearing.load()

    def hear(self, video: Video, place: Place) -> Change | None:
        """Store what is heard in *video*, a video of the store, which plays at *place*; None where nobody speaks.

        Raises `ResolveError`, `AsrError`.
        """
        heard = self._hearing.track(video, place) if self._hearing is not None else None
        return self._track(video, *heard) if heard is not None else None

    def take_saved(self, saved: Saved) -> Taken:
        """Store what was saved on this machine."""
        if saved.problem:
            self._journal.fail(saved.video.id, TargetError(saved.video.id, saved.problem))
        saved = self._apart(saved)
        files = zip(saved.tracks, saved.paths, strict=True)
        is_new = self._store.video(saved.video.id) is None
        taken = self._put(saved.video, [(track, partial(read_bytes, path, MOST_BYTES)) for track, path in files])
        if is_new and saved.video.id.startswith("file:") and not self._store.tracks(saved.video.id):
            # Its captions were all that there was to say about it.
            self._store.remove_video(saved.video.id)
        return taken

    def _apart(self, saved: Saved) -> Saved:
        """Keep lone files of one name in two folders apart: the later is named by its folder, too."""
        name = saved.video.id
        if not (name.startswith("file:") and saved.paths):
            return saved
        folder = saved.paths[0].absolute().parent
        others = [local_path(track.url) for _, track in self._store.tracks(name)]
        if not any(path.parent != folder and path.is_file() for path in others):
            return saved
        return replace(
            saved, video=replace(saved.video, id=f"file:{nameable(folder.name)}/{name.removeprefix('file:')}")
        )

    def _put(
        self, video: Video, loads: Sequence[Load], *, label: str = "", missing: str = "", place: Place | None = None
    ) -> Taken:
        failures = self._journal.tally.failures
        before = len(failures)
        video = self._with_kind(video, label)
        had_captions = bool(self._store.tracks(video.id))
        changes = [self._store.put_video(video)]
        for track, load in loads:
            with self._journal.tallied(f"{video.id} ({track.language or 'language unknown'}, {track.origin})"):
                changes.append(self._track(video, track, load()))
        if missing:
            self._journal.fail(video.id, CaptionFetchError(video.url, missing))
        if place is not None and not (loads or missing or had_captions):
            with self._journal.tallied(f"{video.id} (speech)"):
                changes += filter(None, [self.hear(video, place)])
        captioned = bool(self._store.tracks(video.id))
        if captioned or not (loads and video.id.startswith("file:")):  # a file whose captions fail is nothing
            self._tell(video, changes, silent=not (loads or missing or captioned))
        self._stored()
        return Taken(video, _change(changes, had_captions, captioned), tuple(failures[before:]))

    def _with_kind(self, video: Video, label: str) -> Video:
        before = self._store.video(video.id)
        labels = [state.embed.label for state in self._store.embeds(video=video.id)] if before else []
        kind = clip_kind(video, [text for text in (label, *labels) if text])
        # A kind that only the captions told stays: they are not at hand here.
        if kind == OTHER and before is not None:
            kind = before.kind
        return replace(video, kind=kind)

    def _track(self, video: Video, track: Track, raw: bytes) -> Change:
        if self._store.has_track(video.id, track, raw):
            return "unchanged"
        transcript = transcript_of(track, raw, lambda says: self._journal.tell(Progress("mended", video.id, says)))
        if video.kind == OTHER and (kind := clip_kind(video, transcript=transcript)) != OTHER:
            self._store.put_video(replace(video, kind=kind))
        return self._store.put_track(video.id, track, raw, transcript)

    def _tell(self, video: Video, changes: Sequence[Change], *, silent: bool) -> None:
        name, tally = video.title or video.id, self._journal.tally
        if silent:
            tally.without_captions[video.id] = None
            self._journal.tell(Progress("no captions", name, video.id))
        if any(change != "unchanged" for change in changes):
            tally.videos[video.id] = None
            self._journal.tell(Progress("indexed", name, video.id))
        else:
            tally.unchanged[video.id] = None
            self._journal.tell(Progress("unchanged", name, video.id))


def _change(changes: Sequence[Change], had_captions: bool, has_captions: bool) -> VideoChange:
    """Sum up what was done: *changes* to the video itself, then to each of its tracks."""
    if changes[0] == "added":
        return "new"
    if has_captions and not had_captions:
        return "captions"
    return "unchanged" if all(change == "unchanged" for change in changes) else "changed"
