"""The work of adding captions that worker processes do."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.prepared_track import TrackPreparer, answer_request
from ..transcripts.workers import JobPool
from .clip_kind import hear_kind


def make_preparer(pool: JobPool) -> TrackPreparer:
    """Return what prepares tracks to be added, and tells the kind of a clip by its captions."""
    return TrackPreparer(pool, f"{__name__}:{prepare_in_worker.__name__}", hear_kind)


def prepare_in_worker(parts: Sequence[bytes]) -> list[bytes]:
    """Answer a request of `TrackPreparer` in a worker."""
    return answer_request(parts, hear_kind)
