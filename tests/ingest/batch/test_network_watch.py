"""A network that is down uses up no tries: the run waits until it is back."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from tests.ingest.batch.conftest import Answer, Site, options
from tests.processes import HANG_S
from vidindex import AddOptions, BatchEvent, Index, ResolveOptions

PAGE = Answer(b"<title>t</title><p>words", headers={"Content-Type": "text/html"})


class Resolver:
    """Resolves every name to loopback, unless the network, or the host, is *down*."""

    def __init__(self) -> None:
        self.is_down = False
        self.dead: set[str] = set()
        self.failures = 0
        self.slow: tuple[str, threading.Event] = ("", threading.Event())
        self._resolve = socket.getaddrinfo

    def getaddrinfo(self, host: Any, *more: Any, **options: Any) -> Any:
        slow_host, answered = self.slow
        if host == slow_host:
            answered.wait(HANG_S)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if self.is_down or host in self.dead:
            self.failures += 1
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._resolve("127.0.0.1", *more, **options)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr("vidindex.ingest.batch.network_watch.FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr("vidindex.ingest.batch.network_watch.MAX_PAUSE_S", 0.1)
    return made


def put_pages(site: Site, hosts: int, count: int) -> list[str]:
    """Serve pages on as many hosts, and return their links."""
    port = site.base.rpartition(":")[2]
    for number in range(count):
        site.pages[f"/p{number}"] = PAGE
    return [f"http://h{number % hosts}.localhost:{port}/p{number}" for number in range(count)]


@pytest.mark.parametrize("hosts", [1, 4])
def test_a_run_waits_for_the_network_and_goes_on_by_itself(
    opened: Index, site: Site, resolver: Resolver, hosts: int
) -> None:
    links = put_pages(site, hosts, 8)
    events: list[BatchEvent] = []
    resolver.is_down = True

    def notify(event: BatchEvent) -> None:
        events.append(event)
        if event.kind == "offline":
            threading.Timer(0.3, lambda: setattr(resolver, "is_down", False)).start()

    report = opened.batch(*links, options=options(wait_s=HANG_S), notify=notify)
    assert report.done == 8
    assert not report.offline
    assert [event.kind for event in events if event.kind in ("offline", "online")] == ["offline", "online"]
    assert {task.tries for task in opened.tasks()} == {1}


def test_a_link_that_fails_while_the_network_comes_back_keeps_its_try(
    opened: Index, site: Site, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.ingest.batch.runner.BatchRunner._network_pause_s", lambda _: 0.0)
    links = put_pages(site, 4, 4)
    resolver.is_down, online = True, threading.Event()
    resolver.slow = ("h3.localhost", online)

    def notify(event: BatchEvent) -> None:
        if event.kind == "offline":
            resolver.is_down = False
        if event.kind == "online":
            online.set()
        if event.kind == "ended" and event.task is not None and event.task.url == links[3]:
            resolver.slow = ("", online)

    report = opened.batch(*links, options=options(jobs=4, wait_s=HANG_S), notify=notify)
    assert report.done == 4
    assert {task.tries for task in opened.tasks()} == {1}


def test_a_run_that_must_not_wait_ends_and_leaves_the_tries(opened: Index, site: Site, resolver: Resolver) -> None:
    resolver.is_down = True
    report = opened.batch(*put_pages(site, 4, 8), options=options())
    assert report.offline
    assert {task.tries for task in opened.tasks()} == {0}
    resolver.is_down = False
    assert opened.batch(options=options()).done == 8


def test_a_dead_host_is_not_taken_for_the_network(opened: Index, site: Site, resolver: Resolver) -> None:
    resolver.dead = {"h0.localhost", "example.com", "example.org", "iana.org"}
    events: list[BatchEvent] = []
    report = opened.batch(*put_pages(site, 2, 12), options=options(jobs=1), notify=events.append)
    assert (report.done, report.later) == (6, 6)
    assert not [event for event in events if event.kind == "offline"]
    assert {(task.state, task.tries) for task in opened.tasks()} == {("done", 1), ("later", 1)}


def test_many_dead_hosts_in_a_row_are_not_taken_for_the_network_either(
    opened: Index, site: Site, resolver: Resolver
) -> None:
    links = put_pages(site, 6, 6)
    resolver.dead = {f"h{number}.localhost" for number in range(1, 6)}  # but other names are resolved
    report = opened.batch(*links, options=options(jobs=1))
    assert (report.done, report.later, report.offline) == (1, 5, False)


def test_a_network_that_fails_in_the_middle_costs_the_last_links_no_tries(
    opened: Index, site: Site, resolver: Resolver
) -> None:
    links = put_pages(site, 4, 12)

    def fail(event: BatchEvent) -> None:
        if event.kind == "ended" and event.task is not None and event.task.state == "done":
            resolver.is_down = True

    report = opened.batch(*links, options=options(jobs=1), notify=fail)
    assert report.offline
    assert report.done >= 1
    assert {(task.state, task.tries) for task in opened.tasks()} <= {("done", 1), ("later", 0), ("waiting", 0)}


def test_a_server_that_is_too_slow_is_not_taken_for_the_network(opened: Index, site: Site, resolver: Resolver) -> None:
    (link,) = put_pages(site, 1, 1)
    resolver.dead = {"example.com", "example.org", "iana.org"}
    never = threading.Event()

    def hang(_: Any) -> Answer:
        never.wait(HANG_S)
        return PAGE

    site.pages["/p0"] = hang
    quick = AddOptions(resolve=ResolveOptions(retries=0, timeout_s=0.1))
    report = opened.batch(link, options=options(robots=False, adding=quick))
    never.set()
    assert (report.later, report.offline) == (1, False)
    assert [task.tries for task in opened.tasks()] == [1]
