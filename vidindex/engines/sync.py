"""Bring the engine up to what the store holds; one process at a time, a killed run is completed by the next."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import FLUSH_AFTER_WORDS, LOCK_TIMEOUT_S
from ..errors import CaptionError, EngineError, IndexBusyError, IndexLocationError
from ..model import Cue, Progress, Track, Transcript
from . import delete_engine, open_engine, resolve_engine_name
from .base import Engine

if TYPE_CHECKING:  # a search need not pay for what they say
    from ..store.base import Store
    from ..store.opensearch.endpoint import Location

LOCK_FILE = "engine.lock"
_RETIRED_DELETE_AFTER_S = 600.0
_MAX_TRACKS_PER_COMMIT = 1000
"""Tracks in one engine commit, at most: their videos' metadata is held in memory with them."""


@contextmanager
def write_lock(location: Location, *, wait_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold the engine of the index at *place* for writing: in a folder one process does at a time.

    The lock is the operating system's, so that it goes with a killed process.  Raises `IndexBusyError`.
    """
    if isinstance(location, Path):
        with _folder_lock(location, wait_s):
            yield
    else:  # any number of machines may: the engine's commits, and the store's marks, bear it
        yield


@contextmanager
def _folder_lock(folder: Path, wait_s: float) -> Iterator[None]:
    try:
        handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise IndexLocationError(
            str(folder), f"it cannot be written to ({exc.strerror}); choose another with --index"
        ) from exc
    try:
        _acquire_lock(handle, folder, wait_s)
        with _translate_disk_full(folder):
            yield
    finally:
        os.close(handle)


@contextmanager
def _translate_disk_full(folder: Path) -> Iterator[None]:
    """Say it where an engine failed for want of space: to make it again is no help then."""
    try:
        yield
    except EngineError as exc:
        if os.strerror(errno.ENOSPC) not in str(exc):
            raise
        reason = "the disk is full; what was indexed is safe, free some space and run the same command again"
        raise IndexLocationError(str(folder), reason) from exc


def resolve_index_engine(store: Store, location: Location, wanted: str) -> str:
    """Tell the engine of an index: the one that made it, else *wanted* (`auto`: the best that is installed).

    Raises `EngineError` where it was made with another than *wanted*, `EngineNotInstalledError`.
    """
    kept = store.get_setting("engine")
    if kept and wanted not in ("auto", kept):
        raise EngineError(kept, f"this index uses it, not {wanted}; `vidindex rebuild --engine {wanted}` changes that")
    return resolve_engine_name(location, kept or wanted)


def open_index_engine(store: Store, location: Location, name: str, *, create: bool) -> Engine | None:
    """Open the engine of the index at *place*; None where nothing was indexed and *create* is false."""
    folder = store.get_setting("engine_folder")
    if folder:
        return open_engine(name, _engine_location(location, folder), create=False)
    if not create:
        return None
    engine = open_engine(name, _engine_location(location, f"{name}-1"), create=True)
    store.register_engine(name, f"{name}-1")  # not before it is there: others may be looking
    return engine


def _engine_location(location: Location, folder: str) -> Location:
    """Tell where the engine of the index at *place* is."""
    return location / folder if isinstance(location, Path) else replace(location, name=f"{location.name}-{folder}")


def _acquire_lock(handle: int, folder: Path, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise IndexBusyError(str(folder), wait_s) from None
            time.sleep(0.05)
        else:
            return


def index_pending(store: Store, engine: Engine) -> int:
    """Give *engine* what it lacks, some at a time; the caller holds the lock.  Counts the tracks."""
    fed = 0
    while True:
        tracks, dropped = store.pending_tracks(max_tracks=_MAX_TRACKS_PER_COMMIT, max_words=FLUSH_AFTER_WORDS)
        if not tracks and not dropped:
            return fed
        if not (tracks := store.claim_for_indexing(tracks)) and not dropped:
            continue  # others were faster
        engine.replace_tracks([*tracks, *dropped], store.cut_passages(tracks))
        # A kill between these lines makes the next run give the same tracks again, which changes nothing.
        store.confirm_indexed(tracks, dropped)
        fed += len(tracks)


def rebuild_from_store(store: Store, location: Location, name: str, notify: Callable[[Progress], None]) -> list[str]:
    """Make every transcript anew from the store's bytes, then the engine *name*; gives what could not be read."""
    name = resolve_engine_name(location, name)  # before any work: is it installed?
    with write_lock(location), store.rebuild_lock():
        failed = _reparse_tracks(store, notify)
        notify(Progress("engine", name))
        _rebuild_engine(store, location, name)
    return failed


def _reparse_tracks(store: Store, notify: Callable[[Progress], None]) -> list[str]:
    failed = []
    tracks = store.list_track_ids()
    for done, number in enumerate(tracks, 1):
        subject = store.track_context(number)
        if subject is None:
            continue
        try:
            raw = store.read_raw_captions(number)
        except IndexLocationError as exc:  # its bytes are damaged, the transcript may not be
            failed.append(f"{subject.video.id}: {exc.reason}")
            continue
        if not raw:
            continue
        notify(Progress("read", subject.video.title or subject.video.id, f"{done}/{len(tracks)}"))
        try:
            store.replace_transcript(number, parse_transcript(subject.track, raw))
        except CaptionError as exc:
            failed.append(f"{subject.video.id}: {exc.reason}")  # the transcript that it has stays
    return failed


def parse_transcript(track: Track, raw: bytes, warn: Callable[[str], None] | None = None) -> Transcript:
    """Read the bytes of *track*; *warn* is told what had to be mended or left out.

    Raises `CaptionError`, also where they hold no words.
    """
    from ..transcripts.build import make_transcript

    rolling = True if track.origin == "automatic" else None
    transcript = make_transcript(_parse_cues(track, raw, warn), automatic=rolling)  # no name: cues can be let go
    if not transcript.words:
        raise CaptionError(track.name or track.url, "they hold no words; nothing was indexed from them")
    return transcript


def _parse_cues(track: Track, raw: bytes, warn: Callable[[str], None] | None) -> list[Cue]:
    from ..transcripts.formats import parse_captions

    parsed = parse_captions(raw, format=track.format or None, name=track.name or track.url)
    if warn is not None:
        for warning in parsed.warnings:
            warn(warning)
    return parsed.cues


def _rebuild_engine(store: Store, location: Location, name: str) -> None:
    """Make the engine beside the old one and change over when it is whole."""
    old = store.get_setting("engine_folder")
    taken = {old, *store.retired_engines()}
    fresh = next(folder for number in count(1) if (folder := f"{name}-{number}") not in taken)
    delete_engine(_engine_location(location, fresh))  # left there by a killed run
    engine = open_engine(name, _engine_location(location, fresh))
    try:
        for some in store.track_batches(max_tracks=_MAX_TRACKS_PER_COMMIT, max_words=FLUSH_AFTER_WORDS):
            store.claim_for_indexing(some)
            engine.replace_tracks(some, store.cut_passages(some))
    finally:
        engine.close()
    store.switch_engine(name, fresh)
    delete_retired(store, location, after_s=0.0 if isinstance(location, Path) else _RETIRED_DELETE_AFTER_S)


def delete_retired(store: Store, location: Location, *, after_s: float = _RETIRED_DELETE_AFTER_S) -> None:
    """Delete engines that were left more than *after_s* ago: until then a search may go on in one."""
    for folder in store.retired_engines(after_s=after_s):
        delete_engine(_engine_location(location, folder))
        store.forget_engine(folder)


def find_damage(store: Store, engine: Engine | None) -> list[str]:
    """Look for damage: gives what is wrong and what to do about it."""
    found = []
    if (said := store.check_integrity()) != "ok":
        found.append(f"the store is damaged ({said}): restore it from a backup, or index again into another folder")
    waiting = store.collect_stats().pending
    if waiting:
        found.append(f"{waiting} tracks are stored but not searchable yet: the next `vidindex add` completes them")
    elif engine is not None and (held := engine.count_passages()) != (wanted := store.count_passages()):
        found.append(f"the engine holds {held} passages, the store {wanted}: `vidindex rebuild` makes it again")
    return found
