"""The provider table: samples are recognized, canonical URLs keep the id, and deep links state the start time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.provider_rows import Provider
from vidindex.pages.provider_table import PROVIDERS
from vidindex.pages.providers import make_deep_link, player_url, provider_video_url, recognize_url


@pytest.mark.parametrize("row", PROVIDERS, ids=[f"{at}-{row.name}" for at, row in enumerate(PROVIDERS)])
def test_the_sample_of_every_row_is_recognized(row: Provider) -> None:
    url, _, expected = row.sample.rpartition(" ")
    video = recognize_url(url)

    assert video is not None
    assert (video.provider, video.id, video.dead) == (row.name, expected, row.dead)


@pytest.mark.parametrize("row", PROVIDERS, ids=[f"{at}-{row.name}" for at, row in enumerate(PROVIDERS)])
def test_a_canonical_url_is_recognized_as_the_same_video(row: Provider) -> None:
    video = recognize_url(row.sample.rpartition(" ")[0])
    assert video is not None
    again = recognize_url(video.url)

    assert again is not None
    assert (again.provider, again.id) == (video.provider, video.id)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=aB3dE6gH9jK",
        "//www.youtube.com/embed/aB3dE6gH9jK?rel=0",
        "http://www.youtube.com/v/aB3dE6gH9jK&hl=en&fs=1",
        "https://youtu.be/aB3dE6gH9jK?t=12",
        "https://www.youtube-nocookie.com/embed/aB3dE6gH9jK",
        "https://www.youtube.com/shorts/aB3dE6gH9jK",
        "https://m.youtube.com/watch?feature=share&v=aB3dE6gH9jK",
    ],
)
def test_all_urls_of_a_video_have_one_canonical_url(url: str) -> None:
    video = recognize_url(url)

    assert video is not None
    assert video[:3] == ("youtube", "aB3dE6gH9jK", "https://www.youtube.com/watch?v=aB3dE6gH9jK")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/user/somebody",
        "https://www.youtube.com/",
        "https://vimeo.com/somebody",
        "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fexample.org",
        "https://twitter.com/somebody",
        "https://www.dailymotion.com/about",
        "https://example.org/a.jpg",
        "mailto:a@example.org",
        "",
        "https://www.youtube.com/watch?v=" + "x" * 10_000,
    ],
)
def test_a_url_without_a_video_is_not_recognized(url: str) -> None:
    assert recognize_url(url) is None


def test_the_id_of_a_media_file_is_its_url_without_the_query() -> None:
    """The URL keeps the query, because a signed file plays only with it."""
    video = recognize_url("https://cdn.example.org/v/one.mp4?token=3")

    assert video is not None
    assert video[:3] == ("html5", "https://cdn.example.org/v/one.mp4", "https://cdn.example.org/v/one.mp4?token=3")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.youtube.com/watch?v=aB3dE6gH9jK", "https://www.youtube.com/watch?v=aB3dE6gH9jK&t=83s"),
        ("https://www.youtube.com/watch?v=aB3dE6gH9jK&t=5s", "https://www.youtube.com/watch?v=aB3dE6gH9jK&t=83s"),
        ("https://youtu.be/aB3dE6gH9jK", "https://youtu.be/aB3dE6gH9jK?t=83s"),
        ("https://vimeo.com/76543210", "https://vimeo.com/76543210#t=83s"),
        ("https://www.dailymotion.com/video/x5kabcd", "https://www.dailymotion.com/video/x5kabcd?start=83"),
        ("https://www.twitch.tv/videos/6528000", "https://www.twitch.tv/videos/6528000?t=0h1m23s"),
        ("https://cdn.example.org/one.mp4?a=1", "https://cdn.example.org/one.mp4?a=1#t=83"),
        ("file:///home/reader/one.mp4", "file:///home/reader/one.mp4#t=83"),
        (
            "https://tube.example.org/w/9c9de5e8-0a1e-484a-b099-e80766180aaa",
            "https://tube.example.org/w/9c9de5e8-0a1e-484a-b099-e80766180aaa?start=83s",
        ),
        ("https://unknown.example.org/watch/3", "https://unknown.example.org/watch/3#t=83"),
    ],
)
def test_a_deep_link_plays_from_the_second(url: str, expected: str) -> None:
    assert make_deep_link(url, 83_999) == expected


def test_a_deep_link_never_starts_before_the_video() -> None:
    assert make_deep_link("https://cdn.example.org/one.mp4", -2_000).endswith("#t=0")


def test_only_a_valid_id_makes_a_url() -> None:
    assert provider_video_url("youtube", "aB3dE6gH9jK") == "https://www.youtube.com/watch?v=aB3dE6gH9jK"
    assert provider_video_url("youtube", "main-menu") == ""
    assert provider_video_url("nobody", "aB3dE6gH9jK") == ""
    assert "aB3dE6gH9jK" in player_url("youtube", "aB3dE6gH9jK")


def test_importing_the_module_does_not_import_the_table() -> None:
    """`vidindex search` imports the module at start-up; the table is imported when it makes the first deep link."""
    code = (
        "import sys, vidindex.pages.providers; "
        "print('vidindex.pages.provider_table' in sys.modules, 'yt_dlp' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        ("https://www.ign.com", "/video"),
        ("https://www.ign.com/videos/", "a/"),
        ("https://www.bbc.co.uk/sport/", "1"),
        ("https://www.bbc.co.uk", "/av"),
        ("https://www.nfl.com/videos/", "A1"),
        ("https://www.msn.com/embed/", "a1"),
        ("https://www.microsoft.com", "/shows"),
        ("https://news.yahoo.com/v/", "-"),
        ("https://www.nbcnews.com/video/", "1"),
        ("https://www.crackle.com", "/p/"),
        ("https://www.cnn.com", "/video/a"),
        ("https://www.washingtonpost.com", "/video"),
        ("https://my.mail.ru/", "video/"),
        ("https://www.vevo.com", "/watch/1"),
        ("https://www.dropbox.com", "/s/a"),
        ("https://www.cnbc.com", "/video/a"),
        ("https://example.com", "/.mp4"),
        ("https://", "a."),
    ],
)
def test_a_long_url_is_recognized_or_not_in_linear_time(start: str, repeated: str) -> None:
    count = 3_900 // len(repeated)
    check_linear_time(lambda text: recognize_url(f"{start}{text}!"), repeated * count)
