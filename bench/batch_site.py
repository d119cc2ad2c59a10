"""A site of articles and videos on many loopback addresses, slow and partly broken, with a log of all it was asked.

Run by `bench/batch.py`; each host is an address 127.0.0.N.  A line of the log is: host, begin, end, path.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

HOSTS = 16
WAYS = (
    "page 404", "page 410", "page 403", "page 500", "page 503 for a while", "page hangs", "page breaks off",
    "video 404", "captions 503", "captions are none",
)  # fmt: skip
"""The ten ways in which one article of twenty is broken."""

WORDS = [
    *("the", "people", "in", "this", "town", "have", "known", "for", "a", "long", "time"),
    *("that", "nobody", "who", "came", "here", "ever", "wanted", "to", "leave"),
]


def host(number: int) -> str:
    return f"127.0.0.{2 + number % HOSTS}"


def way(number: int) -> str:
    """Tell how the article *number* is broken, empty where it is not."""
    return WAYS[number // 20 % len(WAYS)] if number % 20 == 19 else ""


def clips(number: int) -> list[int]:
    """Give the clips of an article: one and two in turn."""
    first = number // 2 * 3 + (number % 2)
    return [first] if number % 2 == 0 else [first, first + 1]


def captions(clip: int) -> str:
    """Write what is said in a clip: sentences of its own."""
    lines = ["WEBVTT\n"]
    for at in range(40):
        turn = (clip * 7 + at * 3) % len(WORDS)
        said = " ".join((*WORDS[turn:], f"clip{clip}x{at}", *WORDS[:turn]))
        lines.append(f"{_clock(at * 5)} --> {_clock(at * 5 + 4)}")
        lines.append(said + "\n")
    return "\n".join(lines)


def _clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


def page(number: int) -> str:
    players = "".join(
        f'<h2>Clip {clip}</h2><video src="/v/{clip}.mp4"><track src="/c/{clip}.vtt" srclang="en"></video>'
        for clip in clips(number)
    )
    text = " ".join(WORDS) * 40
    return f"<!doctype html><title>Article {number}</title><article><h1>{number}</h1><p>{text}</p>{players}</article>"


class Site:
    def __init__(self, *, latency_s: float, broken: bool, log: Path) -> None:
        self.latency_s = latency_s
        self.broken = broken
        self.log = log.open("w", buffering=1)
        self.count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
            writer.write(_answer(200, "text/plain", str(self.count).encode()))
            await writer.drain()
            return True
        self.count += 1
        began = time.monotonic()
        await asyncio.sleep(self.latency_s)
        status, kind, body, whole = self._what(path)
        if status == 0:
            await asyncio.sleep(3600)
        writer.write(_answer(status, kind, body if method == "GET" else b"", len(body), whole))
        await writer.drain()
        self.log.write(f"{name} {began:.4f} {time.monotonic():.4f} {path}\n")
        return whole and b"close" not in head.lower()

    def _what(self, path: str) -> tuple[int, str, bytes, bool]:
        folder, _, name = path.lstrip("/").partition("/")
        number = int(name.partition(".")[0]) if name.partition(".")[0].isdigit() else -1
        if number < 0:
            return 404, "text/plain", b"none", True
        article = number if folder == "a" else (number // 3 * 2 + (number % 3 > 0))
        wrong = way(article) if self.broken else ""
        if folder == "a":
            return _page(number, wrong)
        if folder == "v":
            return (404, "text/plain", b"", True) if wrong == "video 404" else (200, "video/mp4", bytes(64), True)
        if wrong == "captions 503":
            return 503, "text/plain", b"", True
        text = "<html>not found</html>" if wrong == "captions are none" else captions(number)
        return 200, "text/vtt", text.encode(), True


def _page(number: int, wrong: str) -> tuple[int, str, bytes, bool]:
    body = page(number).encode()
    if wrong == "page hangs":
        return 0, "", b"", True
    if wrong == "page breaks off":
        return 200, "text/html", body, False
    status = int(wrong.split()[1]) if wrong.startswith("page ") else 200
    return status, "text/html", body, True


def _answer(status: int, kind: str, body: bytes, size: int | None = None, whole: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body) if size is None else size}\r\n\r\n"
    )
    return head.encode() + (body if whole else body[: len(body) // 2])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--sound", action="store_true")
    parser.add_argument("--log", type=Path, required=True)
    asked = parser.parse_args()
    site = Site(latency_s=asked.latency, broken=not asked.sound, log=asked.log)
    servers = [await asyncio.start_server(site.serve, host(number), asked.port) for number in range(HOSTS)]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
