# ruff: noqa: F811 - fixtures of another folder are imported by their names
"""What the report says about each link, and numbers that agree wherever the queue is shown."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vidindex
from tests.ingest.batch.conftest import PutArticle, Site, opened, options, put_article  # noqa: F401 - fixtures
from tests.resolve.conftest import _connected, internet, offline, site  # noqa: F401 - fixtures
from vidindex import AddOptions, BatchEvent, Index, LinkReport, ResolveOptions
from vidindex.cli import batch_progress, progress_bar
from vidindex.cli.batch_report import make_report_writer
from vidindex.cli.main import vidindex as command
from vidindex.ingest import AddCallbacks, Network, TargetAdder
from vidindex.ingest.batch import BatchRunner, make_link_task
from vidindex.ingest.wayback_urls import WaybackUrls
from vidindex.resolve import VideoResolver
from vidindex.store.base import Store
from vidindex.store.tasks import status_fields

WORDS = "<p>" + "The regatta began at dawn, when the first boats left the harbor. " * 12 + "</p>"
DEAD_PLAYER = '<embed src="http://media.mtvnservices.com/mgid:uma:video:mtv.com:418107">'
WALL = "<title>Before you continue</title><p>We use cookies.</p><button>Accept all</button>"


def report_of(index: Index, link: str) -> LinkReport:
    index.batch(link, options=options())
    (report,) = index.report(link)
    return report


@pytest.mark.parametrize(
    ("body", "finding", "state", "reason"),
    [
        (WORDS, "no video", "done", "the page has text, but no video was found in it"),
        ("<script>void 0</script>", "empty page", "done", "the page has neither text nor a video"),
        (WORDS + DEAD_PLAYER, "player unavailable", "done", "dead: the player no longer works"),
        (
            WORDS + "<video src='/lost.mp4'></video>",
            "player unavailable",
            "done",
            "gone: Unable to download webpage",
        ),
        (WALL, "consent or login wall", "failed", "the site asks for consent (“Before you continue”)"),
        ("<p>Subscribe to continue reading</p>", "consent or login wall", "failed", "the site asks for a login"),
        ("<title>Just a moment...</title>", "bot check", "later", "the site shows a bot check (“Just a moment...”)"),
    ],
)
def test_the_report_says_why_a_page_led_to_no_video(
    opened: Index, site: Site, body: str, finding: str, state: str, reason: str
) -> None:
    report = report_of(opened, site.put("/page", body))
    assert (report.finding, report.state, report.videos) == (finding, state, 0)
    assert report.reason.startswith(reason)
    assert report.failed == (finding == "player unavailable")


@pytest.mark.parametrize(
    ("status", "headers", "finding"),
    [
        (401, {}, "consent or login wall"),
        (402, {}, "consent or login wall"),
        (403, {"cf-mitigated": "challenge"}, "bot check"),
        (403, {}, ""),
        (404, {}, ""),
    ],
)
def test_a_status_may_say_that_there_is_a_wall(
    opened: Index, site: Site, status: int, headers: dict[str, str], finding: str
) -> None:
    report = report_of(opened, site.say("/page", status, headers))
    assert (report.finding, report.reason.partition(",")[0]) == (finding, f"HTTP {status}")


def test_the_report_gives_final_address_title_and_date(opened: Index, site: Site, put_article: PutArticle) -> None:
    put_article("regatta", "the kettle is on")
    page: Any = site.pages["/regatta"]
    head = "<meta property='article:published_time' content='2026-05-04T10:00:00Z'>"
    site.put("/regatta", head + page.body.decode())
    report = report_of(opened, site.redirect("/old", "/regatta"))
    assert (report.finding, report.url, report.title, report.date) == (
        "video", site.url("/regatta"), "regatta", "2026-05-04",
    )  # fmt: skip


def test_the_report_gives_the_address_of_a_wall_and_keeps_the_article_of_before(opened: Index, site: Site) -> None:
    link = site.put("/page", f"<title>Regatta</title>{WORDS}")
    opened.batch(link, options=options())
    site.put("/consent", WALL)
    site.redirect("/page", "/consent?return=/page")
    opened.add(link)
    (report,) = opened.report(link)
    assert (report.finding, report.url) == ("consent or login wall", site.url("/consent?return=/page"))
    assert [article.title for article in opened.articles()] == ["Regatta"]


def test_the_report_files_have_the_new_columns_last(opened: Index, site: Site, tmp_path: Path) -> None:
    report_of(opened, site.put("/page", f"<title>Regatta</title>{WORDS}"))
    names = ["link", "state", "embeds", "videos", "waiting", "failed", "reason", "finding", "url", "title", "date"]
    for name in ("report.csv", "report.jsonl"):
        write = make_report_writer(str(tmp_path / name))
        assert write is not None
        write(opened.report())
    with (tmp_path / "report.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    line = json.loads((tmp_path / "report.jsonl").read_text())
    assert list(row) == list(line) == names
    assert (row["finding"], line["title"]) == ("no video", "Regatta")


def test_a_playlist_whose_entries_are_unavailable_says_so(
    tmp_path: Path, store: Store, internet: Any, offline: VideoResolver
) -> None:
    feed = "https://pod.example/feed.mp3"
    items = "".join(f"<item><enclosure url='https://pod.example/{name}.mp3'/></item>" for name in ("one", "two"))
    internet.put(feed, f"<?xml version='1.0'?><rss><channel><title>Pod</title>{items}</channel></rss>")
    internet.put("https://pod.example/one.mp3", 404)
    internet.put("https://pod.example/two.mp3", 410)
    store.queue.add_tasks([make_link_task(feed)])
    network = Network.from_options(ResolveOptions(), archive=WaybackUrls(), resolver=offline)
    BatchRunner(store, options=options(), on_event=lambda _: None, flush=lambda: False, network=network).run()
    (report,) = store.queue.report_links()
    assert (report.finding, report.failed) == ("player unavailable", 2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store of an index."""
    from vidindex.store import open_store

    made = open_store(tmp_path / "plain", create=True)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("body", "answer", "state", "finding"),
    [
        (WORDS, 410, "done", "player unavailable"),
        (WORDS, {"Content2": []}, "done", "no video"),
        ("<p>Video.</p>", 410, "gone", ""),
    ],
    ids=["article whose video is gone", "article without a video", "page of a video"],
)
def test_an_article_is_not_called_unavailable_because_its_video_is(
    store: Store, site: Site, internet: Any, offline: VideoResolver, body: str, answer: Any, state: str, finding: str
) -> None:
    """The site is one that yt-dlp knows; the page comes through a proxy, what yt-dlp asks for is recorded."""
    link = "http://www.israelnationalnews.com/news/354520"
    site.put(link, f"<title>Regatta</title>{body}")
    internet.put("https://www.israelnationalnews.com/Generic/NewAPI/Item", answer)
    resolving = ResolveOptions(proxy=site.base, retries=0)
    network = Network.from_options(resolving, archive=WaybackUrls(), resolver=offline)
    adder = TargetAdder(store, options=AddOptions(resolve=resolving), callbacks=AddCallbacks(), network=network)
    adder.add(link)
    task = store.queue.find_task(link)
    assert task is not None
    assert task.state == state
    store.queue.import_tasks([vidindex.Task(link, "link", state, verdict=task.verdict, article=task.article)])
    (report,) = store.queue.report_links([link])
    assert report.finding == finding


