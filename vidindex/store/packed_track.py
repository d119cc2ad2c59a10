"""A caption track in the form in which every store keeps it: packing takes most of the time of storing one.

`transcript_blocks` describes the blocks, and reads them.
"""

from __future__ import annotations

import json
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from itertools import compress as select
from operator import ne, sub
from typing import TYPE_CHECKING

from ..model import PASSAGE_STRIDE, Transcript
from ..transcripts.cue_times import measure_words
from .compression import compress
from .transcript_blocks import CUE_TIMES_CODE, BlockTokens

if TYPE_CHECKING:  # a search imports this module to hash captions
    from ..transcripts.build import CueTimes, Speech, WordTimes


@dataclass(frozen=True, slots=True)
class PackedTrack:
    """The bytes of a track: *raw* is its compressed caption file, *digest* the hash of that file."""

    digest: str
    raw: bytes
    blocks: tuple[bytes, ...]
    words: int
    tokens: Sequence[BlockTokens] = ()
    """What reading the tokens of *blocks* would return, unless another process packed them."""

    text_bytes: int = 0
    """The size of the texts of *tokens*."""


def pack_track(raw: bytes, transcript: Transcript | Speech) -> PackedTrack:
    """Pack the caption file *raw* and its *transcript*."""
    packed = list(_pack_each_block(transcript))
    track = pack_copied_track(raw, [block for block, _, _ in packed], len(transcript.words))
    return replace(track, tokens=[tokens for _, tokens, _ in packed], text_bytes=sum(size for _, _, size in packed))


def pack_copied_track(raw: bytes, blocks: Sequence[bytes], words: int) -> PackedTrack:
    """Pack the caption file *raw*, whose transcript has been packed into *blocks*."""
    return PackedTrack(hash_captions(raw), compress(raw), tuple(blocks), words)


def hash_captions(raw: bytes) -> str:
    """Return the hash that identifies the bytes of a caption file."""
    import hashlib  # takes 3 ms, which a search need not pay

    return hashlib.sha256(raw).hexdigest()


def pack_blocks(transcript: Transcript | Speech) -> Iterator[bytes]:
    """Yield the blocks of *transcript* in order; none if it has no words."""
    return (block for block, _, _ in _pack_each_block(transcript))


def _pack_each_block(transcript: Transcript | Speech) -> Iterator[tuple[bytes, BlockTokens, int]]:
    """Yield the blocks of *transcript*, each with its tokens and the size of its texts."""
    offsets, sounds = _OffsetEncoder(transcript.word_index), sorted(transcript.sounds)
    encode_times = _choose_time_encoder(transcript)
    is_plain = not (sounds or transcript.speakers or transcript.has_word_times)
    for first, last, words_from, words_to in _block_ranges(transcript):
        tokens = tuple(transcript.tokens[first:last])
        words = "\n".join(transcript.words[words_from:words_to])
        speakers = _slice_speakers(transcript.speakers, words_from, words_to)
        annotations = "" if is_plain else _pack_annotations(transcript, sounds, speakers, words_from, words_to)
        texts = "\0".join((" ".join(tokens), words, annotations)).encode("utf-8", "surrogatepass")
        plain = len(texts).to_bytes(4, "little") + texts + offsets.encode(first, last, words_from)
        stream = compress(plain)
        times = encode_times(words_from, words_to) if words_to > words_from else b""
        block = len(stream).to_bytes(4, "little") + stream + times
        yield block, (tokens, tuple([name for _, name in speakers if name])), len(texts)


def _choose_time_encoder(transcript: Transcript | Speech) -> Callable[[int, int], bytes]:
    """Return the function that encodes the times of the words between two positions, of which there is one or more."""
    from ..transcripts.build import CueTimes, Speech

    times = transcript.times if isinstance(transcript, Speech) else transcript
    if isinstance(times, CueTimes):
        return _CueTimeEncoder(times, transcript.words).encode
    return _WordTimeEncoder(times).encode


def _block_ranges(transcript: Transcript | Speech) -> Iterator[tuple[int, int, int, int]]:
    """Yield the token range and the word range of each block; the word ranges cover every word."""
    total = len(transcript.tokens)
    words_from = 0
    for first in range(0, max(total, 1), PASSAGE_STRIDE):
        last = min(first + PASSAGE_STRIDE, total)
        words_to = transcript.word_index[last] if last < total else len(transcript.words)
        # A word of several tokens that crosses the boundary belongs to the block in which it starts.
        if last < total and transcript.word_index[last] == transcript.word_index[last - 1]:
            words_to += 1
        words_to = max(words_from, words_to)
        if words_to > words_from or last > first:
            yield first, last, words_from, words_to
        words_from = words_to


