"""When to retry a task: after a growing, randomized delay, up to `MAX_TRIES` attempts."""

from __future__ import annotations

from dataclasses import replace

from .tasks import Outcome, Task, TaskVerdict

MAX_TRIES = 7
"""A task fails after this many attempts; the last one is about two days after the first."""

CRASH_LOOP_REASON = f"given up: {MAX_TRIES} runs ended while they worked on it"
"""The reason of a task that was claimed `MAX_TRIES` times and never finished."""

_FIRST_WAIT_S = 20.0
_WAIT_GROWTH_FACTOR = 4.0
_MAX_WAIT_S = 24 * 3600.0
_MIN_WAIT_S_BY_VERDICT: dict[str, float] = {"live": 6 * 3600.0}
"""Failure classes that an early retry cannot fix."""


def retry_wait_s(tries: int, *, verdict: TaskVerdict = "") -> float:
    """Return the delay after attempt number *tries*, randomized by a quarter in either direction."""
    from random import uniform  # a search does not import it

    grown = _FIRST_WAIT_S * _WAIT_GROWTH_FACTOR ** min(max(tries - 1, 0), 20)
    return min(max(grown, _MIN_WAIT_S_BY_VERDICT.get(verdict, 0.0)), _MAX_WAIT_S) * uniform(0.75, 1.25)  # noqa: S311


def next_state(task: Task, outcome: Outcome, now: float) -> Task:
    """Return *task* as it is after an attempt with *outcome*, with the time of the next attempt if there is one."""
    state, reason = outcome.state, outcome.reason
    due, tries = 0.0, task.tries
    if state == "later" and outcome.retry_at:
        due, tries = outcome.retry_at, max(tries - 1, 0)
    elif state == "later" and task.tries >= MAX_TRIES:
        state, reason = "failed", f"given up after {task.tries} tries: {reason}"
    elif state == "later":
        due = now + retry_wait_s(task.tries, verdict=outcome.verdict)
    return replace(
        task,
        state=state,
        tries=tries,
        next_try=due,
        verdict=outcome.verdict,
        reason=reason,
        video=outcome.video or task.video,
        article=outcome.article or task.article,
    )
