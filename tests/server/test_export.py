"""The files of all hits of a search."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import vidindex

from .conftest import ATTACK, Site, talk


def test_a_file_has_every_hit_of_the_search(site: Site) -> None:
    answer = site.ask("/export?q=the+kettle+is+on&channel=Kitchen+1&format=jsonl")
    assert (answer.status, answer.headers["Vidindex-Hits"]) == (200, "400")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="the-kettle-is-on.jsonl"'
    found = [json.loads(line) for line in answer.body.splitlines()]
    page = site.ask("/api/search?q=the+kettle+is+on&channel=Kitchen+1&size=100").json
    assert (len(found), found[:100], page["total"]) == (400, page["hits"], 400)
    answer = site.ask("/export?q=kettle&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert len(rows) == int(answer.headers["Vidindex-Hits"]) == 1201
    assert rows[0].keys() >= {"video_id", "title", "start_ms", "text", "url"}
    captions = site.ask("/export?q=kettle&format=srt").body.decode()
    assert captions.startswith("1\n00:0")
    assert captions.count(" --> ") == 1201


def test_hostile_titles_are_text_in_every_format(tmp_path: Path) -> None:
    client = pytest.importorskip("starlette.testclient").TestClient
    from vidindex.server.app import make_app

    formula = '=HYPERLINK("https://example.org")\n## [x](javascript:alert(1))'
    talk(tmp_path, "attack00001", ["a peaceful sentence about geese"], title=formula, channel=ATTACK)
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(tmp_path)
        page = client(make_app(index), base_url="http://localhost")
        (row,) = csv.DictReader(io.StringIO(page.get("/export?q=geese&format=csv").text))
        assert row["title"].startswith("'=HYPERLINK")
        assert row["channel"] == ATTACK
        text = page.get("/export?q=geese&format=md").text
        assert (
            '\n## [=HYPERLINK("https://example.org") \\#\\# \\[x\\](javascript:alert(1))](<https://www.youtube' in text
        )
        assert "<script>" not in text
        assert "**geese**" in text
        nothing = page.get("/export?q=zzyzx&format=csv")
        assert (nothing.headers["Vidindex-Hits"], nothing.text.count("\n")) == ("0", 1)


@pytest.mark.parametrize(
    "address", ["/export?q=a&format=xls", "/export?format=csv", "/export?q=%22geese%22+AND&format=csv", "/export?q=a"]
)
def test_an_invalid_export_is_an_error(site: Site, address: str) -> None:
    assert site.ask(address).status == 400
