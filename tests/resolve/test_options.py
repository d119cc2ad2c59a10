"""What a person asks of yt-dlp reaches it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vidindex.errors import VidindexError
from vidindex.resolve import ResolveOptions, Resolver
from vidindex.resolve.options import parameters

COOKIE = "{}\tFALSE\t/\tFALSE\t0\t{}\t12\n"
JAR = "# Netscape HTTP Cookie File\n" + COOKIE.format("127.0.0.1", "seat") + COOKIE.format("kettle.example", "other")


def asked_with(site: Any, options: ResolveOptions, *, referer: str = "") -> dict[str, str]:
    url = site.put("/k.mp4", bytes(600), "video/mp4")
    with Resolver(options) as resolver:
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


def test_a_user_agent_and_extra_options_reach_the_server(site: Any) -> None:
    options = ResolveOptions(user_agent="kettle/1", extra=("add-headers=X-Kettle:on", "no-check-certificates"))
    headers = asked_with(site, options)
    assert (headers["User-Agent"], headers["X-Kettle"]) == ("kettle/1", "on")


def test_the_embedding_page_goes_along_to_the_embeds_own_host(site: Any) -> None:
    referer = site.url("/article")
    assert asked_with(site, ResolveOptions(), referer=referer)["Referer"] == referer


def test_extra_options_are_yt_dlps_own() -> None:
    asked = parameters(ResolveOptions(extra=("extractor-args=youtube:player_client=web", "--age-limit=12")), None)
    assert asked["extractor_args"] == {"youtube": {"player_client": ["web"]}}
    assert asked["age_limit"] == 12


@pytest.mark.parametrize("pair", ["no-such-option=1", "age-limit=old", "=", ""])
def test_an_option_that_yt_dlp_does_not_know_is_said(pair: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VidindexError, match="yt-dlp does not understand"):
        parameters(ResolveOptions(extra=(pair,)), None)
    assert capfd.readouterr() == ("", "")


def test_what_safety_needs_wins_over_extra_options() -> None:
    asked = parameters(ResolveOptions(extra=("enable-file-urls", "downloader=curl", "ffmpeg-location=/bin")), None)
    assert asked["enable_file_urls"] is False
    assert asked["external_downloader"] == {"default": "native"}
    assert asked["ffmpeg_location"] != "/bin"


def test_a_login_leaves_the_choice_of_clients_to_yt_dlp() -> None:
    assert "youtube" in parameters(ResolveOptions(), None)["extractor_args"]
    assert parameters(ResolveOptions(cookies_from_browser="firefox"), None)["extractor_args"] == {}
