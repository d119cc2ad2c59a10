"""Decide when what was stored is made searchable."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..config import FLUSH_AFTER_S, FLUSH_AFTER_WORDS

_MAX_PENDING_BATCHES = 2
"""Words that are not searchable yet, at most, as a multiple of those of the flush that is running."""

_CHECK_EVERY_S = 0.1
"""Counting the words that are not searchable yet takes longer than storing a short track."""

_CHECK_TIME_SHARE = 0.05
"""The share of the time that counting may take: on a cluster, it makes all writes of all machines visible first."""

Flush = Callable[[], int]
"""Makes stored tracks searchable, and returns their number."""


class FlushPolicy:
    """Flushes rarely, because a flush is expensive, but often enough to make a long run searchable."""

    def __init__(self, flush: Flush, count_pending_words: Callable[[], int]) -> None:
        self._flush = flush
        self._count_pending_words = count_pending_words
        self._last_flush_s = time.monotonic()
        self._next_check_s = 0.0

    def flush_if_due(self) -> bool:
        """Flush if enough words or time have accumulated, and return whether tracks became searchable."""
        if not (self._is_check_due() and self._is_due(FLUSH_AFTER_WORDS)):
            return False
        count = self._flush()
        self._last_flush_s = time.monotonic()
        return bool(count)

    def close(self) -> None:
        """Flush what is left."""
        self._flush()

    def _is_check_due(self) -> bool:
        return time.monotonic() >= self._next_check_s

    def _is_due(self, words: int) -> bool:
        return time.monotonic() - self._last_flush_s > FLUSH_AFTER_S or self._count_words() > words

    def _count_words(self) -> int:
        """Count the words that are not searchable yet, and set when that is due again."""
        began = time.monotonic()
        count = self._count_pending_words()
        now = time.monotonic()
        self._next_check_s = now + max(_CHECK_EVERY_S, (now - began) / _CHECK_TIME_SHARE)
        return count


class BackgroundFlushPolicy(FlushPolicy):
    """Flushes one batch at a time in another thread, while this one stores the next tracks.

    So no core waits for the engine to commit.  An error of *flush_batch* is raised by the next call.
    """

    def __init__(self, flush: Flush, flush_batch: Flush, count_pending_words: Callable[[], int]) -> None:
        super().__init__(flush, count_pending_words)
        self._flush_batch = flush_batch
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="vidindex-flush")
        self._running: Future[int] | None = None
        self._batch_words = 0

    def flush_if_due(self) -> bool:
        """Begin to flush if that is due, and return whether tracks became searchable.

        Waits if the engine cannot keep up.
        """
        if not self._is_check_due():
            return False
        if self._running is not None:
            is_far_ahead = self._count_words() > _MAX_PENDING_BATCHES * self._batch_words
            if not (self._running.done() or is_far_ahead):
                return False
            return self._take_result()
        # Smaller flushes would leave less to do at the end, but segments that soon have to be merged.
        if self._is_due(FLUSH_AFTER_WORDS):
            self._batch_words = max(1, self._count_words())
            self._running = self._executor.submit(self._flush_batch)
        return False

    def close(self) -> None:
        """Wait for the flush that is running, and flush what is left."""
        try:
            self._take_result()
        finally:
            self._executor.shutdown()
        super().close()

    def _take_result(self) -> bool:
        running, self._running = self._running, None
        count = running.result() if running is not None else 0
        self._last_flush_s = time.monotonic()
        return bool(count)
