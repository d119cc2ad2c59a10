"""Read the blocks of transcripts: one for each passage stride, so that a search reads only what it shows.

`packed_track` writes them.  A block holds tokens, words and times.  Tokens and words share one zlib stream, where the
words cost little because they are almost the same text.  The times follow uncompressed: those of each word, or those of
cues, between which the times of words are interpolated.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain, pairwise
from operator import sub
from typing import Any, NamedTuple

from ..errors import IndexLocationError
from ..model import PASSAGE_STRIDE, Transcript
from ..transcripts.cue_times import interpolate_times, measure_words
from ..transcripts.gist_windows import TranscriptWords
from .compression import decompress_bounded

CUE_TIMES_CODE = b"C"
"""Marks the times of cues; those of words start with the type of an array."""

MAX_TEXT_BYTES = 64_000_000
"""Maximum size of the text of an article or of a caption file."""

_MAX_BLOCK_BYTES = 40_000_000
"""Maximum size of a decompressed block: the text of the largest caption file, as words and as tokens."""

BlockTokens = tuple[tuple[str, ...], tuple[str, ...]]
"""The tokens of a block, and the names of its speakers; Python does not look for garbage in tuples of strings."""

_USUAL_TOKENS_BYTES = 800  # of nearly all blocks: the words after them are not decompressed
_MAX_TOKENS_BYTES = 8_000_000
MAX_PASSAGE_CHARS = 30_000_000
"""Maximum size of the tokens that are read for one search."""

_MAX_TRACK_BYTES = 100_000_000
_MAX_TRACK_TOKEN_CHARS = 30_000_000
_MAX_TRACK_WORDS = 1_000_000
"""Maximum size of the blocks that are joined into one transcript."""

_MAX_ANNOTATION_CHARS = 8_000_000
_MAX_TIME_MS = 10**15

_MAX_KNOWN_PAUSES = 8  # blocks whose pauses are kept: the next long sentence is in the same block, or in the next one

_LOOKAHEAD_CHARS = 240
"""Characters of the next block that are read with a passage: about 40 tokens."""


@contextmanager
def translate_decode_errors(
    location: object, remedy: str = "`vidindex rebuild` restores them from the caption files"
) -> Iterator[None]:
    """Raise `IndexLocationError` if stored bytes of the store at *location* cannot be decoded."""
    try:
        yield
    except (zlib.error, ValueError, TypeError, IndexError, OverflowError, RecursionError) as exc:
        raise IndexLocationError(str(location), f"stored captions are damaged; {remedy}") from exc


def _decode_array(data: bytes) -> array[int]:
    code = chr(data[0]) if data else "B"
    if code not in "BHq":
        raise ValueError("an array has an unknown type")
    numbers = array(code)
    numbers.frombytes(data[1:])
    return numbers


def read_tokens(block: bytes) -> str:
    """Return the tokens of a block, joined by spaces."""
    stream = zlib.decompressobj()
    start = stream.decompress(_stream_bytes(block), _USUAL_TOKENS_BYTES)
    if start.find(b"\0", 4) < 0:
        start += stream.decompress(stream.unconsumed_tail, _MAX_BLOCK_BYTES)
    return _decode_tokens(start[4 : start.index(b"\0", 4)])


def _decode_tokens(encoded: bytes) -> str:
    if encoded.count(b" ") >= PASSAGE_STRIDE or len(encoded) > _MAX_TOKENS_BYTES:
        raise ValueError("a block has too many tokens")
    return encoded.decode("utf-8", "surrogatepass")


def include_next_passages(passages: Iterable[int]) -> list[int]:
    """Return *passages* and the next passage after each, sorted."""
    return sorted({number for passage in passages for number in (passage, passage + 1)})


def append_lookahead(passages: Iterable[int], tokens: Mapping[int, str]) -> dict[int, str]:
    """Return the *tokens* of each of *passages*, followed by the first tokens of the next passage."""
    return {
        passage: f"{text} {_lookahead_text(following)}" if (following := tokens.get(passage + 1)) else text
        for passage in passages
        if (text := tokens.get(passage))
    }


def _lookahead_text(text: str) -> str:
    # Cut between two tokens.
    return text[: text.rfind(" ", 0, _LOOKAHEAD_CHARS)] if len(text) > _LOOKAHEAD_CHARS else text


def read_track_tokens(blocks: Iterable[bytes]) -> list[BlockTokens]:
    """Return the tokens of each of the *blocks* of a track, with the names of its speakers."""
    read = []
    size = 0
    for block in blocks:
        tokens, speakers = read_tokens_and_speakers(block)
        size += sum(map(len, tokens))
        if size > _MAX_TRACK_TOKEN_CHARS:
            raise ValueError("a transcript is too large")
        read.append((tokens, speakers))
    return read


def read_tokens_and_speakers(block: bytes) -> BlockTokens:
    """Return the tokens of a block and the names of its speakers."""
    plain = _decompress_stream(block)
    size = int.from_bytes(plain[:4], "little")
    tokens, _, rest = plain[4 : 4 + size].partition(b"\0")
    annotations = str(rest[rest.index(b"\0") + 1 :], "utf-8", "surrogatepass")
    _, speakers, _ = _parse_annotations(annotations)
    return tuple(_decode_tokens(tokens).split()), tuple([_check_name(name) for _, name in speakers if name])


def count_speaker_words(blocks: Iterable[bytes]) -> dict[str, int]:
    """Return the number of words of each speaker in the *blocks* of a track; "" if the speaker is not known."""
    counts: Counter[str] = Counter()
    for block in blocks:
        plain = _decompress_stream(block)
        _, words, annotations = plain[4 : 4 + int.from_bytes(plain[:4], "little")].split(b"\0", 3)
        total = words.count(b"\n") + bool(words)
        _, speakers, _ = _parse_annotations(str(annotations, "utf-8", "surrogatepass"))
        turns = [(0, ""), *((_check_position(at, total + 1), _check_name(name)) for at, name in speakers), (total, "")]
        for (start, name), (end, _) in pairwise(turns):
            counts[name] += max(0, end - start)
    return {name: count for name, count in counts.items() if count}


def _parse_annotations(text: str) -> tuple[Sequence[Any], Sequence[Any], bool]:
    """Return the positions of sounds, the speakers with their positions, and whether words have their own times."""
    if not text:
        return (), (), False
    if len(text) > _MAX_ANNOTATION_CHARS:
        raise ValueError("a block has too many annotations")
    sounds, speakers, has_word_times = json.loads(text)
    return sounds, speakers, bool(has_word_times)


def _decompress_stream(block: bytes) -> bytes:
    return decompress_bounded(_stream_bytes(block), _MAX_BLOCK_BYTES)


def _stream_bytes(block: bytes) -> bytes:
    return block[4 : 4 + int.from_bytes(block[:4], "little")]


def unpack_blocks(blocks: Sequence[bytes]) -> Transcript:
    """Join consecutive *blocks* into one transcript, whose positions count from their first word.

    Raises `ValueError`, `TypeError` or `IndexError` if they are damaged or too large; see `translate_decode_errors`.
    """
    return _join_blocks(blocks)[0]


def unpack_slice(blocks: Sequence[bytes], read_from_block_before: Callable[[], Sequence[bytes]]) -> Transcript:
    """Join *blocks* like `unpack_blocks`, with the word of the first token if it is in the block before them.

    In scripts without spaces, a word has many tokens.  *read_from_block_before* returns that block and *blocks*.
    """
    transcript, is_cut = _join_blocks(blocks)
    if not is_cut:
        return transcript
    whole = unpack_blocks(read_from_block_before())
    return _drop_tokens(whole, PASSAGE_STRIDE) if len(whole.tokens) > PASSAGE_STRIDE else transcript


def _join_blocks(blocks: Sequence[bytes]) -> tuple[Transcript, bool]:
    """Return the transcript of *blocks*, and whether the word of its first token is in a block before them."""
    parts = list(_unpack_within_limits(blocks))
    is_cut = bool(parts) and parts[0].word_index[:1] == (-1,)
    if len(parts) == 1 and not is_cut:
        return parts[0], False
    offsets = list(accumulate((len(part.words) for part in parts), initial=0))
    word_index = [at + offset for part, offset in zip(parts, offsets, strict=False) for at in part.word_index]
    transcript = Transcript(
        words=tuple(chain.from_iterable(part.words for part in parts)),
        starts_ms=tuple(chain.from_iterable(part.starts_ms for part in parts)),
        ends_ms=tuple(chain.from_iterable(part.ends_ms for part in parts)),
        sounds=frozenset(at + offset for part, offset in zip(parts, offsets, strict=False) for at in part.sounds),
        speakers=tuple(_join_speakers([part.speakers for part in parts], offsets)),
        has_word_times=any(part.has_word_times for part in parts),
        tokens=tuple(chain.from_iterable(part.tokens for part in parts)),
        word_index=tuple(max(at, 0) for at in word_index),
    )
    return transcript, is_cut


def _drop_tokens(whole: Transcript, count: int) -> Transcript:
    """Return *whole* without its first *count* tokens, and without the words before that of the next token."""
    left = whole.word_index[count]
    turn = bisect_right(whole.speakers, left, key=lambda pair: pair[0])
    current = ((0, whole.speakers[turn - 1][1]),) if turn else ()
    return replace(
        whole,
        words=whole.words[left:],
        starts_ms=whole.starts_ms[left:],
        ends_ms=whole.ends_ms[left:],
        sounds=frozenset(at - left for at in whole.sounds if at >= left),
        speakers=(*current, *((word - left, name) for word, name in whole.speakers[turn:])),
        tokens=whole.tokens[count:],
        word_index=tuple(at - left for at in whole.word_index[count:]),
    )


def _unpack_within_limits(blocks: Iterable[bytes]) -> Iterator[Transcript]:
    for block, plain in _decompress_within_limits(blocks):
        yield _unpack_block(block, plain)


def _decompress_within_limits(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each of *blocks* with its stream."""
    size = words = 0
    for block in blocks:
        plain = _decompress_stream(block)
        size += len(plain)
        words += plain.count(b"\n")
        if size > _MAX_TRACK_BYTES or words > _MAX_TRACK_WORDS:
            raise ValueError("a transcript is too large")
        yield block, plain