class _OffsetEncoder:
    """The positions of tokens in the words as differences, computed once and sliced for each block.

    They are encoded at once, too, unless one of them needs more than a byte.
    """

    def __init__(self, word_index: Sequence[int]) -> None:
        self._word_index = word_index
        self._offsets = list(map(sub, word_index[1:], word_index))
        self._encoded = _encode_bytes(self._offsets)

    def encode(self, first: int, last: int, words_from: int) -> bytes:
        """Encode in which word each token from *first* to *last* starts."""
        if first == last:
            return b""
        # The word of the first token can be in the previous block: then its position is -1, stored as 0.
        offset = self._word_index[first] - words_from + 1
        if self._encoded is not None and offset < 256:
            return b"B%c%b" % (offset, self._encoded[first : last - 1])
        return _encode_array("B", [offset, *self._offsets[first : last - 1]])


class _CueTimeEncoder:
    """The times of cues; those of a block are three numbers for each of its cues."""

    def __init__(self, times: CueTimes, words: Sequence[str]) -> None:
        self._times = times
        self._words = words
        self._ends = list(accumulate(times.counts))
        """The position after the last word of each cue."""

    def encode(self, start: int, stop: int) -> bytes:
        """Encode the times of the words from *start* to *stop*, and how much of the first and last cue is elsewhere."""
        times = self._times
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, stop)
        begin, end = self._ends[first] - times.counts[first], self._ends[last]
        counts = list(times.counts[first : last + 1])
        counts[0] -= start - begin
        counts[-1] -= end - stop
        starts_ms = times.starts_ms[first : last + 1]
        silent = self._list_silent(start, stop)
        numbers = [self._measure(begin, start), self._measure(stop, end), len(silent), *silent, *counts]
        numbers += map(sub, starts_ms[1:], starts_ms)
        numbers += times.durations_ms[first : last + 1]
        base = starts_ms[0].to_bytes(8, "little", signed=True)
        return base + CUE_TIMES_CODE + _encode_array("H", numbers)

    def _measure(self, start: int, stop: int) -> int:
        if start == stop:
            return 0
        return sum(measure_words(self._words[start:stop], self._list_silent(start, stop)))

    def _list_silent(self, start: int, stop: int) -> list[int]:
        silent = self._times.silent
        return [at - start for at in silent[bisect_left(silent, start) : bisect_left(silent, stop)]]


class _WordTimeEncoder:
    """The times of words as differences, computed once and sliced for each block."""

    def __init__(self, times: WordTimes | Transcript) -> None:
        self._starts_ms, self._ends_ms = times.starts_ms, times.ends_ms
        next_starts_ms = self._starts_ms[1:]
        self._deltas_ms = list(map(sub, next_starts_ms, self._starts_ms))
        self._with_gaps = list(select(range(len(next_starts_ms)), map(ne, self._ends_ms, next_starts_ms)))
        """Words that do not end where the next word starts."""

    def encode(self, start: int, stop: int) -> bytes:
        """Encode the start and end times of the words from *start* to *stop*."""
        with_gaps = self._with_gaps[bisect_left(self._with_gaps, start) : bisect_left(self._with_gaps, stop - 1)]
        with_gaps.append(stop - 1)
        numbers = self._deltas_ms[start : stop - 1]
        numbers += [at - start for at in with_gaps]
        numbers += [self._ends_ms[at] - self._starts_ms[at] for at in with_gaps]
        return self._starts_ms[start].to_bytes(8, "little", signed=True) + _encode_array("H", numbers)


def _encode_bytes(numbers: Sequence[int]) -> bytes | None:
    """Return *numbers* in a byte each, or None if one does not fit."""
    try:
        return bytes(numbers)
    except ValueError:
        return None


def _encode_array(code: str, numbers: Sequence[int]) -> bytes:
    """Encode *numbers* with the array type *code*, or with a wider type if one does not fit."""
    try:
        return code.encode() + struct.pack(f"={len(numbers)}{code}", *numbers)  # faster than an array
    except struct.error:
        return b"q" + array("q", numbers).tobytes()


def _pack_annotations(
    transcript: Transcript | Speech,
    sounds: Sequence[int],
    speakers: Sequence[tuple[int, str]],
    words_from: int,
    words_to: int,
) -> str:
    within = sounds[bisect_left(sounds, words_from) : bisect_left(sounds, words_to)]
    if not within and not speakers and not transcript.has_word_times:
        return ""
    positions = [at - words_from for at in within]
    return json.dumps([positions, speakers, transcript.has_word_times], ensure_ascii=False, separators=(",", ":"))


def _slice_speakers(speakers: Sequence[tuple[int, str]], start: int, stop: int) -> list[tuple[int, str]]:
    if not speakers:
        return []
    first = bisect_right(speakers, start, key=lambda pair: pair[0]) - 1
    last = bisect_left(speakers, stop, key=lambda pair: pair[0])
    within = [(max(position - start, 0), name) for position, name in speakers[max(first, 0) : last]]
    return [pair for pair in within if pair[1] or len(within) > 1]
