"""Unpacking the blocks of a transcript restores the transcript."""

from __future__ import annotations

import zlib
from array import array
from itertools import accumulate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidindex.errors import IndexLocationError
from vidindex.model import PASSAGE_STRIDE, Cue, Track, Transcript
from vidindex.store.packed_track import pack_blocks, pack_track
from vidindex.store.transcript_blocks import (
    read_tokens,
    read_tokens_and_speakers,
    read_word_slices,
    unpack_blocks,
    unpack_slice,
    unpack_words,
)
from vidindex.transcripts.build import CueTimes, make_speech
from vidindex.transcripts.gist_windows import TranscriptWords, split_gist_windows, split_sentences
from vidindex.transcripts.read import parse_transcript

_WORDS = st.text(
    st.characters(exclude_characters=" \t\n\r\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), min_size=1, max_size=9
)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    words = draw(st.lists(_WORDS, max_size=250))
    steps = draw(st.lists(st.integers(0, 90_000), min_size=len(words), max_size=len(words)))
    starts = list(accumulate(steps))
    spans = draw(st.lists(st.sampled_from([0, 100, 90_000, None]), min_size=len(words), max_size=len(words)))
    per_word = draw(st.lists(st.integers(0, 3), min_size=len(words), max_size=len(words)))
    tokens = tuple(f"t{at}" for at, count in enumerate(per_word) for _ in range(count))
    speakers = draw(st.dictionaries(st.integers(0, max(len(words) - 1, 0)), st.sampled_from(["Ann", "Bo", ""])))
    return Transcript(
        words=tuple(words),
        starts_ms=tuple(starts),
        ends_ms=tuple(map(_end, starts, [*starts[1:], 1 << 40], spans)),
        sounds=frozenset(at for at, count in enumerate(per_word) if count == 0),
        speakers=_merge_speakers(speakers if words else {}),
        has_word_times=draw(st.booleans()) and bool(words),
        tokens=tokens,
        word_index=tuple(at for at, count in enumerate(per_word) for _ in range(count)),
    )


def _end(start: int, next_start: int, span: int | None) -> int:
    """Return the end of a word: after *span*, or when the next word starts."""
    return next_start if span is None else start + span


def _merge_speakers(speakers: dict[int, str]) -> tuple[tuple[int, str], ...]:
    pairs: list[tuple[int, str]] = []
    for at, name in sorted(speakers.items()):
        if name != (pairs[-1][1] if pairs else ""):
            pairs.append((at, name))
    return tuple(pairs)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts())
def test_unpacked_blocks_are_the_transcript(transcript: Transcript) -> None:
    blocks = list(pack_blocks(transcript))
    assert unpack_blocks(blocks) == transcript
    for part in (blocks, blocks[1:]):
        whole = unpack_blocks(part)
        said, expected = unpack_words(part, with_tokens=True), TranscriptWords.from_transcript(whole)
        assert (tuple(said.words), tuple(said.word_index)) == (whole.words, whole.word_index)
        assert (said.tokens, tuple(said.speakers)) == (" ".join(whole.tokens), whole.speakers)
        count = len(whole.words)
        pauses_ms = expected.find_pauses_ms(0, count)
        assert (said.sounds, said.find_pauses_ms(0, count)) == (expected.sounds, pauses_ms)
        for first, last in ((at, min(at + 20, count)) for at in range(0, count, 17)):
            found = said.find_pauses_ms(first, last)
            assert found.items() <= pauses_ms.items()
            assert {at: found.get(at) for at in range(first, last)} == {
                at: pauses_ms.get(at) for at in range(first, last)
            }
        assert split_sentences(said) == split_sentences(expected)
        assert split_gist_windows(said) == split_gist_windows(expected)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts())