def _join_speakers(parts: Iterable[Sequence[tuple[int, str]]], offsets: Sequence[int]) -> Iterator[tuple[int, str]]:
    current = ""
    for speakers, offset in zip(parts, offsets, strict=False):
        pairs = speakers if speakers and speakers[0][0] == 0 else ((0, ""), *speakers)
        for at, name in pairs:
            if name != current:
                yield at + offset, name
                current = name


def _unpack_block(block: bytes, plain: bytes) -> Transcript:
    """Return the transcript of *block*, whose stream is *plain*."""
    size = int.from_bytes(plain[:4], "little")
    encoded_tokens, encoded_words, annotations = plain[4 : 4 + size].split(b"\0", 3)
    joined_tokens, joined_words = _decode_tokens(encoded_tokens), encoded_words.decode("utf-8", "surrogatepass")
    words = tuple(joined_words.split("\n")) if joined_words else ()
    tokens = tuple(joined_tokens.split(" ")) if joined_tokens else ()
    starts_ms, ends_ms = _unpack_times(_times_bytes(block), words)
    sounds, speakers, has_word_times = _parse_annotations(str(annotations, "utf-8", "surrogatepass"))
    word_index = tuple(accumulate(_decode_array(plain[4 + size :]), initial=-1))[1:]
    _check_positions(word_index, len(tokens), len(words))
    return Transcript(
        words=words,
        starts_ms=starts_ms,
        ends_ms=ends_ms,
        sounds=frozenset(_check_position(at, len(words)) for at in sounds),
        speakers=_check_speakers(speakers, len(words)),
        has_word_times=has_word_times,
        tokens=tokens,
        word_index=word_index,
    )


