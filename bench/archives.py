"""Measure how fast WARC files are indexed, and in how much memory.

    python bench/archives.py [--records 100000] [--compare] [--hostile]

Writes a WARC file with a request and a response for each page, gzipped by record, as crawlers do: a tenth of the
responses are HTML of 8 KB, the others are scripts, pictures and JSON.  `--compare` also reads it with warcio and
fastwarc, which must be installed; each reads all headers, as indexing needs them.  `--hostile` reads archives that are
made to take much: a million tiny records, a gzip bomb in a header, one in a body, a page of 30 MB, a packed
WARC file in a WACZ file, and many captures of one address.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

_TEXT = "It was a long evening, and nobody went home before the bridge was open again. "
_OTHERS = (("application/javascript", 3000), ("image/jpeg", 20_000), ("application/json", 1500))


def records(count: int) -> Iterator[bytes]:
    """Yield *count* records: a request and a response for each address."""
    for number in range(count // 2):
        is_page = number % 10 == 0
        url = f"https://news{number % 50}.example/{number}"
        if is_page:
            body = f"<title>Page {number}</title><iframe src='/player/{number}'></iframe>{_TEXT * 100}".encode()
            content_type = "text/html; charset=utf-8"
        else:
            content_type, size = _OTHERS[number % 3]
            body = (str(number) * size)[:size].encode()
        yield _record("request", url, b"GET / HTTP/1.1\r\nHost: news.example\r\nAccept: */*\r\n\r\n")
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nServer: nginx\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield _record("response", url, head.encode() + body)


def _record(kind: str, url: str, block: bytes) -> bytes:
    return (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0f0e>\r\nWARC-Date: 2019-03-04T05:06:07Z\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    ).encode() + block + b"\r\n\r\n"  # fmt: skip


_PAGE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def tiny_records(path: Path) -> None:
    """Write a million records, each of its own address."""
    with path.open("wb") as file:
        for number in range(1_000_000):
            file.write(_record("response", f"http://a.example/{number}", _PAGE_HEAD))


def gzip_bomb(path: Path, start: bytes) -> None:
    """Write *start* and a gigabyte of zeros."""
    with gzip.open(path, "wb", 1) as file:
        file.write(start)
        for _ in range(1000):
            file.write(bytes(1_000_000))


def large_page(path: Path) -> None:
    """Write a page of 30 MB."""
    path.write_bytes(_record("response", "http://a.example/", _PAGE_HEAD + b"<p>text " * 3_750_000))


def packed_wacz(path: Path) -> None:
    """Write a WACZ file that compresses a gigabyte of a WARC file."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("archive/a.warc", "w") as to,
    ):
        for _ in range(1000):
            to.write(bytes(1_000_000))


def same_address(path: Path) -> None:
    """Write 200,000 captures of one address, each with a hundred frames."""
    block = _PAGE_HEAD + b"<iframe src=/x>" * 100
    path.write_bytes(_record("response", "http://a.example/x", block) * 200_000)


_HOSTILE: dict[str, Callable[[Path], None]] = {
    "header.warc.gz": lambda path: gzip_bomb(path, b"WARC/1.0\r\nContent-Length: 1\r\nX: "),
    "body.warc.gz": lambda path: gzip_bomb(
        path, _record("response", "http://a.example/", _PAGE_HEAD).replace(b"Length: ", b"Length: 100000000")
    ),
    "page.warc": large_page,
    "packed.wacz": packed_wacz,
    "same.warc": same_address,
    "tiny.warc": tiny_records,
}


def read_with_vidindex(path: Path) -> int:
    """Index the file, and return the number of pages."""
    from vidindex.errors import TargetError
    from vidindex.pages.saved_page import open_archive

    try:
        archive = open_archive(path)
    except TargetError as exc:
        print(exc.reason)
        return 0
    count = sum(not page.problem for page in archive.pages())
    print("\n".join(archive.problems()[:2]))
    return count


def read_with_warcio(path: Path) -> int:
    """Read all headers, and return the number of pages."""
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-not-found]

    with path.open("rb") as file:
        return sum(
            record.rec_type == "response"
            and record.http_headers.get_header("Content-Type").startswith("text/html")
            and bool(record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(file)
        )


def read_with_fastwarc(path: Path) -> int:
    """Read all headers, and return the number of pages."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType  # type: ignore[import-not-found]

    with path.open("rb") as file:
        return sum(
            record.http_headers.get("Content-Type", "").startswith("text/html")
            and bool(record.headers.get("WARC-Target-URI"))
            for record in ArchiveIterator(file, record_types=WarcRecordType.response)
        )


_READERS = {"vidindex": read_with_vidindex, "warcio": read_with_warcio, "fastwarc": read_with_fastwarc}


def main() -> None:
    """Write the file, and measure each reader in its own process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        measure(options.read[0], Path(options.read[1]), options.records)
        return
    with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
        if options.hostile:
            measure_hostile(Path(folder))
            return
        path = Path(folder) / "crawl.warc.gz"
        with path.open("wb") as file:
            file.writelines(gzip.compress(record, 6) for record in records(options.records))
        print(f"{options.records:,} records, {path.stat().st_size / 1e6:.1f} MB")
        for reader in _READERS if options.compare else ("vidindex",):
            command = [sys.executable, __file__, "--records", str(options.records), "--read", reader, str(path)]
            subprocess.run(command, check=True)


def measure_hostile(folder: Path) -> None:
    """Read each hostile archive in its own process."""
    for name, write in _HOSTILE.items():
        path = folder / name
        write(path)
        print(f"{name}, {path.stat().st_size / 1e6:.1f} MB")
        subprocess.run([sys.executable, __file__, "--read", "vidindex", str(path)], check=True)
        path.unlink()


def measure(reader: str, path: Path, count: int) -> None:
    """Print how fast *reader* reads the *count* records in *path*, and in how much memory."""
    before, began = time.process_time(), time.monotonic()
    pages = _READERS[reader](path)
    cpu_s, took_s = time.process_time() - before, time.monotonic() - began
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    speed = f"{count / cpu_s:,.0f} records a second of CPU"
    print(f"{reader:>9}: {pages:,} pages, {speed}, {took_s:.1f} s, {memory_mb:.0f} MB")


if __name__ == "__main__":
    main()
