"""What the engine is to be given: nothing that changes while it is given gets lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vidindex.model import Cue, Track, Video
from vidindex.store.base import Store
from vidindex.transcripts.build import make_transcript

VIDEO = Video(id="site:1", url="https://v.example/1", title="Knots")
TRACK = Track("en", "manual", "vtt", "https://v.example/1.vtt")


@pytest.fixture
def store(empty_store: Store) -> Store:
    """A store with one video, which the engine was not given yet."""
    empty_store.put_video(VIDEO)
    put_track(empty_store, "we tie a knot")
    return empty_store


@pytest.fixture
def _dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a machine that holds tracks: in a folder nobody ever does."""
    monkeypatch.setattr("vidindex.store.opensearch.index_sync.CLAIM_LEASE_S", -1.0)


def put_track(store: Store, said: str) -> None:
    store.put_track(VIDEO.id, TRACK, said.encode(), make_transcript([Cue(0, 2000, said)]))


def waiting(store: Store) -> tuple[list[int], list[int]]:
    return store.pending_tracks(max_tracks=10, max_words=1000)


def test_what_the_engine_was_given_waits_no_more(store: Store) -> None:
    tracks, dropped = waiting(store)
    assert (len(tracks), store.count_pending_words(), store.collect_stats().pending) == (1, 4, 1)
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, dropped)
    assert waiting(store)[0] == []
    assert (store.has_pending(), store.count_pending_words(), store.collect_stats().pending) == (False, 0, 0)


@pytest.mark.usefixtures("_dies")
def test_what_a_killed_run_was_giving_is_given_again(store: Store) -> None:
    tracks, _ = waiting(store)
    store.claim_for_indexing(tracks)
    assert store.has_pending()
    assert waiting(store)[0] == tracks
    assert (store.count_pending_words(), store.collect_stats().pending) == (4, 1)


def test_a_video_that_changes_while_it_is_given_is_given_again(store: Store) -> None:
    tracks, dropped = waiting(store)
    store.claim_for_indexing(tracks)
    store.put_video(replace(VIDEO, title="Knots and hitches"))
    store.confirm_indexed(tracks, dropped)
    assert waiting(store)[0] == tracks


def test_a_track_that_is_replaced_while_it_is_given_is_forgotten(store: Store) -> None:
    tracks, dropped = waiting(store)
    store.claim_for_indexing(tracks)
    put_track(store, "we tie a bow")
    store.confirm_indexed(tracks, dropped)
    again, forgotten = waiting(store)
    assert forgotten == tracks
    assert len(again) == 1
    assert again != tracks


def test_a_video_that_changes_during_a_rebuild_is_given_again(store: Store) -> None:
    tracks, dropped = waiting(store)
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, dropped)
    with store.rebuild_lock():
        store.claim_for_indexing(tracks)  # for the new engine
        store.put_video(replace(VIDEO, title="Knots and hitches"))
        store.switch_engine("whoosh", "whoosh-2")
    assert waiting(store)[0] == tracks
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, [])
    assert not store.has_pending()
