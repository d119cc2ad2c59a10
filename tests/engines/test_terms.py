"""The terms by which passages are ranked are those that tell them apart."""

from __future__ import annotations

import pytest

from vidindex.engines.terms import LARGE, select

_PASSAGES = 10 * LARGE


def _terms(text: str, held: dict[str, int], *, passages: int = _PASSAGES) -> list[str]:
    """Select from *text*, where *held* tells how many passages hold a term, and all others ten."""

    def frequency(term: str, is_pair: bool) -> int:
        return held.get(term.replace("\x1f", " "), 10)

    return [term.text.replace("\x1f", " ") for term in select(text.split(), frequency=frequency, passages=passages)]


def test_words_and_pairs_that_many_passages_hold_are_left_out() -> None:
    held = {"of": 9000, "the": 9500, "of the": 4000, "the tide": 60, "tide": 70}
    assert _terms("of the tide", held) == ["the tide", "tide"]
    assert _terms("of the tide", held, passages=LARGE - 1) != ["the tide", "tide"]


@pytest.mark.parametrize(("text", "terms"), [("of the", ["of the"]), ("the", ["the"])])
def test_what_is_all_that_there_is_stays(text: str, terms: list[str]) -> None:
    assert _terms(text, {"of": 9000, "the": 9500, "of the": 4000}) == terms


def test_terms_that_nobody_says_are_left_out() -> None:
    assert _terms("blorf tide", {"blorf": 0, "blorf tide": 0}) == ["tide"]
