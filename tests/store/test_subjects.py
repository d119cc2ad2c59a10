"""The cache of track contexts and transcripts always matches the store, whoever wrote to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from vidindex.model import Article, Cue, Embed, Track, Video
from vidindex.store import open_store
from vidindex.store.base import Store
from vidindex.store.location import parse_location
from vidindex.store.sqlite.read_cache import MAX_CACHED_WORDS, ReadCache
from vidindex.store.sqlite.store import SqliteStore
from vidindex.transcripts.build import make_transcript

VIDEO = Video(id="site:1", url="https://v.example/1", title="Knots")
TRACK = Track("en", "manual", "vtt", "https://v.example/1.vtt")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one video, whose context is cached."""
    store = open_store(parse_location(tmp_path / "index"))
    store.put_video(VIDEO)
    store.put_track(VIDEO.id, TRACK, b"we tie", make_transcript([Cue(0, 2000, "we tie a knot")]))
    assert titles(store) == ["Knots", "Knots"]
    yield store
    store.close()


def titles(store: Store) -> list[str]:
    tracks = list(store.list_track_ids())
    both = (store.track_contexts(tracks), store.facet_contexts(tracks))
    return [context.video.title for contexts in both for context in contexts.values()]


def rename(store: Store) -> None:
    store.put_video(replace(VIDEO, title="Hitches"))


def test_a_write_of_this_thread_is_seen(store: Store) -> None:
    rename(store)
    assert titles(store) == ["Hitches", "Hitches"]


def test_a_new_article_is_seen(store: Store) -> None:
    embed = Embed("https://v.example/1", "v", "1", label="How to")
    store.put_article(Article("https://a.example/", title="Ropes"), [embed])
    store.set_embed_state("https://a.example/", embed.url, state="done", video=VIDEO.id)
    (track,) = store.list_track_ids()
    assert store.track_contexts([track])[track].label == "How to"
    assert [article.title for article in store.facet_contexts([track])[track].articles] == ["Ropes"]


def test_a_write_of_another_thread_is_seen(store: Store) -> None:
    for write, now in ((lambda: rename(store), "Hitches"), (lambda: store.put_video(VIDEO), "Knots")):
        _in_a_thread(write)
        assert titles(store) == [now, now]
    _in_a_thread(lambda: titles(store))
    rename(store)
    _in_a_thread(lambda: _expect(titles(store) == ["Hitches", "Hitches"]))


def test_a_write_of_another_store_object_is_seen(store: Store, tmp_path: Path) -> None:
    other = open_store(parse_location(tmp_path / "index"))
    assert titles(other) == ["Knots", "Knots"]
    rename(other)
    assert titles(store) == ["Hitches", "Hitches"]
    store.remove_video(VIDEO.id)
    assert titles(other) == []
    other.close()


def test_threads_share_what_was_read(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "index")) as store:
        store.put_video(VIDEO)
        store.put_track(VIDEO.id, TRACK, b"we tie", make_transcript([Cue(0, 2000, "we tie a knot")]))
        (track,) = store.list_track_ids()
        first = store.facet_contexts([track])[track]
        _in_a_thread(lambda: _expect(store.facet_contexts([track])[track] is first))


def test_a_transcript_is_read_again_only_after_a_write(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "index")) as store, closing(SqliteStore(tmp_path / "index")) as other:
        store.put_video(VIDEO)
        store.put_track(VIDEO.id, TRACK, b"we tie", make_transcript([Cue(0, 2000, "we tie a knot")]))
        (track,) = store.list_track_ids()
        first = store.read_transcript(track)
        assert store.read_transcript(track) is first
        other.replace_transcript(track, make_transcript([Cue(0, 2000, "we tie two knots")]))
        assert store.read_transcript(track).text == "we tie two knots"


def test_long_transcripts_replace_each_other() -> None:
    cache = ReadCache(0)
    long = make_transcript([Cue(0, 2_000_000, "word " * 25_000)])
    for track in range(5):
        cache.add_transcript(track, long)
    assert list(cache.transcripts) == [4]
    assert sum(len(each.words) for each in cache.transcripts.values()) <= MAX_CACHED_WORDS


def test_what_is_rolled_back_is_not_seen(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "index")) as store:
        store.put_video(VIDEO)
        store.put_track(VIDEO.id, TRACK, b"we tie", make_transcript([Cue(0, 2000, "we tie a knot")]))
        with suppress(KeyError), store._db.transaction() as sql:
            sql.execute("UPDATE video SET title = 'Hitches'")
            assert titles(store) == ["Hitches", "Hitches"]
            raise KeyError
        assert titles(store) == ["Knots", "Knots"]


def test_a_removed_track_has_no_context(store: Store) -> None:
    (track,) = store.list_track_ids()
    store.remove_video(VIDEO.id)
    assert store.track_contexts([track]) == store.facet_contexts([track]) == {}


def _expect(held: bool) -> None:
    assert held


def _in_a_thread(work: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # raised again in the thread of the test
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
