"""Where copies are looked for in the web archive, and what its answers mean."""

from __future__ import annotations

import json

import pytest

from vidindex import Embed
from vidindex.ingest.wayback_urls import WaybackUrls, parse_closest_timestamp, url_variants, youtube_copy_url


def test_the_question_is_quoted_and_names_the_day_of_the_article() -> None:
    assert WaybackUrls().build_query_url("http://a.example/v?id=1", date="2009-09-15") == (
        "https://archive.org/wayback/available?url=http%3A%2F%2Fa.example%2Fv%3Fid%3D1&timestamp=20090915"
    )


def test_a_copy_is_named_by_its_time_and_the_address() -> None:
    assert WaybackUrls().build_copy_url("http://a.example/v.mp4", "20090915", raw=True) == (
        "https://web.archive.org/web/20090915id_/http://a.example/v.mp4"
    )


def test_an_address_may_have_been_archived_as_the_page_wrote_it_and_without_query_or_encryption() -> None:
    dead = Embed("https://a.example/embed/x?a=1#top", "mtv", "x", dead=True, original_url="http://a.example/x.swf")

    assert url_variants(dead) == (
        "http://a.example/x.swf",
        "https://a.example/embed/x?a=1",
        "http://a.example/embed/x?a=1",
        "http://a.example/embed/x",
    )


def test_a_file_is_in_no_archive() -> None:
    assert url_variants(Embed("file:///home/reader/one.mp4", "html5", "one")) == ()


@pytest.mark.parametrize(("date", "when"), [("2009-09-15", "20090915000000"), ("", "2"), ("2009", "2")])
def test_an_archived_youtube_video_is_named_as_yt_dlp_knows_it(date: str, when: str) -> None:
    video = Embed("https://www.youtube.com/watch?v=aB3dE6gH9jK", "youtube", "aB3dE6gH9jK")

    assert youtube_copy_url(video, date=date) == (
        f"https://web.archive.org/web/{when}/https://www.youtube.com/watch?v=aB3dE6gH9jK"
    )


@pytest.mark.parametrize(
    ("snapshots", "stamp"),
    [
        (
            {"closest": {"available": True, "status": "200", "timestamp": "20091001120000", "url": "x"}},
            "20091001120000",
        ),
        ({"closest": {"available": False, "status": "200", "timestamp": "20091001120000"}}, ""),
        ({"closest": {"available": True, "status": "404", "timestamp": "20091001120000"}}, ""),
        ({"closest": {"available": True, "status": "200", "timestamp": "../../x"}}, ""),
        ({"closest": []}, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_answer_gives_the_time_of_the_nearest_copy(snapshots: object, stamp: str) -> None:
    assert parse_closest_timestamp(json.dumps({"archived_snapshots": snapshots}).encode()) == stamp


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_an_answer_that_is_none_means_no_copy(answer: bytes) -> None:
    assert parse_closest_timestamp(answer) == ""
