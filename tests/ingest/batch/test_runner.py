"""A run over many links: each once, politely, and nothing stops the rest."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.ingest.batch.conftest import Answer, PutArticle, Site, options
from tests.loopback import serving
from tests.processes import HANG_S, ROOT, Process, interruptible, kill, start_process, wait_until
from vidindex import BatchEvent, Index


def found(index: Index, words: str) -> list[str]:
    return [hit.video.url.rpartition("/")[2] for hit in index.search(words)]


def asked(site: Site, path: str) -> int:
    return site.paths().count(path)


def hold(site: Site, wait: Callable[[], object]) -> None:
    """Make each page of *site* call *wait* before it is sent."""

    def held(page: Answer) -> Any:
        def answer(_: Any) -> Answer:
            wait()
            return page

        return answer

    site.pages.update({path: held(page) for path, page in site.pages.items() if isinstance(page, Answer)})


def make_due(index: Index) -> None:
    """Make what failed for now due, as if its time had come."""
    index._store.queue.import_tasks([replace(task, next_try=0.0) for task in index.tasks("later")])


def test_a_list_is_done_once_and_a_second_run_asks_nobody(opened: Index, site: Site, put_article: PutArticle) -> None:
    links = [put_article(f"a{number}") for number in range(6)]
    report = opened.batch(*links, options=options())
    assert (report.done, report.failed, report.new) == (12, 0, 6)
    assert found(opened, "the words of a3")[0] == "a3.mp4"
    before = len(site.asked)
    again = opened.batch(*links, options=options())
    assert again.tasks == 0
    assert len(site.asked) == before


def test_a_clip_in_two_articles_is_asked_for_once(opened: Index, site: Site, put_article: PutArticle) -> None:
    links = [put_article("one", clip="clip"), put_article("two", clip="clip")]
    opened.batch(*links, options=options())
    assert asked(site, "/clip.vtt") == 1
    (hit,) = opened.search("these are the words of clip")
    assert {article.title for article in hit.articles} == {"one", "two"}
    assert {state.state for state in opened.embeds()} == {"done"}


def test_what_fails_for_now_is_tried_again_in_the_same_run(
    opened: Index, site: Site, put_article: PutArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.store.retry._FIRST_WAIT_S", 0.2)
    link = put_article("one")
    page = site.pages["/one"]
    tries: list[float] = []

    def third_time_lucky(_: Any) -> Answer:
        tries.append(time.time())
        assert isinstance(page, Answer)
        return page if len(tries) == 3 else Answer(status=503)

    site.pages["/one"] = third_time_lucky
    steps: list[BatchEvent] = []
    report = opened.batch(link, options=options(wait_s=HANG_S), notify=steps.append)
    assert (report.done, report.later) == (2, 2)
    first_due, second_due = [step.due for step in steps if step.kind == "waiting"]
    assert tries[1] >= first_due >= tries[0] + 0.2 * 0.75
    assert tries[2] >= second_due > first_due + 0.2 * 1.25, "the second wait is longer"
    assert found(opened, "the words of one") == ["one.mp4"]


def test_without_time_to_wait_it_is_left_to_the_next_run(opened: Index, site: Site, put_article: PutArticle) -> None:
    link = put_article("one")
    page = site.pages.pop("/one")
    site.say("/one", 500, {})
    assert opened.batch(link, options=options()).later == 1
    site.pages["/one"] = page
    make_due(opened)
    assert opened.batch(options=options()).done == 2


def test_captions_that_could_not_be_fetched_are_not_taken_for_none(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    link = put_article("one")
    captions = site.pages["/one.vtt"]
    site.say("/one.vtt", 503, {})
    report = opened.batch(link, options=options())
    assert (report.done, report.later) == (1, 1)
    (task,) = opened.tasks("later")
    assert (task.kind, bool(task.video), "503" in task.reason) == ("embed", True, True)
    site.pages["/one.vtt"] = captions
    make_due(opened)
    report = opened.batch(options=options())
    assert (report.done, report.captioned) == (1, 1)
    assert found(opened, "the words of one") == ["one.mp4"]


def test_what_is_gone_is_asked_again_only_when_somebody_says_so(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    lost, fine = site.url("/lost"), put_article("fine")
    assert opened.batch(lost, fine, options=options()).gone == 1
    assert opened.batch(lost, fine, options=options()).tasks == 0
    assert asked(site, "/lost") == 1
    put_article("lost")
    assert opened.batch(options=options(), retry=["dead"]).done == 2
    assert found(opened, "the words of lost")[0] == "lost.mp4"


@pytest.mark.parametrize("again", ["retry", "refresh"])
def test_captions_that_a_page_states_by_now_are_found(
    opened: Index, site: Site, put_article: PutArticle, again: str
) -> None:
    link = put_article("one", captions=False)
    opened.batch(link, options=options())
    assert opened.stats().without_captions == 1
    put_article("one")
    if again == "retry":
        opened.batch(options=options(), retry=["no-captions"])
    else:
        assert opened.refresh(options=options()).captioned == 1
    assert opened.stats().without_captions == 0
    assert found(opened, "the words of one") == ["one.mp4"]


def test_a_clip_whose_article_is_gone_is_asked_for_as_it_was(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    opened.batch(put_article("one"), options=options())
    del site.pages["/one"]
    assert opened.refresh(options=options()).unchanged == 1
    assert found(opened, "the words of one") == ["one.mp4"]


def test_robots_txt_is_obeyed_unless_it_is_to_be_ignored(opened: Index, site: Site, put_article: PutArticle) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    links = [put_article("private-one"), put_article("open-one")]
    report = opened.batch(*links, options=options())
    assert (report.done, report.failed) == (2, 1)
    assert asked(site, "/private-one") == 0
    assert asked(site, "/robots.txt") == 1
    (task,) = opened.tasks("failed")
    assert task.verdict == "robots"
    assert opened.batch(options=options(robots=False), retry=["failed"]).done == 2


def test_robots_txt_of_where_a_redirect_leads_is_obeyed_too(opened: Index, site: Site, put_article: PutArticle) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    kept, free = put_article("private-one"), put_article("open-one")
    short = [site.redirect("/s1", kept), site.redirect("/s2", free)]
    opened.batch(*short, options=options())
    assert [task.verdict for task in opened.tasks("failed")] == ["robots"]
    assert asked(site, "/private-one") == 0
    assert asked(site, "/open-one") == 1


def test_a_redirect_does_not_have_robots_txt_asked_in_a_private_network(opened: Index, site: Site) -> None:
    with serving("127.0.0.2") as other:
        report = opened.batch(site.redirect("/s", other.put("/page", "<p>inside")), options=options())
        assert report.failed == 1
        assert other.paths() == []


def test_no_more_than_was_said_run_on_one_host_at_once(opened: Index, site: Site, put_article: PutArticle) -> None:
    links = [put_article(f"a{number}") for number in range(12)]
    at_once = [0, 0]
    lock, two = threading.Lock(), threading.Event()

    def count() -> None:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
            if at_once[0] == 2:
                two.set()
        assert two.wait(HANG_S)  # the first is answered when a second has come beside it
        time.sleep(0.03)  # a chance for a third, which must not come
        with lock:
            at_once[0] -= 1

    hold(site, count)
    opened.batch(*links, options=options(jobs=8, per_host=2))
    assert at_once[1] == 2


def test_requests_to_one_host_keep_their_distance(opened: Index, site: Site, put_article: PutArticle) -> None:
    begun: list[float] = []
    links = [put_article(f"a{number}") for number in range(3)]
    opened.batch(*links, options=options(jobs=8, delay_s=0.2), notify=lambda _: begun.append(time.monotonic()))
    assert len(site.asked_at) >= 9
    # As a whole, from before the first: one that connects late makes the gap behind it short.
    assert site.asked_at[-1] - begun[0] >= 0.2 * (len(site.asked_at) - 1)


def test_one_that_breaks_us_stops_nothing(
    opened: Index, site: Site, put_article: PutArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever an extractor or a parser may raise in some years."""
    from vidindex.ingest import TargetAdder

    whole = TargetAdder.resolve_embed

    def breaks(self: TargetAdder, url: str) -> vidindex.Outcome:
        if url.endswith("two.mp4"):
            raise ZeroDivisionError("of all things")
        return whole(self, url)

    monkeypatch.setattr(TargetAdder, "resolve_embed", breaks)
    report = opened.batch(*(put_article(name) for name in ("one", "two", "six")), options=options())
    assert (report.done, report.failed) == (5, 1)
    (task,) = opened.tasks("failed")
    assert "ZeroDivisionError: of all things" in task.reason


