"""`vidindex search` and its options, on the samples."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.conftest import SAMPLES, Run

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
        (("after:2009-13 the",), "after:2009-13 the\n        ^"),
        (('"time off AND tour',), '"time off AND tour\n  ^'),
        (("foo AND (bar",), "foo AND (bar\n          ^"),
    ],
)
def test_a_syntax_error_is_shown_with_its_position(search: Search, words: tuple[str, ...], at: str) -> None:
    said = search(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert at in said.stderr


@pytest.mark.parametrize("date", ["yesterday", "2009-13", "2009-02-30"])
def test_a_date_that_is_none_is_an_error_of_its_option(search: Search, date: str) -> None:
    said = search("the", "--before", date)
    assert (said.returncode, said.stdout) == (2, "")
    assert "error: invalid value for '--before': " in said.stderr


def test_what_a_correction_finds_is_shown_and_said(search: Search) -> None:
    """The exit code is still that of no match, and what programs read does not pretend."""
    for options in ((), ("--by", "moment")):
        said = search("never", "unpacked", "the", "sutcase", "--exact", *options)
        assert said.returncode == 1
        assert "no matches for “never unpacked the sutcase”; showing results for “never unpacked the suitcase”" in (
            said.stderr
        )
        assert "«never unpacked the suitcase.»" in said.stdout
    for option, printed in (("--json", ""), ("--srt", ""), ("--count", "0\n")):
        said = search('"unpacked the sutcase"', option)
        assert (said.returncode, said.stdout, said.stderr) == (1, printed, "")


def test_a_long_text_that_finds_nothing_is_not_repeated_whole(search: Search) -> None:
    said = search("zebra " * 50 + "\u202e")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"no matches for “{('zebra ' * 50)[:199]}…”")


def test_a_correction_that_finds_nothing_is_not_offered(search: Search) -> None:
    for words in ("sutcase hotell", "tit*"):
        said = search(words)
        assert (said.returncode, said.stdout) == (1, "")
        assert "showing results" not in said.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("the", "--channel", "Slow Raydio"), "no channel in the index matches “Slow Raydio”; there is “Slow Radio"),
        (("the", "--lang", "xx"), "no language in the index matches “xx”; there is “en"),
        (("the", "--kind", "interveiw"), "no kind in the index matches “interveiw”; there is “interview”"),
        (("the", "--site", "nowhere.example"), "no site in the index matches “nowhere.example”"),
        (("the", "--article", "zzyzx"), "no article in the index matches “zzyzx”"),
        (("speaker:nobody the",), "no speaker in the index matches “nobody”"),
    ],
)
def test_a_filter_value_that_does_not_exist_is_named(search: Search, words: tuple[str, ...], message: str) -> None:
    said = search(*words)
    assert (said.returncode, said.stdout) == (1, "")
    assert message in said.stderr
    assert "in the index matches" not in search("zzyzx quux", "--lang", "en").stderr


def test_exact_and_near_exclude_each_other(search: Search) -> None:
    said = search("the", "--exact", "--near")
    assert (said.returncode, said.stdout) == (2, "")
    assert "--exact and --near exclude each other" in said.stderr


@pytest.mark.parametrize("unit", ["video", "moment"])
def test_an_offset_beyond_the_last_result_is_said_to_be_too_large(search: Search, unit: str) -> None:
    said = search("suitcase", "--by", unit, "--offset", "99")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == f"the search finds only 1 {unit}; give a smaller --offset\n"


def test_results_are_by_video_unless_a_program_reads_them(search: Search) -> None:
    said = search("the", "-n", "2").stdout
    by_video = [json.loads(line) for line in search("the", "-n", "2", "--json", "--by", "video").stdout.splitlines()]
    assert len(by_video) == 2
    for video in by_video:
        assert said.count(video["title"] + "\n") == 1
        assert said.count(video["video_url"] + "\n") == 1
        assert all(hit["url"] in said for hit in video["hits"])
        assert f"{video['total']} moments in this video" in said
    videos = int(search("the", "--count", "--by", "video").stdout)
    moments = int(search("the", "--count").stdout)
    assert f"2 of {videos} videos, {moments} moments; `--offset 2` for more" in said.splitlines()
    assert f"3–{videos} of {videos} videos" in search("the", "--offset", "2").stdout
    assert "moments in this video" not in search("the", "--by", "moment").stdout
    rows = list(csv.DictReader(io.StringIO(search("the", "--csv", "--by", "video").stdout)))
    assert sum(int(row["total"]) for row in rows) == moments


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


def test_speakers_and_origins_are_filters_of_moments_not_of_texts(search: Search) -> None:
    every = hits(search("the", "--json", "-n", "1000"))
    name = next(str(hit["speaker"]) for hit in every if hit["speaker"])
    by_name = hits(search("the", "--json", "-n", "1000", "--speaker", name))
    assert {hit["speaker"] for hit in by_name} == {name}
    assert len(by_name) == sum(hit["speaker"] == name for hit in every)
    origins = {str(hit["origin"]) for hit in every}
    for origin in origins:
        assert {hit["origin"] for hit in hits(search("the", "--json", "--origin", origin))} == {origin}
    refused = search("--in", "title", "the", "--speaker", name)
    assert (refused.returncode, "leave out --speaker" in refused.stderr) == (2, True)


def test_a_near_hit_never_has_the_score_of_an_exact_one(search: Search) -> None:
    """`suitcase` has the highest score of a near hit."""
    said = search("suit case").stdout
    assert "near 0.99" in said
    assert "1.00" not in said


@pytest.mark.parametrize("words", [("search", "the", "--json"), ("verify", "--quote", "I never unpacked the suitcase")])
def test_a_closed_pipe_is_success(sample_index: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "vidindex", "--index", str(sample_index), *words]
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": str(SAMPLES.parent)}
    with os.fdopen(writer, "wb") as closed:
        said = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, env=environment, check=False, timeout=120)
    assert (said.returncode, said.stderr) == (0, b"")
