"""Write archives as crawlers and browsers do: WARC, WACZ, MHTML, HAR and `.webarchive`."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import plistlib
import quopri
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

DATE = "2019-03-04T05:06:07Z"


def warc_record(kind: str, url: str, block: bytes, *, date: str = DATE, wrong_by: int = 0, **headers: str) -> bytes:
    """Return a record; *wrong_by* is added to its length, and underscores in *headers* are hyphens."""
    content_type = "application/http; msgtype=response" if kind in ("response", "revisit") else "application/http"
    stated = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "Content-Type": content_type,
        **{name.replace("_", "-"): value for name, value in headers.items()},
        "Content-Length": str(len(block) + wrong_by),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in stated.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def http_block(
    body: bytes, content_type: str = "text/html", *, status: str = "200 OK", headers: Sequence[str] = ()
) -> bytes:
    """Return a response as a server sends it."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *headers]
    return "\r\n".join((*lines, "", "")).encode() + body


def response(url: str, body: str | bytes, content_type: str = "text/html", *, date: str = DATE) -> bytes:
    """Return the record of a response with status 200."""
    content = body.encode() if isinstance(body, str) else body
    digest = base64.b32encode(hashlib.sha1(content).digest()).decode()
    block = http_block(content, content_type)
    return warc_record("response", url, block, date=date, WARC_Payload_Digest=f"sha1:{digest}")


def write_warc(path: Path, records: Iterable[bytes]) -> Path:
    """Write *records*, each gzipped by itself if the name of the file ends with `.gz`."""
    packed = path.suffix == ".gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(gzip.compress(record) if packed else record for record in records))
    return path


def write_wacz(
    path: Path, records: Iterable[bytes], *, pages: Sequence[str] = (), compression: int = zipfile.ZIP_STORED
) -> Path:
    """Write a WACZ file with one WARC file, and a list of *pages*."""
    lines = ['{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}']
    lines += [json.dumps({"id": str(number), "url": url, "ts": DATE}) for number, url in enumerate(pages)]
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}))
        file.writestr("pages/pages.jsonl", "\n".join(lines))
        file.writestr("archive/data.warc.gz", b"".join(map(gzip.compress, records)))
    return path


def write_mhtml(
    path: Path, url: str, parts: Sequence[tuple[str, str, str | bytes]], *, ids: Sequence[str] = ()
) -> Path:
    """Write a page with *parts*: the address, the content type and the content of each; the first is the page."""
    lines = [
        "From: <Saved by Blink>",
        f"Snapshot-Content-Location: {url}",
        "Date: Mon, 4 Mar 2019 05:06:07 -0000",
        "MIME-Version: 1.0",
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----part"',
        "",
        "",
    ]
    for number, (location, content_type, content) in enumerate(parts):
        is_text = isinstance(content, str)
        coding = "quoted-printable" if is_text else "base64"
        body = quopri.encodestring(content.encode()) if isinstance(content, str) else base64.encodebytes(content)
        content_id = [f"Content-ID: <{ids[number]}>"] if number < len(ids) and ids[number] else []
        lines += [
            "------part", f"Content-Type: {content_type}", *content_id, f"Content-Transfer-Encoding: {coding}",
            f"Content-Location: {location}", "", body.decode().replace("\n", "\r\n"),
        ]  # fmt: skip
    path.write_bytes("\r\n".join((*lines, "------part--", "")).encode())
    return path


def write_har(path: Path, entries: Sequence[tuple[str, str, str | bytes]], *, listed: bool = True) -> Path:
    """Write the traffic of a page: the address, the content type and the content of each response, the page first."""
    written = []
    for url, content_type, content in entries:
        body = (
            {"text": content}
            if isinstance(content, str)
            else {"text": base64.b64encode(content).decode(), "encoding": "base64"}
        )
        written.append({
            "pageref": "page_1" if listed else None,
            "startedDateTime": "2019-03-04T06:06:07.123+01:00",
            "request": {"method": "GET", "url": url},
            "response": {"status": 200, "content": {"mimeType": content_type, "size": len(content), **body}},
        })  # fmt: skip
    pages = [{"id": "page_1", "title": "A page", "startedDateTime": DATE}] if listed else []
    path.write_text(json.dumps({"log": {"version": "1.2", "pages": pages, "entries": written}}), encoding="utf-8")
    return path


def webarchive_resource(url: str, content_type: str, content: str | bytes) -> dict[str, object]:
    """Return a resource of a `.webarchive`."""
    data = content.encode() if isinstance(content, str) else content
    return {
        "WebResourceURL": url,
        "WebResourceMIMEType": content_type,
        "WebResourceTextEncodingName": "UTF-8",
        "WebResourceData": data,
    }


def write_webarchive(
    path: Path,
    main: dict[str, object],
    *,
    resources: Sequence[dict[str, object]] = (),
    frames: Sequence[dict[str, object]] = (),
    fmt: plistlib.PlistFormat = plistlib.FMT_BINARY,
) -> Path:
    """Write a page with its files and its frames."""
    archive = {
        "WebMainResource": main,
        "WebSubresources": list(resources),
        "WebSubframeArchives": [{"WebMainResource": frame} for frame in frames],
    }
    path.write_bytes(plistlib.dumps(archive, fmt=fmt))
    return path
