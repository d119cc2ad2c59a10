"""What a person asks of yt-dlp reaches it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from vidindex.errors import ResolveError, VidindexError
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.options import build_ydl_params

COOKIE = "{}\tFALSE\t/\tFALSE\t0\t{}\t12\n"
JAR = "# Netscape HTTP Cookie File\n" + COOKIE.format("127.0.0.1", "seat") + COOKIE.format("kettle.example", "other")


def asked_with(site: Any, options: ResolveOptions, *, referer: str = "") -> dict[str, str]:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(options) as resolver:
        resolver.resolve(url, referer=referer)
    headers: dict[str, str] = site.asked[-1][1]
    return headers


def test_cookies_go_to_their_own_host(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text(JAR)
    assert asked_with(site, ResolveOptions(cookies=str(tmp_path / "jar.txt")))["Cookie"] == "seat=12"
    assert (tmp_path / "jar.txt").read_text() == JAR, "the file is the user's own"


def test_cookies_that_cannot_be_read_are_said(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text("no cookies here")
    for name in ("jar.txt", "missing.txt"):
        with pytest.raises(VidindexError, match="--cookies"):
            asked_with(site, ResolveOptions(cookies=str(tmp_path / name)))


def put_firefox(profile: Path) -> None:
    """Make a browser's folder with a cookie of this host and one of another."""
    profile.mkdir()
    kept = sqlite3.connect(profile / "cookies.sqlite")
    kept.execute("CREATE TABLE moz_cookies (originAttributes, name, value, host, path, expiry INTEGER, isSecure)")
    for host, name in (("127.0.0.1", "seat"), ("kettle.example", "other")):
        kept.execute("INSERT INTO moz_cookies VALUES ('', ?, '9', ?, '/', 9999999999, 0)", (name, host))
    kept.commit()
    kept.close()


def test_cookies_of_a_browser_go_to_their_own_host(site: Any, tmp_path: Path) -> None:
    put_firefox(tmp_path / "profile")
    options = ResolveOptions(cookies_from_browser=f"firefox:{tmp_path / 'profile'}")
    assert asked_with(site, options)["Cookie"] == "seat=9"


def test_a_browser_that_is_not_there_is_said(site: Any, tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match=r"could not find firefox .* and --cookies-from-browser") as caught:
        asked_with(site, ResolveOptions(cookies_from_browser=f"firefox:{tmp_path / 'none'}"))
    assert caught.value.verdict == "needs-login"
    with pytest.raises(VidindexError, match="does not understand --cookies-from-browser netscape"):
        asked_with(site, ResolveOptions(cookies_from_browser="netscape"))


def test_a_redirect_tells_another_host_neither_cookies_nor_referer(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text(JAR)
    site.put("/end.mp4", bytes(600), "video/mp4")
    start = site.redirect("/start.mp4", site.url("/end.mp4").replace("127.0.0.1", "localhost"))
    page = site.url("/article#part").replace("http://", "http://me:secret@")

    options = ResolveOptions(cookies=str(tmp_path / "jar.txt"), allow_private=True, retries=0)
    with VideoResolver(options) as resolver:
        resolver.resolve(start, referer=page)

    asked = [headers for path, headers in site.asked if headers["Host"].startswith("127.")]
    assert [(headers["Cookie"], headers["Referer"]) for headers in asked] == [("seat=12", site.url("/article"))]
    others = [headers for path, headers in site.asked if headers["Host"].startswith("localhost")]
    assert others
    assert not any({"Cookie", "Referer", "Authorization"} & headers.keys() for headers in others)


def test_a_proxy_is_asked_in_place_of_the_site(site: Any) -> None:
    site.put("http://kettle.example/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(proxy=site.base.replace("http://", "me:pw@"), retries=0)) as resolver:
        assert resolver.resolve("http://kettle.example/k.mp4").video.title == "k"
        with pytest.raises(ResolveError, match="private address"):
            resolver.resolve("http://10.0.0.7/k.mp4", referer="https://news.example/")
    assert set(site.paths()) == {"http://kettle.example/k.mp4"}
    assert site.asked[0][1]["Proxy-Authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://", "socks5://:1080", "http://127.0.0.1:port"])
def test_a_proxy_of_no_known_kind_is_said(site: Any, proxy: str) -> None:
    with pytest.raises(VidindexError, match="no such kind of proxy: give --proxy"):
        asked_with(site, ResolveOptions(proxy=proxy))


def test_a_sleep_passes_between_two_requests(site: Any) -> None:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(sleep_s=0.4, retries=0)) as resolver:
        resolver.resolve(url)
        resolver.resolve(url)
    assert site.asked_at[-1] - site.asked_at[0] > 0.35


def test_a_user_agent_and_extra_options_reach_the_server(site: Any) -> None:
    options = ResolveOptions(user_agent="kettle/1", extra=("add-headers=X-Kettle:on", "no-check-certificates"))
    headers = asked_with(site, options)
    assert (headers["User-Agent"], headers["X-Kettle"]) == ("kettle/1", "on")


def test_the_embedding_page_goes_along_to_the_embeds_own_host(site: Any) -> None:
    referer = site.url("/article")
    assert asked_with(site, ResolveOptions(), referer=referer)["Referer"] == referer


def test_extra_options_are_yt_dlps_own() -> None:
    asked = build_ydl_params(ResolveOptions(extra=("extractor-args=youtube:player_client=web", "--age-limit=12")), None)
    assert asked["extractor_args"] == {"youtube": {"player_client": ["web"]}}
    assert asked["age_limit"] == 12


@pytest.mark.parametrize("pair", ["no-such-option=1", "age-limit=old", "=", "", "help", "--version"])
def test_an_option_that_yt_dlp_does_not_know_is_said(pair: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VidindexError, match="yt-dlp does not understand"):
        build_ydl_params(ResolveOptions(extra=(pair,)), None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("extra", [("username=me",), ("password=x",), ("ap-username=me",)])
def test_half_a_login_is_said_and_nobody_is_asked_for_the_other_half(extra: tuple[str, ...]) -> None:
    with pytest.raises(VidindexError, match="goes with its password"):
        build_ydl_params(ResolveOptions(extra=extra), None)
    asked = build_ydl_params(ResolveOptions(extra=("username=me", "password=x")), None)
    assert (asked["username"], asked["password"]) == ("me", "x")


@pytest.mark.parametrize("header", ["Cookie:a=b", "authorization:Bearer x"])
def test_a_secret_for_every_host_is_refused(header: str) -> None:
    with pytest.raises(VidindexError, match="add-headers goes to every host"):
        build_ydl_params(ResolveOptions(extra=(f"add-headers={header}",)), None)


def test_what_safety_needs_wins_over_extra_options() -> None:
    asked = build_ydl_params(
        ResolveOptions(extra=("enable-file-urls", "downloader=curl", "ffmpeg-location=/bin")), None
    )
    assert asked["enable_file_urls"] is False
    assert asked["external_downloader"] == {"default": "native"}
    assert asked["ffmpeg_location"] != "/bin"


def test_a_login_leaves_the_choice_of_clients_to_yt_dlp() -> None:
    assert "youtube" in build_ydl_params(ResolveOptions(), None)["extractor_args"]
    assert build_ydl_params(ResolveOptions(cookies_from_browser="firefox"), None)["extractor_args"] == {}
