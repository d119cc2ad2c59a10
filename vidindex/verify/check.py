"""Checks the quotations of an article against the captions: verbatim, near, or not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..engines.base import PassageIndex
from ..model import Hit
from ..search.hits import DEFAULT_OPTIONS, answer_query
from ..search.options import SearchOptions
from ..search.query import parse_quote
from ..search.source import PassageSource
from ..transcripts.normalize import normalize_words
from .quotations import Quotation, extract_quotations
from .verdicts import WordChange

__all__ = [
    "CheckedQuote",
    "Quotation",
    "QuoteVerdict",
    "WordChange",
    "check_quotes",
    "compare_words",
    "extract_quotations",
]

QuoteVerdict = Literal["verbatim", "near", "not found"]


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quotation with its verdict and its best hit.

    *elsewhere* is true if the hit is not in one of the preferred videos.  *changes* cover the whole quotation; they are
    empty if there is no hit.
    """

    quotation: Quotation
    verdict: QuoteVerdict
    hit: Hit | None = None
    changes: tuple[WordChange, ...] = ()
    elsewhere: bool = False


def check_quotes(
    engine: PassageIndex,
    source: PassageSource,
    printed: Iterable[Quotation],
    *,
    article: str = "",
    videos: frozenset[str] = frozenset(),
    options: SearchOptions = DEFAULT_OPTIONS,
) -> list[CheckedQuote]:
    """Return a verdict for each of *printed*; search *videos* (ids) and videos of *article* (URL) first, then all."""
    everywhere = replace(options, limit=1, offset=0, sort="score")
    first = replace(everywhere, article=article, videos=videos)
    checked = []
    for quotation in printed:
        result = _check_quotation(engine, source, quotation, first)
        if result.hit is None and first != everywhere:
            result = replace(_check_quotation(engine, source, quotation, everywhere), elsewhere=True)
        checked.append(replace(result, elsewhere=result.elsewhere and result.hit is not None))
    return checked


def _check_quotation(
    engine: PassageIndex, source: PassageSource, quotation: Quotation, options: SearchOptions
) -> CheckedQuote:
    query = parse_quote(" … ".join(quotation.parts or (quotation.text,)))
    hits = answer_query(engine, source, query, options=options)
    if not hits:
        return CheckedQuote(quotation, "not found")
    verdict: QuoteVerdict = "verbatim" if hits[0].match == "exact" else "near"
    return CheckedQuote(quotation, verdict, hits[0], compare_words(quotation.text, hits[0].text))


def compare_words(printed: str, spoken: str) -> tuple[WordChange, ...]:
    """Return the differences between *printed* and *spoken*, word by word."""
    from rapidfuzz.distance import Levenshtein

    left, right = _split_units(printed), _split_units(spoken)
    changes = [
        WordChange(
            _join_units(left[op.src_start : op.src_end]),
            _join_units(right[op.dest_start : op.dest_end]),
            op.tag == "equal",
        )
        for op in Levenshtein.opcodes([key for key, _ in left], [key for key, _ in right])
    ]
    return tuple(changes)


def _split_units(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Split *text* into the smallest groups of words that are normalized together, with their tokens."""
    words = text.split()
    tokens, origins = normalize_words(words)
    folded: dict[int, list[str]] = {}
    for token, origin in zip(tokens, origins, strict=True):
        folded.setdefault(origin, []).append(token)
    starts = sorted(folded)
    if not starts:
        return []
    starts[0] = 0
    ends = [*starts[1:], len(words)]
    return [
        (tuple(folded[origin]), " ".join(words[start:end]))
        for origin, start, end in zip(sorted(folded), starts, ends, strict=True)
    ]


def _join_units(units: Sequence[tuple[tuple[str, ...], str]]) -> str:
    return " ".join(text for _, text in units)
