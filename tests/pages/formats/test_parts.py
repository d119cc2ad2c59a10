"""Pages that a browser saved as one file: MHTML, `.webarchive`, HAR, and marks in HTML."""

from __future__ import annotations

import plistlib
import struct
from pathlib import Path

import pytest

import vidindex
from tests.archives import webarchive_resource, write_har, write_mhtml, write_webarchive
from vidindex import TargetError
from vidindex.pages.formats.inline_data import MIN_SHRUNK_BYTES, remove_inline_data
from vidindex.pages.formats.saved_marks import SavedMark, find_saved_mark

URL = "https://daily.example/2019/bridge"
ONE = "a1B2c3D4e5F"
PLAYER = f"https://www.youtube.com/embed/{ONE}"
TEXT = "<p>" + "It was a long evening, and nobody went home. " * 10 + "</p>"


def embed_ids(path: Path) -> list[str]:
    return [embed.id for embed in vidindex.find_embeds(path) if embed.kind == "embed"]


def test_a_frame_of_mhtml_is_found_by_its_content_id(tmp_path: Path) -> None:
    parts = [
        (URL, "text/html", f'<h1>Brücke — “yes”</h1>{TEXT}<iframe src="cid:frame-1@mhtml.blink"></iframe>'),
        (PLAYER, "text/html", "<p>a player</p>"),
    ]
    page = write_mhtml(tmp_path / "page.mht", URL, parts, ids=["frame-0@mhtml.blink", "frame-1@mhtml.blink"])
    article = vidindex.read_article(page)

    assert (article.url, article.title, article.captured) == (URL, "Brücke — “yes”", "2019-03-04T05:06:07Z")
    assert embed_ids(page) == [ONE]
    assert [embed.id for embed in vidindex.find_embeds(page.read_bytes())] == [ONE]


def test_a_frame_of_mhtml_without_an_address_is_read_in_its_place(tmp_path: Path) -> None:
    parts = [
        (URL, "text/html", f'<h1>Bridge</h1>{TEXT}<iframe src="cid:frame-1@mhtml.blink"></iframe>'),
        ("about:srcdoc", "text/html", f'<iframe src="{PLAYER}"></iframe>'),
    ]
    page = write_mhtml(tmp_path / "page.mhtml", URL, parts, ids=["", "frame-1@mhtml.blink"])

    assert embed_ids(page) == [ONE]


def test_mhtml_in_an_old_encoding_in_nested_parts_is_read(tmp_path: Path) -> None:
    """Internet Explorer states the encoding in the headers only."""
    body = f"<h1>Мост закрыт</h1><p>Мы не хотели</p><iframe src='{PLAYER}'></iframe>".encode("cp1251")
    page = tmp_path / "page.mht"
    page.write_bytes(
        b"\xef\xbb\xbfFrom: <Saved by Windows Internet Explorer 8>\nSubject: x\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/related;\n\tboundary=outer\n\npreamble\n--outer\n"
        b"Content-Type: multipart/alternative; boundary=\"outer-in\"\n\n--outer-in\nContent-Type: text/html;\n"
        b"\tcharset=windows-1251\nContent-Transfer-Encoding: 8bit\nContent-Location: https://daily.example/2019/\n"
        b" bridge\n\n" + body + b"\n--outer-in--\n\n--outer\nContent-Type: image/png\n\nx\n--outer--\n"
    )  # fmt: skip

    assert vidindex.read_article(page).title == "Мост закрыт"
    assert vidindex.read_article(page).url == URL
    assert embed_ids(page) == [ONE]


@pytest.mark.parametrize("cut", [700, 900, 1100])
def test_mhtml_that_is_cut_is_read_as_far_as_it_goes(cut: int, tmp_path: Path) -> None:
    page = write_mhtml(tmp_path / "page.mhtml", URL, [(URL, "text/html", f"<h1>Bridge</h1>{TEXT}")])
    page.write_bytes(page.read_bytes()[:cut])

    assert vidindex.read_article(page).title == "Bridge"


def test_html_that_is_called_mhtml_is_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.mhtml"
    page.write_text(f"<h1>Bridge</h1>{TEXT}<iframe src='{PLAYER}'></iframe>", encoding="utf-8")

    assert embed_ids(page) == [ONE]


def test_a_mail_about_something_else_is_no_mhtml(tmp_path: Path) -> None:
    mail = tmp_path / "captions.txt"
    mail.write_text("Subject: captions\nDate: today\n\n00:01 --> 00:02\nhello\n", encoding="utf-8")

    assert vidindex.read_article(mail).url == mail.as_uri()


@pytest.mark.parametrize("fmt", [plistlib.FMT_BINARY, plistlib.FMT_XML], ids=["binary", "xml"])
def test_a_webarchive_has_its_page_and_frames(fmt: plistlib.PlistFormat, tmp_path: Path) -> None:
    main = webarchive_resource(URL, "text/html", f'<h1>Brücke</h1>{TEXT}<iframe src="{PLAYER}"></iframe>')
    frames = [webarchive_resource(PLAYER, "text/html", "<p>player</p>")]
    page = write_webarchive(tmp_path / "page.webarchive", main, frames=frames, fmt=fmt)

    assert (vidindex.read_article(page).url, vidindex.read_article(page).title) == (URL, "Brücke")
    assert embed_ids(page) == [ONE]


