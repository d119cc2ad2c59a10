"""Index what the store has and the engine lacks.  One process at a time; the next run completes a killed one."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import FLUSH_AFTER_WORDS, LOCK_TIMEOUT_S
from ..errors import EngineError, IndexBusyError, IndexLocationError
from ..model import Progress
from . import delete_engine, find_damaged_files, open_engine, resolve_engine_name
from .base import Engine
from .folders import MAX_ENGINE_NUMBER, is_engine_name
from .track_passages import TrackPassages

if TYPE_CHECKING:  # importing them would slow a search down
    from ..store.base import Store
    from ..store.opensearch.endpoint import Location
    from ..transcripts.workers import JobPool
    from .gist.writer import GistWriter

LOCK_FILE = "engine.lock"
_LOCK_PAUSE_S = 0.05
_RETIRED_DELETE_AFTER_S = 600.0
_MAX_TURNS = 50
"""Maximum number of times that a track is indexed by one run: another process may change it meanwhile."""

_MAX_LISTED_FILES = 5
_CHECKED_TRACKS, _MAX_CHECKED_WORDS = 50, 300_000
"""How much is normalized again to find out whether an older version wrote it."""

_MAX_TRACKS_PER_COMMIT = 1000
"""Maximum tracks in one commit; the metadata of their videos is held in memory."""


@contextmanager
def write_lock(location: Location, *, wait_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold the write lock of the index at *location*; a folder has one writer at a time.

    The operating system releases the lock when a process is killed.  Raises `IndexBusyError`.
    """
    if isinstance(location, Path):
        with _folder_lock(location, wait_s):
            yield
    else:  # a cluster takes any number of writers
        yield


@contextmanager
def _folder_lock(folder: Path, wait_s: float) -> Iterator[None]:
    from ..store.lock_files import open_lock_file  # a search does not import it

    try:
        handle = open_lock_file(folder / LOCK_FILE)
    except OSError as exc:
        raise IndexLocationError(
            str(folder), f"it is not writable ({exc.strerror}); choose another folder with --index"
        ) from exc
    try:
        _acquire_lock(handle, folder, wait_s)
        with _translate_disk_full(folder):
            yield
    finally:
        os.close(handle)


@contextmanager
def _translate_disk_full(folder: Path) -> Iterator[None]:
    """Report a full disk as such: a rebuild, which an engine error suggests, would not help."""
    try:
        yield
    except EngineError as exc:
        if os.strerror(errno.ENOSPC) not in str(exc):
            raise
        reason = "the disk is full; indexed data is safe: free some space and run the same command again"
        raise IndexLocationError(str(folder), reason) from exc


def resolve_index_engine(store: Store, location: Location, wanted: str) -> str:
    """Return the engine of an index: the one that created it, else *wanted* (`auto`: the fastest installed one).

    Raises `EngineError` if another engine than *wanted* created the index, `EngineNotInstalledError`.
    """
    current = store.get_setting("engine")
    if current and wanted not in ("auto", current):
        raise EngineError(
            current, f"this index uses it, not {wanted}; switch with `vidindex rebuild --engine {wanted}`"
        )
    return resolve_engine_name(location, current or wanted)


def record_engine(store: Store, location: Location, name: str) -> None:
    """Record *name* as the engine of an index that has none: one whose first run ended before its first commit."""
    if isinstance(location, Path) and not store.get_setting("engine"):
        store.register_engine(name, "")


def open_index_engine(
    store: Store, location: Location, name: str, folder: str, *, create: bool
) -> tuple[Engine | None, str]:
    """Open the engine in *folder* of the index at *location*, and return it with its folder.

    If nothing has been indexed, *folder* is empty: return a new engine, or None if *create* is false.
    """
    if folder:
        if not is_engine_name(location, folder) or folder.rpartition("-")[0] != name:
            raise EngineError(name, f"the settings of the index name {folder!r} as its folder")
        return open_engine(name, _engine_location(location, folder), create=False), folder
    if not create:
        return None, ""
    folder = f"{name}-1"
    if isinstance(location, Path):  # on a cluster, another machine may be about to create it
        delete_engine(_engine_location(location, folder))  # of a killed run, or of a store that was lost
    engine = open_engine(name, _engine_location(location, folder), create=True)
    store.register_engine(name, folder)  # only now, since other processes may open what is registered
    return engine, folder


def _engine_location(location: Location, folder: str) -> Location:
    """Return the location of an engine of the index at *location*."""
    return location / folder if isinstance(location, Path) else replace(location, name=f"{location.name}-{folder}")


def _acquire_lock(handle: int, folder: Path, wait_s: float) -> None:
    from ..net.retry import call_with_retries, growing_pauses_s  # a search does not import it

    deadline = time.monotonic() + wait_s
    try:
        call_with_retries(
            lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB),
            pauses_s=growing_pauses_s(_LOCK_PAUSE_S, factor=1.0),
            should_retry=lambda exc, _: isinstance(exc, BlockingIOError) and time.monotonic() <= deadline,
        )
    except BlockingIOError:
        raise IndexBusyError(str(folder), wait_s) from None


