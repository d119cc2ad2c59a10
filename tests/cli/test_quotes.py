"""`vidindex quotes` compares the quotations of an article with transcripts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import SAMPLES, Run
from tests.conftest import Write

VALE = SAMPLES / "pages" / "vale-on-the-late-desk.html"


def test_each_quotation_has_a_verdict_a_time_and_a_link(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "quotes", "--json", VALE)
    assert said.returncode == 0, said.stderr
    checked = [json.loads(line) for line in said.stdout.splitlines()]
    assert [each["verdict"] for each in checked] == ["verbatim", "verbatim", "near"]
    assert [each["hit"]["start_ms"] // 1000 for each in checked] == [10, 54, 63]
    assert checked[0]["attribution"] == "Vale"
    assert all("vale-interview.mp4#t=" in each["hit"]["url"] for each in checked)
    assert [change["spoken"] for change in checked[2]["changes"] if not change["same"]] == ["have", "how", "after."]


def test_the_table_shows_what_differs(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "quotes", VALE).stdout
    assert "2 verbatim, 1 near, 0 not found" in said
    assert "[-need-]" in said
    assert "{+have+}" in said
    assert "\x1b" not in said


def test_reports_are_markdown_or_a_page_of_html(run: Run, sample_index: Path, tmp_path: Path) -> None:
    assert "**near**" in run("--index", sample_index, "quotes", "--markdown", VALE).stdout
    assert run("--index", sample_index, "quotes", "--html", "report.html", VALE).returncode == 0
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<ins>have</ins>" in report
    assert run("--index", sample_index, "quotes", "--html", "no/such/report.html", VALE).returncode == 1


def test_a_quote_in_another_clip_is_marked(run: Run, sample_index: Path) -> None:
    page = SAMPLES / "pages" / "wren-castellane-backstage.html"
    (checked,) = map(json.loads, run("--index", sample_index, "quotes", "--json", page).stdout.splitlines())
    assert (checked["verdict"], checked["elsewhere"]) == ("verbatim", True)


def test_an_article_that_was_not_added_is_read_and_looked_up_everywhere(run: Run, write: Write, tmp_path: Path) -> None:
    run("add", write("talk.en.vtt", "Nobody told me that the river had moved."))
    page = tmp_path / "page.html"
    page.write_text(
        "<html><title>x</title><body><p>He shrugged. “Nobody told me that the river moved,” the pilot said. "
        "He added: “The lighthouse keeper knew about the whole affair from the start.” Then he left.</p></body></html>",
        encoding="utf-8",
    )
    said = run("quotes", page)
    assert said.returncode == 0
    assert "not in the index" in said.stderr
    assert "0 verbatim, 1 near, 1 not found" in said.stdout
    assert json.loads(run("stats", "--json").stdout)["articles"] == 0


def test_a_page_that_is_not_there_is_an_error(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "quotes", "no/such/page.html")
    assert (said.returncode, said.stdout) == (2, "")
    assert "no such file" in said.stderr
