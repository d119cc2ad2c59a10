"""Pages, manifests and files on a real server, through yt-dlp's own network stack."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from tests.processes import HANG_S
from tests.resolve.conftest import Find
from vidindex.errors import CaptionFetchError, ResolveError
from vidindex.model import CaptionLink, Track
from vidindex.resolve import FoundTrack, ResolvedVideo, ResolveOptions, VideoResolver

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nThe kettle was singing.\n"
PUBLIC = "http://news.example/story"


def languages(found: ResolvedVideo) -> list[tuple[str, str, str]]:
    return [(track.language, track.origin, track.format) for track in found.tracks]


def test_an_html5_player_with_its_track(site: Any, resolver: VideoResolver, find: Find) -> None:
    site.put("/k.vtt", VTT, "text/vtt")
    page = site.put(
        "/shows/kettle.html",
        "<html><head><title>The kettle show</title></head><body><video src='/k.mp4'>"
        "<track kind='captions' srclang='en-gb' label='English' src='/k.vtt'></video></body></html>",
    )

    found = resolver.resolve(page)

    assert found.video.id == "web:" + site.base.removeprefix("http://") + "/shows/kettle.html"
    assert (found.video.title, found.video.site, found.video.date) == ("The kettle show", "127.0.0.1", "")
    assert languages(found) == [("en-GB", "manual", "vtt")]
    assert resolver.fetch_track(found.tracks[0]).decode() == VTT
    hit = find(resolver, page, "the kettle was singing")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_a_media_file_with_the_captions_that_its_page_states(site: Any, resolver: VideoResolver) -> None:
    """The page that embeds the file is not requested again."""
    media = site.put("/the_singing-kettle.mp4?v=2", b"\0\0\0 ftypisom" + bytes(2000), "video/mp4")
    captions = (CaptionLink(site.put("/k.srt", "1\n", "text/plain"), "eng", "English"),)

    found = resolver.resolve(media, referer=site.url("/page"), captions=captions)

    assert found.video.id.startswith("web:127.0.0.1:")
    assert found.video.title == "the singing kettle"
    assert languages(found) == [("en", "manual", "srt")]
    assert site.paths() == ["/the_singing-kettle.mp4?v=2"]
    assert resolver.resolve(media, title="Kettles").video.title == "Kettles"


def test_media_files_of_one_name_get_ids_of_their_own(site: Any, resolver: VideoResolver) -> None:
    first, second = (site.put(f"/{name}/video.mp4", bytes(600), "video/mp4") for name in "ab")
    third = site.put("/a/video.mp4?take=2", bytes(600), "video/mp4")

    assert len({resolver.resolve(url).video.id for url in (first, second, third)}) == 3


def test_hls_with_a_rendition_of_captions_in_segments(site: Any, resolver: VideoResolver, find: Find) -> None:
    site.put("/en.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n1.vtt\n#EXTINF:9,\n2.vtt\n#EXT-X-ENDLIST\n")
    site.put("/1.vtt", VTT, "text/vtt")
    site.put("/2.vtt", VTT.replace("00:01", "00:10").replace("00:03", "00:12").replace("singing", "silent"), "text/vtt")
    site.put("/v.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nv.ts\n#EXT-X-ENDLIST\n")
    url = site.put(
        "/talk.m3u8",
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="en.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=9000,SUBTITLES="s"\nv.m3u8\n',
        "application/vnd.apple.mpegurl",
    )

    found = resolver.resolve(url)

    assert languages(found) == [("en", "manual", "vtt")]
    captions = resolver.fetch_track(found.tracks[0]).decode()
    assert captions.index("singing") < captions.index("silent")
    hit = find(resolver, url, "the kettle was singing the kettle was silent")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)
    plain = Track("en", "manual", "vtt", found.tracks[0].url)
    assert "silent" in resolver.fetch_track(plain).decode(), "a track read back from the store is fetched too"


def test_hls_whose_segment_is_missing_is_a_failure_not_a_shorter_track(site: Any) -> None:
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n1.vtt\n#EXTINF:9,\n2.vtt\n#EXT-X-ENDLIST\n"
    site.put("/1.vtt", VTT, "text/vtt")
    with VideoResolver(ResolveOptions(retries=0)) as resolver, pytest.raises(CaptionFetchError) as caught:
        resolver.fetch_track(Track("en", "manual", "vtt", site.put("/en.m3u8", playlist)))
    assert caught.value.verdict == "later"


def test_dash_with_webvtt_and_ttml(site: Any, resolver: VideoResolver, find: Find) -> None:
    site.put("/c/en.vtt", VTT, "text/vtt")
    site.put("/c/fr.ttml", "<tt xmlns='http://www.w3.org/ns/ttml'><body/></tt>", "application/ttml+xml")
    url = site.put(
        "/m.mpd",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT9S">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="v" bandwidth="9" width="4" height="4">'
        "<BaseURL>v.mp4</BaseURL></Representation></AdaptationSet>"
        '<AdaptationSet mimeType="text/vtt" lang="en"><Representation id="e" bandwidth="1"><BaseURL>c/en.vtt</BaseURL>'
        "</Representation></AdaptationSet>"
        '<AdaptationSet mimeType="application/ttml+xml" lang="fr"><Representation id="f" bandwidth="1">'
        "<BaseURL>c/fr.ttml</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "application/dash+xml",
    )

    found = resolver.resolve(url)

    assert sorted(languages(found)) == [("en", "manual", "vtt"), ("fr", "manual", "ttml")]
    assert {resolver.fetch_track(track)[:3] for track in found.tracks} == {b"WEB", b"<tt"}
    timed = "<body><div><p begin='1s' end='2s'>la bouilloire chantait</p></div></body>"
    site.put("/c/fr.ttml", f"<tt xmlns='http://www.w3.org/ns/ttml'>{timed}</tt>", "application/ttml+xml")
    hit = find(resolver, url, "bouilloire chantait")
    assert (hit.match, round(hit.start_ms, -3) // 1000) == ("exact", 1)


def test_dash_whose_captions_come_in_parts(site: Any, resolver: VideoResolver) -> None:
    for number, word in ((1, "singing"), (2, "silent")):
        site.put(f"/s-{number}.vtt", VTT.replace("singing", word), "text/vtt")
    url = site.put(
        "/m.mpd",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT8S">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="v" bandwidth="9" width="4" height="4">'
        "<BaseURL>v.mp4</BaseURL></Representation></AdaptationSet>"
        '<AdaptationSet mimeType="text/vtt" lang="en"><Representation id="e" bandwidth="1">'
        '<SegmentTemplate media="s-$Number$.vtt" startNumber="1" timescale="1" duration="4"/>'
        "</Representation></AdaptationSet></Period></MPD>",
        "application/dash+xml",
    )

    captions = resolver.fetch_track(resolver.resolve(url).tracks[0]).decode()

    assert captions.index("singing") < captions.index("silent")


def test_a_jw_player_whose_tracks_carry_labels(site: Any, resolver: VideoResolver, find: Find) -> None:
    site.put("/es.vtt", VTT, "text/vtt")
    page = site.put(
        "/jw",
        "<html><head><title>Kettles, live</title></head><body><div id='p'></div><script>jwplayer('p').setup({"
        "file: '/k.mp4', title: 'Boiling over', tracks: [{file: '/es.vtt', label: 'Spanish (Spain)', kind: 'captions'},"
        "{file: '/thumbs.vtt', kind: 'thumbnails'}]});</script></body></html>",
    )

    found = resolver.resolve(page)

    assert found.video.title == "Boiling over"
    assert languages(found) == [("es", "manual", "vtt")]
    assert b"kettle" in resolver.fetch_track(found.tracks[0])
    hit = find(resolver, page, "the kettle was singing")
    assert (hit.match, hit.start_ms // 1000) == ("exact", 1)


def test_json_ld_gives_the_date_that_a_file_header_does_not(site: Any, resolver: VideoResolver) -> None:
    ld = '{"@context":"https://schema.org","@type":"VideoObject","name":"Steam","uploadDate":"2012-03-04",'
    html = f'<script type=\'application/ld+json\'>{ld}"contentUrl":"{site.url("/k.mp4")}"}}</script>'
    page = site.put("/ld", f"<html><body>{html}</body></html>", Last_Modified="Wed, 01 Jan 2020 00:00:00 GMT")
    plain = site.put("/k.mp4", bytes(600), "video/mp4", Last_Modified="Wed, 01 Jan 2020 00:00:00 GMT")

    assert resolver.resolve(page).video.date == "2012-03-04"
    assert resolver.resolve(plain).video.date == ""


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "k.vtt").write_text(VTT)
    (tmp_path / "site" / "my kettle.webm").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(900))
    (tmp_path / "site" / "player.html").write_text(
        "<html><head><title>Local kettle</title></head><body><video src='my%20kettle.webm'>"
        "<track srclang=en src=k.vtt></video></body></html>"
    )
    (tmp_path / "secret.mp4").write_bytes(bytes(900))
    return tmp_path / "site"


def test_a_local_player_page(folder: Path, resolver: VideoResolver) -> None:
    url = (folder / "player.html").as_uri()

    found = resolver.resolve(url, referer=(folder / "article.html").as_uri())

    assert found.video.id.startswith("file:player-")
    assert (found.video.url, found.video.title, found.video.site) == (url, "Local kettle", "")
    assert languages(found) == [("en", "manual", "vtt")]
    assert found.tracks[0].url == (folder / "k.vtt").as_uri()
    assert resolver.fetch_track(found.tracks[0]).decode() == VTT


def test_a_local_media_file(folder: Path, resolver: VideoResolver) -> None:
    links = (CaptionLink((folder / "k.vtt").as_uri(), "en"),)

    found = resolver.resolve((folder / "my kettle.webm").as_uri(), referer=(folder / "a.html").as_uri(), captions=links)

    assert found.video.title == "my kettle"
    assert resolver.fetch_track(found.tracks[0]).decode() == VTT


@pytest.mark.parametrize("referer", [PUBLIC, "http://127.0.0.1/"])
def test_a_web_page_reaches_no_local_file(folder: Path, resolver: VideoResolver, referer: str) -> None:
    with pytest.raises(ResolveError) as caught:
        resolver.resolve((folder / "my kettle.webm").as_uri(), referer=referer)
    assert caught.value.verdict == "blocked"


def test_a_local_page_reaches_only_its_own_folder(folder: Path, resolver: VideoResolver) -> None:
    (folder / "link.mp4").symlink_to(folder.parent / "secret.mp4")
    for name in ("../secret.mp4", "link.mp4", "%2e%2e/secret.mp4"):
        with pytest.raises(ResolveError, match="outside the folder"):
            resolver.resolve(folder.as_uri() + "/" + name, referer=(folder / "a.html").as_uri())


def test_a_pipe_or_a_device_beside_a_local_page_is_refused_at_once(folder: Path, resolver: VideoResolver) -> None:
    os.mkfifo(folder / "pipe.mp4")
    (folder / "folder.mp4").mkdir()
    for name in ("pipe.mp4", "folder.mp4"):
        with pytest.raises(ResolveError, match="cannot be read"):
            resolver.resolve((folder / name).as_uri(), referer=(folder / "a.html").as_uri())


def test_a_missing_local_file_is_gone(folder: Path, resolver: VideoResolver) -> None:
    with pytest.raises(ResolveError) as caught:
        resolver.resolve((folder / "no.mp4").as_uri(), referer=(folder / "a.html").as_uri())
    assert caught.value.verdict == "gone"
    assert f"the file {folder / 'no.mp4'} does not exist" in str(caught.value)


# Private addresses


def test_an_embed_of_a_public_page_reaches_no_private_address(site: Any, resolver: VideoResolver) -> None:
    media = site.put("/k.mp4", bytes(600), "video/mp4")
    for url in (media, media.replace("127.0.0.1", "localhost"), media.replace("127.0.0.1", "0x7f000001")):
        with pytest.raises(ResolveError, match="private address") as caught:
            resolver.resolve(url, referer=PUBLIC)
        assert caught.value.verdict == "blocked"
    assert site.asked == []


def test_captions_of_a_public_page_reach_no_private_address(site: Any, resolver: VideoResolver) -> None:
    link = site.put("/k.vtt", VTT, "text/vtt")
    for url in (link, "ftp://127.0.0.1/k.vtt", "file:///etc/hostname"):
        track = FoundTrack("en", "manual", "vtt", url, referer=PUBLIC)
        with pytest.raises(CaptionFetchError):
            resolver.fetch_track(track)
    assert site.asked == []


def test_a_redirect_reaches_no_other_private_host(site: Any, resolver: VideoResolver) -> None:
    site.redirect("/k.mp4", site.url("/secret.mp4").replace("127.0.0.1", "127.0.0.2"))
    with pytest.raises(ResolveError, match=r"127\.0\.0\.2 is a private address"):
        resolver.resolve(site.url("/k.mp4"))


def test_a_segment_reaches_no_other_private_host(site: Any) -> None:
    site.put("/1.vtt", VTT, "text/vtt")
    other = site.url("/1.vtt").replace("127.0.0.1", "127.0.0.2")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n1.vtt\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n"
    with VideoResolver(ResolveOptions(retries=0)) as resolver, pytest.raises(CaptionFetchError):
        resolver.fetch_track(Track("en", "manual", "vtt", site.put("/en.m3u8", playlist)))
    assert site.paths() == ["/en.m3u8", "/1.vtt"]


def test_private_addresses_may_be_allowed(site: Any) -> None:
    media = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(allow_private=True)) as resolver:
        assert resolver.resolve(media, referer=PUBLIC).video.title == "k"
    with VideoResolver() as resolver:
        assert (
            resolver.resolve(media, referer=PUBLIC, allowed_private_hosts=frozenset({"127.0.0.1"})).video.title == "k"
        )


# Limits


def test_captions_beyond_the_cap_are_refused(site: Any, resolver: VideoResolver) -> None:
    bomb = gzip.compress(b"WEBVTT\n\n" + bytes(40_000_000))
    url = site.put("/bomb.vtt", bomb, "text/vtt", Content_Encoding="gzip")
    with pytest.raises(CaptionFetchError, match="larger than"):
        resolver.fetch_track(Track("en", "manual", "vtt", url))


def test_an_empty_response_is_a_failure(site: Any, resolver: VideoResolver) -> None:
    url = site.put("/empty.vtt", b" \n", "text/vtt")
    with pytest.raises(CaptionFetchError, match="empty response"):
        resolver.fetch_track(Track("en", "manual", "vtt", url))


def test_captions_are_requested_again_after_a_temporary_failure(site: Any) -> None:
    url = site.put("/k.vtt", VTT, "text/vtt")
    good = site.pages["/k.vtt"]
    site.pages["/k.vtt"] = lambda _: good if len(site.asked) > 1 else type(good)(status=503)

    with VideoResolver(ResolveOptions(retries=1)) as resolver:
        assert resolver.fetch_track(Track("en", "manual", "vtt", url)).decode() == VTT
    assert site.paths() == ["/k.vtt", "/k.vtt"]


def test_captions_that_are_gone_are_requested_once(site: Any, resolver: VideoResolver) -> None:
    with pytest.raises(CaptionFetchError) as caught:
        resolver.fetch_track(Track("en", "manual", "vtt", site.url("/gone.vtt")))
    assert (caught.value.verdict, site.paths()) == ("gone", ["/gone.vtt"])


def test_a_server_that_sends_slowly_is_abandoned(site: Any) -> None:
    site.drip("/slow", b"<html>" + b"x" * 50_000, pause_s=0.05)
    with (
        VideoResolver(ResolveOptions(retries=0, timeout_s=HANG_S, total_s=0.6)) as resolver,
        pytest.raises(ResolveError) as caught,
    ):
        resolver.resolve(site.url("/slow"))
    assert caught.value.verdict == "later"


@pytest.mark.parametrize("hostile", ["<iframe " * 4000, "<script>" + "<video " * 4000, "<object></object>" * 10_000])
def test_a_page_that_would_take_yt_dlp_minutes_is_rejected(site: Any, resolver: VideoResolver, hostile: str) -> None:
    with pytest.raises(ResolveError, match="too broken") as caught:
        resolver.resolve(site.put("/h", "<html><body>" + hostile))
    assert caught.value.verdict == "unsupported"


def test_a_host_that_asks_for_a_pause_gets_no_requests(site: Any) -> None:
    site.say("/k.mp4", 429, {"Retry-After": "900"})
    with VideoResolver(ResolveOptions(retries=0)) as resolver:
        for text in ("429", "asked for a pause of another"):
            with pytest.raises(ResolveError, match=text) as caught:
                resolver.resolve(site.url("/k.mp4"))
            assert caught.value.verdict == "later"
    assert len(site.asked) == 1


def test_threads_share_a_resolver(site: Any, resolver: VideoResolver) -> None:
    from concurrent.futures import ThreadPoolExecutor

    urls = [site.put(f"/clip{number}.mp4", bytes(600), "video/mp4") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        titles = list(pool.map(lambda url: resolver.resolve(url).video.title, urls))
    assert titles == [f"clip{number}" for number in range(12)]
