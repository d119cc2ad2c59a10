"""The places in a passage where a query with operators matches."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import check_linear_time
from vidindex.model import And, Or, PhraseQuery, QueryNode
from vidindex.search.spans import find_spans


def _word(token: str) -> PhraseQuery:
    return PhraseQuery((token,))


@given(st.lists(st.sampled_from("abcx"), max_size=30), st.integers(2, 3))
def test_the_first_stretch_is_the_shortest_that_contains_every_word(tokens: list[str], count: int) -> None:
    words = "abc"[:count]
    places = [[at for at, token in enumerate(tokens) if token == word] for word in words]
    widths = [(max(each) - min(each), min(each)) for each in product(*places)]
    spans = find_spans(And(tuple(map(_word, words))), tokens)
    assert spans is not None
    assert [(span.last - span.first, span.first) for span in spans[:1]] == sorted(widths)[:1]


def test_a_word_is_found_however_many_others_the_query_has() -> None:
    tokens = [f"w{number}" for number in range(60)]
    spans = find_spans(Or(tuple(map(_word, reversed(tokens)))), tokens)
    assert spans is not None
    assert [span.first for span in spans] == list(range(60))


def test_time_grows_no_faster_than_the_words_of_a_query() -> None:
    tokens = ["a", "b", "c", "d"] * 40

    def find(words: str) -> None:
        alternatives: list[QueryNode] = [Or((_word(letter), _word(f"x{at}"))) for at, letter in enumerate(words)]
        find_spans(And(tuple(alternatives)), tokens)

    check_linear_time(find, "abcd" * 100)
