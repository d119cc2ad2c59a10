"""What machines that feed the engine on a cluster hold, renew, lose and leave behind."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from types import SimpleNamespace

import pytest

pytest.importorskip("opensearchpy")

from tests.opensearch.conftest import Address, discard, needs_cluster
from vidindex.errors import EngineError
from vidindex.model import Cue, Track, Video
from vidindex.store.opensearch.endpoint import parse_endpoint
from vidindex.store.opensearch.index_sync import CLAIM_LEASE_S
from vidindex.store.opensearch.store import OpenSearchStore
from vidindex.transcripts.build import make_transcript

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
    """The clock by which holds end, and numbers are those of a dead machine."""
    made = Clock()
    for module in ("index_sync", "track_ids"):
        monkeypatch.setattr(f"vidindex.store.opensearch.{module}.time", made)
    return made


def put_track(store: OpenSearchStore, words: int) -> None:
    store.put_video(VIDEO)
    said = " ".join(f"word{number}" for number in range(words))
    store.put_track(VIDEO.id, TRACK, said.encode(), make_transcript([Cue(0, 1000 * words, said)]))


def free(store: OpenSearchStore) -> list[int]:
    return store.pending_tracks(max_tracks=10, max_words=10_000)[0]


def test_who_feeds_long_keeps_what_it_holds(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as one,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(one, 2000)
        wanted, dropped = one.pending_tracks(max_tracks=10, max_words=10_000)
        tracks = one.claim_for_indexing(wanted)
        for _ in one.cut_passages(tracks):
            clock.ahead_s += CLAIM_LEASE_S / 3
            assert free(other) == []
        assert clock.ahead_s > 3 * CLAIM_LEASE_S
        one.confirm_indexed(tracks, dropped)
        assert not one.has_pending()


def test_what_a_silent_machine_holds_is_free_in_five_minutes(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as dead,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(dead, 20)
        tracks = dead.claim_for_indexing(free(dead))
        assert free(other) == []
        clock.ahead_s += 5 * 60 + 1
        assert free(other) == tracks
        assert other.claim_for_indexing(tracks) == tracks


def test_who_wakes_too_late_takes_nothing_back(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as late,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(late, 2000)
        tracks = late.claim_for_indexing(free(late))
        passages = late.cut_passages(tracks)
        next(passages)
        clock.ahead_s += CLAIM_LEASE_S + 1
        assert other.claim_for_indexing(free(other)) == tracks
        assert len(list(passages)) > 3
        clock.ahead_s += CLAIM_LEASE_S - 1
        assert free(late) == []  # the other's
        clock.ahead_s += 2
        assert free(late) == tracks


_DIE = """
import os, signal, sys
from vidindex.store.opensearch.endpoint import parse
from vidindex.model import Cue, Track, Video
from vidindex.store.opensearch.store import ClusterStore
from vidindex.transcripts.build import make_transcript
store = ClusterStore(parse(sys.argv[1]))
store.put_video(Video("site:2", "https://v.example/2"))
store._name_track = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
said = " ".join(f"left{number}" for number in range(2000))
track = Track("en", "manual", "vtt", "https://v.example/2.vtt")
store.put_track("site:2", track, said.encode(), make_transcript([Cue(0, 100_000, said)]))
"""
"""Writes all of a track and dies before its video names it."""


def kept(store: OpenSearchStore) -> tuple[int, int]:
    """Count the bytes and blocks of tracks that are there, whether a video names them or not."""
    counts = []
    for documents in (store._indices.captions, store._indices.blocks):
        documents.refresh()
        counts.append(documents.count({"match_all": {}}))
    return counts[0], counts[1]


def test_what_a_killed_writer_left_is_deleted_a_day_later(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as one,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(one, 2000)
        (track,) = other.claim_for_indexing(free(other))
        mine = kept(one)
        subprocess.run([sys.executable, "-c", _DIE, place], check=False)
        left = kept(one)
        assert left > mine
        assert one.has_pending()
        clock.ahead_s += 3600
        assert other.has_pending()
        assert kept(one) == left  # it may live
        clock.ahead_s += 24 * 3600
        assert other.has_pending()
        assert kept(one) == mine
        assert len(one.read_transcript(track).words) == 2000
        assert one.read_raw_captions(track).startswith(b"word0 word1")


def test_numbers_are_taken_anew_after_a_while_and_given_back_in_the_end(place: str, clock: Clock) -> None:
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        first = store._track_ids.allocate_id()
        assert store._track_ids.allocate_id() == first + 1
        clock.ahead_s += 2 * 3600
        assert store._track_ids.allocate_id() == first + 16
        clock.ahead_s += 48 * 3600
        assert store._track_ids.abandoned_ranges() == [range(first + 16, first + 32)]
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        assert store._track_ids.abandoned_ranges() == []


def test_who_slept_while_it_wrote_names_nothing(place: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        write_blocks = store._write_blocks

        def sleeping(number: int, packed: Sequence[bytes]) -> int:
            clock.ahead_s += 2 * 24 * 3600
            return write_blocks(number, packed)

        monkeypatch.setattr(store, "_write_blocks", sleeping)
        with pytest.raises(EngineError, match="slept"):
            put_track(store, 20)
        assert store.list_tracks(VIDEO.id) == []
