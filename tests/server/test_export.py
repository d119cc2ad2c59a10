"""The files of all hits of a search."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

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


def test_an_edit_list_has_every_hit(site: Site) -> None:
    query = "/export?q=the+kettle+is+on&channel=Kitchen+1&format="
    answer = site.ask(f"{query}fcpxml&rate=29.97df")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="the-kettle-is-on.fcpxml"'
    root = ElementTree.fromstring(answer.body)
    assert len(list(root.iter("asset-clip"))) == 400
    assert {each.get("src") for each in root.iter("media-rep")} == {
        f"https://www.youtube.com/watch?v=kettle{number:05}" for number in (1, 4, 7, 10)
    }
    answer = site.ask(f"{query}edl&rate=25&start=10:00:00:00")
    assert answer.body.decode().count("* FROM CLIP NAME: kettle") == 400
    assert b" 10:00:00:00 10:00:02:03\n" in answer.body
    answer = site.ask(f"{query}m3u")
    assert answer.headers["Content-Disposition"].endswith('.m3u8"')
    assert answer.body.decode().count("#EXTVLCOPT:start-time=") == 400


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q=kettle&format=edl&rate=25", "999 events"),
        ("q=kettle&format=resolve-markers&rate=25", "markers are for one film"),
        ("q=geese&format=edl", "must be one of 23.976"),
        ("q=geese&format=edl&rate=25&start=1h", "is not HH:MM:SS:FF"),
        ("q=zzyzx&format=otio&rate=25", "at least one moment"),
    ],
)
def test_an_edit_list_that_cannot_be_written_says_why(site: Site, query: str, message: str) -> None:
    answer = site.ask(f"/export?{query}")
    assert answer.status == 400
    assert message in answer.body.decode()


def test_an_edit_list_names_films_of_this_machine_only_for_somebody_at_it(tmp_path: Path) -> None:
    client = pytest.importorskip("starlette.testclient").TestClient
    from vidindex.server.app import make_app

    talk(tmp_path, "film0000001", ["a peaceful sentence about geese"])
    (tmp_path / "film0000001.mp4").write_bytes(b"film")
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(tmp_path)
        page = client(make_app(index, is_local=True), base_url="http://localhost")
        here = page.get("/export?q=geese&format=m3u")
        assert here.text.endswith(f"{(tmp_path / 'film0000001.mp4').as_uri()}\n")
        through_a_proxy = page.get("/export?q=geese&format=m3u", headers={"X-Forwarded-For": "203.0.113.1"})
        elsewhere = client(make_app(index), base_url="http://localhost").get("/export?q=geese&format=m3u")
        for answer in (through_a_proxy, elsewhere):
            assert answer.text.endswith("\nhttps://www.youtube.com/watch?v=film0000001\n")


def test_the_results_page_has_a_form_for_edit_lists(site: Site) -> None:
    text = site.ask("/?q=geese&lang=en").body.decode()
    form = text[text.index('<form class="edit-list"') :].partition("</form>")[0]
    assert '<input type="hidden" name="q" value="geese">' in form
    assert '<input type="hidden" name="lang" value="en">' in form
    assert '<select name="rate" required><option value="">' in form


@pytest.mark.parametrize(
    "address", ["/export?q=a&format=xls", "/export?format=csv", "/export?q=%22geese%22+AND&format=csv", "/export?q=a"]
)
def test_an_invalid_export_is_an_error(site: Site, address: str) -> None:
    assert site.ask(address).status == 400
