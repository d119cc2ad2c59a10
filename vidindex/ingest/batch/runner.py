"""Run several threads that take tasks from the queue until nothing is due."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import replace

from ...errors import IndexBusyError, IndexUnusableError
from ...net.proxy import normalize_proxy_url
from ...net.throttle import HostThrottle
from ...net.traffic import site_of
from ...store.base import Store, WorkerRun
from ...store.tasks import Outcome, SitePause, Task
from ...transcripts.workers import JobPool
from .. import AddCallbacks, Network, TargetAdder
from ..network import make_pacer
from .network_watch import NetworkWatch
from .options import BatchEvent, BatchOptions, BatchReport
from .scope import TaskScope
from .site_gate import SiteGate
from .tasks import QueueFollowUp

_WATCH_INTERVAL_S = 0.2
_MAX_IDLE_WAIT_S = 1.0
_LEASE_RENEWAL_S = 60.0
_EXPIRY_CHECK_S = 30.0
_MIN_PATIENCE_S = 600.0
"""A run that waits for retries as long as this waits for the network as long as it takes."""

_MAX_OVERDUE_S = 10.0
"""A retry that has been due for longer, and cannot be claimed, is not waited for."""


class BatchRunner:
    """Processes the queue of *store*, or only the tasks of *scope*.

    *on_event* is called for each step by the thread that did it, one call at a time.  *flush* is called regularly; it
    makes stored captions searchable if that is due, and returns whether it did.  The workers of *pool* parse captions.
    """

    def __init__(
        self,
        store: Store,
        *,
        options: BatchOptions,
        on_event: Callable[[BatchEvent], None],
        flush: Callable[[], bool],
        network: Network | None = None,
        scope: TaskScope | None = None,
        pool: JobPool | None = None,
    ) -> None:
        self._store = store
        self._pool = pool
        self._queue = store.queue
        self._options = options
        self._on_event = on_event
        self._flush = flush
        adding = options.adding
        throttle = HostThrottle(delay_s=options.delay_s, concurrency=options.per_host)
        throttle.pacer = make_pacer(adding.resolve, override=options.pace)
        self._network = network or Network.from_options(
            adding.resolve, archive=adding.archive, throttle=throttle, obeys_robots=options.robots
        )
        self._scope = scope
        self._watch = NetworkWatch(
            open_sites=self._list_open_sites, proxied=bool(normalize_proxy_url(adding.resolve.proxy))
        )
        self._gate = SiteGate(
            self._queue,
            self._watch,
            on_pause=lambda pause: self._emit_event(
                BatchEvent("paused", due=pause.until, site=pause.site, reason=pause.reason)
            ),
            on_open=lambda site: self._emit_event(BatchEvent("resumed", site=site)),
            on_probe=self._network.forget_robots_problems,
            on_network_up=self._handle_network_up,
        )
        self._network.observe(self._gate)
        self._queue_follow_up = QueueFollowUp(self._queue)
        self._lock = threading.Condition()
        self._event_lock = threading.Lock()
        self._outage_lock = threading.Lock()
        self._busy_sites: Counter[str] = Counter()
        self._hosts_by_site: defaultdict[str, set[str]] = defaultdict(set)
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
        scope = self._scope
        return BatchReport(
            done=ended["done"],
            later=ended["later"] if scope is None else scope.count_later(),
            gone=ended["gone"],
            failed=ended["failed"],
            new=changes["new"],
            captioned=changes["captions"],
            changed=changes["changed"],
            unchanged=changes["unchanged"],
            seconds=seconds,
            interrupted=interrupted,
            left=0 if scope is None else scope.count_left(),
            paused=self._list_paused(),
            offline=self._watch.is_down,
        )

    def _list_paused(self) -> tuple[SitePause, ...]:
        """Return the sites that refuse requests and have tasks of this run, which wait for them."""
        counts = self._count_open_by_site()
        paused = (replace(pause, waiting=counts.get(pause.site, 0)) for pause in self._queue.read_status().paused)
        return tuple(pause for pause in paused if pause.waiting)

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
        """Wait for a task, and begin the attempt at it; return None when the run is over."""
        idle_since = time.time()
        with self._lock:
            while not self._stopping:
                if self._watch.is_down:
                    if self._is_outage_too_long():
                        self._lock.notify_all()
                        return None
                    if (pause_s := self._network_pause_s()) > 0:
                        self._lock.wait(min(pause_s, _MAX_IDLE_WAIT_S))
                        idle_since = time.time()
                        continue
                    self._network.forget_robots_problems()
                held, paced = self._gate.held_sites(), self._network.fetching.throttle.pacer.waits_s()
                task = self._claim_next(run, self._full_sites() | held.keys() | paced.keys())
                if task is not None:
                    if not self._gate.begin(task):
                        self._give_back(task)
                        continue
                    self._busy_sites[site_of(task.url)] += 1
                    self._claimed_tasks += 1
                    self._links_begun += task.kind == "link"
                    return task
                pause_s = _MAX_IDLE_WAIT_S
                if self._claimed_tasks == 0:
                    pause_s = self._idle_pause_s(idle_since, held, paced)
                    if not pause_s:
                        self._lock.notify_all()
                        return None
                self._lock.wait(pause_s)
        return None

    def _claim_next(self, run: WorkerRun, sites: Set[str]) -> Task | None:
        """Claim the next task at any site but *sites*."""
        if self._scope is not None:
            return self._scope.claim(self._queue, run, sites)
        task = self._queue.claim(run, busy_hosts=self._hosts_of(sites), include_links=self._has_link_budget())
        if task is not None and task.host:  # an older version stated other hosts than sites
            self._hosts_by_site[site_of(task.url)].add(task.host)
        return task

    def _give_back(self, task: Task) -> None:
        """Return a task to the queue whose site is held, so that another one is claimed next."""
        if task.host:  # by which the next claim skips it
            self._queue.release(task)
        else:
            reason = f"{site_of(task.url)} refuses requests for now"
            self._queue.finish(task, Outcome("later", "later", reason, retry_at=time.time() + _MAX_IDLE_WAIT_S))
        if self._scope is not None:
            self._scope.put_back(task, time.time() + _MAX_IDLE_WAIT_S)

    def _idle_pause_s(self, idle_since: float, held: Mapping[str, float], paced: Mapping[str, float]) -> float:
        """Return how long to sleep while no task is due and none is running; 0 if there is nothing to wait for."""
        open_counts = self._count_open_by_site() if held or paced else {}
        pace_waits = [wait_s for site, wait_s in paced.items() if site not in held and open_counts.get(site)]
        if pace_waits:
            return min(max(min(pace_waits), 0.01), _MAX_IDLE_WAIT_S)
        retries = self._next_try_at(held.keys() | paced.keys())
        dues = [retries] * bool(retries) + [until for site, until in held.items() if open_counts.get(site)]
        now, due = time.time(), min(dues, default=0.0)
        if not due or due > idle_since + self._options.wait_s or due < now - _MAX_OVERDUE_S:
            return 0.0
        if due != self._next_due:
            self._next_due = due
            self._emit_event(BatchEvent("waiting", due=due))
        return min(max(due - now, 0.01), _MAX_IDLE_WAIT_S)

    def _next_try_at(self, sites: Set[str]) -> float:
        if self._scope is not None:
            return self._scope.next_try_at(sites)
        return self._queue.next_try_at(busy_hosts=self._hosts_of(sites))

    def _count_open_by_site(self) -> Mapping[str, int]:
        return self._scope.count_open_by_site() if self._scope is not None else self._queue.count_open_by_site()

    def _list_open_sites(self) -> Collection[str]:
        return self._count_open_by_site().keys()

    def _hosts_of(self, sites: Iterable[str]) -> list[str]:
        """Return the hosts by which tasks at *sites* are found in the queue."""
        return sorted({host for site in sites for host in (site, *self._hosts_by_site.get(site, ()))})

    def _full_sites(self) -> Set[str]:
        return {site for site, count in self._busy_sites.items() if site and count >= self._options.per_host}

    def _has_link_budget(self) -> bool:
        return self._options.most is None or self._links_begun < self._options.most

    def _release_task(self, task: Task) -> None:
        self._gate.abandon()
        site = site_of(task.url)
        with self._lock:
            self._claimed_tasks -= 1
            self._busy_sites[site] -= 1
            if not self._busy_sites[site]:
                del self._busy_sites[site]
            self._lock.notify_all()

    def _process_task(self, task: Task) -> None:
        began = time.monotonic()
        self._emit_event(BatchEvent("begun", task))
        outcome = self._attempt_task(task)
        may_be_offline = outcome.state == "later" and self._gate.met_network_failure()
        outcome = self._gate.judge(task, outcome)
        if self._stopping and outcome.verdict == "stopped":
            self._queue.release(task)
            if self._scope is not None:
                self._scope.put_back(task)
            return
        ended = self._finish_task(task, outcome, began, may_be_offline=may_be_offline)
        with self._lock:
            self._ended_by_state[ended.state] += 1
            self._change_counts[outcome.change] += 1
            if self._scope is not None:
                self._scope.record(ended)
            if self._options.fail_fast and ended.state != "done":
                self._stopping = True
        took_s, total = time.monotonic() - began, 0 if self._scope is None else self._scope.size
        done = 0 if self._scope is None else total - self._scope.count_left()
        self._emit_event(BatchEvent("ended", ended, outcome.change, took_s, done=done, total=total))

    def _finish_task(self, task: Task, outcome: Outcome, began: float, *, may_be_offline: bool) -> Task:
        if not may_be_offline or outcome.retry_at:
            return self._queue.finish(task, outcome)
        with self._outage_lock:  # otherwise the end of a suspect could follow its excuse
            return self._queue.finish(task, self._excuse_if_offline(task, outcome, began))

    # The network

    def _is_outage_too_long(self) -> bool:
        """Return whether to end the run because the network is down: never, unless it is to end soon anyway."""
        wait_s = self._options.wait_s
        return wait_s < _MIN_PATIENCE_S and time.monotonic() - self._watch.down_since >= wait_s

    def _network_pause_s(self) -> float:
        """Return how long to wait until one task may try whether the network is back; 0 for now."""
        return _MAX_IDLE_WAIT_S if self._claimed_tasks else self._watch.next_probe_at - time.monotonic()

    def _excuse_if_offline(self, task: Task, outcome: Outcome, began: float) -> Outcome:
        """Return *outcome* as one that is not the fault of *task* if the network is down, or was after it *began*.

        If it is down, the tasks that failed just before get their tries back, too.
        """
        if not self._watch.confirm_down(lambda: self._tell_offline(outcome.reason)):
            if self._watch.was_down_after(began):  # it came back while this task failed
                self._network.forget_robots_problems()
                return replace(outcome, retry_at=time.time())
            self._watch.add_suspect(task, outcome)
            return outcome
        for suspect, before in self._watch.take_suspects():
            ended = self._queue.finish(suspect, replace(before, retry_at=time.time()))
            if self._scope is not None:
                self._scope.record(ended)
        return replace(outcome, retry_at=time.time())

    def _tell_offline(self, reason: str) -> None:
        wait_s = self._watch.next_probe_at - time.monotonic()
        self._emit_event(
            BatchEvent("offline", due=time.time() + wait_s if self._options.wait_s else 0.0, reason=reason)
        )

    def _handle_network_up(self) -> None:
        self._network.forget_robots_problems()
        self._emit_event(BatchEvent("online"))
        with self._lock:
            self._lock.notify_all()

    def _attempt_task(self, task: Task) -> Outcome:
        adder = TargetAdder(
            self._store,
            options=self._options.adding,
            callbacks=AddCallbacks(),
            network=self._network,
            follow_up=self._queue_follow_up,
            pool=self._pool,
        )
        try:
            match task.kind:
                case "link":
                    return adder.add(task.url, feed=task.parent)
                case "embed":
                    return adder.resolve_embed(task.url)
                case "video":
                    return adder.resolve_video(task.url, playlist=task.parent)
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
