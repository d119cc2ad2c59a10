"""Compare the search with an exhaustive aligner, which looks at every window of every track and knows no threshold.

    python bench/exhaustive.py CAPTIONS_DIR QUOTES_JSONL [--words 6 8 12 20] [--index FOLDER] [--verbose]

The files and the rules are those of `quotes.py`.  Each quote is compared with the window of as many tokens at each
token of each track: by tokens, by letters, and by consonants that sound alike (rapidfuzz, each the best 300).  The mean
of the three ranks the windows.  It takes seconds of CPU time for each quote of ten million words, so it is no way to
search, but it shows which quotes can be found at all.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

import vidindex
from vidindex import make_transcript, read_captions
from vidindex.search.query import tokenize_text

_EARLY_MS, _LATE_MS = 6_000, 4_000
_RANKS = 10
_BEST_WINDOWS = 300

_SOUND_RULES = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        ("^[kgp]n", "n"),
        ("wr", "r"),
        ("ph", "f"),
        ("tch|ch|sh|[st]i(?=o)|j|dg", "x"),
        ("ck|q|c(?![eiy])", "k"),
        ("gh", ""),
        ("[cz]", "s"),
        ("d", "t"),
        ("b", "p"),
        ("g", "k"),
        ("v", "f"),
        ("(?<=.)[aeiouyhw]", ""),
        (r"(.)\1+", r"\1"),
    )
)


def code_sound(token: str) -> str:
    """Return the consonants of an English word, with those that sound alike as one letter."""
    for pattern, code in _SOUND_RULES:
        token = pattern.sub(code, token)
    return token


@dataclass(slots=True)
class Speech:
    """The tokens of all tracks, one after the other, and their windows in three codes."""

    tokens: list[str] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    """The track and the start in milliseconds of each token."""

    _letters: dict[str, str] = field(default_factory=dict)
    _sounds: dict[str, str] = field(default_factory=dict)
    _windows: dict[int, tuple[list[str], list[str], list[str]]] = field(default_factory=dict)

    def add(self, name: str, transcript: vidindex.Transcript) -> None:
        """Add the tokens of a track."""
        for token, word in zip(transcript.tokens, transcript.word_index, strict=True):
            self.tokens.append(token)
            self.places.append((name, transcript.starts_ms[word]))

    def find_best(self, text: str, count: int = _RANKS) -> list[tuple[str, int]]:
        """Return the track and the start of the *count* windows that are most like *text*; none overlaps a better."""
        tokens = list(tokenize_text(text))
        if not tokens or not self.tokens:
            return []
        windows = self._windows_of(len(tokens))
        codes = self._encode(tokens)
        near: set[int] = set()
        for code, texts in zip(codes, windows, strict=True):
            near.update(at for _, _, at in process.extract(code, texts, scorer=fuzz.ratio, limit=_BEST_WINDOWS))
        ranked = sorted(
            near,
            key=lambda at: (-sum(fuzz.ratio(code, each[at]) for code, each in zip(codes, windows, strict=True)), at),
        )
        chosen: list[int] = []
        for at in ranked:
            if all(abs(at - other) >= len(tokens) for other in chosen):
                chosen.append(at)
            if len(chosen) == count:
                break
        return [self.places[at] for at in chosen]

    def _windows_of(self, size: int) -> tuple[list[str], list[str], list[str]]:
        if size not in self._windows:
            self._windows.clear()  # one length at a time fits in memory
            runs = [self.tokens[at : at + size] for at in range(max(1, len(self.tokens) - size + 1))]
            codes = [self._encode(run) for run in runs]
            self._windows[size] = ([c[0] for c in codes], [c[1] for c in codes], [c[2] for c in codes])
        return self._windows[size]

    def _encode(self, tokens: Sequence[str]) -> tuple[str, str, str]:
        """Return *tokens* as one letter each, as their letters, and as their sounds."""
        for token in tokens:
            if token not in self._letters:
                self._letters[token] = chr(0x10000 + len(self._letters))
                self._sounds[token] = code_sound(token)
        return (
            "".join(map(self._letters.__getitem__, tokens)),
            "".join(tokens),
            "".join(map(self._sounds.__getitem__, tokens)),
        )


def read_speech(folder: Path) -> Speech:
    """Return the tokens of all captions in *folder*."""
    speech = Speech()
    for path in sorted(folder.rglob("*.vtt")):
        speech.add(path.stem, make_transcript(read_captions(path.read_bytes(), name=path.name)))
    return speech


def find_rank(places: Sequence[tuple[str, int]], quote: dict[str, Any]) -> int:
    """Return the rank of the place where *quote* was said, from 0; -1 if it is not among *places*."""
    wanted_ms = round(1000 * quote["start"])
    for rank, (name, start_ms) in enumerate(places):
        if name == quote["video"] and -_EARLY_MS <= start_ms - wanted_ms <= _LATE_MS:
            return rank
    return -1


def main() -> None:
    """Print recall of both for each length, and the quotes that only one of them finds."""
    args = _arguments()
    quotes = [json.loads(line) for line in args.quotes.read_text(encoding="utf-8").splitlines()]
    speech = read_speech(args.captions)
    print(f"{len(speech.tokens):,} tokens, {args.captions}")
    print("words  exhaustive @1  @10     vidindex @1  @10    only exhaustive  only vidindex")
    with _opened(args) as index:
        for words in args.words:
            _compare(speech, index, [quote for quote in quotes if quote["words"] == words], verbose=args.verbose)


def _compare(speech: Speech, index: vidindex.Index, quotes: Sequence[dict[str, Any]], *, verbose: bool) -> None:
    order = sorted(quotes, key=lambda quote: len(tokenize_text(quote["quote"])))  # windows are made once a length
    best = {quote["id"]: find_rank(speech.find_best(quote["quote"]), quote) for quote in order}
    found = {quote["id"]: find_rank(_search(index, quote["quote"]), quote) for quote in order}
    figures = [
        sum(0 <= rank < ranks for rank in each.values()) / len(order) for each in (best, found) for ranks in (1, 10)
    ]
    lost = [quote for quote in order if found[quote["id"]] < 0 <= best[quote["id"]]]
    gained = [quote for quote in order if best[quote["id"]] < 0 <= found[quote["id"]]]
    print(
        f"{order[0]['words']:5}         {figures[0]:.3f}  {figures[1]:.3f}         {figures[2]:.3f}  {figures[3]:.3f}"
        f"    {len(lost):15}  {len(gained):13}"
    )
    for quote in lost if verbose else ():
        print(f"      rank {best[quote['id']]}: {quote['quote']} ({quote['video']}, {quote['start']} s)")


def _search(index: vidindex.Index, text: str) -> list[tuple[str, int]]:
    return [(hit.video.id.partition(":")[2], hit.start_ms) for hit in index.search(text, limit=_RANKS)]


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[vidindex.Index]:
    with tempfile.TemporaryDirectory() as temporary, vidindex.open(args.index or temporary) as index:
        if not index.stats().tracks:
            index.add(args.captions)
        yield index


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of WebVTT files")
    parser.add_argument("quotes", metavar="QUOTES_JSONL", type=Path, help="file of quotes")
    parser.add_argument("--words", type=int, nargs="*", default=[6, 8, 12, 20], help="lengths (default: 6 8 12 20)")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="folder for the index, kept between runs")
    parser.add_argument(
        "--verbose", action="store_true", help="print the quotes that only the exhaustive aligner finds"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