def index_pending(
    store: Store,
    engine: Engine,
    vectors: GistWriter | None = None,
    *,
    location: Location | None = None,
    pool: JobPool | None = None,
    targets: Sequence[str] | None = None,
    max_batches: int | None = None,
) -> int:
    """Index pending tracks in up to *max_batches* batches and return their number.  The caller holds the write lock.

    *vectors* are written with the passages: `open_gist_writer`.  The workers of *pool* make both.
    It ends once `index_targets` are no longer *targets*, those before *engine* and *vectors* were opened: another
    machine has rebuilt the index.
    Raises `EngineError` if the same tracks are pending again and again, as in a damaged store.
    """
    indexed_count = 0
    turns: Counter[int] = Counter()
    for _ in count() if max_batches is None else range(max_batches):
        if targets is not None and index_targets(store) != targets:
            break
        tracks, dropped = store.pending_tracks(max_tracks=_MAX_TRACKS_PER_COMMIT, max_words=FLUSH_AFTER_WORDS)
        if not tracks and not dropped:
            break
        if not (tracks := store.claim_for_indexing(tracks)) and not dropped:
            continue  # other machines claimed them first
        turns.update({*tracks, *dropped})
        if max(turns[track] for track in (*tracks, *dropped)) > _MAX_TURNS:
            hint = "the store may be damaged: check it with `vidindex doctor`"
            raise EngineError(engine.name, "the same tracks are pending again and again", hint=hint)
        passages = TrackPassages(store, tracks, location=location, pool=pool, has_all_cores=max_batches is None)
        _write_passages(engine, vectors, passages, dropped=dropped)
        # If the process is killed here, the next run indexes the same tracks again, which changes nothing.
        store.confirm_indexed(tracks, dropped)
        indexed_count += len(tracks)
    return indexed_count


def _write_passages(
    engine: Engine,
    vectors: GistWriter | None,
    passages: TrackPassages,
    *,
    dropped: Sequence[int] = (),
    notify: Callable[[int], None] = lambda done: None,
) -> None:
    """Index *passages* and then their vectors, and delete both of the tracks *dropped*.

    *notify* is called with the number of tracks whose vectors are made.
    """
    batch = vectors.begin(passages, notify) if vectors is not None else None
    engine.replace_tracks([*passages.tracks, *dropped], passages)
    if batch is not None:
        batch.write(dropped)


def index_targets(store: Store) -> Sequence[str]:
    """Return the settings that name the engine and the vectors that are written to."""
    return store.get_settings("engine_folder", "gist")


def rebuild_from_store(
    store: Store,
    location: Location,
    name: str,
    notify: Callable[[Progress], None],
    *,
    gist: str | bool | None = None,
    jobs: int | None = None,
) -> list[str]:
    """Parse all stored captions again and rebuild the engine *name*, and the vectors that *gist* selects.

    *jobs* is the number of processes, None one for each core.

    *gist* is the folder of a model, True for the default one, False for no vectors, None for those that there are now.
    Return a line for each track that cannot be parsed any more; such a track keeps its transcript.
    """
    from ..transcripts.workers import JobPool
    from .gist.writer import check_gist_model  # a search imports none of these
    from .reparse import reparse_tracks

    name = resolve_engine_name(location, name)  # fail before any work if it is not installed
    check_gist_model(store, location, gist)
    with write_lock(location), store.rebuild_lock(), JobPool(jobs) as pool:
        failed = reparse_tracks(store, notify, pool)
        build_engine(store, location, name, notify, gist=gist, pool=pool)
        store.index_texts(rebuild=True)
    return failed


def build_engine(
    store: Store,
    location: Location,
    name: str,
    notify: Callable[[Progress], None],
    *,
    gist: str | bool | None = None,
    pool: JobPool | None = None,
) -> None:
    """Build a new engine beside the old one, if there is one, and switch to it when it is complete.

    The vectors that *gist* selects are built and replaced with it: `create_gist_writer`.
    """
    from .gist.writer import create_gist_writer, delete_unused_vectors

    old = store.get_setting("engine_folder")
    fresh = _choose_fresh_folder(location, name, old, taken={old, *store.retired_engines()})
    delete_engine(_engine_location(location, fresh))  # a killed run may have left one
    with ExitStack() as opened:
        vectors = create_gist_writer(store, location, gist, number=int(fresh.rpartition("-")[2]))
        if vectors is not None:
            opened.callback(vectors.close)
        engine = opened.enter_context(closing(open_engine(name, _engine_location(location, fresh))))
        done, total = 0, store.collect_stats().tracks
        for tracks in store.track_batches(max_tracks=_MAX_TRACKS_PER_COMMIT, max_words=FLUSH_AFTER_WORDS):
            notify(Progress("engine", name, done=done, total=total))
            store.claim_for_indexing(tracks)
            passages = TrackPassages(store, tracks, location=location, pool=pool, has_all_cores=True)
            report = partial(_report_vectors, notify, name, done, total)
            _write_passages(engine, vectors, passages, notify=report)
            done += len(tracks)
    store.switch_engine(name, fresh, gist=vectors.setting.dump() if vectors else "")
    delete_unused_vectors(store, location)
    delete_retired(store, location, after_s=0.0 if isinstance(location, Path) else _RETIRED_DELETE_AFTER_S)


