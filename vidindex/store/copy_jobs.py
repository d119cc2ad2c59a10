"""The work of copying tracks that takes processor time, done here or in worker processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import JobError
from .packed_track import PackedTrack, pack_track
from .transcript_blocks import pack_blocks, unpack_blocks

if TYPE_CHECKING:
    from ..transcripts.workers import JobPool
    from .base import Store


def begin_packing(store: Store, track: int, raw: bytes, pool: JobPool) -> Callable[[], PackedTrack]:
    """Begin to pack *track* of *store*, whose caption file is *raw*, and return the function that waits for it."""
    if not pool.is_worthwhile(len(raw)):
        return lambda: pack_track(raw, store.read_transcript(track))
    job = pool.submit(f"{__name__}:{pack_in_worker.__name__}", [raw, *store.read_blocks(track)])

    def wait() -> PackedTrack:
        try:
            header, packed, *blocks = job.result()
        except JobError:  # so that a damaged block is reported as one
            return pack_track(raw, store.read_transcript(track))
        return PackedTrack(**json.loads(header), raw=packed, blocks=tuple(blocks))

    return wait


def pack_in_worker(parts: Sequence[bytes]) -> list[bytes]:
    """Pack the caption file and the blocks of a track, which an older version may have packed in another way."""
    packed = pack_track(parts[0], unpack_blocks(parts[1:]))
    return [json.dumps({"digest": packed.digest, "words": packed.words}).encode(), packed.raw, *packed.blocks]


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
