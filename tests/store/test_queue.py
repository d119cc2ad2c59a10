"""The work queue: claims, retries, and the tasks of crashed runs."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vidindex
from tests.opensearch.conftest import Address, address, cluster, discard, wanted  # noqa: F401 - fixtures
from tests.processes import HANG_S
from vidindex.model import Article, Embed, Video
from vidindex.store import open_store
from vidindex.store.base import Queue, Store, WorkerRun
from vidindex.store.retry import MAX_TRIES, retry_wait_s
from vidindex.store.tasks import Outcome, Task

PLACES = ["folder", *(["opensearch"] if wanted() else [])]


@pytest.fixture(params=PLACES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: in a folder, and on a cluster if one is available."""
    place: Path | str = tmp_path / "index"
    if request.param == "opensearch":
        fresh: Address = request.getfixturevalue("address")
        place = fresh()
    with vidindex.open(place) as index:
        yield index._store
    if isinstance(place, str):
        discard(place)


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder."""
    store = open_store(tmp_path / "index")
    yield store
    store.close()


@pytest.fixture
def run(store: Store) -> Iterator[WorkerRun]:
    run = store.queue.begin_run()
    yield run
    run.end()


def at_time(store: Store, now: Callable[[], float]) -> Queue:
    """Return the queue of *store* with its own clock."""
    queue = store.queue
    queue._now = now  # type: ignore[attr-defined] # each kind has one
    return queue


def link(name: str, host: str = "") -> Task:
    return Task(f"https://{host or 'a.example'}/{name}", "link", as_listed=name, host=host or "a.example")


def claimed(queue: Queue, run: WorkerRun, **more: object) -> list[str]:
    """Claim every task that is due, and return the links or URLs."""
    names = []
    while task := queue.claim(run, **more):  # type: ignore[arg-type] # as the test says
        names.append(task.as_listed or task.url)
    return names


def test_a_task_that_is_added_twice_is_claimed_once(store: Store, run: WorkerRun) -> None:
    assert store.queue.add_tasks([link("one"), link("two"), link("one")]) == 2
    assert store.queue.add_tasks([link("two"), link("three")]) == 1
    assert claimed(store.queue, run) == ["one", "two", "three"]


def test_embeds_and_videos_are_claimed_before_links(store: Store, run: WorkerRun) -> None:
    store.queue.add_tasks([link("one"), Task("https://v.example/1", "video"), Task("https://v.example/2", "embed")])
    assert claimed(store.queue, run) == ["https://v.example/2", "https://v.example/1", "one"]


def test_a_busy_host_is_skipped(store: Store, run: WorkerRun) -> None:
    store.queue.add_tasks([link("one", "slow.example"), link("two", "slow.example"), link("three", "quick.example")])
    assert claimed(store.queue, run, busy_hosts=["slow.example"]) == ["three"]
    assert claimed(store.queue, run) == ["one", "two"]


def test_a_temporary_failure_is_retried_with_growing_delays_until_it_fails(store: Store, run: WorkerRun) -> None:
    now = [1000.0]
    queue = at_time(store, lambda: now[0])
    queue.add_tasks([link("one")])
    waits = []
    for _ in range(MAX_TRIES):
        task = queue.claim(run)
        assert task is not None
        ended = queue.finish(task, Outcome("later", "later", "it is closed"))
        if ended.state == "later":
            assert queue.claim(run) is None
            assert queue.next_try_at() == ended.next_try
            waits.append(ended.next_try - now[0])
            now[0] = ended.next_try
    assert len(waits) == MAX_TRIES - 1
    assert all(after > before for before, after in itertools.pairwise(waits))
    last = queue.find_task("https://a.example/one")
    assert last is not None
    assert (last.state, last.tries) == ("failed", MAX_TRIES)
    assert last.reason == f"given up after {MAX_TRIES} tries: it is closed"


def test_tasks_that_fail_together_are_not_retried_together() -> None:
    waits = {retry_wait_s(2) for _ in range(50)}
    assert len(waits) == 50
    assert max(waits) / min(waits) < 1.25 / 0.75 + 0.01


def test_a_permanent_failure_is_retried_only_on_request(store: Store, run: WorkerRun) -> None:
    queue = store.queue
    queue.add_tasks([link("gone"), link("drm"), link("fine")])
    for outcome in (Outcome("gone", "gone", "404"), Outcome("failed", "drm", "no key"), Outcome()):
        task = queue.claim(run)
        assert task is not None
        queue.finish(task, outcome)
    assert claimed(queue, run) == []
    assert queue.retry_tasks("failed") == 1
    assert claimed(queue, run) == ["drm"]
    assert queue.retry_tasks("dead", links=["https://a.example/fine"]) == 0
    assert queue.retry_tasks("dead", links=["https://a.example/gone"]) == 1
    assert claimed(queue, run) == ["gone"]


def test_the_tasks_of_a_killed_run_are_free_at_once(in_folder: Store, tmp_path: Path) -> None:
    """This needs a lock on the same machine; elsewhere the lease must expire."""
    store, run = in_folder, in_folder.queue.begin_run()
    store.queue.add_tasks([link("one"), link("two")])
    script = (
        "import sys, os, signal\nfrom pathlib import Path\n"
        "from vidindex.store import open_store\n"
        "store = open_store(Path(sys.argv[1]))\nassert store.queue.claim(store.queue.begin_run())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path / "index")], check=False, timeout=HANG_S)
    assert ended.returncode == -9
    assert claimed(store.queue, run) == ["two"]
    assert store.queue.requeue_expired() == 1
    assert claimed(store.queue, run) == ["one"]
    run.end()


def test_a_task_that_crashes_its_run_every_time_fails(store: Store) -> None:
    store.queue.add_tasks([link("one")])
    for _ in range(MAX_TRIES):
        ended_run = store.queue.begin_run()
        assert claimed(store.queue, ended_run) == ["one"]
        ended_run.end()
        assert store.queue.requeue_expired() == 1
    (task,) = store.queue.list_tasks()
    assert task.state == "failed"
    assert "runs ended while" in task.reason


def test_a_live_run_keeps_its_tasks_until_its_lease_expires(store: Store) -> None:
    now = [1000.0]
    queue = at_time(store, lambda: now[0])
    run = queue.begin_run()
    lease_s = sys.modules[type(queue).__module__].TASK_LEASE_S
    queue.add_tasks([link("one")])
    assert claimed(queue, run) == ["one"]
    assert queue.requeue_expired() == 0
    now[0] += lease_s - 1
    queue.renew_lease(run)
    now[0] += lease_s - 1
    assert queue.requeue_expired() == 0
    now[0] += 2
    assert queue.requeue_expired() == 1
    run.end()


def test_a_released_task_does_not_count_as_an_attempt(store: Store, run: WorkerRun) -> None:
    store.queue.add_tasks([link("one")])
    task = store.queue.claim(run)
    assert task is not None
    store.queue.release(task)
    again = store.queue.claim(run)
    assert again is not None
    assert again.tries == 1


def put_article(store: Store, name: str, *urls: str) -> None:
    """Store an article and follow its embeds."""
    article = Article(f"https://a.example/{name}", title=name)
    embeds = [Embed(url, "html5", url) for url in urls]
    store.put_article(article, embeds)
    store.queue.add_embeds(article.url, [(embed, "v.example") for embed in embeds])


def states(store: Store) -> list[tuple[str, str, str]]:
    return [(record.article[-3:], record.state, record.video) for record in store.list_embeds()]


def test_every_article_that_embeds_a_video_gets_its_state_also_later_ones(store: Store, run: WorkerRun) -> None:
    put_article(store, "one", "https://v.example/clip")
    put_article(store, "two", "https://v.example/clip")
    task = store.queue.claim(run)
    assert task is not None
    assert store.queue.claim(run) is None
    store.put_video(Video("html5:clip", "https://v.example/clip"))
    store.queue.finish(task, Outcome(video="html5:clip"))
    put_article(store, "six", "https://v.example/clip")
    assert store.queue.claim(run) is None
    assert states(store) == [(name, "done", "html5:clip") for name in ("one", "two", "six")]


def test_the_report_of_a_link_counts_its_embeds_and_videos(store: Store, run: WorkerRun) -> None:
    store.queue.add_tasks([link("one"), link("two")])
    first = store.queue.claim(run)
    second = store.queue.claim(run)
    assert first is not None
    assert second is not None
    put_article(store, "one", "https://v.example/clip", "https://v.example/lost", "https://v.example/slow")
    store.queue.finish(first, Outcome(article="https://a.example/one"))
    store.queue.finish(second, Outcome("gone", "gone", "HTTP 404"))
    store.put_video(Video("html5:clip", "https://v.example/clip"))
    for outcome in (Outcome(video="html5:clip"), Outcome("gone", "gone", "no such"), Outcome("later", "later", "soon")):
        task = store.queue.claim(run)
        assert task is not None
        store.queue.finish(task, outcome)
    one, two = store.queue.report_links()
    assert (one.link, one.state, one.embeds, one.videos, one.waiting, one.failed) == ("one", "later", 3, 1, 1, 1)
    assert (two.link, two.state, two.embeds, two.videos, two.reason) == ("two", "gone", 0, 0, "HTTP 404")
    status = store.queue.read_status()
    assert (status.count("done"), status.count("gone"), status.count("gone", kind="embed")) == (2, 2, 1)
    assert (status.runs, dict(status.reasons)) == (1, {"gone": 2, "later": 1})


def test_an_unavailable_video_is_kept_and_marked_until_it_is_available_again(store: Store) -> None:
    video = Video("html5:clip", "https://v.example/clip")
    store.put_video(video)
    store.mark_unavailable(video.url)
    marked = store.find_video(video.id)
    assert marked is not None
    assert marked.unavailable_since.startswith("20")
    assert [task.url for task in store.queue.list_stale_tasks(1e12)] == [video.url]
    assert list(store.queue.list_stale_tasks(0)) == []
    store.put_video(video)
    assert store.find_video(video.id) == video


def test_removing_an_article_deletes_its_task(store: Store, run: WorkerRun) -> None:
    store.queue.add_tasks([link("one")])
    task = store.queue.claim(run)
    assert task is not None
    put_article(store, "one", "https://v.example/clip")
    store.queue.finish(task, Outcome(article="https://a.example/one"))
    store.remove_article("https://a.example/one")
    assert list(store.queue.list_tasks()) == []
