"""Feeds, sitemaps, OPML, bookmarks and JSON in files, as real sites and programs write them."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clocks import check_linear_time
from vidindex.errors import ListError
from vidindex.ingest.lists import ListEntry, read_list, source
from vidindex.pages.dates import parse_day

A, B = "https://a.example/1", "https://a.example/2?x=1&y=2"


def listed(folder: Path, text: str | bytes, name: str = "list", **options: str) -> list[ListEntry]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_list(path, **options))  # type: ignore[arg-type] # fetching is never among them


def urls(folder: Path, text: str | bytes, **options: str) -> list[str]:
    found = listed(folder, text, **options)
    assert [each.problem for each in found if each.problem] == []
    return [each.url for each in found]


def rss(items: str, *, head: str = '<?xml version="1.0"?>', site: str = "https://home.example/") -> str:
    return f'{head}<rss version="2.0"><channel><title>T</title><link>{site}</link>{items}</channel></rss>'


def item(link: str, more: str = "") -> str:
    return f"<item><link>{link}</link>{more}</item>"


FEEDS = {
    "rss": rss(item(A, "<title>One &amp; all</title><pubDate>Thu, 06 May 2021 10:00:00 +0200</pubDate>")),
    "cdata": rss(item(f"<![CDATA[ {A} ]]>", "<title><![CDATA[<b>One</b> & all]]></title><date>2021-05-06</date>")),
    "rdf": '<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><channel rdf:about="x"/>'
    f'<item rdf:about="{A}"><title>One &amp; all</title><dc:date>2021-05-06T10:00</dc:date></item></rdf:RDF>',
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><link href="/" rel="self"/>'
    '<entry><title type="html">One &amp;amp; &lt;i&gt;all&lt;/i&gt;</title><link rel="enclosure" href="a.mp3"/>'
    '<link href="1"/><updated>2021-09-09</updated><published>2021-05-06T23:00:00-08:00</published></entry></feed>',
    "prefixes": '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One &amp; all</a:title>'
    f'<a:link href="{A}" rel="alternate"/><a:updated>2021-05-06</a:updated></a:entry></a:feed>',
    "no namespace": f"<feed><entry><title>One &amp; all</title><id>{A}</id><issued>2021-05-06</issued></entry></feed>",
    "undeclared": rss(item(A, "<title>One & all</title><media:title>x</media:title><dc:date>2021-05-06</dc:date>")),
    "guid": rss(f"<item><guid>{A}</guid><title>One &#38; all</title><pubDate>6 May 21</pubDate></item>"),
    "moved": rss(item("https://feeds.example/~r/1", f"<x:origLink>{A}</x:origLink><title>One &amp; all</title>"
                      "<pubDate>May 6, 2021</pubDate>")),
    "warning": "\n<br />\n<b>Warning</b>: strlen()\n" + rss(item("/1", "<title>One &amp; all</title>"
                      "<pubDate>Do, 6. Mai 2021</pubDate><date>2021-05-06</date>"), site="https://a.example/x/"),
    "cut off": rss(item(A, "<title>One & all</title><pubDate>2021-05-06</pubDate>"))[:-25],
    "json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": 1, "url": A, "title": "One & all", "date_published": "2021-05-06T10:00:00Z"}]}),
    "json, relative": json.dumps({"home_page_url": "https://a.example/x", "items": [
        {"id": "1", "url": "/1", "title": "One &amp; all", "date_published": "2021-05-06"}]}, indent=1),
}  # fmt: skip


@pytest.mark.parametrize("text", FEEDS.values(), ids=FEEDS)
def test_an_entry_of_a_feed_has_link_title_and_day(tmp_path: Path, text: str) -> None:
    assert listed(tmp_path, text) == [ListEntry(A, title="One & all", date="2021-05-06")]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "koi8-r", "windows-1252"])
def test_titles_come_in_the_encoding_that_is_declared(tmp_path: Path, encoding: str) -> None:
    title = "Чай" if encoding == "koi8-r" else "Café"
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = rss(item(A, f"<title>{title}</title>"), head=head).encode(encoding)
    assert [each.title for each in listed(tmp_path, text)] == [title]


def test_bytes_that_contradict_their_declaration_are_read(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    text = rss(item(A, "<title>Café</title>"), head=head).encode("cp1252")
    assert [each.title for each in listed(tmp_path, text)] == ["Café"]
    head = '<?xml version="1.0" encoding="unicode_escape"?>'
    assert urls(tmp_path, rss(item(A), head=head)) == [A]


def test_a_malformed_entry_does_not_affect_the_others(tmp_path: Path) -> None:
    broken = f"<item><title>Two<link>{B}</item>"
    found = listed(
        tmp_path, rss(item(A) + broken + item("https://a.example/3") + "<item><title>x & < y</title></item>")
    )
    assert [each.url for each in found if not each.problem] == [A, "https://a.example/3"]
    assert "the entry has no link" in [each.problem for each in found]


def test_links_that_are_not_web_pages_are_reported(tmp_path: Path) -> None:
    found = listed(tmp_path, rss(item("javascript:alert(1)", "<title>x</title>") + item("file:///etc/hosts")))
    assert [(each.url, bool(each.problem)) for each in found] == [("x", True), ("", True)]


def test_older_entries_are_left_out_and_those_without_day_stay(tmp_path: Path) -> None:
    days = ["2021-05-06", "2021-05-07", "", "gibberish", "2021", "2020", "2021-05", "2021-04"]
    text = rss("".join(item(f"{A}/{at}", f"<pubDate>{day}</pubDate>") for at, day in enumerate(days)))
    assert urls(tmp_path, text, since="2021-05-07") == [f"{A}/{at}" for at in (1, 2, 3, 4, 6)]
    assert len(urls(tmp_path, text, since="7 May 2021")) == 5
    with pytest.raises(ListError, match="2024-05-31"):
        listed(tmp_path, text, since="lately")


def test_the_same_link_comes_once(tmp_path: Path) -> None:
    assert [
        each.title for each in listed(tmp_path, rss(item(A, "<title>1</title>") + item(A, "<title>2</title>")))
    ] == ["1"]


SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="news" xmlns:i="image">'
    f"<url><loc> {A} </loc><lastmod>2021-05-06T10:00:00Z</lastmod><i:image><i:loc>https://i.example/</i:loc></i:image>"
    f"</url><url><loc>{B.replace('&', '&amp;')}</loc><lastmod>2021-06-01</lastmod><n:news>"
    "<n:publication_date>2021-05-01</n:publication_date><n:title>Tides</n:title></n:news></url><url></url></urlset>"
)


def test_a_sitemap_lists_its_pages(tmp_path: Path) -> None:
    found = [ListEntry(A, date="2021-05-06"), ListEntry(B, title="Tides", date="2021-05-01")]
    assert listed(tmp_path, SITEMAP) == found
    assert listed(tmp_path, gzip.compress(SITEMAP.encode())) == found
    assert urls(tmp_path, SITEMAP, since="2021-05-05") == [A]


def test_an_outline_of_links_is_read_at_any_depth(tmp_path: Path) -> None:
    text = (
        '<opml version="2.0"><head><title>x</title></head><body><outline text="Kettles"><outline text="deep">'
        f'<outline type="link" text="One" url="{A}" created="Thu, 06 May 2021 10:00:00 GMT"/></outline></outline>'
        f'<outline text="Two &amp; all" htmlUrl="{B.replace("&", "&amp;")}"/><outline text="none"/></body></opml>'
    )
    assert listed(tmp_path, text) == [ListEntry(A, title="One", date="2021-05-06"), ListEntry(B, title="Two & all")]


def test_bookmarks_of_all_folders_are_read(tmp_path: Path) -> None:
    text = (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META CONTENT='text/html; charset=UTF-8'>\n<TITLE>Bookmarks</TITLE>\n"
        f'<DL><p><DT><H3 ADD_DATE="1">Kettles</H3><DL><p><DT><A HREF="{A}" ADD_DATE="1620295200">One &amp; all</A>\n'
        f'<DD>a note\n</DL><p><DT><A HREF="{B}">Zoë</A><DT><A HREF="place:sort=8">recent</A>'
        '<DT><A HREF="javascript:x()">y</A></DL>'
    )
    expected = [ListEntry(A, title="One & all", date="2021-05-06"), ListEntry(B, title="Zoë")]
    assert listed(tmp_path, text, name="bookmarks.html") == expected
    assert listed(tmp_path, text.partition("<DL>")[2], name="bookmarks.html") == expected


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([A, B]),
        json.dumps([{"url": A}, {"link": B, "n": 1}], indent=2),
        json.dumps({"links": [{"url": A}, B]}),
        f'{{"url": "{A}"}}\n\n{{"link": "{B}", "items": 3}}\n',
        f'{{"url": "{A}"}}\r\n{{"link": "{B}"}}',
    ],
)
def test_json_comes_as_an_array_or_in_lines(tmp_path: Path, text: str) -> None:
    assert urls(tmp_path, text) == [A, B]


def test_objects_have_title_day_and_line(tmp_path: Path) -> None:
    text = f'{{"url": "{A}", "title": "One", "date": "2021-05-06"}}\n{{"n": 1}}\nnonsense\n{{"url": ["x"]}}\n7'
    first, *rest = listed(tmp_path, text)
    assert first == ListEntry(A, 1, "One", "2021-05-06")
    assert [(each.line, bool(each.problem)) for each in rest] == [(2, True), (3, True), (4, True), (5, True)]
    assert urls(tmp_path, f'{{"url": "{A}"}}') == [A]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<!doctype html><title>x</title><a href=y>z</a>", "vidindex add"),
        ("<html><head>", "vidindex add"),
        ("<?xml version='1.0'?><svg/>", "not a feed"),
        ("<x></x>", "not a feed"),
        ('{"url": ', "not valid JSON"),
        ("[[[[", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"a":' * 100_000, "not valid JSON"),
        (b"%PDF-1.4\n", "not text"),
        (b"PK\x03\x04\x00\x00", "not text"),
        (bytes(range(256)) * 4, "not text"),
        (b"\x1f\x8bnonsense", "damaged"),
        (gzip.compress(SITEMAP.encode() * 100)[:-30], "damaged"),
    ],
)
def test_anything_that_is_not_a_list_is_an_error_with_the_next_step(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(ListError, match=says):
        listed(tmp_path, text)


def laughs() -> str:
    entities = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(12))
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">{entities}]>'


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    text = rss(item(A, "<title>&m;&amp;&eacute;</title>"), head=laughs())
    assert [each.title for each in listed(tmp_path, text)] == ["&m;&é"]


def test_files_are_not_read_for_entities(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("kettle")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    assert "kettle" not in str(listed(tmp_path, rss(item(A, "<title>&x;</title>"), head=head)))


@pytest.mark.parametrize(
    "text",
    [
        "<rss><channel>" + "<item>" * 50_000,
        "<rss>" + "<a>" * 100_000,
        "<rss>" + "<" * 250_000,
        "<rss><item><title>" + "&" * 250_000,
        '<rss><item b="' * 50_000,
        "<rss><item><title>" + "x" * 10_000_000,
        "<rss><![CDATA[" * 50_000,
        "<urlset>" + "<url><loc>" * 50_000,
        "<opml>" + "<outline>" * 150_000,
        "<dl><dt><a add_date=1 href=" + "<dl>" * 50_000,
        "[" + '{"url":1},' * 50_000 + "1]",
        "\n" * 1_500_000,
        "a,b,c\n" * 150_000,
        '"' * 500_000,
        "<!" * 500_000,
        "https://a.example/," * 50_000,
    ],
    ids=range(16),
)
def test_hostile_lists_cost_little(tmp_path: Path, text: str) -> None:
    def read_list_text(content: str) -> None:
        with suppress(ListError):
            listed(tmp_path, content)

    check_linear_time(read_list_text, text)


@pytest.mark.parametrize("block", [b"x" * 1000, b"#\n" * 500, b"#" * 999 + b"\n", b"<item></item>" * 100])
def test_a_decompression_bomb_is_refused(tmp_path: Path, block: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_LIST_BYTES", 1_000_000)
    with pytest.raises(ListError, match="larger than 1 MB"):
        listed(tmp_path, gzip.compress(b"<rss>" * block.startswith((b"x", b"<")) + block * 5_000))


@pytest.mark.parametrize("depth", range(880, 1000, 3))
def test_deeply_nested_objects_are_read_or_an_error(tmp_path: Path, depth: int) -> None:
    with suppress(ListError):
        listed(tmp_path, '{"a":' * depth + "1" + "}" * depth)
    with suppress(ListError):
        listed(tmp_path, "[" * depth + "]" * depth)


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([
            *FEEDS.values(), SITEMAP, A, "<rss>", "<opml><outline xmlUrl='x:'", "{", "[", '"', ",", ";", "\t", "#",
            "\n",             "<![CDATA[", "]]>", "<item>", "</item>", "<html>",
            "&", "<dl><dt><a add_date=1 href=", "\0", "﻿", "url,b\n",
        ]),
        st.text(max_size=10),
    ),
    max_size=8,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pieces=_PIECES, encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]), cut=st.integers(0, 40))
def test_any_text_is_a_list_or_a_list_error(tmp_path: Path, pieces: list[str], encoding: str, cut: int) -> None:
    with suppress(ListError):
        found = listed(tmp_path, "".join(pieces).encode(encoding, "replace")[cut:])
        assert all(each.problem or each.url for each in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_list_or_a_list_error(tmp_path: Path, content: bytes) -> None:
    with suppress(ListError):
        listed(tmp_path, content)


DAYS = [
    ("Mon, 06 Sep 2021 16:45:00 GMT", "2021-09-06"),
    ("Mon,06 Sep 2021 10:00:00 GMT", "2021-09-06"),
    ("Lun, 6 Sep 21 10:00 EDT", "2021-09-06"),
    ("6 Sep 99", "1999-09-06"),
    ("2021-09-06T23:30:00-05:00", "2021-09-06"),
    ("Monday, September 6th, 2021", "2021-09-06"),
    ("06-Sep-2021", "2021-09-06"),
    ("Mon Sep  6 10:00:00 2021", "2021-09-06"),
    ("6. September 2021", "2021-09-06"),
    ("2021/9/6", "2021-09-06"),
    ("2021年9月6日", "2021-09-06"),
    ("20210906T1000", "2021-09-06"),
    ("1630915200", "2021-09-06"),
    ("1630915200000", "2021-09-06"),
    ("2021-09", "2021-09"),
    ("2021", "2021"),
    ("06/09/2021", ""),
    ("2021-13-40", ""),
    ("2021-99", ""),
    ("0000-00-00", ""),
    ("31 Feb 2021", ""),
    ("6 Quux 2021", ""),
    ("yesterday", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_the_day_is_the_one_that_the_text_states(text: str, day: str) -> None:
    assert parse_day(text) == day


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,13}[-/ .]?[A-Z]?[a-z]{0,9}[ ,]?[0-9]{0,4}", fullmatch=True)))
def test_any_text_is_a_day_or_empty(text: str) -> None:
    assert parse_day(text) == "" or parse_day(parse_day(text)) == parse_day(text)
