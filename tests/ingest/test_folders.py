"""A folder of saved pages and archives is added as what it is, also one of ArchiveBox or Browsertrix."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.archives import response, write_mhtml, write_wacz, write_warc
from tests.samples.conftest import PAGES, SAMPLES, quotes
from vidindex import Index, ResolveOptions
from vidindex.ingest.folders import find_folder_items

OFFLINE = ResolveOptions(proxy="http://127.0.0.1:9", retries=0, timeout_s=5)
URL = "https://news.example/a/bridge"
ONE = "a1B2c3D4e5F"
TEXT = "<p>" + "It was a long evening, and nobody went home. " * 10 + "</p>"
PAGE = f'<h1>Bridge</h1>{TEXT}<iframe src="https://www.youtube.com/embed/{ONE}"></iframe>'
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\nwe never meant to close the old bridge\n"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with vidindex.open(tmp_path / "index") as opened:
        yield opened


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def listed(folder: Path) -> list[str]:
    return [item.path.relative_to(folder).as_posix() for item in find_folder_items(folder)]


def test_a_folder_of_saved_pages_adds_the_pages_and_what_they_embed(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    shutil.copytree(PAGES, folder / "pages")
    shutil.copytree(SAMPLES / "downloads", folder / "downloads")
    report = index.add(folder, resolve=OFFLINE)

    assert report.failures == ()
    assert index.article_count() == 4
    assert index.video_count() == 6  # the captions beside the pages are those of their films
    for quote in quotes():
        assert index.search(quote.query), quote.query


def test_a_complete_page_of_a_browser_has_its_address_its_films_and_its_frames(index: Index, tmp_path: Path) -> None:
    """Browsers save frames as files, which state what was in them."""
    film = '<video src="./Bridge_files/film.mp4"><track src="./Bridge_files/film.vtt" srclang="en"></video>'
    player = f"<!-- saved from url=(0041)https://www.youtube.com/embed/{ONE} --><html><body>player</body></html>"
    mark = f"<!DOCTYPE html>\n<!-- saved from url=(0029){URL} -->"
    frame = '<h2>The mayor</h2><iframe src="./Bridge_files/saved_resource.html" allowfullscreen></iframe>'
    page = write(tmp_path / "saved/Bridge.html", f"{mark}<h1>Bridge</h1>{TEXT}{film}{frame}")
    write(page.parent / "Bridge_files/saved_resource.html", player)
    write(page.parent / "Bridge_files/film.vtt", VTT)
    (page.parent / "Bridge_files/film.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(1000))

    for target in (page, page.parent):
        report = index.add(target, resolve=OFFLINE)
        # The player cannot be asked with the network off.
        assert [failure.target for failure in report.failures] == [f"https://www.youtube.com/watch?v={ONE}"]
        assert [article.url for article in index.articles()] == [URL]
        [hit] = index.search("never meant to close the old bridge")
        assert [article.url for article in hit.articles] == [URL]
        assert {record.embed.id for record in index.embeds(article=URL)} >= {ONE}


def test_frames_and_the_files_of_a_page_are_no_pages(tmp_path: Path) -> None:
    write(tmp_path / "a.html", '<h1>A</h1><iframe src="players/x.html"></iframe>')
    write(tmp_path / "players/x.html", "<video src=x.mp4></video>")
    write(tmp_path / "a_files/y.html", "<p>frame</p>")
    write(tmp_path / "b_files/z.htm", "<h1>no page is beside this folder</h1>")
    write_mhtml(tmp_path / "c.mhtml", URL, [(URL, "text/html", PAGE)])

    assert sorted(listed(tmp_path)) == ["a.html", "b_files/z.htm", "c.mhtml"]


def test_a_folder_of_archivebox_is_read_by_its_snapshots(index: Index, tmp_path: Path) -> None:
    box = tmp_path / "box"
    write(box / "ArchiveBox.conf", "[SERVER_CONFIG]\n")
    write(box / "index.html", "<h1>ArchiveBox</h1>")
    snapshots = {
        "1551675967.0": {"singlefile.html": "2019-03-04T05:06:07+00:00"},
        "1551675968.0": {"output.html": "2020-03-04T05:06:07.123456+00:00"},
        "1551675969.0": {},
    }
    for number, (name, pages) in enumerate(snapshots.items()):
        folder, url = box / "archive" / name, f"https://news.example/{number}"
        names = {"singlefile.html": "singlefile", "output.html": "dom"}
        history = {names[page]: [{"status": "succeeded", "start_ts": date}] for page, date in pages.items()}
        write(folder / "index.json", json.dumps({"url": url, "timestamp": name, "history": history}))
        write(folder / "index.html", "<h1>A snapshot</h1>")
        for page in pages:
            write(folder / page, PAGE)
    write_warc(box / "archive/1551675969.0/warc/155.warc.gz", [response("https://news.example/2", PAGE)])
    write(box / f"archive/1551675967.0/media/The mayor [{ONE}].en.vtt", VTT)
    info = {"id": ONE, "extractor_key": "Youtube", "title": "The mayor", "webpage_url": f"https://youtu.be/{ONE}"}
    write(box / f"archive/1551675967.0/media/The mayor [{ONE}].info.json", json.dumps(info))
    report = index.add(box, resolve=OFFLINE)

    # The captions that are there are found, although the site cannot be asked for others.
    assert {failure.target for failure in report.failures} == {f"https://www.youtube.com/watch?v={ONE}"}
    assert {(article.url, article.captured[:4]) for article in index.articles()} == {
        ("https://news.example/0", "2019"),
        ("https://news.example/1", "2020"),
        ("https://news.example/2", "2019"),
    }
    [hit] = index.search("never meant to close the old bridge")
    assert hit.video.id == f"youtube:{ONE}"
    assert len(hit.articles) == 3


def test_a_collection_of_browsertrix_is_read_once(tmp_path: Path) -> None:
    records = [response(URL, PAGE)]
    whole, parts = tmp_path / "collections/whole", tmp_path / "collections/parts"
    for folder in (whole, parts):
        write_warc(folder / "archive/rec-0.warc.gz", records)
        write_warc(folder / "archive/rec-1.warc.gz", [response("https://news.example/b", PAGE)])
        write(folder / "pages/pages.jsonl", '{"format": "json-pages-1.0"}\n' + json.dumps({"url": URL}))
    write_wacz(whole / "whole.wacz", records, pages=[URL])

    assert listed(tmp_path) == ["collections/parts/archive", "collections/whole/whole.wacz"]
    assert [article.url for article in vidindex_articles(parts / "archive")] == [URL]


def vidindex_articles(folder: Path) -> list[vidindex.Article]:
    from vidindex.ingest.page_reader import discover_loaded
    from vidindex.pages.saved_page import loaded_from_archive, open_archive

    archive = open_archive(folder)
    return [discover_loaded(loaded_from_archive(page, archive)).article for page in archive.pages()]


def test_the_warc_files_of_a_folder_are_one_archive(index: Index, tmp_path: Path) -> None:
    page = f'<h1>Bridge</h1>{TEXT}<video src="film.mp4"><track src="film.vtt" srclang="en"></video>'
    write_warc(tmp_path / "crawl/part-0.warc.gz", [response(URL, page)])
    write_warc(tmp_path / "crawl/part-1.warc", [response("https://news.example/a/film.vtt", VTT, "text/vtt")])
    report = index.add(tmp_path / "crawl", resolve=OFFLINE)

    assert report.failures == ()
    assert len(index.search("never meant to close the old bridge")) == 1


def test_a_folder_without_pages_and_captions_is_an_error(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "empty/notes.md", "x")
    [failure] = index.add(tmp_path / "empty").failures

    assert "contains no captions" in failure.reason


def test_a_shorter_caption_file_that_replaces_another_shortens_its_video(index: Index, tmp_path: Path) -> None:
    end = "\n02:00:01.000 --> 02:00:04.000\na time that was typed wrong\n"
    write(tmp_path / "talk.vtt", VTT + end)
    index.add(tmp_path / "talk.vtt")
    write(tmp_path / "talk.vtt", VTT)
    index.add(tmp_path / "talk.vtt")

    assert [video.duration_ms for video in index.videos()] == [4_000]
