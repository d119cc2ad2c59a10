"""A real server on the loopback interface with a real index, and a minimal HTTP client."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import vidindex
from tests.opensearch.conftest import cluster, wanted  # noqa: F401 - fixtures
from tests.processes import HANG_S, wait_until
from vidindex.engines import installed_engines

pytest.importorskip("uvicorn")
pytest.importorskip("jinja2")

SAMPLES = Path(__file__).parents[2] / "samples"
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Site:
    """A running server, identified by its port."""

    port: int

    def ask(self, path: str, *, method: str = "GET", host: str = "", **headers: str) -> Answer:
        """Request *path*; underscores in the names of *headers* stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, headers={"Host": host or f"127.0.0.1:{self.port}", **named})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@contextmanager
def serving(app: Any) -> Iterator[Site]:
    """Serve *app* on a free port."""
    import uvicorn

    config = uvicorn.Config(
        app, port=0, log_config=None, ws="none", lifespan="on", h11_max_incomplete_event_size=131_072
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    try:
        yield Site(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(HANG_S)


def talk(folder: Path, name: str, lines: Sequence[str], **about: object) -> None:
    """Write the files of a video as yt-dlp does."""
    described = {"id": name, "title": name, "webpage_url": f"https://www.youtube.com/watch?v={name}", "_type": "video",
                 "extractor": "youtube", "extractor_key": "Youtube", "language": "en", **about}  # fmt: skip
    (folder / f"{name}.info.json").write_text(json.dumps(described), encoding="utf-8")
    cues = (f"{_time(at)} --> {_time(at + 1)}\n{line}\n" for at, line in enumerate(lines))
    (folder / f"{name}.en.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def _time(at: int) -> str:
    return f"00:{at // 15:02}:{at % 15 * 4:02}.000"


@pytest.fixture(scope="session", params=["whoosh", "tantivy", *(["opensearch"] if wanted() else [])])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path | str:
    """An index of the samples, of repetitive talks and of a hostile title, per engine and optionally on a cluster."""
    if request.param != "opensearch" and request.param not in installed_engines():
        pytest.skip(f"{request.param} is not installed")
    made = tmp_path_factory.mktemp("served")
    place: Path | str = made / "index"
    if request.param == "opensearch":
        place = f"opensearch+http://{request.getfixturevalue('cluster')}/test-{uuid4().hex[:12]}"
    talks = made / "talks"
    talks.mkdir()
    for number in range(12):
        lines = [f"the kettle is on number {number} and {at}" for at in range(100)]
        talk(talks, f"kettle{number:05}", lines, channel=f"Kitchen {number % 3}", upload_date=f"201{number % 2}0504")
    talk(talks, "attack00001", ["an entirely peaceful sentence about geese"], title=ATTACK, channel=ATTACK)
    with vidindex.open(place, engine=request.param) as index:
        pages = sorted((SAMPLES / "pages").glob("*.html"))
        report = index.add(*pages, SAMPLES / "downloads", talks, languages=("all",))
    assert not report.failures
    return place


@pytest.fixture(scope="session")
def site(folder: Path | str) -> Iterator[Site]:
    """A server for that index."""
    from vidindex.server.app import make_app

    with serving(make_app(folder)) as served:
        yield served