def unpack_words(blocks: Sequence[bytes], *, with_tokens: bool = False) -> TranscriptWords:
    """Return the words of adjacent *blocks* of a track, and what tells where its sentences end: a third of the work.

    Raises what `unpack_blocks` raises.
    """
    texts: list[str] = []
    tokens: list[str] = []
    word_index: list[int] = []
    sounds: list[int] = []
    speakers, offsets = [], [0]
    for _, plain in _decompress_within_limits(blocks):
        before = offsets[-1]
        size = int.from_bytes(plain[:4], "little")
        encoded_tokens, encoded, annotations = plain[4 : 4 + size].split(b"\0", 3)
        count = encoded.count(b"\n") + 1 if encoded else 0
        steps = _decode_array(plain[4 + size :])
        index = list(accumulate(steps, initial=before - 1))[1:]
        if index and (min(steps) < 0 or index[-1] >= before + max(count, 1)):
            raise ValueError("the positions of a block are damaged")
        if index and index[0] < 0:  # the word of the first tokens is in a block before
            index = [max(at, 0) for at in index]
        if with_tokens and index:
            tokens.append(_decode_tokens(encoded_tokens))
        if with_tokens and len(index) != (encoded_tokens.count(b" ") + 1 if encoded_tokens else 0):
            raise ValueError("the positions of a block are damaged")
        heard, spoke, _ = _parse_annotations(str(annotations, "utf-8", "surrogatepass"))
        sounds += [before + _check_position(at, count) for at in heard]
        speakers.append(_check_speakers(spoke, count))
        if encoded:
            texts.append(encoded.decode("utf-8", "surrogatepass"))
        word_index += index
        offsets.append(before + count)
    text = "\n".join(texts)
    read_pauses_ms = _PauseReader(blocks, offsets).read
    named = list(_join_speakers(speakers, offsets))
    return TranscriptWords(text, word_index, read_pauses_ms, frozenset(sounds), named, " ".join(tokens))


