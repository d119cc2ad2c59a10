"""What every engine makes of passages and queries before it indexes or ranks them.

Engines rank alike because they share this: the same terms, the same weights, the same choice among them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..model import And, Or, PassageFields, QueryNode, WordsQuery

FIELD_NAMES = ("title", "channel", "site", "label", "article", "kind", "lang", "speaker")
"""The fields that `InField` can name."""

PAIR_WEIGHT = 2.0
"""What a shared pair counts beside a shared word that is as rare."""

MAX_QUERY_PAIRS = 32
MAX_QUERY_WORDS = 16
"""Terms of a long quote that are searched."""

MIN_WORD_WEIGHT = 1.5
MIN_PAIR_WEIGHT = 2.5
LARGE_INDEX_PASSAGES = 1000
"""Where there are so many passages, words and pairs of less weight (those in two of ten, in three of ten) are left
out: they cost most to read, and tell least."""

MAX_TOKEN_CHARS = 200
"""Characters of a token that are indexed: a longer one is no word."""

_MAX_RESPELLED_TOKENS = (
    3  # tokens of a query at most that is looked for as one word and as two: of a longer one, enough is left
)
_COMPOUND_CHARS = range(5, 31)  # characters of a word that may be two
_VARIANT_WEIGHT_FACTOR = 0.9  # of a term's weight has what stands for it: where it was said as asked comes first
_PAIR_SEPARATOR = "\x1f"  # never part of a token
_WORD_PATTERN = re.compile(r"\w+")


def make_pair_term(left: str, right: str) -> str:
    """Name two adjacent tokens by one term."""
    return f"{left}{_PAIR_SEPARATOR}{right}"


def make_pair_terms(tokens: Sequence[str]) -> list[str]:
    """Name each two adjacent *tokens*."""
    return [f"{left}{_PAIR_SEPARATOR}{right}" for left, right in pairwise(tokens)]


def truncate_tokens(tokens: Sequence[str]) -> Sequence[str]:
    """Cut tokens that are too long to be words; gives *tokens* itself where there is none."""
    if tokens and len(max(tokens, key=len)) > MAX_TOKEN_CHARS:
        return [token[:MAX_TOKEN_CHARS] for token in tokens]
    return tokens


def tokenize_field(text: str) -> list[str]:
    """Fold the text of a field, or words typed to filter by it, to tokens."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word[:MAX_TOKEN_CHARS] for word in _WORD_PATTERN.findall(text.casefold())]


def tokenize_fields(fields: PassageFields) -> list[tuple[str, list[str]]]:
    """Give the name and tokens of each field that is not empty."""
    named = ((name, getattr(fields, name)) for name in FIELD_NAMES)
    return [(name, tokenize_field(text)) for name, text in named if text]


def date_number(date: str, *, pad: str = "0") -> int:
    """Write an ISO date, or the start of one, as the integer yyyymmdd; *pad* fills what it leaves open.

    0 where it is no date.
    """
    digits = date.replace("-", "")[:8]
    return int(digits.ljust(8, pad)) if len(digits) >= 4 and digits.isascii() and digits.isdigit() else 0


class QueryTerm(NamedTuple):
    """A word or pair of a query with what it counts; *frequency* passages hold it."""

    text: str
    is_pair: bool
    weight: float
    frequency: int


def padded(term: QueryTerm) -> str:
    """Write *term* as it stands in a text that has a space around each token."""
    return f" {term.text.replace(_PAIR_SEPARATOR, ' ')} "


FrequencyLookup = Callable[[str, bool], int]
"""How many passages hold a term; the flag says that it is a pair."""


def select_terms(query: WordsQuery, *, frequency: FrequencyLookup, passage_count: int) -> list[QueryTerm]:
    """Choose the terms by which to rank passages for what is *asked*: the rarest pairs and words, rarest first.

    Terms that no passage holds are left out, and words that nearly every one does, as long as there are others.
    Limits are for long quotes: a few dozen rare terms tell a passage from all others.
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
        telling = [term for term in terms if term.weight >= (MIN_PAIR_WEIGHT if term.is_pair else MIN_WORD_WEIGHT)]
        terms = telling or chosen or words
    if len(tokens) <= _MAX_RESPELLED_TOKENS:
        terms += _respell_terms(tokens, terms, frequency=frequency, passage_count=passage_count)
    return sorted(terms, key=lambda term: (term.frequency, term.text))


def _respell_terms(
    tokens: Sequence[str], terms: Sequence[QueryTerm], *, frequency: FrequencyLookup, passage_count: int
) -> Iterator[QueryTerm]:
    """Give what a short query may have been captioned as, each for less than the term that it stands for."""
    weights = {term.text: term.weight for term in terms}
    for asked, text, is_pair in _compound_spellings(tokens):
        df = frequency(text, is_pair)
        most = weights.get(asked, 0.0 if frequency(asked, not is_pair) else math.inf)
        weight = _round_weight(
            min(PAIR_WEIGHT * _inverse_document_frequency(df, passage_count), _VARIANT_WEIGHT_FACTOR * most)
        )
        if df and weight and text not in weights:
            weights[text] = weight
            yield QueryTerm(text, is_pair, weight, df)


def _compound_spellings(tokens: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Tell what may stand for which pair or word of *tokens*: `healthcare` for `health care`, and the reverse."""
    for left, right in pairwise(tokens):
        if (left + right).isalpha():
            yield make_pair_term(left, right), left + right, False
    for token in tokens:
        if len(token) in _COMPOUND_CHARS and token.isalpha():
            yield from ((token, make_pair_term(token[:at], token[at:]), True) for at in range(2, len(token) - 1))


def possible_terms(query: WordsQuery) -> list[str]:
    """Give tokens among which all terms are, words and pairs, that may be selected for what is *asked*."""
    tokens = truncate_tokens(query.tokens)
    spelled = _compound_spellings(tokens) if len(tokens) <= _MAX_RESPELLED_TOKENS else ()
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
    """Round so that sums are the same in any order, also in single precision: who ties, ties in every engine."""
    return round(weight * 256) / 256


def _inverse_document_frequency(frequency: int, passage_count: int) -> float:
    # Frequencies count passages that are deleted but not yet merged away, so they may exceed *passages*.
    return math.log(1 + max(0.0, passage_count - frequency + 0.5) / (frequency + 0.5))


def is_scored(node: QueryNode) -> bool:
    """Tell whether *node* gives scores: only `Words` do, outside `Not`; all else holds or does not."""
    match node:
        case WordsQuery():
            return True
        case And() | Or():
            return any(is_scored(each) for each in node.nodes)
        case _:
            return False
