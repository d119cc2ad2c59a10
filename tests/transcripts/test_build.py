"""Transcripts from cues: every word once, in order, with its time, its speaker and its tokens."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.model import Cue, TimedWord, Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import read_captions


def said(transcript: Transcript) -> str:
    return " ".join(transcript.words)


def cues_of(*rows: tuple[int, int, str]) -> list[Cue]:
    return [Cue(*row) for row in rows]


def rolled(*lines: str, seconds: int = 2) -> str:
    """Return *lines* as a YouTube automatic track: two rows, with a short cue between two lines that moves them up."""
    blocks = ["WEBVTT\nKind: captions"]
    above = " "
    for at, line in enumerate(lines):
        start, end = at * seconds, (at + 1) * seconds
        words = line.split()
        timed = words[0] + "".join(f"<00:00:{start:02}.{n}00><c> {word}</c>" for n, word in enumerate(words[1:], 1))
        blocks.append(f"00:00:{start:02}.000 --> 00:00:{end - 1:02}.990\n{above}\n{timed}")
        blocks.append(f"00:00:{end - 1:02}.990 --> 00:00:{end:02}.000\n{line}\n ")
        above = line
    return "\n\n".join(blocks)


class TestRollingCaptions:
    def test_every_word_once_with_the_time_the_track_states(self) -> None:
        transcript = make_transcript(read_captions(rolled("am i loud", "yes", "good good").encode()))

        assert said(transcript) == "am i loud yes good good"
        assert transcript.starts_ms == (0, 100, 200, 2000, 4000, 4100)
        assert transcript.has_word_times

    def test_a_line_said_twice_is_there_twice(self) -> None:
        """It looks like a line that rolled up, but a short cue is between."""
        assert said(make_transcript(read_captions(rolled("well", "no.", "no.", "no.", "yes").encode()))) == (
            "well no. no. no. yes"
        )

    def test_the_last_line_and_the_first_are_there(self) -> None:
        transcript = make_transcript(read_captions(rolled("first", "middle one", "last").encode()))

        assert (transcript.words[0], transcript.words[-1]) == ("first", "last")

    def test_three_lines_of_broadcast_roll_up(self) -> None:
        cues = cues_of((0, 1000, "A B"), (1000, 2000, "A B\nC"), (2000, 3000, "A B\nC\nD E"), (3000, 4000, "C\nD E\nF"))

        transcript = make_transcript(cues)

        assert said(transcript) == "A B C D E F"
        assert transcript.starts_ms[2:4] == (1000, 2000)

    def test_letter_by_letter_words_are_written_out_once(self) -> None:
        """A word starts when its first letter appears."""
        text = "THE COUNCIL WILL"
        steps = [text[:end] for end in range(1, len(text) + 1)] + [f"{text}\nNOW", f"{text}\nNOW SIT", "NOW SIT\nDOWN"]

        transcript = make_transcript([Cue(at * 100, at * 100 + 100, step) for at, step in enumerate(steps)])

        assert said(transcript) == "THE COUNCIL WILL NOW SIT DOWN"
        assert transcript.starts_ms[:4] == (0, 400, 1200, 1600)

    def test_letters_taken_back_are_gone(self) -> None:
        steps = ["T", "TH", "THE", "THE C", "THE CP", "THE C", "THE CO", "THE COP", "THE COP\nRAN", "THE COP\nRAN ON"]

        assert said(make_transcript([Cue(at * 100, at * 100 + 100, step) for at, step in enumerate(steps)])) == (
            "THE COP RAN ON"
        )

    def test_a_dark_display_starts_afresh(self) -> None:
        cues = cues_of(
            (0, 1000, "a"), (1000, 2000, "a\nno"), (2000, 3000, "no\nb"), (9000, 9500, "b"), (9500, 9900, "b\nc")
        )

        assert said(make_transcript(cues)) == "a no b b c"

    def test_only_a_part_of_a_track_may_roll(self) -> None:
        before = [(at * 2000, at * 2000 + 2000, f"line {at} stands alone") for at in range(20)]
        rolling = [
            (40_000, 42_000, "live from"),
            (42_000, 44_000, "live from\nthe harbor"),
            (44_000, 46_000, "the harbor\nnow"),
        ]
        after = [(50_000 + at * 2000, 52_000 + at * 2000, f"and {at} again") for at in range(20)]

        transcript = make_transcript(cues_of(*before, *rolling, *after))

        assert said(transcript).replace("line", "\nline").count("\nline") == 20
        assert "alone live from the harbor now and 0" in said(transcript)

    def test_sparse_lines_of_a_rolling_track_are_read_once(self) -> None:
        """Between long pauses, a line, the short cue that moves it up, and the line again are all there is."""
        rows = [(0, 1990, "a b"), (1990, 2000, "a b"), (2000, 4000, "a b\nc")]
        echo = [(0, 1990, "no."), (1990, 2000, "no."), (2000, 4000, "no.\nno.")]
        parts = [rows, rows, echo, rows, rows, rows, rows]
        cues = [Cue(at * 60_000 + s, at * 60_000 + e, text) for at, part in enumerate(parts) for s, e, text in part]

        assert said(make_transcript(cues)) == "a b c a b c no. no. a b c a b c a b c a b c"

    def test_lines_roll_with_gaps_between_the_cues(self) -> None:
        cues = cues_of((0, 2000, "a b"), (3000, 5000, "a b\nc d"), (8000, 9000, "c d\ne f"), (12_000, 13_000, "e f\ng"))

        transcript = make_transcript(cues)

        assert said(transcript) == "a b c d e f g"
        assert transcript.starts_ms[2::2] == (3000, 8000, 12_000)

    def test_words_appear_one_by_one_in_a_part(self) -> None:
        before = [(at * 2000, at * 2000 + 2000, f"line {at} stands alone") for at in range(20)]
        steps = ["so", "so the", "so the river", "so the river rose"]
        growing = [(40_000 + at * 500, 40_500 + at * 500, text) for at, text in enumerate(steps)]

        transcript = make_transcript(cues_of(*before, *growing))

        assert said(transcript).endswith("19 stands alone so the river rose")
        assert transcript.starts_ms[-4:] == (40_000, 40_500, 41_000, 41_500)


class TestManualTracks:
    def test_a_line_that_is_sung_twice_is_there_twice(self) -> None:
        song = ["row the boat", "row the boat", "down the river", "down the river", "merrily", "merrily"]
        cues = [Cue(at * 2000, at * 2000 + 2000, line) for at, line in enumerate(song)]

        assert said(make_transcript(cues)) == " ".join(song)
        two_lines = [Cue(cue.start_ms, cue.end_ms, f"{cue.text}\n{cue.text}") for cue in cues]
        assert said(make_transcript(two_lines)) == " ".join(line for line in song for _ in range(2))

    def test_one_repeated_line_among_many_is_said_again(self) -> None:
        others = [(4000 + at * 2000, 6000 + at * 2000, f"line {at} stands alone") for at in range(20)]

        transcript = make_transcript(cues_of((0, 2000, "Where?\nNo."), (2000, 4000, "No.\nWhy not?"), *others))

        assert said(transcript).startswith("Where? No. No. Why not? line")

    def test_repeated_lines_are_left_alone(self) -> None:
        cues = cues_of((0, 1000, "no."), (1000, 2000, "no."), (2000, 3000, "why not?"), (3000, 4000, "I said"))

        assert said(make_transcript(cues)) == "no. no. why not? I said"

    def test_nothing_is_undone_in_a_track_known_to_be_manual(self) -> None:
        cues = cues_of((0, 1000, "la la"), (1000, 2000, "la la\nhey"), (2000, 3000, "hey\nla"))

        assert said(make_transcript(cues, automatic=False)) == "la la la la hey hey la"
        assert said(make_transcript(cues)) == "la la hey la"

    def test_words_share_the_time_of_their_cue_by_length(self) -> None:
        transcript = make_transcript(cues_of((1000, 2000, "abc abcdefg abcdefg")))

        assert transcript.starts_ms == (1000, 1200, 1600)
        assert transcript.ends_ms == (1200, 1600, 2000)
        assert not transcript.has_word_times

    def test_overlapping_cues_are_said_one_after_the_other(self) -> None:
        """A rolling display without repeated lines: each line is said before the next one appears."""
        transcript = make_transcript(cues_of((0, 4000, "one two"), (2000, 6000, "three")))

        assert transcript.ends_ms[1] == 2000
        assert transcript.starts_ms[2] == 2000

    def test_a_mark_before_a_sentence_takes_no_time(self) -> None:
        transcript = make_transcript(cues_of((1000, 2000, "-abc\n-def")))

        assert transcript.words == ("-", "abc", "-", "def")
        assert transcript.starts_ms == (1000, 1000, 1500, 1500)

    def test_lines_that_show_together_share_their_time(self) -> None:
        transcript = make_transcript(cues_of((0, 2000, "abc"), (0, 2000, "def")))

        assert transcript.starts_ms == (0, 1000)

    def test_cues_out_of_order_are_put_in_order(self) -> None:
        assert said(make_transcript(cues_of((5000, 6000, "b"), (0, 1000, "a")))) == "a b"


class TestSoundsAndSpeakers:
    @pytest.mark.parametrize(
        ("text", "sounds"),
        [
            ("[applause] thank you", {0}),
            ("thank (LAUGHTER) you", {1}),
            ("[BAND PLAYING ON] so", {0, 1, 2}),
            ("♪ sing with me ♪", {0, 4}),
            ("♪la la♪", {0, 3}),
            ("this (which is nice) works", set()),
            ("(clock ticking)", {0, 1}),
            ("( CHEERS )\nhello", {0, 1, 2}),
            ("a [ b c d e f g h i j k l m n ]", set()),
        ],
    )
    def test_what_is_no_speech_is_marked(self, text: str, sounds: set[int]) -> None:
        assert make_transcript(cues_of((0, 1000, text))).sounds == sounds

    def test_a_sound_gives_no_tokens_and_breaks_no_phrase(self) -> None:
        transcript = make_transcript(cues_of((0, 1000, "never took"), (1000, 2000, "[LAUGHTER] the time")))

        assert transcript.tokens == ("never", "took", "the", "time")
        assert [transcript.words[origin] for origin in transcript.word_index] == ["never", "took", "the", "time"]

    def test_a_description_may_go_on_in_the_next_cue(self) -> None:
        assert make_transcript(cues_of((0, 1, "[theme song"), (1, 2, "playing] hi"))).tokens == ("hi",)

    @pytest.mark.parametrize(
        ("text", "speakers"),
        [
            (">> Jon: WELCOME BACK", ((0, "Jon"),)),
            (">>> NEW BOOK", ((0, ""),)),
            ("LENO: you never took it", ((0, "LENO"),)),
            ("MAN 2:\nlook", ((0, "MAN 2"),)),
            ("- no.\n- yes.", ((0, ""), (2, ""))),
            ("so I said: no", ()),
            ("at 10:30 today", ()),
            ("Remember: be kind", ()),
            ("THANKS. >> Bill: SURE", ((1, "Bill"),)),
        ],
    )
    def test_marks_say_who_speaks_from_there_on(self, text: str, speakers: tuple[tuple[int, str], ...]) -> None:
        transcript = make_transcript(cues_of((0, 1000, text)))

        assert transcript.speakers == speakers
        assert all(at in transcript.sounds for at, _ in speakers)

    def test_a_voice_speaks_until_its_cue_ends(self) -> None:
        cues = [Cue(0, 1, "hi", "Ann"), Cue(1, 2, "there", "Ann"), Cue(2, 3, "you")]

        assert make_transcript(cues).speakers == ((0, "Ann"), (2, ""))

    def test_a_name_that_comes_again_is_a_speaker(self) -> None:
        cues = cues_of((0, 1, "Jean-Luc Bon : oui"), (1, 2, "non"), (2, 3, "Jean-Luc Bon : si"))

        assert make_transcript(cues).tokens == ("oui", "non", "si")


def test_times_of_timed_lines_beside_untimed_ones() -> None:
    cue = Cue(0, 9000, "above\nso far", "", (TimedWord(5000, "so"), TimedWord(6000, "far")))

    transcript = make_transcript([cue])

    assert said(transcript) == "above so far"
    assert transcript.starts_ms[1:] == (5000, 6000)


def test_no_cues_make_an_empty_transcript() -> None:
    assert make_transcript([]) == Transcript((), (), ())


_TEXT = st.text(alphabet="ab [](){}<>♪-:>.\nA1é日", max_size=30)
_CUES = st.lists(
    st.builds(
        lambda start, length, text, speaker: Cue(start, start + length, text, speaker),
        st.integers(0, 9000),
        st.integers(0, 4000),
        _TEXT,
        st.sampled_from(["", "Ann"]),
    ),
    max_size=12,
)


@given(_CUES, st.sampled_from([None, True, False]))
def test_times_rise_and_everything_runs_in_parallel(cues: list[Cue], automatic: bool | None) -> None:
    """For any cues, starts never decrease, and no word ends before it starts or outside the track."""
    transcript = make_transcript(cues, automatic=automatic)

    assert len(transcript.words) == len(transcript.starts_ms) == len(transcript.ends_ms)
    assert all(before <= after for before, after in pairwise(transcript.starts_ms))
    assert all(start <= end for start, end in zip(transcript.starts_ms, transcript.ends_ms, strict=True))
    assert max(transcript.ends_ms, default=0) <= max((cue.end_ms for cue in cues), default=0)
    assert all(0 <= at < len(transcript.words) for at in transcript.sounds)
    assert not transcript.sounds & set(transcript.word_index)
    assert all(before <= after for before, after in pairwise(transcript.word_index))


@given(_CUES)
def test_a_track_left_alone_loses_no_letter(cues: list[Cue]) -> None:
    transcript = make_transcript(cues, automatic=False)

    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    assert "".join(transcript.words) == "".join("".join(cue.text.split()) for cue in ordered)


@given(st.lists(st.lists(st.sampled_from(["no", "yes", "well"]), min_size=1, max_size=3), min_size=2, max_size=12))
def test_rolling_and_undoing_gives_back_what_was_said(lines: list[list[str]]) -> None:
    """It does not matter how often a line is said again."""
    texts = [" ".join(words) for words in lines]

    assert said(make_transcript(read_captions(rolled(*texts).encode()))) == " ".join(texts)
