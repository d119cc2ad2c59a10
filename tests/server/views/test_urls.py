"""Which URLs pages may link to, and how paths of this server are written."""

from __future__ import annotations

import pytest

from vidindex.server.views.urls import language_tag, safe_web_url, video_path
from vidindex.transcripts.timecode import format_seconds, parse_time_offset


@pytest.mark.parametrize(
    "url", ["https://tube.example/a?b=c#d", "http://127.0.0.1:8000/film.mp4", "HTTPS://TUBE.EXAMPLE/"]
)
def test_web_urls_are_safe(url: str) -> None:
    assert safe_web_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:,x",
        "vbscript:x", "file:///etc/passwd", "//tube.example/a", "/relative", "", "https://", "https:///nowhere",
        "https://tube.example/\"onload=alert(1)", "https://tube.example/<b>", "https://tube.example/a b",
        "https://[::1", "https://tube.example/" + "a" * 5000, "blob:https://tube.example/1",
    ],
)  # fmt: skip
def test_other_urls_are_not_safe(url: str) -> None:
    assert safe_web_url(url) == ""


def test_an_id_is_one_segment_of_a_path() -> None:
    assert video_path("web:host/a/../b?c#d") == "/video/web:host%2Fa%2F..%2Fb%3Fc%23d"
    assert (
        video_path("youtube:x", at_ms=83_250, text="a & b", language="en")
        == "/video/youtube:x?t=83.25&q=a+%26+b&lang=en"
    )


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("83", 83_000), ("83.5", 83_500), ("83s", 83_000), ("1m23s", 83_000), ("1h2m3s", 3_723_000), ("1:23", 83_000),
        ("1:02:03", 3_723_000), ("83500ms", 83_500), ("", 0), ("soon", 0), ("-5", 0), ("9" * 30, 0), ("1e9", 0),
    ],
)  # fmt: skip
def test_time_offsets_are_parsed(text: str, time_ms: int) -> None:
    assert parse_time_offset(text) == time_ms


def test_formatted_times_are_parsed_back() -> None:
    assert all(parse_time_offset(format_seconds(each)) == each for each in (0, 1, 999, 12_055, 3_600_000, 35_999_999))


def test_only_valid_language_tags_are_returned() -> None:
    assert [language_tag(each) for each in ("en", "pt-BR", "zh-Hant-TW", '"><b>', "", "e")] == [
        "en", "pt-BR", "zh-Hant-TW", "", "", "",
    ]  # fmt: skip
