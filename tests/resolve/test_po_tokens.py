"""Captions for which YouTube wants a PO token: what is said, and the ways to get them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Answer
from tests.resolve.conftest import Internet, Site
from tests.resolve.test_youtube import API, TIMED, VTT, WATCH, put_youtube, youtube_player
from vidindex.errors import CaptionFetchError
from vidindex.ingest import AddCallbacks, AddOptions, Network, TargetAdder
from vidindex.ingest.wayback_urls import WaybackUrls
from vidindex.model import Track
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.missing_captions import find_missing_captions
from vidindex.store import open_store

TOKEN = "dG9rZW4tdG9rZW4="
PROVIDER = """
import json

from yt_dlp.extractor.youtube.pot.provider import (
    PoTokenProvider, PoTokenProviderRejectedRequest, PoTokenResponse, register_provider,
)
from yt_dlp.networking import Request


@register_provider
class KettlePTP(PoTokenProvider):
    # As providers do, it serves browsers only, and asks a server.
    _SUPPORTED_CLIENTS = ("WEB", "MWEB")
    _SUPPORTED_CONTEXTS = None
    _SUPPORTED_EXTERNAL_REQUEST_FEATURES = None

    def is_available(self):
        return True

    def _real_request_pot(self, request):
        server = self._configuration_arg("base_url", default=[""])[0]
        if not server:
            raise PoTokenProviderRejectedRequest("no server")
        try:
            response = self._request_webpage(Request(server + "/get_pot", proxies={"all": None}))
        except Exception as exc:
            raise PoTokenProviderRejectedRequest(f"no answer: {exc}")
        return PoTokenResponse(po_token=json.load(response)["poToken"], expires_at=-1)
