"""The record of a site that refuses requests, and what the queue keeps of it."""

from __future__ import annotations

import pytest

from vidindex.store import pauses
from vidindex.store.base import Store
from vidindex.store.tasks import Outcome, Task


def test_pauses_grow_with_each_refused_probe_and_stay_bounded() -> None:
    record, now, waits = None, 1000.0, []
    for number in range(12):
        record, counts = pauses.refuse(record, link=f"l{number}", now=now, probe=number > 0)
        waits.append(record["until"] - now)
        now = record["until"]
        assert counts == (number >= len(pauses.PAUSES_S))  # a site that never serves again ends some day
    for wait, least in zip(waits, (*pauses.PAUSES_S, *[pauses.PAUSES_S[-1]] * 6), strict=True):
        assert least <= wait <= 1.25 * least


def test_a_request_that_was_sent_before_the_pause_does_not_lengthen_it() -> None:
    first, _ = pauses.refuse(None, link="a", now=0.0)
    second, counts = pauses.refuse(first, link="b", now=1.0)
    assert (second["until"], second["refusals"], counts) == (first["until"], 1, False)


def test_the_site_knows_best_how_long_it_is_left_alone_but_not_forever() -> None:
    assert pauses.refuse(None, link="a", now=0.0, retry_after_s=5)[0]["until"] == 5
    assert pauses.refuse(None, link="a", now=0.0, retry_after_s=1e9)[0]["until"] == pauses.MAX_SITE_PAUSE_S


@pytest.mark.parametrize("note", [None, [], "x", {"a": 1}, {"a": {}}, {"a": {"until": "x"}}, {1: 2}])
def test_a_note_that_is_not_valid_pauses_nothing(note: object) -> None:
    assert pauses.read_pauses(note) == {}


def test_notes_last_and_are_separate(empty_store: Store) -> None:
    queue = empty_store.queue
    assert queue.read_note("one") == {}
    assert queue.edit_note("one", lambda note: note | {"a": 1}) == {"a": 1}
    queue.edit_note("one", lambda note: note | {"b": [2]})
    assert (queue.read_note("one"), queue.read_note("two")) == ({"a": 1, "b": [2]}, {})


def test_open_tasks_are_counted_by_site(empty_store: Store) -> None:
    queue = empty_store.queue
    queue.add_tasks(
        Task(f"https://{host}/{number}", "link", host=host)
        for number, host in enumerate(("www.youtube.com", "youtu.be", "a.example", "www.a.example", "b.example"))
    )
    assert queue.count_open_by_site() == {"youtube.com": 2, "a.example": 2, "b.example": 1}


def test_an_outcome_that_is_not_the_fault_of_the_task_costs_no_try(empty_store: Store) -> None:
    queue = empty_store.queue
    queue.add_tasks([Task("https://a.example/1", "link", host="a.example")])
    run = queue.begin_run()
    for _ in range(20):
        task = queue.claim_task(run, "https://a.example/1")
        assert task is not None
        assert queue.claim_task(run, task.url) is None
        ended = queue.finish(task, Outcome("later", "later", "busy", retry_at=1.0))
        assert (ended.state, ended.tries, ended.next_try) == ("later", 0, 1.0)
    assert queue.next_try_at() == 1.0
    assert queue.next_try_at(busy_hosts=["a.example"]) == 0
    run.end()


def test_only_links_that_were_done_before_are_read_again(empty_store: Store) -> None:
    queue = empty_store.queue
    now = [1000.0]
    queue._now = lambda: now[0]  # type: ignore[attr-defined] # each kind has one
    queue.add_tasks(Task(f"https://a.example/{number}", "link", host="a.example") for number in range(3))
    run = queue.begin_run()
    for outcome in (Outcome(article="https://a.example/0"), Outcome(video="html5:x"), Outcome("gone", "gone")):
        task = queue.claim(run)
        assert task is not None
        queue.finish(task, outcome)
        now[0] += 10
    assert queue.reread(1000.0) == 0
    assert queue.reread(0.0, links={"https://a.example/0": 999.0, "https://a.example/9": 9e9}) == 0
    assert queue.reread(2000.0) == 1
    (task,) = queue.list_tasks("waiting")
    assert task.url == "https://a.example/0"
    run.end()
