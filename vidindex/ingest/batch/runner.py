"""Run several threads that take tasks from the queue until nothing is due."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...errors import IndexBusyError, IndexUnusableError
from ...net import HostThrottle
from ...store.base import Store, WorkerRun
from ...store.tasks import Outcome, Task
from .. import AddCallbacks, Network, TargetAdder
from .options import BatchEvent, BatchOptions, BatchReport
from .tasks import QueueFollowUp

_WATCH_INTERVAL_S = 0.2
_MAX_IDLE_WAIT_S = 1.0
_LEASE_RENEWAL_S = 60.0
_EXPIRY_CHECK_S = 30.0


class BatchRunner:
    """Processes the queue of *store*.

    *on_event* is called for each step by the thread that did it, one call at a time.  *flush* is called regularly; it
    makes stored captions searchable if that is due, and returns whether it did.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: BatchOptions,
        on_event: Callable[[BatchEvent], None],
        flush: Callable[[], bool],
        network: Network | None = None,
    ) -> None:
        self._store = store
        self._queue = store.queue
        self._options = options
        self._on_event = on_event
        self._flush = flush
        gate = HostThrottle(delay_s=options.delay_s, concurrency=options.per_host)
        adding = options.adding
        self._network = network or Network.from_options(
            adding.resolve, archive=adding.archive, throttle=gate, obeys_robots=options.robots
        )
        self._queue_follow_up = QueueFollowUp(self._queue)
        self._lock = threading.Condition()
        self._event_lock = threading.Lock()
        self._busy_hosts: Counter[str] = Counter()
        self._active_threads = 0
        self._claimed_tasks = 0
        self._links_begun = 0
        self._ended_by_state: Counter[str] = Counter()
        self._change_counts: Counter[str] = Counter()
        self._next_due = 0.0
        self._stopping = False
        self._fatal_error: BaseException | None = None

    def run(self) -> BatchReport:
        """Process tasks until nothing is due, and return a report.

        The first Ctrl-C (`KeyboardInterrupt`) ends the run after the current tasks, the second one at once.
        Raises `IndexUnusableError`.
        """
        began = time.monotonic()
        run = self._queue.begin_run()
        interrupted = False
        try:
            self._queue.requeue_expired()
            self._active_threads = self._options.jobs
            try:
                with _defer_sigint():  # otherwise the run would wait for threads that were not started
                    for _ in range(self._options.jobs):
                        threading.Thread(target=self._run_worker, args=(run,), daemon=True).start()
                self._watch_threads(run)
            except KeyboardInterrupt:
                interrupted = True
                self.stop()
                self._watch_threads(run)
        finally:
            run.end()
            self._network.resolver.close()
        if self._fatal_error is not None:
            raise self._fatal_error
        return self._build_report(time.monotonic() - began, interrupted=interrupted)

    def stop(self) -> None:
        """Start no more tasks; current tasks are finished, those that wait for a host are released."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._network.cancel()
        self._emit_event(BatchEvent("stopping"))

    def _build_report(self, seconds: float, *, interrupted: bool) -> BatchReport:
        ended, changes = self._ended_by_state, self._change_counts
        return BatchReport(
            done=ended["done"],
            later=ended["later"],
            gone=ended["gone"],
            failed=ended["failed"],
            new=changes["new"],
            captioned=changes["captions"],
            changed=changes["changed"],
            unchanged=changes["unchanged"],
            seconds=seconds,
            interrupted=interrupted,
        )

    # The main thread

    def _watch_threads(self, run: WorkerRun) -> None:
        """Flush, and renew the leases, until all threads have ended."""
        renewed_at = checked_at = time.monotonic()
        # Not with `join`: in Python 3.11, a `join` that Ctrl-C interrupts marks the thread as dead.
        while self._active_threads:
            with self._lock:
                self._lock.wait(_WATCH_INTERVAL_S)
            now = time.monotonic()
            if now - renewed_at > _LEASE_RENEWAL_S:
                self._queue.renew_lease(run)
                renewed_at = now
            if now - checked_at > _EXPIRY_CHECK_S:
                self._queue.requeue_expired()
                checked_at = now
            self._flush_if_due()

    def _flush_if_due(self) -> None:
        try:
            if self._fatal_error is None and self._flush():
                self._emit_event(BatchEvent("searchable"))
        except IndexBusyError:  # another run is flushing
            return

    # The worker threads

    def _run_worker(self, run: WorkerRun) -> None:
        try:
            while (task := self._claim_task(run)) is not None:
                try:
                    self._process_task(task)
                finally:
                    self._release_task(task)
        except BaseException as exc:
            with self._lock:
                self._fatal_error = self._fatal_error or exc
                self._stopping = True
        finally:
            with self._lock:
                self._active_threads -= 1
                self._lock.notify_all()

    def _claim_task(self, run: WorkerRun) -> Task | None:
        """Wait for a task; return None when the run is over."""
        idle_since = time.time()
        with self._lock:
            while not self._stopping:
                task = self._queue.claim(run, busy_hosts=self._full_hosts(), include_links=self._has_link_budget())
                if task is not None:
                    self._busy_hosts[task.host] += 1
                    self._claimed_tasks += 1
                    self._links_begun += task.kind == "link"
                    return task
                pause_s = _MAX_IDLE_WAIT_S
                if self._claimed_tasks == 0:
                    due = self._queue.next_try_at()
                    if not due or due > idle_since + self._options.wait_s:
                        self._lock.notify_all()
                        return None
                    if due != self._next_due:
                        self._next_due = due
                        self._emit_event(BatchEvent("waiting", due=due))
                    pause_s = min(max(due - time.time(), 0.01), _MAX_IDLE_WAIT_S)
                self._lock.wait(pause_s)
        return None

    def _full_hosts(self) -> list[str]:
        return [host for host, count in self._busy_hosts.items() if host and count >= self._options.per_host]

    def _has_link_budget(self) -> bool:
        return self._options.most is None or self._links_begun < self._options.most

    def _release_task(self, task: Task) -> None:
        with self._lock:
            self._claimed_tasks -= 1
            self._busy_hosts[task.host] -= 1
            if not self._busy_hosts[task.host]:
                del self._busy_hosts[task.host]
            self._lock.notify_all()

    def _process_task(self, task: Task) -> None:
        began = time.monotonic()
        self._emit_event(BatchEvent("begun", task))
        outcome = self._attempt_task(task)
        if self._stopping and outcome.verdict == "stopped":
            self._queue.release(task)
            return
        ended = self._queue.finish(task, outcome)
        with self._lock:
            self._ended_by_state[ended.state] += 1
            self._change_counts[outcome.change] += 1
            if self._options.fail_fast and ended.state != "done":
                self._stopping = True
        self._emit_event(BatchEvent("ended", ended, outcome.change, time.monotonic() - began))

    def _attempt_task(self, task: Task) -> Outcome:
        adder = TargetAdder(
            self._store,
            options=self._options.adding,
            callbacks=AddCallbacks(),
            network=self._network,
            follow_up=self._queue_follow_up,
        )
        try:
            match task.kind:
                case "link":
                    return adder.add(task.url)
                case "embed":
                    return adder.resolve_embed(task.url)
                case "video":
                    return adder.resolve_video(task.url)
        except IndexUnusableError:
            raise
        except Exception as exc:
            message = f"{type(exc).__name__}: {exc}".splitlines()[0][:300]
            return Outcome("failed", "broken", f"vidindex itself failed here ({message}): please report it")

    def _emit_event(self, event: BatchEvent) -> None:
        with self._event_lock:
            self._on_event(event)


@contextmanager
def _defer_sigint() -> Iterator[None]:
    """Delay Ctrl-C until the end of the block."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():  # no signals arrive here
        yield
        return
    received: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if received:
        signal.raise_signal(signal.SIGINT)
