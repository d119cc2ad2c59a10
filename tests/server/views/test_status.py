"""The work queue on the status page."""

from __future__ import annotations

from vidindex import QueueStatus, SitePause, StateCount
from vidindex.server.views.status import _pause_note, _queue_note


def test_a_task_that_failed_for_good_is_not_said_to_be_retried() -> None:
    """A host that blocks every attempt makes the task fail, although its failure class may be retried."""
    status = QueueStatus((StateCount("link", "failed", 2), StateCount("link", "later", 1)), reasons=(("blocked", 3),))
    assert _queue_note(status) == "Idle. 3 tasks: 1 will retry, 2 failed"


def test_a_site_that_refuses_requests_is_named_with_the_end_of_its_pause() -> None:
    pause = SitePause("example.org", 1_780_000_000.0, reason="HTTP 429", waiting=12)
    assert _pause_note(pause) == "12 links of example.org wait until 2026-05-28 20:26 UTC (HTTP 429)"
