"""Responses of the last minutes are sent again, but never after the index has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.processes import HANG_S, start_vidindex
from vidindex.engines import installed_engines
from vidindex.server import response_cache as cache
from vidindex.server.app import make_app

from .conftest import Site, serving, talk

SEARCH = "/api/search?q=herons+never+hurry"
HIT = "cache;desc=hit"


@pytest.fixture(name="talks", params=["whoosh", "tantivy"])
def _talks(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with an index of one video, per engine."""
    if request.param not in installed_engines():
        pytest.skip(f"{request.param} is not installed")
    talk(tmp_path, "early000001", ["herons never hurry at all"])
    with vidindex.open(tmp_path / "index", engine=request.param) as index:
        index.add(tmp_path / "early000001.en.vtt")
    return tmp_path


@pytest.fixture(name="own")
def _own(talks: Path) -> Iterator[Site]:
    """A server for that index."""
    with serving(make_app(talks / "index")) as site:
        yield site


def in_another_process(talks: Path, *words: str | Path) -> None:
    process = start_vidindex("--index", talks / "index", *words)
    _, errors = process.communicate(timeout=HANG_S)
    assert process.returncode == 0, errors


def test_a_repeated_search_is_answered_from_the_cache(own: Site) -> None:
    first, again = own.ask(SEARCH), own.ask(SEARCH)
    assert "Server-Timing" not in first.headers
    assert again.headers["Server-Timing"] == HIT
    assert again.body == first.body
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert again.headers[name] == first.headers[name]


def test_a_write_of_another_process_is_seen_by_the_next_request(own: Site, talks: Path) -> None:
    assert [own.ask(SEARCH).json["total"] for _ in range(2)] == [1, 1]
    talk(talks, "late0000001", ["and herons never hurry in winter"])
    in_another_process(talks, "add", talks / "late0000001.en.vtt")
    assert own.ask(SEARCH).json["total"] == 2
    in_another_process(talks, "remove", "youtube:late0000001")
    assert own.ask(SEARCH).json["total"] == 1
    assert own.ask(SEARCH).headers["Server-Timing"] == HIT


def test_a_rebuild_by_another_process_is_seen_by_the_next_request(own: Site, talks: Path) -> None:
    own.ask(SEARCH)
    in_another_process(talks, "rebuild")
    assert "Server-Timing" not in own.ask(SEARCH).headers


def test_a_write_of_this_process_is_seen_by_the_next_request(talks: Path) -> None:
    with vidindex.open(talks / "index") as index, serving(make_app(index)) as own:
        assert [own.ask(SEARCH).json["total"] for _ in range(2)] == [1, 1]
        talk(talks, "late0000001", ["and herons never hurry in winter"])
        index.add(talks / "late0000001.en.vtt")
        assert own.ask(SEARCH).json["total"] == 2


def test_a_commit_of_the_engine_alone_changes_the_state_of_an_index(talks: Path) -> None:
    """Between the two writes to the store that surround it, the engine has the new passages already."""
    with vidindex.open(talks / "index") as index:
        before = index.change_stamp()
        assert before == index.change_stamp()
        engine = index._current_engine()
        assert engine is not None
        engine.replace_tracks([1], [])
        assert index.change_stamp() != before


@pytest.mark.parametrize("changed", ["&page=2", "&size=5", "&by=video", "&sort=date", "&match=exact", "&lang=de"])
def test_a_request_with_other_parameters_has_its_own_response(own: Site, changed: str) -> None:
    own.ask(SEARCH)
    other = own.ask(SEARCH + changed)
    assert "Server-Timing" not in other.headers
    assert json.loads(other.body)["query"] == "herons never hurry"


def test_a_visitor_with_other_preferences_gets_another_page(own: Site) -> None:
    assert 'data-theme="dark"' not in own.ask("/?q=herons").body.decode()
    assert 'data-theme="dark"' in own.ask("/?q=herons", Cookie="theme=dark").body.decode()
    assert 'data-theme="dark"' not in own.ask("/?q=herons").body.decode()


def test_a_client_that_has_the_cached_response_gets_none(own: Site) -> None:
    tag = own.ask(SEARCH).headers["ETag"]
    again = own.ask(SEARCH, If_None_Match=f'"other", {tag}')
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert own.ask(SEARCH, If_None_Match='"other"').json["total"] == 1


def test_a_compressed_response_goes_only_to_clients_that_accept_it(own: Site) -> None:
    packed = own.ask("/?q=herons", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert own.ask("/?q=herons", Accept_Encoding="gzip").body == packed.body
    assert "Content-Encoding" not in own.ask("/?q=herons").headers


@pytest.mark.parametrize("path", ["/api/stats", "/status", "/api/search", "/api/search?q=in:title+herons"])
def test_other_requests_and_errors_are_not_cached(own: Site, path: str) -> None:
    own.ask(path)
    assert "Server-Timing" not in own.ask(path).headers


def key(number: int) -> cache._Key:
    return cache._Key("/", b"q=%d" % number, "", False)


def test_the_cache_keeps_what_was_used_last_within_its_bounds() -> None:
    kept = cache.ResponseCache(max_entries=3)
    for number in range(3):
        kept.put(key(number), (1,), (), b"")
    assert kept.find(key(0), (1,)) is not None
    kept.put(key(3), (1,), (), b"")
    assert [kept.find(key(number), (1,)) is not None for number in range(4)] == [True, False, True, True]


def test_the_cache_has_a_maximum_size_and_forgets_what_it_has_dropped() -> None:
    kept = cache.ResponseCache(max_bytes=30_000)
    for number in range(100):
        kept.put(key(number % 20), (1,), (), bytes(9_000))
        assert kept.size_bytes <= 30_000
    assert 1 <= len(kept) <= 3
    for number in range(20):
        kept.find(key(number), (2,))
    assert (len(kept), kept.size_bytes) == (0, 0)


def test_a_response_is_kept_for_some_minutes_only() -> None:
    now_s = 1_000.0
    kept = cache.ResponseCache(clock_s=lambda: now_s)
    kept.put(key(1), (1,), (), b"")
    now_s += cache.MAX_AGE_S
    assert kept.find(key(1), (1,)) is not None
    now_s += 1
    assert kept.find(key(1), (1,)) is None
