"""WARC and WACZ files, also damaged and hostile ones, are read as far as they can be, in little memory."""

from __future__ import annotations

import gzip
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.archives import DATE, http_block, response, warc_record, write_wacz, write_warc
from vidindex import TargetError
from vidindex.pages.formats.archive import ArchivedPage, SavedArchive
from vidindex.pages.saved_page import open_archive

SITE = "https://news.example/"


def page(number: int, *, wrong_by: int = 0) -> bytes:
    return warc_record("response", f"{SITE}{number}", http_block(f"<p>page {number}".encode()), wrong_by=wrong_by)


def contents(archive: SavedArchive) -> list[str]:
    return [found.content.decode() or found.problem for found in archive.pages()]


def only_page(path: Path) -> ArchivedPage:
    [found] = open_archive(path).pages()
    return found


@contextmanager
def little_memory(max_mb: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < max_mb * 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_records_of_a_wrong_length_and_those_after_them_are_read(suffix: str, tmp_path: Path) -> None:
    wrong = [page(1), page(2, wrong_by=-5), page(3), page(4, wrong_by=30), page(5), page(6, wrong_by=10**9), page(7)]
    archive = open_archive(write_warc(tmp_path / f"crawl{suffix}", wrong))

    assert contents(archive) == [f"<p>page {number}" for number in range(1, 8)]
    assert [problem.rpartition(": ")[2] for problem in archive.problems()] == [f"{SITE}2", f"{SITE}4", f"{SITE}6"]


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_cut_file_is_read_up_to_the_cut(suffix: str, cut: int, tmp_path: Path) -> None:
    path = write_warc(tmp_path / f"crawl{suffix}", map(page, range(3)))
    path.write_bytes(path.read_bytes()[:-cut])

    assert contents(open_archive(path))[:2] == ["<p>page 0", "<p>page 1"]


def test_a_damaged_member_is_skipped(tmp_path: Path) -> None:
    members = [bytearray(gzip.compress(page(number))) for number in range(3)]
    members[1][15:60] = b"\xff" * 45
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(members))
    archive = open_archive(path)

    assert contents(archive) == ["<p>page 0", "<p>page 2"]
    assert "damaged" in archive.problems()[0]


def test_garbage_between_records_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    path.write_bytes(page(1) + b"garbage\r\nWARC/\r\n" + page(2) + b"WARC/1.0\r\nno length\r\n\r\n" + page(3))

    assert contents(open_archive(path)) == ["<p>page 1", "<p>page 2", "<p>page 3"]


BODY = "<title>Brücke</title><p>offen".encode()
CHUNKS = b"6;x=y\r\n" + BODY[:6] + b"\r\n" + f"{len(BODY) - 6:X}\r\n".encode() + BODY[6:] + b"\r\n0\r\n\r\n"
CODED = {
    "chunks": (CHUNKS, ["Transfer-Encoding: chunked"]),
    "gzip": (gzip.compress(BODY), ["Content-Encoding: gzip"]),
    "chunks of gzip": (
        f"{len(gzip.compress(BODY)):x}\r\n".encode() + gzip.compress(BODY) + b"\r\n0\r\n\r\n",
        ["Transfer-Encoding: chunked", "Content-Encoding: gzip"],
    ),
    "chunks that were joined": (BODY, ["Transfer-Encoding: chunked"]),
    "a coding that was undone": (BODY, ["Content-Encoding: br"]),
}


@pytest.mark.parametrize("coding", CODED)
def test_bodies_are_decoded_as_servers_sent_them_or_crawlers_left_them(coding: str, tmp_path: Path) -> None:
    body, headers = CODED[coding]
    record = warc_record("response", SITE, http_block(body, headers=headers))

    assert only_page(write_warc(tmp_path / "crawl.warc.gz", [record])).content == BODY


def test_a_page_in_an_unknown_coding_has_a_problem(tmp_path: Path) -> None:
    record = warc_record("response", SITE, http_block(b"\x8b\x03\x80\x00\xff" * 20, headers=["Content-Encoding: sdch"]))

    assert "'sdch'" in only_page(write_warc(tmp_path / "crawl.warc", [record])).problem


def test_resource_records_and_old_encodings_are_pages(tmp_path: Path) -> None:
    resource = warc_record("resource", SITE, b"<p>a resource").replace(b"application/http", b"text/html", 1)
    old = warc_record("response", f"{SITE}2", http_block("<p>Мост".encode("cp1251"), "text/html; charset=windows-1251"))

    assert contents(open_archive(write_warc(tmp_path / "crawl.warc", [resource, old]))) == ["<p>a resource", "<p>Мост"]


