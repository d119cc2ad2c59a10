"""A request that uses up its processor time is stopped."""

from __future__ import annotations

import threading

import pytest

from vidindex.engines.cpu_limit import check_cpu_time, limit_cpu_time
from vidindex.errors import TooBusyError


def test_without_a_limit_nothing_is_stopped() -> None:
    check_cpu_time()
    with limit_cpu_time(60):
        check_cpu_time()


def test_a_request_without_processor_time_left_is_stopped() -> None:
    with limit_cpu_time(-1), pytest.raises(TooBusyError, match="shorten the query"):
        check_cpu_time()
    check_cpu_time()


def test_the_innermost_limit_counts() -> None:
    with limit_cpu_time(-1):
        with limit_cpu_time(60):
            check_cpu_time()
        with pytest.raises(TooBusyError):
            check_cpu_time()


def test_other_threads_are_not_stopped() -> None:
    stopped: list[bool] = []

    def check() -> None:
        check_cpu_time()
        stopped.append(False)

    with limit_cpu_time(-1):
        thread = threading.Thread(target=check)
        thread.start()
        thread.join()
    assert stopped == [False]
