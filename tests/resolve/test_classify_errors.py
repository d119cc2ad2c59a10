"""Failure classes and messages of errors, most of them raised by yt-dlp itself."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.processes import HANG_S
from vidindex.errors import (
    CanceledError,
    HostilePageError,
    HostPausedError,
    LocalFileError,
    NetworkError,
    OutsideFolderError,
    PrivateAddressError,
    ProxyError,
    ResolveError,
    TooLargeError,
    UnsupportedSchemeError,
)
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.classify_errors import classify, classify_warnings

ASKED = "https://ajax.streamable.com/videos/abc12"
LINK = "https://streamable.com/abc12"


def verdict_of(resolver: VideoResolver, url: str = LINK) -> tuple[str, str]:
    with pytest.raises(ResolveError) as caught:
        resolver.resolve(url)
    return caught.value.verdict, str(caught.value)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (401, "needs-login"), (403, "blocked"), (404, "gone"), (410, "gone"), (408, "later"), (425, "later"),
        (429, "later"), (451, "geo"), (500, "later"), (502, "later"), (503, "later"), (418, "broken-extractor"),
    ],
)  # fmt: skip
def test_a_status_has_its_verdict(internet: Any, offline: VideoResolver, status: int, verdict: str) -> None:
    internet.put(ASKED, status)
    assert verdict_of(offline)[0] == verdict


@pytest.mark.parametrize("broken", ["this is not JSON", {"status": 2}, {"status": 2, "title": "t", "files": 5}])
def test_an_unexpected_response_suggests_an_upgrade(internet: Any, offline: VideoResolver, broken: Any) -> None:
    internet.put(ASKED, broken)
    verdict, message = verdict_of(offline)
    assert verdict == "broken-extractor"
    assert "pip install -U yt-dlp" in message


@pytest.mark.parametrize(
    ("page", "verdict", "step"),
    [
        ("<html>no player data at all</html>", "broken-extractor", "pip install -U yt-dlp"),  # RegexNotFoundError
        ('<html><script id="__NEXT_DATA__" type="application/json">{"props": {}}</script></html>',
         "broken-extractor", "pip install -U yt-dlp"),  # KeyError
    ],
)  # fmt: skip
def test_a_page_that_changed_suggests_an_upgrade(
    internet: Any, offline: VideoResolver, page: str, verdict: str, step: str
) -> None:
    internet.put("https://www.ted.com/talks/changed", page)
    actual_verdict, message = verdict_of(offline, "https://www.ted.com/talks/changed")
    assert actual_verdict == verdict
    assert step in message


def test_the_message_of_a_site_is_kept(internet: Any, offline: VideoResolver) -> None:
    internet.put(ASKED, {"status": 1})
    verdict, message = verdict_of(offline)
    assert verdict == "later"
    assert "may still be uploading" in message


def test_a_network_failure_is_retried_later(offline: VideoResolver) -> None:
    assert verdict_of(offline)[0] == "later"


def test_a_proxy_that_fails_is_retried_later() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with VideoResolver(ResolveOptions(proxy=f"http://127.0.0.1:{port}", retries=0)) as resolver:
            verdict, message = verdict_of(resolver, "http://kettle.example/k.mp4")
    assert verdict == "later"
    assert f"the proxy 127.0.0.1:{port} failed" in message
    assert "check --proxy" in message


def test_a_proxy_that_refuses_a_tunnel_is_retried_later(site: Any) -> None:
    with VideoResolver(ResolveOptions(proxy=site.base, retries=0)) as resolver:
        verdict, message = verdict_of(resolver, "https://kettle.example/k.mp4")
    assert verdict == "later"
    assert "Tunnel connection failed" in message


@pytest.mark.parametrize(
    ("target", "verdict"),
    [("file:///etc/hostname", "blocked"), ("ftp://127.0.0.1/x", "unsupported"), ("data:text/html,x", "blocked"),
     ("http://files.vidindex.invalid/etc/hostname", "blocked"), ("/p", "blocked"), ("http://[::1]/", "blocked"),
     ("http://[::ffff:10.0.0.1]/", "blocked"), ("http://169.254.169.254/latest", "blocked")],
)  # fmt: skip
def test_a_forbidden_redirect_does_not_suggest_an_upgrade(
    site: Any, resolver: VideoResolver, target: str, verdict: str
) -> None:
    actual_verdict, message = verdict_of(resolver, site.redirect("/p", target))
    assert actual_verdict == verdict
    assert "pip install" not in message
    assert set(site.paths()) == {"/p"}


def test_a_site_that_times_out_is_retried_later(site: Any) -> None:
    site.stream("/p", b"", times=1, pause_s=2 * HANG_S)
    with VideoResolver(ResolveOptions(timeout_s=0.4, retries=0)) as resolver:
        assert verdict_of(resolver, site.url("/p"))[0] == "later"


def test_an_unknown_host_is_retried_later(resolver: VideoResolver) -> None:
    assert verdict_of(resolver, "http://kettle.invalid/k.mp4")[0] == "later"


def test_a_page_without_video_is_unsupported(internet: Any, offline: VideoResolver) -> None:
    internet.put("https://kettle.example/", "<html><body>Nothing plays here.</body></html>")
    assert verdict_of(offline, "https://kettle.example/")[0] == "unsupported"


@pytest.mark.parametrize(
    "url", ["gopher://kettle.example/", "rtmp://kettle.example/live", "no url at all", "ytsearch:kettles"]
)
def test_an_address_of_another_kind_is_unsupported(offline: VideoResolver, url: str) -> None:
    assert verdict_of(offline, url)[0] == "unsupported"


def test_geo_restriction_is_recognized_by_its_exception_class() -> None:
    from yt_dlp.utils import DownloadError, GeoRestrictedError

    cause = GeoRestrictedError("not for you", countries=["FR"])
    error = DownloadError("ERROR: not for you", (type(cause), cause, None))
    assert classify(error) == ("geo", "not for you: use --proxy with a server in a country where it is available")


def test_geo_restriction_is_recognized_behind_an_extractor(internet: Any, offline: VideoResolver) -> None:
    internet.put("https://graphql.api.dailymotion.com/oauth/token", {"access_token": "t"})
    internet.put("https://graphql.api.dailymotion.com/", {"data": {"media": {"xid": "x9abcde"}}})
    refused = {"error": {"code": "DM007", "title": "Not here"}}
    internet.put("https://www.dailymotion.com/player/metadata/video/x9abcde", refused)
    verdict, message = verdict_of(offline, "https://www.dailymotion.com/video/x9abcde")
    assert verdict == "geo"
    assert "--proxy" in message


def test_an_encrypted_video_is_encrypted_unless_it_has_captions(internet: Any, offline: VideoResolver) -> None:
    key = '#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="com.apple.streamingkeydelivery"'
    captions = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="en.m3u8"'
    stream = '#EXT-X-STREAM-INF:BANDWIDTH=800000,SUBTITLES="s"\nv.m3u8'
    internet.put("https://kettle.example/m.m3u8", f"#EXTM3U\n{key}\n{stream}\n")
    assert verdict_of(offline, "https://kettle.example/m.m3u8")[0] == "drm"

    internet.put("https://kettle.example/m.m3u8", f"#EXTM3U\n{key}\n{captions}\n{stream}\n")
    assert [track.language for track in offline.resolve("https://kettle.example/m.m3u8").tracks] == ["en"]


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("This video is DRM protected", "drm"),
        ("Private video. Sign in if you've been granted access to this video", "needs-login"),
        ("This video has been removed by the uploader", "gone"),
        ("Video unavailable. This video is no longer available because the account has been terminated", "gone"),
        ("Sign in to confirm your age. This video may be inappropriate for some users", "needs-login"),
        ("Join this channel to get access to members-only content like this video", "needs-login"),
        ("Sign in to confirm you’re not a bot. Use --cookies-from-browser", "later"),
        ("Premieres in 3 hours", "later"),
        ("This live event will begin in 2 days", "later"),
        ("This live stream recording is not available", "live"),
        ("Failed to extract any player response", "later"),
        ("The uploader has not made this video available in your country", "geo"),
        ("This content isn't available, try again later", "later"),
        ("This video is password-protected", "needs-login"),
        ("Because of its privacy settings, this video cannot be played here", "blocked"),
        ("This request has been blocked due to its TLS fingerprint", "blocked"),
        ("This video is only available for registered users", "needs-login"),
        ("No video formats found!", "unsupported"),
    ],
)
def test_a_message_has_the_same_verdict_in_errors_and_warnings(message: str, verdict: str) -> None:
    from yt_dlp.utils import DownloadError, ExtractorError

    cause = ExtractorError(message, expected=True)
    assert classify(DownloadError(f"ERROR: [site] x: {message}", (type(cause), cause, None)))[0] == verdict
    assert classify_warnings([message])[0] == verdict


def test_a_live_stream_is_live_and_an_upcoming_one_is_retried_later(internet: Any, offline: VideoResolver) -> None:
    api = "https://www.youtube.com/youtubei/v1/"
    internet.put(api + "next", {"contents": {}})
    for flag, verdict in (({"isLive": True}, "live"), ({"isUpcoming": True}, "later")):
        details = {"videoId": "k1tcHenB0at", "title": "Regatta", "isLiveContent": True, **flag}
        internet.put(api + "player", {"playabilityStatus": {"status": "OK"}, "videoDetails": details})
        assert verdict_of(offline, "https://www.youtube.com/watch?v=k1tcHenB0at")[0] == verdict


def test_messages_name_the_thing_once_and_end_with_a_step(internet: Any, offline: VideoResolver) -> None:
    internet.put(ASKED, 404)
    message = verdict_of(offline)[1]
    assert message.startswith(f"cannot resolve {LINK}: ")
    assert message.endswith("video not found: check the link")
    assert "ERROR" not in message
    assert "report this issue" not in message


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (PrivateAddressError("wiki", "10.0.0.1"), "blocked"),
        (OutsideFolderError("/a is outside the folder of the page"), "blocked"),
        (TooLargeError("the response is larger than the limit"), "unsupported"),
        (HostilePageError(), "unsupported"),
        (LocalFileError("the file /a does not exist"), "gone"),
        (UnsupportedSchemeError("ftp: addresses are not supported"), "unsupported"),
        (ProxyError("127.0.0.1", 1, ConnectionRefusedError(111, "Connection refused")), "later"),
        (HostPausedError("kettle.example", 300.0), "later"),
        (CanceledError("kettle.example"), "stopped"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, NetworkError) else "",
)
def test_own_errors_are_found_inside_those_of_yt_dlp(error: NetworkError, verdict: str) -> None:
    from yt_dlp.networking.exceptions import TransportError
    from yt_dlp.utils import DownloadError, ExtractorError

    cause = ExtractorError("unable to download", cause=TransportError(cause=error))
    for exc in (error, DownloadError("ERROR: unable to download", (type(cause), cause, None))):
        assert classify(exc) == (verdict, str(error))
