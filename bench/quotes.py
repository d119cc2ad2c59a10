"""Measure the quality and the speed of quote search: recall, error of the start time, latency, false alarms.

    python bench/quotes.py CAPTIONS_DIR QUOTES_JSONL [--background DIR…] [--engine tantivy] [--index FOLDER]
        [--engine opensearch --at opensearch+http://127.0.0.1:9200/bench]

QUOTES_JSONL has one quote per line: `quote`, `words`, `video` (the name of its caption file without the extension),
`start` and `end` in seconds.  A hit is correct if its video is correct and it starts at most 6 s before and at most 4 s
after `start`.  A false alarm is a generated sentence (see false_alarms.py) for which the search returns a hit;
`chained` sentences are the harder kind, because all their pairs of words occur in the background.  With several
engines, each is measured on the same quotes.  --index keeps the index between runs, as does the cluster in --at.
--ablation also measures the search without each of its steps, and, on the captions alone, without each rule of
normalization.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vidindex
from vidindex import Hit, Index
from vidindex.search import align, retrieve
from vidindex.search import hits as hits_module
from vidindex.transcripts import normalize, numbers

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench import false_alarms

_EARLY_MS, _LATE_MS = 6_000, 4_000
_NO_HIT_SCORE = -1.0
_THRESHOLDS = (0.5, 0.54, 0.58, 0.62, 0.66, 0.7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of the search for one quote; *rank* 0 is the first hit, -1 means not among the first ten."""

    words: int
    rank: int
    error_ms: int
    seconds: float


def main() -> None:
    """Measure each engine and print the results."""
    args = _arguments()
    quotes = [json.loads(line) for line in args.quotes.read_text(encoding="utf-8").splitlines()]
    for engine in args.engine or ["auto"]:
        _measure(engine, quotes, args)


def _measure(engine: str, quotes: Sequence[dict[str, Any]], args: argparse.Namespace) -> None:
    with _location(engine, args) as place, vidindex.open(place, engine=engine) as index:
        if not index.stats().tracks:
            index.add(args.captions, *args.background)
        stats = index.stats()
        print(f"{stats.engine}, {stats.words:,} words, {stats.tracks} tracks, {args.captions}")
        _report([_search(index, quote, args.threshold) for quote in quotes])
        if args.alarms:
            _measure_false_alarms(index, args)
        if args.ablation:
            _ablate_steps(index, quotes)
    if args.ablation and engine != "opensearch":
        _ablate_rules(args.captions, quotes, engine)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of caption files")
    parser.add_argument("quotes", metavar="QUOTES_JSONL", type=Path, help="file of quotes")
    parser.add_argument(
        "--background", metavar="DIR", type=Path, nargs="*", default=[], help="folders of other caption files to index"
    )
    parser.add_argument("--engine", action="append", help="engine to measure (repeatable)")
    parser.add_argument("--at", metavar="ADDRESS", default="", help="index on a cluster, for --engine opensearch")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="folder for the index, kept between runs")
    parser.add_argument("--threshold", metavar="SCORE", type=float, help="lowest score of near hits")
    parser.add_argument(
        "--alarms", metavar="N", type=int, default=500, help="number of sentences for false alarms (default: 500)"
    )
    parser.add_argument("--ablation", action="store_true", help="also measure without each step and each rule")
    args = parser.parse_args()
    for path in (args.captions, args.quotes, *args.background):
        if not path.exists():
            parser.error(f"no such file or folder: {path}")
    return args


@contextmanager
def _location(engine: str, args: argparse.Namespace) -> Iterator[Path | str]:
    if engine == "opensearch" or args.index is not None:
        yield args.at if engine == "opensearch" else args.index
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _search(index: Index, quote: dict[str, Any], threshold: float | None) -> Outcome:
    start = time.perf_counter()
    hits = index.search(quote["quote"], limit=10, threshold=threshold)
    seconds = time.perf_counter() - start
    wanted_ms = round(1000 * quote["start"])
    for rank, hit in enumerate(hits):
        if _is_hit_of(hit, quote["video"]) and -_EARLY_MS <= hit.start_ms - wanted_ms <= _LATE_MS:
            return Outcome(quote["words"], rank, abs(hit.start_ms - wanted_ms), seconds)
    return Outcome(quote["words"], -1, 0, seconds)


def _is_hit_of(hit: Hit, name: str) -> bool:
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


def _measure_false_alarms(index: Index, args: argparse.Namespace) -> None:
    """Print the share of generated sentences with a hit, for whole and shortened sentences and several thresholds."""
    print("false alarms   words  default  .50   .54   .58   .62   .66   .70")
    kinds = {"composed": false_alarms.composed(args.alarms)}
    if args.background:
        kinds["chained"] = false_alarms.chained(false_alarms.words_of(args.background[0]), args.alarms)
    for kind, sentences in kinds.items():
        for size in (20, 6, 4):
            cut = [" ".join(sentence.split()[:size]) for sentence in sentences]
            by_default = [bool(index.search(sentence, limit=1)) for sentence in cut]
            scores = [_best(index, sentence) for sentence in cut]
            shares = [sum(score >= level for score in scores) / len(scores) for level in _THRESHOLDS]
            name = "8–20" if size == 20 else str(size)
            print(f"{kind:12} {name:>7}    {sum(by_default) / len(cut):.3f}  " + " ".join(f"{x:.3f}" for x in shares))


def _best(index: Index, sentence: str) -> float:
    hits = index.search(sentence, limit=1, threshold=0.3)
    return hits[0].score if hits else _NO_HIT_SCORE


_RULES = {
    "fillers": (normalize, "_FILLER_WORDS", frozenset()),
    "spoken forms": (normalize, "_SPOKEN_FORMS", {}),
    "contractions": (normalize, "_CONTRACTIONS", {}),
    "contracted endings": (normalize, "_CONTRACTION_ENDINGS", {}),
    "'s for is": (normalize, "_STEMS_BEFORE_IS", frozenset()),
    "stutters": (normalize, "_drop_stutters", lambda *_: None),
    "fragments": (normalize, "_CUT_OFF_PATTERN", re.compile("(?!)")),
    "numbers": (normalize, "parse_number_word", lambda _: None),
    "currencies": (numbers, "CURRENCY_NAMES", {}),
}
"""Rules of normalization, with the replacement that disables each."""


_STEPS = {
    "second round": (retrieve, "_is_unsure", lambda *_: False),
    "inflections": (retrieve, "inflect_tokens", lambda _: ()),
    "low weight of fillers": (align, "_FILLER_PAIRS", frozenset()),
    "character similarity": (align, "_CHAR_SIMILARITY_SHARE", 0.0),
    "order of ties": (hits_module, "_MAX_TIED_MATCHES", 1),
}
"""Steps of the search, with the replacement that disables each."""


def _ablate_steps(index: Index, quotes: Sequence[dict[str, Any]]) -> None:
    print("left out; then recall@1 and recall@10 by number of words")
    for name, step in {"nothing": None, **_STEPS}.items():
        with _without(step):
            _print_recall(name, [_search(index, quote, None) for quote in quotes])


def _ablate_rules(captions: Path, quotes: Sequence[dict[str, Any]], engine: str) -> None:
    print("left out; then recall@1 and recall@10 by number of words")
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
    """Disable a rule or a step within the context, and clear the cache of normalized words."""
    if rule is None:
        yield
        return
    module, name, neutral = rule
    original = getattr(module, name)
    setattr(module, name, neutral)
    normalize._word_cache.clear()
    try:
        yield
    finally:
        setattr(module, name, original)
        normalize._word_cache.clear()


if __name__ == "__main__":
    main()
