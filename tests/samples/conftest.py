"""The committed samples, and a real server for their pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
PAGES = SAMPLES / "pages"


@dataclass(frozen=True, slots=True)
class Clip:
    """A row of the manifest."""

    media: Path
    captions: Path
    format: str
    title: str
    duration_ms: int
    words: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A row of `quotes.txt`."""

    second: float
    media: Path
    query: str
    note: str


def clips() -> list[Clip]:
    """Return the clips that `samples/make.py` generated."""
    rows = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))
    return [Clip(SAMPLES / row.pop("media"), SAMPLES / row.pop("captions"), **row) for row in rows]


def quotes() -> list[Quote]:
    """Return the demo queries."""
    lines = (SAMPLES / "quotes.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [Quote(float(second), SAMPLES / media, query, note) for second, media, query, note in rows]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Do not log requests."""

    def do_GET(self) -> None:
        """Send a file; yt-dlp closes the connection when it has recognized media."""
        try:
            super().do_GET()
        except ConnectionError:
            self.close_connection = True


@pytest.fixture(scope="session")
def pages_url() -> Iterator[str]:
    """The URL of a loopback server for the sample pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(PAGES)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
