"""yt-dlp's YouTube extractor on hand-made pages, down to the text of the captions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.resolve.conftest import Find
from vidindex.errors import ResolveError
from vidindex.resolve import VideoResolver

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nWe built the boat in a kitchen.\n"

WATCH = "https://www.youtube.com/watch?v=k1tcHenB0at"
API = "https://www.youtube.com/youtubei/v1/"
TIMED = "https://www.youtube.com/api/timedtext"


def youtube_player(**status: Any) -> dict[str, Any]:
    caption = {"isTranslatable": True, "name": {"simpleText": "English"}, "languageCode": "en"}
    return {
        "playabilityStatus": {"status": "OK", **status},
        "streamingData": {
            "expiresInSeconds": "21540",
            "formats": [{"itag": 18, "url": "https://r1.googlevideo.com/v?x=1", "mimeType": "video/mp4"}],
        },
        "captions": {
            "playerCaptionsTracklistRenderer": {
                "captionTracks": [
                    {**caption, "baseUrl": f"{TIMED}?v=k1tcHenB0at&lang=en", "vssId": ".en"},
                    {**caption, "baseUrl": f"{TIMED}?v=k1tcHenB0at&lang=en&kind=asr", "vssId": "a.en", "kind": "asr"},
                ],
                "translationLanguages": [
                    {"languageCode": code, "languageName": {"simpleText": name}}
                    for code, name in (("en", "English"), ("de", "German"), ("sw", "Swahili"))
                ],
            }
        },
        "videoDetails": {
            "videoId": "k1tcHenB0at",
            "title": "A boat from the kitchen",
            "lengthSeconds": "95",
            "shortDescription": "How it was done.\n0:00 Planks\n0:40 Water\n1:10 Home",
            "channelId": "UC0123456789012345678901",
            "author": "Kitchen Boats",
            "keywords": ["boats", "kitchens"],
            "viewCount": "7",
        },
        "microformat": {
            "playerMicroformatRenderer": {
                "category": "Howto & Style",
                "publishDate": "2019-05-04T03:00:00-07:00",
                "uploadDate": "2019-05-04T03:00:00-07:00",
                "ownerChannelName": "Kitchen Boats",
                "externalChannelId": "UC0123456789012345678901",
                "ownerProfileUrl": "http://www.youtube.com/@kitchenboats",
            }
        },
    }  # fmt: skip


def put_youtube(internet: Any, **status: Any) -> None:
    internet.put(API + "player", youtube_player(**status))
    owner = {"title": {"runs": [{"text": "Kitchen Boats"}]}}
    about = {"videoSecondaryInfoRenderer": {"owner": {"videoOwnerRenderer": owner}}}
    internet.put(
        API + "next", {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": [about]}}}}}
    )
    internet.put(TIMED, lambda request: VTT if "fmt=vtt" in request.url else '{"events": [{"tStartMs": 1000}]}')


def test_youtube_gives_channel_date_chapters_in_two_requests(internet: Any, offline: VideoResolver) -> None:
    put_youtube(internet)

    video = offline.resolve(WATCH).video

    assert (video.id, video.url) == ("youtube:k1tcHenB0at", WATCH)
    assert (video.title, video.channel, video.site) == ("A boat from the kitchen", "Kitchen Boats", "youtube.com")
    assert (video.date, video.duration_ms) == ("2019-05-04", 95_000)
    assert [(chapter.start_ms, chapter.title) for chapter in video.chapters] == [
        (0, "Planks"), (40_000, "Water"), (70_000, "Home"),
    ]  # fmt: skip
    assert (video.categories, video.tags) == (("Howto & Style",), ("boats", "kitchens"))
    assert sorted(internet.urls()) == [API + "next", API + "player"]


def test_a_quote_is_found_in_a_youtube_video(internet: Any, offline: VideoResolver, find: Find) -> None:
    put_youtube(internet)
    hit = find(offline, WATCH, "built a boat in the kitchen")
    assert (hit.match, hit.start_ms // 1000, hit.origin, hit.url) == ("near", 1, "manual", WATCH + "&t=1s")


def test_youtube_gives_the_spoken_language_once_per_origin(internet: Any, offline: VideoResolver) -> None:
    """Machine translations (`tlang`) are dropped, and `en-orig` is English."""
    put_youtube(internet)

    tracks = offline.resolve(WATCH).tracks

    assert [(t.language, t.origin, t.format) for t in tracks] == [
        ("en", "manual", "vtt"), ("en", "automatic", "json3"),
    ]  # fmt: skip
    assert "tlang" not in tracks[1].url
    assert "We built the boat" in offline.fetch_track(tracks[0]).decode()
    assert "tStartMs" in offline.fetch_track(tracks[1]).decode()


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"status": "LOGIN_REQUIRED", "reason": "Private video"}, "needs-login"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you're not a bot"}, "later"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}, "needs-login"),
        ({"status": "UNPLAYABLE", "reason": "Join this channel to get access to members-only content"}, "needs-login"),
        ({"status": "ERROR", "reason": "Video unavailable"}, "gone"),
        ({"status": "ERROR", "reason": "This video has been removed by the uploader"}, "gone"),
        ({"status": "LIVE_STREAM_OFFLINE", "reason": "Premieres in 3 days"}, "later"),
        ({"status": "UNPLAYABLE", "reason": "The uploader has not made this video available in your country"}, "geo"),
    ],
)
def test_youtube_refusals_have_their_own_verdicts(
    internet: Any, offline: VideoResolver, status: dict[str, str], verdict: str
) -> None:
    put_youtube(internet)
    internet.put(API + "player", {"playabilityStatus": status, "videoDetails": {"videoId": "k1tcHenB0at"}})

    with pytest.raises(ResolveError) as caught:
        offline.resolve(WATCH)

    assert caught.value.verdict == verdict


def test_youtube_too_many_requests_is_retried_later(internet: Any, offline: VideoResolver) -> None:
    internet.put(API + "player", 429)
    internet.put(API + "next", 429)

    with pytest.raises(ResolveError) as caught:
        offline.resolve(WATCH)

    assert caught.value.verdict == "later"


def test_captions_that_need_a_token_are_reported_as_missing(internet: Any, offline: VideoResolver) -> None:
    put_youtube(internet)
    player = youtube_player()
    for track in player["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]:
        track["baseUrl"] += "&exp=xpe"
    internet.put(API + "player", player)

    found = offline.resolve(WATCH)

    assert found.tracks == ()
    assert "PO token" in found.missing_reason


def test_the_tabs_of_a_channel_are_listed(internet: Any, offline: VideoResolver) -> None:
    """A channel is a playlist of playlists; the entries of a tab refer to videos."""
    channel = "https://www.youtube.com/@kitchenboats"
    internet.put(channel, youtube_tabs("Home", f"{channel}/videos"))
    internet.put(f"{channel}/videos", youtube_tabs("Videos", f"{channel}/videos", "k1tcHenB0at", "k1tcHenB0bt"))

    found = list(offline.list_entries(channel, limit=10))

    assert found == ["https://www.youtube.com/watch?v=k1tcHenB0at", "https://www.youtube.com/watch?v=k1tcHenB0bt"]


def youtube_tabs(selected: str, videos_url: str, *videos: str) -> str:
    rows = [
        {"richItemRenderer": {"content": {"videoRenderer": {"videoId": v, "title": {"runs": [{"text": v}]}}}}}
        for v in videos
    ]
    tabs = [
        {"tabRenderer": {"title": title, "selected": title == selected,
                         "endpoint": {"commandMetadata": {"webCommandMetadata": {"url": url}},
                                      "browseEndpoint": {"browseId": "UC0123456789012345678901"}},
                         "content": {"richGridRenderer": {"contents": rows if title == selected else []}}}}
        for title, url in (("Home", "/@kitchenboats/featured"), ("Videos", "/@kitchenboats/videos"))
    ]  # fmt: skip
    page = {
        "metadata": {"channelMetadataRenderer": {"title": "Kitchen Boats", "externalId": "UC0123456789012345678901"}},
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": tabs}},
    }
    return f"<html><body><script>var ytInitialData = {json.dumps(page)};</script></body></html>"
