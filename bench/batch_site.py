"""Serve articles and videos on several loopback addresses, slowly and partly broken, and log every request.

`bench/batch.py` starts this script.  Each host is an address 127.0.0.N.  A line of the log has the host, the start and
the end of a request in seconds, and its path.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

HOSTS = 16
WAYS = (
    "page 404", "page 410", "page 403", "page 500", "page 503 for a while", "page hangs", "page breaks off",
    "video 404", "captions 503", "captions are HTML",
)  # fmt: skip
"""Faults; every twentieth article has one of them."""

WORDS = [
    *("the", "people", "in", "this", "town", "have", "known", "for", "a", "long", "time"),
    *("that", "nobody", "who", "came", "here", "ever", "wanted", "to", "leave"),
]


def host(number: int) -> str:
    """Return the address of the host of the article *number*."""
    return f"127.0.0.{2 + number % HOSTS}"


def way(number: int) -> str:
    """Return the fault of the article *number*, empty if it has none."""
    return WAYS[number // 20 % len(WAYS)] if number % 20 == 19 else ""


def clips(number: int) -> list[int]:
    """Return the numbers of the clips of an article: one for even articles, two for odd ones."""
    first = number // 2 * 3 + (number % 2)
    return [first] if number % 2 == 0 else [first, first + 1]


def captions(clip: int) -> str:
    """Return the captions of a clip as WebVTT; each sentence occurs in one clip only."""
    lines = ["WEBVTT\n"]
    for at in range(40):
        turn = (clip * 7 + at * 3) % len(WORDS)
        sentence = " ".join((*WORDS[turn:], f"clip{clip}x{at}", *WORDS[:turn]))
        lines.append(f"{_clock(at * 5)} --> {_clock(at * 5 + 4)}")
        lines.append(sentence + "\n")
    return "\n".join(lines)


def _clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


def page(number: int) -> str:
    """Return the HTML of an article with the players of its clips."""
    players = "".join(
        f'<h2>Clip {clip}</h2><video src="/v/{clip}.mp4"><track src="/c/{clip}.vtt" srclang="en"></video>'
        for clip in clips(number)
    )
    text = " ".join(WORDS) * 40
    return f"<!doctype html><title>Article {number}</title><article><h1>{number}</h1><p>{text}</p>{players}</article>"


class Site:
    """A minimal HTTP server that delays, breaks and counts its responses."""

    def __init__(self, *, latency_s: float, broken: bool, log: Path) -> None:
        self.latency_s = latency_s
        self.broken = broken
        self.log = log.open("w", buffering=1)
        self.count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while await self._answer_one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        name = writer.get_extra_info("sockname")[0]
        if path == "/count":
            writer.write(_encode(200, "text/plain", str(self.count).encode()))
            await writer.drain()
            return True
        self.count += 1
        began = time.monotonic()
        await asyncio.sleep(self.latency_s)
        status, content_type, body, complete = self._response(path)
        if status == 0:
            await asyncio.sleep(3600)
        writer.write(_encode(status, content_type, body if method == "GET" else b"", len(body), complete))
        await writer.drain()
        self.log.write(f"{name} {began:.4f} {time.monotonic():.4f} {path}\n")
        return complete and b"close" not in head.lower()

    def _response(self, path: str) -> tuple[int, str, bytes, bool]:
        folder, _, name = path.lstrip("/").partition("/")
        number = int(name.partition(".")[0]) if name.partition(".")[0].isdigit() else -1
        if number < 0:
            return 404, "text/plain", b"none", True
        article = number if folder == "a" else (number // 3 * 2 + (number % 3 > 0))
        fault = way(article) if self.broken else ""
        if folder == "a":
            return _page(number, fault)
        if folder == "v":
            return (404, "text/plain", b"", True) if fault == "video 404" else (200, "video/mp4", bytes(64), True)
        if fault == "captions 503":
            return 503, "text/plain", b"", True
        text = "<html>not found</html>" if fault == "captions are HTML" else captions(number)
        return 200, "text/vtt", text.encode(), True


def _page(number: int, fault: str) -> tuple[int, str, bytes, bool]:
    body = page(number).encode()
    if fault == "page hangs":
        return 0, "", b"", True
    if fault == "page breaks off":
        return 200, "text/html", body, False
    status = int(fault.split()[1]) if fault.startswith("page ") else 200
    return status, "text/html", body, True


def _encode(status: int, content_type: str, body: bytes, size: int | None = None, complete: bool = True) -> bytes:
    length = len(body) if size is None else size
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + (body if complete else body[: len(body) // 2])


async def main() -> None:
    """Serve until the process is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on all addresses")
    parser.add_argument("--latency", metavar="SECONDS", type=float, default=0.1, help="delay (default: 0.1)")
    parser.add_argument("--no-faults", action="store_true", help="answer every request correctly")
    parser.add_argument("--log", metavar="FILE", type=Path, required=True, help="file for the log")
    args = parser.parse_args()
    site = Site(latency_s=args.latency, broken=not args.no_faults, log=args.log)
    servers = [await asyncio.start_server(site.serve, host(number), args.port) for number in range(HOSTS)]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
