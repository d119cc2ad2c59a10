"""`vidindex trend` on the samples."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_table_has_a_line_for_each_month_and_a_sum(run: Run, sample_index: Path) -> None:
    said = run("--index", sample_index, "trend", "the")
    assert said.returncode == 0
    head, *rows, _, total = said.stdout.splitlines()
    assert head.split() == ["month", "hits", "per", "million", "words"]
    assert " hits in " in total
    assert len(rows) == len(json.loads(run("--index", sample_index, "trend", "the", "--json").stdout)["rows"])


def test_months_without_words_have_no_rate(run: Run, tmp_path: Path) -> None:
    for name, date in (("a", "20200101"), ("b", "20200301")):
        (tmp_path / f"{name}.info.json").write_text(
            json.dumps(
                {
                    "id": name,
                    "extractor": "x",
                    "title": name,
                    "upload_date": date,
                    "webpage_url": f"https://x.example/{name}",
                }
            )
        )
        (tmp_path / f"{name}.en.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nnitrogen\n")
    assert run("add", tmp_path / "a.en.vtt", tmp_path / "b.en.vtt").returncode == 0
    rows = list(csv.DictReader(io.StringIO(run("trend", "nitrogen", "--csv").stdout)))
    assert [(row["month"], row["hits"], row["words"], row["rate"]) for row in rows] == [
        ("2020-01", "1", "1", "1000000.000"),
        ("2020-02", "0", "0", ""),
        ("2020-03", "1", "1", "1000000.000"),
    ]
    table = run("trend", "nitrogen").stdout.splitlines()
    assert table[2].split() == ["2020-02", "0", "-", "0"]


@pytest.mark.parametrize("by", ["month", "year", "channel", "speaker"])
def test_words_that_nobody_says_have_no_hits(run: Run, sample_index: Path, by: str) -> None:
    said = run("--index", sample_index, "trend", "elephants on bicycles", "--by", by)
    assert said.returncode == 1
    assert "0 hits in" in said.stdout
