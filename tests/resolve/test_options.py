"""The options of users reach yt-dlp."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import FakeClock
from vidindex.errors import CookieFileError, OptionError, ResolveError, VidindexError
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


def test_cookies_are_sent_to_their_own_host(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text(JAR)
    assert asked_with(site, ResolveOptions(cookies=str(tmp_path / "jar.txt")))["Cookie"] == "seat=12"
    assert (tmp_path / "jar.txt").read_text() == JAR, "the file is the user's own"


def test_a_cookie_file_that_cannot_be_read_is_reported(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text("no cookies here")
    for name in ("jar.txt", "missing.txt"):
        with pytest.raises(VidindexError, match="--cookies"):
            asked_with(site, ResolveOptions(cookies=str(tmp_path / name)))


def test_a_cookie_file_that_does_not_exist_is_named_before_any_request(site: Any, tmp_path: Path) -> None:
    with pytest.raises(CookieFileError, match=r"missing\.txt does not exist: check --cookies"):
        asked_with(site, ResolveOptions(cookies=str(tmp_path / "missing.txt")))
    assert site.asked == []


def put_firefox(profile: Path) -> None:
    """Write a Firefox profile with a cookie for this host and one for another."""
    profile.mkdir()
    database = sqlite3.connect(profile / "cookies.sqlite")
    database.execute("CREATE TABLE moz_cookies (originAttributes, name, value, host, path, expiry INTEGER, isSecure)")
    for host, name in (("127.0.0.1", "seat"), ("kettle.example", "other")):
        database.execute("INSERT INTO moz_cookies VALUES ('', ?, '9', ?, '/', 9999999999, 0)", (name, host))
    database.commit()
    database.close()


def test_cookies_of_a_browser_are_sent_to_their_own_host(site: Any, tmp_path: Path) -> None:
    put_firefox(tmp_path / "profile")
    options = ResolveOptions(cookies_from_browser=f"firefox:{tmp_path / 'profile'}")
    assert asked_with(site, options)["Cookie"] == "seat=9"


def test_a_browser_that_does_not_exist_is_reported(site: Any, tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match=r"could not find firefox .* and --cookies-from-browser") as caught:
        asked_with(site, ResolveOptions(cookies_from_browser=f"firefox:{tmp_path / 'none'}"))
    assert caught.value.verdict == "needs-login"
    with pytest.raises(OptionError, match="does not accept --cookies-from-browser netscape"):
        asked_with(site, ResolveOptions(cookies_from_browser="netscape"))


def test_a_redirect_sends_neither_cookies_nor_referer_to_another_host(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text(JAR)
    site.put("/end.mp4", bytes(600), "video/mp4")
    start = site.redirect("/start.mp4", site.url("/end.mp4").replace("127.0.0.1", "localhost"))
    page = site.url("/article#part").replace("http://", "http://me:secret@")

    options = ResolveOptions(cookies=str(tmp_path / "jar.txt"), allow_private=True, retries=0)
    with VideoResolver(options) as resolver:
        resolver.resolve(start, referer=page)

    own_headers = [headers for path, headers in site.asked if headers["Host"].startswith("127.")]
    assert [(headers["Cookie"], headers["Referer"]) for headers in own_headers] == [("seat=12", site.url("/article"))]
    others = [headers for path, headers in site.asked if headers["Host"].startswith("localhost")]
    assert others
    assert not any({"Cookie", "Referer", "Authorization"} & headers.keys() for headers in others)


def test_requests_are_sent_to_the_proxy(site: Any) -> None:
    site.put("http://kettle.example/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(proxy=site.base.replace("http://", "me:pw@"), retries=0)) as resolver:
        assert resolver.resolve("http://kettle.example/k.mp4").video.title == "k"
        with pytest.raises(ResolveError, match="private address"):
            resolver.resolve("http://10.0.0.7/k.mp4", referer="https://news.example/")
    assert set(site.paths()) == {"http://kettle.example/k.mp4"}
    assert site.asked[0][1]["Proxy-Authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://", "socks5://:1080", "http://127.0.0.1:port"])
def test_an_invalid_proxy_is_rejected(site: Any, proxy: str) -> None:
    with pytest.raises(OptionError, match="proxy address is not valid: use --proxy"):
        asked_with(site, ResolveOptions(proxy=proxy))


def test_a_sleep_passes_between_two_requests(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr("vidindex.net.throttle.time", clock)
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with VideoResolver(ResolveOptions(sleep_s=0.4, retries=0)) as resolver:
        resolver.resolve(url)
        resolver.resolve(url)
    assert clock.sleeps == pytest.approx([0.4] * (len(site.asked) - 1))
    assert clock.sleeps


def test_a_user_agent_and_extra_options_reach_the_server(site: Any) -> None:
    options = ResolveOptions(user_agent="kettle/1", extra=("add-headers=X-Kettle:on", "no-check-certificates"))
    headers = asked_with(site, options)
    assert (headers["User-Agent"], headers["X-Kettle"]) == ("kettle/1", "on")


def test_the_embedding_page_is_sent_as_referer_to_the_host_of_the_embed(site: Any) -> None:
    referer = site.url("/article")
    assert asked_with(site, ResolveOptions(), referer=referer)["Referer"] == referer


def test_extra_options_are_those_of_yt_dlp() -> None:
    params = build_ydl_params(
        ResolveOptions(extra=("extractor-args=youtube:player_client=web", "--age-limit=12")), None
    )
    assert params["extractor_args"] == {"youtube": {"player_client": ["web"]}}
    assert params["age_limit"] == 12


@pytest.mark.parametrize("pair", ["no-such-option=1", "age-limit=old", "=", ""])
def test_an_option_that_yt_dlp_does_not_know_is_rejected(pair: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OptionError, match="yt-dlp does not accept"):
        build_ydl_params(ResolveOptions(extra=(pair,)), None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("extra", [("username=me",), ("password=x",), ("ap-username=me",)])
def test_an_incomplete_login_is_rejected_without_a_prompt(extra: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match="needs its password"):
        build_ydl_params(ResolveOptions(extra=extra), None)
    params = build_ydl_params(ResolveOptions(extra=("username=me", "password=x")), None)
    assert (params["username"], params["password"]) == ("me", "x")


@pytest.mark.parametrize("header", ["Cookie:a=b", "authorization:Bearer x"])
def test_credentials_for_every_host_are_rejected(header: str) -> None:
    with pytest.raises(OptionError, match="send the login to every host"):
        build_ydl_params(ResolveOptions(extra=(f"add-headers={header}",)), None)


def test_parameters_that_safety_requires_are_always_set() -> None:
    params = build_ydl_params(ResolveOptions(), None)
    assert params["enable_file_urls"] is False
    assert params["external_downloader"] == {"default": "native"}
    assert params["postprocessors"] == []


def test_with_a_login_yt_dlp_chooses_the_clients() -> None:
    assert "youtube" in build_ydl_params(ResolveOptions(), None)["extractor_args"]
    assert build_ydl_params(ResolveOptions(cookies_from_browser="firefox"), None)["extractor_args"] == {}
