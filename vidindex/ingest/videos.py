"""Store a resolved or saved video: its metadata, its kind, its tracks and their transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from ..errors import CaptionFetchError, EmptyCaptionsError, IndexUnusableError, TargetError, VidindexError
from ..model import CaptionLink, Failure, Progress, Track, Video
from ..net.saved_responses import ResponseArchive
from ..pages.saved_page import read_file_bytes
from ..resolve import ResolvedVideo
from ..resolve.local_files import MAX_CAPTION_FILE_BYTES, SavedVideo
from ..resolve.metadata import escape_name
from ..store.base import Store, StoreChange
from ..store.prepared_track import PreparedTrack, TrackPreparer
from ..store.tasks import Outcome
from ..store.tasks import VideoChange as VideoChange
from ..transcripts.languages import base_language, matches_language
from ..transcripts.track_choice import ALL_LANGUAGES, choose_tracks
from ..transcripts.workers import JobPool, run_ahead
from .clip_kind import OTHER_KIND, classify_clip
from .lists.episodes import Episode
from .network import Network
from .options import AddOptions
from .podcasts import choose_transcripts, describe_episode, resolve_episode
from .progress import ProgressLog, summarize_failures
from .speech_track import PlaybackSource, SpeechTrackMaker
from .targets import file_url_to_path

_MAX_LISTED_FILES = 3


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """The bytes of a track, and the function that parses and packs them, unless the store has them already."""

    raw: bytes
    prepare: Callable[[], PreparedTrack]


TrackLoader = tuple[Track, Callable[[], CaptionFile]]
"""A track and the function that returns its bytes."""


_ReadVideo = tuple[SavedVideo, list[TrackLoader] | None]


@dataclass(frozen=True, slots=True)
class _TrackPlan:
    """The tracks of a video to be read: of each of *choices* the first that can be.

    *missing* is the failure of captions that the site has and does not give.  With *hears_unread*, a video of which no
    track can be read is heard, too.
    """

    choices: Sequence[Sequence[TrackLoader]] = ()
    missing: CaptionFetchError | None = None
    hears_unread: bool = False


@dataclass(slots=True)
class _StoredTracks:
    """A video as it is stored, or will be with its first track, and what became of the tracks of a plan.

    *change* is that of the video itself, None as long as it is not stored; *changes* are those of its tracks.  *empty*
    tracks have no words, *stored* is the number of those in the store.
    """

    video: Video
    is_new: bool
    change: StoreChange | None = None
    changes: list[StoreChange] = field(default_factory=list)
    stored: int = 0
    empty: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A stored video, how it changed, and the failures of its captions; *notes* say why others are none."""

    video: Video
    change: VideoChange
    captioned: bool
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome of the attempt."""
        outcome = summarize_failures(list(self.failures), video=self.video.id)
        return replace(outcome, change=self.change, reason=outcome.reason or "; ".join(self.notes))


class VideoStorer:
    """Stores videos; the failure of a track is recorded and does not stop the others."""

    def __init__(
        self,
        store: Store,
        network: Network,
        *,
        options: AddOptions,
        progress_log: ProgressLog,
        on_stored: Callable[[], object],
        pool: JobPool,
    ) -> None:
        self._store = store
        self._preparer = TrackPreparer(pool)
        self._resolver = network.resolver
        self._languages = options.languages
        self._progress_log = progress_log
        self._on_stored = on_stored
        self._speech_track_maker = None
        if options.asr is not None:
            gate = network.fetching.throttle
            self._speech_track_maker = SpeechTrackMaker(
                options.asr, options.resolve, throttle=gate, progress_log=progress_log
            )

    def resolve_and_store(
        self,
        url: str,
        *,
        referer: str = "",
        label: str = "",
        captions: tuple[CaptionLink, ...] = (),
        archive: ResponseArchive | None = None,
        episode: Episode | None = None,
    ) -> StoredVideo:
        """Resolve the video at *url* and store it; what *archive* has is not requested.

        A feed may have said what needs to be known about an *episode*.  Raises `ResolveError`.
        """
        self._progress_log.emit_progress(Progress("resolve", url))
        if episode is not None and episode.transcripts:
            resolved, referer = resolve_episode(episode), referer or episode.feed
            choices = choose_transcripts(resolved.tracks, spoken=resolved.video.language, languages=self._languages)
            plan = _TrackPlan([self._load_each(tracks, referer) for tracks in choices], hears_unread=True)
            return self._store_video(resolved.video, plan, label=label, playback=PlaybackSource(url, referer))
        resolved = self._resolver.resolve(url, referer=referer, captions=captions, archive=archive)
        if episode is not None:
            resolved = replace(resolved, video=describe_episode(resolved.video, episode))
        return self.store(resolved, referer=referer, label=label, playback=PlaybackSource(url, referer, archive))

    def store(
        self, resolved: ResolvedVideo, *, referer: str = "", label: str = "", playback: PlaybackSource | None = None
    ) -> StoredVideo:
        """Store a resolved video with the selected tracks.  *playback* defaults to the URL of the video."""
        spoken = resolved.video.language
        chosen = choose_tracks(resolved.tracks, spoken=spoken, languages=self._languages)
        playback = playback or PlaybackSource(resolved.video.url)
        choices = [self._load_each([track], referer) for track in chosen]
        plan = _TrackPlan(choices, _missing_captions(resolved, chosen, self._languages))
        return self._store_video(resolved.video, plan, label=label, playback=playback)

    def _load_each(self, tracks: Sequence[Track], referer: str) -> list[TrackLoader]:
        return [(track, partial(self._fetch_captions, track, referer)) for track in tracks]

    def _fetch_captions(self, track: Track, referer: str) -> CaptionFile:
        raw = self._resolver.fetch_track(track, referer=referer)
        return CaptionFile(raw, partial(self._preparer.prepare, track, raw))

    def load_speech_model(self) -> None:
        """Load the speech recognition model, if there is one.  Raises `AsrModelError`."""
        if self._speech_track_maker is not None:
            self._speech_track_maker.load_model()

    def store_speech_track(self, video: Video, playback: PlaybackSource) -> StoreChange | None:
        """Transcribe *video*, which is in the store, and store the track; return None if there is no speech.

        Raises `ResolveError`, `AsrError`.
        """
        heard = self._speech_track_maker.make_track(video, playback) if self._speech_track_maker is not None else None
        if heard is None:
            return None
        track, raw = heard
        read = _StoredTracks(self._store.get_video(video.id) or video, is_new=False, change="unchanged")
        return self._store_track(video, track, CaptionFile(raw, partial(self._preparer.prepare, track, raw)), read)

    def read_ahead(self, found: Iterable[SavedVideo], is_wanted: Callable[[SavedVideo], bool]) -> Iterator[_ReadVideo]:
        """Yield the videos *found*, in order, each with the loaders of its tracks; None if it is not wanted.

        The files of the next ones are being read meanwhile, by the workers.
        """
        jobs = self._preparer.pool.jobs
        if jobs == 1:
            return ((saved, self._list_loaders(saved) if is_wanted(saved) else None) for saved in found)
        return run_ahead(found, lambda saved: self._begin_reading(saved, is_wanted), jobs=jobs)

    def _begin_reading(self, saved: SavedVideo, is_wanted: Callable[[SavedVideo], bool]) -> tuple[_ReadVideo, int]:
        if not is_wanted(saved):
            return (saved, None), 0
        begun = [(track, *self._begin_loading(saved.video, track, load)) for track, load in self._list_loaders(saved)]
        return (saved, [(track, load) for track, load, _ in begun]), sum(size for _, _, size in begun)

    def _begin_loading(
        self, video: Video, track: Track, load: Callable[[], CaptionFile]
    ) -> tuple[Callable[[], CaptionFile], int]:
        try:
            captions = load()
        except VidindexError as exc:
            return partial(_raise, exc), 0
        if self._store.has_track(video.id, track, captions.raw):  # there is nothing to prepare
            return lambda: captions, len(captions.raw)
        begun = replace(captions, prepare=self._preparer.begin(track, captions.raw))
        return lambda: begun, len(captions.raw)

    def _list_loaders(self, saved: SavedVideo) -> list[TrackLoader]:
        files = zip(saved.tracks, saved.paths, strict=True)
        return [(track, partial(self._load_file, track, path, saved.folder)) for track, path in files]

    def _load_file(self, track: Track, path: Path, folder: Path | None) -> CaptionFile:
        raw = read_file_bytes(path, MAX_CAPTION_FILE_BYTES, folder=folder)
        return CaptionFile(raw, partial(self._preparer.prepare, track, raw))

    def store_saved(self, saved: SavedVideo, loaders: Sequence[TrackLoader] | None = None) -> StoredVideo:
        """Store a video that was saved on this machine; *loaders* are those of its tracks from `read_ahead`."""
        loaders = self._list_loaders(saved) if loaders is None else loaders
        if saved.problem:
            self._progress_log.add_failure(saved.video.id, TargetError(saved.video.id, saved.problem))
        if saved.translations:
            self._progress_log.emit_progress(Progress("skipped", saved.video.title, _describe_translations(saved)))
        saved = self._disambiguate_id(saved)
        stored = self._store_video(saved.video, _TrackPlan([[loader] for loader in loaders]))
        name = saved.video.id
        if name.startswith("file:") and not (stored.captioned or self._store.list_embeds(video=name)):
            self._store.remove_video(name)  # there is no more to tell than that the file has no words
        return stored

    def _disambiguate_id(self, saved: SavedVideo) -> SavedVideo:
        """Add the folder to the id of a lone caption file if a file of the same name in another folder has that id."""
        name = saved.video.id
        if not (name.startswith("file:") and saved.paths):
            return saved
        folder = saved.paths[0].absolute().parent
        urls = [track.url for _, track in self._store.list_tracks(name)]
        others = [file_url_to_path(url) for url in urls if url.startswith("file:")]
        if not any(path.parent != folder and path.is_file() for path in others):
            return saved
        return replace(
            saved, video=replace(saved.video, id=f"file:{escape_name(folder.name)}/{name.removeprefix('file:')}")
        )

    def _store_video(
        self, video: Video, plan: _TrackPlan, *, label: str = "", playback: PlaybackSource | None = None
    ) -> StoredVideo:
        failures = self._progress_log.report_builder.failures
        before = len(failures)
        known = self._store.get_video(video.id)
        had_captions = known is not None and bool(self._store.list_tracks(video.id))
        video = self._with_clip_kind(video, label, known)
        read = _StoredTracks(_with_known_length(video, known), is_new=known is None)
        for choice in plan.choices:
            self._store_first(video, choice, read)
        video_change = self._put_video(read.video, read)
        has_captions, missing = len(plan.choices) > read.empty, plan.missing
        if missing is not None:
            self._progress_log.add_failure(video.id, missing)
        is_silent = not has_captions or (plan.hears_unread and not read.stored)
        if playback is not None and is_silent and not (missing or had_captions):
            with self._progress_log.record_failures(f"{video.id} (speech)"):
                read.changes += filter(None, [self.store_speech_track(video, playback)])
        captioned = had_captions or read.stored > 0 or bool(self._store.list_tracks(video.id))
        change = _summarize_changes([video_change, *read.changes], had_captions, captioned)
        if captioned or not (plan.choices and video.id.startswith("file:")):
            self._report_video(video, change, without_captions=not (has_captions or missing or captioned))
        elif not has_captions:  # a lone file without captions is not stored
            self._report_no_captions(video)
        self._on_stored()
        return StoredVideo(video, change, captioned, tuple(failures[before:]), () if captioned else tuple(read.notes))

    def _put_video(self, video: Video, read: _StoredTracks) -> StoreChange:
        """Store *video*, unless it is stored as it is, and return how that changed the video that was there before."""
        if read.change is None or video != read.video:
            change = self._store.put_video(video)
            read.video, read.change = video, read.change or change
        return read.change

    def _store_first(self, video: Video, choice: Sequence[TrackLoader], read: _StoredTracks) -> None:
        """Store the first track of *choice* that can be read; if there is one, the failures of others are notes."""
        failed: list[tuple[str, VidindexError]] = []
        for track, load in choice:
            name = f"{video.id} ({track.language or 'language unknown'}, {track.origin})"
            try:
                read.changes.append(self._store_track(video, track, load(), read))
            except IndexUnusableError:
                raise
            except EmptyCaptionsError as exc:
                self._note(video, exc.reason, read)
            except VidindexError as exc:
                failed.append((name, exc))
            else:
                read.stored += 1
                for _, failure in failed:
                    self._note(video, f"{failure}; another transcript is read", read)
                return
        read.empty += not failed
        for name, failure in failed:
            self._progress_log.add_failure(name, failure)

    def _note(self, video: Video, says: str, read: _StoredTracks) -> None:
        read.notes.append(says)
        self._progress_log.emit_progress(Progress("mended", video.id, says))

    def _with_clip_kind(self, video: Video, label: str, known: Video | None) -> Video:
        labels = [state.embed.label for state in self._store.list_embeds(video=video.id)] if known else []
        kind = classify_clip(video, [text for text in (label, *labels) if text])
        # Keep a kind that came from the captions, which are not available here.
        if kind == OTHER_KIND and known is not None:
            kind = known.kind
        return replace(video, kind=kind)

    def _store_track(self, video: Video, track: Track, captions: CaptionFile, read: _StoredTracks) -> StoreChange:
        if not read.is_new and self._store.has_track(video.id, track, captions.raw):
            return "unchanged"
        prepared = captions.prepare()
        self._report_warnings(video, prepared.warnings)
        before_ms = 0 if not read.is_new and self._is_only_track(video, track) else read.video.duration_ms
        self._put_video(_learn_from_captions(read.video, video, prepared, before_ms=before_ms), read)
        return self._store.put_packed_track(video.id, replace(track, warnings=prepared.warnings), prepared.packed)

    def _is_only_track(self, video: Video, track: Track) -> bool:
        """Return whether nothing but *track*, which may be replaced, says how long *video* is: a lone caption file."""
        return video.id.startswith("file:") and all(
            (each.language, each.origin) == (track.language, track.origin)
            for _, each in self._store.list_tracks(video.id)
        )

    def _report_warnings(self, video: Video, warnings: Sequence[str]) -> None:
        for says in warnings:
            self._progress_log.emit_progress(Progress("mended", video.id, says))
        self._progress_log.report_builder.tracks_with_warnings += bool(warnings)

    def _report_video(self, video: Video, change: VideoChange, *, without_captions: bool) -> None:
        name, report = video.title or video.id, self._progress_log.report_builder
        if without_captions:
            self._report_no_captions(video)
        if change == "unchanged":
            report.unchanged[video.id] = None
            report.add_result(video.id, "unchanged")
            self._progress_log.emit_progress(Progress("unchanged", name, video.id))
        else:
            report.videos[video.id] = None
            report.add_result(video.id, "new" if change == "new" else "updated")
            self._progress_log.emit_progress(Progress("indexed", name, video.id))

    def _report_no_captions(self, video: Video) -> None:
        self._progress_log.report_builder.without_captions[video.id] = None
        self._progress_log.emit_progress(Progress("no captions", video.title or video.id, video.id))


def _raise(exc: VidindexError) -> NoReturn:
    raise exc


def _with_known_length(video: Video, known: Video | None) -> Video:
    """Return *video*, with the length that is stored, often from captions, if its site states none."""
    return video if video.duration_ms or known is None else replace(video, duration_ms=known.duration_ms)


def _learn_from_captions(stored: Video, video: Video, prepared: PreparedTrack, *, before_ms: int) -> Video:
    """Return *stored* with the kind and the length that its captions tell, if the site of *video* states none.

    *before_ms* is the length that its other captions tell.
    """
    learned = stored
    if stored.kind == OTHER_KIND:
        kind = classify_clip(video)
        learned = replace(learned, kind=prepared.kind or kind if kind == OTHER_KIND else kind)
    if not video.duration_ms and prepared.end_ms:
        learned = replace(learned, duration_ms=max(before_ms, prepared.end_ms))
    return learned


def _describe_translations(saved: SavedVideo) -> str:
    names = saved.translations
    count = "a machine translation is" if len(names) == 1 else f"{len(names):,} machine translations are"
    listed = ", ".join(map(escape_name, names[:_MAX_LISTED_FILES])) + ", …" * (len(names) > _MAX_LISTED_FILES)
    return f"{count} not indexed: {listed}"


def _missing_captions(
    resolved: ResolvedVideo, chosen: Sequence[Track], languages: Sequence[str]
) -> CaptionFetchError | None:
    """Return the failure of wanted captions that the site has and does not give; None if *chosen* is all there is."""
    read = {base_language(track.language) for track in chosen}
    wanted = (*languages, resolved.video.language)
    is_wanted = not chosen or any(
        base_language(language) not in read
        and (ALL_LANGUAGES in languages or any(matches_language(language, each) for each in wanted))
        for language in resolved.missing_languages
    )
    if not (resolved.missing_reason and is_wanted):
        return None
    return CaptionFetchError(resolved.video.url, resolved.missing_reason, verdict=resolved.missing_verdict)


def _summarize_changes(changes: Sequence[StoreChange], had_captions: bool, has_captions: bool) -> VideoChange:
    """Return how a video changed; *changes* are those of the video itself, then of each of its tracks."""
    if changes[0] == "added":
        return "new"
    if has_captions and not had_captions:
        return "captions"
    return "unchanged" if all(change == "unchanged" for change in changes) else "changed"
