"""One gate for all requests of a process."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from vidindex.errors import CanceledError, FetchError, HostPausedError
from vidindex.net import FetchOptions, HostThrottle, fetch_page
from vidindex.net.throttle import SHORT_WAIT_S, parse_retry_after


def test_requests_to_one_host_are_spaced_and_other_hosts_do_not_wait() -> None:
    gate = HostThrottle(delay_s=0.15)
    start = time.monotonic()
    for host in ("a", "b", "c", "a", "a"):
        with gate.slot(host):
            pass
    assert 0.28 < time.monotonic() - start < 1.0


def test_few_requests_run_at_once() -> None:
    gate, running, most, lock = HostThrottle(concurrency=2), [0], [0], threading.Lock()

    def visit() -> None:
        with gate.slot("a"):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.03)
            with lock:
                running[0] -= 1

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]


def test_a_short_pause_is_waited_for_and_a_long_one_is_not() -> None:
    gate = HostThrottle(max_pause_s=0.5)
    gate.pause_host("short", 0.2)
    gate.pause_host("long", 60)
    start = time.monotonic()
    with gate.slot("short"):
        assert time.monotonic() - start > 0.15
    with pytest.raises(HostPausedError) as caught, gate.slot("long"):
        pass
    assert 50 < caught.value.remaining_s <= 60


def test_a_server_that_asks_for_a_pause_gets_it(site: Any) -> None:
    options = FetchOptions(throttle=HostThrottle(max_pause_s=1))
    site.say("/p", 429, Retry_After="300")

    for said in ("too many requests", "left alone for another"):
        with pytest.raises(FetchError, match=said):
            fetch_page(site.url("/p"), options=options)

    assert site.paths() == ["/p"]


def test_retry_after_is_seconds_or_a_date() -> None:
    assert parse_retry_after("120") == 120
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now=1_445_412_470.0) == 10
    for nonsense in (None, "", "soon", "-5", "1e9", "9" * 30, "Wed, 99 Oct 2015"):
        assert parse_retry_after(nonsense) == 0


def test_a_gate_forgets_hosts_of_long_ago() -> None:
    gate = HostThrottle()
    gate.pause_host("held", 100)
    for number in range(10_050):
        with gate.slot(f"h{number}"):
            pass
    assert len(gate._hosts) <= 10_000
    with pytest.raises(HostPausedError), gate.slot("held"):
        pass


def test_who_waits_for_a_turn_is_woken_when_all_is_to_end() -> None:
    gate, ended = HostThrottle(delay_s=60, concurrency=2), []

    def visit() -> None:
        with pytest.raises(CanceledError), gate.slot("a"):
            pass
        ended.append(time.monotonic())

    with gate.slot("a"):
        threads = [threading.Thread(target=visit) for _ in range(4)]  # one waits for its time, three for a place
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        cancelled = time.monotonic()
        gate.cancel()
        for thread in threads:
            thread.join()

    assert len(ended) == 4
    assert max(ended) - cancelled < SHORT_WAIT_S + 1
