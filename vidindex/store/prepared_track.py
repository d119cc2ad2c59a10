"""Parse and pack caption tracks, here or in worker processes: the result is the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from ..errors import CaptionError, EmptyCaptionsError, JobError
from ..model import Track
from ..transcripts.heard_kind import hear_kind
from ..transcripts.limits import take_turn
from ..transcripts.read import parse_speech
from ..transcripts.workers import Job, JobPool
from .packed_track import PackedTrack, pack_track

_LARGE_FILE_BYTES = 2_000_000
"""Size of a caption file that takes more than about 100 MB to parse."""

_ERRORS: dict[str, type[CaptionError]] = {"CaptionError": CaptionError, "EmptyCaptionsError": EmptyCaptionsError}


@dataclass(frozen=True, slots=True)
class PreparedTrack:
    """A track that needs only to be written: its *warnings*, where its last word ends, and what kind of clip it is."""

    packed: PackedTrack
    warnings: tuple[str, ...] = ()
    end_ms: int = 0
    kind: str = ""


def prepare_track(track: Track, raw: bytes) -> PreparedTrack:
    """Parse and pack the caption file *raw* of *track*.

    Raises `CaptionError`, `EmptyCaptionsError`, as `parse_speech` does.
    """
    with take_turn(len(raw)):
        speech = parse_speech(track, raw)
        return PreparedTrack(pack_track(raw, speech), speech.warnings, speech.end_ms, hear_kind(speech))


def prepare_in_worker(parts: Sequence[bytes]) -> list[bytes]:
    """Answer a request of `TrackPreparer` in a worker, also if the captions cannot be read."""
    values = json.loads(parts[0])
    track = Track(**{**values, "warnings": tuple(values["warnings"])})
    try:
        prepared = prepare_track(track, parts[1])
    except CaptionError as exc:
        return [_dump({"error": type(exc).__name__, "source": exc.source, "reason": exc.reason})]
    packed = prepared.packed
    header = {
        "digest": packed.digest,
        "words": packed.words,
        "warnings": prepared.warnings,
        "end_ms": prepared.end_ms,
        "kind": prepared.kind,
    }
    return [_dump(header), packed.raw, *packed.blocks]


class TrackPreparer:
    """Prepares tracks in the workers of *pool* once there is enough work for them, else in this process.

    *function* is what a worker calls.  Use a preparer in one thread.
    """

    def __init__(self, pool: JobPool, function: str = f"{__name__}:{prepare_in_worker.__name__}") -> None:
        self.pool = pool
        self._function = function
        self._undecided: list[_Preparation] = []

    def prepare(self, track: Track, raw: bytes) -> PreparedTrack:
        """Prepare *track* and wait for the result.  Raises `CaptionError`."""
        return self.begin(track, raw)()

    def begin(self, track: Track, raw: bytes) -> Callable[[], PreparedTrack]:
        """Begin to prepare *track*, and return the function that waits for the result, or raises `CaptionError`."""
        preparation = _Preparation(self, track, raw)
        if self.pool.jobs > 1:
            self._undecided.append(preparation)
            if self.pool.is_worthwhile(len(raw)):
                for each in self._undecided:
                    each.submit(self._function)
                self._undecided = []
        return preparation

    def take_back(self, preparation: _Preparation) -> None:
        """Do not have a worker do *preparation* any more."""
        if preparation in self._undecided:
            self._undecided.remove(preparation)


class _Preparation:
    """One track that is prepared; calling it waits for the result."""

    def __init__(self, preparer: TrackPreparer, track: Track, raw: bytes) -> None:
        self._preparer = preparer
        self._track = track
        self._raw = raw
        self._job: Job[list[bytes]] | None = None

    def submit(self, function: str) -> None:
        is_large = len(self._raw) > _LARGE_FILE_BYTES
        # Not the fields of a subclass, with which a track was downloaded.
        values = {field.name: getattr(self._track, field.name) for field in fields(Track)}
        parts = [_dump(values), self._raw]
        self._job = self._preparer.pool.submit(function, parts, is_large=is_large)

    def __call__(self) -> PreparedTrack:
        if self._job is None:
            self._preparer.take_back(self)
            return self._prepare_here()
        try:
            parts = self._job.result()
        except JobError as exc:
            if exc.is_defect:  # so that it is reported as one of this process
                return self._prepare_here()
            raise CaptionError(self._track.name or self._track.url, exc.reason) from exc
        return _decode_answer(parts)

    def _prepare_here(self) -> PreparedTrack:
        return prepare_track(self._track, self._raw)


def _decode_answer(parts: Sequence[bytes]) -> PreparedTrack:
    header = json.loads(parts[0])
    if "error" in header:
        raise _ERRORS.get(header["error"], CaptionError)(header["source"], header["reason"])
    packed = PackedTrack(header["digest"], parts[1], tuple(parts[2:]), header["words"])
    return PreparedTrack(packed, tuple(header["warnings"]), header["end_ms"], header["kind"])


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()  # ASCII: file names may contain lone surrogates
