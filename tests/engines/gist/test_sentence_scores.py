"""Sentences and passages are scored as two slow, plain definitions say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("wordllama")

from vidindex.engines.gist.sentence_scores import (  # noqa: E402 - it needs the libraries
    SentenceText,
    compare_sentences,
    embed_query_words,
    score_passages,
)
from vidindex.engines.gist.word_vectors import load_word_vectors  # noqa: E402

TABLE = load_word_vectors()
VOCABULARY = "the price of oil rose when we hired engineers to build new plants while revenue fell"


def make_tokens(count: int, seed: int) -> list[str]:
    return random.Random(seed).choices(VOCABULARY.split(), k=count)


def cosine(one: Any, other: Any) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def likeness(query: Sequence[str], tokens: Sequence[str]) -> float:
    """Return the similarity of *tokens* to *query*, word for word, by its definition."""
    unique = list(dict.fromkeys(query))
    rows, weights = TABLE.look_up(unique)
    best = [max(max(cosine(row, TABLE.look_up([token])[0][0]) - 0.2, 0) / 0.8 for token in tokens) for row in rows]
    return float(np.dot(best, weights) / weights.sum())


def test_a_passage_scores_as_its_best_20_adjacent_tokens() -> None:
    query = ["price", "oil", "price", "engineers"]
    passages = [make_tokens(count, count) for count in (1, 9, 10, 11, 35)]
    expected = [
        max(likeness(query, passage[at : at + 20]) for at in range(0, len(passage), 10)) for passage in passages
    ]
    texts = [" ".join(passage) for passage in passages]
    assert score_passages(TABLE, embed_query_words(TABLE, query), texts) == pytest.approx(expected, abs=1e-4)


def weigh(query: Sequence[str], sentences: Sequence[Sequence[str]]) -> dict[str, tuple[Any, float]]:
    """Return the vector and the weight of each word: words that many of *sentences* have count less."""
    words = list(dict.fromkeys([*query, *(token for sentence in sentences for token in sentence)]))
    rows, weights = TABLE.look_up(words)
    found = [sum(word in sentence for sentence in sentences) for word in words]
    rarity = [np.log(1 + (len(sentences) - count + 0.5) / (count + 0.5)) for count in found]
    return dict(zip(words, zip(TABLE.remove_common(rows), np.sqrt(weights * rarity), strict=True), strict=True))


def test_a_sentence_is_compared_alone_and_with_those_beside_it() -> None:
    query = ["revenue", "fell"]
    texts = [(make_tokens(300, 1), [(at, at + 3) for at in range(0, 300, 3)]), (make_tokens(9, 2), [(0, 9)])]
    words = weigh(query, [tokens[first:last] for tokens, spans in texts for first, last in spans])

    def add_up(tokens: Sequence[str]) -> Any:
        return sum(words[token][0] * words[token][1] for token in tokens)

    expected = []
    for tokens, spans in texts:
        for at, (first, last) in enumerate(spans):
            near, around = (spans[max(at - reach, 0) : at + reach + 1] for reach in (1, 3))
            ranges = (first, last), (near[0][0], near[-1][1]), (around[0][0], around[-1][1])
            parts = [tokens[start:end] for start, end in ranges]
            best = [max(max(cosine(words[one][0], words[each][0]) - 0.1, 0) / 0.9 for each in parts[0])
                    for one in query]  # fmt: skip
            expected.append([
                *(cosine(add_up(part), add_up(query)) for part in parts),
                np.average(best, weights=[words[one][1] for one in query]), 0.0, np.log(last - first),
            ])  # fmt: skip
    compared = [SentenceText(" ".join(tokens), [last - first for first, last in spans]) for tokens, spans in texts]
    found = compare_sentences(TABLE, query, compared)
    assert np.delete(found, 4, axis=1) == pytest.approx(np.delete(np.array(expected), 4, axis=1), abs=1e-3)
    assert (found[:, 4] >= found[:, 3]).all()


def test_words_of_a_language_that_is_hardly_known_count_less() -> None:
    query, texts = ["price", "oil"], [SentenceText(" ".join(make_tokens(30, 1)), [10, 20])]
    well, hardly = (compare_sentences(TABLE, query, texts, known=known) for known in (1.0, 0.25))
    assert hardly[:, :-1] == pytest.approx(well[:, :-1] / 4, abs=1e-6)
    assert hardly[:, -1].tolist() == well[:, -1].tolist()  # the lengths
    assert embed_query_words(TABLE, query, known=0.25).weights.sum() == pytest.approx(0.25)
