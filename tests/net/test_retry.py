"""The retry loop."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.clocks import FakeClock
from vidindex.net.retry import call_with_retries, growing_pauses_s


class Operation:
    """Fails a number of times, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock by which the loop sleeps."""
    clock = FakeClock()
    monkeypatch.setattr("vidindex.net.retry.time", clock)
    return clock


def is_temporary(exc: Exception, pause_s: float) -> bool:
    return isinstance(exc, OSError)


def test_an_operation_that_succeeds_is_called_once(clock: FakeClock) -> None:
    operation = Operation()
    assert call_with_retries(operation, pauses_s=[1.0], should_retry=is_temporary) == "done"
    assert (operation.calls, clock.sleeps) == (1, [])


def test_a_failure_is_retried_after_each_pause(clock: FakeClock) -> None:
    operation = Operation(OSError("one"), OSError("two"))
    assert call_with_retries(operation, pauses_s=[1.0, 4.0, 16.0], should_retry=is_temporary) == "done"
    assert clock.sleeps == [1.0, 4.0]


def test_the_last_failure_is_raised_when_no_pause_is_left(clock: FakeClock) -> None:
    with pytest.raises(OSError, match="three"):
        call_with_retries(
            Operation(OSError("one"), OSError("two"), OSError("three")), pauses_s=[1.0, 4.0], should_retry=is_temporary
        )
    assert clock.sleeps == [1.0, 4.0]


def test_a_failure_that_is_not_temporary_is_raised_at_once(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="broken"):
        call_with_retries(Operation(ValueError("broken")), pauses_s=[1.0], should_retry=is_temporary)
    assert clock.sleeps == []


def test_should_retry_gets_the_pause_before_the_next_call(clock: FakeClock) -> None:
    with pytest.raises(OSError, match="two"):
        call_with_retries(
            Operation(OSError("one"), OSError("two")),
            pauses_s=[1.0, 4.0],
            should_retry=lambda exc, pause_s: pause_s < 2.0,
        )
    assert clock.sleeps == [1.0]


def test_pauses_grow_up_to_a_limit() -> None:
    assert list(islice(growing_pauses_s(0.5, factor=4.0), 4)) == [0.5, 2.0, 8.0, 32.0]
    assert list(islice(growing_pauses_s(0.5, factor=4.0, max_s=5.0), 4)) == [0.5, 2.0, 5.0, 5.0]


def test_jitter_shortens_pauses_by_a_random_share() -> None:
    pauses_s = list(islice(growing_pauses_s(8.0, factor=1.0, jitter=0.5), 100))
    assert all(4.0 <= pause_s <= 8.0 for pause_s in pauses_s)
    assert len(set(pauses_s)) > 1
