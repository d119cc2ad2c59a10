"""Spelling suggestions are made for few words only, since each is compared with all indexed ones."""

from __future__ import annotations

from vidindex.engines.base import PassageCandidate, PassageIndex
from vidindex.model import QueryNode
from vidindex.search.suggest import suggest_spelling


class _Vocabulary(PassageIndex):
    """An engine that has one word, and counts the words that are compared with it."""

    def __init__(self) -> None:
        self.compared: list[str] = []

    def find_candidates(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:
        return []

    def has_token(self, token: str) -> bool:
        return token == "vacation"

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        self.compared.append(token)
        return ["vacation"] if token.startswith("vaca") else []

    def count_passages(self) -> int:
        return 1


def test_each_misspelled_word_is_corrected() -> None:
    engine = _Vocabulary()
    assert suggest_spelling(engine, "vacasion foo vacation vacasion") == "vacation foo vacation vacation"
    assert engine.compared == ["vacasion", "foo"]


def test_a_text_of_unknown_words_has_no_suggestion() -> None:
    engine = _Vocabulary()
    assert suggest_spelling(engine, " ".join(f"vacati{letter}n" for letter in "abcdefghij")) is None
    assert engine.compared == []
