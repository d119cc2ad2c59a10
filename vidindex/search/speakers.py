"""The speakers that captions name, with the number of their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..engines.cpu_limit import check_cpu_time
from ..model import TrackWords
from .source import WordSource
from .trend import longest_tracks

_MAX_KEPT_COUNTS = 200_000
"""Maximum numbers of words by track and speaker that are kept, about 30 MB; a track without speakers has one."""


@dataclass(frozen=True, slots=True)
class SpeakerWords:
    """A speaker as captions name them, with the number of their words and of the videos in which they speak."""

    name: str
    words: int
    videos: int


class KnownSpeakerWords(WordSource):
    """Keeps how many words each speaker has in a track: valid as long as no transcript in *store* is replaced.

    New tracks have new numbers, so that only they are read after a write.  Threads may share it.
    """

    def __init__(self, store: WordSource, *, max_counts: int = _MAX_KEPT_COUNTS) -> None:
        self._store = store
        self._max_counts = max_counts
        self._known: dict[int, Mapping[str, int]] = {}
        self._kept_counts = 0

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        return self._store.list_indexed_tracks()

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, Mapping[str, int]]]:
        wanted = list(tracks)
        known = self._known
        yield from ((track, known[track]) for track in wanted if track in known)
        for track, counts in self._store.count_speaker_words([track for track in wanted if track not in known]):
            if self._kept_counts < self._max_counts:
                known[track] = counts
                self._kept_counts += max(1, len(counts))
            yield track, counts


def count_speakers(store: WordSource) -> list[SpeakerWords]:
    """Return the speakers that the longest indexed track of each video names, those with the most words first."""
    words: Counter[str] = Counter()
    videos: Counter[str] = Counter()
    tracks = longest_tracks(store.list_indexed_tracks())
    for _, counts in store.count_speaker_words([track.track for track in tracks]):
        check_cpu_time()
        words.update(counts)
        videos.update(counts.keys())
    del words[""]
    return [
        SpeakerWords(name, count, videos[name])
        for name, count in sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
