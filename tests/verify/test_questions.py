"""Questions that are printed as statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import vidindex
from tests.conftest import write_manual_captions
from vidindex import Verdict

SAID = [
    "Do you believe that the water in the lake is safe to drink in summer?",
    "Is the economy really in such a deep crisis as the papers write?",
    "You were at the house of the banker on Sunday morning?",
    "You carried the painting out of the museum on Friday night, right?",
    "Did you know the whole coast, right? Right. So we have seven lighthouses on this island.",
    "That is the challenge. Does the tunnel hold until the trains are running?",
]


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """Yield an index of captions that people wrote."""
    folder = tmp_path_factory.mktemp("questions")
    write_manual_captions(folder, SAID)
    with vidindex.open(folder / "index") as index:
        index.add(folder)
        yield index


def verify(index: vidindex.Index, quote: str) -> Verdict:
    return next(iter(index.verify([{"quote": quote}])))


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        ("You believe that the water in the lake is safe to drink in summer", "summer", "summer?"),
        ("You believe that the water in the lake is safe to drink.", "drink.", "drink in summer?"),
        ("The economy is really in such a deep crisis as the papers write.", "write.", "write?"),
    ],
)
def test_a_question_without_its_first_word_is_altered(
    index: vidindex.Index, quote: str, printed: str, said: str
) -> None:
    verdict = verify(index, quote)
    assert verdict.verdict == "altered"
    assert [(change.kind, change.printed, change.said) for change in verdict.changes] == [("modality", printed, said)]


def test_a_question_that_only_its_mark_shows_is_undecided(index: vidindex.Index) -> None:
    verdict = verify(index, "You were at the house of the banker on Sunday morning.")
    assert verdict.verdict == "faithful"
    assert [(change.printed, change.said, change.undecided) for change in verdict.changes] == [
        ("morning.", "morning?", True)
    ]


@pytest.mark.parametrize(
    "quote",
    [
        "Do you believe that the water in the lake is safe to drink in summer?",
        "Do you believe that the water in the lake is safe to drink in summer",
        "you believe that the water in the lake is safe",
        "You were at the house of the banker on Sunday morning?",
        "You carried the painting out of the museum on Friday night.",
        "Right. So we have seven lighthouses on this island.",
        "That is the challenge Does the tunnel hold until the trains are running",
    ],
)
def test_other_sentences_are_no_statements_in_place_of_a_question(index: vidindex.Index, quote: str) -> None:
    assert verify(index, quote).changes == ()