"""


def put_tokens_wanted(internet: Internet, *only: str) -> None:
    """Let YouTube want a token for all captions, or for those whose address contains one of *only*."""
    player = youtube_player()
    for track in player["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]:
        if not only or any(part in track["baseUrl"] for part in only):
            track["baseUrl"] += "&exp=xpe"
    put_youtube(internet)
    internet.put(API + "player", player)


@pytest.fixture(scope="module")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of plugins with a token provider."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "yt_dlp_plugins" / "extractor").mkdir(parents=True)
    (folder / "yt_dlp_plugins" / "extractor" / "getpot_kettle.py").write_text(PROVIDER)
    return folder


@pytest.fixture
def token_server(site: Site) -> Site:
    site.pages["/get_pot"] = Answer(json.dumps({"poToken": TOKEN}).encode())
    return site


Connect = Callable[..., VideoResolver]


@pytest.fixture
def connect(internet: Internet) -> Iterator[Connect]:
    """A function that makes a resolver; only addresses on this machine are requested by the real network stack."""
    from vidindex.resolve.client import GuardedRH

    class LocalOrCannedRH(GuardedRH):
        def _send(self, request: Any) -> Any:
            if request.url.startswith("http://127.0.0.1:"):
                return super()._send(request)
            return internet.handler()._send(self, request)  # type: ignore[attr-defined]

    made: list[VideoResolver] = []

    def make(*extra: str, **options: Any) -> VideoResolver:
        made.append(VideoResolver(ResolveOptions(retries=0, extra=extra, **options), handlers=[LocalOrCannedRH]))
        return made[-1]

    yield make
    for resolver in made:
        resolver.close()


def test_the_reason_names_the_token_and_the_ways_to_get_one(internet: Any, offline: VideoResolver) -> None:
    put_tokens_wanted(internet)
    found = offline.resolve(WATCH)
    assert (found.tracks, found.missing_verdict) == ((), "needs-token")
    assert found.missing_languages == ("en",)
    for part in ("PO token", "bgutil", "--allow-host 127.0.0.1:4416", "--yt-dlp-option", "--cookies-from-browser"):
        assert part in found.missing_reason


def test_the_reason_is_the_same_at_the_second_attempt(internet: Any, offline: VideoResolver) -> None:
    """yt-dlp prints a notice about a video only once."""
    put_tokens_wanted(internet)
    assert offline.resolve(WATCH).missing_reason == offline.resolve(WATCH).missing_reason != ""


def test_a_token_from_the_options_gets_the_captions_once_each(internet: Any, connect: Connect) -> None:
    put_tokens_wanted(internet)
    argument = f"extractor-args=youtube:player_client=web;po_token=web.subs+{TOKEN}"
    found = connect(argument).resolve(WATCH)
    assert [(track.language, track.origin) for track in found.tracks] == [("en", "manual"), ("en", "automatic")]
    assert all("pot=" in track.url for track in found.tracks)
    assert found.missing_reason == ""


def test_arguments_for_another_extractor_do_not_change_how_youtube_is_asked(internet: Any, connect: Connect) -> None:
    put_youtube(internet)
    connect("extractor-args=youtubepot-kettle:base_url=http://127.0.0.1:9").resolve(WATCH)
    assert sorted(internet.urls()) == [API + "next", API + "player"]


def test_a_provider_whose_server_is_allowed_gets_the_captions(
    internet: Any, connect: Connect, provider_folder: Path, token_server: Site
) -> None:
    put_tokens_wanted(internet)
    internet.put(WATCH, "<html></html>")
    resolver = connect(
        f"extractor-args=youtubepot-kettle:base_url={token_server.base}",
        plugin_folders=(str(provider_folder),),
        allow_hosts=(token_server.base.removeprefix("http://"),),
    )
    found = resolver.resolve(WATCH)
    assert [(track.language, track.origin) for track in found.tracks] == [("en", "manual"), ("en", "automatic")]
    assert "We built the boat" in resolver.fetch_track(found.tracks[0]).decode()
    assert token_server.paths() == ["/get_pot"]


def test_a_provider_whose_server_is_not_allowed_is_named(
    internet: Any, connect: Connect, provider_folder: Path, token_server: Site
) -> None:
    put_tokens_wanted(internet)
    server = f"extractor-args=youtubepot-kettle:base_url={token_server.base}"
    resolver = connect(server, plugin_folders=(str(provider_folder),), allow_hosts=("127.0.0.1:9",))
    for _ in range(2):
        found = resolver.resolve(WATCH)
        assert f"--allow-host {token_server.base.removeprefix('http://')}" in found.missing_reason
        assert found.missing_verdict == "needs-token"
    assert token_server.paths() == []


def test_captions_that_need_no_token_take_no_more_requests_with_a_provider(
    internet: Any, connect: Connect, provider_folder: Path
) -> None:
    put_youtube(internet)
    connect(plugin_folders=(str(provider_folder),)).resolve(WATCH)
    assert sorted(internet.urls()) == [API + "next", API + "player"]


def add_video(resolver: VideoResolver, tmp_path: Path, *languages: str) -> tuple[Any, Any]:
    """Return the report and the outcome of adding the video."""
    store = open_store(tmp_path / "index", create=True)
    options = AddOptions(resolve=resolver.options, languages=languages)
    network = Network.from_options(resolver.options, archive=WaybackUrls(), resolver=resolver)
    adder = TargetAdder(store, options=options, callbacks=AddCallbacks(), network=network)
    outcome = adder.resolve_video(WATCH)
    store.close()
    return adder.report_builder.build_report(), outcome


def test_a_video_that_needs_a_token_is_a_failure_and_not_tried_again(
    internet: Any, offline: VideoResolver, tmp_path: Path
) -> None:
    put_tokens_wanted(internet)
    report, outcome = add_video(offline, tmp_path)
    assert report.without_captions == ()
    assert [failure.verdict for failure in report.failures] == ["needs-token"]
    assert (outcome.state, outcome.verdict) == ("failed", "needs-token")


def test_wanted_captions_that_need_a_token_are_reported_beside_others(
    internet: Any, offline: VideoResolver, tmp_path: Path
) -> None:
    """The summary of yt-dlp names the languages of manual captions."""
    put_youtube(internet)
    player = youtube_player()
    tracks = player["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]
    tracks.append({"baseUrl": f"{TIMED}?v=k1tcHenB0at&lang=de&exp=xpe", "languageCode": "de", "vssId": ".de"})
    internet.put(API + "player", player)

    assert offline.resolve(WATCH).missing_languages == ("de",)
    assert add_video(offline, tmp_path / "1", "en")[0].failures == ()
    report, _ = add_video(offline, tmp_path / "2", "en", "de")
    assert [failure.verdict for failure in report.failures] == ["needs-token"]
    assert report.videos


def test_missing_automatic_captions_are_in_the_spoken_language() -> None:
    notice = (
        "x: There are missing subtitles languages because a PO token was not provided. "
        "Automatic captions for 1 languages are missing."
    )
    found = find_missing_captions("https://www.youtube.com/", {"language": "de"}, (Track("fr", "manual"),), [notice])
    assert (found.verdict, found.languages) == ("needs-token", ("de",))


def test_a_notice_about_a_token_for_media_says_nothing_about_captions() -> None:
    notice = "x: mweb client https formats require a GVS PO Token which was not provided. They will be skipped"
    info = {"formats": [{"url": "https://kettle.example/1.mp4"}], "fulltitle": "Tea"}
    assert find_missing_captions("https://kettle.example/", info, (), [notice]).reason == ""


@pytest.mark.parametrize(
    ("query", "verdict", "part"),
    [
        ("lang=en", "blocked", "probably wants a PO token, or blocks this address"),
        ("lang=en&exp=xpe", "needs-token", "because it wants a PO token"),
        ("lang=en&exp=xpv&kind=asr", "needs-token", "because it wants a PO token"),
        ("lang=en&exp=xpe&pot=abc", "blocked", "does not accept the PO token, or it blocks this address"),
    ],
)
@pytest.mark.parametrize("body", ["", "\n"])
def test_an_empty_answer_of_youtube_names_the_likely_cause(
    internet: Any, offline: VideoResolver, query: str, verdict: str, part: str, body: str
) -> None:
    internet.put(TIMED, body)
    with pytest.raises(CaptionFetchError, match="empty response") as caught:
        offline.fetch_track(Track("en", "manual", "vtt", f"{TIMED}?v=k1tcHenB0at&{query}"))
    assert part in caught.value.reason
    assert caught.value.verdict == verdict
    assert len(internet.asked) == 1


def test_an_empty_answer_of_another_site_is_tried_again_later(internet: Any, offline: VideoResolver) -> None:
    internet.put("https://kettle.example/timedtext", "")
    with pytest.raises(CaptionFetchError, match="try again later") as caught:
        offline.fetch_track(Track("en", "manual", "vtt", "https://kettle.example/timedtext"))
    assert caught.value.verdict == "later"


def test_a_track_with_content_is_not_an_empty_answer(internet: Any, offline: VideoResolver) -> None:
    internet.put(TIMED, VTT)
    assert offline.fetch_track(Track("en", "manual", "vtt", f"{TIMED}?v=k1tcHenB0at&exp=xpe")).startswith(b"WEBVTT")
