"""The transcript of one video, without an index."""

from __future__ import annotations

from typing import Any

import pytest

import vidindex
from tests.conftest import webvtt
from tests.resolve.conftest import Site
from vidindex.ingest.single_transcript import fetch_transcript
from vidindex.resolve import VideoResolver

PEERTUBE = "https://peertube.cpy.re/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d"
API = "https://peertube.cpy.re/api/v1/videos/9c9de5e8-0a1e-484a-b099-e80766180a6d"


def put_video(internet: Any, captions: object) -> None:
    """Serve a video with the response *captions* to the request for its list of captions."""
    internet.put(
        API + "/",
        {
            "name": "Knots",
            "language": {"id": "de"},
            "files": [{"fileUrl": "https://peertube.cpy.re/f.mp4", "resolution": {"label": "480p"}}],
        },
    )
    internet.put(API + "/captions", captions)


def put_captions(internet: Any, *languages: str) -> None:
    entries = [{"language": {"id": code}, "captionPath": f"/{code}.vtt"} for code in languages]
    put_video(internet, {"data": entries})
    for code in languages:
        internet.put(f"https://peertube.cpy.re/{code}.vtt", webvtt([f"words in {code}"]))


def test_the_track_is_in_the_spoken_language_or_in_the_requested_one(internet: Any, offline: VideoResolver) -> None:
    put_captions(internet, "en", "de")
    assert fetch_transcript(offline, PEERTUBE, language="en").text == "words in en"
    assert fetch_transcript(offline, PEERTUBE).text == "words in de"


def test_a_video_without_captions_is_an_error(internet: Any, offline: VideoResolver) -> None:
    put_captions(internet, "en")
    with pytest.raises(vidindex.CaptionError, match="the video has no captions in fr"):
        fetch_transcript(offline, PEERTUBE, language="fr")
    put_captions(internet)
    with pytest.raises(vidindex.CaptionError, match=r"the video has no captions$"):
        fetch_transcript(offline, PEERTUBE)


def test_captions_that_cannot_be_listed_are_another_error(internet: Any, offline: VideoResolver) -> None:
    put_video(internet, 503)
    with pytest.raises(vidindex.CaptionFetchError, match="cannot fetch the captions"):
        fetch_transcript(offline, PEERTUBE)


def test_a_url_without_a_video_is_an_error(site: Site) -> None:
    page = site.put("/page", "<title>Knots</title><p>Only words here.</p>")
    with pytest.raises(vidindex.ResolveError, match="cannot resolve"):
        vidindex.transcript(page, resolve=vidindex.ResolveOptions(retries=0))


def test_a_transcript_is_read_from_the_url_of_a_page_that_plays_a_video(site: Site) -> None:
    site.put("/clip.mp4", bytes(100), "video/mp4")
    site.put("/clip.vtt", webvtt(["these are the words"]), "text/vtt")
    page = site.put(
        "/page",
        "<title>Knots</title><video><source src='/clip.mp4' type='video/mp4'>"
        "<track src='/clip.vtt' srclang='en' kind='subtitles'></video>",
    )
    transcript = vidindex.transcript(page, resolve=vidindex.ResolveOptions(retries=0))
    assert transcript.text == "these are the words"