@pytest.mark.parametrize("damage", ["cut", "overlapping values", "endless table"])
def test_a_damaged_webarchive_is_an_error(damage: str, tmp_path: Path) -> None:
    page = write_webarchive(tmp_path / "page.webarchive", webarchive_resource(URL, "text/html", TEXT))
    content = page.read_bytes()
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "overlapping values":  # each value is one dictionary that claims to contain itself 2^40 times
        content = b"bplist00" + b"\xdf\x14" + (1 << 40).to_bytes(16, "big") + b"\x08" * 9
        content += struct.pack(">6xBBQQQ", 1, 1, 9, 0, len(content) - 9)
    else:
        content = content[:-32] + struct.pack(">6xBBQQQ", 8, 8, 1 << 60, 0, 8)
    page.write_bytes(content)

    with pytest.raises(TargetError):
        vidindex.read_article(page)


def test_har_has_the_pages_that_it_lists(tmp_path: Path) -> None:
    frame = "https://ads.example/frame"
    entries = [
        (URL, "text/html; charset=utf-8", f'<h1>Bridge</h1>{TEXT}<iframe src="{PLAYER}"></iframe>'),
        (frame, "text/html", f"<h1>Advertisement</h1>{TEXT}"),
    ]
    assert embed_ids(write_har(tmp_path / "page.har", entries)) == [ONE]
    article = vidindex.read_article(tmp_path / "page.har")
    assert (article.url, article.captured) == (URL, "2019-03-04T05:06:07Z")

    with pytest.raises(TargetError, match="content of the responses"):
        vidindex.read_article(write_har(tmp_path / "empty.har", []))


SAVED_PAGES = {
    "Chromium": ("<!-- saved from url=(0033)https://daily.example/2019/bridge -->", ""),
    "SingleFile": (
        "<!DOCTYPE html> <html lang=en><!--\n Page saved with SingleFile \n url: https://daily.example/2019/bridge \n"
        " saved date: Mon Mar 04 2019 06:06:07 GMT+0100 (Central European Standard Time)\n-->",
        "2019-03-04T05:06:07Z",
    ),
    "monolith": (
        "<!-- Saved from https://daily.example/2019/bridge at 2019-03-04T05:06:07Z using monolith v2.8 -->",
        "2019-03-04T05:06:07Z",
    ),
    "HTTrack": (
        "<!-- Mirrored from daily.example/2019/bridge by HTTrack Website Copier/3.x [XR&CO'2014], "
        "Mon, 04 Mar 2019 05:06:07 GMT -->",
        "2019-03-04T05:06:07Z",
    ),
    "Save Page WE": (
        '<meta name="savepage-url" content="https://daily.example/2019/bridge"><meta name="savepage-title" content="x">'
        '<meta name="savepage-date" content="Mon Mar 04 2019 05:06:07 GMT+0000 (UTC)">',
        "2019-03-04T05:06:07Z",
    ),
    "WebScrapBook": (
        '<html data-scrapbook-source="https://daily.example/2019/bridge" data-scrapbook-create="20190304050607123">',
        "2019-03-04T05:06:07Z",
    ),
}


@pytest.mark.parametrize("program", SAVED_PAGES)
def test_the_mark_of_the_program_that_saved_a_page_states_its_address(program: str, tmp_path: Path) -> None:
    mark, captured = SAVED_PAGES[program]
    page = tmp_path / "page.html"
    page.write_text(f"{mark}<h1>Bridge</h1>{TEXT}<iframe src='{PLAYER}'></iframe>", encoding="utf-8")
    article = vidindex.read_article(page)

    scheme = "http" if program == "HTTrack" else "https"  # HTTrack does not write which
    assert (article.url, article.captured) == (f"{scheme}://daily.example/2019/bridge", captured)
    assert article.fetched_from == page.as_uri()
    assert embed_ids(page) == [ONE]


def test_text_about_a_program_is_no_mark() -> None:
    text = b"<p>Page saved with SingleFile url: https://a.example/ saved from url=(0014)https://b.example/</p>"
    assert find_saved_mark(text) == SavedMark()


def test_pictures_in_a_large_page_do_not_count() -> None:
    picture = b'<img src="data:image/png;base64,' + b"iVBORw0KGgo" * MIN_SHRUNK_BYTES + b'">'
    frame = b'<iframe src="data:text/html;base64,' + b"PHA+" * 1000 + b'"></iframe>'
    shrunk = remove_inline_data(b"<h1>Bridge</h1>" + picture + frame)

    assert shrunk == b'<h1>Bridge</h1><img src="data:,">' + frame
    assert remove_inline_data(b"<p>" + picture[: MIN_SHRUNK_BYTES - 10]) != b"<p>"
