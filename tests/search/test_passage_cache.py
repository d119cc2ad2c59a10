"""The cache of passages always has the content of the index."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import vidindex
from tests.processes import HANG_S
from vidindex.model import Track, TrackContext, Transcript
from vidindex.search.passage_cache import PassageCache
from vidindex.transcripts.gist_windows import TranscriptWords


@dataclass
class RecordingSource:
    """A source of passages that records the requested ones."""

    passages: dict[int, str]
    requested: list[int] = field(default_factory=list)

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        raise NotImplementedError

    def block_texts(self, passages: Sequence[int]) -> dict[int, str]:
        self.requested += passages
        return {passage: self.passages[passage] for passage in passages if passage in self.passages}

    batch_size = 1

    def transcript_slices(self, spans: object) -> list[Transcript]:
        raise NotImplementedError

    def word_slices(self, spans: object) -> list[TranscriptWords]:
        raise NotImplementedError

    def track_contexts(self, tracks: object) -> dict[int, TrackContext]:
        raise NotImplementedError

    facet_contexts = track_contexts

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        raise NotImplementedError


def test_each_passage_is_read_once_alone_or_with_the_beginning_of_the_next() -> None:
    source = RecordingSource({1: "one", 2: "two", 3: "three"})
    cache = PassageCache(source)
    assert cache.passage_texts([1, 2, 9]) == {1: "one two", 2: "two three"}
    assert cache.block_texts([3]) == {3: "three"}
    assert cache.passage_texts([1, 2, 3]) == {1: "one two", 2: "two three", 3: "three"}
    assert cache.passage_texts([3]) == {3: "three"}
    assert source.requested == [1, 2, 3, 9, 10, 4]


def test_the_oldest_passages_are_evicted_at_the_size_limit() -> None:
    source = RecordingSource({number: f"{number} " + "word " * 100 for number in range(2000)})
    cache = PassageCache(source, max_bytes=100_000)
    for number in range(2000):
        assert cache.block_texts([number]) == {number: source.passages[number]}
        assert cache.block_texts([number]) == {number: source.passages[number]}
    assert len(source.requested) == 2000
    assert list(cache._texts) == list(range(2000 - len(cache._texts), 2000))
    assert 20 < len(cache._texts) < 200
    assert cache.block_texts([1]) == {1: source.passages[1]}
    assert source.requested.count(1) == 2


def test_a_passage_read_by_two_threads_is_counted_once() -> None:
    class SlowSource(RecordingSource):
        def block_texts(self, passages: Sequence[int]) -> dict[int, str]:
            both.wait(HANG_S)
            return super().block_texts(passages)

    both = threading.Barrier(2)
    cache = PassageCache(SlowSource({1: "one"}))
    readers = [threading.Thread(target=cache.block_texts, args=([1],)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    alone = PassageCache(RecordingSource({1: "one"}))
    alone.block_texts([1])
    assert cache._cached_bytes == alone._cached_bytes


def test_passages_replaced_by_another_index_object_are_read_again(tmp_path: Path) -> None:
    talk = tmp_path / "talk.en.vtt"
    talk.write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nherons never hurry at all\n")
    with vidindex.open(tmp_path / "index") as index, vidindex.open(tmp_path / "index") as other:
        index.add(talk)
        assert [hit.text for hit in index.search("herons never hurry")] == ["herons never hurry"]
        (number,) = other._store.list_track_ids()
        original = other._store.read_transcript(number)
        # The same words later in the track, as after an improvement of the caption parser.
        moved = Transcript(
            words=("so", *original.words),
            starts_ms=(0, *(at + 1000 for at in original.starts_ms)),
            ends_ms=(1000, *(at + 1000 for at in original.ends_ms)),
            tokens=("so", *original.tokens),
            word_index=(0, *(at + 1 for at in original.word_index)),
        )
        other._store.replace_transcript(number, moved)
        assert [(hit.text, hit.start_ms) for hit in index.search("herons never hurry")] == [
            ("herons never hurry", 1000)
        ]
