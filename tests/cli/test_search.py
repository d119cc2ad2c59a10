"""`vidindex search` and its options, on the samples."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.conftest import Run

Search = Callable[..., CompletedProcess[str]]


@pytest.fixture
def search(run: Run, sample_index: Path) -> Search:
    """Return a function that searches the samples."""
    return lambda *words, **environment: run("--index", sample_index, "search", *words, **environment)


def hits(said: CompletedProcess[str]) -> list[dict[str, object]]:
    """Parse the output of `--json`."""
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_count_prints_the_number_of_hits(search: Search) -> None:
    assert int(search("the", "--count").stdout) == len(hits(search("the", "--json", "--limit", "1000")))
    none = search("elephants on bicycles", "--count")
    assert (none.returncode, none.stdout) == (1, "0\n")


def test_csv_has_one_row_per_hit(search: Search) -> None:
    rows = list(csv.DictReader(io.StringIO(search("suitcase", "--csv").stdout)))
    found = hits(search("suitcase", "--json"))
    assert [int(row["start_ms"]) for row in rows] == [hit["start_ms"] for hit in found]
    assert rows[0]["text"] == "suitcase."


def test_srt_is_a_caption_file_of_the_hits(search: Search, run: Run, tmp_path: Path) -> None:
    (tmp_path / "hits.srt").write_text(search("never unpacked the suitcase", "--srt").stdout, encoding="utf-8")
    assert "1\n00:00:25,899 --> 00:00:27,769\nnever unpacked" in (tmp_path / "hits.srt").read_text(encoding="utf-8")
    assert run("add", tmp_path / "hits.srt").returncode == 0
    assert run("search", "never unpacked the suitcase").returncode == 0


@pytest.mark.parametrize("sort", ["score", "date", "length"])
def test_pages_follow_each_other_however_they_are_sorted(search: Search, sort: str) -> None:
    every = hits(search("the", "--json", "--sort", sort, "--limit", "30"))
    paged = [
        hit
        for at in ("0", "15")
        for hit in hits(search("the", "--json", "--sort", sort, "--limit", "15", "--offset", at))
    ]
    assert paged == every


def test_sort_puts_the_newest_or_the_shortest_first(search: Search) -> None:
    dates = [str(hit["date"]) for hit in hits(search("the", "--json", "--sort", "date", "--limit", "60"))]
    known = [date for date in dates if date]
    assert len(set(known)) > 1
    assert dates == sorted(known, reverse=True) + [""] * (len(dates) - len(known))


def test_open_plays_the_first_hit_in_the_browser(search: Search, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    said = search("nothing left to sing with", "--open", "--json", BROWSER=f"{browser} %s")
    assert (tmp_path / "opened").read_text().strip() == hits(said)[0]["url"]


def test_context_is_words_or_seconds(search: Search) -> None:
    two = hits(search("never unpacked the suitcase", "--json", "--context", "2"))[0]
    assert len(str(two["before"]).split()) == 2
    assert "hotel" in str(hits(search("unpacked the suitcase", "--json", "--context", "4s"))[0]["after"])
    assert search("suitcase", "--context", "abc").returncode == 2


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (("the", "--after", "yesterday"), "after:yesterday\n        ^"),
        (("the", "--before", "2009-02-30"), "before:2009-02-30\n         ^"),
        (("after:2009-13 the",), "after:2009-13 the\n        ^"),
        (('"time off AND tour',), '"time off AND tour\n  ^'),
        (("foo AND (bar",), "foo AND (bar\n          ^"),
    ],
)
def test_a_syntax_error_is_shown_with_its_position(search: Search, words: tuple[str, ...], at: str) -> None:
    said = search(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert at in said.stderr


def test_a_correction_is_suggested(search: Search) -> None:
    assert "did you mean: suitcase hotel" in search("sutcase", "hotell").stderr
    assert "did you mean" not in search("tit*").stderr


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--site", "peer.example.net", "site"),
        ("--channel", "slow radio", "channel"),
        ("--kind", "podcast", "kind"),
        ("--lang", "en", "language"),
    ],
)
def test_options_and_fields_narrow_alike(search: Search, option: str, value: str, field: str) -> None:
    by_option = hits(search("the", "--json", "-n", "100", option, value))
    by_field = hits(search(f'{option[2:]}:"{value}" the', "--json", "-n", "100"))
    assert by_option == by_field
    assert {str(hit[field]).lower()[: len(value)] for hit in by_option} == {value}
    dated = hits(search("the", "--json", "-n", "100", "--after", "2024", "--before", "2024-03"))
    assert dated == hits(search("after:2024 before:2024-03 the", "--json", "-n", "100"))
    assert {str(hit["date"])[:7] for hit in dated} <= {"2024-01", "2024-02", "2024-03"}


def test_a_near_hit_never_has_the_score_of_an_exact_one(search: Search) -> None:
    """`suitcase` has the highest score of a near hit."""
    said = search("suit case").stdout
    assert "near 0.99" in said
    assert "1.00" not in said
