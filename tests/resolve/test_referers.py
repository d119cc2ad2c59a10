"""The Referer that real servers receive, under names that lead to loopback."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from tests.loopback import Site
from vidindex.errors import ResolveError
from vidindex.ingest.page_reader import expand_wrapper, read_page
from vidindex.model import Embed
from vidindex.net.fetch import FetchOptions
from vidindex.net.ssrf import ANY_HOST
from vidindex.resolve import FoundTrack, ResolveOptions, VideoResolver

SECRET = "SECRET"
VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nThe kettle was singing.\n"


@pytest.fixture(autouse=True)
def names_lead_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    getaddrinfo = socket.getaddrinfo

    def resolve(host: str, port: int, **rest: Any) -> Any:
        return getaddrinfo("127.0.0.1" if host.endswith((".example", "vimeo.com")) else host, port, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def resolver() -> Iterator[VideoResolver]:
    with VideoResolver(ResolveOptions(retries=0, allow_private=True)) as made:
        yield made


def at(site: Site, host: str, path: str) -> str:
    return site.url(path).replace("127.0.0.1", host)


def requests_to(site: Site, host: str) -> list[dict[str, str]]:
    return [headers for _, headers in site.asked if headers["Host"].startswith(host)]


def referers(site: Site, host: str) -> set[str]:
    return {headers.get("Referer", "") for headers in requests_to(site, host)}


def assert_no_leak(site: Site, host: str) -> None:
    sent = [(path, headers) for path, headers in site.asked if headers["Host"].startswith(host)]
    assert sent
    assert SECRET not in unquote(json.dumps(sent))


def test_an_embed_on_another_site_gets_the_origin_of_the_article(site: Site, resolver: VideoResolver) -> None:
    site.put("/v.mp4", bytes(600), "video/mp4")
    article = at(site, "cms.example", f"/draft?token={SECRET}")

    resolver.resolve(at(site, "player.example", "/v.mp4"), referer=article)
    resolver.resolve(at(site, "cms.example", "/v.mp4"), referer=article)

    assert referers(site, "player.example") == {at(site, "cms.example", "/")}
    assert referers(site, "cms.example") == {article}


def test_captions_and_audio_on_another_site_get_the_origin(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/k.vtt", VTT, "text/vtt")
    site.put("/talk.mp3", bytes(4000), "audio/mpeg")
    article = at(site, "cms.example", f"/draft?token={SECRET}")
    stated = (("Referer", article),)

    resolver.fetch_track(FoundTrack("en", "manual", "vtt", at(site, "a.example", "/k.vtt"), referer=article))
    resolver.fetch_track(FoundTrack("en", "manual", "vtt", at(site, "b.example", "/k.vtt"), headers=stated))
    resolver.fetch_audio(at(site, "c.example", "/talk.mp3"), tmp_path, referer=article)

    for host in ("a.example", "b.example", "c.example"):
        assert referers(site, host) == {at(site, "cms.example", "/")}


def test_a_page_that_yt_dlp_reads_itself_is_not_named_to_its_players(
    site: Site, resolver: VideoResolver, tmp_path: Path
) -> None:
    """yt-dlp puts the whole address into the headers of media and captions."""
    site.put("/v.mp4", bytes(4000), "video/mp4")
    site.put("/k.vtt", VTT, "text/vtt")
    media, captions = at(site, "cdn.example", "/v.mp4"), at(site, "text.example", "/k.vtt")
    page = f"<title>Draft</title><video src='{media}'><track kind='captions' srclang='en' src='{captions}'></video>"
    site.put("/draft", page)
    draft = at(site, "cms.example", f"/draft?token={SECRET}")

    resolver.fetch_track(resolver.resolve(draft).tracks[0])
    resolver.fetch_audio(draft, tmp_path)

    assert_no_leak(site, "cdn.example")
    assert_no_leak(site, "text.example")


def test_a_page_behind_a_redirect_is_not_named_either(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/v.mp4", bytes(4000), "video/mp4")
    site.put("/draft", f"<title>Draft</title><video src='{at(site, 'cdn.example', '/v.mp4')}'></video>")
    site.redirect("/short", at(site, "cms.example", f"/draft?token={SECRET}"))

    resolver.fetch_audio(at(site, "short.example", "/short"), tmp_path)

    assert_no_leak(site, "cdn.example")


def test_a_player_that_wants_the_page_in_its_request_gets_the_origin(internet: Any, offline: VideoResolver) -> None:
    """The extractor for Mediasite sends the embedding page as data."""
    player = "https://media.example/Mediasite/Play/" + "a" * 32 + "1d"
    internet.put("https://cms.example/draft", f"<title>Draft</title><iframe src='{player}'></iframe>")
    internet.put(player, "<div id='ServicePath'>/Mediasite/PlayerService</div>")

    with pytest.raises(ResolveError):
        offline.resolve(f"https://cms.example/draft?token={SECRET}")

    bodies = [json.loads(request.data) for request in internet.asked if request.data]
    assert [body["getPlayerOptionsRequest"]["UrlReferrer"] for body in bodies] == ["https://cms.example/"]


def test_a_local_page_is_not_named(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/v.mp4", bytes(4000), "video/mp4")
    page = tmp_path / f"{SECRET}.html"
    page.write_text(f"<title>Diary</title><video src='{at(site, 'cdn.example', '/v.mp4')}'></video>")

    resolver.fetch_audio(page.as_uri(), tmp_path)
    resolver.resolve(at(site, "player.example", "/v.mp4"), referer=page.as_uri())

    assert referers(site, "cdn.example") == referers(site, "player.example") == {""}


def test_a_wrapper_frame_does_not_get_the_article(site: Site) -> None:
    site.put("/frame", "<iframe src='https://www.youtube.com/embed/aB3dE6gH9jK'></iframe>")
    article = at(site, "cms.example", f"/draft?token={SECRET}")
    site.put("/draft", f"<iframe src='{at(site, 'frames.example', '/frame')}'></iframe>")
    fetching = FetchOptions(allowed_private_hosts=ANY_HOST)

    found = read_page(article, fetching=fetching)
    frame = Embed(url=at(site, "frames.example", "/frame"), provider="iframely", id="1", label="", kind="embed")
    expand_wrapper(frame, page=found.article.fetched_from, fetching=fetching)

    assert_no_leak(site, "frames.example")


def test_vimeo_gets_the_page_without_its_query(internet: Any, offline: VideoResolver) -> None:
    internet.put("https://player.vimeo.com/video/987654321", 403)

    with pytest.raises(ResolveError):
        offline.resolve("https://player.vimeo.com/video/987654321", referer=f"https://cms.example/draft?t={SECRET}")

    sent = [request.headers.get("Referer") for request in internet.asked]
    assert "https://cms.example/draft" in sent
    assert SECRET not in quote(str(sent))


def test_a_host_that_only_sounds_like_vimeo_gets_the_origin(site: Site, resolver: VideoResolver) -> None:
    site.put("/v.mp4", bytes(600), "video/mp4")
    resolver.resolve(at(site, "notvimeo.com", "/v.mp4"), referer=at(site, "cms.example", f"/{SECRET}"))
    assert referers(site, "notvimeo.com") == {at(site, "cms.example", "/")}


def test_a_referer_that_the_user_states_stays(site: Site) -> None:
    site.put("/v.mp4", bytes(600), "video/mp4")
    options = ResolveOptions(retries=0, allow_private=True, extra=("referer=http://shop.example/film?id=7",))
    with VideoResolver(options) as resolver:
        resolver.resolve(at(site, "player.example", "/v.mp4"), referer=at(site, "cms.example", f"/{SECRET}"))
    assert referers(site, "player.example") == {"http://shop.example/film?id=7"}


def test_a_page_with_letters_of_any_language_can_be_a_referer(site: Site, resolver: VideoResolver) -> None:
    site.put("/v.mp4", bytes(600), "video/mp4")
    resolver.resolve(at(site, "cms.example", "/v.mp4"), referer=at(site, "cms.example", "/wasser–und–水"))
    assert referers(site, "cms.example") == {at(site, "cms.example", quote("/wasser–und–水"))}
