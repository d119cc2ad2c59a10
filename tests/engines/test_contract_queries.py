"""The results of every engine, compared with a check of every passage."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import pytest

from vidindex.engines import Engine, PassageCandidate
from vidindex.engines.terms import tokenize_field
from vidindex.model import (
    And,
    DateRange,
    FieldTerm,
    Not,
    Or,
    Passage,
    PhraseQuery,
    PrefixQuery,
    Proximity,
    QueryNode,
    WordsQuery,
    make_passage_id,
)

EVERYTHING = 10_000


def adjacent(wanted: Sequence[str], tokens: Sequence[str], *, prefix: bool = False) -> bool:
    """Return whether *tokens* contains the phrase *wanted*; with *prefix*, its last token may be longer."""
    return f" {' '.join(wanted)}{'' if prefix else ' '}" in f" {' '.join(tokens)} "


def close(passage: Passage, node: Proximity) -> bool:
    """Return whether all pairs of the tokens occur within the distance."""
    places = {token: [i for i, t in enumerate(passage.tokens) if t == token] for token in node.tokens}
    return all(places.values()) and all(
        any(abs(a - b) <= node.distance for a in left for b in right)
        for left, right in combinations(places.values(), 2)
    )


def dated(passage: Passage, node: DateRange) -> bool:
    """Compare ISO dates as text, which is right for whole dates and for the start of one."""
    date = passage.fields.date
    return bool(date) and date >= node.after and (not node.before or date <= node.before + "~")


def holds(node: QueryNode, passage: Passage) -> bool:
    """Return whether *passage* matches *node*; a simple reference implementation."""
    match node:
        case WordsQuery(tokens):
            return bool({*tokens, *spellings(tokens)} & terms(passage.tokens))
        case PhraseQuery(tokens):
            return adjacent(tokens, passage.tokens)
        case PrefixQuery(stem):
            return any(token.startswith(stem) for token in passage.tokens)
        case Proximity():
            return close(passage, node)
        case FieldTerm(name, tokens, prefix):
            return adjacent(tokens, tokenize_field(getattr(passage.fields, name)), prefix=prefix)
        case DateRange():
            return dated(passage, node)
        case And(nodes):
            return all(holds(each, passage) for each in nodes)
        case Or(nodes):
            return any(holds(each, passage) for each in nodes)
        case Not(inner):
            return not holds(inner, passage)


def ids(candidates: Iterable[PassageCandidate]) -> list[int]:
    """Return the passage ids of *candidates*."""
    return [candidate.passage_id for candidate in candidates]


def runs(corpus: Sequence[Passage], width: int, count: int, *, seed: int = 5) -> list[tuple[str, ...]]:
    """Return random runs of *width* tokens from the corpus."""
    chooser = random.Random(seed)
    long = [passage for passage in corpus if len(passage.tokens) > width]
    cut = []
    for passage in chooser.choices(long, k=count):
        start = chooser.randrange(len(passage.tokens) - width)
        cut.append(passage.tokens[start : start + width])
    return cut


FILTERS: dict[str, QueryNode] = {
    "field": FieldTerm("kind", ("interview",)),
    "field-accents": FieldTerm("title", ("uber",)),
    "field-adjacent": FieldTerm("title", ("the", "band")),
    "field-not-adjacent": FieldTerm("title", ("band", "the")),
    "field-to-its-end": FieldTerm("title", ("live", "and", "well")),
    "field-sharp-s": FieldTerm("title", ("strasse",)),
    "field-prefix": FieldTerm("title", ("ub",), is_prefix=True),
    "field-adjacent-prefix": FieldTerm("label", ("what", "perf"), is_prefix=True),
    "field-lang": FieldTerm("lang", ("de", "at")),
    "field-speaker": FieldTerm("speaker", ("lee", "ann")),
    "field-number": FieldTerm("label", ("clip", "17")),
    "field-number-is-no-prefix": FieldTerm("label", ("clip", "1")),
    "field-nothing": FieldTerm("channel", ("nobody",)),
    "after": DateRange(after="2009-10-01"),
    "before": DateRange(before="2009-10-01"),
    "year": DateRange(after="2009", before="2009"),
    "month": DateRange(after="2009-09", before="2009-09"),
    "any-date": DateRange(),
    "not": Not(FieldTerm("kind", ("interview",))),
    "and": And((FieldTerm("kind", ("interview",)), DateRange(after="2010"), Not(FieldTerm("lang", ("en",))))),
    "and-of-none": And(()),
    "or": Or((FieldTerm("kind", ("speech",)), DateRange(before="2009-09-14"))),
    "stem": PrefixQuery("stazi"),
    "stem-frequent": PrefixQuery("ka"),
    "stem-nothing": PrefixQuery("q"),
    "stem-or-field": Or((PrefixQuery("stavo"), FieldTerm("title", ("koln",)))),
    "words-and-not": Not(WordsQuery(("kalo", "mine"))),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_return_all_matching_passages_in_order_of_id(name: str, full: Engine, corpus: list[Passage]) -> None:
    node = FILTERS[name]
    expected = [passage.id for passage in corpus if holds(node, passage)]
    found = list(full.find_candidates(node, limit=EVERYTHING))
    assert ids(found) == expected
    assert len({candidate.score for candidate in found}) <= 1


@pytest.mark.parametrize("width", [1, 2, 3, 5, 25])
def test_phrases_are_found_in_exactly_the_passages_that_contain_them(
    width: int, full: Engine, corpus: list[Passage]
) -> None:
    for tokens in runs(corpus, width, 12):
        for wanted in (tokens, tokens[::-1]):
            expected = [passage.id for passage in corpus if adjacent(wanted, passage.tokens)]
            assert ids(full.find_candidates(PhraseQuery(wanted), limit=EVERYTHING)) == expected


@pytest.mark.parametrize("distance", [1, 4, 12])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_proximity_finds_tokens_in_any_order(count: int, distance: int, full: Engine, corpus: list[Passage]) -> None:
    for tokens in runs(corpus, count, 6):
        node = Proximity(tokens[::-1], distance)
        expected = [passage.id for passage in corpus if close(passage, node)]
        assert ids(full.find_candidates(node, limit=EVERYTHING)) == expected


def test_a_limit_returns_the_first_passages_of_all(full: Engine, corpus: list[Passage]) -> None:
    node = FieldTerm("site", ("example",))
    assert ids(full.find_candidates(node, limit=30)) == [passage.id for passage in corpus[:30]]


Term = str | tuple[str, str]


def terms(tokens: Sequence[str]) -> set[Term]:
    """Return the words and the adjacent pairs of *tokens*."""
    return {*tokens, *pairwise(tokens)}


@pytest.fixture(scope="module")
def shown(corpus: list[Passage]) -> dict[int, set[Term]]:
    """The terms of each passage."""
    return {passage.id: terms(passage.tokens) for passage in corpus}


def spellings(tokens: Sequence[str]) -> dict[Term, Term]:
    """Return the compound and split spellings of up to three tokens, each with the term that it stands for."""
    if len(tokens) > 3:
        return {}
    words = [token for token in tokens if 5 <= len(token) <= 30 and token.isalpha()]
    parted: dict[Term, Term] = {(word[:at], word[at:]): word for word in words for at in range(2, len(word) - 1)}
    return parted | {"".join(both): both for both in pairwise(tokens) if "".join(both).isalpha()}


def rarity(term: Term, shown: dict[int, set[Term]]) -> float:
    """Return the inverse document frequency of *term*."""
    frequency = sum(term in held for held in shown.values())
    return math.log(1 + (len(shown) - frequency + 0.5) / (frequency + 0.5))


def weights(tokens: Sequence[str], shown: dict[int, set[Term]]) -> dict[Term, float]:
    """Return the words and pairs of *tokens* with the documented weights."""
    found = {term: rarity(term, shown) * (2 if isinstance(term, tuple) else 1) for term in terms(tokens)}
    selective = {term: weight for term, weight in found.items() if weight >= (2.5 if isinstance(term, tuple) else 1.5)}
    chosen = selective or {term: weight for term, weight in found.items() if isinstance(term, tuple)} or found
    instead = {term: asked for term, asked in spellings(tokens).items() if asked in chosen and term not in chosen}
    return chosen | {term: min(2 * rarity(term, shown), 0.9 * chosen[asked]) for term, asked in instead.items()}


@pytest.mark.parametrize("width", [1, 2, 4, 8, 14])
def test_passages_are_ranked_by_shared_words_and_pairs(
    width: int, full: Engine, corpus: list[Passage], shown: dict[int, set[Term]]
) -> None:
    for tokens in runs(corpus, width, 4):
        weighed = weights(tokens, shown)
        scores = {each: sum(weighed[term] for term in weighed.keys() & held) for each, held in shown.items()}
        best = sorted(scores.values(), reverse=True)
        found = list(full.find_candidates(WordsQuery(tokens), limit=100))
        # The tolerance is needed because frequencies include replaced passages until segments are merged.
        for rank, candidate in enumerate(found):
            assert candidate.score == pytest.approx(best[rank], rel=0.03)
            assert scores[candidate.passage_id] == pytest.approx(best[rank], rel=0.03)
        assert found == sorted(found, key=lambda each: (-each.score, each.passage_id))


def test_other_words_count_for_less_and_make_no_pairs(
    full: Engine, corpus: list[Passage], shown: dict[int, set[Term]]
) -> None:
    for tokens, others in zip(runs(corpus, 5, 6), runs(corpus, 4, 6, seed=8), strict=True):
        less: dict[Term, float] = {
            word: 0.9 * rare for word in others if word not in tokens and (rare := rarity(word, shown)) >= 1.7
        }
        weighed = weights(tokens, shown) | less
        found = full.find_candidates(WordsQuery(tokens, tuple(map(str, less))), limit=50)
        scores = {each: sum(weighed[term] for term in weighed.keys() & held) for each, held in shown.items()}
        best = sorted(scores.values(), reverse=True)
        for rank, candidate in enumerate(found):
            assert candidate.score == pytest.approx(best[rank], rel=0.03)
            assert scores[candidate.passage_id] == pytest.approx(best[rank], rel=0.03)


def test_engines_agree_on_the_best_passages(indexed: dict[str, Engine], corpus: list[Passage]) -> None:
    if len(indexed) < 2:
        pytest.skip("only one engine is installed")
    for tokens in [*runs(corpus, 6, 20), *runs(corpus, 12, 20)]:
        found = [ids(engine.find_candidates(WordsQuery(tokens), limit=10)) for engine in indexed.values()]
        assert all(each == found[0] for each in found)


@pytest.mark.parametrize("width", [12, 20, 25])
def test_a_quote_with_a_fifth_of_its_words_wrong_keeps_its_passage(
    width: int, full: Engine, corpus: list[Passage]
) -> None:
    chooser = random.Random(9)
    others = corpus[7].tokens
    for number in chooser.sample(range(len(corpus)), 30):
        passage = corpus[number]
        if len(passage.tokens) < width:
            continue
        quote = [chooser.choice(others) if chooser.random() < 0.2 else t for t in passage.tokens[:width]]
        assert passage.id in ids(full.find_candidates(WordsQuery(tuple(quote)), limit=100))


def test_a_whole_paragraph_finds_its_passages(full: Engine, corpus: list[Passage]) -> None:
    first, second, third = [passage for passage in corpus if len(passage.tokens) > 90][:3]
    quote = (*first.tokens, *second.tokens, *third.tokens)
    assert {first.id, second.id, third.id} <= set(ids(full.find_candidates(WordsQuery(quote), limit=20)))


def test_frequent_words_find_passages_where_they_are_adjacent(full: Engine, corpus: list[Passage]) -> None:
    frequent = [token for token, _ in Counter(t for p in corpus for t in p.tokens).most_common(5)]
    best = full.find_candidates(WordsQuery(tuple(frequent)), limit=5)
    assert len(best) == 5
    by_id = {passage.id: passage for passage in corpus}
    for candidate in best:
        shared = set(pairwise(frequent)) & set(pairwise(by_id[candidate.passage_id].tokens))
        assert len(shared) >= 2


def test_filters_narrow_but_do_not_score(full: Engine, corpus: list[Passage]) -> None:
    kinds = {passage.id: passage.fields.kind for passage in corpus}
    said = {passage.id: passage.tokens for passage in corpus}
    for tokens in runs(corpus, 6, 10):
        alone = full.find_candidates(WordsQuery(tokens), limit=EVERYTHING)
        within = list(full.find_candidates(And((FieldTerm("kind", ("speech",)), WordsQuery(tokens))), limit=20))
        assert within == [each for each in alone if kinds[each.passage_id] == "speech"][:20]
        nested = And((And((WordsQuery(tokens), FieldTerm("kind", ("speech",)))), Not(PhraseQuery(tokens))))
        others = [each for each in alone if kinds[each.passage_id] == "speech" and not adjacent(tokens, said[each[0]])]
        assert list(full.find_candidates(nested, limit=EVERYTHING)) == others


def test_words_below_operators_match_any_word(full: Engine, corpus: list[Passage]) -> None:
    for left, right in zip(runs(corpus, 1, 8), runs(corpus, 1, 8, seed=6), strict=True):
        for node in (And((WordsQuery(left), WordsQuery(right))), Or((WordsQuery(left), WordsQuery(right)))):
            expected = {passage.id for passage in corpus if holds(node, passage)}
            assert set(ids(full.find_candidates(node, limit=EVERYTHING))) == expected


def test_or_puts_unscored_passages_last(full: Engine, corpus: list[Passage]) -> None:
    (tokens,) = runs(corpus, 5, 1)
    node = Or((WordsQuery(tokens), FieldTerm("kind", ("speech",))))
    found = list(full.find_candidates(node, limit=EVERYTHING))
    spoken = {passage.id for passage in corpus if passage.fields.kind == "speech"}
    assert spoken < set(ids(found)) <= {passage.id for passage in corpus if holds(node, passage)}
    assert found[0].passage_id == full.find_candidates(WordsQuery(tokens), limit=1)[0].passage_id
    assert found[-1].score == 0


@pytest.mark.parametrize(
    "node",
    [
        WordsQuery(()),
        PhraseQuery(()),
        Proximity((), 3),
        FieldTerm("title", ()),
        FieldTerm("nonsense", ("a",)),
        Or(()),
        WordsQuery(("q",)),
    ],
)
def test_an_empty_query_finds_nothing(node: QueryNode, full: Engine) -> None:
    assert not full.find_candidates(node, limit=10)


def test_unusual_tokens_do_not_raise(full: Engine) -> None:
    """The engine gets input unchanged: regular expressions, quotation marks, long and foreign words."""
    odd = (
        "a" * 100_000,
        "日" * 5_000,
        "𝔸" * 300,
        ".*",
        "(",
        "[a-z]",
        "'",
        '"',
        "\\",
        "日本",
        "ß",
        "a+b",
        "a b",
        "\x00",
        "\n",
        "+",
        "",
    )
    for token in odd:
        for node in (
            WordsQuery((token, "kalo")),
            PhraseQuery((token, token)),
            PrefixQuery(token + "x"),
            Proximity((token, "kalo"), 3),
        ):
            full.find_candidates(node, limit=3)
        full.find_candidates(FieldTerm("title", (token,)), limit=3)
        full.find_candidates(FieldTerm("title", ("the", token + "x"), is_prefix=True), limit=3)


def test_an_invalid_date_does_not_raise(full: Engine) -> None:
    assert isinstance(full.find_candidates(DateRange(after="yesterday"), limit=3), list)


def test_a_passage_without_words_is_found_by_its_fields(full: Engine, corpus: list[Passage]) -> None:
    silent = next(passage for passage in corpus if not passage.tokens)
    clip = FieldTerm("label", ("clip", str(silent.track)))
    assert silent.id in ids(full.find_candidates(clip, limit=20))
    assert make_passage_id(silent.track, 0) <= silent.id


def test_words_beside_a_word_start_like_it(full: Engine, corpus: list[Passage]) -> None:
    """Folders have all of them, the most frequent first; a cluster only those that are spelled like the word."""
    counts = Counter(token for passage in corpus for token in set(passage.tokens))
    word = next(token for token, _ in counts.most_common(200) if len(token) >= 6)
    found = full.find_tokens_beside(f"{word[:-1]}x", prefix_chars=4, limit=1000)
    assert word in found
    assert all(token.startswith(word[:4]) for token in found)
    assert len(full.find_tokens_beside(word, prefix_chars=1, limit=1)) <= 1
    assert full.find_tokens_beside("\u0436\u0436\u0436\u0436", prefix_chars=3, limit=9) == []


def test_similar_words_come_from_the_vocabulary(full: Engine, corpus: list[Passage]) -> None:
    counts = Counter(token for passage in corpus for token in set(passage.tokens))
    word = next(token for token, _ in counts.most_common(200) if len(token) >= 8)
    misspelt = word[:3] + word[4:]
    assert word in full.find_similar_tokens(misspelt)
    assert word not in full.find_similar_tokens(word)
    assert full.find_similar_tokens("xxxxxxxxxxxx") == []
    assert len(full.find_similar_tokens(misspelt, limit=1)) == 1
