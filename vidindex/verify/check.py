"""Check what an article prints against what was said: verbatim, nearly so, or not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..engines.base import Engine
from ..model import Hit
from ..search.hits import DEFAULT_OPTIONS, answer_query
from ..search.options import SearchOptions
from ..search.query import parse_quote
from ..search.source import PassageSource
from ..transcripts.normalize import normalize_words
from .quotations import Quotation, extract_quotations

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
class WordChange:
    """Words as *printed* and as *spoken*, either empty where the other has words more; *same* where they agree."""

    printed: str
    spoken: str
    same: bool


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quotation with what was found of it.

    *elsewhere*: not in the clips that were to be looked in first.  *changes* run over the whole quotation; empty
    where nothing was found.
    """

    quotation: Quotation
    verdict: QuoteVerdict
    hit: Hit | None = None
    changes: tuple[WordChange, ...] = ()
    elsewhere: bool = False


def check_quotes(
    engine: Engine,
    source: PassageSource,
    printed: Iterable[Quotation],
    *,
    article: str = "",
    videos: frozenset[str] = frozenset(),
    options: SearchOptions = DEFAULT_OPTIONS,
) -> list[CheckedQuote]:
    """Look for each of *printed*: first in *videos* (ids) and in clips of the *article* (URL), then everywhere."""
    everywhere = replace(options, limit=1, offset=0, sort="score")
    first = replace(everywhere, article=article, videos=videos)
    checked = []
    for quotation in printed:
        found = _check_quotation(engine, source, quotation, first)
        if found.hit is None and first != everywhere:
            found = replace(_check_quotation(engine, source, quotation, everywhere), elsewhere=True)
        checked.append(replace(found, elsewhere=found.elsewhere and found.hit is not None))
    return checked


def _check_quotation(
    engine: Engine, source: PassageSource, quotation: Quotation, options: SearchOptions
) -> CheckedQuote:
    query = parse_quote(" … ".join(quotation.parts or (quotation.text,)))
    hits = answer_query(engine, source, query, options=options)
    if not hits:
        return CheckedQuote(quotation, "not found")
    verdict: QuoteVerdict = "verbatim" if hits[0].match == "exact" else "near"
    return CheckedQuote(quotation, verdict, hits[0], compare_words(quotation.text, hits[0].text))


def compare_words(printed: str, spoken: str) -> tuple[WordChange, ...]:
    """Align what was *printed* with what was *spoken*, word by word."""
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
    """Cut *text* into the smallest runs of words that fold by themselves, with their tokens."""
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