def read_word_slices(slices: Iterable[Sequence[bytes]], location: object) -> list[TranscriptWords]:
    """Return the words and tokens of each of *slices*, which are adjacent blocks of a track.

    Raises `IndexLocationError` for the store at *location*, also when pauses are read.
    """
    with translate_decode_errors(location):
        read = [unpack_words(each, with_tokens=True) for each in slices]
    return [replace(each, read_pauses_ms=partial(_translate_errors, location, each.read_pauses_ms)) for each in read]


def _translate_errors(
    location: object,
    read: Callable[[Sequence[str], int, int], Mapping[int, int]],
    words: Sequence[str],
    first: int,
    last: int,
) -> Mapping[int, int]:
    with translate_decode_errors(location):
        return read(words, first, last)


class _PauseReader:
    """Reads the pauses between the words of adjacent *blocks*; block *n* has the words from *offsets[n]* on."""

    def __init__(self, blocks: Sequence[bytes], offsets: Sequence[int]) -> None:
        self._blocks = blocks
        self._offsets = offsets
        self._read: dict[int, _BlockPauses] = {}

    def read(self, words: Sequence[str], first: int, last: int) -> dict[int, int]:
        """Return the pauses after those of all *words* from *first* to *last* (exclusive), and some around them."""
        pauses_ms: dict[int, int] = {}
        end_ms: int | None = None
        blocks = range(bisect_right(self._offsets, first) - 1, bisect_right(self._offsets, last))
        for number in blocks[: len(self._blocks) - blocks.start]:
            start, stop = self._offsets[number : number + 2]
            if start == stop:
                continue
            found = self._read_block(number, words[start:stop])
            if end_ms is not None and found.start_ms != end_ms:
                pauses_ms[start - 1] = found.start_ms - end_ms
            pauses_ms |= {start + at: pause_ms for at, pause_ms in found.within if pause_ms}
            end_ms = found.end_ms
        return pauses_ms

    def _read_block(self, number: int, words: Sequence[str]) -> _BlockPauses:
        if number not in self._read:
            if len(self._read) > _MAX_KNOWN_PAUSES:
                self._read.clear()
            self._read[number] = _unpack_pauses(_times_bytes(self._blocks[number]), words)
        return self._read[number]


def _check_positions(word_index: Sequence[int], tokens: int, words: int) -> None:
    if len(word_index) != tokens or (tokens and not -1 <= min(word_index) <= max(word_index) < max(words, 1)):
        raise ValueError("the positions of a block are damaged")


def _check_position(at: object, end: int) -> int:
    if type(at) is not int or not 0 <= at < end:
        raise ValueError("a position of a block is damaged")
    return at


def _check_speakers(speakers: Iterable[Any], words: int) -> tuple[tuple[int, str], ...]:
    return tuple((_check_position(at, words + 1), _check_name(name)) for at, name in speakers)


def _check_name(name: object) -> str:
    if type(name) is not str:
        raise ValueError("a speaker of a block is damaged")
    return name


def _times_bytes(block: bytes) -> bytes:
    return block[4 + int.from_bytes(block[:4], "little") :]


