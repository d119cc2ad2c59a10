"""Lists on the web and nested lists, from a real server."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.processes import HANG_S
from vidindex.errors import FetchError, ListError
from vidindex.ingest.lists import ListEntry, read_list, reader
from vidindex.net.fetch import FetchOptions
from vidindex.net.ssrf import ANY_HOST

RSS = "application/rss+xml"
PATIENT = FetchOptions(timeout_s=HANG_S, total_s=HANG_S)


def urls(given: str | Path, *, since: str = "") -> list[str]:
    return [each.url for each in listed(given, since=since) if not each.problem]


def problems(given: str | Path, fetching: FetchOptions = PATIENT) -> dict[str, str]:
    return {each.url: each.problem for each in listed(given, fetching=fetching) if each.problem}


def listed(given: str | Path, *, since: str = "", fetching: FetchOptions = PATIENT) -> list[ListEntry]:
    return list(read_list(given, since=since, fetching=fetching))


def rss(*links: str, day: str = "2021-05-06") -> str:
    items = (f"<item><link>{link}</link><pubDate>{day}</pubDate></item>" for link in links)
    return f"<rss><channel>{''.join(items)}</channel></rss>"


def sitemap(*links: str) -> str:
    return "<urlset>" + "".join(f"<url><loc>{link}</loc></url>" for link in links) + "</urlset>"


def index(*links: str, day: str = "") -> str:
    entries = (f"<sitemap><loc>{link}</loc><lastmod>{day}</lastmod></sitemap>" for link in links)
    return f"<sitemapindex>{''.join(entries)}</sitemapindex>"


def opml(*feeds: str) -> str:
    return "<opml><body>" + "".join(f'<outline type="rss" xmlUrl="{feed}"/>' for feed in feeds) + "</body></opml>"


@pytest.mark.parametrize("content_type", [RSS, "text/xml", "text/html", "application/octet-stream"])
def test_a_feed_is_read_whatever_its_content_type(site: Any, content_type: str) -> None:
    url = site.put("/feed", rss("https://a.example/1"), content_type)
    assert listed(url) == [ListEntry("https://a.example/1", date="2021-05-06")]
    assert listed(url, since="2021-05-07") == []


def test_links_are_relative_to_the_final_url_of_the_feed(site: Any) -> None:
    site.put("/blog/feed.xml", rss("post/1", "/post/2"), RSS)
    assert urls(site.redirect("/feed", "/blog/feed.xml")) == [site.url("/blog/post/1"), site.url("/post/2")]


def test_the_encoding_is_the_one_that_the_server_states(site: Any) -> None:
    feed = "<rss><channel><item><link>https://a.example/</link><title>Чай</title></item></channel></rss>"
    (found,) = listed(site.put("/feed", feed.encode("koi8-r"), f"{RSS}; charset=koi8-r"))
    assert found.title == "Чай"


def test_text_and_tables_are_read_from_an_address(site: Any) -> None:
    assert urls(site.put("/links.txt", "# of May\nhttps://a.example/1\n", "text/plain")) == ["https://a.example/1"]
    assert urls(site.put("/links.csv", "n,url\n1,https://a.example/1\n", "text/csv")) == ["https://a.example/1"]


def test_a_page_instead_of_a_list_is_an_error_that_names_its_feed(site: Any) -> None:
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    url = site.put("/article", f"<!doctype html><html><head>{feed}</head><p>Kettles</html>")
    with pytest.raises(ListError, match="vidindex add") as caught:
        listed(url)
    assert f"vidindex add {url}" in str(caught.value)
    assert site.url("/feed.xml") in str(caught.value)


def test_a_url_that_does_not_respond_is_an_error(site: Any) -> None:
    with pytest.raises(ListError, match="404") as caught:
        listed(site.url("/none"))
    assert isinstance(caught.value.__cause__, FetchError)


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_sitemaps_of_an_index_are_read_packed_or_not(site: Any, coding: str) -> None:
    packed = gzip.compress(sitemap("https://a.example/2", "https://a.example/1").encode())
    headers = {"Content_Encoding": coding} if coding else {}
    second = site.put("/2.xml.gz", gzip.compress(packed) if coding else packed, "application/gzip", **headers)
    first = site.put("/1.xml", sitemap("https://a.example/1"), "application/xml")
    found = urls(site.put("/index.xml", index(first, second, first), "application/xml"))
    assert found == ["https://a.example/1", "https://a.example/2"]
    assert site.paths().count("/1.xml") == 1


def test_an_index_is_followed_from_a_file_too(site: Any, tmp_path: Path) -> None:
    path = tmp_path / "index.xml"
    path.write_text(index(site.put("/1.xml", sitemap("https://a.example/1", site.url("/2")))))
    assert urls(path) == ["https://a.example/1", site.url("/2")]


def test_unchanged_sitemaps_are_not_fetched(site: Any) -> None:
    url = site.put("/index.xml", index(site.put("/1.xml", sitemap("https://a.example/1")), day="2021-05-06"))
    assert urls(url, since="2021-05-07") == []
    assert site.paths() == ["/index.xml"]


def test_unreadable_entries_of_an_index_are_reported(site: Any) -> None:
    good = site.put("/good.xml", sitemap("https://a.example/1"))
    page = site.put("/page", "<html><head>")
    outline = site.put("/opml", opml())
    url = site.put("/index.xml", index(site.url("/none"), page, outline, good))
    assert urls(url) == ["https://a.example/1"]
    said = problems(url)
    assert list(said) == [site.url("/none"), page, outline]
    assert "404" in said[site.url("/none")]
    assert "a page" in said[page]
    assert "not a feed or sitemap or text" in said[outline]


def test_circular_and_too_deep_indexes_are_limited(site: Any) -> None:
    for at in range(6):
        site.put(f"/{at}.xml", index(site.url("/0.xml"), site.url(f"/{at + 1}.xml")))
    said = problems(site.url("/0.xml"))
    assert len(said) == 1
    assert len(site.paths()) == reader.MAX_LIST_DEPTH


def test_the_number_of_nested_lists_is_limited(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_NESTED_LISTS", 3)
    feeds = [site.put(f"/{at}", rss(f"https://a.example/{at}")) for at in range(5)]
    found = listed(site.put("/opml", opml(*feeds)))
    assert [bool(each.problem) for each in found].count(False) < 5
    assert len(site.paths()) < 6


def test_the_feeds_of_an_outline_are_opened(site: Any, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    feed = site.put("/feed", rss("/1", "/2"), RSS)
    other = site.put("/json", '{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/3"}]}')
    path.write_text(opml(feed, other, site.put("/page", "<html>"), "javascript:x"))
    assert urls(path) == [site.url("/1"), site.url("/2"), site.url("/3")]
    assert list(problems(path)) == [site.url("/page")]


def test_an_included_outline_is_part_of_an_outline(site: Any, tmp_path: Path) -> None:
    inner = site.put("/inner.opml", opml(site.put("/feed", rss("/1"))))
    path = tmp_path / "outer.opml"
    path.write_text(f'<opml><body><outline type="include" url="{inner}"/></body></opml>')
    assert urls(path) == [site.url("/1")]


def test_lists_from_the_web_name_no_files(site: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>")
    names = [(tmp_path / "page.html").as_uri(), str(tmp_path / "page.html"), "/etc/hosts"]
    said = problems(site.put("/links.txt", "\n".join(names), "text/plain"))
    assert list(said) == names
    assert all("from the web" in problem for problem in said.values())
    assert "file:" not in str(urls(site.put("/feed", rss(*names))))


PRIVATE = ["http://10.0.0.1/a", "http://wiki/a", "http://[::1]/a", "http://127.1/a", "http://localhost:1/a"]


@pytest.mark.parametrize("write", [rss, sitemap, lambda *links: "\n".join(links)], ids=["feed", "sitemap", "text"])
def test_lists_from_the_web_name_no_private_addresses_but_their_own(site: Any, write: Any) -> None:
    url = site.put("/list", write(*PRIVATE, site.url("/mine")), "text/plain")
    said = problems(url)
    assert list(said) == PRIVATE
    assert all("private address" in problem for problem in said.values())
    assert urls(url) == [site.url("/mine")]
    assert problems(url, FetchOptions(allowed_private_hosts=ANY_HOST)) == {}


def test_lists_from_the_web_open_no_private_lists(site: Any) -> None:
    inside = site.put("/inside.xml", sitemap("https://a.example/1")).replace("127.0.0.1", "localhost")
    said = problems(site.put("/index.xml", index(inside)))
    assert "private address" in said[inside]
    assert "/inside.xml" not in site.paths()
