"""Decide which near hits are good enough to show: by their score, and by the evidence that they are no coincidence.

The evidence is the engine's score of the passage: the weight of the rare words and word pairs that it shares with the
quote.  The numbers were chosen by logistic regression on quotes, misquotations, and sentences that were never said, in
indexes of 10,000 to ten million words (bench/RESULTS.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log

from .align import fillers
from .query import Query

_WORTH_OF_EVIDENCE = 0.0065
"""Fall of the threshold for each unit of weight: a word in one of 1,000 passages weighs 6.9, such a pair 13.8."""

_RISE_PER_FACTOR = 0.045
"""Rise of the threshold if an index has 2.7 times as many passages: it makes as many more chance hits."""


@dataclass(frozen=True, slots=True)
class NearThreshold:
    """The minimum score of a near hit: *score*, less the worth of the evidence, from *min_score* to *max_score*."""

    score: float
    min_score: float
    max_score: float
    worth_of_evidence: float = 0.0

    def accepts(self, score: float, evidence: float) -> bool:
        """Return whether to show a near hit in a passage to which the engine gives the score *evidence*."""
        return score >= min(max(self.min_score, self.score - self.worth_of_evidence * evidence), self.max_score)


_THRESHOLDS = (
    (8, NearThreshold(0.28, 0.34, 0.6, _WORTH_OF_EVIDENCE)),
    (5, NearThreshold(0.175, 0.45, 0.53, _WORTH_OF_EVIDENCE)),
    (4, NearThreshold(0.21, 0.54, 0.58, _WORTH_OF_EVIDENCE)),
    (3, NearThreshold(0.64, 0.64, 0.64)),
    (0, NearThreshold(0.75, 0.75, 0.75)),
)
"""The thresholds by minimum number of tokens, in an index of one passage.

For fewer than eight tokens, not even evidence separates misheard words from chance, and recall is preferred.
"""

_MAX_TOKENS_WITH_FILLERS = 7  # a longer quote is as long as its words without fillers


def fixed_threshold(score: float) -> NearThreshold:
    """Return a threshold that no evidence lowers."""
    return NearThreshold(score, score, score)


def choose_threshold(query: Query, passage_count: int) -> NearThreshold:
    """Return the threshold of the near hits of *query* in an index of *passage_count* passages.

    Fillers never make it higher.
    """
    tokens = [token for part in query.parts for token in part]
    count = max(len(tokens) - len(fillers(tokens)), min(len(tokens), _MAX_TOKENS_WITH_FILLERS))
    threshold = next(each for least, each in _THRESHOLDS if count >= least)
    if not threshold.worth_of_evidence:
        return threshold
    return replace(threshold, score=threshold.score + _RISE_PER_FACTOR * log(max(passage_count, 1)))