def test_at_most_so_many_links_are_begun(opened: Index, put_article: PutArticle) -> None:
    links = [put_article(f"a{number}") for number in range(5)]
    assert opened.batch(*links, options=options(most=2)).done == 4
    assert opened.status().count("waiting", kind="link") == 3
    assert opened.batch(options=options()).done == 6


def test_fail_fast_ends_with_the_first_failure(opened: Index, site: Site, put_article: PutArticle) -> None:
    links = [site.url("/lost"), *(put_article(f"a{number}") for number in range(5))]
    report = opened.batch(*links, options=options(jobs=1, fail_fast=True))
    assert (report.gone, report.done) == (1, 0)
    assert opened.status().count("waiting") == 5


def test_refresh_takes_what_changed_and_marks_what_is_gone(opened: Index, site: Site, put_article: PutArticle) -> None:
    opened.batch(*(put_article(name) for name in ("same", "changed", "gone")), options=options())
    put_article("changed", "now other words are spoken here")
    del site.pages["/gone.mp4"]
    report = opened.refresh(options=options())
    assert (report.unchanged, report.changed, report.gone) == (1, 1, 1)
    assert found(opened, "now other words are spoken here") == ["changed.mp4"]
    (hit,) = opened.search('"the words of gone"')
    assert hit.video.unavailable_since
    assert [video.url for video in opened.videos() if video.unavailable_since] == [site.url("/gone.mp4")]
    assert opened.refresh(older_than_s=3600, options=options()).tasks == 0


