"""Archives are indexed without the network: pages, players, captions and films come from the same file."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vidindex
from tests.archives import (
    http_block,
    response,
    warc_record,
    webarchive_resource,
    write_har,
    write_mhtml,
    write_wacz,
    write_warc,
    write_webarchive,
)
from tests.loopback import Site
from tests.samples.conftest import PAGES, quotes
from vidindex import Index, ResolveOptions
from vidindex.ingest.claims import read_claims

SITE = "https://late-desk.example/2019/"
TYPES = {
    ".html": "text/html", ".mp4": "video/mp4", ".vtt": "text/vtt", ".srt": "application/x-subrip",
    ".ttml": "application/ttml+xml",
}  # fmt: skip
FILES = sorted(path for path in PAGES.rglob("*.*") if path.suffix in TYPES)
OFFLINE = ResolveOptions(proxy="http://127.0.0.1:9", retries=0, timeout_s=5)
"""Every request fails: nothing listens at this proxy."""

TEXT = "<p>" + "It was a long evening, and nobody went home. " * 10 + "</p>"
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\nwe never meant to close the old bridge\n"


def site_url(path: Path) -> str:
    return SITE + path.relative_to(PAGES).as_posix()


def site_records() -> Iterator[bytes]:
    for path in FILES:
        yield response(site_url(path), path.read_bytes(), TYPES[path.suffix])


def write_gzipped(path: Path) -> Path:
    return write_warc(path / "crawl.warc.gz", site_records())


def write_plain(path: Path) -> Path:
    return write_warc(path / "crawl.warc", site_records())


def write_one_member(path: Path) -> Path:
    file = path / "crawl.warc.gz"
    file.write_bytes(gzip.compress(b"".join(site_records())))
    return file


def write_crawl(path: Path) -> Path:
    pages = [site_url(page) for page in FILES if page.parent == PAGES]
    return write_wacz(path / "crawl.wacz", site_records(), pages=pages)


def write_crawl_without_list(path: Path) -> Path:
    return write_wacz(path / "crawl.wacz", site_records(), compression=zipfile.ZIP_DEFLATED)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with vidindex.open(tmp_path / "index") as opened:
        yield opened


@pytest.mark.parametrize(
    "write",
    [write_gzipped, write_plain, write_one_member, write_crawl, write_crawl_without_list],
    ids=["gzip per record", "plain", "one gzip member", "wacz", "packed wacz without a list"],
)
def test_every_quote_of_the_samples_is_found_with_the_network_off(
    write: Callable[[Path], Path], index: Index, tmp_path: Path
) -> None:
    report = index.add(write(tmp_path), resolve=OFFLINE)

    assert report.failures == ()
    addresses = {site_url(page) for page in FILES if page.parent == PAGES and page.suffix == ".html"}
    assert {article.url for article in index.articles()} == addresses
    assert {article.captured for article in index.articles()} == {"2019-03-04T05:06:07Z"}
    for quote in quotes():
        if quote.media.is_relative_to(PAGES):
            hit = index.search(quote.query)[0]
            assert abs(hit.start_ms - quote.second * 1000) < 1500, quote.query
            assert hit.video.url == site_url(quote.media)
            assert {article.url for article in hit.articles} <= addresses
            assert hit.articles


FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)


def page_parts(url: str) -> list[tuple[str, str, str | bytes]]:
    """Return a page, its film and its captions."""
    body = '<video src="film.mp4"><track src="film.vtt" srclang="en" kind="captions"></video>'
    return [
        (url, "text/html", f"<title>Bridge — news</title><h1>Bridge</h1>{TEXT}{body}"),
        ("https://news.example/a/film.mp4", "video/mp4", FILM),
        ("https://news.example/a/film.vtt", "text/vtt", VTT),
    ]


def write_page_mhtml(path: Path, url: str) -> Path:
    return write_mhtml(path / "page.mhtml", url, page_parts(url))


def write_page_har(path: Path, url: str) -> Path:
    return write_har(path / "page.har", page_parts(url))


def write_page_webarchive(path: Path, url: str) -> Path:
    main, *rest = [webarchive_resource(*part) for part in page_parts(url)]
    return write_webarchive(path / "page.webarchive", main, resources=rest)


@pytest.mark.parametrize(
    ("write", "captured"),
    [
        (write_page_mhtml, "2019-03-04T05:06:07Z"),
        (write_page_har, "2019-03-04T05:06:07Z"),
        (write_page_webarchive, ""),
    ],
    ids=["mhtml", "har", "webarchive"],
)
def test_a_page_in_one_file_is_indexed_with_its_captions(
    write: Callable[[Path, str], Path], captured: str, index: Index, tmp_path: Path
) -> None:
    url = "https://news.example/a/bridge"
    report = index.add(write(tmp_path, url), resolve=OFFLINE)

    assert report.failures == ()
    [article] = index.articles()
    assert (article.url, article.title, article.captured) == (url, "Bridge", captured)
    [hit] = index.search("never meant to close the old bridge")
    assert hit.video.url == "https://news.example/a/film.mp4"


def bridge(date: str, text: str, *, embed: str = "film.mp4") -> bytes:
    body = f'<h1>Bridge</h1>{TEXT}<p>{text}</p><video src="{embed}"><track src="film.vtt" srclang="en"></video>'
    return response("https://news.example/a/bridge", body, date=date)


FILM_RECORDS = [
    response("https://news.example/a/film.mp4", FILM, "video/mp4"),
    response("https://news.example/a/film.vtt", VTT, "text/vtt"),
]


def test_captures_of_one_address_are_kept_apart_where_they_differ(index: Index, tmp_path: Path) -> None:
    records = [
        *FILM_RECORDS,
        bridge("2019-01-01T00:00:00Z", "It is open."),
        bridge("2020-01-01T00:00:00Z", "It is closed."),
        bridge("2021-01-01T00:00:00Z", "It is closed."),
    ]
    archive = write_warc(tmp_path / "crawl.warc.gz", records)
    for _ in range(2):
        assert index.add(archive, resolve=OFFLINE).failures == ()

    url = "https://news.example/a/bridge"
    assert [(article.url, article.captured[:4]) for article in index.articles()] == [
        (url, "2019"),
        (f"{url}#capture-2", "2020"),
    ]
    assert "It is open." in index.article(url).text
    [hit] = index.search("never meant to close the old bridge")
    assert [article.url for article in hit.articles] == [url, f"{url}#capture-2"]


def test_an_archive_does_not_replace_an_article_of_another(index: Index, tmp_path: Path) -> None:
    first = write_warc(tmp_path / "first.warc", [*FILM_RECORDS, bridge("2019-01-01T00:00:00Z", "It is open.")])
    second = write_warc(tmp_path / "second.warc", [*FILM_RECORDS, bridge("2019-01-01T00:00:00Z", "It is closed.")])
    third = write_warc(tmp_path / "third.warc", [*FILM_RECORDS, bridge("2018-01-01T00:00:00Z", "It is open.")])
    index.add(first, second, third, resolve=OFFLINE)

    articles = [index.article(article.url) for article in index.articles()]
    assert [("open" in article.text, article.captured[:4]) for article in articles] == [(True, "2018"), (False, "2019")]


def test_what_is_no_page_is_not_added(index: Index, tmp_path: Path) -> None:
    site = "https://news.example"
    page = f'<h1>Bridge</h1>{TEXT}<iframe src="/player?x=1&amp;y=2"></iframe>'
    request = b"GET /ad HTTP/1.1\r\nSec-Fetch-Dest: iframe\r\n\r\n"
    records = [
        response(f"{site}/player?y=2&x=1", f"<h1>Player</h1>{TEXT}"),
        response(f"{site}/bridge", page),
        response(f"{site}/ad", f"<h1>Advertisement</h1>{TEXT}"),
        warc_record("request", f"{site}/ad", request),
        response(f"{site}/part", f"<h1>Part</h1>{TEXT}"),
        warc_record("request", f"{site}/part", b"GET /part HTTP/1.1\r\nX-Requested-With: XMLHttpRequest\r\n\r\n"),
        warc_record("response", f"{site}/gone", http_block(b"<h1>Not found</h1>", status="404 Not Found")),
        warc_record(
            "response", f"{site}/old", http_block(b"<h1>Moved</h1>", status="301 Moved", headers=["Location: /bridge"])
        ),
        response(f"{site}/robots.txt", "User-agent: *"),
        response("https://www.youtube.com/embed/a1B2c3D4e5F", f"<h1>YouTube</h1>{TEXT}"),
        response(f"{site}/data.json", "{}", "application/json"),
    ]
    index.add(write_warc(tmp_path / "crawl.warc.gz", records), resolve=OFFLINE)

    assert [article.url for article in index.articles()] == [f"{site}/bridge"]


def test_redirects_and_revisits_lead_to_what_the_archive_has(index: Index, tmp_path: Path) -> None:
    site = "https://news.example"
    page = f'<h1>Bridge</h1>{TEXT}<video src="/go"><track src="/en.vtt?b=2&a=1" srclang="en"></video>'
    moved = http_block(b"", status="302 Found", headers=["Location: http://news.example/film.mp4"])
    records = [
        warc_record("response", f"{site}/go", moved),
        response(f"{site}/film.mp4", FILM, "video/mp4"),
        response("https://cdn.example/captions", VTT, "text/vtt"),
        warc_record(
            "revisit", f"{site}/en.vtt?a=1&b=2", http_block(b"", "text/vtt"), date="2020-01-01T00:00:00Z",
            WARC_Refers_To_Target_URI="https://cdn.example/captions", WARC_Refers_To_Date="2019-03-04T05:06:07Z",
        ),
        response(f"{site}/bridge", page),
        warc_record(
            "revisit", f"{site}/bridge", http_block(b""), date="2020-01-01T00:00:00Z",
            WARC_Refers_To_Target_URI=f"{site}/bridge", WARC_Refers_To_Date="2019-03-04T05:06:07Z",
        ),
    ]  # fmt: skip
    report = index.add(write_warc(tmp_path / "crawl.warc.gz", records), resolve=OFFLINE)

    assert report.failures == ()
    assert [article.captured for article in index.articles()] == ["2019-03-04T05:06:07Z"]
    assert len(index.search("never meant to close the old bridge")) == 1


def test_what_the_archive_lacks_is_reported_when_the_network_is_off(index: Index, tmp_path: Path) -> None:
    page = f'<h1>Bridge</h1>{TEXT}<iframe src="https://player.vimeo.com/video/123456789"></iframe>'
    report = index.add(
        write_warc(tmp_path / "crawl.warc.gz", [response("https://news.example/a", page)]), resolve=OFFLINE
    )

    assert [failure.target for failure in report.failures] == ["https://vimeo.com/123456789"]
    assert [article.url for article in index.articles()] == ["https://news.example/a"]


def test_a_page_in_an_archive_reaches_no_private_address(index: Index, tmp_path: Path) -> None:
    """Anyone can write an archive of a page at a private address."""
    page = f'<h1>Bridge</h1>{TEXT}<video src="http://127.0.0.1:9/film.mp4"></video>'
    archive = write_warc(tmp_path / "crawl.warc.gz", [response("http://127.0.0.1:9/a", page)])
    [failure] = index.add(archive, resolve=ResolveOptions(retries=0)).failures

    assert "private" in failure.reason


def test_captions_are_indexed_although_their_film_is_not_in_the_archive(index: Index, tmp_path: Path) -> None:
    page = f'<h1>Bridge</h1>{TEXT}<h2>The mayor</h2><video src="film.mp4"><track src="film.vtt" srclang="en"></video>'
    records = [response("https://news.example/a/bridge", page), FILM_RECORDS[1]]
    report = index.add(write_warc(tmp_path / "crawl.warc.gz", records), resolve=OFFLINE)

    assert report.failures == ()
    [hit] = index.search("never meant to close the old bridge")
    assert (hit.video.url, hit.video.title) == ("https://news.example/a/film.mp4", "The mayor")


ONE = "a1B2c3D4e5F"
JSON3 = '{"events": [{"tStartMs": 1000, "dDurationMs": 3000, "segs": [{"utf8": "we never meant to close it"}]}]}'
TIMED_TEXT = "https://www.youtube.com/api/timedtext?v={}&lang=en{}"


def test_the_captions_of_a_player_are_found_by_the_id_of_its_video(index: Index, tmp_path: Path) -> None:
    page = f'<h1>Bridge</h1>{TEXT}<iframe src="https://www.youtube.com/embed/{ONE}?rel=0"></iframe>'
    records = [
        response("https://news.example/a/bridge", page),
        response(f"https://www.youtube.com/embed/{ONE}?rel=0", "<title>The mayor speaks - YouTube</title><p>x</p>"),
        response(TIMED_TEXT.format(ONE, "&kind=asr&fmt=json3"), JSON3, "application/json; charset=UTF-8"),
        response(TIMED_TEXT.format(ONE, "&tlang=de&fmt=json3"), JSON3.replace("we", "wir"), "application/json"),
        response(TIMED_TEXT.format(f"{ONE}x", "&fmt=json3"), JSON3.replace("we", "they"), "application/json"),
    ]
    report = index.add(write_warc(tmp_path / "crawl.warc.gz", records), resolve=OFFLINE)

    assert report.failures == ()
    [video] = index.videos()
    assert (video.id, video.title) == (f"youtube:{ONE}", "The mayor speaks")
    assert [(track.language, track.origin) for track in index.tracks(video.id)] == [("en", "automatic")]
    [hit] = index.search("we never meant to close it")
    assert hit.url.startswith(f"https://www.youtube.com/watch?v={ONE}")


def test_the_film_in_the_page_of_a_player_is_the_video_of_the_player(index: Index, tmp_path: Path) -> None:
    player = '<video src="https://cdn.example/film.mp4"><track src="https://cdn.example/en.vtt" srclang="en"></video>'
    page = f'<h1>Bridge</h1>{TEXT}<iframe src="https://player.vimeo.com/video/123456789"></iframe>'
    records = [
        response("https://news.example/a/bridge", page),
        response("https://player.vimeo.com/video/123456789", f"<title>Mayor on Vimeo</title>{player}"),
        response("https://cdn.example/film.mp4", FILM, "video/mp4"),
        response("https://cdn.example/en.vtt", VTT, "text/vtt"),
    ]
    index.add(write_warc(tmp_path / "crawl.warc.gz", records), resolve=OFFLINE)

    [hit] = index.search("never meant to close the old bridge")
    assert (hit.video.id, hit.video.title) == ("vimeo:123456789", "Mayor")


def test_a_batch_reads_an_archive_and_resolves_from_it_later(index: Index, tmp_path: Path) -> None:
    archive = write_warc(tmp_path / "crawl.warc.gz", [*FILM_RECORDS, bridge("2019-01-01T00:00:00Z", "It is open.")])
    entries = [entry.url for entry in vidindex.read_list(archive)]
    assert entries == [str(archive)]
    options = vidindex.BatchOptions(adding=vidindex.AddOptions(resolve=OFFLINE), wait_s=0, robots=False)
    index.batch(*entries, options=options)

    [hit] = index.search("never meant to close the old bridge")
    assert hit.articles[0].url == "https://news.example/a/bridge"
    assert [(report.state, report.videos, report.failed) for report in index.report(archive)] == [("done", 1, 0)]


def test_an_article_from_the_web_takes_its_address_from_a_capture(index: Index, site: Site, tmp_path: Path) -> None:
    """The capture is set aside, with what it embeds."""
    url = site.url("/bridge")
    body = '<video src="/film.mp4"><track src="/film.vtt" srclang="en"></video>'
    records = [
        response(url, f"<h1>Bridge</h1>{TEXT}<p>It is open.</p>{body}"),
        response(site.url("/film.mp4"), FILM, "video/mp4"),
        response(site.url("/film.vtt"), VTT, "text/vtt"),
    ]
    index.add(write_warc(tmp_path / "crawl.warc", records), resolve=OFFLINE)
    site.put("/bridge", f"<h1>Bridge</h1>{TEXT}<p>It is closed.</p>")
    for _ in range(2):
        index.add(url, resolve=ResolveOptions(retries=0))

    articles = [index.article(article.url) for article in index.articles()]
    assert {(article.url, "open" in article.text, article.captured[:4]) for article in articles} == {
        (url, False, ""),
        (f"{url}#capture-2", True, "2019"),
    }
    [hit] = index.search("never meant to close the old bridge")
    assert [article.url for article in hit.articles] == [f"{url}#capture-2"]


def test_the_pages_of_an_archive_are_claims_and_embeds(index: Index, tmp_path: Path) -> None:
    quote = "<p>“We never meant to close the old bridge,” said Zoë Gràcia.</p>"
    pages = {f"https://news.example/{name}": f"<h1>{name}</h1>{TEXT}{quote.replace('old', name)}" for name in "ab"}
    player = f'<iframe src="https://www.youtube.com/embed/{ONE}"></iframe>'
    archive = write_warc(tmp_path / "crawl.warc.gz", [response(url, text + player) for url, text in pages.items()])

    assert [claim.text for claim in vidindex.find_quotations(archive)] == [
        f"We never meant to close the {name} bridge," for name in "ab"
    ]
    assert [checked.quotation.attribution for checked in index.quotes(str(archive))] == ["Zoë Gràcia"] * 2
    assert [embed.id for embed in vidindex.find_embeds(archive)] == [ONE, ONE]
    document = read_claims(str(archive), find_article=lambda name: None, stdin=io.BytesIO())
    assert [claim.article for claim in document.claims] == list(pages)


def test_all_articles_of_an_archive_are_removed_at_once(index: Index, tmp_path: Path) -> None:
    """A video that another article embeds, too, stays."""
    first = write_warc(
        tmp_path / "first.warc",
        [*FILM_RECORDS, bridge("2019-01-01T00:00:00Z", "It is open."), response("https://news.example/b", TEXT)],
    )
    other = bridge("2019-01-01T00:00:00Z", "It is open.").replace(b"/a/bridge", b"/a/x-idge")
    second = write_warc(tmp_path / "first.warc.gz", [*FILM_RECORDS, other])
    index.add(first, second, resolve=OFFLINE)
    assert len(list(index.articles())) == 3

    assert index.remove(str(first)) == []
    assert [article.url for article in index.articles()] == ["https://news.example/a/x-idge"]
    second.unlink()
    [video] = index.videos()
    assert index.remove(second.as_uri()) == [video.id]
    assert (index.article_count(), index.video_count()) == (0, 0)
    with pytest.raises(vidindex.NotIndexedError):
        index.remove(str(first))
