"""Parse the stored caption files again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import CaptionError, IndexLocationError
from ..model import Progress, TrackContext
from ..store.prepared_track import PreparedTrack, TrackPreparer
from ..transcripts.workers import JobPool, run_ahead

if TYPE_CHECKING:
    from ..store.base import Store

_TRACKS_PER_READ = 100
"""Tracks whose videos are read at once, since requests to a cluster are slow."""

_StoredFile = tuple[int, TrackContext, bytes]


def reparse_tracks(store: Store, notify: Callable[[Progress], None], pool: JobPool) -> list[str]:
    """Replace the transcripts in *store* by those of its caption files, which the workers of *pool* parse.

    Returns a line for each track that cannot be parsed any more; such a track keeps its transcript.
    """
    failed: list[str] = []
    tracks = store.list_track_ids()
    files = _read_files(store, tracks, failed)
    preparer = TrackPreparer(pool)
    places = {track: place for place, track in enumerate(tracks)}

    def begin(file: _StoredFile) -> tuple[tuple[int, TrackContext, Callable[[], PreparedTrack]], int]:
        track, context, raw = file
        return (track, context, preparer.begin(context.track, raw)), len(raw)

    for track, context, prepare in run_ahead(files, begin, jobs=pool.jobs):
        video = context.video
        notify(Progress("read", video.title or video.id, done=places[track], total=len(tracks)))
        try:
            prepared = prepare()
        except CaptionError as exc:
            failed.append(f"{video.id}: {exc.reason}")
        else:
            store.replace_blocks(track, prepared.packed, prepared.warnings)
    return failed


def _read_files(store: Store, tracks: list[int], failed: list[str]) -> Iterator[_StoredFile]:
    """Yield each of *tracks* that has a caption file, with the file."""
    for start in range(0, len(tracks), _TRACKS_PER_READ):
        contexts = store.track_contexts(tracks[start : start + _TRACKS_PER_READ])
        for track, context in sorted(contexts.items()):
            try:
                raw = store.read_raw_captions(track)
            except IndexLocationError as exc:  # the stored bytes are damaged, but the transcript may not be
                failed.append(f"{context.video.id}: {exc.reason}")
                continue
            if raw:
                yield track, context, raw
