"""Columns of cues are the cues themselves to whoever reads them."""

from __future__ import annotations

from vidindex import Cue, make_transcript
from vidindex.model import TimedWord
from vidindex.transcripts.plain_cues import PlainCues, join_batches, replace_runs

COLUMNS = PlainCues([0, 1000, 2500], [1000, 2400, 3000], ["one\ntwo", "three", "four"])
CUES = [Cue(0, 1000, "one\ntwo"), Cue(1000, 2400, "three"), Cue(2500, 3000, "four")]


def test_columns_are_a_sequence_of_cues() -> None:
    """They are iterated, indexed and sliced as a list of the same cues, and equal to it."""
    assert list(COLUMNS) == CUES
    assert COLUMNS == CUES
    assert COLUMNS[-1] == CUES[-1]
    assert COLUMNS[1:] == CUES[1:]
    assert CUES[1:] != COLUMNS


def test_columns_stay_columns_until_a_cue_has_more_than_text() -> None:
    """Runs of plain cues are replaced in the columns; one with words is kept whole, in a list."""
    plain = replace_runs(COLUMNS, [(1, 3, [Cue(1000, 3000, "three")])])
    timed = Cue(0, 1000, "one two", words=(TimedWord(0, "one"), TimedWord(700, "two")))
    assert isinstance(plain, PlainCues)
    assert plain == [CUES[0], Cue(1000, 3000, "three")]
    assert replace_runs(COLUMNS, [(0, 1, [timed])]) == [timed, *CUES[1:]]
    assert replace_runs(COLUMNS, []) is COLUMNS
    assert join_batches([COLUMNS, [timed]]) == [*CUES, timed]


def test_transcripts_do_not_depend_on_the_form_of_cues() -> None:
    """Columns and a list give the same transcript, whatever there is to repair."""
    texts = (
        "So",
        "[applause] so",
        "ANN: no.",
        "no.",
        "no.",
        "no.\nwhy?",
        "why?\n>> yes",
        "",
        "twenty one",
        "日本語",
        "x" * 300,
    )
    for step in (0, 30, 400, 2000, 6000):
        starts = [at * step for at in range(3 * len(texts))]
        columns = PlainCues(starts, [start + 900 for start in starts], [*texts] * 3)
        assert make_transcript(columns) == make_transcript(list(columns)), step
