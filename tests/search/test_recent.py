"""What searches remember is what the index holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import vidindex
from vidindex.model import Subject, Transcript
from vidindex.search.recent import Recent


@dataclass
class Shelf:
    """Passages that may be asked for; those that were are noted."""

    texts: dict[int, str]
    asked: list[int] = field(default_factory=list)

    def tokens(self, passages: Sequence[int]) -> dict[int, str]:
        self.asked += passages
        return {passage: self.texts[passage] for passage in passages if passage in self.texts}

    at_once = 1

    def stretches(self, spans: object) -> list[Transcript]:
        raise NotImplementedError

    def subjects(self, tracks: object) -> dict[int, Subject]:
        raise NotImplementedError

    counted = subjects


def test_what_was_read_is_not_read_again() -> None:
    shelf = Shelf({1: "one", 2: "two", 3: "three"})
    recent = Recent(shelf)
    assert recent.tokens([1, 2, 9]) == {1: "one", 2: "two"}
    assert recent.tokens([1, 2, 3, 9]) == {1: "one", 2: "two", 3: "three"}
    assert shelf.asked == [1, 2, 9, 3]


def test_it_holds_no_more_than_it_may_and_forgets_what_was_not_asked_for() -> None:
    shelf = Shelf({number: f"{number} " + "word " * 100 for number in range(2000)})
    recent = Recent(shelf, most_bytes=100_000)
    for number in range(1, 2000):
        assert recent.tokens([0, number]) == {0: shelf.texts[0], number: shelf.texts[number]}
    assert shelf.asked.count(0) == 1
    held = {**recent._fresh, **recent._former}
    assert 20 < len(held) < 200
    assert recent.tokens([1]) == {1: shelf.texts[1]}
    assert shelf.asked.count(1) == 2


def test_what_another_process_rebuilt_is_read_anew(tmp_path: Path) -> None:
    talk = tmp_path / "talk.en.vtt"
    talk.write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nherons never hurry at all\n")
    with vidindex.open(tmp_path / "index") as index, vidindex.open(tmp_path / "index") as other:
        index.add(talk)
        assert [hit.text for hit in index.search("herons never hurry")] == ["herons never hurry"]
        (number,) = other._store.all_tracks()
        kept = other._store.transcript(number)
        # The same words later in the track, as a better reading of the captions would have them.
        moved = Transcript(
            words=("so", *kept.words),
            starts_ms=(0, *(at + 1000 for at in kept.starts_ms)),
            ends_ms=(1000, *(at + 1000 for at in kept.ends_ms)),
            tokens=("so", *kept.tokens),
            origins=(0, *(at + 1 for at in kept.origins)),
        )
        other._store.renew_transcript(number, moved)
        assert [(hit.text, hit.start_ms) for hit in index.search("herons never hurry")] == [
            ("herons never hurry", 1000)
        ]
