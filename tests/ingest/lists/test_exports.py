"""What programs export is read with titles and days: readers for later, browsers, blogs, notes, single links."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from tests.clocks import check_linear_time
from vidindex.errors import ListError
from vidindex.ingest.lists import read_list
from vidindex.ingest.lists.markdown import _LINK
from vidindex.ingest.lists.spelling import spelling_key

A, B, DAY = "https://a.example/1", "https://a.example/2", "2019-04-06"
READER = {"id": "user/1", "items": [
    {"published": 1554552000, "title": "One", "alternate": [{"href": A}], "canonical": [{"href": A}]},
]}  # fmt: skip
CHROME = {"checksum": "x", "roots": {"bookmark_bar": {"children": [
    {"type": "folder", "name": "F", "children": [
        {"type": "url", "name": "One", "url": A, "date_added": "13199025600000000"},
        {"type": "url", "name": "js", "url": "javascript:void(0)"},
    ]},
], "type": "folder"}, "sync_transaction_version": "55"}, "version": 1}  # fmt: skip
FIREFOX = {"type": "text/x-moz-place-container", "children": [
    {"type": "text/x-moz-place-separator"}, {"title": "Recent", "uri": "place:sort=8"},
    {"type": "text/x-moz-place-container", "children": [{"title": "One", "uri": A, "dateAdded": 1554552000000000}]},
]}  # fmt: skip
WEBLOC = plistlib.dumps({"URL": A})
EXPORTS = {
    "pocket.csv": f"title,url,time_added,tags,status\nOne,{A},1554552000,,unread\n",
    "instapaper.csv": f'URL,Title,Selection,Folder,Timestamp\n{A},One,"{B}",Unread,1554552000\n',
    "raindrop.csv": f"id,title,note,excerpt,url,folder,tags,created,cover\n1,One,{B},,{A},F,,{DAY}T12:07:08.000Z,{B}\n",
    "wallabag.csv": f'"Title";"URL";"Content";"Creation date"\n"One";"{A}";"<a href=""{B}"">";"{DAY} 12:00:00"\n',
    "readwise.csv": f"Title,URL,ID,Saved date\nOne,{A},1,{DAY} 12:00:00+00:00\n",
    "pinboard.json": json.dumps([{"href": A, "description": "One", "extended": B, "time": f"{DAY}T12:07:08Z"}]),
    "pinboard.xml": f'<posts><post href="{A}" time="{DAY}T12:07:08Z" description="One" extended="{B}"/></posts>',
    "wallabag.json": json.dumps([{"title": "One", "url": A, "created_at": f"{DAY}T12:00:00+00:00", "tags": ["x"]}]),
    "wallabag.xml": f'<response><item key="0"><tags><item key="0">x</item></tags><title>One</title><url>{A}</url>'
    f"<created_at>{DAY}T12:00:00</created_at></item></response>",
    "omnivore.json": json.dumps([{"title": "One", "url": A, "savedAt": f"{DAY}T12:00:00.000Z", "labels": []}]),
    "pocket.json": json.dumps({"list": {"5": {"given_url": A, "resolved_title": "One", "time_added": "1554552000"}}}),
    "karakeep.json": json.dumps({"bookmarks": [{"createdAt": 1554552000, "title": "One", "content": {"url": A}}]}),
    "raindrop.json": json.dumps({"items": [{"_id": 1, "link": A, "title": "One", "created": f"{DAY}T12:00:00.000Z"}]}),
    "reader.json": json.dumps(READER),
    "chrome.json": json.dumps(CHROME),
    "firefox.json": json.dumps(FIREFOX),
    "pocket.html": f'<!DOCTYPE html><title>Pocket Export</title><ul><li><a href="{A}" time_added="1554552000">One</a>',
    "raindrop.html": f'<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="{A}" ADD_DATE="1554552000">One</A></DL>',
    "links.md": f"# Links\nSome prose, [twice](x.md).\n- [x] [*One*]({A}) {DAY}\n```\n{B}\n```\n",
    "links.org": f"* Links\n- {DAY} [[{A}][One]]\n",
}


def listed(folder: Path, content: str | bytes, name: str) -> list[tuple[str, str, str]]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(entry.url, entry.title, entry.date) for entry in read_list(path) if not entry.problem]


def test_an_export_of_a_browser_has_no_problems(tmp_path: Path) -> None:
    for name in ("chrome.json", "firefox.json"):
        (tmp_path / name).write_text(EXPORTS[name], encoding="utf-8")
        assert [entry.problem for entry in read_list(tmp_path / name)] == [""]


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_read_with_titles_and_days(tmp_path: Path, name: str) -> None:
    assert listed(tmp_path, EXPORTS[name], name) == [(A, "One", DAY)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("one.webloc", WEBLOC),
        ("binary.webloc", plistlib.dumps({"URL": A}, fmt=plistlib.FMT_BINARY)),
        ("one.url", f"[InternetShortcut]\r\nURL={A}\r\nIconIndex=0\r\n"),
        ("one.desktop", f"[Desktop Entry]\nType=Link\nURL={A}\n"),
        ("list.txt", f"- [ ] {A} - later\n"),
        (
            "instapaper.html",
            f'<html><title>Instapaper: Export</title><h1>Unread</h1><ol><li><a href="{A}">One</a></ol>',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() and len(value) < 20 else "",
)
def test_a_saved_link_is_read(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert [url for url, _, _ in listed(tmp_path, content, name)] == [A]


def test_the_forms_of_markdown_links_are_read(tmp_path: Path) -> None:
    text = (
        "[Wiki](https://a.example/A_(b)) and <https://a.example/3>, ![picture](https://a.example/p.png)\n"
        "[![alt](https://a.example/q.png)](<https://a.example/4>)\n[Five][r] then [Six]\n"
        '[r]: https://a.example/5 "title"\n[six]: <https://a.example/6>\n| [Seven](https://a.example/7 "t") | 8 |\n'
    )

    assert listed(tmp_path, text, "links.md") == [
        ("https://a.example/A_(b)", "Wiki", ""),
        ("https://a.example/3", "", ""),
        ("https://a.example/4", "alt", ""),
        ("https://a.example/5", "Five", ""),
        ("https://a.example/6", "six", ""),
        ("https://a.example/7", "Seven", ""),
    ]


def test_what_a_wordpress_export_contains_besides_articles_is_left_out(tmp_path: Path) -> None:
    kinds = [
        "publish post",
        "inherit attachment",
        "draft post",
        "publish nav_menu_item",
        "private post",
        "publish page",
    ]
    items = "".join(
        f"<item><link>https://a.example/{at}</link><wp:status>{kind.split()[0]}</wp:status>"
        f"<wp:post_type>{kind.split()[1]}</wp:post_type></item>"
        for at, kind in enumerate(kinds)
    )
    feed = f'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>{items}</channel></rss>'

    assert [url for url, _, _ in listed(tmp_path, feed, "x.xml")] == ["https://a.example/0", "https://a.example/5"]


def test_what_a_blogger_export_contains_besides_articles_is_left_out(tmp_path: Path) -> None:
    def entry(kind: str, at: int, more: str = "") -> str:
        term = f"http://schemas.google.com/blogger/2008/kind#{kind}"
        return f'<entry><category term="{term}"/>{more}<link rel="alternate" href="https://a.example/{at}"/></entry>'

    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    entries = entry("template", 0) + entry("post", 1) + entry("comment", 2) + entry("post", 3, draft)
    new = (
        "<entry><blogger:type>{}</blogger:type><blogger:status>{}</blogger:status>"
        "<blogger:filename>/{}</blogger:filename></entry>"
    )
    entries += new.format("POST", "LIVE", 4) + new.format("POST", "DRAFT", 5) + new.format("COMMENT", "LIVE", 6)
    feed = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="alternate" href="https://a.example/"/>{entries}</feed>'
    )

    assert [url for url, _, _ in listed(tmp_path, feed, "x.xml")] == ["https://a.example/1", "https://a.example/4"]


def test_the_status_of_an_entry_that_is_no_export_does_not_count(tmp_path: Path) -> None:
    feed = f"<rss><channel><item><link>{A}</link><status>draft</status><category>x</category></item></channel></rss>"

    assert [url for url, _, _ in listed(tmp_path, feed, "x.xml")] == [A]


def test_the_base_of_an_entry_counts_within_that_of_the_feed(tmp_path: Path) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/x/">'
        '<entry xml:base="y/"><link href="1"/></entry><entry><link href="2"/></entry></feed>'
    )

    assert [url for url, _, _ in listed(tmp_path, feed, "x.xml")] == [
        "https://a.example/x/y/1",
        "https://a.example/x/2",
    ]


def test_a_page_with_prose_is_no_list(tmp_path: Path) -> None:
    prose = "<p>A long story about the bridge, which was closed for years, and nobody could say why it was.</p>"
    page = f'<html><body>{prose}<ul><li><a href="{A}">One</a></li><li><a href="{B}">Two</a></li></ul></body></html>'
    with pytest.raises(ListError, match="it is a page"):
        listed(tmp_path, page, "x.html")


@pytest.mark.parametrize(
    "other",
    [
        "HTTPS://A.Example/x/1",
        "https://a.example:443/x/1",
        "https://a.example./x/1",
        "https://a.example/x/%31",
        "https://a.example/./x/y/../1",
        "https://a.example/x/1#part",
        "https://a.example/x/1?",
        "https://a.example/x/1?utm_source=feed&utm_medium=rss",
    ],
)
def test_other_spellings_of_a_link_are_the_same_link(other: str) -> None:
    assert spelling_key(other) == spelling_key("https://a.example/x/1")


@pytest.mark.parametrize(
    "other",
    [
        "https://a.example/X/1",
        "https://a.example/x/1?id=2",
        "https://a.example/x%2F1",
        "https://a.example/x/1#!/2",
        "https://www.a.example/x/1",
        "https://a.example:8443/x/1",
    ],
)
def test_another_link_is_not_the_same_link(other: str) -> None:
    assert spelling_key(other) != spelling_key("https://a.example/x/1")


@pytest.mark.parametrize(
    "piece", ["[", "[a", "[![a](b)", "](", "http://a(", "[[http://a", "[a](http://b[", "http://a"], ids=str
)
def test_hostile_markdown_takes_linear_time(piece: str) -> None:
    check_linear_time(lambda text: list(_LINK.finditer(text)), piece * (20_000 // len(piece)))
