"""The work of copying tracks that takes processor time, done here or in worker processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import JobError
from .packed_track import PackedTrack, pack_blocks, pack_copied_track
from .transcript_blocks import unpack_blocks

if TYPE_CHECKING:
    from ..transcripts.workers import JobPool
    from .base import Store


def begin_packing(store: Store, track: int, raw: bytes, pool: JobPool) -> Callable[[], PackedTrack]:
    """Begin to pack *track* of *store*, whose caption file is *raw*, and return the function that waits for it."""
    if not pool.is_worthwhile(len(raw)):
        return lambda: _pack_here(store, track, raw)
    blocks = store.read_blocks(track)
    job = pool.submit(f"{__name__}:{pack_in_worker.__name__}", [raw, *blocks])

    def wait() -> PackedTrack:
        try:
            header, packed = job.result()
        except JobError:  # so that a damaged block is reported as one
            return _pack_here(store, track, raw)
        return PackedTrack(**json.loads(header), raw=packed, blocks=tuple(blocks))

    return wait


def _pack_here(store: Store, track: int, raw: bytes) -> PackedTrack:
    return pack_copied_track(raw, store.read_blocks(track), len(store.read_transcript(track).words))


def pack_in_worker(parts: Sequence[bytes]) -> list[bytes]:
    """Pack the caption file of a track, and check its blocks, which are copied as they are."""
    packed = pack_copied_track(parts[0], (), len(unpack_blocks(parts[1:]).words))
    return [json.dumps({"digest": packed.digest, "words": packed.words}).encode(), packed.raw]


def begin_hashing(store: Store, track: int, pool: JobPool) -> Callable[[], bytes]:
    """Begin to hash the transcript of *track*, and return the function that waits for the hash."""
    blocks = store.read_blocks(track) if pool.jobs > 1 else []
    if not pool.is_worthwhile(sum(map(len, blocks))):
        return lambda: _hash_blocks(pack_blocks(store.read_transcript(track)))
    job = pool.submit(f"{__name__}:{hash_in_worker.__name__}", blocks)

    def wait() -> bytes:
        try:
            return job.result()[0]
        except JobError:
            return _hash_blocks(pack_blocks(store.read_transcript(track)))

    return wait


def hash_in_worker(blocks: Sequence[bytes]) -> list[bytes]:
    """Hash the transcript in *blocks*, however they were packed."""
    return [_hash_blocks(pack_blocks(unpack_blocks(blocks)))]


def _hash_blocks(blocks: Iterable[bytes]) -> bytes:
    return hashlib.sha256(b"".join(blocks)).digest()
