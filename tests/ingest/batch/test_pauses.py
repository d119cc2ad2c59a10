# ruff: noqa: F811 - fixtures of another folder are imported by their names
"""A site that refuses requests is left alone as a whole, and its links keep their tries."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.ingest.batch.conftest import Answer, Site, options
from tests.loopback import serving
from tests.processes import HANG_S
from tests.resolve.conftest import _connected, internet, offline  # noqa: F401 - fixtures
from vidindex import BatchEvent, BatchReport, Index
from vidindex.ingest import Network
from vidindex.ingest.batch import BatchRunner, make_link_task
from vidindex.ingest.wayback_urls import WaybackUrls
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.store import open_store

PAGE = Answer(b"<title>t</title><p>words", headers={"Content-Type": "text/html"})


def put_pages(site: Site, count: int, answer: Answer | Callable[[Any], Answer] = PAGE) -> list[str]:
    for number in range(count):
        site.pages[f"/p{number}"] = answer
    return [site.url(f"/p{number}") for number in range(count)]


def batch(index: Index, *links: str, **more: Any) -> tuple[BatchReport, list[BatchEvent]]:
    events: list[BatchEvent] = []
    report = index.batch(
        *links, options=options(adding=more.pop("adding", None), robots=False, **more), notify=events.append
    )
    return report, events


@pytest.fixture
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of fractions of a second."""
    monkeypatch.setattr("vidindex.store.pauses.PAUSES_S", (0.15, 0.3, 0.3, 0.3, 0.3, 0.3))


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_of_hours_lasts_into_the_next_run_and_other_hosts_go_on(opened: Index, site: Site, status: int) -> None:
    with serving() as other:
        links = put_pages(site, 8, Answer(status=status, headers={"Retry-After": "7200"}))
        report, events = batch(opened, *links, *put_pages(other, 8))
        assert report.done == 8
        assert 1 <= len(site.asked) <= 2  # as many as one host may have at once
        (pause,) = report.paused
        assert (pause.site, pause.waiting) == (site.base.removeprefix("http://"), 8)
        assert pause.until == pytest.approx(time.time() + 7200, abs=120)
        assert [event.site for event in events if event.kind == "paused"] == [pause.site]
        assert {task.tries for task in opened.tasks("later", "waiting")} == {0}
        asked = len(site.asked)
        again, _ = batch(opened)
        assert (again.tasks, len(site.asked)) == (0, asked)
        assert [pause.waiting for pause in opened.status().paused] == [8]


BOT_CHECK = b"<title>Just a moment...</title><p>Enable JavaScript and cookies to continue"


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_page_that_asks_for_a_bot_check_pauses_its_site(opened: Index, site: Site, status: int) -> None:
    answer = Answer(BOT_CHECK, status=status, headers={"Content-Type": "text/html"})
    report, _ = batch(opened, *put_pages(site, 8, answer))
    (pause,) = report.paused
    assert (pause.reason, pause.waiting) == ("bot check", 8)
    assert 1 <= len(site.asked) <= 2
    assert {task.tries for task in opened.tasks("later", "waiting")} == {0}


def test_a_pause_of_years_is_shortened_and_says_so(opened: Index, site: Site) -> None:
    report, _ = batch(opened, *put_pages(site, 1, Answer(status=429, headers={"Retry-After": "315360000"})))
    (pause,) = report.paused
    assert pause.until <= time.time() + 24 * 3600
    assert "shortened" in pause.reason


def test_one_probe_decides_and_success_opens_the_site(opened: Index, site: Site, quick_pauses: None) -> None:
    asked_at: list[float] = []

    def refuse_first(_: Any) -> Answer:
        asked_at.append(time.monotonic())
        return PAGE if len(asked_at) > 4 else Answer(status=429)

    report, events = batch(opened, *put_pages(site, 12, refuse_first), wait_s=HANG_S, per_host=2)
    assert report.done == 12
    # At most two were sent together; each further refusal was that of a lone probe.
    pauses = [event.due for event in events if event.kind == "paused"]
    assert 3 <= len(pauses) <= 4
    assert pauses == sorted(pauses)
    assert [event.kind for event in events if event.kind == "resumed"] == ["resumed"]
    assert {task.tries for task in opened.tasks()} == {1}
    assert opened.status().paused == ()


