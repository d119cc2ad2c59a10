"""Transcripts as blocks of bytes: one block for each passage stride, so that a search reads only what it shows.

A block holds its tokens, its words and their times.  Tokens and words stand in one zlib stream, where the
second is nearly free: they are almost the same text.  The times stand beside it: zlib would take as long over
them as over the text, and make them hardly smaller.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, chain, compress
from operator import ne, sub

from ..errors import IndexLocationError
from ..model import PASSAGE_STRIDE, Transcript

_ZLIB_LEVEL = 4

_LOOKAHEAD_CHARS = 240
"""Characters of the next block that are read with a passage, some forty tokens."""


@contextmanager
def translate_decode_errors(
    location: object, remedy: str = "`vidindex rebuild` reads them again as they were fetched"
) -> Iterator[None]:
    """Turn what fails where packed bytes of the store at *place* are damaged into our error."""
    try:
        yield
    except (zlib.error, ValueError, IndexError, OverflowError) as exc:
        raise IndexLocationError(str(location), f"captions in its store are damaged; {remedy}") from exc


def pack_blocks(transcript: Transcript) -> Iterator[bytes]:
    """Cut *transcript* into blocks, in order; none where it has no word."""
    numbers, sounds = _DeltaEncoder(transcript), sorted(transcript.sounds)
    for first, last, words_from, words_to in _block_ranges(transcript):
        tokens = " ".join(transcript.tokens[first:last])
        words = "\n".join(transcript.words[words_from:words_to])
        marks = _pack_annotations(transcript, sounds, words_from, words_to)
        texts = "\0".join((tokens, words, marks)).encode("utf-8", "surrogatepass")
        hops = numbers.encode_token_offsets(first, last, words_from)
        stream = zlib.compress(len(texts).to_bytes(4, "little") + texts + hops, _ZLIB_LEVEL)
        yield len(stream).to_bytes(4, "little") + stream + numbers.encode_times(words_from, words_to)


def _block_ranges(transcript: Transcript) -> Iterator[tuple[int, int, int, int]]:
    """Give the token range and the word range of each block; together the word ranges cover every word."""
    total = len(transcript.tokens)
    words_from = 0
    for first in range(0, max(total, 1), PASSAGE_STRIDE):
        last = min(first + PASSAGE_STRIDE, total)
        words_to = transcript.word_index[last] if last < total else len(transcript.words)
        # A word of several tokens may lie across the cut: it belongs to the block in which it starts.
        if last < total and transcript.word_index[last] == transcript.word_index[last - 1]:
            words_to += 1
        words_to = max(words_from, words_to)
        if words_to > words_from or last > first:
            yield first, last, words_from, words_to
        words_from = words_to


class _DeltaEncoder:
    """The times and origins of a transcript, as steps from one to the next: made once, cut for each block."""

    def __init__(self, transcript: Transcript) -> None:
        self._starts_ms, self._ends_ms, self._word_index = (
            transcript.starts_ms,
            transcript.ends_ms,
            transcript.word_index,
        )
        self._start_deltas_ms = list(map(sub, self._starts_ms[1:], self._starts_ms))
        self._token_offsets = list(map(sub, self._word_index[1:], self._word_index))
        follows = map(ne, self._ends_ms, self._starts_ms[1:])
        self._with_gaps = list(compress(range(len(self._start_deltas_ms)), follows))
        """Words that do not end where the next one starts."""

    def encode_times(self, start: int, stop: int) -> bytes:
        """Write when the words from *start* to *stop* start and end."""
        if start == stop:
            return b""
        loose = self._with_gaps[bisect_left(self._with_gaps, start) : bisect_left(self._with_gaps, stop - 1)]
        loose.append(stop - 1)
        spans = [self._ends_ms[at] - self._starts_ms[at] for at in loose]
        places = [at - start for at in loose]
        base = self._starts_ms[start].to_bytes(8, "little", signed=True)
        return base + _encode_array("H", self._start_deltas_ms[start : stop - 1] + places + spans)

    def encode_token_offsets(self, first: int, last: int, words_from: int) -> bytes:
        """Write in which word each token from *first* to *last* starts."""
        if first == last:
            return b""
        # The origin of a block's first token can lie in the block before: then it is counted as -1, stored as 0.
        return _encode_array("B", [self._word_index[first] - words_from + 1, *self._token_offsets[first : last - 1]])


def _encode_array(code: str, numbers: Sequence[int]) -> bytes:
    """Write *numbers* in the type *code*, all of them in a wider one where that does not hold them."""
    try:
        return code.encode() + array(code, numbers).tobytes()
    except OverflowError:
        return b"q" + array("q", numbers).tobytes()


def _decode_array(data: bytes) -> array[int]:
    numbers = array(chr(data[0])) if data else array("B")
    numbers.frombytes(data[1:])
    return numbers


def _pack_annotations(transcript: Transcript, sounds: Sequence[int], words_from: int, words_to: int) -> str:
    within = sounds[bisect_left(sounds, words_from) : bisect_left(sounds, words_to)]
    speakers = _slice_speakers(transcript.speakers, words_from, words_to)
    if not within and not speakers and not transcript.has_word_times:
        return ""
    places = [at - words_from for at in within]
    return json.dumps([places, speakers, transcript.has_word_times], ensure_ascii=False, separators=(",", ":"))


def _slice_speakers(speakers: Sequence[tuple[int, str]], start: int, stop: int) -> list[tuple[int, str]]:
    if not speakers:
        return []
    first = bisect_right(speakers, start, key=lambda pair: pair[0]) - 1
    last = bisect_left(speakers, stop, key=lambda pair: pair[0])
    within = [(max(position - start, 0), name) for position, name in speakers[max(first, 0) : last]]
    return [pair for pair in within if pair[1] or len(within) > 1]


def read_tokens(block: bytes) -> str:
    """Give the tokens of a block, joined by spaces."""
    plain = _decompress_stream(block)
    return plain[4 : plain.index(b"\0", 4)].decode("utf-8", "surrogatepass")


def include_next_passages(passages: Iterable[int]) -> list[int]:
    """Give *passages* and the one behind each, in order."""
    return sorted({number for passage in passages for number in (passage, passage + 1)})


def append_lookahead(passages: Iterable[int], tokens: Mapping[int, str]) -> dict[int, str]:
    """Give the *tokens* of each of *passages* with those that the next one begins with."""
    return {
        passage: f"{text} {_lookahead_text(follow)}" if (follow := tokens.get(passage + 1)) else text
        for passage in passages
        if (text := tokens.get(passage))
    }


def _lookahead_text(text: str) -> str:
    return text[: text.rfind(" ", 0, _LOOKAHEAD_CHARS)] if len(text) > _LOOKAHEAD_CHARS else text  # after a whole token


def read_tokens_and_speakers(block: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Give the tokens of a block and the names of those who speak in it."""
    plain = _decompress_stream(block)
    size = int.from_bytes(plain[:4], "little")
    tokens, _, rest = plain[4 : 4 + size].partition(b"\0")
    marks = rest[rest.index(b"\0") + 1 :]
    speakers = [name for _, name in json.loads(marks)[1] if name] if marks else []
    return tuple(tokens.decode("utf-8", "surrogatepass").split()), speakers


