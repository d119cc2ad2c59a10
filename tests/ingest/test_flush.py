"""What was stored is made searchable in the background, while more is stored."""

from __future__ import annotations

import threading

import pytest

from tests.processes import HANG_S
from vidindex.config import FLUSH_AFTER_WORDS
from vidindex.errors import IndexBusyError
from vidindex.ingest import flush
from vidindex.ingest.flush import BackgroundFlushPolicy


@pytest.fixture(autouse=True)
def check_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the pending words at each call."""
    monkeypatch.setattr(flush, "_CHECK_EVERY_S", 0.0)
    monkeypatch.setattr(flush, "_CHECK_TIME_SHARE", 1e9)


def count_nothing() -> int:
    """Return how many tracks a flush of nothing makes searchable."""
    return 0


def test_storing_goes_on_during_a_flush_and_waits_if_it_is_far_ahead() -> None:
    done, pending = threading.Event(), [FLUSH_AFTER_WORDS + 1]

    def flush_batch() -> int:
        assert done.wait(HANG_S)
        pending[0] = 0
        return 1

    policy = BackgroundFlushPolicy(count_nothing, flush_batch, lambda: pending[0])
    assert not policy.flush_if_due()
    assert not policy.flush_if_due()
    pending[0] = 4 * pending[0]
    threading.Timer(0.05, done.set).start()
    assert policy.flush_if_due()
    assert pending == [0]
    policy.close()


def test_few_words_are_not_flushed_before_the_end() -> None:
    calls = [0, 0]

    def flush_all() -> int:
        calls[0] += 1
        return 1

    def flush_batch() -> int:
        calls[1] += 1
        return 1

    policy = BackgroundFlushPolicy(flush_all, flush_batch, lambda: 99)
    assert not policy.flush_if_due()
    policy.close()
    assert calls == [1, 0]


def test_the_error_of_a_flush_in_the_background_is_raised() -> None:
    def fail() -> int:
        raise IndexBusyError("index", 60.0)

    counts = iter((FLUSH_AFTER_WORDS + 1, FLUSH_AFTER_WORDS + 1, 9 * FLUSH_AFTER_WORDS))
    policy = BackgroundFlushPolicy(count_nothing, fail, lambda: next(counts, FLUSH_AFTER_WORDS + 1))
    assert not policy.flush_if_due()
    with pytest.raises(IndexBusyError):
        policy.flush_if_due()
    assert not policy.flush_if_due()
    with pytest.raises(IndexBusyError):
        policy.close()
