"""yt-dlp's own extractors on hand-made pages, down to the text of the captions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.resolve.conftest import Find
from vidindex.errors import PlaylistError, ResolveError
from vidindex.model import Track
from vidindex.resolve import VideoResolver

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


def text(resolver: VideoResolver, track: Track) -> str:
    return resolver.fetch_track(track).decode()


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


def test_vimeo_gets_the_embedding_page_as_referer(internet: Any, offline: VideoResolver, find: Find) -> None:
    article = "https://farm.example/harvest"
    internet.put(VIMEO, lambda request: vimeo_page() if request.headers.get("Referer") == article else 403)
    internet.put("https://player.vimeo.com/texttrack/1.vtt", VTT)

    found = offline.resolve(VIMEO, referer=article)

    assert (found.video.id, found.video.title, found.video.channel) == ("vimeo:987654321", "Harvest", "Ana Field")
    assert "smuggle" not in found.video.url
    assert [(t.language, t.origin) for t in found.tracks] == [("en", "manual"), ("en", "automatic")]
    assert "boat in a kitchen" in text(offline, found.tracks[0])
    internet.put("https://player.vimeo.com/texttrack/2.vtt", VTT)
    hit = find(offline, VIMEO, "we built the boat", referer=article)
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_a_vimeo_link_that_plays_only_embedded_is_resolved_through_the_player(
    internet: Any, offline: VideoResolver
) -> None:
    internet.put("https://vimeo.com/987654321", 403)
    internet.put(VIMEO, vimeo_page())

    found = offline.resolve("https://vimeo.com/987654321", referer="https://farm.example/harvest")

    assert found.video.id == "vimeo:987654321"


def test_dailymotion(internet: Any, offline: VideoResolver, find: Find) -> None:
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
    internet.put("https://static.dmcdn.net/en.srt", "1\n00:00:01,000 --> 00:00:02,000\nlow tide it is\n")
    hit = find(offline, "https://www.dailymotion.com/video/x9abcde", "maree basse")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_ted_gives_captions_in_hls_segments(internet: Any, offline: VideoResolver, find: Find) -> None:
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
    # The quote continues in the next segment.
    hit = find(offline, "https://www.ted.com/talks/iris_keel_why_boats_float", "we cut the planks then it floated")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_peertube(internet: Any, offline: VideoResolver, find: Find) -> None:
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
    hit = find(offline, f"https://peertube.cpy.re/videos/watch/{name}", "we built the boat")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_streamable_has_no_captions_and_no_missing_reason(internet: Any, offline: VideoResolver) -> None:
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
    assert (found.tracks, found.missing_reason) == ((), "")


def test_a_streamable_link_that_is_gone_is_gone(internet: Any, offline: VideoResolver) -> None:
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


def test_a_playlist_lists_its_videos_once_each_up_to_the_limit(internet: Any, offline: VideoResolver) -> None:
    put_series(internet, "one", "two", "one", "three", "four")

    assert list(offline.list_entries(SERIES, limit=3)) == [
        f"https://www.ted.com/talks/{n}" for n in ("one", "two", "three")
    ]
    assert internet.urls() == [SERIES]


def test_a_playlist_is_not_a_video(internet: Any, offline: VideoResolver) -> None:
    put_series(internet, "one", "two")

    with pytest.raises(PlaylistError, match="playlist 'Planks'"):
        offline.resolve(SERIES)


def test_a_playlist_never_lists_a_private_address(internet: Any, offline: VideoResolver) -> None:
    feed = "".join(
        f"<item><title>t</title><enclosure url='{url}'/></item>"
        for url in ("http://127.0.0.1/a.mp3", "http://router/b.mp3", "file:///etc/passwd", "https://pod.example/c.mp3")
    )
    internet.put(
        "https://pod.example/feed", f"<?xml version='1.0'?><rss><channel><title>Pod</title>{feed}</channel></rss>"
    )

    assert list(offline.list_entries("https://pod.example/feed")) == ["https://pod.example/c.mp3"]
