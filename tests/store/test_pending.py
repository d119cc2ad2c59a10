"""Which tracks are pending: a change during indexing is never lost."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from vidindex.model import Cue, Track, Video
from vidindex.store import open_store
from vidindex.store.base import Store
from vidindex.transcripts.build import make_transcript

VIDEO = Video(id="site:1", url="https://v.example/1", title="Knots")
TRACK = Track("en", "manual", "vtt", "https://v.example/1.vtt")


@pytest.fixture
def store(empty_store: Store) -> Store:
    """A store with one video that is not indexed yet."""
    empty_store.put_video(VIDEO)
    put_track(empty_store, "we tie a knot")
    return empty_store


@pytest.fixture
def _claims_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let claims expire at once, as if the machine that holds them had crashed; a folder has no claims."""
    monkeypatch.setattr("vidindex.store.opensearch.index_sync.CLAIM_LEASE_S", -1.0)


def put_track(store: Store, text: str) -> None:
    store.put_track(VIDEO.id, TRACK, text.encode(), make_transcript([Cue(0, 2000, text)]))


def pending(store: Store) -> tuple[list[int], list[int]]:
    return store.pending_tracks(max_tracks=10, max_words=1000)


def test_an_indexed_track_is_not_pending(store: Store) -> None:
    tracks, dropped = pending(store)
    assert (len(tracks), store.count_pending_words(), store.collect_stats().pending) == (1, 4, 1)
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, dropped)
    assert pending(store)[0] == []
    assert (store.has_pending(), store.count_pending_words(), store.collect_stats().pending) == (False, 0, 0)


@pytest.mark.usefixtures("_claims_expire")
def test_a_track_whose_indexing_was_interrupted_is_pending(store: Store) -> None:
    tracks, _ = pending(store)
    store.claim_for_indexing(tracks)
    assert store.has_pending()
    assert pending(store)[0] == tracks
    assert (store.count_pending_words(), store.collect_stats().pending) == (4, 1)


def test_a_video_that_changes_while_it_is_indexed_is_pending_again(store: Store) -> None:
    tracks, dropped = pending(store)
    store.claim_for_indexing(tracks)
    store.put_video(replace(VIDEO, title="Knots and hitches"))
    store.confirm_indexed(tracks, dropped)
    assert pending(store)[0] == tracks


def test_a_track_that_is_replaced_while_it_is_indexed_is_dropped(store: Store) -> None:
    tracks, dropped = pending(store)
    store.claim_for_indexing(tracks)
    put_track(store, "we tie a bow")
    store.confirm_indexed(tracks, dropped)
    new_tracks, now_dropped = pending(store)
    assert now_dropped == tracks
    assert len(new_tracks) == 1
    assert new_tracks != tracks


def test_a_video_that_changes_during_a_rebuild_is_pending_again(store: Store) -> None:
    tracks, dropped = pending(store)
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, dropped)
    with store.rebuild_lock():
        store.claim_for_indexing(tracks)  # for the new engine
        store.put_video(replace(VIDEO, title="Knots and hitches"))
        store.switch_engine("whoosh", "whoosh-2")
    assert pending(store)[0] == tracks
    store.claim_for_indexing(tracks)
    store.confirm_indexed(tracks, [])
    assert not store.has_pending()


def test_a_rebuild_replaces_the_warnings_of_a_track_whose_words_stay(store: Store) -> None:
    (number,), _ = pending(store)
    again = replace(make_transcript([Cue(0, 2000, "we tie a knot")]), warnings=("a cue had no end time",))
    assert not store.replace_transcript(number, again)
    assert store.list_tracks(VIDEO.id) == [(number, replace(TRACK, warnings=again.warnings))]


def test_passages_are_those_of_the_stored_track_whoever_packed_it(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store, closing(open_store(tmp_path)) as other:
        store.put_video(VIDEO)
        put_track(store, "we tie a knot")
        (track,) = pending(store)[0]
        assert list(store.cut_passages([track])) == list(other.cut_passages([track]))
        other.replace_transcript(track, make_transcript([Cue(0, 2000, "we untie it")]))
        assert [passage.tokens for passage in store.cut_passages([track])] == [("we", "untie", "it")]
