"""`Runner`: several threads that take tasks from the queue until nothing is due."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...errors import IndexBusyError, IndexUnusableError
from ...net import Gate
from ...store.base import Run, Store
from ...store.tasks import Outcome, Task
from .. import Adder, Asking
from .options import BatchOptions, BatchReport, Step
from .tasks import Following

_TICK_S = 0.2
_IDLE_S = 1.0
_RENEW_S = 60.0
_LOOK_S = 30.0


class Runner:
    """Works through the queue of *store*.

    *tell* is told of each step, by whichever thread did it, one at a time; *flush*, called now and then, makes what is
    stored searchable when that is due, and tells whether it was.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: BatchOptions,
        tell: Callable[[Step], None],
        flush: Callable[[], bool],
        asking: Asking | None = None,
    ) -> None:
        self._store = store
        self._queue = store.queue
        self._options = options
        self._tell_outside = tell
        self._flush = flush
        gate = Gate(delay_s=options.delay_s, concurrency=options.per_host)
        adding = options.adding
        self._asking = asking or Asking.of(
            adding.resolve, archive=adding.archive, gate=gate, obeys_robots=options.robots
        )
        self._following = Following(self._queue)
        self._lock = threading.Condition()
        self._telling = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._at_work = 0
        self._in_hand = 0
        self._links = 0
        self._ended: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()
        self._waits_for = 0.0
        self._stopping = False
        self._broken: BaseException | None = None

    def run(self) -> BatchReport:
        """Work until nothing is due, and tell what was done.

        Ctrl-C (`KeyboardInterrupt`) ends it when what is in hand is finished, a second one at once.
        Raises `IndexUnusableError`: without an index there is no going on.
        """
        began = time.monotonic()
        run = self._queue.begin()
        interrupted = False
        try:
            self._queue.free_lost()
            self._at_work = self._options.jobs
            try:
                with _uninterrupted():  # those that are not started would be waited for
                    for _ in range(self._options.jobs):
                        threading.Thread(target=self._work, args=(run,), daemon=True).start()
                self._watch(run)
            except KeyboardInterrupt:
                interrupted = True
                self.stop()
                self._watch(run)
        finally:
            run.end()
            self._asking.resolver.close()
        if self._broken is not None:
            raise self._broken
        return self._report(time.monotonic() - began, interrupted=interrupted)

    def stop(self) -> None:
        """Begin nothing more; what is in hand is finished, what only waits for its turn is put back."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._asking.cancel()
        self._tell(Step("stopping"))

    def _report(self, seconds: float, *, interrupted: bool) -> BatchReport:
        ended, changes = self._ended, self._changes
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

    def _watch(self, run: Run) -> None:
        """Flush, and keep the leases, until all threads have ended."""
        renewed = looked = time.monotonic()
        # Not by `join`: Python 3.11 takes a thread for dead when Ctrl-C interrupts that.
        while self._at_work:
            with self._lock:
                self._lock.wait(_TICK_S)
            now = time.monotonic()
            if now - renewed > _RENEW_S:
                self._queue.renew(run)
                renewed = now
            if now - looked > _LOOK_S:
                self._queue.free_lost()
                looked = now
            self._flush_if_due()

    def _flush_if_due(self) -> None:
        try:
            if self._broken is None and self._flush():
                self._tell(Step("searchable"))
        except IndexBusyError:  # another run does it now
            return

    # The threads that work

    def _work(self, run: Run) -> None:
        try:
            while (task := self._take(run)) is not None:
                try:
                    self._do(task)
                finally:
                    self._put_down(task)
        except BaseException as exc:
            with self._lock:
                self._broken = self._broken or exc
                self._stopping = True
        finally:
            with self._lock:
                self._at_work -= 1
                self._lock.notify_all()

    def _take(self, run: Run) -> Task | None:
        """Wait for a task; None where the run is over."""
        idle_since = time.time()
        with self._lock:
            while not self._stopping:
                task = self._queue.claim(run, busy=self._full_hosts(), begin=self._may_begin())
                if task is not None:
                    self._busy[task.host] += 1
                    self._in_hand += 1
                    self._links += task.kind == "link"
                    return task
                pause_s = _IDLE_S
                if self._in_hand == 0:
                    due = self._queue.next_try()
                    if not due or due > idle_since + self._options.wait_s:
                        self._lock.notify_all()
                        return None
                    if due != self._waits_for:
                        self._waits_for = due
                        self._tell(Step("waiting", due=due))
                    pause_s = min(max(due - time.time(), 0.01), _IDLE_S)
                self._lock.wait(pause_s)
        return None

    def _full_hosts(self) -> list[str]:
        return [host for host, count in self._busy.items() if host and count >= self._options.per_host]

    def _may_begin(self) -> bool:
        return self._options.most is None or self._links < self._options.most

    def _put_down(self, task: Task) -> None:
        with self._lock:
            self._in_hand -= 1
            self._busy[task.host] -= 1
            if not self._busy[task.host]:
                del self._busy[task.host]
            self._lock.notify_all()

    def _do(self, task: Task) -> None:
        began = time.monotonic()
        self._tell(Step("begun", task))
        outcome = self._try(task)
        if self._stopping and outcome.verdict == "stopped":
            self._queue.give_back(task)
            return
        ended = self._queue.finish(task, outcome)
        with self._lock:
            self._ended[ended.state] += 1
            self._changes[outcome.change] += 1
            if self._options.fail_fast and ended.state != "done":
                self._stopping = True
        self._tell(Step("ended", ended, outcome.change, time.monotonic() - began))

    def _try(self, task: Task) -> Outcome:
        adder = Adder(
            self._store,
            options=self._options.adding,
            notify=lambda _: None,
            stored=lambda: None,
            asking=self._asking,
            follow=self._following,
        )
        try:
            match task.kind:
                case "link":
                    return adder.add(task.url)
                case "embed":
                    return adder.embed(task.url)
                case "video":
                    return adder.video(task.url)
        except IndexUnusableError:
            raise
        except Exception as exc:
            said = f"{type(exc).__name__}: {exc}".splitlines()[0][:300]
            return Outcome("failed", "broken", f"vidindex itself failed here ({said}): please report it")

    def _tell(self, step: Step) -> None:
        with self._telling:
            self._tell_outside(step)


@contextmanager
def _uninterrupted() -> Iterator[None]:
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
