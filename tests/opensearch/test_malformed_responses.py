"""Responses of a real cluster that something on the way changes: each is one clear error, and nothing is lost."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.conftest import webvtt
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.test_errors import serving
from vidindex.errors import EngineError, VidindexError
from vidindex.store.opensearch import client
from vidindex.store.opensearch.endpoint import ClusterEndpoint
from vidindex.store.opensearch.records import parse_video_record
from vidindex.store.opensearch.stored_source import StoredSource
from vidindex.store.tasks import Outcome, Task

SAID = "the river number{} is cold and nobody swims here"


def turn_lists_into_objects(value: Any) -> Any:
    if isinstance(value, list):
        return {}
    return {name: turn_lists_into_objects(each) for name, each in value.items()} if isinstance(value, dict) else value


def drop_contents(value: Any) -> Any:
    if isinstance(value, list):
        return [drop_contents(each) for each in value]
    if isinstance(value, dict):
        return {name: drop_contents(each) for name, each in value.items() if name not in ("_source", "sort")}
    return value


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a part of it": lambda body: body[: len(body) // 2],
    "lists that are objects": lambda body: json.dumps(turn_lists_into_objects(json.loads(body))).encode(),
    "hits without contents": lambda body: json.dumps(drop_contents(json.loads(body))).encode(),
}


class Meddler:
    """Changes the responses to one kind of request, and notes all kinds of them."""

    def __init__(self) -> None:
        self.kinds: dict[str, None] = {}
        self.kind = ""
        self.change: Callable[[bytes], bytes] = bytes
        self.changed = 0

    def pass_on(self, kind: str, body: bytes) -> bytes:
        self.kinds.setdefault(kind)
        if kind != self.kind or not body:
            return body
        changed = self.change(body)
        self.changed += changed not in (body, json.dumps(json.loads(body)).encode())
        return changed


@pytest.fixture
def meddler(monkeypatch: pytest.MonkeyPatch) -> Meddler:
    made, urlopen = Meddler(), client._BoundedPool.urlopen

    def urlopen_changed(pool: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        found = urlopen(pool, method, url, *args, **options)
        path = re.sub(r"/test-[0-9a-f]+-", "/", url.partition("?")[0])
        kind = re.sub(r"opensearch-\d", "opensearch-N", re.sub(r"/_doc/.*", "/_doc/ID", path))
        return found._replace(data=made.pass_on(f"{method} {kind}", found.data)) if found.status < 300 else found

    monkeypatch.setattr(client._BoundedPool, "urlopen", urlopen_changed)
    return made


@pytest.fixture
def index(address: Address, tmp_path: Path) -> Iterator[vidindex.Index]:
    with vidindex.open(address("?replicas=0")) as opened:
        add_talk(opened, tmp_path, 0)
        yield opened


def add_talk(index: vidindex.Index, folder: Path, number: int) -> None:
    file = folder / f"talk{number}.en.vtt"
    file.write_text(webvtt([SAID.format(number)]))
    index.add(file, jobs=1)


def work(index: vidindex.Index, number: int) -> None:
    """Do a task of the work queue."""
    queue, run = index._store.queue, index._store.queue.begin_run()
    queue.add_tasks([Task(f"https://a.example/{number}", "link")])
    while task := queue.claim(run):
        queue.finish(task, Outcome("failed", "failed", "gone"))
    queue.read_status()


@needs_cluster
def test_a_changed_response_is_an_error_of_the_index_and_loses_nothing(
    index: vidindex.Index, meddler: Meddler, tmp_path: Path
) -> None:
    operations: list[Callable[[int], object]] = [
        lambda number: add_talk(index, tmp_path, number),
        lambda _: index.search("the river is cold and everybody swims"),
        lambda _: index.search_page('"nobody swims"', options=vidindex.SearchOptions(lang="en")),
        lambda _: index.search_texts("talk"),
        lambda _: (index.stats(), index.find_damage(), list(index.videos()), list(index.tasks())),
        lambda number: work(index, number),
    ]
    changes = itertools.cycle(CHANGES.values())  # one for each kind of request: all of them would take a minute
    number, messages = 0, list[str]()
    for operation in operations:
        tried = dict(meddler.kinds)
        operation(number := number + 1)
        for kind in [kind for kind in meddler.kinds if kind not in tried and not kind.startswith("HEAD")]:
            for change in (lambda _: b"{}", next(changes)):
                meddler.kind, meddler.change = kind, change
                try:
                    operation(number := number + 1)
                except VidindexError as error:
                    messages.append(str(error))
        meddler.kind = ""
    assert min(meddler.changed, len(messages)) > 35
    assert not [each for each in messages if "opensearch+http://" not in each or "127.0.0.1" not in each]
    index.flush()
    assert index.find_damage() == []
    assert [hit.video.id for hit in index.search(f'"{SAID.format(0)}"')] == ["file:talk0"]


def read_all(port: int, path: str = "clips") -> str:
    """Return the message of a search whose response is not valid."""
    endpoint = ClusterEndpoint(path, (("127.0.0.1", port),), tls=False)
    opened = client.create_client(endpoint)
    with pytest.raises(EngineError) as failed, client.translate_errors(endpoint):
        client.with_retries(lambda: opened.search(index=path, body={})["hits"])
    opened.close()
    return str(failed.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "has no 'hits'"),
        (b'{"hits": [' + 10_000 * b" ", "longer than 5,000 bytes"),
        (b'{"hits": [' + 1_000 * b"{},", "not valid"),
        (b"<h1>\xe9</h1>", "utf-8"),
    ],
    ids=["no hits", "long", "many values", "Latin-1"],
)
def test_an_unusable_response_is_named(content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_RESPONSE_BYTES", 5_000)
    with serving(lambda _: (200, content)) as port:
        message = read_all(port)
    assert "does not answer like an OpenSearch cluster" in message
    assert f"127.0.0.1:{port}" in message
    assert reason in message


@pytest.mark.parametrize("content", [{}, {"tracks": 5}, {"video": {"id": "x"}, "tracks": []}, [], None, "x"])
def test_a_document_of_another_program_is_named_with_its_index(content: object) -> None:
    with pytest.raises(EngineError, match=r"document of the index clips-videos is not one that vidindex wrote"):
        parse_video_record(StoredSource(content, "opensearch+http://host/clips", "clips-videos", "videos"))