def test_each_block_but_the_last_holds_one_stride_of_tokens(transcript: Transcript) -> None:
    packed = list(pack_blocks(transcript))
    counts = [len(read_tokens(block).split()) for block in packed]
    assert all(count == PASSAGE_STRIDE for count in counts[:-1])
    read = list(map(read_tokens_and_speakers, packed))
    assert [token for tokens, _ in read for token in tokens] == list(transcript.tokens)
    assert pack_track(b"", transcript).tokens == read


_LONG_TEXT = " ".join(f"w{at}" for at in range(150))


@st.composite
def cues(draw: st.DrawFn) -> list[Cue]:
    """Return cues of few and of very many words, which overlap, start together or have labels of speakers."""
    texts = draw(st.lists(st.sampled_from(["so it was", "-", "- yes", _LONG_TEXT, "ANN: two words", "a b c d e f"])))
    starts = accumulate(draw(st.lists(st.sampled_from([0, 900, 70_000]), min_size=len(texts), max_size=len(texts))))
    lengths = draw(st.lists(st.sampled_from([0, 7, 2000, 90_000]), min_size=len(texts), max_size=len(texts)))
    return [Cue(start, start + length, text) for start, length, text in zip(starts, lengths, texts, strict=True)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cues())
def test_the_times_of_words_are_the_same_from_those_of_their_cues(track: list[Cue]) -> None:
    speech = make_speech(track, automatic=False)
    blocks = list(pack_blocks(speech))
    transcript, expected = unpack_blocks(blocks), speech.to_transcript()
    assert (transcript.words, transcript.starts_ms, transcript.ends_ms) == (
        expected.words,
        expected.starts_ms,
        expected.ends_ms,
    )
    count = len(expected.words)
    pauses_ms = TranscriptWords.from_transcript(expected).find_pauses_ms(0, count)
    assert unpack_words(blocks).find_pauses_ms(0, count) == pauses_ms