# The numbers


def page_counts(html: str) -> dict[str, dict[str, int]]:
    """Return the table of the queue on the status page."""
    table = html.partition('<h2 id="queue-title">')[2].partition("</table>")[0]
    words = re.findall(r'<th scope="col">([^<]+)</th>', table)[1:]
    rows = re.findall(r'<tr><th scope="row">(\w+)</th>(.*?)</tr>', table)
    cells = {name: re.findall(r'<td class="number">([\d,]+|–)</td>', row) for name, row in rows}
    return {
        name.lower(): {word: int(cell.replace("–", "0")) for word, cell in zip(words, row, strict=True)}
        for name, row in cells.items()
    }


def assert_that_all_agree(index: Index, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """Check that `status`, the status page, `/api/stats` and the progress of a batch show the same numbers."""
    pytest.importorskip("uvicorn")
    from tests.server.conftest import serving as serving_app
    from vidindex.server.app import make_app

    fields = status_fields(index.status())
    printed = CliRunner().invoke(command, ["--index", str(folder), "status", "--json"])
    assert json.loads(printed.output) == fields
    with serving_app(make_app(folder)) as web:
        assert web.ask("/api/stats").json["queue"] == fields
        html = unescape(web.ask("/status").body.decode())
    total: Any = fields["total"]
    by_word: dict[str, int] = {vidindex.status_word(state): count for state, count in total.items() if count}
    for kind, counts in page_counts(html).items():
        states: Any = fields[kind]
        assert counts == {vidindex.status_word(state): states[state] for state, count in total.items() if count}
    said = f"{sum(total.values())} tasks: " + ", ".join(f"{count} {word}" for word, count in by_word.items())
    assert said in html
    listed = re.findall(r'<strong><span class="number">(\d+)</span> ([a-z ]+)</strong>', html)
    for word in ("will retry", "unavailable", "failed"):
        assert sum(int(count) for count, each in listed if each == word) == by_word.get(word, 0)
    capsys.readouterr()
    batch_progress.BatchProgress(index.status, verbose=False, quiet=False).show_event(BatchEvent("begun"))
    ended = total["done"] + total["gone"] + total["failed"]
    assert capsys.readouterr().err.startswith(f"{ended} of {sum(total.values())} done, {said.partition(': ')[2]}")
    return by_word


def test_all_places_show_the_same_numbers_during_and_after_a_run(
    opened: Index,
    site: Site,
    put_article: PutArticle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_progress, "_REFRESH_INTERVAL_S", -1.0)
    monkeypatch.setattr(progress_bar, "_REPORT_INTERVAL_S", -1.0)
    site.say("/slow", 503)
    links = [put_article("one"), put_article("two"), site.url("/lost"), site.url("/slow"), site.put("/wall", WALL)]
    links += [site.put(f"/dead{number}", WORDS + DEAD_PLAYER) for number in range(2)]
    seen: list[dict[str, int]] = []

    def look(event: BatchEvent) -> None:
        if event.kind == "begun" and event.task is not None and event.task.kind == "link" and len(seen) < 3:
            seen.append(assert_that_all_agree(opened, tmp_path / "index", capsys))

    report = opened.batch(*links, options=options(jobs=1), notify=look)
    assert (report.done, report.later, report.gone, report.failed) == (6, 1, 2, 1)
    assert all(counts["in progress"] == 1 for counts in seen)
    assert len(seen) == 3
    assert assert_that_all_agree(opened, tmp_path / "index", capsys) == {
        "indexed": 6, "will retry": 1, "unavailable": 2, "failed": 1,
    }  # fmt: skip


def test_a_run_that_has_nothing_to_do_shows_the_queue(opened: Index, site: Site, tmp_path: Path) -> None:
    link = site.put("/page", WORDS + DEAD_PLAYER)
    opened.batch(link, options=options())
    (tmp_path / "links.txt").write_text(link)
    arguments = ["--index", str(tmp_path / "index"), "batch", str(tmp_path / "links.txt"), "--wait", "0"]
    shown = CliRunner().invoke(command, arguments).stdout.splitlines()
    assert shown[0].startswith("0 done")
    assert shown[1] == "queue: 2 tasks: 1 indexed, 1 unavailable"