def test_a_link_that_alone_is_refused_stops_no_others_and_fails_in_the_end(
    opened: Index, site: Site, quick_pauses: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.store.retry._FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("vidindex.store.retry._WAIT_GROWTH_FACTOR", 1.0)
    odd = site.say("/odd", 429)
    report, _ = batch(opened, odd, *put_pages(site, 12), wait_s=HANG_S, jobs=1)
    assert report.done == 12
    (task,) = opened.tasks("failed")
    assert (task.url, task.tries) == (odd, 7)
    assert opened.status().paused == ()


def test_two_runs_share_the_pause(opened: Index, site: Site) -> None:
    links = put_pages(site, 4, Answer(status=429))
    batch(opened, links[0])
    with vidindex.open(opened.path) as other:
        report, _ = batch(other, *links)
    assert (report.tasks, len(site.asked)) == (0, 1)


def test_a_probe_whose_run_died_is_followed_by_another(opened: Index, site: Site) -> None:
    from vidindex.store import pauses

    now = time.time()
    record, _ = pauses.refuse(None, link="x", now=now)
    probing = pauses.begin_probe(record, record["until"])
    assert probing is not None
    assert pauses.begin_probe(probing, record["until"] + 1) is None
    assert pauses.begin_probe(probing, probing["until"]) is not None


WATCH = "https://www.youtube.com/watch?v=k1tcHenB0a{}"
PLAYER = "https://www.youtube.com/youtubei/v1/player"


def run_offline(tmp_path: Path, offline: VideoResolver, links: list[str]) -> tuple[BatchReport, list[vidindex.Task]]:
    store = open_store(tmp_path / "index")
    store.queue.add_tasks(map(make_link_task, links))
    network = Network.from_options(ResolveOptions(), archive=WaybackUrls(), resolver=offline)
    runner = BatchRunner(store, options=options(jobs=1), on_event=lambda _: None, flush=lambda: False, network=network)
    report = runner.run()
    tasks = list(store.queue.list_tasks())
    store.close()
    offline.throttle.observer = None
    return report, tasks


@pytest.mark.parametrize("kind", ["words", "status"])
def test_a_provider_that_asks_for_a_bot_check_is_paused_under_all_its_hosts(
    tmp_path: Path, internet: Any, offline: VideoResolver, kind: str
) -> None:
    words = "Sign in to confirm you\u2019re not a bot. This helps protect our community."
    internet.put("https://www.youtube.com/youtubei/v1/next", {})
    internet.put(PLAYER, {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": words}})
    if kind == "status":
        internet.put(PLAYER, 429)
    links = [WATCH.format(letter) for letter in "abcdefgh"] + ["https://youtu.be/k1tcHenB0at"]
    report, tasks = run_offline(tmp_path, offline, links)
    assert report.tasks == 1
    (pause,) = report.paused
    assert (pause.site, pause.waiting) == ("youtube.com", 9)
    assert {task.tries for task in tasks} == {0}


def test_the_pause_that_yt_dlp_is_asked_for_is_taken_from_the_headers(
    tmp_path: Path, internet: Any, offline: VideoResolver
) -> None:
    from yt_dlp.networking.common import Response
    from yt_dlp.networking.exceptions import HTTPError

    response = Response(BytesIO(), PLAYER, {"Retry-After": "5400"}, status=503)
    internet.put("https://www.youtube.com/youtubei/v1/next", {})
    internet.put(PLAYER, HTTPError(response))
    report, _ = run_offline(tmp_path, offline, [WATCH.format("a")])
    (pause,) = report.paused
    assert pause.until == pytest.approx(time.time() + 5400, abs=120)