def _report_vectors(notify: Callable[[Progress], None], name: str, before: int, total: int, done: int) -> None:
    notify(Progress("engine", name, done=before + done, total=total))


def _choose_fresh_folder(location: Location, name: str, old: str, *, taken: Collection[str]) -> str:
    """Return a folder that no engine uses.

    Never that of an engine that was just replaced: a search of another thread may still read there.
    """
    is_numbered = is_engine_name(location, old) and old.startswith(f"{name}-")
    first = int(old.rpartition("-")[2]) + 1 if is_numbered else 1
    numbers = count(first if first < MAX_ENGINE_NUMBER else 1)
    return next(folder for number in numbers if (folder := f"{name}-{number}") not in taken)


def delete_retired(store: Store, location: Location, *, after_s: float = _RETIRED_DELETE_AFTER_S) -> None:
    """Delete engines that were replaced more than *after_s* seconds ago; until then a search may still use them.

    A setting that does not name an engine is forgotten, and nothing is deleted.
    """
    for folder in store.retired_engines(after_s=after_s):
        if is_engine_name(location, folder) and folder != store.get_setting("engine_folder"):
            delete_engine(_engine_location(location, folder))
        store.forget_engine(folder)


def find_damage(store: Store, location: Location, open_engine: Callable[[], Engine | None]) -> list[str]:
    """Check the index for damage; return a line with the finding and the next step for each problem.

    Other processes may write to the index meanwhile: what they may have just changed is checked again without them.
    """
    found = [f"the store is damaged ({damage})" for damage in store.find_damage()]
    problems = _find_index_damage(store, location, open_engine)
    if not problems:
        return found
    try:
        with write_lock(location):
            problems = _find_index_damage(store, location, open_engine)
    except IndexBusyError:
        problems = ["the engine could not be checked while another process writes to it: run `vidindex doctor` again"]
    except IndexLocationError:  # the folder is read-only: nobody writes to it
        pass
    return found + problems


def _find_index_damage(store: Store, location: Location, open_engine: Callable[[], Engine | None]) -> list[str]:
    """Return the problems of the engine and of the vectors."""
    problems = [*_find_engine_damage(store, location, open_engine), *_find_older_tokens(store)]
    if store.get_setting("gist"):
        from .gist.damage import find_vector_damage

        problems += find_vector_damage(store, location)
    return problems


def _find_engine_damage(store: Store, location: Location, open_engine: Callable[[], Engine | None]) -> list[str]:
    try:
        return list(_check_engine(store, location, open_engine))
    except EngineError as exc:
        return [str(exc)]


def _check_engine(store: Store, location: Location, open_engine: Callable[[], Engine | None]) -> Iterator[str]:
    name, folder = store.get_settings("engine", "engine_folder")
    if not folder or not is_engine_name(location, folder):
        open_engine()  # raises if the setting is damaged
        return
    is_settled = not store.has_pending()
    damaged = find_damaged_files(name, _engine_location(location, folder), is_confirmed=is_settled)
    if damaged:
        listed = ", ".join(damaged[:_MAX_LISTED_FILES]) + (" …" if len(damaged) > _MAX_LISTED_FILES else "")
        yield f"files of the {name} engine are damaged or missing ({listed}): run `vidindex rebuild`"
        return
    engine = open_engine()
    indexed, stored = engine.count_passages() if engine is not None else 0, store.count_passages()
    # A writer marks what it changes first, so the numbers are comparable only if nothing is pending before and after.
    if is_settled and not store.has_pending() and indexed != stored:
        yield f"the engine has {indexed} passages, but the store has {stored}: run `vidindex rebuild`"


def _find_older_tokens(store: Store) -> Iterator[str]:
    """Check whether another version of vidindex spelled some words otherwise, in tracks from the whole index."""
    from ..transcripts.build import normalize_speech

    tracks = store.list_track_ids()
    words = differing = 0
    for track in tracks[:: max(1, len(tracks) // _CHECKED_TRACKS)]:
        with suppress(IndexLocationError):  # damage of the transcript is told by itself
            transcript = store.read_transcript(track)
            tokens, _ = normalize_speech(transcript.words, transcript.sounds)
            words += len(transcript.words)
            differing += sum((Counter(tokens) - Counter(transcript.tokens)).values())
        if words > _MAX_CHECKED_WORDS:
            break
    if differing:
        found = f"{differing:,} of {words:,} checked words have the spelling of another version of vidindex"
        yield f"{found}, and searches can miss them: run `vidindex rebuild`"
