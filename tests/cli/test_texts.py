"""`vidindex search --in`, and the note below what was said, on the samples."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_titles_and_articles_are_found_as_such(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "search", "--in", "title,article", "vale")
    assert said.returncode == 0
    assert "  title\n" in said.stdout
    assert "  article\n" in said.stdout
    assert "«Vale»" in said.stdout
    assert said.stdout == run("--index", sample_index, "search", "in:title,article", "vale").stdout


def test_json_and_csv_name_the_kind(run: Run, sample_index: Path) -> None:
    lines = run("--index", sample_index, "search", "--in", "any", "vale", "--json").stdout.splitlines()
    hits = [json.loads(line) for line in lines]
    assert {hit["match"] for hit in hits} == {"title", "article"}
    rows = list(
        csv.DictReader(io.StringIO(run("--index", sample_index, "search", "--in", "any", "vale", "--csv").stdout))
    )
    assert [row["match"] for row in rows] == [hit["match"] for hit in hits]
    assert run("--index", sample_index, "search", "--in", "any", "vale", "--count").stdout == f"{len(hits)}\n"


def test_what_is_only_written_is_shown_when_nothing_was_said(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "search", "guitar")
    assert said.returncode == 1  # no captions have it
    assert "no matches" in said.stderr
    assert said.stdout.startswith("no captions have it, but 1 article has these words:")
    assert "«guitar»" in said.stdout
    for form in ("--json", "--csv", "--count", "--srt"):
        assert "guitar" not in run("--index", sample_index, "search", "guitar", form).stdout


def test_what_was_said_comes_first_and_is_counted_alone(run: Run, sample_index: Path) -> None:
    lines = run("--index", sample_index, "search", "cable", "--by", "moment").stdout.splitlines()
    assert lines[-1].startswith("also in 1 title")
    assert lines[-1].endswith(": add --in any")
    assert not any(line.endswith("  title") for line in lines)
    count = run("--index", sample_index, "search", "cable", "--count").stdout
    assert int(count) == sum(line.strip().startswith(("exact", "near")) or "  exact" in line for line in lines)


@pytest.mark.parametrize("query", ["title:cable", "zirconium", '"cable zirconium"'])
def test_there_is_no_note_without_texts(run: Run, sample_index: Path, query: str) -> None:
    said = run("--index", sample_index, "search", query)
    assert "--in any" not in said.stdout
    assert "nobody says" not in said.stdout


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--in", "labels"], "title, chapter, tag, channel, description, article, or any"),
        (["--in", "title", "--near"], "word for word"),
        (["--in", "title", "--srt"], "have no times"),
    ],
    ids=["kind", "near", "srt"],
)
def test_options_that_do_not_fit_are_an_error(run: Run, sample_index: Path, options: list[str], reason: str) -> None:
    said = run("--index", sample_index, "search", "vale", *options)
    assert said.returncode == 2
    assert reason in " ".join(said.stderr.split())


def test_nothing_found_is_exit_code_one(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "search", "in:tag zirconium")
    assert (said.returncode, said.stdout) == (1, "")
    assert "no texts match" in said.stderr


def test_damaged_texts_do_not_fail_a_search_of_what_was_said(run: Run, sample_index: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sample_index, tmp_path / "index")
    assert run("--index", copy, "search", "in:title vale").returncode == 0
    (copy / "texts.sqlite3").write_bytes(b"no database" * 1000)
    said = run("--index", copy, "search", "suitcase")
    assert (said.returncode, "suitcase" in said.stdout) == (0, True)
    assert "titles and other texts were not searched: " in said.stderr
    assert run("--index", copy, "search", "in:title vale").returncode == 2
