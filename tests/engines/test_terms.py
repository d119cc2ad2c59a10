"""The terms by which passages are ranked are those that tell them apart."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vidindex.engines.terms import LARGE_INDEX_PASSAGES, QueryTerm, possible_terms, select_terms
from vidindex.model import WordsQuery

_PASSAGES = 10 * LARGE_INDEX_PASSAGES


def _select(text: str, held: dict[str, int], *, passages: int = _PASSAGES) -> list[QueryTerm]:
    """Select from *text*, where *held* tells how many passages hold a term, others of it ten."""
    words = text.split()
    all_held = dict.fromkeys([*words, *map(" ".join, pairwise(words))], 10) | held

    def frequency(term: str, is_pair: bool) -> int:
        return all_held.get(term.replace("\x1f", " "), 0)

    return select_terms(WordsQuery(tuple(words)), frequency=frequency, passage_count=passages)


def _terms(text: str, held: dict[str, int], *, passages: int = _PASSAGES) -> list[str]:
    return [term.text.replace("\x1f", " ") for term in _select(text, held, passages=passages)]


def test_words_and_pairs_that_many_passages_hold_are_left_out() -> None:
    held = {"of": 9000, "the": 9500, "of the": 4000, "the tide": 60, "tide": 70}
    assert _terms("of the tide", held) == ["the tide", "tide"]
    assert _terms("of the tide", held, passages=LARGE_INDEX_PASSAGES - 1) != ["the tide", "tide"]


@pytest.mark.parametrize(("text", "terms"), [("of the", ["of the"]), ("the", ["the"])])
def test_what_is_all_that_there_is_stays(text: str, terms: list[str]) -> None:
    assert _terms(text, {"of": 9000, "the": 9500, "of the": 4000}) == terms


def test_terms_that_nobody_says_are_left_out() -> None:
    assert _terms("blorf tide", {"blorf": 0, "blorf tide": 0}) == ["tide"]


def test_a_short_query_is_looked_for_as_one_word_and_as_two() -> None:
    assert set(_terms("health care", {"healthcare": 5})) == {"health care", "health", "care", "healthcare"}
    assert set(_terms("healthcare", {"health care": 5})) == {"healthcare", "health care"}
    assert "healthcare" not in _terms("the state of health care", {"healthcare": 5}), "the other words are enough"


@pytest.mark.parametrize("asked", ["health care", "healthcare"])
def test_what_is_spelled_as_asked_counts_more(asked: str) -> None:
    held = {"health care": 30, "healthcare": 20, "health": 100, "care": 100}
    weights = {term.text.replace("\x1f", " "): term.weight for term in _select(asked, held)}
    (other,) = {"health care", "healthcare"} - {asked}
    assert weights[other] < weights[asked]


def test_a_word_too_common_to_tell_is_not_looked_for_as_two() -> None:
    assert _terms("into tide", {"into": 9000, "in to": 20, "into tide": 10}) == ["into tide", "tide"]


def test_all_that_may_be_selected_is_among_what_is_told() -> None:
    told_text = " ".join(possible_terms(WordsQuery(("health", "care", "costs"), ("cost", "caring"))))
    for term in ("health care", "healthcare", "carecosts", "heal th", "co sts", "cost", "caring"):
        assert f" {term} " in f" {told_text} "
