"""Index terms, query terms and their weights.

All engines use them, so that they rank alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..model import And, Or, PassageFields, QueryNode, WordsQuery
from ..transcripts.field_tokens import MAX_TOKEN_CHARS as MAX_TOKEN_CHARS
from ..transcripts.field_tokens import date_number as date_number
from ..transcripts.field_tokens import tokenize_field as tokenize_field

FIELD_NAMES = ("title", "channel", "site", "label", "article", "kind", "lang", "speaker")
"""The fields of `FieldTerm`."""

PAIR_WEIGHT = 2.0
"""Weight of a word pair, relative to a word of the same frequency."""

MAX_QUERY_PAIRS = 32
MAX_QUERY_WORDS = 16
"""Maximum number of terms of a long quote that are searched."""

MIN_WORD_WEIGHT = 1.5
MIN_PAIR_WEIGHT = 2.5
LARGE_INDEX_PASSAGES = 1000
"""In an index of this size or larger, words in more than about 20 % of the passages and pairs in more than about 30 %
are not searched: their postings are long and say little."""

MAX_RESPELLED_TOKENS = 3
"""Maximum tokens of a query that is also searched in other spellings; longer ones match by their other words."""

_COMPOUND_CHARS = range(5, 31)  # lengths of words that may be compounds
_VARIANT_WEIGHT_FACTOR = 0.9  # so that the exact spelling ranks first
_PAIR_SEPARATOR = "\x1f"  # no token contains it


def make_pair_term(left: str, right: str) -> str:
    """Return the term for two adjacent tokens."""
    return f"{left}{_PAIR_SEPARATOR}{right}"


def make_pair_terms(tokens: Sequence[str]) -> list[str]:
    """Return the terms for all adjacent pairs of *tokens*, in order."""
    return [f"{left}{_PAIR_SEPARATOR}{right}" for left, right in pairwise(tokens)]


def join_pair_terms(tokens: Sequence[str]) -> str:
    """Return the terms for all adjacent pairs of *tokens*, in order, joined by spaces."""
    if len(tokens) < 2:
        return ""
    # Slices are filled at once, which takes half the time of a string for each pair.
    parts = ["", _PAIR_SEPARATOR, "", " "] * (len(tokens) - 1)
    parts[::4], parts[2::4] = tokens[:-1], tokens[1:]
    parts.pop()
    return "".join(parts)


def truncate_tokens(tokens: Sequence[str]) -> Sequence[str]:
    """Return *tokens* with overlong ones truncated; the same object if there are none."""
    if tokens and len(max(tokens, key=len)) > MAX_TOKEN_CHARS:
        return [token[:MAX_TOKEN_CHARS] for token in tokens]
    return tokens


def tokenize_fields(fields: PassageFields) -> list[tuple[str, list[str]]]:
    """Return the name and the tokens of each field that is not empty."""
    named = ((name, getattr(fields, name)) for name in FIELD_NAMES)
    return [(name, tokenize_field(text)) for name, text in named if text]


class QueryTerm(NamedTuple):
    """A word or pair of a query with its weight; *frequency* passages contain it."""

    text: str
    is_pair: bool
    weight: float
    frequency: int


def padded(term: QueryTerm) -> str:
    """Return *term* as it appears in a text with a space on either side of each token."""
    return f" {term.text.replace(_PAIR_SEPARATOR, ' ')} "


FrequencyLookup = Callable[[str, bool], int]
"""Returns the number of passages that contain a term; the flag is true for a pair."""


def select_terms(query: WordsQuery, *, frequency: FrequencyLookup, passage_count: int) -> list[QueryTerm]:
    """Return the terms by which to rank passages for *query*: the rarest pairs and words, rarest first.

    Terms that no passage contains are left out, and so are very frequent ones unless there are no others.  The number
    of terms is limited, since a few dozen rare terms of a long quote identify a passage.
    """
    tokens = truncate_tokens(query.tokens)
    chosen = _weigh_terms(make_pair_terms(tokens), is_pair=True, frequency=frequency, passage_count=passage_count)[
        :MAX_QUERY_PAIRS
    ]
    words = _weigh_terms(tokens, is_pair=False, frequency=frequency, passage_count=passage_count)[:MAX_QUERY_WORDS]
    others = _weigh_terms(query.variants, is_pair=False, frequency=frequency, passage_count=passage_count)[
        :MAX_QUERY_WORDS
    ]
    terms = (
        chosen + words + [term._replace(weight=_round_weight(_VARIANT_WEIGHT_FACTOR * term.weight)) for term in others]
    )
    if passage_count >= LARGE_INDEX_PASSAGES:
        selective = [term for term in terms if term.weight >= (MIN_PAIR_WEIGHT if term.is_pair else MIN_WORD_WEIGHT)]
        terms = selective or chosen or words
    if len(tokens) <= MAX_RESPELLED_TOKENS:
        terms += _respell_terms(tokens, terms, frequency=frequency, passage_count=passage_count)
    return sorted(terms, key=lambda term: (term.frequency, term.text))


def _respell_terms(
    tokens: Sequence[str], terms: Sequence[QueryTerm], *, frequency: FrequencyLookup, passage_count: int
) -> Iterator[QueryTerm]:
    """Yield other spellings of a short query, each with less weight than the term that it replaces."""
    weights = {term.text: term.weight for term in terms}
    for original, text, is_pair in _compound_spellings(tokens):
        df = frequency(text, is_pair)
        limit = weights.get(original, 0.0 if frequency(original, not is_pair) else math.inf)
        weight = _round_weight(
            min(PAIR_WEIGHT * _inverse_document_frequency(df, passage_count), _VARIANT_WEIGHT_FACTOR * limit)
        )
        if df and weight and text not in weights:
            weights[text] = weight
            yield QueryTerm(text, is_pair, weight, df)


def _compound_spellings(tokens: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield (term, other spelling, whether that is a pair): `healthcare` for `health care`, and the reverse."""
    for left, right in pairwise(tokens):
        if (left + right).isalpha():
            yield make_pair_term(left, right), left + right, False
    for token in tokens:
        if len(token) in _COMPOUND_CHARS and token.isalpha():
            yield from ((token, make_pair_term(token[:at], token[at:]), True) for at in range(2, len(token) - 1))


