"""Inflections of words."""

from __future__ import annotations

import pytest

from vidindex.search.inflections import inflect_tokens


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("scheduled", "schedule"),
        ("begin", "begins"),
        ("stores", "store"),
        ("studies", "study"),
        ("study", "studied"),
        ("making", "make"),
        ("closed", "close"),
        ("walked", "walking"),
        ("churches", "church"),
    ],
)
def test_a_word_has_its_other_forms(word: str, other: str) -> None:
    assert other in inflect_tokens([word])
    assert word in inflect_tokens([other])


def test_words_of_the_query_are_not_inflections() -> None:
    assert not {"store", "stores"} & set(inflect_tokens(["store", "stores"]))


@pytest.mark.parametrize("tokens", [[], ["the"], ["1984"], ["a" * 10_000], ["\u6c34"]])
def test_words_without_inflections_have_none(tokens: list[str]) -> None:
    assert inflect_tokens(tokens) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("munchen", "muenchen"), ("angstrom", "aangstroem"), ("dokovic", "djokovic"), ("smorrebrod", "smoerrebroed")],
)
def test_letters_that_some_keyboards_lack_are_written_as_two(one: str, other: str) -> None:
    assert one in inflect_tokens([other])