def test_the_times_of_a_long_cue_are_divided_by_the_lengths_of_all_its_words() -> None:
    words = [f"{at:0{5 - at % 3}}".translate(dict(zip(range(48, 58), "abcdefghij", strict=True))) for at in range(450)]
    speech = make_speech([Cue(0, 9_000, " ".join(words))], automatic=False)
    assert isinstance(speech.times, CueTimes)
    blocks = list(pack_blocks(speech))
    edges = list(accumulate([len(word) + 1 for word in words], initial=0))
    expected = [9_000 * edge // edges[-1] for edge in edges]
    assert unpack_blocks(blocks[1:4]).starts_ms == tuple(expected[100:400])
    assert unpack_blocks(blocks[1:4]).ends_ms == tuple(expected[101:401])


@pytest.mark.parametrize("numbers", [[0, 0, 0, 1, 5], [0, 0, 1, 9, 2, 5], [0, 0, 0, 2, 0, 1, 5, 5], [0, 0], [0] * 3])
def test_damaged_times_of_cues_are_refused(numbers: list[int]) -> None:
    (block,) = pack_blocks(make_speech([Cue(0, 900, "two words")], automatic=False))
    head = block[: block.index(b"CH", 8)]
    with pytest.raises((ValueError, IndexError)):
        unpack_blocks([head + b"CH" + array("H", numbers).tobytes()])


def test_damaged_times_are_reported_when_the_pauses_of_words_are_read() -> None:
    (block,) = pack_blocks(make_speech([Cue(0, 900, "two words")], automatic=False))
    (said,) = read_word_slices([[block[:-4]]], "an index")
    assert said.words == ["two", "words"]
    with pytest.raises(IndexLocationError, match="damaged"):
        said.find_pauses_ms(0, 2)
    with pytest.raises(IndexLocationError, match="damaged"):
        read_word_slices([[block[:9]]], "an index")


@pytest.mark.parametrize("steps", [[1, 1, -1], [1, 1, 1], [-1, 2, 0], [0, 3, 0]])
def test_damaged_positions_of_tokens_are_refused(steps: list[int]) -> None:
    fields = b"so it was\0two\nwords\0"
    stream = zlib.compress(len(fields).to_bytes(4, "little") + fields + b"q" + array("q", steps).tobytes())
    with pytest.raises(ValueError, match="positions"):
        unpack_words([len(stream).to_bytes(4, "little") + stream])


def test_a_speaker_who_continues_is_named_in_each_block() -> None:
    words = tuple(f"w{at}" for at in range(250))
    times = tuple(range(250))
    transcript = Transcript(words, times, times, speakers=((0, "Ann"), (220, "Bo")), tokens=words, word_index=times)
    assert [read_tokens_and_speakers(block)[1] for block in pack_blocks(transcript)] == [
        ("Ann",),
        ("Ann",),
        ("Ann", "Bo"),
    ]


def test_a_block_from_the_middle_counts_from_its_own_start() -> None:
    words = tuple(f"w{at}" for at in range(250))
    times = tuple(1000 * at for at in range(250))
    transcript = Transcript(words, times, times, tokens=words, word_index=tuple(range(250)))
    middle = unpack_blocks(list(pack_blocks(transcript))[1:2])
    assert (middle.words[0], middle.starts_ms[0], middle.word_index[0]) == ("w100", 100_000, 0)


@pytest.mark.parametrize("tokens_per_word", [1, 7, 40, 250])
def test_a_slice_begins_with_the_word_of_its_first_token(tokens_per_word: int) -> None:
    """A word of a script without spaces has many tokens, which may be in two blocks."""
    words = tuple(f"w{at}" for at in range(900 // tokens_per_word))
    word_index = tuple(at for at in range(len(words)) for _ in range(tokens_per_word))
    times = tuple(range(0, 1000 * len(words), 1000))
    tokens = tuple(f"t{at}" for at in range(len(word_index)))
    turns = ((0, "Ann"), (len(words) // 2, "Bo"))
    whole = Transcript(words, times, times, speakers=turns, tokens=tokens, word_index=word_index)
    blocks = list(pack_blocks(whole))
    for first in range(1, len(blocks)):
        part = unpack_slice(blocks[first:], lambda: blocks[first - 1 :])  # noqa: B023 - it is called at once
        start = first * PASSAGE_STRIDE
        assert part.tokens == tokens[start:]
        if tokens_per_word < PASSAGE_STRIDE:
            assert [part.words[at] for at in part.word_index] == [words[at] for at in word_index[start:]]
            assert part.starts_ms[0] == times[word_index[start]]
        assert min(part.word_index) >= 0


def test_the_tokens_of_a_block_can_be_read_without_the_words() -> None:
    words = tuple(f"w{at}" for at in range(250))
    times = tuple(range(250))
    packed = list(pack_blocks(Transcript(words, times, times, tokens=words, word_index=times)))
    assert [read_tokens(block) for block in packed] == [" ".join(words[at : at + 100]) for at in (0, 100, 200)]


def test_one_word_of_very_many_tokens_survives() -> None:
    transcript = Transcript(
        ("好" * 450, "end"), (0, 9), (9, 10), tokens=("好",) * 450 + ("end",), word_index=(0,) * 450 + (1,)
    )
    assert unpack_blocks(list(pack_blocks(transcript))) == transcript


@pytest.mark.parametrize(
    ("hint", "raw"),
    [
        ("json3", b'{"events":[{"tStartMs":0,"dDurationMs":900,"segs":[{"utf8":"one t\\u0000wo three"}]}]}'),
        ("txt", b"0:01\none t\0wo three\n"),
        ("vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\none t\0wo three\n"),
    ],
    ids=["json3", "txt", "vtt"],
)
def test_a_nul_character_in_a_word_does_not_make_the_transcript_unreadable(hint: str, raw: bytes) -> None:
    transcript = parse_transcript(Track("en", "supplied", hint, "", "captions"), raw)

    assert transcript.words == ("one", "t\ufffdwo", "three")
    assert unpack_blocks(list(pack_blocks(transcript))).words == transcript.words
