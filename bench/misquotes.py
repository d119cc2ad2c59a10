"""Measure how well misquoted words are found: 21 kinds of misquotation, each at several lengths.

    python bench/misquotes.py CAPTIONS_DIR QUOTES_JSONL [--background DIR…] [--engine tantivy] [--index FOLDER]
        [--each 50] [--words 8 12 20]

The files are those of `quotes.py`.  Each quote is changed as people misremember, retell and print what was said; the
kinds and their order of difficulty follow from reading misquotations in articles.  A hit is correct under the rules of
`quotes.py`, apart from the words that were cut off or swapped.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import vidindex

sys.path.insert(0, str(Path(__file__).parents[1]))

_LATE_MS = 4_000
_SLACK_MS = 12_000
"""A clause that was cut off or swapped takes less time than this."""

Words = list[str]
Change = Callable[[Words, random.Random], Words]

_SYNONYMS = """
big large; start begin; help assist; think believe; people folks; good great; get receive; need require; want wish;
buy purchase; quarter period; year month; see notice; talk speak; increase growth; strong solid; business company;
customers clients; market sector; say mention; look appear; continue proceed; product item; team group; key crucial;
really truly; now currently; also too; many numerous; last previous; next following; much lots; work labor; new fresh;
costs expenses; money cash; plan strategy; change shift; result outcome; question query; answer reply; thanks thank;
first initial; end finish; small little; high elevated; low reduced; way manner; part portion; show demonstrate;
"""
_SYNONYM = {
    one: other
    for pair in _SYNONYMS.split(";")
    if pair.strip()
    for first, second in [pair.split()]
    for one, other in ((first, second), (second, first))
}
_FUNCTION_WORDS = {
    "the": "a", "a": "the", "in": "on", "on": "in", "of": "for", "for": "of", "to": "for", "that": "which", "and": "or",
    "this": "that", "with": "by", "at": "in", "from": "of", "our": "the", "so": "and", "but": "and", "as": "like",
}  # fmt: skip
_PRONOUNS = {
    "i": "he", "we": "they", "you": "I", "my": "his", "our": "their", "me": "him", "us": "them", "your": "my",
    "i'm": "he's", "we're": "they're", "we've": "they've", "i've": "he's", "they": "we", "he": "I",
}  # fmt: skip
_TENSES = {
    "is": "was", "are": "were", "have": "had", "has": "had", "do": "did", "will": "would", "can": "could", "was": "is",
    "were": "are", "going": "gone", "see": "saw", "think": "thought", "had": "have", "be": "been", "get": "got",
}  # fmt: skip
_HOMOPHONES = {
    "there": "their", "their": "there", "to": "too", "your": "you're", "its": "it's", "for": "four", "by": "buy",
    "then": "than", "than": "then", "are": "our", "our": "are", "we": "wee", "right": "write", "know": "no",
}  # fmt: skip
_FILLERS = ("you know", "I mean", "sort of", "really", "basically", "um", "well", "actually")


def _positions(words: Words, chooser: random.Random, count: int) -> list[int]:
    return sorted(chooser.sample(range(len(words)), min(count, len(words))))


def _replace(table: dict[str, str], share: float = 1.0) -> Change:
    """Return a change that replaces the words in *table*, or else leaves out a word."""

    def change(words: Words, chooser: random.Random) -> Words:
        plain = [re.sub(r"[^\w']", "", word).lower() for word in words]
        hits = [at for at, word in enumerate(plain) if word in table]
        chosen = set(chooser.sample(hits, max(1, round(share * len(hits))))) if hits else set()
        return [table[plain[at]] if at in chosen else word for at, word in enumerate(words)]

    return change


def _drop(count: int) -> Change:
    def change(words: Words, chooser: random.Random) -> Words:
        gone = set(_positions(words, chooser, count))
        return [word for at, word in enumerate(words) if at not in gone]

    return change


def _insert(count: int, pieces: Sequence[str]) -> Change:
    def change(words: Words, chooser: random.Random) -> Words:
        changed = list(words)
        for _ in range(count):
            changed.insert(chooser.randrange(1, len(changed)), chooser.choice(pieces))
        return changed

    return change


def _swap_neighbors(words: Words, chooser: random.Random) -> Words:
    at = chooser.randrange(len(words) - 1)
    return [*words[:at], words[at + 1], words[at], *words[at + 2 :]]


def _swap_clauses(words: Words, chooser: random.Random) -> Words:
    at = len(words) // 2 + chooser.choice((-1, 0, 1))
    return [*words[at:], *words[:at]]


def _cut_start(words: Words, _: random.Random) -> Words:
    return words[len(words) // 4 :]


def _cut_end(words: Words, _: random.Random) -> Words:
    return words[: -(len(words) // 4)]


def _cut_middle(words: Words, _: random.Random) -> Words:
    third = len(words) // 3
    return [*words[:third], *words[-third:]]


def _misspell(count: int) -> Change:
    def change(words: Words, chooser: random.Random) -> Words:
        changed = list(words)
        for at in _positions(words, chooser, count):
            word = changed[at]
            if len(word) > 3:
                place = chooser.randrange(1, len(word) - 1)
                changed[at] = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return changed

    return change


def _join_words(words: Words, chooser: random.Random) -> Words:
    at = chooser.randrange(len(words) - 1)
    return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]


def _split_word(words: Words, chooser: random.Random) -> Words:
    at = max(range(len(words)), key=lambda at: len(words[at]))
    middle = max(2, len(words[at]) // 2 + chooser.choice((-1, 0)))
    return [*words[:at], words[at][:middle], words[at][middle:], *words[at + 1 :]]


def _change_numbers(words: Words, chooser: random.Random) -> Words:
    return [re.sub(r"\d", lambda _: str(chooser.randrange(1, 10)), word) for word in words] + ["today"]


def _inflect(words: Words, chooser: random.Random) -> Words:
    changed = list(words)
    for at in _positions(words, chooser, len(words) // 3):
        word = changed[at]
        if len(word) > 3 and word.isalpha():
            changed[at] = word[:-1] if word.endswith("s") else f"{word}s"
    return changed


def _mix(*changes: Change) -> Change:
    def change(words: Words, chooser: random.Random) -> Words:
        for each in changes:
            words = each(words, chooser)
        return words

    return change


KINDS: dict[str, Change] = {
    "one word left out": _drop(1),
    "two words left out": _drop(2),
    "one word added": _insert(1, ("very", "just", "even", "still", "always")),
    "fillers added": _insert(2, _FILLERS),
    "neighbors swapped": _swap_neighbors,
    "clauses swapped": _swap_clauses,
    "start cut": _cut_start,
    "end cut": _cut_end,
    "middle third cut": _cut_middle,
    "synonyms": _replace(_SYNONYM),
    "function words": _replace(_FUNCTION_WORDS),
    "one function word": _replace(_FUNCTION_WORDS, 0.3),
    "person": _replace(_PRONOUNS),
    "tense": _replace(_TENSES),
    "homophones": _replace(_HOMOPHONES),
    "one misspelling": _misspell(1),
    "three misspellings": _misspell(3),
    "words joined or split": _mix(_join_words, _split_word),
    "endings": _inflect,
    "numbers": _change_numbers,
    "heavy mix": _mix(
        _replace(_SYNONYM), _replace(_FUNCTION_WORDS, 0.5), _replace(_TENSES, 0.5), _drop(1), _misspell(1)
    ),
}


def main() -> None:
    """Measure each kind at each length and print recall among ten hits."""
    args = _arguments()
    quotes = [json.loads(line) for line in args.quotes.read_text(encoding="utf-8").splitlines()]
    with _location(args.index) as place, vidindex.open(place, engine=args.engine) as index:
        if not index.stats().tracks:
            index.add(args.captions, *args.background)
        stats = index.stats()
        print(f"{stats.engine}, {stats.words:,} words, {stats.tracks} tracks, {args.captions}")
        print(f"{'kind':24}" + "".join(f"{words:>8}" for words in args.words))
        totals = {words: [0, 0] for words in args.words}
        for kind, change in KINDS.items():
            shares = []
            for words in args.words:
                found, tried = _measure(index, [q for q in quotes if q["words"] == words][: args.each], change, kind)
                totals[words][0] += found
                totals[words][1] += tried
                shares.append(found / max(tried, 1))
            print(f"{kind:24}" + "".join(f"{share:8.3f}" for share in shares))
        print(f"{'all':24}" + "".join(f"{found / max(tried, 1):8.3f}" for found, tried in totals.values()))
        found, tried = map(sum, zip(*totals.values(), strict=True))
        print(f"recall among ten: {found} of {tried}, {found / max(tried, 1):.4f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of caption files")
    parser.add_argument("quotes", metavar="QUOTES_JSONL", type=Path, help="file of quotes")
    parser.add_argument(
        "--background", metavar="DIR", type=Path, nargs="*", default=[], help="folders of other captions"
    )
    parser.add_argument("--engine", default="auto", help="engine to measure")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="folder for the index, kept between runs")
    parser.add_argument(
        "--each", metavar="N", type=int, default=50, help="quotes of each kind and length (default: 50)"
    )
    parser.add_argument("--words", type=int, nargs="*", default=[8, 12, 20], help="lengths (default: 8 12 20)")
    return parser.parse_args()


@contextmanager
def _location(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def _measure(index: vidindex.Index, quotes: Sequence[dict[str, Any]], change: Change, kind: str) -> tuple[int, int]:
    found = 0
    for quote in quotes:
        text = " ".join(change(quote["quote"].split(), random.Random(f"{kind} {quote['id']}")))
        found += any(_is_right(hit, quote) for hit in index.search(text, limit=10))
    return found, len(quotes)


def _is_right(hit: vidindex.Hit, quote: dict[str, Any]) -> bool:
    start_ms, end_ms = round(1000 * quote["start"]), round(1000 * quote["end"])
    is_near = start_ms - _SLACK_MS <= hit.start_ms <= end_ms + _LATE_MS
    return is_near and bool(hit.video.id.rpartition(":")[2] == quote["video"])


if __name__ == "__main__":
    main()
