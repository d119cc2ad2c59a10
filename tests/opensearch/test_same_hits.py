"""An index on a cluster returns the same hits as one in a folder, in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.conftest import webvtt
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.proxy import network
from tests.search.test_same_hits import queries, speech, visible_fields, written

pytestmark = needs_cluster

TALKS = 30


@pytest.fixture(scope="module")
def talks() -> list[list[str]]:
    """The words of the talks."""
    return speech()[:TALKS]


@pytest.fixture(scope="module")
def both(
    talks: list[list[str]], tmp_path_factory: pytest.TempPathFactory, address: Address
) -> Iterator[tuple[vidindex.Index, vidindex.Index]]:
    """The same captions in a folder and on a cluster of two shards."""
    folder = tmp_path_factory.mktemp("talks")
    chooser = random.Random(13)
    for number, words in enumerate(talks):
        name = (
            f"{('interview with', 'live:', 'lecture')[number % 3]} {words[0]} {number}.{'de' if number % 5 else 'en'}"
        )
        (folder / f"{name}.vtt").write_text(webvtt(written(words, chooser)))
    with ExitStack() as opened:
        places = folder / "index", address("?shards=2")
        here, there = (opened.enter_context(vidindex.open(place)) for place in places)
        for index in (here, there):
            index.add(*sorted(folder.glob("*.vtt")))
        yield here, there


def test_hits_are_the_same_in_a_folder_and_on_a_cluster(
    both: tuple[vidindex.Index, vidindex.Index], talks: list[list[str]]
) -> None:
    here, there = both
    found = 0
    different = []
    for text, options in queries(talks):
        hits = [visible_fields(hit) for hit in here.search(text, limit=20, **options)]
        found += bool(hits)
        if hits != [visible_fields(hit) for hit in there.search(text, limit=20, **options)]:
            different.append((text, options))
    assert different == []
    assert found > 100


def test_counts_and_suggestions_are_the_same(
    both: tuple[vidindex.Index, vidindex.Index], talks: list[list[str]]
) -> None:
    from vidindex.search.options import SearchOptions

    here, there = both
    for size in (2, 4, 9):
        words = " ".join(talks[3][50 : 50 + size])
        assert here.search_page(words, options=SearchOptions()) == there.search_page(words, options=SearchOptions())
    assert [video.id for video in here.videos()] == [video.id for video in there.videos()]
    assert here.stats().words == there.stats().words


def test_many_hits_are_read_in_few_requests(tmp_path: Path, address: Address, cluster: str) -> None:
    for number in range(30):
        (tmp_path / f"talk {number}.en.vtt").write_text(webvtt(["we never took the winters off", f"said {number}"]))
    plain = address()
    with vidindex.open(plain) as index:
        index.add(*sorted(tmp_path.glob("*.vtt")))
    with (
        network(cluster.split(",")[0], {"well": 1.0}) as way,
        vidindex.open(plain.replace(cluster, f"127.0.0.1:{way.port}")) as index,
    ):
        index.search("took the winters off", limit=20)
        before = way.sums["well"]
        assert len(index.search("took the winters off", limit=20)) == 20
        assert way.sums["well"] - before <= 10
