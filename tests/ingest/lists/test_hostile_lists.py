"""Lists that were made to exhaust memory: they are read in constant memory, or refused with a reason."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.lists.test_documents import A, B, item, listed, rss, urls
from tests.loopback import Site
from tests.processes import HANG_S, ROOT
from vidindex.errors import ListError
from vidindex.ingest.lists import read_list, reader

MB = 300_000
_FEED = "<rss><channel><item>"
_BOOKMARKS = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>"

_CHILD = """
import sys
from vidindex import read_list
from vidindex.errors import ListError
try:
    for _ in read_list(sys.argv[1]):
        pass
except ListError:
    pass
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
"""

HOSTILE: dict[str, Callable[[], str]] = {
    "unclosed tags": lambda: _FEED + "<a>" * (2 * MB),
    "unclosed entries": lambda: "<urlset>" + "<url>" * (2 * MB),
    "unclosed tags with text": lambda: _FEED + ("<title>" + "漢" * 8000) * 300,
    "unclosed outlines": lambda: "<opml><body>" + '<outline text="a">' * MB,
    "unclosed bookmarks": lambda: _BOOKMARKS + '<dt><a href="https://a.example/">' * 45_000,
    "links of one entry": lambda: _FEED + f"<link>{A}</link>" * 75_000,
    "dates of one entry": lambda: _FEED + "<date>2020-01-01</date>" * 75_000,
    "tag names": lambda: _FEED + "".join(f"<t{number}/>" for number in range(300_000)),
    "attribute names": lambda: _FEED + "<link " + " ".join(f'a{number}="b"' for number in range(MB)) + "/>",
    "namespaces": lambda: _FEED + "".join(f'<t xmlns:a{number}="u{number}"/>' for number in range(150_000)),
    "processing instructions": lambda: _FEED + "".join(f"<?p{number} ?>" for number in range(MB)),
    "a long attribute": lambda: _FEED + '<link href="' + "a" * (15 * MB),
    "lines of one row": lambda: f"{A};x\n" * 60 + f'{A};"a\n' + '";"a\n' * MB,
    "columns": lambda: "url,title\n" + (A + ",xy" * 20_000 + "\n") * 75,
    "values": lambda: "[" + "{}," * (3 * MB) + "{}]",
    "long links": lambda: "".join(f"https://a.example/{number}{'x' * 7900}\n" for number in range(900)),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_takes_little_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(HOSTILE[name](), encoding="utf-8")
    command = [sys.executable, "-c", _CHILD, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, cwd=ROOT, check=True)
    assert int(done.stdout) < 120_000  # kB; a process that reads nothing takes 30,000


@pytest.mark.parametrize(
    "text",
    [_FEED + "<a>" * 300_000, "<urlset>" + "<url>" * 300_000, _BOOKMARKS + "<font>" * 5_000],
    ids=["feed", "sitemap", "bookmarks"],
)
def test_tags_that_are_never_closed_are_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ListError, match="not closed, or nested too deeply"):
        listed(tmp_path, text)


def test_entries_that_are_not_closed_are_read(tmp_path: Path) -> None:
    links = [f"https://a.example/{number}" for number in range(5_000)]
    assert urls(tmp_path, "<rss>" + "".join(f"<item><link>{link}</link>" for link in links)) == links
    assert urls(tmp_path, _BOOKMARKS + "".join(f'<DT><A HREF="{link}">x</A>\n' for link in links)) == links


def test_what_surrounds_a_link_does_not_change_its_title(tmp_path: Path) -> None:
    found = listed(tmp_path, f'{_BOOKMARKS}<DT><H3>Folder</H3><DL><p><DT><A HREF="{A}">One <b>and</b> all</A><DD>Text')
    assert [(each.url, each.title) for each in found] == [(A, "One and all")]


def test_entries_after_a_huge_tag_are_read(tmp_path: Path) -> None:
    picture = "data:image/png;base64," + "A" * (3 * MB)
    assert urls(tmp_path, rss(item(A, f'<image url="{picture}"/>') + item(B.replace("&", "&amp;")))) == [A, B]
    text = f'<description><![CDATA[<img src="{picture}"> <img src="{picture}]]></description>'
    assert urls(tmp_path, rss(item(A, text) + item(B.replace("&", "&amp;")))) == [A, B]


def test_too_many_different_tags_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="too many different tags"):
        listed(tmp_path, _FEED + "".join(f"<t{number}/>" for number in range(300_000)))


def test_the_first_of_equal_links_and_the_best_date_of_an_entry_are_used(tmp_path: Path) -> None:
    more = f"<link>{B}</link><updated>2021-09-09</updated><pubDate>2021-05-06</pubDate><date>2020-01-01</date>"
    assert [(each.url, each.date) for each in listed(tmp_path, rss(item(A, more)))] == [(A, "2021-05-06")]


def test_a_row_without_end_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="not a row of a table"):
        listed(tmp_path, f"url,title\n{A},x\n" * 40 + f'{A},"a\n' + '","a\n' * 300_000, name="list.csv")


def test_a_row_of_many_lines_is_read(tmp_path: Path) -> None:
    assert urls(tmp_path, f'url,title\n{A},"{"a line" * 5}\n{"more" * 5000}"\n{B},x\n') == [A, B]


def test_reading_stops_after_too_many_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_PROBLEMS", 60)
    found = listed(tmp_path, f"{A}\n" + "not a link\n" * 100 + f"{B}\n")
    assert len(found) == 62
    assert "60 entries with a problem are the maximum" in found[-1].problem


PACKED = gzip.compress(f"{A}\n".encode())
MORE = gzip.compress(f"{B}\n".encode())


@pytest.mark.parametrize(
    "content",
    [PACKED + MORE, PACKED + b"\0" * 200_000 + MORE + b"\0" * 200_000, PACKED + gzip.compress(b"") * 100 + MORE],
    ids=["members", "padding", "empty members"],
)
def test_all_members_of_a_gzip_file_are_read(tmp_path: Path, content: bytes) -> None:
    assert urls(tmp_path, content) == [A, B]


def _with_name(size: int) -> bytes:
    """Return a gzip file with a name of *size* characters in its header."""
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = packed.compress(f"{A}\n".encode()) + packed.flush()
    content = f"{A}\n".encode()
    tail = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * size + b"\0" + body + tail


def test_a_long_name_in_a_gzip_header_costs_nothing(tmp_path: Path) -> None:
    assert urls(tmp_path, _with_name(300_000)) == [A]


@pytest.mark.parametrize(
    "content",
    [PACKED[:-6], PACKED + gzip.compress(b"") * 11_000, PACKED + b"garbage", PACKED[:-8] + b"\0" * 8],
    ids=["cut off", "too many members", "garbage", "wrong checksum"],
)
def test_a_damaged_gzip_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ListError, match="damaged"):
        listed(tmp_path, content)


def test_large_lists_from_the_web_that_name_each_other_are_read(site: Site) -> None:
    padding = " " * 2 * MB
    site.put("/one.xml", f"<urlset>{padding}<url><loc>{site.url('/1')}</loc></url></urlset>", "text/xml")
    inner = f"<sitemap><loc>{site.url('/one.xml')}</loc></sitemap>"
    address = site.put("/index.xml", f"<sitemapindex>{padding}{inner}</sitemapindex>", "text/xml")
    assert [(each.url, each.problem) for each in read_list(address)] == [(site.url("/1"), "")]
