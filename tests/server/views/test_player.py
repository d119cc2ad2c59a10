"""The choice of the player of a video."""

from __future__ import annotations

import pytest

from vidindex.model import Video
from vidindex.server.views.player import choose_player


@pytest.mark.parametrize(
    ("url", "kind", "src"),
    [
        ("https://www.youtube.com/watch?v=BaW_jenozKc", "youtube",
         "https://www.youtube-nocookie.com/embed/BaW_jenozKc?start={s}&autoplay=1&enablejsapi=1"),
        ("https://vimeo.com/56015672", "vimeo", "https://player.vimeo.com/video/56015672?autoplay=1#t={s}s"),
        ("https://vimeo.com/56015672/8272103f6e", "vimeo",
         "https://player.vimeo.com/video/56015672?h=8272103f6e&autoplay=1#t={s}s"),
        ("https://www.dailymotion.com/video/x5kesuj", "frame",
         "https://geo.dailymotion.com/player.html?video=x5kesuj&startTime={s}&autoplay=1"),
        ("https://peer.example.net/w/3mPz8RtYw6uXs1aKq9Nf2J", "frame",
         "https://peer.example.net/videos/embed/3mPz8RtYw6uXs1aKq9Nf2J?start={s}s&autoplay=1"),
        ("https://www.twitch.tv/videos/6528877", "frame", "https://player.twitch.tv/?video=6528877&parent=here.example&time={s}s"),
        ("https://media.example/film.mp4", "media", "https://media.example/film.mp4#t={s}"),
    ],
)  # fmt: skip
def test_each_provider_has_its_own_player(url: str, kind: str, src: str) -> None:
    player = choose_player(Video("x:1", url), 83_000, server_host="here.example")
    assert (player.kind, player.src) == (kind, src)
    assert player.href.startswith(url)
    assert "83" in player.href or "1m23s" in player.href


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//https://www.youtube.com/watch?v=BaW_jenozKc", "file:///home/me/film.mp4", "",
        "http://media.mtvnservices.com/embed/mgid:uma:video:mtv.com:9000417",
    ],
)  # fmt: skip
def test_a_url_that_browsers_cannot_play_has_no_player(url: str) -> None:
    assert choose_player(Video("x:1", url), 0).kind == "none"


def test_a_local_media_file_plays_from_this_server() -> None:
    player = choose_player(Video("file:film", "file:///home/me/film.mp4"), 1_500, file_url="/media/file:film")
    assert (player.kind, player.src, player.at, player.href) == ("file", "/media/file:film", "1.5", "")
