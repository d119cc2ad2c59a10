"""`add --wayback`: unavailable videos are looked up in the Wayback Machine."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.ingest.conftest import Add
from tests.resolve.conftest import Answer, Internet, Site
from vidindex.model import EmbedRecord
from vidindex.resolve import VideoResolver
from vidindex.store.base import Store

DEAD = "http://media.mtvnservices.com/mgid:uma:video:mtv.com:430000"
STAMP = "20091001120000"
VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nI never took the time off.\n"


def article(site: Site, player: str) -> str:
    return site.put("/2009/09/15/jay.html", f"<article><h1>Jay</h1><h3>JAY SPEAKS</h3>{player}</article>")


def archived(site: Site, url: str, body: str | bytes, content_type: str) -> str:
    """Have the archive hold *body* as the copy of *url*."""

    def answer(request: Any) -> Answer:
        asked = parse_qs(urlsplit(request.path).query)["url"][0]
        closest = {"closest": {"available": True, "status": "200", "timestamp": STAMP, "url": "http://elsewhere/"}}
        held = closest if asked == url else {}
        return Answer(json.dumps({"archived_snapshots": held}).encode(), headers={"Content-Type": "application/json"})

    site.pages["/available"] = answer
    return site.put(f"/web/{STAMP}id_/{url}", body, content_type)


def state(store: Store) -> EmbedRecord:
    (only,) = store.list_embeds()
    return only


def test_a_dead_embed_is_not_looked_for_unless_asked(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    report = add(page)

    assert (report.dead, state(store).state, state(store).reason) == (1, "dead", "")
    assert site.paths() == ["/2009/09/15/jay.html"]


def test_the_copy_of_a_media_file_is_taken(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    archived(site, DEAD, b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4")
    report = add(page, wayback=True)

    assert (report.dead, report.failures) == (0, ())
    assert state(store).state == "done"
    assert state(store).video in (*report.videos, *report.without_captions)


def test_a_second_run_without_the_archive_keeps_the_copy(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    archived(site, DEAD, b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4")
    add(page, wayback=True)
    before = state(store)
    report = add(page)

    assert (report.dead, state(store)) == (0, before)


def test_the_player_alone_is_no_copy(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    archived(site, DEAD, b"CWS\x09" + bytes(100), "application/x-shockwave-flash")
    report = add(page, wayback=True)

    assert (report.dead, state(store).state) == (1, "dead")
    assert "the web archive was asked" in state(store).reason


def test_the_file_that_an_archived_player_page_plays_is_taken(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    archived(site, DEAD, '<script>jwplayer("x").setup({file: "/clips/jay.mp4"})</script>', "text/html")
    site.put(
        f"/web/{STAMP}id_/http://media.mtvnservices.com/clips/jay.mp4", b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4"
    )
    add(page, wayback=True)

    assert state(store).state == "done"


def test_where_the_archive_has_nothing_the_embed_stays_dead_and_says_so(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}">')
    archived(site, "http://other.example/", b"", "text/html")
    report = add(page, wayback=True)

    assert (report.dead, report.failures, state(store).state) == (1, (), "dead")
    assert "the web archive was asked and has no copy" in state(store).reason


def test_an_archive_that_does_not_answer_is_a_failure_and_stops_nothing(add: Add, site: Site, store: Store) -> None:
    page = article(site, f'<embed src="{DEAD}"><video src="/one.mp4"></video>')
    site.put("/one.mp4", b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4")
    site.say("/available", 503, {})
    report = add(page, wayback=True)

    assert [s.state for s in store.list_embeds()] == ["dead", "done"]
    assert [failure.target for failure in report.failures] == [store.list_embeds()[0].embed.url]
    assert "could not be asked" in store.list_embeds()[0].reason


def test_a_clip_that_is_gone_is_taken_from_the_archive_with_its_captions(add: Add, site: Site, store: Store) -> None:
    page = article(site, '<video src="/clip.mp4"><track src="/clip.vtt" srclang="en"></video>')
    clip = site.url("/clip.mp4")
    archived(site, clip, b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4")
    site.put(f"/web/20090915id_/{site.url('/clip.vtt')}", VTT, "text/vtt")
    report = add(page, wayback=True)

    assert (state(store).state, report.failures) == ("done", ())
    assert [track.language for _, track in store.list_tracks(state(store).video)] == ["en"]


def test_a_clip_that_is_gone_everywhere_says_both(add: Add, site: Site, store: Store) -> None:
    page = article(site, '<video src="/clip.mp4"></video>')
    archived(site, "http://other.example/", b"", "text/html")
    report = add(page, wayback=True)

    assert state(store).state == "gone"
    assert "the web archive was asked" in state(store).reason
    assert [failure.verdict for failure in report.failures] == ["gone"]


def youtube(internet: Internet, *, kept: bool) -> None:
    internet.put("https://www.youtube.com/youtubei/v1/player", {
        "playabilityStatus": {"status": "ERROR", "reason": "This video has been removed by the uploader"},
    })  # fmt: skip
    internet.put("https://www.youtube.com/youtubei/v1/next", {})
    form = {"url": "https://r1.googlevideo.example/videoplayback?itag=18&clen=9", "ext": "mp4"}
    internet.put("https://web.archive.org/__wb/videoinfo", {"formats": [form] if kept else []})
    internet.put("https://web.archive.org/cdx/search/cdx", b"[]")
    internet.put(
        "https://web.archive.org/web/20090915000000if_/http://www.youtube.com/watch?v=aB3dE6gH9jK",
        '<title>Jay speaks - YouTube</title><meta property="og:title" content="Jay speaks">',
    )


def test_a_youtube_video_that_is_gone_is_taken_with_yt_dlp_s_own_extractor(
    add: Add, site: Site, store: Store, internet: Internet, offline: VideoResolver
) -> None:
    youtube(internet, kept=True)
    page = article(site, '<iframe src="https://www.youtube.com/embed/aB3dE6gH9jK"></iframe>')
    add(page, wayback=True, resolver=offline)

    video = store.find_video(state(store).video)
    assert (state(store).state, video.title if video else "") == ("done", "Jay speaks")


def test_a_youtube_page_that_was_kept_without_its_video_is_no_copy(
    add: Add, site: Site, store: Store, internet: Internet, offline: VideoResolver
) -> None:
    youtube(internet, kept=False)
    page = article(site, '<iframe src="https://www.youtube.com/embed/aB3dE6gH9jK"></iframe>')
    add(page, wayback=True, resolver=offline)

    assert state(store).state == "gone"
    assert "the web archive was asked" in state(store).reason