def test_an_interrupted_run_finishes_what_is_in_hand_and_the_next_goes_on(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    links = [put_article(f"a{number}") for number in range(20)]
    seen, stopping = threading.Event(), threading.Event()

    def interrupt(step: BatchEvent) -> None:
        if step.kind == "ended" and not seen.is_set():
            seen.set()
            os.kill(os.getpid(), signal.SIGINT)
        if step.kind == "stopping":
            stopping.set()

    hold(site, lambda: seen.is_set() and stopping.wait(HANG_S))  # no more is done before the interrupt is noticed
    with interruptible():
        report = opened.batch(*links, options=options(jobs=2), notify=interrupt)
    assert report.interrupted
    status = opened.status()
    assert status.count("working") == 0
    assert status.count("waiting") > 10
    assert opened.batch(options=options()).tasks == 40 - report.done
    assert asked(site, "/a3") == 1


def test_an_interrupt_while_it_starts_ends_a_run_as_any_other(
    opened: Index, site: Site, put_article: PutArticle
) -> None:
    links = [put_article(f"a{number}") for number in range(4)]
    seen, stopping = threading.Event(), threading.Event()

    def interrupt(step: BatchEvent) -> None:
        if step.kind == "begun" and not seen.is_set():
            seen.set()
            os.kill(os.getpid(), signal.SIGINT)
        if step.kind == "stopping":
            stopping.set()

    hold(site, lambda: stopping.wait(HANG_S))
    # So many threads that the first is at work long before the last is started.
    with interruptible():
        report = opened.batch(*links, options=options(jobs=400), notify=interrupt)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert report.interrupted
    assert opened.status().count("working") == 0


_SCRIPT = """
import sys, vidindex
from tests.ingest.batch.conftest import options
with vidindex.open(sys.argv[1]) as index:
    index.batch(*sys.argv[2:], options=options(jobs=3))
"""


def start(folder: Path | str, links: list[str]) -> Process:
    return start_process([sys.executable, "-c", _SCRIPT, folder, *links], cwd=ROOT)


def test_two_runs_share_the_work(opened: Index, site: Site, put_article: PutArticle) -> None:
    links = [put_article(f"a{number}") for number in range(14)]
    runs = [start(opened.path, links) for _ in range(2)]
    assert [run.communicate(timeout=HANG_S) for run in runs] == [("", "")] * 2
    assert [run.returncode for run in runs] == [0, 0]
    assert [asked(site, f"/a{number}") for number in range(14)] == [1] * 14
    assert opened.status().count("done") == 28
    assert len(opened.search("these are the words of", limit=100)) == 14


@pytest.mark.parametrize("after", [3, 17, 40])
def test_a_killed_run_is_completed_by_the_next(opened: Index, site: Site, put_article: PutArticle, after: int) -> None:
    links = [put_article(f"a{number}") for number in range(20)]
    killed = threading.Event()
    hold(site, lambda: len(site.asked) < after or killed.wait(HANG_S))  # it cannot end before it is killed
    run = start(opened.path, links)
    wait_until(lambda: len(site.asked) >= after, process=run)
    kill(run)
    killed.set()
    opened.batch(*links, options=options())
    assert opened.status().count("done") == 40
    assert sorted(found(opened, "x") or (video.url for video in opened.videos())) == sorted(
        site.url(f"/a{number}.mp4") for number in range(20)
    )
    assert opened.find_damage() == []
    assert len(opened.search("these are the words of", limit=100)) == 20
