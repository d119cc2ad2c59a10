"""What machines that feed the engine on a cluster hold, renew, lose and leave behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace

import pytest

pytest.importorskip("opensearchpy")

from tests.opensearch.conftest import Address, discard, needs_cluster
from vidindex.cluster.endpoint import parse
from vidindex.model import Cue, Track, Video
from vidindex.store.cluster import ClusterStore
from vidindex.store.cluster.feeding import HOLD_S
from vidindex.transcript import make_transcript

pytestmark = needs_cluster

VIDEO = Video("site:1", "https://v.example/1")
TRACK = Track("en", "manual", "vtt", "https://v.example/1.vtt")


@pytest.fixture
def place(address: Address) -> Iterator[str]:
    made = address()
    yield made
    discard(made)


class Clock(SimpleNamespace):
    """A clock that is put on by hand."""

    ahead_s = 0.0

    def time(self) -> float:
        return time.time() + self.ahead_s

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which holds end."""
    made = Clock()
    monkeypatch.setattr("vidindex.store.cluster.feeding.time", made)
    return made


def put_track(store: ClusterStore, words: int) -> None:
    store.put_video(VIDEO)
    said = " ".join(f"word{number}" for number in range(words))
    store.put_track(VIDEO.id, TRACK, said.encode(), make_transcript([Cue(0, 1000 * words, said)]))


def free(store: ClusterStore) -> list[int]:
    return store.pending(tracks=10, words=10_000)[0]


def test_who_feeds_long_keeps_what_it_holds(place: str, clock: Clock) -> None:
    with closing(ClusterStore(parse(place))) as one, closing(ClusterStore(parse(place))) as other:
        put_track(one, 2000)
        wanted, dropped = one.pending(tracks=10, words=10_000)
        tracks = one.hold(wanted)
        for _ in one.passages(tracks):
            clock.ahead_s += HOLD_S / 3
            assert free(other) == []
        assert clock.ahead_s > 3 * HOLD_S
        one.mark_indexed(tracks, dropped)
        assert not one.has_pending()


def test_what_a_silent_machine_holds_is_free_in_five_minutes(place: str, clock: Clock) -> None:
    with closing(ClusterStore(parse(place))) as dead, closing(ClusterStore(parse(place))) as other:
        put_track(dead, 20)
        tracks = dead.hold(free(dead))
        assert free(other) == []
        clock.ahead_s += 5 * 60 + 1
        assert free(other) == tracks
        assert other.hold(tracks) == tracks


def test_who_wakes_too_late_takes_nothing_back(place: str, clock: Clock) -> None:
    with closing(ClusterStore(parse(place))) as late, closing(ClusterStore(parse(place))) as other:
        put_track(late, 2000)
        tracks = late.hold(free(late))
        passages = late.passages(tracks)
        next(passages)
        clock.ahead_s += HOLD_S + 1
        assert other.hold(free(other)) == tracks
        assert len(list(passages)) > 3
        clock.ahead_s += HOLD_S - 1
        assert free(late) == []  # the other's
        clock.ahead_s += 2
        assert free(late) == tracks
