"""The work queue on a cluster, used by several processes."""

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
from vidindex.store.opensearch.documents import SearchedDocument
from vidindex.store.opensearch.queue import TASK_LEASE_S, OpenSearchQueue
from vidindex.store.tasks import Task

pytestmark = needs_cluster

_OPEN = """
import os, signal, sys
import vidindex
from vidindex.store.tasks import Outcome
index = vidindex.open(sys.argv[1])
queue = index._store.queue
run = queue.begin_run()
print("ready", flush=True)
sys.stdin.readline()
"""
"""Each machine runs this first, and then waits until all are ready."""

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

_DIE_BEFORE_UPDATING_ARTICLES = """
index._store.set_embed_state = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
queue._store = index._store
queue.finish(queue.claim(run), Outcome(video="html5:clip"))
"""


class Machine:
    """A process that runs a script on the index at *address*."""

    def __init__(self, address: str, script: str) -> None:
        command = [sys.executable, "-c", _OPEN + script, address]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def go(self) -> None:
        """Let it continue."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def wait(self) -> list[str]:
        """Wait until it exits, and return the words that it printed."""
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
    """Return the queue with a clock that is *later_s* ahead."""
    queue = index._store.queue
    assert isinstance(queue, OpenSearchQueue)
    queue._now = lambda: time.time() + later_s
    return queue


def put(index: vidindex.Index, count: int) -> list[str]:
    """Add *count* links, and return their URLs."""
    tasks = [Task(f"https://a.example/{number}", "link", as_listed=str(number)) for number in range(count)]
    assert index._store.queue.add_tasks(tasks) == count
    return [task.url for task in tasks]


def test_machines_that_claim_at_the_same_time_share_the_tasks(index: vidindex.Index, place: str) -> None:
    urls = put(index, 150)
    machines = [Machine(place, _WORK) for _ in range(3)]
    for machine in machines:
        machine.go()
    shares = [machine.wait() for machine in machines]
    assert sorted(url for share in shares for url in share) == sorted(urls)
    assert all(len(share) > 10 for share in shares)
    assert index.status().count("done") == 150
    assert index.status().runs == 0


def test_the_tasks_of_a_killed_machine_are_free_when_its_lease_expires(index: vidindex.Index, place: str) -> None:
    urls = put(index, 8)
    machine = Machine(place, _DIE)
    machine.go()
    held = machine.wait()
    assert held == urls[:5]
    queue = queue_of(index)
    run = queue.begin_run()
    assert queue.requeue_expired() == 0, "its lease has not expired yet"
    assert [task.url for task in index.tasks("working")] == held
    assert index.status().runs == 2
    later = queue_of(index, later_s=TASK_LEASE_S + 1)
    later.renew_lease(run)
    assert later.requeue_expired() == 5
    claimed = [task.url for task in iter(lambda: later.claim(run), None)]
    assert claimed == urls
    run.end()


def test_articles_that_a_killed_machine_did_not_update_are_updated_by_another(
    index: vidindex.Index, place: str
) -> None:
    store = index._store
    store.put_article(Article("https://a.example/one"), [Embed("https://v.example/clip", "html5", "clip")])
    store.put_video(Video("html5:clip", "https://v.example/clip"))
    put_embed = Task("https://v.example/clip", "embed")
    assert store.queue.add_tasks([put_embed]) == 1
    machine = Machine(place, _DIE_BEFORE_UPDATING_ARTICLES)
    machine.go()
    machine.wait()
    assert [task.state for task in index.tasks()] == ["done"]
    assert [record.state for record in index.embeds()] == ["waiting"]
    assert queue_of(index, later_s=TASK_LEASE_S + 1).requeue_expired() == 0
    assert [(record.state, record.video) for record in index.embeds()] == [("done", "html5:clip")]


def test_an_article_that_is_added_during_the_work_on_its_clip_gets_the_state_too(index: vidindex.Index) -> None:
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
    assert [record.state for record in index.embeds()] == ["done"] * 3


def test_an_article_that_embeds_the_link_to_another_article_gets_its_state(index: vidindex.Index) -> None:
    """Before, during and after the work on that link, and when it is tried again."""
    store, queue = index._store, queue_of(index)
    link, failed = "https://a.example/linked", vidindex.Outcome("failed", "failed", "gone")
    embed = Embed(link, "iframe", "linked")

    def embed_in(name: str) -> None:
        store.put_article(Article(f"https://a.example/{name}"), [embed])
        queue.add_embeds(f"https://a.example/{name}", [(embed, "a.example")])

    run = queue.begin_run()
    queue.add_tasks([Task(link, "link")])
    embed_in("one")
    for outcome in (failed, vidindex.Outcome(article=link)):
        task = queue.claim(run)
        assert task is not None
        embed_in(f"during-{outcome.state}")
        queue.finish(task, outcome)
        embed_in(f"after-{outcome.state}")
        queue.requeue([task])
    run.end()
    assert {record.state for record in index.embeds()} == {"done"}
    assert len(index.embeds()) == 5


def test_a_claim_whose_response_was_lost_is_recognized(index: vidindex.Index) -> None:
    """The first write succeeds, and the same write again is refused: the claim is still valid."""
    put(index, 2)
    queue = queue_of(index)
    run = queue.begin_run()
    write = queue._tasks.write

    def write_twice(name: str, source: dict[str, object], **version: object) -> SearchedDocument | None:
        return write(name, source, **version) and write(name, source, **version)  # type: ignore[arg-type]

    queue._tasks.write = write_twice  # type: ignore[method-assign] # what happens if a response is lost
    assert [task.url for task in iter(lambda: queue.claim(run), None)] == [f"https://a.example/{n}" for n in range(2)]
    run.end()
