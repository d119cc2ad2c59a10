"""Measure engines alone, side by side on the same passages: indexing, candidates, and how often the right one is there.

    python bench/engines.py CAPTIONS_DIR [--words 1e6] [--at tantivy] [--at opensearch+http://127.0.0.1:9200/bench]

Passages are cut from the WebVTT files of the folder, again under other numbers where there are too few.  Each engine
takes them in commits of a million words; then 200 quotes of eight words are looked for, as they are and with a fifth of
their words wrong, a hundred candidates each.  All times are of the wall clock: compare them within one run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from vidindex.config import FLUSH_AFTER_WORDS
from vidindex.engines import Engine, installed_engines, open_engine
from vidindex.model import PASSAGE_OVERLAP, PASSAGE_STRIDE, Passage, PassageFields, WordsQuery, make_passage_id
from vidindex.store.opensearch.endpoint import is_cluster_address
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import parse_captions

QUOTES = 200
QUOTE_WORDS = 8
CANDIDATES = 100


def transcripts(folder: Path, words: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give name and tokens of each file, until there are *words* words."""
    for file in sorted(folder.rglob("*.vtt")):
        if words <= 0:
            return
        cues = parse_captions(file.read_bytes(), format="vtt", name=file.name).cues
        tokens = make_transcript(cues).tokens
        words -= len(tokens)
        yield file.stem, tokens


def passages(known: Sequence[tuple[str, tuple[str, ...]]], words: int) -> Iterator[Passage]:
    """Cut transcripts into passages, until there are *words* words."""
    total = 0
    for track in count(1):
        name, tokens = known[track % len(known)]
        fields = PassageFields(title=name.replace("-", " "), site="example.org", kind="interview", date="2020-01-01")
        for number, first in enumerate(range(0, len(tokens), PASSAGE_STRIDE)):
            run = tokens[first : first + PASSAGE_STRIDE + PASSAGE_OVERLAP]
            yield Passage(make_passage_id(track, number), track, run, fields)
        total += len(tokens)
        if total >= words:
            return


def opened(place: str, folder: Path) -> Engine:
    """Open a new index: on a cluster, or of an engine by its name."""
    if is_cluster_address(place):
        return open_engine("opensearch", place)
    return open_engine(place, folder / place)


def indexed(engine: Engine, given: Sequence[Passage]) -> float:
    """Index all, some at a time; gives the seconds."""
    began = time.perf_counter()
    for some in batched_by_words(given):
        engine.replace_tracks(sorted({passage.track for passage in some}), some)
    return time.perf_counter() - began


def batched_by_words(given: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Cut between tracks, as soon as there are enough words for a commit."""
    some: list[Passage] = []
    words = 0
    for passage in given:
        if words >= FLUSH_AFTER_WORDS and passage.track != some[-1].track:
            yield some
            some, words = [], 0
        some.append(passage)
        words += min(len(passage.tokens), PASSAGE_STRIDE)
    yield some


def quotes(given: Sequence[Passage], *, wrong: float) -> Iterator[tuple[int, WordsQuery]]:
    """Cut quotes; of each, that share of words is from elsewhere."""
    chooser = random.Random(7)
    long = [passage for passage in given if len(passage.tokens) > QUOTE_WORDS]
    for passage in chooser.choices(long, k=QUOTES):
        start = chooser.randrange(len(passage.tokens) - QUOTE_WORDS)
        tokens = list(passage.tokens[start : start + QUOTE_WORDS])
        others = chooser.choice(long).tokens
        for place in chooser.sample(range(QUOTE_WORDS), round(wrong * QUOTE_WORDS)):
            tokens[place] = chooser.choice(others)
        yield passage.id, WordsQuery(tuple(tokens))


def searched(engine: Engine, asked: Sequence[tuple[int, WordsQuery]]) -> str:
    """Ask all; gives p50 and p95 in ms and the share found."""
    times, found = [], 0
    for wanted, query in asked:
        began = time.perf_counter()
        best = engine.find_candidates(query, limit=CANDIDATES)
        times.append(1000 * (time.perf_counter() - began))
        found += wanted in (candidate.passage_id for candidate in best)
    p95 = statistics.quantiles(times, n=20)[18]
    return f"{statistics.median(times):7.1f} {p95:7.1f} {found / len(asked):6.3f}"


def main() -> None:
    """Measure each engine in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path)
    parser.add_argument("--words", type=lambda text: int(float(text)), default=1_000_000)
    parser.add_argument("--at", action="append", help="an engine, or an address of a cluster")
    asked = parser.parse_args()
    given = list(passages(list(transcripts(asked.captions, asked.words)), asked.words))
    words = sum(min(len(passage.tokens), PASSAGE_STRIDE) for passage in given)
    exact, near = (list(quotes(given, wrong=wrong)) for wrong in (0.0, 0.2))
    print(f"{words:,} words, {len(given):,} passages; candidates as p50 ms, p95 ms, share found")
    for place in asked.at or installed_engines():
        with tempfile.TemporaryDirectory() as folder, closing(opened(place, Path(folder))) as engine:
            seconds = indexed(engine, given)
            searched(engine, exact[:20])  # warm
            figures = f"exact {searched(engine, exact)}   near {searched(engine, near)}"
            print(f"{place.partition('+')[0]:10} {words / seconds:9,.0f} words/s   {figures}", flush=True)


if __name__ == "__main__":
    main()