def test_of_several_responses_the_nearest_in_time_is_found(tmp_path: Path) -> None:
    records = [response(SITE, f"<p>{year}", date=f"{year}-01-01T00:00:00Z") for year in (2015, 2021, 2018)]
    archive = open_archive(write_warc(tmp_path / "crawl.warc", records))

    def found(near: str) -> str:
        saved = archive.at(near).find("HTTP://NEWS.example:80/#top")
        assert saved is not None
        return saved.read(1000).decode()

    assert [found(near) for near in ("2016-01-01", "2019-01-01T00:00:00Z", "")] == ["<p>2015", "<p>2018", "<p>2021"]
    assert archive.find(f"{SITE}other") is None


def test_a_wacz_file_names_its_pages_and_no_files_of_this_machine(tmp_path: Path) -> None:
    path = write_wacz(tmp_path / "crawl.wacz", [page(1), page(2)], pages=[f"{SITE}2"])
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../outside.warc.gz", gzip.compress(page(3)))
        file.writestr("/tmp/absolute.warc", page(2))
    archive = open_archive(path)

    assert contents(archive) == ["<p>page 2", "<p>page 2"]
    assert archive.find(f"{SITE}3") is not None
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("damage", ["no zip", "cut", "too many files", "no records"])
def test_a_wacz_file_that_cannot_be_read_is_an_error(damage: str, tmp_path: Path) -> None:
    path = write_wacz(tmp_path / "crawl.wacz", [page(1)])
    content = path.read_bytes()
    if damage == "no zip":
        path.write_bytes(b"PK\x03\x04" + bytes(100))
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "too many files":
        path.write_bytes(content[:-14] + struct.pack("<HHLLH", 0xFFFE, 0xFFFE, 9, 9, 0))
    else:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("pages/pages.jsonl", json.dumps({"url": SITE}))
    with pytest.raises(TargetError):
        open_archive(path)


def zeros(path: Path, start: bytes, megabytes: int) -> Path:
    with gzip.open(path, "wb", 1) as file:
        file.write(start)
        for _ in range(megabytes):
            file.write(bytes(1_000_000))
    return path


def test_archives_that_are_bombs_take_little_memory(tmp_path: Path) -> None:
    header = zeros(tmp_path / "header.warc.gz", b"WARC/1.0\r\nContent-Length: 1\r\nX: ", 25)
    body = zeros(tmp_path / "body.warc.gz", page(1)[:-4].replace(b"Content-Length: ", b"Content-Length: 2500000"), 25)
    listed = write_wacz(tmp_path / "list.wacz", [page(1)])
    with zipfile.ZipFile(listed, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("pages/extra.jsonl", bytes(40_000_000))
    with little_memory(30):
        assert contents(open_archive(header)) == []
        assert "larger than 20 MB" in only_page(body).problem
        assert contents(open_archive(listed)) == ["<p>page 1"]

    packed = tmp_path / "packed.wacz"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/a.warc", bytes(60_000_000))
    with little_memory(30), pytest.raises(TargetError, match="too large"):
        open_archive(packed)


def test_many_tiny_records_take_little_memory(tmp_path: Path) -> None:
    path = write_warc(tmp_path / "crawl.warc", map(page, range(1000)))
    with little_memory(1):
        archive = open_archive(path)
    assert sum(1 for _ in archive.pages()) == 1000


def test_many_captures_and_frames_of_one_address_take_linear_time(tmp_path: Path) -> None:
    """Else a thousand times as many would take days."""
    frames = "<iframe src=/x>" * 400
    records = [response(f"{SITE}x", frames) for _ in range(50)] + [response(f"{SITE}x", "<p>x")] * 5_000
    archive = open_archive(write_warc(tmp_path / "crawl.warc", records))

    assert list(archive.pages()) == []  # it is a frame of its own
    assert archive.find(f"{SITE}x") is not None


def test_a_revisit_without_its_original_is_no_page(tmp_path: Path) -> None:
    loop = warc_record(
        "revisit", SITE, http_block(b""), WARC_Refers_To_Target_URI=SITE, WARC_Refers_To_Date=DATE,
        WARC_Payload_Digest="sha1:NOWHERE",
    )  # fmt: skip

    assert list(open_archive(write_warc(tmp_path / "crawl.warc", [loop, loop])).pages()) == []
