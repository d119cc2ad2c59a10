"""The work queue on a cluster, with machines that are processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.opensearch.conftest import Address, needs_cluster
from vidindex.model import Article, Embed, Video
from vidindex.store.opensearch.queue import TASK_LEASE_S, OpenSearchQueue
from vidindex.store.tasks import Task

pytestmark = needs_cluster

_OPEN = """
import os, signal, sys
import vidindex
from vidindex.store.tasks import Outcome
index = vidindex.open(sys.argv[1])
queue = index._store.queue
run = queue.begin()
print("ready", flush=True)
sys.stdin.readline()
"""
"""What each machine does first; then it waits until all are there."""

_WORK = """
while task := queue.claim(run):
    print(task.url, flush=True)
    queue.finish(task, Outcome())
run.end()
"""

_DIE = """
for _ in range(5):
    print(queue.claim(run).url, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

_DIE_BEFORE_ITS_ARTICLES_ARE_TOLD = """
index._store.settle = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
queue._store = index._store
queue.finish(queue.claim(run), Outcome(video="html5:clip"))
"""


class Machine:
    """A process that does what a script says with the index at *address*."""

    def __init__(self, address: str, script: str) -> None:
        command = [sys.executable, "-c", _OPEN + script, address]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def go(self) -> None:
        """Let it begin."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def said(self) -> list[str]:
        """Wait for its end, and give what it printed."""
        printed, _ = self._process.communicate(timeout=120)
        return printed.split()


@pytest.fixture
def place(address: Address) -> str:
    return address()


@pytest.fixture
def index(place: str) -> Iterator[vidindex.Index]:
    with closing(vidindex.open(place)) as opened:
        yield opened


def queue_of(index: vidindex.Index, *, later_s: float = 0.0) -> OpenSearchQueue:
    """Give the queue, with a clock that is ahead by so much."""
    queue = index._store.queue
    assert isinstance(queue, OpenSearchQueue)
    queue._now = lambda: time.time() + later_s
    return queue


def put(index: vidindex.Index, count: int) -> list[str]:
    """Put in so many links, and name them."""
    tasks = [Task(f"https://a.example/{number}", "link", as_listed=str(number)) for number in range(count)]
    assert index._store.queue.add_tasks(tasks) == count
    return [task.url for task in tasks]


def test_of_machines_that_claim_at_once_each_gets_a_share_and_none_gets_the_same(
    index: vidindex.Index, place: str
) -> None:
    urls = put(index, 150)
    machines = [Machine(place, _WORK) for _ in range(3)]
    for machine in machines:
        machine.go()
    shares = [machine.said() for machine in machines]
    assert sorted(url for share in shares for url in share) == sorted(urls)
    assert all(len(share) > 10 for share in shares)
    assert index.status().count("done") == 150
    assert index.status().runs == 0


def test_a_machine_that_is_killed_loses_its_lease_and_not_its_work(index: vidindex.Index, place: str) -> None:
    urls = put(index, 8)
    machine = Machine(place, _DIE)
    machine.go()
    held = machine.said()
    assert held == urls[:5]
    queue = queue_of(index)
    run = queue.begin_run()
    assert queue.requeue_expired() == 0, "its lease has not ended yet"
    assert [task.url for task in index.tasks("working")] == held
    assert index.status().runs == 2
    later = queue_of(index, later_s=TASK_LEASE_S + 1)
    later.renew_lease(run)
    assert later.requeue_expired() == 5
    claimed = [task.url for task in iter(lambda: later.claim(run), None)]
    assert claimed == urls
    run.end()


def test_what_a_machine_ended_and_did_not_tell_is_told_by_another(index: vidindex.Index, place: str) -> None:
    store = index._store
    store.put_article(Article("https://a.example/one"), [Embed("https://v.example/clip", "html5", "clip")])
    store.put_video(Video("html5:clip", "https://v.example/clip"))
    put_embed = Task("https://v.example/clip", "embed")
    assert store.queue.add_tasks([put_embed]) == 1
    machine = Machine(place, _DIE_BEFORE_ITS_ARTICLES_ARE_TOLD)
    machine.go()
    machine.said()
    assert [task.state for task in index.tasks()] == ["done"]
    assert [state.state for state in index.embeds()] == ["waiting"]
    assert queue_of(index, later_s=TASK_LEASE_S + 1).requeue_expired() == 0
    assert [(state.state, state.video) for state in index.embeds()] == [("done", "html5:clip")]


def test_an_article_that_comes_while_its_clip_is_worked_on_is_told_too(index: vidindex.Index) -> None:
    store, queue = index._store, queue_of(index)
    store.put_video(Video("html5:clip", "https://v.example/clip"))
    embed = Embed("https://v.example/clip", "html5", "clip")
    run = queue.begin_run()
    for name in ("one", "two", "six"):
        store.put_article(Article(f"https://a.example/{name}"), [embed])
        queue.add_embeds(f"https://a.example/{name}", [(embed, "v.example")])
        if name == "one":
            task = queue.claim(run)
        if name == "two":
            assert task is not None
            queue.finish(task, vidindex.Outcome(video="html5:clip"))
    run.end()
    assert [state.state for state in index.embeds()] == ["done"] * 3


def test_a_claim_whose_answer_was_lost_is_known_as_ours(index: vidindex.Index) -> None:
    """The first write went through, the second, of the same, is refused: it is still ours."""
    put(index, 2)
    queue = queue_of(index)
    run = queue.begin_run()
    twice = queue._tasks.write

    def lost(name: str, source: dict[str, object], **seen: object) -> bool:
        return twice(name, source, **seen) and twice(name, source, **seen)  # type: ignore[arg-type]

    queue._tasks.write = lost  # type: ignore[method-assign] # what a lost answer amounts to
    assert [task.url for task in iter(lambda: queue.claim(run), None)] == [f"https://a.example/{n}" for n in range(2)]
    run.end()
