"""WARC files that are compressed with zstd, with and without a dictionary, are read as those with gzip are."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.archives import http_block, response, warc_record
from tests.pages.formats.test_warc import SITE, contents, little_memory, only_page, page
from vidindex import TargetError
from vidindex.ingest.folders import find_folder_items
from vidindex.net import optional_codecs
from vidindex.pages.saved_page import open_archive

zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"


def write_zstd(path: Path, records: Iterable[bytes], *, dictionary: bytes = b"", packed: bool = False) -> Path:
    """Write each of *records* as a frame, after the *dictionary*, which may be compressed itself."""
    shared = zstd.ZstdDict(dictionary) if dictionary else None
    stored = zstd.compress(dictionary) if packed else dictionary
    head = _DICTIONARY_MAGIC + len(stored).to_bytes(4, "little") + stored if dictionary else b""
    path.write_bytes(head + b"".join(zstd.compress(record, zstd_dict=shared) for record in records))
    return path


def train(records: list[bytes]) -> bytes:
    return bytes(zstd.train_dict(records, 4000).dict_content)


@pytest.mark.parametrize("kind", ["frames", "dictionary", "packed dictionary"])
def test_the_pages_of_each_frame_are_read(kind: str, tmp_path: Path) -> None:
    records = [page(number) for number in range(200)]
    dictionary = train(records) if kind != "frames" else b""
    packed = kind == "packed dictionary"
    path = write_zstd(tmp_path / "crawl.warc.zst", records, dictionary=dictionary, packed=packed)
    archive = open_archive(path)

    assert contents(archive) == [f"<p>page {number}" for number in range(200)]
    found = archive.find(f"{SITE}150")
    assert found is not None
    assert found.read(100) == b"<p>page 150"


def test_a_damaged_frame_is_skipped_and_a_cut_one_reported(tmp_path: Path) -> None:
    frames = [bytearray(zstd.compress(page(number) * 3)) for number in range(4)]
    frames[1][9:40] = b"\xff" * 31
    path = tmp_path / "crawl.warc.zst"
    path.write_bytes(b"".join(frames)[:-20])
    archive = open_archive(path)

    assert set(contents(archive)) >= {"<p>page 0", "<p>page 2"}
    assert all("cut or damaged" in problem for problem in archive.problems())
    assert len(archive.problems()) == 2


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    start = b"WARC/1.0\r\nContent-Length: 1\r\nX: "
    path = tmp_path / "crawl.warc.zst"
    path.write_bytes(zstd.compress(start + bytes(300_000_000)) + zstd.compress(page(1)))
    with little_memory(30):
        archive = open_archive(path)
    assert "too much for its size" in archive.problems()[-1]


def test_without_the_library_the_next_step_is_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zstd(tmp_path / "crawl.warc.zst", [page(1)])
    monkeypatch.setattr(optional_codecs, "_import", lambda name: None)

    with pytest.raises(TargetError, match=r"pip install 'vidindex\[archives\]'`, or run `zstd -d crawl.warc.zst`"):
        open_archive(path)
    archive = open_archive(tmp_path)
    assert (contents(archive), "vidindex[archives]" in archive.problems()[0]) == ([], True)


def test_zstd_files_in_a_folder_and_in_a_wacz_file_are_read(tmp_path: Path) -> None:
    write_zstd(tmp_path / "crawl.warc.zst", [page(1)])
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as file:
        file.write(tmp_path / "crawl.warc.zst", "archive/data.warc.zst")

    assert contents(open_archive(tmp_path)) == ["<p>page 1"]
    assert contents(open_archive(tmp_path / "crawl.wacz")) == ["<p>page 1"]
    assert [item.path for item in find_folder_items(tmp_path)] == [tmp_path / "crawl.wacz", tmp_path]


BODY = b"<title>Bridge</title>" + b"<p>open again " * 20_000


def coded_page(tmp_path: Path, coding: str, content: bytes) -> Path:
    path = tmp_path / "crawl.warc"
    path.write_bytes(warc_record("response", SITE, http_block(content, headers=[f"Content-Encoding: {coding}"])))
    return path


def test_pages_in_zstd_and_brotli_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only_page(coded_page(tmp_path, "zstd", zstd.compress(BODY))).content == BODY
    assert "damaged" in only_page(coded_page(tmp_path, "zstd", zstd.compress(BODY)[:-9])).problem
    assert "larger than 20 MB" in only_page(coded_page(tmp_path, "zstd", zstd.compress(bytes(300_000_000)))).problem
    monkeypatch.setattr(optional_codecs, "_import", lambda name: None)
    assert "pip install 'vidindex[archives]'" in only_page(coded_page(tmp_path, "zstd", zstd.compress(BODY))).problem


def test_pages_in_brotli_are_decoded(tmp_path: Path) -> None:
    assert only_page(coded_page(tmp_path, "br", brotli.compress(BODY))).content == BODY
    assert "damaged" in only_page(coded_page(tmp_path, "br", brotli.compress(BODY)[:-9])).problem
    bomb = coded_page(tmp_path, "br", brotli.compress(bytes(300_000_000), quality=5))
    with little_memory(80):
        assert "larger than 20 MB" in only_page(bomb).problem


def test_archives_that_are_not_read_lead_to_the_next_step(tmp_path: Path) -> None:
    arc = tmp_path / "old.arc"
    arc.write_bytes(b"filedesc://old.arc 0.0.0.0 20090101000000 text/plain 77\n1 0 Archive\n\n")
    with pytest.raises(TargetError, match="warcio recompress"):
        open_archive(arc)
    names = tmp_path / "all.json"
    names.write_text('{"profile": "multi-wacz-package", "resources": [{"path": "https://a.example/1.wacz"}]}')
    with pytest.raises(TargetError, match="download those"):
        open_archive(names)
    with zipfile.ZipFile(tmp_path / "outer.wacz", "w") as file:
        file.writestr("datapackage.json", names.read_text())
        file.writestr("1.wacz", b"PK")
    with pytest.raises(TargetError, match=r"run `unzip outer\.wacz` and add the folder"):
        open_archive(tmp_path / "outer.wacz")
    with zipfile.ZipFile(tmp_path / "outer.wacz", "a") as file:
        file.writestr("archive/a.warc", response(SITE, "<p>page"))
    archive = open_archive(tmp_path / "outer.wacz")
    assert (contents(archive), "unzip" in archive.problems()[0]) == (["<p>page"], True)
