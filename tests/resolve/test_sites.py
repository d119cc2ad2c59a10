"""yt-dlp's own extractors, answered by hand-made pages, down to the text of the captions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vidindex.errors import ResolveError
from vidindex.model import Track
from vidindex.resolve import PlaylistError, Resolver

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nWe built the boat in a kitchen.\n"
HLS = """#EXTM3U
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,SUBTITLES="s"
video.m3u8
"""
HLS_EN = """#EXTM3U
#EXT-X-TARGETDURATION:10
#EXTINF:10,
en-1.vtt
#EXTINF:10,
en-2.vtt
#EXT-X-ENDLIST
"""
HLS_1 = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:01.000 --> 00:03.000\nFirst we cut the planks.\n"
HLS_2 = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:11.000 --> 00:13.000\nThen it floated.\n"


def put_hls(internet: Any, base: str) -> None:
    internet.put(base + "master.m3u8", HLS)
    internet.put(base + "video.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nv.ts\n#EXT-X-ENDLIST\n")
    internet.put(base + "en.m3u8", HLS_EN)
    internet.put(base + "en-1.vtt", HLS_1)
    internet.put(base + "en-2.vtt", HLS_2)


def text(resolver: Resolver, track: Track) -> str:
    return resolver.fetch(track).decode()


# YouTube

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


def test_youtube_gives_channel_date_chapters_in_two_requests(internet: Any, offline: Resolver) -> None:
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


def test_youtube_gives_the_spoken_language_once_an_origin(internet: Any, offline: Resolver) -> None:
    """Machine translations (`tlang`) are dropped, `en-orig` is English."""
    put_youtube(internet)

    tracks = offline.resolve(WATCH).tracks

    assert [(t.language, t.origin, t.format) for t in tracks] == [
        ("en", "manual", "vtt"), ("en", "automatic", "json3"),
    ]  # fmt: skip
    assert "tlang" not in tracks[1].url
    assert "We built the boat" in text(offline, tracks[0])
    assert "tStartMs" in text(offline, tracks[1])


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
def test_youtube_refusals_are_told_apart(
    internet: Any, offline: Resolver, status: dict[str, str], verdict: str
) -> None:
    put_youtube(internet)
    internet.put(API + "player", {"playabilityStatus": status, "videoDetails": {"videoId": "k1tcHenB0at"}})

    with pytest.raises(ResolveError) as caught:
        offline.resolve(WATCH)

    assert caught.value.verdict == verdict


def test_youtube_too_many_requests_is_tried_again(internet: Any, offline: Resolver) -> None:
    internet.put(API + "player", 429)
    internet.put(API + "next", 429)

    with pytest.raises(ResolveError) as caught:
        offline.resolve(WATCH)

    assert caught.value.verdict == "later"


def test_captions_that_want_a_token_are_missing_not_absent(internet: Any, offline: Resolver) -> None:
    put_youtube(internet)
    player = youtube_player()
    for track in player["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]:
        track["baseUrl"] += "&exp=xpe"
    internet.put(API + "player", player)

    found = offline.resolve(WATCH)

    assert found.tracks == ()
    assert "PO token" in found.missing


# The others

VIMEO = "https://player.vimeo.com/video/987654321"


def vimeo_page() -> str:
    config = {
        "video": {
            "id": 987654321,
            "title": "Harvest",
            "duration": 61,
            "owner": {"name": "Ana Field", "url": "https://vimeo.com/anafield"},
        },
        "request": {
            "files": {"progressive": [{"url": "https://vod.vimeocdn.com/1.mp4", "quality": "360p"}]},
            "text_tracks": [
                {"lang": "en", "url": "/texttrack/1.vtt", "kind": "captions"},
                {"lang": "en-x-autogen", "url": "/texttrack/2.vtt", "kind": "captions"},
            ],
        },
    }
    return f"<html><body><script>window.playerConfig = {json.dumps(config)}</script></body></html>"


def test_vimeo_gets_the_page_that_embeds_it_as_referer(internet: Any, offline: Resolver) -> None:
    article = "https://farm.example/harvest"
    internet.put(VIMEO, lambda request: vimeo_page() if request.headers.get("Referer") == article else 403)
    internet.put("https://player.vimeo.com/texttrack/1.vtt", VTT)

    found = offline.resolve(VIMEO, referer=article)

    assert (found.video.id, found.video.title, found.video.channel) == ("vimeo:987654321", "Harvest", "Ana Field")
    assert "smuggle" not in found.video.url
    assert [(t.language, t.origin) for t in found.tracks] == [("en", "manual"), ("en", "automatic")]
    assert "boat in a kitchen" in text(offline, found.tracks[0])


def test_a_vimeo_link_that_plays_only_embedded_is_asked_of_the_player(internet: Any, offline: Resolver) -> None:
    internet.put("https://vimeo.com/987654321", 403)
    internet.put(VIMEO, vimeo_page())

    found = offline.resolve("https://vimeo.com/987654321", referer="https://farm.example/harvest")

    assert found.video.id == "vimeo:987654321"


def test_dailymotion(internet: Any, offline: Resolver) -> None:
    internet.put("https://graphql.api.dailymotion.com/oauth/token", {"access_token": "t"})
    internet.put(
        "https://graphql.api.dailymotion.com/", {"data": {"media": {"xid": "x9abcde", "description": "At sea"}}}
    )
    internet.put(
        "https://www.dailymotion.com/player/metadata/video/x9abcde",
        {
            "title": "Low tide",
            "duration": 33,
            "created_time": 1_300_000_000,
            "owner": {"screenname": "Coast TV", "id": "x1"},
            "tags": ["sea"],
            "qualities": {"480": [{"type": "video/mp4", "url": "https://proxy.dailymotion.com/H264-640x360/a.mp4"}]},
            "subtitles": {
                "data": {
                    "fr": {"label": "French", "urls": ["https://static.dmcdn.net/fr.srt"]},
                    "en-auto": {"label": "English", "urls": ["https://static.dmcdn.net/en.srt"]},
                }
            },
        },
    )
    internet.put("https://static.dmcdn.net/fr.srt", "1\n00:00:01,000 --> 00:00:02,000\nMarée basse\n")

    found = offline.resolve("https://www.dailymotion.com/video/x9abcde")

    assert (found.video.id, found.video.channel, found.video.date) == ("dailymotion:x9abcde", "Coast TV", "2011-03-13")
    assert [(t.language, t.origin, t.format) for t in found.tracks] == [
        ("fr", "manual", "srt"), ("en", "automatic", "srt"),
    ]  # fmt: skip
    assert "Marée basse" in text(offline, found.tracks[0])


def test_ted_gives_captions_in_hls_segments(internet: Any, offline: Resolver) -> None:
    talk = {
        "id": "4711",
        "title": "Why boats float",
        "presenterDisplayName": "Iris Keel",
        "description": "On planks.",
        "duration": 600,
        "publishedAt": "2020-02-03T15:00:00Z",
        "videoPlayerData": {
            "resources": {"hls": {"stream": "https://hls.ted.com/t/master.m3u8"}},
            "thumb": "https://p.ted.com/t.jpg",
        },
    }
    page = {"props": {"pageProps": {"videoData": talk}}}
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(page)}</script>'
    internet.put("https://www.ted.com/talks/iris_keel_why_boats_float", f"<html><body>{script}</body></html>")
    put_hls(internet, "https://hls.ted.com/t/")

    found = offline.resolve("https://www.ted.com/talks/iris_keel_why_boats_float")

    assert (found.video.id, found.video.channel, found.video.date) == ("tedtalk:4711", "Iris Keel", "2020-02-03")
    assert [(t.language, t.origin, t.format) for t in found.tracks] == [("en", "manual", "vtt")]
    captions = text(offline, found.tracks[0])
    assert captions.count("WEBVTT") == 1
    assert captions.index("First we cut the planks.") < captions.index("Then it floated.")


def test_peertube(internet: Any, offline: Resolver) -> None:
    name = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
    api = f"https://peertube.cpy.re/api/v1/videos/{name}"
    internet.put(
        api + "/",
        {
            "name": "Knots",
            "publishedAt": "2018-10-01T10:50:46.396Z",
            "duration": 113,
            "files": [{"fileUrl": "https://peertube.cpy.re/f.mp4", "resolution": {"label": "480p"}}],
            "account": {"displayName": "rope"},
            "channel": {"displayName": "Rope school", "url": "https://peertube.cpy.re/video-channels/rope"},
            "language": {"id": "en"},
            "category": {"label": "How To"},
        },
    )
    captions = {"data": [{"language": {"id": "de"}, "captionPath": "/lazy-static/video-captions/de.vtt"}]}
    internet.put(api + "/captions", captions)
    internet.put("https://peertube.cpy.re/lazy-static/video-captions/de.vtt", VTT)

    found = offline.resolve(f"https://peertube.cpy.re/videos/watch/{name}")

    assert (found.video.id, found.video.channel, found.video.date) == (f"peertube:{name}", "Rope school", "2018-10-01")
    assert (found.video.site, found.video.language) == ("peertube.cpy.re", "en")
    assert [(t.language, t.format) for t in found.tracks] == [("de", "vtt")]
    assert "boat in a kitchen" in text(offline, found.tracks[0])


def test_streamable_has_no_captions_and_says_nothing_is_missing(internet: Any, offline: Resolver) -> None:
    video = {
        "status": 2,
        "title": "Goal",
        "duration": 12.5,
        "date_added": 1_454_964_157.35,
        "files": {"mp4": {"url": "//cdn.streamable.com/g.mp4", "width": 640, "height": 360}},
        "owner": {"user_name": "matchday"},
    }
    internet.put("https://ajax.streamable.com/videos/abc12", video)

    found = offline.resolve("https://streamable.com/abc12")

    assert (found.video.id, found.video.title, found.video.duration_ms) == ("streamable:abc12", "Goal", 12_500)
    assert (found.tracks, found.missing) == ((), "")


def test_a_streamable_link_that_is_gone_is_gone(internet: Any, offline: Resolver) -> None:
    internet.put("https://ajax.streamable.com/videos/abc12", 404)

    with pytest.raises(ResolveError) as caught:
        offline.resolve("https://streamable.com/abc12")

    assert caught.value.verdict == "gone"


# Playlists

SERIES = "https://www.ted.com/series/planks"


def put_series(internet: Any, *talks: str) -> None:
    nodes = [{"__typename": "Video", "canonicalUrl": f"https://www.ted.com/talks/{talk}"} for talk in talks]
    page = {
        "props": {"pageProps": {"series": {"id": "1", "name": "Planks"}, "seasons": [{"videos": {"nodes": nodes}}]}}
    }
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(page)}</script>'
    internet.put(SERIES, f"<html><body>{script}</body></html>")


def test_a_playlist_lists_its_videos_once_each_up_to_the_limit(internet: Any, offline: Resolver) -> None:
    put_series(internet, "one", "two", "one", "three", "four")

    assert list(offline.entries(SERIES, limit=3)) == [f"https://www.ted.com/talks/{n}" for n in ("one", "two", "three")]
    assert internet.urls() == [SERIES]


def test_a_playlist_is_no_video(internet: Any, offline: Resolver) -> None:
    put_series(internet, "one", "two")

    with pytest.raises(PlaylistError, match="playlist 'Planks'"):
        offline.resolve(SERIES)


def test_a_playlist_never_lists_a_private_address(internet: Any, offline: Resolver) -> None:
    feed = "".join(
        f"<item><title>t</title><enclosure url='{url}'/></item>"
        for url in ("http://127.0.0.1/a.mp3", "http://router/b.mp3", "file:///etc/passwd", "https://pod.example/c.mp3")
    )
    internet.put(
        "https://pod.example/feed", f"<?xml version='1.0'?><rss><channel><title>Pod</title>{feed}</channel></rss>"
    )

    assert list(offline.entries("https://pod.example/feed")) == ["https://pod.example/c.mp3"]


def test_a_channel_opens_the_tabs_in_it(internet: Any, offline: Resolver) -> None:
    """A channel is a playlist of playlists; a tab's entries point to videos."""
    channel = "https://www.youtube.com/@kitchenboats"
    internet.put(channel, youtube_tabs("Home", f"{channel}/videos"))
    internet.put(f"{channel}/videos", youtube_tabs("Videos", f"{channel}/videos", "k1tcHenB0at", "k1tcHenB0bt"))

    found = list(offline.entries(channel, limit=10))

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
