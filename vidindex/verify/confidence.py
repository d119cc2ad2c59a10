"""How likely a verdict is right, from how well, how long and how rare the words are that it rests on."""

from __future__ import annotations

from .claim_text import ClaimText
from .judge import Judgment
from .verdicts import Searched, Verdict, VerdictKind

_BASE: dict[VerdictKind, float] = {
    "verbatim": 0.99,
    "faithful": 0.97,
    "altered": 0.93,
    "spliced": 0.93,
    "partial": 0.93,
    "not_found": 0.97,
}
_HALF_BITS = 6.0
"""Bits beyond chance that halve the doubt whether the place is the right one."""

_AUTOMATIC = 0.98
_UNDECIDED, _UNDECIDED_WORD = 0.55, 0.8
_DIFFERING_SHARE = 0.5  # of the confidence that captions lose in which every word differs
_CANNOT_TELL, _SHORT_TOKENS = 0.4, 8


def rate_found(verdict: Verdict, judgment: Judgment, quote: ClaimText, *, automatic: bool) -> float:
    """Return the confidence of a verdict on a quote that was found, from 0 to 1."""
    place: float = 1.0 - 0.5 ** (1.0 + max(0.0, judgment.bits) / _HALF_BITS)
    differing = sum(block.end - block.start for block in judgment.blocks if not block.same and block.text is not None)
    heard = 1.0 - _DIFFERING_SHARE * min(1.0, differing / max(1, len(quote.tokens)))
    rated = _BASE[judgment.kind] * place * heard * (_AUTOMATIC if automatic else 1.0)
    undecided = {change.kind for change in verdict.changes if change.undecided}
    if undecided:
        rated *= _UNDECIDED_WORD if undecided <= {"name", "other"} else _UNDECIDED
    return round(min(1.0, max(0.0, rated)), 3)


def rate_not_found(searched: Searched, tokens: int) -> float:
    """Return the confidence that a quote of so many words was not said in what was searched."""
    length = min(1.0, tokens / _SHORT_TOKENS)
    rated = _BASE["not_found"] * (0.5 + 0.5 * length)
    return round(rated * (_CANNOT_TELL if searched.cannot_tell else 1.0), 3)
