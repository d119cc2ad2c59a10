"""The real yt-dlp resolves the samples, from files and from a loopback server."""

from __future__ import annotations

from typing import Any

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadError

from tests.samples.conftest import PAGES, Clip, clips


class _Silent:
    """A logger that discards all messages."""

    def debug(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


def resolve(url: str) -> list[dict[str, Any]]:
    """Return the videos that yt-dlp finds at *url*."""
    options = {"quiet": True, "cachedir": False, "enable_file_urls": True, "proxy": "", "logger": _Silent()}
    with YoutubeDL(options) as client:
        found = client.sanitize_info(client.extract_info(url, download=False))
    return list(found.get("entries") or [found])


def media_and_captions(video: dict[str, Any]) -> tuple[str, str]:
    (track,) = video["subtitles"]["en"]
    return video["formats"][0]["url"], track["url"]


@pytest.mark.parametrize("clip", clips(), ids=lambda clip: clip.title[:30])
def test_media_resolve_from_disk(clip: Clip) -> None:
    (video,) = resolve(clip.media.as_uri())
    assert video["ext"] == clip.media.suffix[1:]
    assert video["direct"]


@pytest.mark.parametrize("clip", [c for c in clips() if PAGES in c.media.parents], ids=lambda clip: clip.media.stem)
def test_media_resolve_over_http(clip: Clip, pages_url: str) -> None:
    (video,) = resolve(f"{pages_url}/media/{clip.media.name}")
    assert video["ext"] == "mp4"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("vale-on-the-late-desk.html", ["vale-interview|en.vtt", "night-train-home|en.srt"]),
        ("the-clock-of-saint-aldern.html", ["penn-press-conference|en.ttml"]),
        ("players/brask-speech.html", ["brask-speech|en.vtt"]),
    ],
)
def test_players_resolve_with_their_captions(page: str, names: list[str], pages_url: str) -> None:
    expected = []
    for name in names:
        stem, _, suffix = name.partition("|")
        expected.append((f"{pages_url}/media/{stem}.mp4", f"{pages_url}/media/{stem}.{suffix}"))
    assert [media_and_captions(video) for video in resolve(f"{pages_url}/{page}")] == expected


@pytest.mark.parametrize("page", ["wren-castellane-backstage.html", "nobody-owes-you-an-encore.html"])
def test_pages_without_players_are_unsupported(page: str, pages_url: str) -> None:
    with pytest.raises(DownloadError, match="Unsupported URL"):
        resolve(f"{pages_url}/{page}")
