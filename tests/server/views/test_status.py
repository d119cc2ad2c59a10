"""The work queue on the status page."""

from __future__ import annotations

from vidindex import QueueStatus, StateCount
from vidindex.server.views.status import _queue_note


def test_a_task_that_failed_for_good_is_not_said_to_be_retried() -> None:
    """A host that blocks every attempt makes the task fail, although its failure class may be retried."""
    status = QueueStatus((StateCount("link", "failed", 2), StateCount("link", "later", 1)), reasons=(("blocked", 3),))
    assert _queue_note(status) == "Idle. 3 tasks: 1 will retry, 2 failed"
