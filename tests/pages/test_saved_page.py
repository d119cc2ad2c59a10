"""Saved pages are read from regular files only."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from vidindex.errors import TargetError
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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b\x08" + b"nonsense" * 9, "damaged gzip data"),
        (gzip.compress(bytes(21_000_000)), "larger than 20 MB"),
    ],
    ids=["damaged", "bomb"],
)
def test_damaged_and_huge_gzipped_pages_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(content)
    with pytest.raises(TargetError, match=reason):
        read_article(path)
