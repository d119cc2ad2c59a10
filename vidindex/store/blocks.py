"""Transcripts as blocks of bytes: one block for each passage stride, so that a search reads only what it shows.

A block holds its tokens, its words and their times.  Tokens and words stand in one zlib stream, where the
second is nearly free: they are almost the same text.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub

from ..model import PASSAGE_STRIDE, Transcript

_LEVEL = 4


def pack(transcript: Transcript) -> Iterator[bytes]:
    """Cut *transcript* into blocks, in order; none where it has no word."""
    for first, last, words_from, words_to in _cuts(transcript):
        tokens = " ".join(transcript.tokens[first:last])
        words = "\n".join(transcript.words[words_from:words_to])
        times = _pack_numbers(
            transcript.starts_ms[words_from:words_to],
            transcript.ends_ms[words_from:words_to],
            transcript.origins[first:last],
            words_from,
        )
        marks = _pack_marks(transcript, words_from, words_to)
        texts = "\0".join((tokens, words, marks)).encode("utf-8", "surrogatepass")
        yield zlib.compress(len(texts).to_bytes(4, "little") + texts + times, _LEVEL)


def _cuts(transcript: Transcript) -> Iterator[tuple[int, int, int, int]]:
    """Give the token range and the word range of each block; together the word ranges cover every word."""
    total = len(transcript.tokens)
    words_from = 0
    for first in range(0, max(total, 1), PASSAGE_STRIDE):
        last = min(first + PASSAGE_STRIDE, total)
        words_to = transcript.origins[last] if last < total else len(transcript.words)
        # A word of several tokens may lie across the cut: it belongs to the block in which it starts.
        if last < total and transcript.origins[last] == transcript.origins[last - 1]:
            words_to += 1
        words_to = max(words_from, words_to)
        if words_to > words_from or last > first:
            yield first, last, words_from, words_to
        words_from = words_to


def _pack_numbers(starts: Sequence[int], ends: Sequence[int], origins: Sequence[int], words_from: int) -> bytes:
    base = starts[0] if starts else 0
    steps = [0, *map(sub, starts[1:], starts)] if starts else []
    spans = list(map(sub, ends, starts))
    # The origin of a block's first token can lie in the block before: then it is counted as -1, stored as 0.
    places = [place - words_from + 1 for place in origins]
    hops = [places[0], *map(sub, places[1:], places)] if places else []
    wide = max((*steps, *spans, *hops), default=0) > 0xFFFF or min((*steps, *spans, *hops), default=0) < 0
    code = "q" if wide else "H"
    numbers = array(code, steps + spans + hops)
    return b"%c%s%s" % (code.encode(), base.to_bytes(8, "little", signed=True), numbers.tobytes())


def _pack_marks(transcript: Transcript, words_from: int, words_to: int) -> str:
    sounds = (
        [at - words_from for at in range(words_from, words_to) if at in transcript.sounds] if transcript.sounds else []
    )
    speakers = _speakers_within(transcript.speakers, words_from, words_to)
    if not sounds and not speakers and not transcript.timed:
        return ""
    return json.dumps([sounds, speakers, transcript.timed], ensure_ascii=False, separators=(",", ":"))


def _speakers_within(speakers: Sequence[tuple[int, str]], start: int, stop: int) -> list[tuple[int, str]]:
    if not speakers:
        return []
    first = bisect_right(speakers, start, key=lambda pair: pair[0]) - 1
    last = bisect_left(speakers, stop, key=lambda pair: pair[0])
    within = [(max(position - start, 0), name) for position, name in speakers[max(first, 0) : last]]
    return [pair for pair in within if pair[1] or len(within) > 1]


def read_tokens(block: bytes) -> str:
    """Give the tokens of a block, joined by spaces."""
    plain = zlib.decompress(block)
    return plain[4 : plain.index(b"\0", 4)].decode("utf-8", "surrogatepass")


def read_head(block: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Give the tokens of a block and the names of those who speak in it."""
    plain = zlib.decompress(block)
    size = int.from_bytes(plain[:4], "little")
    tokens, _, rest = plain[4 : 4 + size].partition(b"\0")
    marks = rest[rest.index(b"\0") + 1 :]
    speakers = [name for _, name in json.loads(marks)[1] if name] if marks else []
    return tuple(tokens.decode("utf-8", "surrogatepass").split()), speakers


def unpack(blocks: Sequence[bytes]) -> Transcript:
    """Join consecutive *blocks* to one transcript; its positions count from their first word."""
    parts = [_unpack_one(block) for block in blocks]
    offsets = list(accumulate((len(part.words) for part in parts), initial=0))
    return Transcript(
        words=tuple(word for part in parts for word in part.words),
        starts_ms=tuple(start for part in parts for start in part.starts_ms),
        ends_ms=tuple(end for part in parts for end in part.ends_ms),
        sounds=frozenset(at + offset for part, offset in zip(parts, offsets, strict=False) for at in part.sounds),
        speakers=tuple(_joined_speakers(parts, offsets)),
        timed=any(part.timed for part in parts),
        tokens=tuple(token for part in parts for token in part.tokens),
        origins=tuple(max(at + offset, 0) for part, offset in zip(parts, offsets, strict=False) for at in part.origins),
    )


def _joined_speakers(parts: Sequence[Transcript], offsets: Sequence[int]) -> Iterator[tuple[int, str]]:
    current = ""
    for part, offset in zip(parts, offsets, strict=False):
        pairs = part.speakers if part.speakers and part.speakers[0][0] == 0 else ((0, ""), *part.speakers)
        for at, name in pairs:
            if name != current:
                yield at + offset, name
                current = name


def _unpack_one(block: bytes) -> Transcript:
    plain = zlib.decompress(block)
    size = int.from_bytes(plain[:4], "little")
    tokens, words, marks = plain[4 : 4 + size].decode("utf-8", "surrogatepass").split("\0")
    shown = tuple(words.split("\n")) if words else ()
    starts, ends, origins = _unpack_numbers(plain[4 + size :], len(shown))
    sounds, speakers, timed = json.loads(marks) if marks else ((), (), False)
    return Transcript(
        words=shown,
        starts_ms=starts,
        ends_ms=ends,
        sounds=frozenset(sounds),
        speakers=tuple((at, name) for at, name in speakers),
        timed=timed,
        tokens=tuple(tokens.split(" ")) if tokens else (),
        origins=origins,
    )


def _unpack_numbers(data: bytes, words: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    base = int.from_bytes(data[1:9], "little", signed=True)
    numbers = array(data[:1].decode())
    numbers.frombytes(data[9:])
    starts = tuple(accumulate(numbers[:words], initial=base))[1:] if words else ()
    ends = tuple(map(sum, zip(starts, numbers[words : 2 * words], strict=True)))
    origins = tuple(place - 1 for place in accumulate(numbers[2 * words :]))
    return starts, ends, origins
