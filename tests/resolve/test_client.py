"""What hostile responses do to yt-dlp: each runs in a process of its own, whose memory is measured."""

from __future__ import annotations

import gzip
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.loopback import Answer
from tests.processes import HANG_S
from tests.resolve.conftest import Site
from vidindex.errors import ResolveError
from vidindex.resolve import ResolveOptions, VideoResolver

MAX_MB = 300
"""yt-dlp itself takes 70 MB; design.md allows 400 MB."""

_RESOLVE = """
import re, resource, sys
from pathlib import Path
from vidindex.resolve import ResolveOptions, VideoResolver
with VideoResolver(ResolveOptions(retries=0)) as resolver:
    try:
        resolver.resolve(sys.argv[1])
        print("resolved")
    except Exception as exc:
        print(str(exc).replace(chr(10), " "))
    # On Linux, `ru_maxrss` includes the memory of the process that started this one.
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1] if status.exists() else None
    print(int(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024)
"""


def resolve_in_process(url: str) -> tuple[str, int]:
    """Return the message of the error that *url* leads to, and the peak of memory, in MB."""
    command = [sys.executable, "-c", _RESOLVE, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=HANG_S).stdout
    message, peak = output.splitlines()
    return message, int(peak)


def failure(resolver: VideoResolver, url: str) -> str:
    with pytest.raises(ResolveError) as caught:
        resolver.resolve(url)
    return str(caught.value)


PAGE = "<title>A talk</title><video src=talk.mp4></video>"
BOMB = gzip.compress(b"".join(gzip.compress(b"<html>" + b"x" * 10_000_000) for _ in range(30)))
MPD = (
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT9000H"><Period>'
    '<AdaptationSet mimeType="audio/mp4">{}<Representation id="a" bandwidth="1"/></AdaptationSet></Period></MPD>'
)
TIMELINE = (
    '<SegmentTemplate media="$RepresentationID$/$Time$.m4s"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>'
)
ISM = (
    '<SmoothStreamingMedia Duration="100000"><StreamIndex Type="audio" Url="{start time}">'
    '<QualityLevel FourCC="AACL" Bitrate="1000"/><c t="0" d="1" r="9000000"/></StreamIndex></SmoothStreamingMedia>'
)
ATTRIBUTES = "".join(f'x{number} CDATA "v" ' for number in range(100))


@pytest.mark.parametrize(
    ("status", "coding", "reason"),
    [
        (200, "gzip, gzip", "larger than the limit"),
        (200, "gzip, gzip, identity", "larger than the limit"),
        (200, "GZIP ,gzip", "larger than the limit"),
        (404, "gzip, gzip", "404"),
        (403, "gzip, gzip", "larger than the limit"),
        (200, "br", "the server used the content coding 'br', which vidindex does not support"),
        (200, "zstd", "the server used the content coding 'zstd', which vidindex does not support"),
    ],
)
def test_a_decompression_bomb_is_abandoned(site: Site, status: int, coding: str, reason: str) -> None:
    site.pages["/p"] = Answer(BOMB, status, {"Content-Type": "text/html", "Content-Encoding": coding})
    message, peak_mb = resolve_in_process(site.url("/p"))
    assert reason in message
    assert peak_mb < MAX_MB


@pytest.mark.parametrize(
    "body",
    [
        "<html><script type=application/ld+json>[" + "{}," * 2_500_000 + "{}]</script>",
        "<rss>" + "<a/>" * 1_900_000 + "</rss>",
        f"<!DOCTYPE rss [<!ATTLIST a {ATTRIBUTES}>]><rss>" + "<a/>" * 300_000 + "</rss>",
        MPD.format(TIMELINE.format('<S d="1" r="9000000"/>')),
        MPD.format('<SegmentTemplate media="$Number$" duration="1"/>'),
        MPD.format('<SegmentTemplate media="$Number%0900000000d$" duration="9000000"/>'),
        MPD.format(f'<SegmentTemplate media="{"x" * 500_000}$Number$" duration="1000"/>'),
        ISM,
        "#EXTM3U\n" + "a\n" * 2_000_000,
        "#EXTM3U\n" + "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=a,NAME=b,URI=c\n" * 200_000,
        '<html><script>jwplayer("x")' + "a" * 7_900_000,
        "<html><video>" + "<source src=a.mp4>" * 100_000,
    ],
    ids=["JSON", "elements", "default attributes", "timeline", "numbered segments", "field width", "long template",
         "Smooth Streaming", "HLS formats", "HLS tracks", "player setup", "sources"],
)  # fmt: skip
def test_a_document_that_expands_in_memory_is_refused(site: Site, body: str) -> None:
    message, peak_mb = resolve_in_process(site.put("/p", body, "x/unknown"))
    assert "too large or too broken" in message
    assert peak_mb < MAX_MB


