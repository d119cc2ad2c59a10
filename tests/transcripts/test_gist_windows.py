"""The windows and sentences that searches by meaning compare."""

from __future__ import annotations

import pytest

from vidindex import Cue, Transcript, make_transcript
from vidindex.transcripts.gist_windows import (
    MAX_SENTENCE_TOKENS,
    MAX_WINDOW_CHARS,
    GistWindow,
    TranscriptWords,
    join_window,
    split_gist_windows,
    split_sentences,
)


def transcript_of(*texts: str, gap_ms: int = 0) -> Transcript:
    return make_transcript(
        [Cue(at * (3_000 + gap_ms), at * (3_000 + gap_ms) + 3_000, text) for at, text in enumerate(texts)]
    )


def windows_of(transcript: Transcript) -> list[GistWindow]:
    return split_gist_windows(TranscriptWords.from_transcript(transcript))


def texts_of(transcript: Transcript) -> list[str]:
    words = TranscriptWords.from_transcript(transcript).without_sounds()
    return [join_window(words, window) for window in windows_of(transcript)]


def sentences_of(transcript: Transcript) -> list[str]:
    ends = split_sentences(TranscriptWords.from_transcript(transcript))
    return [" ".join(transcript.words[first:last]) for first, last in zip([0, *ends], ends, strict=False)]


def test_a_sentence_may_cross_cues_and_ends_at_its_punctuation() -> None:
    transcript = transcript_of("We sold the house.", "It was (very", "old.) Why?")
    assert sentences_of(transcript) == ["We sold the house.", "It was (very old.)", "Why?"]


def test_captions_without_punctuation_are_divided_at_pauses() -> None:
    transcript = transcript_of("we sold the house", "it was very old", gap_ms=2_000)
    assert sentences_of(transcript) == ["we sold the house", "it was very old"]


def test_a_sentence_ends_where_another_speaker_starts() -> None:
    transcript = make_transcript(
        [Cue(0, 2_000, "we sold it", speaker="Ann"), Cue(2_000, 4_000, "to whom", speaker="Bo")]
    )
    assert sentences_of(transcript) == ["we sold it", "to whom"]


def test_a_long_sentence_is_divided_after_a_comma() -> None:
    transcript = transcript_of(" ".join([*["word"] * 30, "comma,", *(f"w{at}" for at in range(30))]))
    first, *_ = sentences_of(transcript)
    assert first.endswith("comma,")


def test_windows_cover_all_words_once_and_state_their_first_token() -> None:
    transcript = transcript_of(*(f"This is the sentence number {at}, and it can't end." for at in range(30)))
    windows = windows_of(transcript)
    assert [window.first_word for window in windows] == [0, *(window.last_word for window in windows[:-1])]
    assert windows[-1].last_word == len(transcript)
    assert [transcript.word_index[window.first_token] for window in windows] == [each.first_word for each in windows]
    assert all(30 < window.last_word - window.first_word < 60 for window in windows[:-1])
    assert " ".join(texts_of(transcript)) == transcript.text


def test_a_window_leaves_out_sounds() -> None:
    assert texts_of(transcript_of("Thank you. [applause] Good night.")) == ["Thank you. Good night."]


def test_a_script_without_spaces_is_divided_too() -> None:
    windows = windows_of(transcript_of(*["我们今天讨论经济问题。"] * 40))
    assert len(windows) > 5


@pytest.mark.parametrize(
    "word", ["a" * 50_000, "，" * 50_000, "." * 50_000, "字" * 5_000], ids=["a", "comma", "stop", "han"]
)
def test_a_hostile_word_gives_short_texts(word: str) -> None:
    texts = texts_of(transcript_of(f"one {word} two three four"))
    assert all(len(text) <= MAX_WINDOW_CHARS for text in texts)
    assert len(texts) < 100


def test_a_long_track_without_any_end_takes_linear_time() -> None:
    words = tuple(f"w{at % 977}" for at in range(50_000))
    times = tuple(range(0, 50_000 * 200, 200))
    transcript = Transcript(words, times, times, tokens=words, word_index=tuple(range(50_000)))
    ends = split_sentences(TranscriptWords.from_transcript(transcript))
    assert max(last - first for first, last in zip([0, *ends], ends, strict=False)) <= MAX_SENTENCE_TOKENS
    assert len(windows_of(transcript)) < 2_000


def test_no_words_give_no_windows() -> None:
    assert windows_of(Transcript((), (), ())) == []
