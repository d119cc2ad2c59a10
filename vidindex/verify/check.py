"""Checks the quotations of an article against the captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model import Hit
from .claims import Claim
from .quotations import Quotation, extract_quotations
from .verdicts import Verdict, VerdictKind, WordChange
from .verifier import ClaimVerifier
from .word_diff import compare_words

__all__ = [
    "CheckedQuote",
    "Quotation",
    "QuoteVerdict",
    "WordChange",
    "check_quotes",
    "compare_words",
    "extract_quotations",
]

QuoteVerdict = VerdictKind


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quotation with its verdict and its best hit.

    *elsewhere* is true if the hit is not in a video of the article.  *changes* cover the whole quotation; they are
    empty if there is no hit.  *details* is the whole verdict, such as its pieces and who speaks.
    """

    quotation: Quotation
    verdict: QuoteVerdict
    hit: Hit | None = None
    changes: tuple[WordChange, ...] = ()
    elsewhere: bool = False
    details: Verdict | None = None


def check_quotes(verifier: ClaimVerifier, printed: Iterable[Quotation], *, article: str = "") -> Iterator[CheckedQuote]:
    """Yield a verdict for each of *printed*; search the videos of *article*, an indexed one, first."""
    for quotation in printed:
        verdict = verifier.verify(Claim.from_quotation(quotation, article=article))
        yield CheckedQuote(quotation, verdict.verdict, verdict.hit, verdict.diff, verdict.elsewhere, verdict)
