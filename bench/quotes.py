"""Measure how well and how fast quotes are found: recall, error of the start, latency, false alarms.

    python bench/quotes.py CAPTIONS_DIR QUOTES_JSONL [--background DIR…] [--engine tantivy] [--index FOLDER]
        [--engine opensearch --at opensearch+http://127.0.0.1:9200/bench]

QUOTES_JSONL has a quote a line: `quote`, `words`, `video` (the name of its caption file without the ending),
`start` and `end` in seconds.  A hit counts when its video is right and its start lies within 6 s before `start`
and 4 s after it.  False alarms are sentences that nobody said (see false_alarms.py) for which anything comes back;
`chained` ones are the harder kind, made of pairs of words that the background really has.  *--index* keeps the
index between runs, and so does the cluster in *--at*.  Several engines are measured one after the other, on the
same quotes.  *--ablation* also measures with each step of searching left out, and, on the captions alone,
with each rule of folding left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import vidindex
from vidindex import Hit, Index
from vidindex.search import align
from vidindex.search import hits as find
from vidindex.search import retrieve as places
from vidindex.transcripts import normalize as fold
from vidindex.transcripts import numbers as numerals

_alarms: Any = import_module("false_alarms")  # beside this script, in no package
_EARLY_MS, _LATE_MS = 6_000, 4_000
_NOTHING = -1.0
_LEVELS = (0.5, 0.54, 0.58, 0.62, 0.66, 0.7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the search for one quote went; *rank* 0 is the first hit, -1 none of the first ten."""

    words: int
    rank: int
    error_ms: int
    seconds: float


def main() -> None:
    """Measure and print."""
    given = _arguments()
    quotes = [json.loads(line) for line in given.quotes.read_text(encoding="utf-8").splitlines()]
    for engine in given.engine or ["auto"]:
        _measure(engine, quotes, given)


def _measure(engine: str, quotes: Sequence[dict[str, Any]], given: argparse.Namespace) -> None:
    with _place(engine, given) as place, vidindex.open(place, engine=engine) as index:
        if not index.stats().tracks:
            index.add(given.captions, *given.background)
        stats = index.stats()
        print(f"{stats.engine}, {stats.words:,} words, {stats.tracks} tracks, {given.captions}")
        _report([_search(index, quote, given.threshold) for quote in quotes])
        if given.alarms:
            _false_alarms(index, given)
        if given.ablation:
            _ablation_of_steps(index, quotes)
    if given.ablation and engine != "opensearch":
        _ablation(given.captions, quotes, engine)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path)
    parser.add_argument("quotes", type=Path)
    parser.add_argument("--background", type=Path, nargs="*", default=[])
    parser.add_argument("--engine", action="append")
    parser.add_argument("--at", default="")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--alarms", type=int, default=500)
    parser.add_argument("--ablation", action="store_true")
    given = parser.parse_args()
    for path in (given.captions, given.quotes, *given.background):
        if not path.exists():
            parser.error(f"there is no {path}")
    return given


@contextmanager
def _place(engine: str, given: argparse.Namespace) -> Iterator[Path | str]:
    if engine == "opensearch" or given.index is not None:
        yield given.at if engine == "opensearch" else given.index
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _search(index: Index, quote: dict[str, Any], threshold: float | None) -> Outcome:
    start = time.perf_counter()
    hits = index.search(quote["quote"], limit=10, threshold=threshold)
    seconds = time.perf_counter() - start
    wanted_ms = round(1000 * quote["start"])
    for rank, hit in enumerate(hits):
        if _is_of(hit, quote["video"]) and -_EARLY_MS <= hit.start_ms - wanted_ms <= _LATE_MS:
            return Outcome(quote["words"], rank, abs(hit.start_ms - wanted_ms), seconds)
    return Outcome(quote["words"], -1, 0, seconds)


def _is_of(hit: Hit, name: str) -> bool:
    return name in (hit.video.title, hit.video.id.partition(":")[2]) or Path(hit.video.url).stem == name


def _report(outcomes: Sequence[Outcome]) -> None:
    print("words  recall@1  recall@10  start error p50 p90      p50      p95      p99")
    groups: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.words].append(outcome)
    for words, group in sorted(groups.items()):
        first = sum(outcome.rank == 0 for outcome in group) / len(group)
        ten = sum(outcome.rank >= 0 for outcome in group) / len(group)
        errors = sorted(outcome.error_ms for outcome in group if outcome.rank >= 0) or [0]
        times = _percentiles([outcome.seconds for outcome in group])
        error = f"{statistics.median(errors) / 1000:8.2f} s {errors[int(len(errors) * 0.9)] / 1000:.2f} s"
        print(f"{words:5}     {first:.3f}      {ten:.3f}  {error}   {times}")


