"""Saved pages are read from regular files only."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest

from vidindex.errors import TargetError
from vidindex.ingest.claims import read_claims
from vidindex.ingest.targets import classify_target
from vidindex.pages.article import read_article
from vidindex.pages.saved_page import load_page, read_file_bytes


def test_a_page_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>text")
    (tmp_path / "link.html").symlink_to("page.html")

    page = load_page(tmp_path / "link.html")
    assert (page.content, page.url) == (b"<p>text", (tmp_path / "link.html").as_uri())


def test_pipes_devices_and_large_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "zero.html").symlink_to("/dev/zero")
    (tmp_path / "large.html").write_bytes(b"x" * 3_000_001)
    for name, reason in (("pipe", "not a regular file"), ("zero", "not a regular file"), ("large", "larger than 3 MB")):
        with pytest.raises(TargetError, match=reason):
            read_file_bytes(tmp_path / f"{name}.html", 3_000_000)


def test_a_file_outside_the_given_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "page_files"
    folder.mkdir()
    (tmp_path / "secret.html").write_text("secret")
    (folder / "link.html").symlink_to("../secret.html")

    with pytest.raises(TargetError, match="leads out of the folder"):
        read_file_bytes(folder / "link.html", 100, folder=folder)
    assert read_file_bytes(folder / "link.html", 100, folder=tmp_path) == b"secret"


def test_a_page_that_is_kept_gzipped_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(gzip.compress(b"<title>A bridge</title><p>text</p>"))
    assert read_article(path).title == "A bridge"
    assert classify_target(path).kind == "page"


def test_a_page_that_is_only_named_as_gzipped_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(b"<!doctype html><html><title>A bridge</title>")
    assert read_article(path).title == "A bridge"


HTML = "<!DOCTYPE html><html><title>Brücke</title><body><p>Sie ist “offen”.</p></body></html>"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("name", ["page.html", "page", "page.gz"])
def test_a_page_in_utf_16_is_read_also_without_a_mark(name: str, codec: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = HTML.encode(codec)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    assert classify_target(path).kind == "page"
    assert read_article(path).title == "Brücke"
    assert "“offen”" in read_article(path).text
    document = read_claims(str(path), find_article=lambda name: None, stdin=io.BytesIO())
    assert document.title == "Brücke"


def test_a_gzipped_page_in_several_parts_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(gzip.compress(HTML[:60].encode()) + gzip.compress(HTML[60:].encode()) + b"\0\0")
    assert "“offen”" in read_article(path).text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(HTML.encode())[:-20], "end too early"),
        (gzip.compress(HTML.encode())[:60], "end too early"),
        (b"\x1f\x8b\x08" + b"nonsense" * 9, "damaged gzip data"),
        (gzip.compress(bytes(21_000_000)), "larger than 20 MB"),
    ],
    ids=["cut at the end", "cut", "damaged", "bomb"],
)
def test_damaged_and_huge_gzipped_pages_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(content)
    with pytest.raises(TargetError, match=reason):
        read_article(path)