def test_the_memory_of_all_documents_of_a_video_is_limited(site: Site, resolver: VideoResolver) -> None:
    segments = '<SegmentTemplate media="$Number$" duration="1000"/>'
    site.put("/talk.mpd", MPD.format(segments), "application/dash+xml")
    page = site.put("/p", PAGE + "".join(f"<video src=talk.mpd?{number}></video>" for number in range(50)))
    assert "too large or too broken" in failure(resolver, page)
    assert len(site.asked) < 40


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html>" + "<iframe " * 60_000, "text/plain"),
        ("<html>" + "<iframe " * 60_000, "text/html; charset=utf-16"),
        ("<html>" + "<a " * 60_000, "text/html"),
        ('<html><script type="application/ld+json">{' * 400 + "a" * 1_000_000, "text/html"),
    ],
)
def test_a_page_that_takes_long_to_search_is_refused(
    site: Site, resolver: VideoResolver, body: str, content_type: str
) -> None:
    content = body.encode("utf-16" if "utf-16" in content_type else "ascii")
    assert "too large or too broken" in failure(resolver, site.put("/p", content, content_type))


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "idna", "unicode_escape", "iso2022_jp", "cp037"])
def test_a_page_in_an_unsafe_encoding_is_read_as_utf_8(site: Site, resolver: VideoResolver, charset: str) -> None:
    """Some decoders take quadratic time, and others make tags from what is none."""
    url = site.put("/p", PAGE.replace("talk", "tälk"), f"text/html; charset={charset}")
    assert resolver.resolve(url).video.title == "A tälk"


@pytest.mark.parametrize("charset", ["windows-1251", "utf-16", "shift_jis", "gb18030"])
def test_a_page_in_another_encoding_is_read(site: Site, resolver: VideoResolver, charset: str) -> None:
    url = site.put("/p", PAGE.replace("talk", "Лекция").encode(charset), f"text/html; charset={charset}")
    assert resolver.resolve(url).video.title == "A Лекция"


def test_a_compressed_page_of_several_members_is_read(site: Site, resolver: VideoResolver) -> None:
    body = gzip.compress(PAGE[:30].encode()) + gzip.compress(PAGE[30:].encode()) + bytes(100)
    url = site.put("/p", body, Content_Encoding="gzip")
    assert resolver.resolve(url).video.title == "A talk"


def test_large_honest_documents_are_read(site: Site, resolver: VideoResolver) -> None:
    blob = '{"url":"https://a.example/1","width":1,"title":{"runs":[{"text":"words and words"}]}},' * 18_000
    page = f"<script>var data = [{blob}0];</script>" + '<p class="x">Words &amp; words.</p>\n' * 10_000 + PAGE
    assert len(page) > 1_800_000
    assert resolver.resolve(site.put("/page", page)).video.title == "A talk"

    segment = "#EXTINF:6.000,\nhttps://cdn.example/segment/{}.ts?signature=" + "x" * 900 + "\n"
    segments = "".join(map(segment.format, range(10_000)))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n{segments}#EXT-X-ENDLIST\n"
    assert resolver.resolve(site.put("/talk.m3u8", playlist, "application/x-mpegurl")).video.duration_ms == 60_000_000

    timeline = "".join(f'<S t="{2 * number}" d="2"/>' for number in range(20_000))
    formats = "".join(f'<Representation id="v{number}" bandwidth="{number}000"/>' for number in range(1, 8))
    manifest = MPD.format(TIMELINE.format(timeline) + formats)
    assert resolver.resolve(site.put("/talk.mpd", manifest, "application/dash+xml")).video.title


@pytest.mark.parametrize("option", ["add-headers=Accept-Encoding:br", "add-headers=accept-encoding:gzip, br, zstd"])
def test_no_option_makes_a_request_ask_for_another_coding(site: Site, option: str) -> None:
    site.put("/p", PAGE)
    with VideoResolver(ResolveOptions(retries=0, extra=(option,))) as resolver:
        resolver.resolve(site.url("/p"))
    assert {headers["Accept-Encoding"] for _, headers in site.asked} <= {"gzip, deflate", "identity"}


class _SocksServer(socketserver.StreamRequestHandler):
    """SOCKS 5 without a login, which passes each connection on to loopback."""

    def handle(self) -> None:
        self.rfile.read(self.rfile.read(2)[1])
        self.wfile.write(b"\x05\x00")
        host_length = self.rfile.read(5)[4]
        self.rfile.read(host_length)
        port = int.from_bytes(self.rfile.read(2), "big")
        self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
        with socket.create_connection(("127.0.0.1", port)) as server:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += self.rfile.readline()
            server.sendall(request)
            try:
                while block := server.recv(1 << 16):
                    self.wfile.write(block)
            except OSError:
                pass  # the client has seen enough


@contextmanager
def socks_proxy() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _SocksServer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"socks5h://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def through_socks() -> Iterator[Callable[..., Any]]:
    """A function that resolves a URL through a SOCKS proxy."""
    with socks_proxy() as proxy:

        def resolve(url: str, *, total_s: float = HANG_S) -> Any:
            options = ResolveOptions(retries=0, proxy=proxy, total_s=total_s, allow_private=True)
            with VideoResolver(options) as resolver:
                return resolver.resolve(url.replace("127.0.0.1", "localhost"))

        yield resolve


def test_a_page_is_read_through_a_socks_proxy(site: Site, through_socks: Callable[[str], Any]) -> None:
    assert through_socks(site.put("/p", PAGE)).video.title == "A talk"


def test_a_bomb_through_a_socks_proxy_is_abandoned(site: Site, through_socks: Callable[[str], Any]) -> None:
    site.put("/p", BOMB, Content_Encoding="gzip, gzip")
    with pytest.raises(ResolveError, match="larger than the limit"):
        through_socks(site.url("/p"))


def test_a_slow_server_behind_a_socks_proxy_is_abandoned_at_the_deadline(
    site: Site, through_socks: Callable[..., Any]
) -> None:
    """The limit for the whole video applies: each byte comes long before the limit for one wait."""
    with pytest.raises(ResolveError, match="timed out"):
        through_socks(site.stream("/p", b"x", times=50_000, pause_s=0.05), total_s=0.6)
