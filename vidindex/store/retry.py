"""When to try again: each time later, and never all at the same moment."""

from __future__ import annotations

from dataclasses import replace

from .tasks import Outcome, Task

MAX_TRIES = 7
"""After so many, a link is given up until somebody asks for it: the last is two days after the first."""

CRASH_LOOP_REASON = f"given up: {MAX_TRIES} runs ended while they worked on it"
"""Why something is given up that takes its run down each time."""

_FIRST_WAIT_S = 20.0
_WAIT_GROWTH_FACTOR = 4.0
_MAX_WAIT_S = 24 * 3600.0
_MIN_WAIT_S_BY_VERDICT = {"live": 6 * 3600.0}
"""Verdicts for which a moment later is no better."""


def retry_wait_s(tries: int, *, verdict: str = "") -> float:
    """Tell how long to wait after the try number *tries*, with a quarter of jitter either way."""
    from random import uniform  # a search need not pay for it

    grown = _FIRST_WAIT_S * _WAIT_GROWTH_FACTOR ** min(max(tries - 1, 0), 20)
    return min(max(grown, _MIN_WAIT_S_BY_VERDICT.get(verdict, 0.0)), _MAX_WAIT_S) * uniform(0.75, 1.25)  # noqa: S311


def next_state(task: Task, outcome: Outcome, now: float) -> Task:
    """Give *task* as it is after a try at it, with the moment of the next where there is to be one."""
    state, reason = outcome.state, outcome.reason
    due = 0.0
    if state == "later" and task.tries >= MAX_TRIES:
        state, reason = "failed", f"given up after {task.tries} tries: {reason}"
    elif state == "later":
        due = now + retry_wait_s(task.tries, verdict=outcome.verdict)
    return replace(
        task,
        state=state,
        next_try=due,
        verdict=outcome.verdict,
        reason=reason,
        video=outcome.video or task.video,
        article=outcome.article or task.article,
    )
