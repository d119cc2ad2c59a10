"""Claims of machines that index at the same time: renewal, expiry, and the cleanup after crashes."""

from __future__ import annotations

import signal
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
    place = address()
    yield place
    discard(place)


class Clock(SimpleNamespace):
    """A clock that the test moves forward."""

    ahead_s = 0.0

    def time(self) -> float:
        return time.time() + self.ahead_s

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which claims expire and ranges of track ids count as abandoned."""
    clock = Clock()
    for module in ("index_sync", "track_ids"):
        monkeypatch.setattr(f"vidindex.store.opensearch.{module}.time", clock)
    return clock


def put_track(store: OpenSearchStore, words: int) -> None:
    store.put_video(VIDEO)
    text = " ".join(f"word{number}" for number in range(words))
    store.put_track(VIDEO.id, TRACK, text.encode(), make_transcript([Cue(0, 1000 * words, text)]))


def unclaimed(store: OpenSearchStore) -> list[int]:
    return store.pending_tracks(max_tracks=10, max_words=10_000)[0]


def test_a_long_indexing_run_keeps_its_claims(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as one,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(one, 2000)
        wanted, dropped = one.pending_tracks(max_tracks=10, max_words=10_000)
        tracks = one.claim_for_indexing(wanted)
        for _ in one.cut_passages(tracks):
            clock.ahead_s += CLAIM_LEASE_S / 3
            assert unclaimed(other) == []
        assert clock.ahead_s > 3 * CLAIM_LEASE_S
        one.confirm_indexed(tracks, dropped)
        assert not one.has_pending()


def test_claims_are_kept_while_the_vectors_of_many_tracks_are_computed(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as one,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        one.put_video(VIDEO)
        for language in ("en", "de", "fr", "es", "it"):
            track = Track(language, "manual", "vtt", f"https://v.example/{language}.vtt")
            one.put_track(VIDEO.id, track, language.encode(), make_transcript([Cue(0, 1000, f"said in {language}")]))
        tracks = one.claim_for_indexing(unclaimed(one))
        read = []
        for each in one.read_track_blocks(tracks):
            read.append((each.track, [" ".join(passage.tokens) for passage in each.cut_passages()]))
            clock.ahead_s += CLAIM_LEASE_S / 3
            assert unclaimed(other) == []
        assert clock.ahead_s > CLAIM_LEASE_S
        assert read == [(number, [one.read_transcript(number).text]) for number in tracks]


def test_the_claims_of_a_silent_machine_expire_after_five_minutes(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as dead,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(dead, 20)
        tracks = dead.claim_for_indexing(unclaimed(dead))
        assert unclaimed(other) == []
        clock.ahead_s += 5 * 60 + 1
        assert unclaimed(other) == tracks
        assert other.claim_for_indexing(tracks) == tracks


def test_a_machine_that_was_suspended_too_long_does_not_take_its_claims_back(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as late,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(late, 2000)
        tracks = late.claim_for_indexing(unclaimed(late))
        passages = late.cut_passages(tracks)
        next(passages)
        clock.ahead_s += CLAIM_LEASE_S + 1
        assert other.claim_for_indexing(unclaimed(other)) == tracks
        assert len(list(passages)) > 3
        clock.ahead_s += CLAIM_LEASE_S - 60  # the machine of the tests may be slow
        assert unclaimed(late) == []  # claimed by the other machine
        clock.ahead_s += 61
        assert unclaimed(late) == tracks


_DIE = """
import os, signal, sys
from vidindex.store.opensearch.endpoint import parse_endpoint
from vidindex.model import Cue, Track, Video
from vidindex.store.opensearch.store import OpenSearchStore
from vidindex.transcripts.build import make_transcript
store = OpenSearchStore(parse_endpoint(sys.argv[1]))
store.put_video(Video("site:2", "https://v.example/2"))
store._register_track = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
text = " ".join(f"left{number}" for number in range(2000))
track = Track("en", "manual", "vtt", "https://v.example/2.vtt")
store.put_track("site:2", track, text.encode(), make_transcript([Cue(0, 100_000, text)]))
"""
"""Writes the data of a track, and is killed before the video names the track."""


def count_track_data(store: OpenSearchStore) -> tuple[int, int]:
    """Count the caption files and blocks, whether a video names their track or not."""
    counts = []
    for documents in (store._indices.captions, store._indices.blocks):
        documents.refresh()
        counts.append(documents.count({"match_all": {}}))
    return counts[0], counts[1]


def test_the_data_of_a_killed_writer_is_deleted_a_day_later(place: str, clock: Clock) -> None:
    with (
        closing(OpenSearchStore(parse_endpoint(place))) as one,
        closing(OpenSearchStore(parse_endpoint(place))) as other,
    ):
        put_track(one, 2000)
        (track,) = other.claim_for_indexing(unclaimed(other))
        before = count_track_data(one)
        died = subprocess.run([sys.executable, "-c", _DIE, place], check=False)
        assert died.returncode == -signal.SIGKILL
        left = count_track_data(one)
        assert left > before
        assert one.has_pending()
        clock.ahead_s += 3600
        assert other.has_pending()
        assert count_track_data(one) == left  # its machine may still be alive
        clock.ahead_s += 24 * 3600
        assert other.has_pending()
        assert count_track_data(one) == before
        assert len(one.read_transcript(track).words) == 2000
        assert one.read_raw_captions(track).startswith(b"word0 word1")


def test_a_range_of_track_ids_is_replaced_after_an_hour_and_released_at_the_end(place: str, clock: Clock) -> None:
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        first = store._track_ids.allocate_id()
        assert store._track_ids.allocate_id() == first + 1
        clock.ahead_s += 2 * 3600
        assert store._track_ids.allocate_id() == first + 16
        clock.ahead_s += 48 * 3600
        assert store._track_ids.abandoned_ranges() == [range(first + 16, first + 32)]
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        assert store._track_ids.abandoned_ranges() == []


def test_a_machine_that_was_suspended_during_a_write_adds_no_track(
    place: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        write_blocks = store._write_blocks

        def suspended(track_id: int, packed: Sequence[bytes]) -> None:
            clock.ahead_s += 2 * 24 * 3600
            write_blocks(track_id, packed)

        monkeypatch.setattr(store, "_write_blocks", suspended)
        with pytest.raises(EngineError, match="was suspended"):
            put_track(store, 20)
        assert store.list_tracks(VIDEO.id) == []


def test_the_first_track_locks_out_versions_that_cannot_read_the_times_of_cues(place: str) -> None:
    with closing(OpenSearchStore(parse_endpoint(place))) as store:
        store._indices.update_settings(lambda _: {"format": 2})  # that of an older version
        store.put_video(VIDEO)
        assert store._indices.read_settings()["format"] == 2
        put_track(store, 3)
        assert store._indices.read_settings()["format"] > 2
