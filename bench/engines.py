"""Measure the engines without the rest of the search: indexing speed, latency and recall of their candidates.

    python bench/engines.py CAPTIONS_DIR [--words 1e6] [--at tantivy] [--at opensearch+http://127.0.0.1:9200/bench]

Passages are cut from the WebVTT files of the folder; if there are too few, they are used again under other numbers.
All engines get the same passages, in commits of a million words.  Then 200 quotes of eight words are searched,
unchanged and with a fifth of their words replaced, with a limit of 100 candidates.  Times are wall-clock times: compare
them only within one run.
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
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import parse_captions

QUOTES = 200
QUOTE_WORDS = 8
CANDIDATES = 100


def transcripts(folder: Path, words: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and the tokens of each file until there are *words* words."""
    for file in sorted(folder.rglob("*.vtt")):
        if words <= 0:
            return
        cues = parse_captions(file.read_bytes(), format="vtt", name=file.name).cues
        tokens = make_transcript(cues).tokens
        words -= len(tokens)
        yield file.stem, tokens


def passages(tracks: Sequence[tuple[str, tuple[str, ...]]], words: int) -> Iterator[Passage]:
    """Cut transcripts into passages until there are *words* words."""
    total = 0
    for track in count(1):
        name, tokens = tracks[track % len(tracks)]
        fields = PassageFields(title=name.replace("-", " "), site="example.org", kind="interview", date="2020-01-01")
        for number, first in enumerate(range(0, len(tokens), PASSAGE_STRIDE)):
            run = tokens[first : first + PASSAGE_STRIDE + PASSAGE_OVERLAP]
            yield Passage(make_passage_id(track, number), track, run, fields)
        total += len(tokens)
        if total >= words:
            return


def open_new(place: str, folder: Path) -> Engine:
    """Open a new index: on the cluster at the address *place*, or in *folder* with the engine of that name."""
    if "://" in place:
        return open_engine("opensearch", place)
    return open_engine(place, folder / place)


def measure_indexing(engine: Engine, corpus: Sequence[Passage]) -> float:
    """Index *corpus* in several commits, and return the time in seconds."""
    began = time.perf_counter()
    for batch in batched_by_words(corpus):
        engine.replace_tracks(sorted({passage.track for passage in batch}), batch)
    return time.perf_counter() - began


def batched_by_words(corpus: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Yield the passages of whole tracks with about `FLUSH_AFTER_WORDS` words at a time."""
    batch: list[Passage] = []
    words = 0
    for passage in corpus:
        if words >= FLUSH_AFTER_WORDS and passage.track != batch[-1].track:
            yield batch
            batch, words = [], 0
        batch.append(passage)
        words += min(len(passage.tokens), PASSAGE_STRIDE)
    yield batch


def quotes(corpus: Sequence[Passage], *, wrong: float) -> Iterator[tuple[int, WordsQuery]]:
    """Yield quotes with the ids of their passages; the share *wrong* of their words is replaced by other words."""
    chooser = random.Random(7)
    long = [passage for passage in corpus if len(passage.tokens) > QUOTE_WORDS]
    for passage in chooser.choices(long, k=QUOTES):
        start = chooser.randrange(len(passage.tokens) - QUOTE_WORDS)
        tokens = list(passage.tokens[start : start + QUOTE_WORDS])
        others = chooser.choice(long).tokens
        for place in chooser.sample(range(QUOTE_WORDS), round(wrong * QUOTE_WORDS)):
            tokens[place] = chooser.choice(others)
        yield passage.id, WordsQuery(tuple(tokens))


def measure_search(engine: Engine, queries: Sequence[tuple[int, WordsQuery]]) -> str:
    """Run all queries, and return p50 and p95 in ms and the share of passages found."""
    times, found = [], 0
    for wanted, query in queries:
        began = time.perf_counter()
        best = engine.find_candidates(query, limit=CANDIDATES)
        times.append(1000 * (time.perf_counter() - began))
        found += wanted in (candidate.passage_id for candidate in best)
    p95 = statistics.quantiles(times, n=20)[18]
    return f"{statistics.median(times):7.1f} {p95:7.1f} {found / len(queries):6.3f}"


def main() -> None:
    """Measure each engine in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of WebVTT files")
    parser.add_argument(
        "--words", metavar="N", type=lambda text: int(float(text)), default=1_000_000, help="size (default: 1e6)"
    )
    parser.add_argument(
        "--at", metavar="ENGINE", action="append", help="an engine or the address of an index on a cluster (repeatable)"
    )
    args = parser.parse_args()
    corpus = list(passages(list(transcripts(args.captions, args.words)), args.words))
    words = sum(min(len(passage.tokens), PASSAGE_STRIDE) for passage in corpus)
    exact, near = (list(quotes(corpus, wrong=wrong)) for wrong in (0.0, 0.2))
    print(f"{words:,} words, {len(corpus):,} passages; candidates: p50 ms, p95 ms, share found")
    for place in args.at or installed_engines():
        with tempfile.TemporaryDirectory() as folder, closing(open_new(place, Path(folder))) as engine:
            seconds = measure_indexing(engine, corpus)
            measure_search(engine, exact[:20])  # warm up
            figures = f"exact {measure_search(engine, exact)}   near {measure_search(engine, near)}"
            print(f"{place.partition('+')[0]:10} {words / seconds:9,.0f} words/s   {figures}", flush=True)


if __name__ == "__main__":
    main()
