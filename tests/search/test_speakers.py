"""The words of speakers are counted once for each transcript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import vidindex
from tests.conftest import Write
from vidindex.model import TrackWords
from vidindex.search.source import WordSource
from vidindex.search.speakers import KnownSpeakerWords, SpeakerWords


class _Reads(WordSource):
    """Counts of words that records which tracks are read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        return iter(())

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, Mapping[str, int]]]:
        for track in tracks:
            self.read.append(track)
            yield track, {"Vale": track}


def test_only_new_tracks_are_read_again() -> None:
    store = _Reads()
    known = KnownSpeakerWords(store)
    assert dict(known.count_speaker_words([1, 2])) == {1: {"Vale": 1}, 2: {"Vale": 2}}
    assert dict(known.count_speaker_words([2, 3, 1])) == {1: {"Vale": 1}, 2: {"Vale": 2}, 3: {"Vale": 3}}
    assert store.read == [1, 2, 3]


def test_no_more_counts_are_kept_than_the_limit() -> None:
    store = _Reads()
    known = KnownSpeakerWords(store, max_counts=2)
    for _ in range(2):
        list(known.count_speaker_words([1, 2, 3]))
    assert store.read == [1, 2, 3, 3]


def test_speakers_are_those_of_the_index_after_each_change(index: vidindex.Index, write: Write) -> None:
    index.add(write("first.en.vtt", "<v Vale>I never took the time off", "<v Host>And why not?"))
    assert index.speakers() == [SpeakerWords("Vale", 6, 1), SpeakerWords("Host", 3, 1)]
    index.add(write("second.en.vtt", "<v Host>Good evening and welcome to the show"))
    assert index.speakers() == [SpeakerWords("Host", 10, 2), SpeakerWords("Vale", 6, 1)]
    index.add(write("first.en.vtt", "<v Vale>I always took the time off work"))
    assert index.speakers() == [SpeakerWords("Host", 7, 1), SpeakerWords("Vale", 7, 1)]
    index.remove("file:second")
    assert index.speakers() == [SpeakerWords("Vale", 7, 1)]
