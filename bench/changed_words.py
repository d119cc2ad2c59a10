"""Write caption files with changed words: more text for measurements than there is, without repeating a talk.

    python bench/changed_words.py CAPTIONS_DIR OUTPUT_DIR --words 1e8

The first files are copies of the originals, each distinct one once.  If they have fewer words than asked for, all files
are used again as often as necessary, with their cues and times, and the number of words in each cue, but other words:

1. The text is a random walk through all originals: after each word, with a probability of a half, it goes on behind
   another place of the same word.  Frequencies of words and of pairs of words stay; longer phrases are new.
2. A tenth of the words is then replaced by words of similar frequency, each by the same one in all files of a
   round, and by an invented word (the halves of two rare words) if it is rare.  Therefore the vocabulary and the number
   of distinct pairs grow as they do within the originals.

The same files in the same order give the same text.  Each file gets an `info.json` file, as yt-dlp writes it, with an
invented id, one of 40 channels, and a day of the ten years from 2015 on.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import accumulate, repeat
from pathlib import Path
from shutil import copyfile

CHANGED = 0.1
"""The share of words that are replaced by other ones."""
RARE = 3
CHANNELS = 40
_TAG = re.compile(r"<[^>]*>")
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3_650

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Talk:
    """A file that was written; *spoken* are its words."""

    path: Path
    spoken: Words
    is_original: bool


def find_captions(folders: Sequence[Path]) -> list[Path]:
    """Return the WebVTT files in *folders* and below, each content once, in sorted order."""
    distinct: dict[bytes, Path] = {}
    for file in sorted(file for folder in folders for file in folder.rglob("*.vtt")):
        distinct.setdefault(sha256(file.read_bytes()).digest(), file)
    return list(distinct.values())


def read_cues(file: Path) -> Iterator[tuple[str, Words]]:
    """Yield the line with the times and the words of each cue, without tags."""
    for block in file.read_text("utf-8", "replace").split("\n\n"):
        head, arrow, tail = block.partition(" --> ")
        if arrow:
            end, _, text = tail.partition("\n")
            yield f"{head.rpartition(chr(10))[2]} --> {end}", _TAG.sub("", text).split()


def write_talks(files: Sequence[Path], folders: Iterator[Path]) -> Iterator[Talk]:
    """Write talks without end: the originals *files*, then changed ones; *folders* yields the folder of each."""
    mill: _Mill | None = None
    for number, folder in enumerate(folders):
        round_number, at = divmod(number, len(files))
        file = files[at]
        path = folder / f"t{number:06d}.vtt"
        _write_info(path.with_suffix(".info.json"), number)
        if not round_number:
            copyfile(file, path)  # links that lead out of a folder are refused
            yield Talk(path, [word for _, words in read_cues(file) for word in words], is_original=True)
            continue
        mill = mill or _Mill(files)
        cues = list(mill.change(file, round_number, at))
        path.write_text("WEBVTT\n\n" + "".join(f"{times}\n{' '.join(words)}\n\n" for times, words in cues), "utf-8")
        yield Talk(path, [word for _, words in cues for word in words], is_original=False)


def _write_info(path: Path, number: int) -> None:
    chooser = random.Random(number)
    day = _FIRST_DAY + timedelta(days=chooser.randrange(_DAYS))
    channel = chooser.randrange(CHANNELS)
    info = {
        "id": path.name.partition(".")[0],
        "extractor_key": "Bench",
        "title": f"Talk {number}",
        "channel": f"Channel {channel}",
        "upload_date": f"{day:%Y%m%d}",
        "webpage_url": f"https://site{channel % 8}.example/watch/{number}",
    }
    path.write_text(json.dumps(info), "utf-8")


class _Mill:
    """The words of all originals, and where each word stands."""

    def __init__(self, files: Sequence[Path]) -> None:
        spoken = [word for file in files for _, words in read_cues(file) for word in words]
        counts = Counter(spoken)
        self._words = sorted(counts, key=lambda word: (-counts[word], word))
        self._counts = array("I", (counts[word] for word in self._words))
        numbers = {word: number for number, word in enumerate(self._words)}
        self._text = array("I", map(numbers.__getitem__, spoken))
        self._starts = array("I", accumulate(self._counts, initial=0))
        self._places = array("I", sorted(range(len(spoken)), key=self._text.__getitem__))
        self._round = 0
        self._others: Words = ()

    def change(self, file: Path, round_number: int, number: int) -> Iterator[tuple[str, Words]]:
        """Yield the cues of *file* with other words."""
        if round_number != self._round:
            self._round, self._others = round_number, self._choose_others(round_number)
        walk = self._walk(random.Random(f"{round_number} {number}"))
        for times, words in read_cues(file):
            yield times, [next(walk) for _ in words]

    def _walk(self, chooser: random.Random) -> Iterator[str]:
        text, words, places, starts, counts = self._text, self._words, self._places, self._starts, self._counts
        others, chance, last = self._others, chooser.random, len(self._text) - 1
        at = chooser.randrange(last)
        while True:
            at = at + 1 if at < last else 0
            word = text[at]
            if chance() < 0.5:
                at = places[starts[word] + int(chance() * counts[word])]
            yield others[word] if chance() < CHANGED else words[word]

    def _choose_others(self, round_number: int) -> Words:
        """Return the word that takes the place of each word; the bands of similar frequency grow with the rank."""
        chooser = random.Random(round_number)
        others: list[str] = []
        while len(others) < len(self._words):
            start = len(others)
            band = self._words[start : start + 2 + start // 8]
            if self._counts[start] <= RARE:
                rare = self._words[start:]
                band = [_join_halves(word, chooser.choice(rare)) for word in rare]
            chooser.shuffle(band)
            others += band
        return others


def _join_halves(one: str, other: str) -> str:
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def main() -> None:
    """Write files until they have as many words as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, nargs="+", help="folders of WebVTT files")
    parser.add_argument("output", metavar="OUTPUT_DIR", type=Path, help="folder that the files are written to")
    parser.add_argument("--words", metavar="N", type=float, default=1e8, help="number of words (default: 1e8)")
    args = parser.parse_args()
    args.output.mkdir(parents=True)
    words = talks = originals = 0
    for talk in write_talks(find_captions(args.captions), repeat(args.output)):
        words, talks, originals = words + len(talk.spoken), talks + 1, originals + talk.is_original
        if words >= args.words:
            break
    print(f"{words:,} words in {talks:,} files, {originals:,} of them originals")


if __name__ == "__main__":
    main()
