"""What searches remember is what the index holds."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import vidindex
from vidindex.model import TrackContext, Transcript
from vidindex.search.passage_cache import PassageCache


@dataclass
class Shelf:
    """Passages that may be asked for; those that were are noted."""

    held: dict[int, str]
    asked: list[int] = field(default_factory=list)

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        self.asked += passages
        return {passage: self.held[passage] for passage in passages if passage in self.held}

    batch_size = 1

    def transcript_slices(self, spans: object) -> list[Transcript]:
        raise NotImplementedError

    def track_contexts(self, tracks: object) -> dict[int, TrackContext]:
        raise NotImplementedError

    facet_contexts = track_contexts


def test_what_was_read_is_not_read_again() -> None:
    shelf = Shelf({1: "one", 2: "two", 3: "three"})
    recent = PassageCache(shelf)
    assert recent.passage_texts([1, 2, 9]) == {1: "one", 2: "two"}
    assert recent.passage_texts([1, 2, 3, 9]) == {1: "one", 2: "two", 3: "three"}
    assert shelf.asked == [1, 2, 9, 3, 9]


def test_it_holds_no_more_than_it_may_and_forgets_what_was_read_first() -> None:
    shelf = Shelf({number: f"{number} " + "word " * 100 for number in range(2000)})
    recent = PassageCache(shelf, max_bytes=100_000)
    for number in range(2000):
        assert recent.passage_texts([number]) == {number: shelf.held[number]}
        assert recent.passage_texts([number]) == {number: shelf.held[number]}
    assert len(shelf.asked) == 2000
    assert list(recent._texts) == list(range(2000 - len(recent._texts), 2000))
    assert 20 < len(recent._texts) < 200
    assert recent.passage_texts([1]) == {1: shelf.held[1]}
    assert shelf.asked.count(1) == 2


def test_what_two_threads_read_at_once_is_counted_once() -> None:
    class Slow(Shelf):
        def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
            both.wait(5)
            return super().passage_texts(passages)

    both = threading.Barrier(2)
    recent = PassageCache(Slow({1: "one"}))
    readers = [threading.Thread(target=recent.passage_texts, args=([1],)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    alone = PassageCache(Shelf({1: "one"}))
    alone.passage_texts([1])
    assert recent._cached_bytes == alone._cached_bytes


def test_what_another_process_rebuilt_is_read_anew(tmp_path: Path) -> None:
    talk = tmp_path / "talk.en.vtt"
    talk.write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nherons never hurry at all\n")
    with vidindex.open(tmp_path / "index") as index, vidindex.open(tmp_path / "index") as other:
        index.add(talk)
        assert [hit.text for hit in index.search("herons never hurry")] == ["herons never hurry"]
        (number,) = other._store.list_track_ids()
        kept = other._store.read_transcript(number)
        # The same words later in the track, as a better reading of the captions would have them.
        moved = Transcript(
            words=("so", *kept.words),
            starts_ms=(0, *(at + 1000 for at in kept.starts_ms)),
            ends_ms=(1000, *(at + 1000 for at in kept.ends_ms)),
            tokens=("so", *kept.tokens),
            word_index=(0, *(at + 1 for at in kept.word_index)),
        )
        other._store.replace_transcript(number, moved)
        assert [(hit.text, hit.start_ms) for hit in index.search("herons never hurry")] == [
            ("herons never hurry", 1000)
        ]