def possible_terms(query: WordsQuery) -> list[str]:
    """Return tokens that include those of every term which `select_terms` may select for *query*."""
    tokens = truncate_tokens(query.tokens)
    spelled = _compound_spellings(tokens) if len(tokens) <= MAX_RESPELLED_TOKENS else ()
    return [*tokens, *query.variants, *(part for _, text, _ in spelled for part in text.split(_PAIR_SEPARATOR))]


def _weigh_terms(
    texts: Iterable[str], *, is_pair: bool, frequency: FrequencyLookup, passage_count: int
) -> list[QueryTerm]:
    factor = PAIR_WEIGHT if is_pair else 1.0
    found = ((text, frequency(text, is_pair)) for text in dict.fromkeys(texts))
    terms = [
        QueryTerm(text, is_pair, _round_weight(factor * _inverse_document_frequency(df, passage_count)), df)
        for text, df in found
        if df
    ]
    return sorted(terms, key=lambda term: (term.frequency, term.text))


def _round_weight(weight: float) -> float:
    """Round *weight* so that sums are exact in any order, also in single precision: ties are ties in every engine."""
    return round(weight * 256) / 256


def _inverse_document_frequency(frequency: int, passage_count: int) -> float:
    # Frequencies include deleted passages until a merge, so they may exceed *passage_count*.
    return math.log(1 + max(0.0, passage_count - frequency + 0.5) / (frequency + 0.5))


def is_scored(node: QueryNode) -> bool:
    """Return whether *node* produces scores: only `WordsQuery` does, outside `Not`; all other nodes match or not."""
    match node:
        case WordsQuery():
            return True
        case And() | Or():
            return any(is_scored(each) for each in node.nodes)
        case _:
            return False
