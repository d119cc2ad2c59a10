"""Throttling of all requests of a process."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.clocks import FakeClock, watch_waits
from tests.processes import HANG_S
from vidindex.errors import CanceledError, FetchError, HostPausedError
from vidindex.net.fetch import FetchOptions, fetch_page
from vidindex.net.throttle import HostThrottle, parse_retry_after


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock by which throttles measure and sleep."""
    made = FakeClock()
    monkeypatch.setattr("vidindex.net.throttle.time", made)
    return made


def test_requests_to_one_host_are_spaced_and_other_hosts_do_not_wait(clock: FakeClock) -> None:
    throttle = HostThrottle(delay_s=0.15)
    start, starts = clock.now, []
    for host in ("a", "b", "c", "a", "a"):
        with throttle.slot(host):
            starts.append(clock.now - start)
    assert starts == pytest.approx([0, 0, 0, 0.15, 0.3])


def test_few_requests_run_at_once() -> None:
    throttle, running, most, lock = HostThrottle(concurrency=2), [0], [0], threading.Lock()
    pair = threading.Barrier(2)  # both slots are in use at the same time

    def use_slot() -> None:
        with throttle.slot("a"):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            pair.wait(HANG_S)
            time.sleep(0.03)  # a third thread could start now, but must not
            with lock:
                running[0] -= 1

    threads = [threading.Thread(target=use_slot) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]


def test_a_short_pause_is_waited_for_and_a_long_one_is_not(clock: FakeClock) -> None:
    throttle = HostThrottle(max_pause_s=0.5)
    throttle.pause_host("short", 0.2)
    throttle.pause_host("long", 60)
    with throttle.slot("short"):
        assert clock.sleeps == pytest.approx([0.2])
    with pytest.raises(HostPausedError) as caught, throttle.slot("long"):
        pass
    assert caught.value.remaining_s == pytest.approx(60 - 0.2)


def test_a_host_that_asks_for_a_pause_gets_no_requests(site: Any) -> None:
    options = FetchOptions(throttle=HostThrottle(max_pause_s=1))
    site.say("/p", 429, Retry_After="300")

    for text in ("too many requests", "asked for a pause of another"):
        with pytest.raises(FetchError, match=text):
            fetch_page(site.url("/p"), options=options)

    assert site.paths() == ["/p"]


def test_retry_after_is_seconds_or_a_date() -> None:
    assert parse_retry_after("120") == 120
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now=1_445_412_470.0) == 10
    for nonsense in (None, "", "soon", "-5", "1e9", "9" * 30, "Wed, 99 Oct 2015"):
        assert parse_retry_after(nonsense) == 0


@pytest.mark.usefixtures("clock")
def test_a_throttle_forgets_idle_hosts() -> None:
    throttle = HostThrottle()
    throttle.pause_host("held", 100)
    for number in range(10_050):
        with throttle.slot(f"h{number}"):
            pass
    assert len(throttle._hosts) <= 10_000
    with pytest.raises(HostPausedError), throttle.slot("held"):
        pass


def test_cancel_ends_the_waits_of_all_threads() -> None:
    throttle, canceled = HostThrottle(delay_s=600, concurrency=2), []
    is_awaited = watch_waits(throttle)

    def use_slot() -> None:
        with pytest.raises(CanceledError), throttle.slot("a"):
            pass
        canceled.append(True)

    with throttle.slot("a"):
        threads = [threading.Thread(target=use_slot) for _ in range(4)]  # one waits for its start, three for a slot
        for thread in threads:
            thread.start()
        assert is_awaited.wait(HANG_S)
        throttle.cancel()
        for thread in threads:
            thread.join(HANG_S)  # without `cancel`, it would start much later

    assert canceled == [True] * 4