def _unpack_times(data: bytes, words: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the start and the end of each of *words*."""
    if not words:
        return (), ()
    if (cues := _unpack_cues(data, len(words))) is None:
        starts_ms, ends_ms = _unpack_word_times(data, len(words))
    else:
        starts_ms, ends_ms = cues.interpolate(cues.counts, measure_words(words, cues.silent))
    return tuple(starts_ms), tuple(ends_ms)


class _BlockPauses(NamedTuple):
    """The start and the end of the words of a block, and those of them that a pause may follow, with its length."""

    start_ms: int
    end_ms: int
    within: Sequence[tuple[int, int]]


def _unpack_pauses(data: bytes, words: Sequence[str]) -> _BlockPauses:
    if (cues := _unpack_cues(data, len(words))) is None:
        first_ms, deltas_ms, positions, durations_ms = _unpack_deltas(data, len(words))
        ended = zip(positions[:-1], durations_ms[:-1], strict=True)
        end_ms = first_ms + sum(deltas_ms) + durations_ms[-1]
        return _BlockPauses(first_ms, end_ms, [(at, deltas_ms[at] - duration_ms) for at, duration_ms in ended])
    # There are ten times as many words as cues, within which there are no pauses.
    edges = list(accumulate(measure_words(words, cues.silent), initial=0))
    ends = list(accumulate(cues.counts, initial=0))
    lengths = [edges[end] - edges[start] for start, end in pairwise(ends)]
    starts_ms, ends_ms = cues.interpolate([1] * len(lengths), lengths)
    within = zip((end - 1 for end in ends[1:]), map(sub, starts_ms[1:], ends_ms), strict=False)
    return _BlockPauses(starts_ms[0], ends_ms[-1], list(within))


def _unpack_word_times(data: bytes, words: int) -> tuple[list[int], list[int]]:
    first_ms, deltas_ms, positions, durations_ms = _unpack_deltas(data, words)
    starts_ms = list(accumulate(deltas_ms, initial=first_ms))
    ends_ms = [*starts_ms[1:], 0]
    for at, duration_ms in zip(positions, durations_ms, strict=True):
        ends_ms[at] = starts_ms[at] + duration_ms
    _check_times((min(starts_ms), max(starts_ms), *durations_ms))
    return starts_ms, ends_ms


def _unpack_deltas(data: bytes, words: int) -> tuple[int, Sequence[int], Sequence[int], Sequence[int]]:
    """Return when the first word starts, and how much later each next one than the one before it.

    Then return the words that do not end where the next one starts, the last one of which is the last word, and their
    durations.
    """
    numbers = _decode_array(data[8:])
    deltas_ms, count = numbers[: words - 1], (len(numbers) - words + 1) // 2
    positions, durations_ms = numbers[words - 1 :][:count], numbers[words - 1 + count :]
    if len(deltas_ms) != words - 1:
        raise ValueError("the times of a block are damaged")
    return _first_ms(data), deltas_ms, positions, durations_ms


class _Cues(NamedTuple):
    """The cues of a block; *before* and *after* are the lengths of what other blocks have of the first and last one."""

    counts: Sequence[int]
    starts_ms: Sequence[int]
    durations_ms: Sequence[int]
    silent: Sequence[int]
    before: int
    after: int

    def interpolate(self, counts: Sequence[int], lengths: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the start and the end of each part of a cue; each cue has *counts* of them, which have *lengths*."""
        timed = zip(counts, self.starts_ms, self.durations_ms, strict=True)
        return interpolate_times(timed, lengths, before=self.before, after=self.after)


def _unpack_cues(data: bytes, words: int) -> _Cues | None:
    """Return the cues of a block with *words* words; None if each word has its own times."""
    if data[8:9] != CUE_TIMES_CODE:
        return None
    first_ms, numbers = _first_ms(data), _decode_array(data[9:])
    before, after, silent_count = numbers[:3]
    silent, rest = numbers[3 : 3 + silent_count], numbers[3 + silent_count :]
    cues = (len(rest) + 1) // 3
    counts, gaps_ms, durations_ms = rest[:cues], rest[cues : 2 * cues - 1], rest[2 * cues - 1 :]
    starts_ms = list(accumulate(gaps_ms, initial=first_ms))
    if min(numbers) < 0 or not all(counts) or sum(counts) != words:
        raise ValueError("the times of a block are damaged")
    _check_times((first_ms, starts_ms[-1], *durations_ms))
    return _Cues(counts, starts_ms, durations_ms, silent, before, after)


def _first_ms(data: bytes) -> int:
    return int.from_bytes(data[:8], "little", signed=True)


def _check_times(times_ms: Iterable[int]) -> None:
    """Raise `ValueError` if one of *times_ms*, between which all others are, is too far away."""
    if max(map(abs, times_ms)) > _MAX_TIME_MS:
        raise ValueError("the times of a block are damaged")