def _decompress_stream(block: bytes) -> bytes:
    return zlib.decompress(block[4 : 4 + int.from_bytes(block[:4], "little")])


def unpack_blocks(blocks: Sequence[bytes]) -> Transcript:
    """Join consecutive *blocks* to one transcript; its positions count from their first word."""
    parts = [_unpack_block(block) for block in blocks]
    if len(parts) == 1 and parts[0].word_index[:1] != (-1,):
        return parts[0]
    offsets = list(accumulate((len(part.words) for part in parts), initial=0))
    origins = [at + offset for part, offset in zip(parts, offsets, strict=False) for at in part.word_index]
    if origins[:1] == [-1]:  # its word lies in a block before
        origins[0] = 0
    return Transcript(
        words=tuple(chain.from_iterable(part.words for part in parts)),
        starts_ms=tuple(chain.from_iterable(part.starts_ms for part in parts)),
        ends_ms=tuple(chain.from_iterable(part.ends_ms for part in parts)),
        sounds=frozenset(at + offset for part, offset in zip(parts, offsets, strict=False) for at in part.sounds),
        speakers=tuple(_join_speakers(parts, offsets)),
        has_word_times=any(part.has_word_times for part in parts),
        tokens=tuple(chain.from_iterable(part.tokens for part in parts)),
        word_index=tuple(origins),
    )


def _join_speakers(parts: Sequence[Transcript], offsets: Sequence[int]) -> Iterator[tuple[int, str]]:
    current = ""
    for part, offset in zip(parts, offsets, strict=False):
        pairs = part.speakers if part.speakers and part.speakers[0][0] == 0 else ((0, ""), *part.speakers)
        for at, name in pairs:
            if name != current:
                yield at + offset, name
                current = name


def _unpack_block(block: bytes) -> Transcript:
    plain = _decompress_stream(block)
    size = int.from_bytes(plain[:4], "little")
    tokens, words, marks = plain[4 : 4 + size].decode("utf-8", "surrogatepass").split("\0")
    shown = tuple(words.split("\n")) if words else ()
    starts, ends = _unpack_times(block[4 + int.from_bytes(block[:4], "little") :], len(shown))
    sounds, speakers, timed = json.loads(marks) if marks else ((), (), False)
    return Transcript(
        words=shown,
        starts_ms=starts,
        ends_ms=ends,
        sounds=frozenset(sounds),
        speakers=tuple((at, name) for at, name in speakers),
        has_word_times=timed,
        tokens=tuple(tokens.split(" ")) if tokens else (),
        word_index=tuple(accumulate(_decode_array(plain[4 + size :]), initial=-1))[1:],
    )


def _unpack_times(data: bytes, words: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not words:
        return (), ()
    numbers = _decode_array(data[8:])
    starts = tuple(accumulate(numbers[: words - 1], initial=int.from_bytes(data[:8], "little", signed=True)))
    ends = [*starts[1:], 0]
    loose = (len(numbers) - words + 1) // 2
    for at, span in zip(numbers[words - 1 :][:loose], numbers[words - 1 + loose :], strict=True):
        ends[at] = starts[at] + span
    return starts, tuple(ends)
