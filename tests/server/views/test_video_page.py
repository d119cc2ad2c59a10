"""What the page of a video says about its hits, its captions and its player."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import vidindex
from tests.server.conftest import talk
from vidindex.server.app import make_app
from vidindex.server.params import SearchParams
from vidindex.server.search import run_search
from vidindex.server.views.video import VideoPage, VideoRequest, make_video_page

LAMPS = 250
LONG = 2_700
WORDS = Path(__file__).read_text(encoding="utf-8").split()
NEAR = "she never really took the long winters off and the light never asked her to"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """An index of a talk with many hits, one of unknown length, one in two languages, and captions without a video."""
    folder = tmp_path_factory.mktemp("pages")
    talk(folder, "lamps000001", [f"the lamps are lit on evening {at}" for at in range(LAMPS)])
    words = random.Random(21)
    talk(folder, "threehours1", [" ".join(words.choices(WORDS, k=11)) + "." for _ in range(LONG)])
    talk(folder, "unknown0001", ["nobody knows how long", "this one is", NEAR])
    talk(folder, "languages01", ["the sea was quiet", "la mer was how he called it", "nobody said a word"])
    french = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\nla mer était calme\n\n00:00:08.000 --> 00:00:12.000\nla mer"
    (folder / "languages01.fr.vtt").write_text(french, encoding="utf-8")
    (folder / "plain.en.vtt").write_text("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nnothing to play here\n", "utf-8")
    with vidindex.open(folder / "index", engine="whoosh") as opened:
        report = opened.add(folder, languages=("all",))
        assert not report.failures
        yield opened


def page_of(index: vidindex.Index, video: str, text: str = "", *, at_ms: int = 0, **more: object) -> VideoPage:
    return make_video_page(index, VideoRequest(video, at_ms, text, **more))  # type: ignore[arg-type]


def html_of(index: vidindex.Index, path: str) -> str:
    with TestClient(make_app(index), base_url="http://127.0.0.1") as client:
        return client.get(path).text


@pytest.mark.parametrize("text", ["lamps", '"the lamps"', "the lamps are lit", "lamps NEAR/5 evening", "la mer"])
def test_the_page_counts_as_many_hits_as_the_search(index: vidindex.Index, text: str) -> None:
    for video in ("youtube:lamps000001", "youtube:languages01"):
        found = run_search(index, SearchParams(q=text, video=video, by="video"))
        plural = "match" if found.total == 1 else "matches"
        count = f"{found.total:,} {plural}" if found.total else "No matches"
        assert page_of(index, video, text).hit_list.title == f"{count} for"


def test_a_long_list_of_hits_is_folded_around_the_moment_shown(index: vidindex.Index) -> None:
    page = page_of(index, "youtube:lamps000001", "lamps", at_ms=402_000)
    found = page.hit_list
    assert found.title == f"{LAMPS} matches for"
    assert [hit.start_ms // 4000 for hit in found.hits] == [98, 99, 100, 101, 102]
    assert (found.position, found.all_label) == (f"99–103 of {LAMPS}", f"Show all {LAMPS}")
    assert len(found.times.split(",")) == 2 * LAMPS


def test_the_link_to_all_hits_shows_them_without_script(index: vidindex.Index) -> None:
    folded = html_of(index, "/video/youtube:lamps000001?q=lamps&t=400")
    href = re.search(r'id="show-all" href="([^"#]+)#hits"', folded)
    assert folded.count('class="hit"') == 5
    assert href
    unfolded = html_of(index, href[1].replace("&amp;", "&"))
    assert unfolded.count('class="hit"') == LAMPS
    assert "show-all" not in unfolded


def test_a_short_list_of_hits_is_not_folded(index: vidindex.Index) -> None:
    assert page_of(index, "youtube:languages01", "nobody").hit_list.all_href == ""


def test_marks_on_the_timeline_cover_all_hits_and_do_not_overlap(index: vidindex.Index) -> None:
    marks = page_of(index, "youtube:lamps000001", "lamps").timeline.marks
    ends = [mark.x + mark.width for mark in marks]
    assert all(mark.x >= end - 0.1 for mark, end in zip(marks[1:], ends, strict=False))
    assert ends[-1] > 990
    assert len(marks) <= LAMPS


def test_a_video_of_unknown_length_is_as_long_as_its_captions(index: vidindex.Index) -> None:
    page = page_of(index, "youtube:unknown0001", "this one")
    assert (page.length_ms, page.length, page.thumbnail.length) == (12_000, "0:12", "0:12")
    assert [round(mark.x) for mark in page.timeline.marks] == [333]


def test_the_words_of_a_near_hit_that_differ_are_marked_in_the_transcript(index: vidindex.Index) -> None:
    text = "she never took the winters off and the light never asked her to"
    page = page_of(index, "youtube:unknown0001", text)
    kinds = {piece.text: piece.kind for paragraph in page.paragraphs for piece in paragraph.pieces}
    listed = [(piece.text, piece.kind) for piece in page.hit_list.hits[0].pieces if piece.kind]
    assert ("really", "differs") in listed
    assert all(kinds[word] == kind for word, kind in listed)
    assert "<u>really</u>" in html_of(index, f"/video/youtube:unknown0001?q={text.replace(' ', '+')}")


def test_hits_in_other_captions_are_listed_but_not_marked_in_these(index: vidindex.Index) -> None:
    page = page_of(index, "youtube:languages01", "la mer")
    marked = [piece.text for paragraph in page.paragraphs for piece in paragraph.pieces if piece.kind == "mark"]
    assert {hit.language for hit in page.hit_list.hits} == {"en", "fr"}
    assert marked == ["la mer"]
    assert [("lang=fr" in hit.href) for hit in page.hit_list.hits] == [
        hit.language == "fr" for hit in page.hit_list.hits
    ]


def test_captions_in_a_language_that_is_not_there_are_not_called_missing(index: vidindex.Index) -> None:
    page = page_of(index, "youtube:languages01", language="de")
    assert page.no_transcript_note == "No captions in the language de. Choose another one above."
    assert [track.text for track in page.tracks] == ["en", "fr"]


def test_a_query_of_other_texts_is_not_said_to_match_nothing(index: vidindex.Index) -> None:
    assert "searches titles" in page_of(index, "youtube:lamps000001", "in:title lamps").query_error


def test_a_video_without_an_address_does_not_pretend_to_play(index: vidindex.Index) -> None:
    video = next(each.id for each in index.videos() if each.url.startswith("file:"))
    html = html_of(index, f"/video/{video}?q=play")
    assert "Put it beside its captions" in html
    assert "play-button" not in html
    assert "Play from" not in html
    assert 'id="play-all"' not in html


def test_three_hours_of_speech_need_few_bytes_and_elements(index: vidindex.Index) -> None:
    with TestClient(make_app(index), base_url="http://127.0.0.1") as client:
        page = client.get("/video/youtube:threehours1", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert page.num_bytes_downloaded < 150_000
    assert page.text.count('class="paragraph') > 300
    assert len(re.findall("<[a-z]", page.text)) < 4 * page.text.count('class="paragraph')
