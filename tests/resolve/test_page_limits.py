"""Which documents yt-dlp may parse."""

from __future__ import annotations

import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.clocks import check_linear_time
from vidindex.errors import HostilePageError
from vidindex.resolve.page_limits import check_document, is_safe_encoding


@pytest.mark.parametrize(
    "page",
    [
        "<iframe src=a>" * 1600,
        "<iframe " * 130,
        "<IFRAMEx " * 130,
        "<ıframe " * 130,
        "<\u017fcript " * 130,
        "<iframe src=a></iframe>" * 300 + "x" * 2_000_000,
        "<a " * 20_000,
        '<meta property="og:url"' * 4000,
        "<x>" + "div iframe " * 20_000,
        "<source src=a>" * 2100,
        "jwplayer " * 700,
        "videojs(" * 300 + "x" * 2_000_000,
        "jwplayer (" + "x" * 2_100_000,
        "<script type='application/ld+json'></script>" * 100 + "x" * 1_000_000,
        "&#1;" * 500_000,
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "x" * 9_000_000,
        "#EXTM3U" + "x" * 17_000_000,
    ],
)
def test_pages_that_take_long_to_search_are_refused(page: str) -> None:
    with pytest.raises(HostilePageError):
        check_document(page.encode())
    with pytest.raises(HostilePageError):
        check_document(page.encode("utf-16"), "utf-16")


def test_letters_of_other_encodings_are_compared_as_yt_dlp_does() -> None:
    with pytest.raises(HostilePageError):
        check_document(("<ıframe " * 130).encode("iso8859-9"), "iso8859-9")


@pytest.mark.parametrize(
    "page",
    [
        "<p class=x>" * 50_000,
        "<iframe src=a></iframe>" * 100 + "<p>Words.</p>" * 100_000,
        "<script>for(i=0;i<a;i++)</script>" * 500,
        "<script>" + "var divide=1,individual=2;for(i=0;i<n;i++){}" * 10 + '{"a":1},' * 100_000 + "</script>",
        '<img src="data:image/png;base64,' + "A" * 3_000_000 + '">',
        "<script>" + "videojs('a');" * 100 + "x" * 1_000_000 + "</script>",
        "<script>jwplayer('a')</script>" + "x" * 3_000_000,
        "<source src=a>" * 1000,
        "&nbsp;" * 100_000,
        "#EXTM3U" + "x" * 12_000_000,
    ],
)
def test_ordinary_pages_are_not(page: str) -> None:
    assert check_document(page.encode()) > len(page)


@pytest.mark.parametrize(
    "text",
    ["<a " * 1000 + ">", "<a>" * 1000, "iframe", "jwplayer(", "&amp;", "<script>a</script>", "{}[],:\"'=<\n"],
)
def test_checking_takes_linear_time(text: str) -> None:
    def check(page: str) -> None:
        with suppress(HostilePageError):
            check_document(page.encode())

    check_linear_time(check, text * (1_000_000 // len(text)))


def _parse_lines(text: str) -> object:
    return text.splitlines()


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (ET.fromstring, "<a>" + "<b/>" * 10_000 + "</a>"),
        (ET.fromstring, "<a>" + '<b c=""/>' * 10_000 + "</a>"),
        (ET.fromstring, "<a>" + '<b c="" d="" e="" f="" g="" h=""/>' * 5000 + "</a>"),
        (ET.fromstring, "<a>" + "<b>c</b>d" * 10_000 + "</a>"),
        (ET.fromstring, "<a>" + "<b>" * 10_000 + "</b>" * 10_000 + "</a>"),
        (_parse_lines, "a\n" * 10_000),
        (_parse_lines, "ab\u2028" * 10_000),
        (_parse_lines, "ab\x1c" * 10_000),
    ],
)
def test_the_estimate_is_not_below_what_parsers_allocate(parse: Callable[[str], object], text: str) -> None:
    tracemalloc.start()
    value = parse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert value is not None
    assert check_document(text.encode()) >= peak


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "UTF8", "latin-1", "windows-1252", "cp1251", "koi8-r", "gbk", "Shift_JIS", "utf-16", "nonsense"],
)
def test_usual_encodings_are_safe(encoding: str) -> None:
    assert is_safe_encoding(encoding)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-7",
        "UTF_7",
        "punycode",
        "idna",
        "unicode_escape",
        "raw-unicode-escape",
        "iso-2022-jp",
        "hz",
        "cp037",
        "cp500",
    ],
)
def test_encodings_that_hide_tags_or_take_long_to_decode_are_not(encoding: str) -> None:
    assert not is_safe_encoding(encoding)
