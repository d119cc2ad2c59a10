"""Spelling suggestions are made for few words only, since each is compared with all indexed ones."""

from __future__ import annotations

import pytest

import vidindex
from tests.conftest import Write
from vidindex.engines.base import PassageCandidate, PassageIndex
from vidindex.model import QueryNode
from vidindex.search.suggest import correct_spelling


class _Vocabulary(PassageIndex):
    """An engine that has one word, and counts the words that are compared with it."""

    def __init__(self) -> None:
        self.compared: list[str] = []

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> list[PassageCandidate]:
        return []

    def has_token(self, token: str) -> bool:
        return token == "vacation"

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        self.compared.append(token)
        return ["vacation"] if token.startswith("vaca") else []

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        return []

    def count_passages(self) -> int:
        return 1


def test_each_misspelled_word_is_corrected() -> None:
    engine = _Vocabulary()
    assert list(correct_spelling(engine, "vacasion foo vacation vacasion")) == ["vacation foo vacation vacation"]
    assert engine.compared == ["vacasion", "foo"]


def test_a_text_of_unknown_words_has_no_suggestion() -> None:
    engine = _Vocabulary()
    assert list(correct_spelling(engine, " ".join(f"vacati{letter}n" for letter in "abcdefghij"))) == []
    assert engine.compared == []


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ('"a long vacasion"', '"a long vacation"'),
        ("(vacasion OR foo)", "(vacation OR foo)"),
        ("vacasion, we said", "vacation, we said"),
        ("vacasion*", None),
        ("title:vacasion", None),
    ],
)
def test_what_surrounds_a_word_is_kept(query: str, corrected: str | None) -> None:
    assert next(correct_spelling(_Vocabulary(), query), None) == corrected


def test_a_suggestion_finds_something(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", "the kettle is on the stove"), write("b.de.vtt", "der kessel steht auf dem herd"))
    assert index.suggest("kettel is on the stowe") == "kettle is on the stove"
    assert index.suggest("kettel stowe") is None  # these words are not near each other
    assert index.suggest('"kettel herd"') is None
    assert index.suggest("kettel", options=vidindex.SearchOptions(lang="en")) == "kettle"
    assert index.suggest("kettel", options=vidindex.SearchOptions(lang="de")) == "kessel"
    assert index.suggest("kettel", options=vidindex.SearchOptions(lang="fr")) is None


def test_the_second_most_likely_word_is_suggested_if_only_that_finds_something(
    index: vidindex.Index, write: Write
) -> None:
    index.add(write("a.en.vtt", "the cart is full", "a cart", "another cart"), write("b.en.vtt", "the card is lost"))
    assert index.suggest('"the cars is lost"') == '"the card is lost"'


def test_a_corrected_search_says_so(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", "the kettle is on the stove"))
    assert (index.search_videos("kettel"), index.search_page("kettel").total) == (vidindex.VideoHitsPage(), 0)
    corrected = index.search_videos("kettel", correct=True)
    assert (corrected.corrected, corrected.total, corrected[0].hits[0].text) == ("kettle", 1, "kettle")
    assert index.search_page("kettel", correct=True).corrected == "kettle"
    for words in ("kettle", "zzyzx quux"):
        assert index.search_videos(words, correct=True) == index.search_videos(words)
