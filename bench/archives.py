"""Measure how fast WARC files are indexed, and in how much memory.

    python bench/archives.py [--records 100000] [--compare]

Writes a WARC file with a request and a response for each page, gzipped by record, as crawlers do: a tenth of the
responses are HTML of 8 KB, the others are scripts, pictures and JSON.  `--compare` also reads it with warcio and
fastwarc, which must be installed; each reads all headers, as indexing needs them.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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


def read_with_vidindex(path: Path) -> int:
    """Index the file, and return the number of pages."""
    from vidindex.pages.saved_page import open_archive

    return sum(1 for _ in open_archive(path).pages())


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
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        measure(options.read[0], Path(options.read[1]), options.records)
        return
    with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
        path = Path(folder) / "crawl.warc.gz"
        with path.open("wb") as file:
            file.writelines(gzip.compress(record, 6) for record in records(options.records))
        print(f"{options.records:,} records, {path.stat().st_size / 1e6:.1f} MB")
        for reader in _READERS if options.compare else ("vidindex",):
            command = [sys.executable, __file__, "--records", str(options.records), "--read", reader, str(path)]
            subprocess.run(command, check=True)


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
