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

from ..model import And, Fields, Node, Or, Words

FIELDS = ("title", "channel", "site", "label", "article", "kind", "lang", "speaker")
"""The fields that `InField` can name."""

PAIR_WEIGHT = 2.0
"""What a shared pair counts beside a shared word that is as rare."""

MAX_PAIRS = 32
MAX_WORDS = 16
"""Terms of a long quote that are searched."""

LEAST_WEIGHT = 1.5
LEAST_PAIR = 2.5
LARGE = 1000
"""Where there are so many passages, words and pairs of less weight (those in two of ten, in three of ten) are left
out: they cost most to read, and tell least."""

MAX_TOKEN = 200
"""Characters of a token that are indexed: a longer one is no word."""

_SPELLED = 3  # tokens of a query at most that is looked for as one word and as two: of a longer one, enough is left
_COMPOUND = range(5, 31)  # characters of a word that may be two
_LESS = 0.9  # of a term's weight has what stands for it: where it was said as asked comes first
_JOINER = "\x1f"  # never part of a token
_WORD = re.compile(r"\w+")


def pair(left: str, right: str) -> str:
    """Name two adjacent tokens by one term."""
    return f"{left}{_JOINER}{right}"


def pairs(tokens: Sequence[str]) -> list[str]:
    """Name each two adjacent *tokens*."""
    return [f"{left}{_JOINER}{right}" for left, right in pairwise(tokens)]


def clipped(tokens: Sequence[str]) -> Sequence[str]:
    """Cut tokens that are too long to be words; gives *tokens* itself where there is none."""
    if tokens and len(max(tokens, key=len)) > MAX_TOKEN:
        return [token[:MAX_TOKEN] for token in tokens]
    return tokens


def field_tokens(text: str) -> list[str]:
    """Fold the text of a field, or words typed to filter by it, to tokens."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word[:MAX_TOKEN] for word in _WORD.findall(text.casefold())]


def field_texts(fields: Fields) -> list[tuple[str, list[str]]]:
    """Give the name and tokens of each field that is not empty."""
    named = ((name, getattr(fields, name)) for name in FIELDS)
    return [(name, field_tokens(text)) for name, text in named if text]


def day(date: str, *, pad: str = "0") -> int:
    """Write an ISO date, or the start of one, as the integer yyyymmdd; *pad* fills what it leaves open.

    0 where it is no date.
    """
    digits = date.replace("-", "")[:8]
    return int(digits.ljust(8, pad)) if len(digits) >= 4 and digits.isascii() and digits.isdigit() else 0


class Term(NamedTuple):
    """A word or pair of a query with what it counts; *frequency* passages hold it."""

    text: str
    is_pair: bool
    weight: float
    frequency: int


def spaced(term: Term) -> str:
    """Write *term* as it stands in a text that has a space around each token."""
    return f" {term.text.replace(_JOINER, ' ')} "


Frequency = Callable[[str, bool], int]
"""How many passages hold a term; the flag says that it is a pair."""


def select(asked: Words, *, frequency: Frequency, passages: int) -> list[Term]:
    """Choose the terms by which to rank passages for what is *asked*: the rarest pairs and words, rarest first.

    Terms that no passage holds are left out, and words that nearly every one does, as long as there are others.
    Limits are for long quotes: a few dozen rare terms tell a passage from all others.
    """
    tokens = clipped(asked.tokens)
    chosen = _weigh(pairs(tokens), is_pair=True, frequency=frequency, passages=passages)[:MAX_PAIRS]
    words = _weigh(tokens, is_pair=False, frequency=frequency, passages=passages)[:MAX_WORDS]
    others = _weigh(asked.others, is_pair=False, frequency=frequency, passages=passages)[:MAX_WORDS]
    terms = chosen + words + [term._replace(weight=_exact(_LESS * term.weight)) for term in others]
    if passages >= LARGE:
        telling = [term for term in terms if term.weight >= (LEAST_PAIR if term.is_pair else LEAST_WEIGHT)]
        terms = telling or chosen or words
    if len(tokens) <= _SPELLED:
        terms += _respelled(tokens, terms, frequency=frequency, passages=passages)
    return sorted(terms, key=lambda term: (term.frequency, term.text))


def _respelled(tokens: Sequence[str], terms: Sequence[Term], *, frequency: Frequency, passages: int) -> Iterator[Term]:
    """Give what a short query may have been captioned as, each for less than the term that it stands for."""
    weights = {term.text: term.weight for term in terms}
    for asked, text, is_pair in _spellings(tokens):
        df = frequency(text, is_pair)
        most = weights.get(asked, 0.0 if frequency(asked, not is_pair) else math.inf)
        weight = _exact(min(PAIR_WEIGHT * _idf(df, passages), _LESS * most))
        if df and weight and text not in weights:
            weights[text] = weight
            yield Term(text, is_pair, weight, df)


def _spellings(tokens: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Tell what may stand for which pair or word of *tokens*: `healthcare` for `health care`, and the reverse."""
    for left, right in pairwise(tokens):
        if (left + right).isalpha():
            yield pair(left, right), left + right, False
    for token in tokens:
        if len(token) in _COMPOUND and token.isalpha():
            yield from ((token, pair(token[:at], token[at:]), True) for at in range(2, len(token) - 1))


def told(asked: Words) -> list[str]:
    """Give tokens among which all terms are, words and pairs, that may be selected for what is *asked*."""
    tokens = clipped(asked.tokens)
    spelled = _spellings(tokens) if len(tokens) <= _SPELLED else ()
    return [*tokens, *asked.others, *(part for _, text, _ in spelled for part in text.split(_JOINER))]


def _weigh(texts: Iterable[str], *, is_pair: bool, frequency: Frequency, passages: int) -> list[Term]:
    factor = PAIR_WEIGHT if is_pair else 1.0
    found = ((text, frequency(text, is_pair)) for text in dict.fromkeys(texts))
    terms = [Term(text, is_pair, _exact(factor * _idf(df, passages)), df) for text, df in found if df]
    return sorted(terms, key=lambda term: (term.frequency, term.text))


def _exact(weight: float) -> float:
    """Round so that sums are the same in any order, also in single precision: who ties, ties in every engine."""
    return round(weight * 256) / 256


def _idf(frequency: int, passages: int) -> float:
    # Frequencies count passages that are deleted but not yet merged away, so they may exceed *passages*.
    return math.log(1 + max(0.0, passages - frequency + 0.5) / (frequency + 0.5))


def ranks(node: Node) -> bool:
    """Tell whether *node* gives scores: only `Words` do, outside `Not`; all else holds or does not."""
    match node:
        case Words():
            return True
        case And() | Or():
            return any(ranks(each) for each in node.nodes)
        case _:
            return False
