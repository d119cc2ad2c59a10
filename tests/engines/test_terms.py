"""The selection of the terms by which passages are ranked."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vidindex.engines.terms import (
    LARGE_INDEX_PASSAGES,
    QueryTerm,
    join_pair_terms,
    make_pair_terms,
    possible_terms,
    select_terms,
)
from vidindex.model import WordsQuery

_PASSAGES = 10 * LARGE_INDEX_PASSAGES


def _select(text: str, held: dict[str, int], *, passages: int = _PASSAGES) -> list[QueryTerm]:
    """Select terms of *text*; *held* has the passage counts of terms, the count of all others is 10."""
    words = text.split()
    all_held = dict.fromkeys([*words, *map(" ".join, pairwise(words))], 10) | held

    def frequency(term: str, is_pair: bool) -> int:
        return all_held.get(term.replace("\x1f", " "), 0)

    return select_terms(WordsQuery(tuple(words)), frequency=frequency, passage_count=passages)


def _terms(text: str, held: dict[str, int], *, passages: int = _PASSAGES) -> list[str]:
    return [term.text.replace("\x1f", " ") for term in _select(text, held, passages=passages)]


def test_frequent_words_and_pairs_are_not_selected() -> None:
    held = {"of": 9000, "the": 9500, "of the": 4000, "the tide": 60, "tide": 70}
    assert _terms("of the tide", held) == ["the tide", "tide"]
    assert _terms("of the tide", held, passages=LARGE_INDEX_PASSAGES - 1) != ["the tide", "tide"]


@pytest.mark.parametrize(("text", "terms"), [("of the", ["of the"]), ("the", ["the"])])
def test_frequent_terms_are_selected_if_there_are_no_others(text: str, terms: list[str]) -> None:
    assert _terms(text, {"of": 9000, "the": 9500, "of the": 4000}) == terms


def test_terms_that_are_not_indexed_are_not_selected() -> None:
    assert _terms("blorf tide", {"blorf": 0, "blorf tide": 0}) == ["tide"]


def test_compound_and_split_spellings_of_a_short_query_are_selected() -> None:
    assert set(_terms("health care", {"healthcare": 5})) == {"health care", "health", "care", "healthcare"}
    assert set(_terms("healthcare", {"health care": 5})) == {"healthcare", "health care"}
    assert "healthcare" not in _terms("the state of health care", {"healthcare": 5}), "the other words are enough"


@pytest.mark.parametrize("asked", ["health care", "healthcare"])
def test_the_spelling_of_the_query_has_more_weight(asked: str) -> None:
    held = {"health care": 30, "healthcare": 20, "health": 100, "care": 100}
    weights = {term.text.replace("\x1f", " "): term.weight for term in _select(asked, held)}
    (other,) = {"health care", "healthcare"} - {asked}
    assert weights[other] < weights[asked]


def test_a_frequent_word_is_not_split() -> None:
    assert _terms("into tide", {"into": 9000, "in to": 20, "into tide": 10}) == ["into tide", "tide"]


def test_possible_terms_include_all_selectable_terms() -> None:
    possible_text = " ".join(possible_terms(WordsQuery(("health", "care", "costs"), ("cost", "caring"))))
    for term in ("health care", "healthcare", "carecosts", "heal th", "co sts", "cost", "caring"):
        assert f" {term} " in f" {possible_text} "


@pytest.mark.parametrize("text", ["", "a", "a b", "the tide turned the tide"])
def test_joined_pairs_are_the_pairs(text: str) -> None:
    assert join_pair_terms(text.split()) == " ".join(make_pair_terms(text.split()))
