"""Words that a quote leaves out before its first word, at its end, or in place of an ellipsis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex import Verdict

SAID = [
    "I don't think we should build a second runway at this airport.",
    "There is no evidence that the senator took money from the casino.",
    "I have no doubt that the harvest will be better than last year.",
    "No, I think the orchestra deserves a better hall than this one.",
    "We do not support the plan of the governor to close the hospital.",
    "The treaty, which was not signed in Rome, protects the whales of the north.",
    "They want to build a wall. I would not call it a border.",
    "They will sign the contract when the parliament meets again in spring.",
    "If the rain stops before noon, the market will open as planned.",
    "Most of the patients recovered within a few days of the operation.",
    "Under fifty people came to see the play, and half of them left.",
    "The critics went home early.",
    "The ferry was late and nobody knew why, but the captain was asleep on deck.",
    "The sailors were tired.",
    "But the ferry to Calais was late again because of the fog.",
    "The company will close the plant in Ohio next year, I think.",
    "Python is going to be the most popular pet of the zoo for a long damn time.",
    "And so, realistically, if you can feed it twice, the keepers were happy about the snake.",
    "So it has to repeat the same message and then it sleeps for twenty seconds.",
    "The viaduct is older than the railway. I think the mayor knows that.",
    "I can't believe that the kitchen burned for three days.",
    "She never knew that the piano had belonged to her grandmother.",
    "I couldn't be more certain that the bridge carries ten lorries.",
    "You won't believe the goat climbed onto the roof.",
    "I'm not afraid to say that the wedding cake was dry.",
    "Not everyone believes that the comet returns in May.",
]


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    folder = tmp_path_factory.mktemp("omissions")
    (folder / "talk.en.vtt").write_text(webvtt(SAID))
    with vidindex.open(folder / "index") as index:
        index.add(folder / "talk.en.vtt")
        yield index


def verify(index: vidindex.Index, quote: str) -> Verdict:
    return next(iter(index.verify([{"quote": quote}])))


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("We should build a second runway at this airport.", "don't think"),
        ("The senator took money from the casino.", "no evidence that"),
        ("We … support the plan of the governor to close the hospital.", "do not"),
        ("We do [...] support the plan of the governor to close the hospital.", "not"),
        ("They want to … call it a border.", "I would not"),
    ],
)
def test_a_negation_that_is_left_out_alters_a_quote(index: vidindex.Index, quote: str, said: str) -> None:
    verdict = verify(index, quote)
    assert verdict.verdict == "altered"
    assert [(change.kind, change.printed, change.said) for change in verdict.changes] == [("negation", "", said)]


def test_a_negation_of_other_words_beside_a_verb_of_thinking_is_not_decided(index: vidindex.Index) -> None:
    verdict = verify(index, "The comet returns in May.")
    assert verdict.verdict != "altered"
    assert [(change.kind, change.undecided) for change in verdict.changes] == [("negation", True)]


@pytest.mark.parametrize(
    "quote",
    [
        "The harvest will be better than last year.",
        "I think the orchestra deserves a better hall than this one.",
        "The treaty … protects the whales of the north.",
        "The ferry was late and … the captain was asleep on deck.",
        "The kitchen burned for three days.",
        "The piano had belonged to her grandmother.",
        "The bridge carries ten lorries.",
        "The goat climbed onto the roof.",
        "The wedding cake was dry.",
    ],
)
def test_a_negation_of_other_words_may_be_left_out(index: vidindex.Index, quote: str) -> None:
    assert verify(index, quote).verdict == "verbatim"


def test_a_negation_in_brackets_has_to_be_said(index: vidindex.Index) -> None:
    """An editor may explain words in brackets, but not turn them around."""
    assert verify(index, "They will sign [it] when the parliament meets again in spring.").verdict == "verbatim"
    assert verify(index, "We [do not] support the plan of the governor to close the hospital.").verdict == "verbatim"
    changes = verify(index, "They will [not] sign the contract when the parliament meets again.").changes
    assert [(change.kind, change.printed) for change in changes] == [("negation", "not")]


@pytest.mark.parametrize(
    ("quote", "limit"),
    [
        ("The orchestra deserves a better hall than this one.", "I think"),
        ("The rain stops before noon, the market will open as planned.", "If"),
        ("The market will open as planned.", "If the rain stops before noon"),
        ("Patients recovered within a few days of the operation.", "Most of the"),
        ("50 people came to see the play, and half of them left.", "Under"),
        ("we should build a second runway at this airport", "don't think"),
        ("support the plan of the governor to close the hospital", "not"),
    ],
)
def test_a_note_names_what_limits_a_quote(index: vidindex.Index, quote: str, limit: str) -> None:
    verdict = verify(index, quote)
    assert (verdict.verdict, verdict.notes) == ("verbatim", (f"the quote starts right after “{limit}”",))


@pytest.mark.parametrize(
    "quote",
    [
        "The ferry to Calais was late again because of the fog.",
        "the orchestra deserves a better hall than this one",
        "The viaduct is older than the railway.",
    ],
)
def test_other_words_beside_a_quote_are_not_noted(index: vidindex.Index, quote: str) -> None:
    verdict = verify(index, quote)
    assert (verdict.verdict, verdict.notes) == ("verbatim", ())


def test_a_note_names_the_doubt_after_a_quote(index: vidindex.Index) -> None:
    verdict = verify(index, "The company will close the plant in Ohio next year.")
    assert verdict.notes == ("the quote stops right before “I think”",)
    assert verify(index, "The viaduct is older than the railway. I think the mayor knows that.").notes == ()


@pytest.mark.parametrize(
    "quote",
    [
        "Python … the most popular pet of the zoo for a long d**n time.",
        "And so, … the keepers were happy about the snake.",
    ],
)
def test_few_words_beyond_an_ellipsis_are_found_nearby(index: vidindex.Index, quote: str) -> None:
    assert verify(index, quote).verdict == "verbatim"


def test_a_duty_after_the_first_words_is_shown(index: vidindex.Index) -> None:
    changes = verify(index, "So it repeat the same message and then it sleeps for twenty seconds.").changes
    assert [(change.kind, change.said) for change in changes] == [("modality", "has to")]
