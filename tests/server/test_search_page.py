"""The search page as the server renders it: what was searched, names, filters by date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml.html import fromstring

import vidindex
from tests.conftest import webvtt

from .conftest import talk

pytest.importorskip("starlette")

from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a small index: a talk, an untitled video, and one without captions."""
    from vidindex.server.app import make_app

    folder = tmp_path_factory.mktemp("page")
    talk(folder, "kettle00001", ["the kettle is on the stove", "the kettel is on the stove"], upload_date="20120504")
    talk(folder, "nameless001", ["the geese are in the garden"], title="", channel="Garden", upload_date="20130504")
    silent = {"id": "silent00001", "title": "Silent", "webpage_url": "https://www.youtube.com/watch?v=silent00001",
              "_type": "video", "extractor_key": "Youtube"}  # fmt: skip
    (folder / "silent00001.info.json").write_text(json.dumps(silent), encoding="utf-8")
    with vidindex.open(folder / "index", engine="whoosh") as index:
        index.add(folder)
        yield TestClient(make_app(index), base_url="http://localhost")


def text_of(page: TestClient, path: str) -> str:
    answer = page.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_no_matches_says_what_was_searched(page: TestClient) -> None:
    said = text_of(page, "/results?q=zzyzx+quux")
    assert "The captions of 2 videos can be searched. 1 video has no captions." in said
    assert "1 video has no captions." in text_of(page, "/")


def test_an_untitled_video_has_a_name_but_no_id(page: TestClient) -> None:
    for path in ("/results?q=geese", "/", "/video/youtube:nameless001"):
        assert "Untitled video of Garden, 2013-05-04" in text_of(page, path), path
    assert "youtube:nameless001" not in text_of(page, "/results?q=geese")


def test_a_citation_of_an_untitled_video_names_no_id(page: TestClient) -> None:
    clip = page.get("/clip?video=youtube:nameless001&from=0&to=4000&format=text").text
    copied = page.get("/quote?video=youtube:nameless001&from=0&to=4000").text
    for text in (clip, copied):
        assert "“Untitled video of Garden, 2013-05-04”" in text
        assert "“youtube:nameless001”" not in text


def test_exact_and_near_hits_and_origins_are_filters(page: TestClient) -> None:
    said = text_of(page, "/results?q=the+kettle+is+on+the+stove")
    assert "Wording Word for word 1 Similar words 1" in said
    assert "Wording" not in text_of(page, "/results?q=geese")
    assert "Similar words 1" in text_of(page, "/results?q=the+kettle+is+on+the+stove&match=near")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("after=2012&before=2012-02", ('name="after" value="2012-01-01"', 'name="before" value="2012-02-29"')),
        ("after=2012-05-04&before=2013", ('name="after" value="2012-05-04"', 'name="before" value="2013-12-31"')),
    ],
    ids=["year and month", "day and year"],
)
def test_dates_are_a_form_that_keeps_the_other_filters(page: TestClient, given: str, shown: tuple[str, str]) -> None:
    html = page.get(f"/results?q=kettle&channel=Garden&sort=date&{given}").text
    form = html[html.index('<form class="filter dates"') :]
    assert all(field in form for field in shown)
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert kept == {"q": "kettle", "channel": "Garden", "sort": "date"}


def test_speakers_are_listed_with_their_words(tmp_path: Path) -> None:
    from vidindex.server.app import make_app

    lines = ('<v Ann "A" Lee>We open the harbor.', "<v Bo>Every morning?", '<v Ann "A" Lee>At five.')
    (tmp_path / "talk.vtt").write_text(webvtt(lines), encoding="utf-8")
    (tmp_path / "other.vtt").write_text(webvtt(["<v Bo>At six.", "<v <i>Hostile</i> &lt;b&gt;>Now."]), encoding="utf-8")
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path)
        client = TestClient(make_app(index), base_url="http://localhost")
        html, hits = client.get("/speakers").text, fromstring(client.get("/?q=harbor").text)
        found = [(each.name, each.words, each.videos) for each in index.speakers()]
    assert found[:2] == [('Ann "A" Lee', 6, 1), ("Bo", 4, 2)]
    assert html.index("Ann &#34;A&#34; Lee") < html.index("4 words")
    assert "<b>" not in html
    assert "speaker%3A%22Bo%22" in html
    assert 'Ann "A" Lee: We open' in " ".join(hits.xpath("string(//a[@class='hit'])").split())


def test_videos_and_channels_are_listed_with_links_to_their_pages_and_searches(page: TestClient) -> None:
    assert "3 videos in this index" in text_of(page, "/videos")
    assert text_of(page, "/videos").count("no captions") == 1
    html = page.get("/channels").text
    assert "1 channel in this index" in html
    (path,) = re.findall(r'<h2><a href="([^"]+)"><bdi>Garden', html)
    assert "Untitled video of Garden" in text_of(page, path.replace("&amp;", "&"))
    assert page.get("/videos?page=2").status_code == 200
    assert page.get("/channels?page=x").status_code == 400
