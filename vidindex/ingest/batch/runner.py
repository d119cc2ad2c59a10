"""`Runner`: several threads that take tasks from the queue until nothing is due."""

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
from .. import Network, TargetAdder
from .options import BatchEvent, BatchOptions, BatchReport
from .tasks import QueueFollowUp

_WATCH_INTERVAL_S = 0.2
_MAX_IDLE_WAIT_S = 1.0
_LEASE_RENEWAL_S = 60.0
_EXPIRY_CHECK_S = 30.0


class BatchRunner:
    """Works through the queue of *store*.

    *tell* is told of each step, by whichever thread did it, one at a time; *flush*, called now and then, makes what is
    stored searchable when that is due, and tells whether it was.
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
        """Work until nothing is due, and tell what was done.

        Ctrl-C (`KeyboardInterrupt`) ends it when what is in hand is finished, a second one at once.
        Raises `IndexUnusableError`: without an index there is no going on.
        """
        began = time.monotonic()
        run = self._queue.begin_run()
        interrupted = False
        try:
            self._queue.requeue_expired()
            self._active_threads = self._options.jobs
            try:
                with _defer_sigint():  # those that are not started would be waited for
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
        """Begin nothing more; what is in hand is finished, what only waits for its turn is put back."""
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

    # The thread that watches

    def _watch_threads(self, run: WorkerRun) -> None:
        """Flush, and keep the leases, until all threads have ended."""
        renewed = looked = time.monotonic()
        # Not by `join`: Python 3.11 takes a thread for dead when Ctrl-C interrupts that.
        while self._active_threads:
            with self._lock:
                self._lock.wait(_WATCH_INTERVAL_S)
            now = time.monotonic()
            if now - renewed > _LEASE_RENEWAL_S:
                self._queue.renew_lease(run)
                renewed = now
            if now - looked > _EXPIRY_CHECK_S:
                self._queue.requeue_expired()
                looked = now
            self._flush_if_due()

    def _flush_if_due(self) -> None:
        try:
            if self._fatal_error is None and self._flush():
                self._emit_event(BatchEvent("searchable"))
        except IndexBusyError:  # another run does it now
            return

    # The threads that work

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
        """Wait for a task; None where the run is over."""
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
            notify=lambda _: None,
            on_stored=lambda: None,
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
            said = f"{type(exc).__name__}: {exc}".splitlines()[0][:300]
            return Outcome("failed", "broken", f"vidindex itself failed here ({said}): please report it")

    def _emit_event(self, event: BatchEvent) -> None:
        with self._event_lock:
            self._on_event(event)


@contextmanager
def _defer_sigint() -> Iterator[None]:
    """Have Ctrl-C wait for the end of the block."""
    former = signal.getsignal(signal.SIGINT)
    if former is None or threading.current_thread() is not threading.main_thread():  # only that one hears of it
        yield
        return
    told: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: told.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if told:
        signal.raise_signal(signal.SIGINT)
