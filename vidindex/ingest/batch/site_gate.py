"""Leave sites alone that refuse requests: no task asks them until one probe is served.

The gate watches all requests of a run.  Its state is in the queue (`vidindex.store.pauses`), so that it lasts from one
run to the next, and runs at the same time share it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import HostPausedError
from ...net.traffic import TrafficObserver, is_network_failure, is_refusal, site_of
from ...store import pauses
from ...store.base import Queue
from ...store.tasks import Outcome, SitePause, Task
from .network_watch import NetworkWatch

_REFRESH_INTERVAL_S = 1.0
_LONG_PAUSE_S = 30.0
"""A longer pause that a site asks for holds back all other tasks at once, without waiting for the end of this one."""

_ROTATION_SHARE = 0.1
_MAX_ROTATION_S = 30.0
"""How much later than its site a refused link is due again, so that another link is the probe."""


@dataclass(slots=True)
class _Refusal:
    reason: str
    retry_after_s: float = 0.0
    recorded: tuple[float, bool] | None = None


@dataclass(slots=True)
class _Attempt:
    """What the requests of one attempt met."""

    link: str
    probed: set[str] = field(default_factory=set)
    refused: dict[str, _Refusal] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    held_until: float = 0.0
    network_failed: bool = False


class SiteGate(TrafficObserver):
    """Holds back the requests to paused sites, and decides by each attempt's end which sites are paused.

    *on_pause* is called with each new pause, *on_open* with a site that serves again, *on_probe* before a site is
    asked again, and *on_network_up* when the network is back.
    """

    def __init__(
        self,
        queue: Queue,
        watch: NetworkWatch,
        *,
        on_pause: Callable[[SitePause], None],
        on_open: Callable[[str], None],
        on_probe: Callable[[], None],
        on_network_up: Callable[[], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._queue = queue
        self._watch = watch
        self._on_pause = on_pause
        self._on_open = on_open
        self._on_probe = on_probe
        self._on_network_up = on_network_up
        self._now = now
        self._lock = threading.Lock()
        self._records: dict[str, pauses.Record] = {}
        self._read_at = -_REFRESH_INTERVAL_S
        self._local = threading.local()

    # For the runner

    def held_sites(self) -> dict[str, float]:
        """Return the sites that no task may ask now, and until when."""
        now = self._now()
        return {site: record["until"] for site, record in self._read().items() if record["until"] > now}

    def begin(self, task: Task) -> bool:
        """Begin an attempt at *task* in this thread, as the probe of its site if that needs one.

        Returns false if the site is held: another task probes it, perhaps of another run.
        """
        self._local.attempt = _Attempt(task.url)
        try:
            self._enter(site_of(task.url))
        except HostPausedError:
            self._local.attempt = None
            return False
        return True

    def abandon(self) -> None:
        """End an attempt that has no outcome; does nothing after `judge`."""
        attempt, self._local.attempt = self._attempt, None
        for site in attempt.probed if attempt is not None else ():
            self._release_probe(site)

    def judge(self, task: Task, outcome: Outcome) -> Outcome:
        """End the attempt at *task*: pause or open the sites that it asked, and return what follows for the task."""
        attempt = self._attempt
        if attempt is None:
            return outcome
        self._local.attempt = None
        due = attempt.held_until
        is_own_fault = False
        for site, refusal in attempt.refused.items():
            if outcome.state == "later" or refusal.retry_after_s > 0:
                until, counts = refusal.recorded or self._refuse(site, refusal, attempt)
                is_own_fault |= counts
                due = max(due, until)
        for site in attempt.probed - (attempt.refused.keys() if outcome.state == "later" else set()):
            self._end_probe(site, attempt, outcome)
        self._forgive(attempt, outcome)
        if outcome.state != "later" or is_own_fault or not due:
            return outcome
        return replace(outcome, retry_at=due)

    def met_network_failure(self) -> bool:
        """Return whether a request of this attempt failed as if the network were down, and none was answered."""
        attempt = self._attempt
        return attempt is not None and attempt.network_failed and not attempt.answered

    # While an attempt is made: `TrafficObserver`

    def before_request(self, url: str) -> None:
        self._enter(site_of(url))

    def after_response(self, url: str, status: int, retry_after_s: float) -> None:
        if self._watch.note_answer(url):
            self._on_network_up()
        if is_refusal(status, retry_after_s):
            self.note_refusal(url, f"HTTP {status}", retry_after_s)
        elif self._attempt is not None and status < 500:
            self._attempt.answered.add(site_of(url))

    def after_failure(self, url: str, exc: BaseException) -> None:
        if isinstance(exc, HostPausedError):  # the throttle knows of a pause that is not recorded yet
            if self._attempt is not None:
                self._attempt.held_until = max(self._attempt.held_until, self._now() + exc.remaining_s)
        elif is_network_failure(exc):
            self._watch.note_failure(url)
            if self._attempt is not None:
                self._attempt.network_failed = True

    def note_refusal(self, url: str, reason: str, retry_after_s: float = 0.0) -> None:
        attempt, site = self._attempt, site_of(url)
        if attempt is None or not site:
            return
        known = attempt.refused.get(site)
        if known is None or retry_after_s > known.retry_after_s:
            known = attempt.refused[site] = _Refusal(_describe(reason, retry_after_s), retry_after_s)
        if retry_after_s > _LONG_PAUSE_S and known.recorded is None:
            known.recorded = self._refuse(site, known, attempt)
            attempt.probed.discard(site)

    @property
    def _attempt(self) -> _Attempt | None:
        attempt: _Attempt | None = getattr(self._local, "attempt", None)
        return attempt

    def _enter(self, site: str) -> None:
        """Let a request to *site* pass if the site is open, or this attempt is its probe.

        Raises `HostPausedError`.
        """
        record, attempt = self._read().get(site), self._attempt
        if record is None or not pauses.is_paused(record) or (attempt is not None and site in attempt.probed):
            return
        if record["until"] <= self._now() and attempt is not None and self._begin_probe(site):
            attempt.probed.add(site)
            self._on_probe()
            return
        record = self._read().get(site, record)
        # A probe decides soon.
        until = max(0.0 if record["probing"] else record["until"], self._now() + _REFRESH_INTERVAL_S)
        if attempt is not None:
            attempt.held_until = max(attempt.held_until, until)
        raise HostPausedError(site, until - self._now(), "it refused requests")

    # The state in the queue

    def _read(self) -> dict[str, pauses.Record]:
        with self._lock:
            if time.monotonic() - self._read_at >= _REFRESH_INTERVAL_S:
                self._keep(self._queue.read_note(pauses.PAUSES_NOTE))
            return self._records

    def _keep(self, note: Any) -> None:
        self._records = pauses.read_pauses(note)
        self._read_at = time.monotonic()

    def _edit(self, site: str, edit: Callable[[pauses.Record | None], pauses.Record | None]) -> pauses.Record | None:
        with self._lock:
            self._keep(self._queue.edit_note(pauses.PAUSES_NOTE, pauses.edit_site(site, edit, self._now())))
            return self._records.get(site)

    def _begin_probe(self, site: str) -> bool:
        began = False

        def edit(record: pauses.Record | None) -> pauses.Record | None:
            nonlocal began
            probing = pauses.begin_probe(record, self._now()) if record is not None else None
            began = record is None or probing is not None
            return probing or record

        self._edit(site, edit)
        return began

    def _release_probe(self, site: str) -> None:
        self._edit(site, lambda record: record and pauses.release_probe(record, self._now()))

    def _refuse(self, site: str, refusal: _Refusal, attempt: _Attempt) -> tuple[float, bool]:
        """Record a refusal; return when the link is due again, and whether the link itself is to blame."""
        was_new = counts = False

        def edit(record: pauses.Record | None) -> pauses.Record:
            nonlocal was_new, counts
            edited, counts = pauses.refuse(
                record,
                link=attempt.link,
                now=self._now(),
                retry_after_s=refusal.retry_after_s,
                reason=refusal.reason,
                probe=site in attempt.probed,
            )
            was_new = edited["refusals"] > (record["refusals"] if record else 0)
            return edited

        record = self._edit(site, edit) or {"until": 0.0, "refusals": 0}
        until = float(record["until"])
        if was_new:
            self._on_pause(SitePause(site, until, record["refusals"], refusal.reason))
        rotation_s = min(max(until - self._now(), 0.0) * _ROTATION_SHARE, _MAX_ROTATION_S)
        return until + rotation_s, counts

    def _end_probe(self, site: str, attempt: _Attempt, outcome: Outcome) -> None:
        """End a probe that was not refused: open the site if it answered, else leave it paused."""
        is_served = outcome.state != "later" and (bool(outcome.video) or site in attempt.refused)
        if site in attempt.answered or is_served:
            self._edit(site, lambda record: record and pauses.reopen(record, attempt.link))
            self._on_open(site)
        elif outcome.verdict == "stopped" or attempt.network_failed or outcome.state != "later":
            self._release_probe(site)
        else:
            self._refuse(site, _Refusal(outcome.reason), attempt)

    def _forgive(self, attempt: _Attempt, outcome: Outcome) -> None:
        """Forget that a link was refused once it is served."""
        if outcome.state == "later":
            return
        for site, record in list(self._read().items()):
            if attempt.link in record["refused"] and site in attempt.answered:
                self._edit(site, lambda record: record and _without_link(record, attempt.link))


def _without_link(record: pauses.Record, link: str) -> pauses.Record | None:
    refused = {url: counts for url, counts in record["refused"].items() if url != link}
    return record | {"refused": refused} if refused or pauses.is_paused(record) else None


def _describe(reason: str, retry_after_s: float) -> str:
    if not retry_after_s:
        return reason
    if retry_after_s > pauses.MAX_SITE_PAUSE_S:
        hours = round(pauses.MAX_SITE_PAUSE_S / 3600)
        return f"{reason}; it asks for a pause of more than {hours} hours, which is shortened to that"
    return f"{reason}; it asks for a pause"
