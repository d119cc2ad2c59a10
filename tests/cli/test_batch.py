# ruff: noqa: F811 - imported fixtures have the names of parameters
"""`vidindex batch`, `status`, `refresh` and `list failures`, as a user runs them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SAMPLES, Run
from tests.ingest.batch.conftest import PutArticle, put_article  # noqa: F401 - a fixture
from tests.processes import HANG_S, start_vidindex, wait_until
from tests.resolve.conftest import Site, site  # noqa: F401 - a fixture

QUICK = ("--sleep", "0", "--wait", "0", "--timeout", str(HANG_S))


@pytest.fixture
def links(tmp_path: Path, site: Site, put_article: PutArticle) -> Path:
    """A list of two articles, a missing page and a page that fails temporarily."""
    site.say("/slow", 503, {})
    given = [put_article("one"), put_article("two"), site.url("/lost"), site.url("/slow")]
    path = tmp_path / "links.txt"
    path.write_text("# what we want\n" + "\n".join(given) + "\nnot a link at all\n")
    return path


def test_a_list_is_processed_and_failures_are_shown(run_process: Run, links: Path) -> None:
    done = run_process("batch", links, *QUICK)
    assert done.returncode == 1
    assert done.stdout.startswith("4 done, 1 unavailable, 0 failed, 1 will retry in ")
    assert "line 6" in done.stderr
    assert "/lost: HTTP 404" in done.stderr
    assert "run the same command again, or `vidindex batch`, to continue" in done.stderr
    failures = run_process("list", "failures")
    unavailable, later = failures.stdout.splitlines()
    assert unavailable.startswith("unavailable  ")
    assert later.startswith("will retry  ")
    assert "attempt 1, next retry 20" in later


def test_the_same_command_again_does_nothing_more(run: Run, site: Site, links: Path) -> None:
    run("batch", links, *QUICK)
    before = len(site.asked)
    again = run("batch", links, *QUICK)
    assert again.stdout.startswith("0 done")
    assert len(site.asked) == before


def test_status_counts_by_kind_and_state(run: Run, links: Path) -> None:
    assert run("batch", links, *QUICK).returncode == 1
    shown = run("status")
    assert shown.stdout.splitlines()[1].split() == ["links", "·", "·", "2", "1", "1", "·"]
    assert "nothing" not in shown.stdout
    fields = json.loads(run("status", "--json").stdout)
    assert fields["links"] == {"waiting": 0, "working": 0, "done": 2, "later": 1, "gone": 1, "failed": 0}
    assert fields["embeds"]["done"] == 2
    assert fields["runs"] == 0
    assert fields["reasons"] == {"gone": 1, "later": 1}
    assert fields["next_try"].startswith("20")


def test_the_report_names_each_link_as_the_list_does(run: Run, tmp_path: Path, links: Path) -> None:
    run("batch", links, *QUICK, "--report", "report.csv")
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["done", "done", "gone", "later"]
    assert [row["link"] for row in rows] == links.read_text().splitlines()[1:5]
    assert [(row["embeds"], row["videos"]) for row in rows] == [("1", "1"), ("1", "1"), ("0", "0"), ("0", "0")]
    run("batch", links, *QUICK, "--report", "report.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert [line["state"] for line in lines] == ["done", "done", "gone", "later"]
    assert "404" in lines[2]["reason"]


def test_an_unwritable_report_is_an_error_before_any_work(run: Run, site: Site, links: Path) -> None:
    for name in ("report.txt", "nowhere/report.csv"):
        done = run("batch", links, "--report", name)
        assert done.returncode == 2
        assert "cannot write the report" in done.stderr
    assert site.asked == []


def test_the_log_has_each_step_as_json(run: Run, tmp_path: Path, links: Path) -> None:
    run("batch", links, *QUICK, "--json-log", "log.jsonl")
    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    ended = [step for step in steps if step["event"] == "ended"]
    assert len(ended) == 6
    assert sorted(step["state"] for step in ended) == ["done"] * 4 + ["gone", "later"]
    assert sum(step["change"] == "new" for step in ended) == 2
    assert all(step["took_s"] >= 0 for step in ended)


def test_a_dry_run_does_nothing(run: Run, tmp_path: Path, site: Site, links: Path) -> None:
    done = run("batch", links, "--dry-run")
    assert done.returncode == 1  # one line is not a link
    assert "4 links: 4 new; nothing was added" in done.stdout
    assert site.asked == []
    assert not (tmp_path / "index").exists()
    run("batch", links, *QUICK)
    assert "4 links: 0 new, 2 done, 1 gone, 1 later" in run("batch", links, "--dry-run").stdout


def test_links_come_through_a_pipe(run: Run, tmp_path: Path, put_article: PutArticle) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vidindex", "batch", "-", *QUICK],
        input=put_article("one") + "\n",
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "VIDINDEX_INDEX": str(tmp_path / "index"), "PYTHONPATH": str(SAMPLES.parent)},
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("2 done, 0 unavailable, 0 failed in ")


def test_a_feed_is_a_list(run: Run, site: Site, put_article: PutArticle) -> None:
    items = "".join(
        f"<item><link>{put_article(name)}</link><pubDate>{date} 2026 10:00:00 GMT</pubDate></item>"
        for name, date in (("old", "Thu, 01 Jan"), ("new", "Mon, 02 Nov"))
    )
    feed = site.put("/feed.xml", f'<rss version="2.0"><channel>{items}</channel></rss>', "application/rss+xml")
    done = run("batch", feed, *QUICK, "--since", "2026-10-01")
    assert done.stdout.startswith("2 done")
    assert "/old" not in site.paths()


def test_a_missing_index_or_list_is_an_error(run: Run) -> None:
    done = run("batch")
    assert done.returncode == 2
    assert "no index at" in done.stderr
    assert run("batch", "nowhere.txt").returncode == 2


def test_a_stop_finishes_what_is_in_hand_and_says_how_to_go_on(
    run: Run,
    tmp_path: Path,
    site: Site,
    put_article: PutArticle,
) -> None:
    path = tmp_path / "links.txt"
    path.write_text("\n".join(put_article(f"a{number}") for number in range(30)))
    index = {"VIDINDEX_INDEX": str(tmp_path / "index")}
    words = ("batch", path, "--sleep", "0.5", "--jobs", "2")  # the sleeps alone take longer than any wait here
    stopped = start_vidindex(*words, environment=index, cwd=tmp_path)
    wait_until(lambda: len(site.asked) >= 8, process=stopped)
    stopped.send_signal(signal.SIGTERM)
    out, err = stopped.communicate(timeout=HANG_S)
    assert stopped.returncode == 130
    assert "left" in out
    assert "finishing the current tasks" in err
    assert "interrupted; run the same command again" in err
    done = run("batch", path, *QUICK)
    assert done.returncode == 0
    assert run("search", "these are the words of", "--count").stdout.strip() == "30"


def test_refresh_shows_changes_and_marks_unavailable_videos(
    run: Run,
    site: Site,
    put_article: PutArticle,
) -> None:
    for name in ("one", "two"):
        run("add", put_article(name), "--sleep", "0")
    put_article("one", "what nobody had said before")
    del site.pages["/two.mp4"]
    done = run("refresh", *QUICK)
    assert "1 changed" in done.stdout
    assert done.returncode == 1
    hits = run("search", "the words of two")
    assert "unavailable since 20" in hits.stdout
    assert "unavailable since 20" in run("list", "videos").stdout
    assert "0 videos checked" in run("refresh", "--older-than", "1h", *QUICK).stdout


@pytest.mark.parametrize("given", ["x", "5y", "-3d", ""])
def test_an_invalid_duration_is_an_error(run: Run, given: str) -> None:
    done = run("refresh", "--older-than", given)
    assert done.returncode == 2
    assert "is not a duration" in done.stderr


def test_a_site_that_refuses_is_shown_with_what_waits_for_it(run: Run, site: Site, tmp_path: Path) -> None:
    links = [site.say(f"/p{number}", 429, Retry_After="7200") for number in range(5)]
    (tmp_path / "links.txt").write_text("\n".join(links))
    done = run("batch", "links.txt", "--ignore-robots", *QUICK)
    statement = f"5 links of {site.base.removeprefix('http://')} wait until "
    assert statement in done.stdout
    assert "refuses requests (HTTP 429; it asks for a pause): its links wait until " in done.stderr
    again = run("batch", "--wait", "10m")
    assert (statement in again.stdout, again.returncode) == (True, 1)
    shown = run("status")
    assert statement in shown.stdout
    assert "idle" not in shown.stdout
    (pause,) = json.loads(run("status", "--json").stdout)["paused"]
    assert (pause["site"], pause["waiting"]) == (site.base.removeprefix("http://"), 5)


def test_a_dry_run_estimates_the_time_of_videos_of_a_limited_provider(run: Run, tmp_path: Path) -> None:
    links = [f"https://www.youtube.com/watch?v=a{number:010d}" for number in range(10_000)]
    (tmp_path / "links.txt").write_text("\n".join([*links, "https://example.org/article"]))
    shown = run("batch", "links.txt", "--dry-run")
    assert "10,000 YouTube links: about 33 hours (300 videos an hour for guests)" in shown.stdout
    assert "about 100 hours" in run("batch", "links.txt", "--dry-run", "--pace", "100").stdout
    assert "YouTube" not in run("batch", "links.txt", "--dry-run", "--pace", "0").stdout


def test_a_sitemap_with_a_later_date_has_its_page_read_again(run: Run, site: Site, put_article: PutArticle) -> None:
    link = put_article("one")

    def put_map(day: str) -> str:
        entry = f"<url><loc>{link}</loc><lastmod>{day}</lastmod></url>"
        return site.put("/map.xml", f"<?xml version='1.0'?><urlset>{entry}</urlset>", "application/xml")

    run("batch", put_map("2020-01-01"), *QUICK)
    run("batch", put_map("2020-01-02"), *QUICK)
    assert site.paths().count("/one") == 1
    for _ in range(2):
        run("batch", put_map("2999-01-01"), *QUICK)
    assert site.paths().count("/one") == 2
    run("batch", "--reread", "0s", *QUICK)
    assert site.paths().count("/one") == 3
    assert site.paths().count("/one.mp4") == 1


def test_a_refresh_counts_its_own_videos(run: Run, site: Site, tmp_path: Path, put_article: PutArticle) -> None:
    (tmp_path / "links.txt").write_text(f"{put_article('one')}\n{site.say('/slow', 503)}\n")
    run("batch", "links.txt", *QUICK)
    refreshed = run("refresh", *QUICK)
    assert "1 video checked" in refreshed.stdout
    assert "retry" not in refreshed.stdout
    assert refreshed.returncode == 0
