"""The speakers that captions name, with the number of their words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..engines.cpu_limit import check_cpu_time
from .source import WordSource
from .trend import longest_tracks


@dataclass(frozen=True, slots=True)
class SpeakerWords:
    """A speaker as captions name them, with the number of their words and of the videos in which they speak."""

    name: str
    words: int
    videos: int


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