def _percentiles(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    return " ".join(f"{1000 * ordered[int(len(ordered) * share)]:5.1f} ms" for share in (0.5, 0.95, 0.99))


def _false_alarms(index: Index, given: argparse.Namespace) -> None:
    """Count sentences nobody said that come back, whole and cut short, by threshold."""
    print("false alarms   words  default  .50   .54   .58   .62   .66   .70")
    kinds = {"composed": _alarms.composed(given.alarms)}
    if given.background:
        kinds["chained"] = _alarms.chained(_alarms.words_of(given.background[0]), given.alarms)
    for kind, sentences in kinds.items():
        for size in (20, 6, 4):
            cut = [" ".join(sentence.split()[:size]) for sentence in sentences]
            by_default = [bool(index.search(sentence, limit=1)) for sentence in cut]
            scores = [_best(index, sentence) for sentence in cut]
            shares = [sum(score >= level for score in scores) / len(scores) for level in _LEVELS]
            name = "8–20" if size == 20 else str(size)
            print(f"{kind:12} {name:>7}    {sum(by_default) / len(cut):.3f}  " + " ".join(f"{x:.3f}" for x in shares))


def _best(index: Index, sentence: str) -> float:
    hits = index.search(sentence, limit=1, threshold=0.3)
    return hits[0].score if hits else _NOTHING


_RULES = {
    "fillers": (fold, "_FILLER_WORDS", frozenset()),
    "spoken forms": (fold, "_SPOKEN_FORMS", {}),
    "contractions": (fold, "_CONTRACTIONS", {}),
    "contracted endings": (fold, "_CONTRACTION_ENDINGS", {}),
    "'s for is": (fold, "_STEMS_BEFORE_IS", frozenset()),
    "stutters": (fold, "_drop_stutters", lambda *_: None),
    "fragments": (fold, "_CUT_OFF_PATTERN", __import__("re").compile("(?!)")),
    "numbers": (fold, "numeral", lambda _: None),
    "currencies": (numerals, "_CURRENCY_NAMES", {}),
}
"""Rules of folding, and what stands in their place when they are left out."""


_STEPS = {
    "second look": (places, "_is_unsure", lambda *_: False),
    "other forms": (places, "other_forms", lambda _: ()),
    "asides": (align, "_FILLER_PAIRS", frozenset()),
    "sound": (align, "_CHAR_SIMILARITY_SHARE", 0.0),
    "ties": (find, "_MAX_TIED_MATCHES", 1),
}
"""Steps of searching, and what stands in their place when they are left out."""


def _ablation_of_steps(index: Index, quotes: Sequence[dict[str, Any]]) -> None:
    print("left out: recall@1, recall@10 by number of words")
    for name, step in {"nothing": None, **_STEPS}.items():
        with _without(step):
            _print_recall(name, [_search(index, quote, None) for quote in quotes])


def _ablation(captions: Path, quotes: Sequence[dict[str, Any]], engine: str) -> None:
    print("left out: recall@1, recall@10 by number of words")
    for name, rule in {"nothing": None, **_RULES}.items():
        with _without(rule), tempfile.TemporaryDirectory() as folder, vidindex.open(folder, engine=engine) as index:
            index.add(captions)
            _print_recall(name, [_search(index, quote, None) for quote in quotes])


def _print_recall(name: str, outcomes: Sequence[Outcome]) -> None:
    groups: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.words].append(outcome)
    print(f"{name:20} " + "  ".join(f"{words}: {_recall(group)}" for words, group in sorted(groups.items())))


def _recall(group: Sequence[Outcome]) -> str:
    first, ten = (sum(0 <= outcome.rank < ranks for outcome in group) / len(group) for ranks in (1, 10))
    return f"{first:.3f} {ten:.3f}"


@contextmanager
def _without(rule: tuple[Any, str, Any] | None) -> Iterator[None]:
    """Leave out a rule or a step; what was folded with it is forgotten."""
    if rule is None:
        yield
        return
    module, name, neutral = rule
    kept = getattr(module, name)
    setattr(module, name, neutral)
    fold._word_cache.clear()
    try:
        yield
    finally:
        setattr(module, name, kept)
        fold._word_cache.clear()


if __name__ == "__main__":
    main()
