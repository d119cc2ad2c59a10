"""Check what an article prints against what was said: verbatim, nearly so, or not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..engines.base import Engine
from ..model import Hit
from ..search.hits import DEFAULTS, Source, answer
from ..search.options import SearchOptions
from ..search.query import quote
from ..transcripts.normalize import fold
from .quotations import Quotation, quotations

__all__ = ["Change", "CheckedQuote", "Quotation", "Verdict", "check_quotes", "compare", "quotations"]

Verdict = Literal["verbatim", "near", "not found"]


@dataclass(frozen=True, slots=True)
class Change:
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
    verdict: Verdict
    hit: Hit | None = None
    changes: tuple[Change, ...] = ()
    elsewhere: bool = False


def check_quotes(
    engine: Engine,
    source: Source,
    printed: Iterable[Quotation],
    *,
    article: str = "",
    videos: frozenset[str] = frozenset(),
    options: SearchOptions = DEFAULTS,
) -> list[CheckedQuote]:
    """Look for each of *printed*: first in *videos* (ids) and in clips of the *article* (URL), then everywhere."""
    everywhere = replace(options, limit=1, offset=0, sort="score")
    first = replace(everywhere, article=article, videos=videos)
    checked = []
    for quotation in printed:
        found = _checked(engine, source, quotation, first)
        if found.hit is None and first != everywhere:
            found = replace(_checked(engine, source, quotation, everywhere), elsewhere=True)
        checked.append(replace(found, elsewhere=found.elsewhere and found.hit is not None))
    return checked


def _checked(engine: Engine, source: Source, quotation: Quotation, options: SearchOptions) -> CheckedQuote:
    query = quote(" … ".join(quotation.parts or (quotation.text,)))
    hits = answer(engine, source, query, options=options)
    if not hits:
        return CheckedQuote(quotation, "not found")
    verdict: Verdict = "verbatim" if hits[0].match == "exact" else "near"
    return CheckedQuote(quotation, verdict, hits[0], compare(quotation.text, hits[0].text))


def compare(printed: str, spoken: str) -> tuple[Change, ...]:
    """Align what was *printed* with what was *spoken*, word by word."""
    from rapidfuzz.distance import Levenshtein

    left, right = _units(printed), _units(spoken)
    changes = [
        Change(_text(left[op.src_start : op.src_end]), _text(right[op.dest_start : op.dest_end]), op.tag == "equal")
        for op in Levenshtein.opcodes([key for key, _ in left], [key for key, _ in right])
    ]
    return tuple(changes)


def _units(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Cut *text* into the smallest runs of words that fold by themselves, with their tokens."""
    words = text.split()
    tokens, origins = fold(words)
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


def _text(units: Sequence[tuple[tuple[str, ...], str]]) -> str:
    return " ".join(text for _, text in units)
