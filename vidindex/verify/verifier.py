"""Verifies claims one by one against the captions of an index."""

from __future__ import annotations

from dataclasses import dataclass

from ..engines.base import PassageIndex
from ..model import Hit
from ..search.hits import answer_query
from ..search.options import SearchOptions
from ..search.query import parse_quote
from ..search.source import PassageSource
from ..store.base import Store
from .check import compare_words
from .claims import Claim
from .scope import ClaimScope, find_scope
from .verdicts import Context, Verdict, VerdictKind

_CONTEXT_WORDS = 40


@dataclass(frozen=True, slots=True)
class ClaimVerifier:
    """Verifies claims; *engine* is None if nothing is indexed yet."""

    store: Store
    engine: PassageIndex | None
    source: PassageSource

    def verify(self, claim: Claim) -> Verdict:
        """Return the verdict for *claim*: in its videos first, then in the whole index."""
        scope = find_scope(self.store, claim)
        options = SearchOptions(limit=1, videos=scope.videos, context=_CONTEXT_WORDS)
        hit = self._find(claim, options) if scope.videos or scope.is_index else None
        elsewhere = False
        if hit is None and not scope.is_index:
            hit = self._find(claim, SearchOptions(limit=1, context=_CONTEXT_WORDS))
            elsewhere = hit is not None
        return _build_verdict(claim, scope, hit, elsewhere=elsewhere)

    def _find(self, claim: Claim, options: SearchOptions) -> Hit | None:
        if self.engine is None:
            return None
        hits = answer_query(self.engine, self.source, parse_quote(claim.quote), options=options)
        return hits[0] if hits else None


def _build_verdict(claim: Claim, scope: ClaimScope, hit: Hit | None, *, elsewhere: bool) -> Verdict:
    if hit is None:
        return Verdict(claim, "not_found", searched=scope.searched, notes=scope.notes)
    kind: VerdictKind = "verbatim" if hit.match == "exact" else "faithful"
    return Verdict(
        claim,
        kind,
        score=hit.score,
        confidence=hit.score,
        hit=hit,
        speaker=hit.speaker,
        diff=compare_words(claim.quote, hit.text),
        context=Context(hit.before, hit.after),
        searched=scope.searched,
        elsewhere=elsewhere,
        notes=scope.notes,
    )
