"""Slow requests do not block others, and every request has a time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import vidindex
from tests.processes import HANG_S, wait_until
from vidindex.engines import installed_engines
from vidindex.errors import EngineError
from vidindex.server.app import make_app
from vidindex.server.responses import in_thread_pool
from vidindex.server.thread_pool import ThreadPool

from .conftest import serving

if TYPE_CHECKING:
    from .conftest import Site


@contextmanager
def with_route(folder: Path | str, work: Callable[[], None], pool: ThreadPool) -> Iterator[Site]:
    """Serve the index with an additional endpoint that calls *work*."""

    def endpoint(request: Request) -> Response:
        work()
        return PlainTextResponse("done")

    app = make_app(folder, pool=pool)
    app.router.routes.insert(0, Route("/api/work", in_thread_pool(endpoint)))
    with serving(app) as site:
        yield site


def test_a_slow_request_does_not_hold_up_others(folder: Path | str) -> None:
    free = threading.Event()

    def slow() -> None:
        free.wait(HANG_S)

    with with_route(folder, slow, ThreadPool(threads=3, timeout_s=HANG_S)) as site, ThreadPoolExecutor(1) as other:
        waiting = other.submit(site.ask, "/api/work")
        try:
            for _ in range(5):
                assert site.ask("/api/search?q=geese").status == 200
            assert not waiting.done()
        finally:
            free.set()
        assert waiting.result().body == b"done"


def test_quick_requests_run_one_by_one(folder: Path) -> None:
    """Concurrently, each would take as long as all of them together."""
    at_work: list[int] = []
    most: list[int] = []

    def quick() -> None:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.pop()

    pool = ThreadPool(exclusive_s=HANG_S, timeout_s=HANG_S)
    with with_route(folder, quick, pool) as site, ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(site.ask, ["/api/work"] * 12))
    assert {answer.status for answer in answers} == {200}
    assert most == [1] * 12


def test_a_request_that_takes_too_long_is_abandoned(folder: Path | str) -> None:
    free, ended = threading.Event(), threading.Event()

    def stuck() -> None:
        free.wait(HANG_S)
        ended.set()

    with with_route(folder, stuck, ThreadPool(threads=3, timeout_s=2)) as site:
        answer = site.ask("/api/work")
        assert not ended.is_set(), "the work goes on, but nobody waits for it"
        free.set()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert answer.headers["Content-Type"] == "application/problem+json"
        # A faster request is answered within the same limit; on a busy machine perhaps not the first one.
        wait_until(lambda: site.ask("/api/work").body == b"done")


def test_too_many_waiting_requests_are_refused_at_once(folder: Path | str) -> None:
    free = threading.Event()

    def stuck() -> None:
        free.wait(HANG_S)

    pool = ThreadPool(threads=1, max_waiting=1, timeout_s=HANG_S)
    with with_route(folder, stuck, pool) as site, ThreadPoolExecutor(3) as others:
        asked = [others.submit(site.ask, "/api/work") for _ in range(3)]
        refused = next(as_completed(asked))
        free.set()
        assert refused.result().status == 503
        assert sorted(each.result().status for each in asked) == [200, 200, 503]


@pytest.mark.parametrize("error", [RuntimeError("a secret"), EngineError("whoosh", "/home/a-secret is broken")])
def test_internal_errors_appear_only_in_the_log(
    folder: Path | str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise error

    with with_route(folder, broken, ThreadPool()) as site:
        answer = site.ask("/api/work")
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Content-Security-Policy" in answer.headers
    assert b"secret" not in answer.body
    assert "secret" in caplog.text


def test_concurrent_requests_get_the_same_response(site: Site) -> None:
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(site.ask, ["/api/search?q=the+kettle+is+on+number+five"] * 60))
    assert {answer.status for answer in answers} == {200}
    assert len({str(answer.json["hits"]) for answer in answers}) == 1


def test_a_rebuild_by_another_process_does_not_disturb_requests(tmp_path: Path, engine: str) -> None:
    from .conftest import talk

    talk(tmp_path, "heron000001", ["herons never hurry at all"])
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(tmp_path / "heron000001.en.vtt")
    with serving(make_app(tmp_path / "index")) as site, ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(site.ask, "/api/search?q=herons+never+hurry") for _ in range(40)]
        for name in ("auto", *installed_engines()):
            with vidindex.open(tmp_path / "index") as other:
                other.rebuild(engine=name)
            asked += [clients.submit(site.ask, "/api/search?q=herons+never+hurry") for _ in range(40)]
        assert {each.result().json["total"] for each in asked} == {1}
