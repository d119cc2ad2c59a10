"""Measure search by meaning: paraphrases and questions, alone and fused, on two halves of the calls.

    python bench/gist.py SHARED [--index FOLDER] [--model FOLDER] [--at ADDRESS] [--recognizer google]

SHARED has sentences of a human transcript with their times, in `verify/claims.jsonl`, parts of sentences with some 20
words, in `quotebench/quotes.jsonl`, and `quotebench/captions`. The queries are in bench/data, all written from the
human words alone, without a look at the captions. Plain paraphrases keep names and figures, loose ones avoid the words,
and remembered and recalled ones say what somebody may remember; their sentences were drawn at random, except those that
only lead through a call: the remembered ones from the calls that are held out, the recalled ones from all. Questions
are about chosen sentences; topics and asked ones are questions and noun phrases about sentences drawn at random; typed
ones are what users may type into a search box, often in small letters, at times with a mistake. Every other call, by
number, is the development half, on which `bench/gist_fit.py` fits weights and calibration; the others are held out.

--index is an index of these captions with vectors, which may have other videos too; without it, one is made of the
captions alone.  --model also measures a sentence model in ONNX format, over the captions alone.  --at is the address of
a new index on a cluster, which is measured like that in a folder, except for the processor time of the cluster.

At last, the queries about the calls that are held out are searched in an index of these calls, and in one of the other
calls, where nothing is right: for how many does a search show hits in other words unasked, and with which probability?

A paraphrase is found by a hit in its call that overlaps its sentence, give or take 2 s; a question by one within 30 s.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import snowballstemmer

import vidindex
from vidindex import Index, SearchOptions, Transcript
from vidindex.engines.gist.base import GistModel
from vidindex.engines.gist.model import load_gist_model
from vidindex.model import PASSAGE_STRIDE, PassageRange
from vidindex.search.gist import find_gist, read_query
from vidindex.transcripts.gist_windows import TranscriptWords, join_window, split_gist_windows
from vidindex.transcripts.normalize import normalize_words
from vidindex.transcripts.read import read_transcript

_DATA = Path(__file__).parent / "data"
_KINDS = {
    "plain": "gist_paraphrases.tsv",
    "remembered": "gist_remembered.tsv",
    "loose": "gist_loose.tsv",
    "recalled": "gist_recalled.tsv",
    "questions": "gist_questions.tsv",
    "topics": "gist_topics.tsv",
    "asked": "gist_asked.tsv",
    "typed": "gist_typed.tsv",
}
_QUESTIONS = ("questions", "topics", "asked", "typed")
_SLACK_MS = {kind: 30_000 if kind in _QUESTIONS else 2_000 for kind in _KINDS}
_FREQUENT_WORDS = 150
_LEVELS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.01)


class Moment(NamedTuple):
    """A part of a call, and the probability that a search gives it."""

    call: str
    start_ms: int
    end_ms: int
    score: float = 0.0


class TimedText(NamedTuple):
    """A part of a call that is compared with a query."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class GistQuery:
    """A query and the moment that it is about."""

    kind: str
    text: str
    sentence: str
    moment: Moment
    is_development: bool

    def is_right(self, found: Moment) -> bool:
        """Return whether *found* is the moment of the query."""
        slack = _SLACK_MS[self.kind]
        right = self.moment
        return (
            found.call == right.call and found.start_ms < right.end_ms + slack and found.end_ms > right.start_ms - slack
        )


Ranker = Callable[[str], Sequence[Moment]]


def main() -> None:
    """Measure each way of search and print the results."""
    args = _arguments()
    queries = list(read_queries(args.shared))
    captions = args.shared / "quotebench" / "captions" / args.recognizer
    transcripts = {path.stem: read_transcript(path) for path in sorted(captions.glob("*.vtt"))}
    _print_shares(queries, transcripts)
    windows = [(call, window) for call, transcript in transcripts.items() for window in _read_windows(transcript)]
    cues = [(call, cue) for call in transcripts for cue in _read_cues(captions / f"{call}.vtt")]
    print("calls alone, one query a row of three: recall@1 recall@10 development, then held out; CPU ms a query")
    default = load_gist_model()
    _measure("stemmed BM25 of windows", _rank_by_stems(windows), queries)
    _measure(f"{default.id}, a vector a window", _rank_by_vectors(default, windows), queries)
    _measure(f"{default.id}, a vector a cue (yt-fts)", _rank_by_vectors(default, cues), queries)
    if args.model:
        better = load_gist_model(str(args.model))
        _measure(f"{better.id}, a vector a window", _rank_by_vectors(better, windows), queries)
        _measure_index(captions, queries, str(args.model))
    _measure_index(captions, queries, True)
    _measure_offers(captions, queries, str(args.model) if args.model else True)
    if args.at:
        _measure_index(captions, queries, True, args.at)
    if args.index:
        with vidindex.open(args.index) as index:
            _measure_both(index, queries)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", metavar="SHARED", type=Path, help="folder of the shared data")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="index of the captions and of other videos")
    parser.add_argument("--model", metavar="FOLDER", type=Path, help="folder of a sentence model to compare")
    parser.add_argument("--at", metavar="ADDRESS", default="", help="new index on a cluster to measure, too")
    parser.add_argument("--recognizer", default="google", help="folder of captions (default: google)")
    args = parser.parse_args()
    if not (args.shared / "verify" / "claims.jsonl").is_file():
        parser.error(f"no verify/claims.jsonl in {args.shared}")
    return args


def read_queries(shared: Path) -> Iterator[GistQuery]:
    said = dict(_read_said(shared))
    development = set(sorted({moment.call for moment, _ in said.values()})[::2])
    for kind, name in _KINDS.items():
        for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
            said_id, text = line.split("\t")
            moment, words = said[said_id]
            yield GistQuery(kind, text, words, moment, moment.call in development)


def _read_said(shared: Path) -> Iterator[tuple[str, tuple[Moment, str]]]:
    """Yield the words of the human transcripts by their ids: those of claims, of their pieces, and of quotes."""
    for claim in _read_lines(shared / "verify" / "claims.jsonl"):
        if claim["class"] == "invented":
            continue
        yield claim["id"], (_moment_of_said(claim["video"], claim), claim["quote"])
        words, pieces = claim["quote"].split(), claim.get("pieces", [])
        first = len(words) - pieces[0]["words"] if claim["sub"] == "second-half" else 0
        for at, piece in enumerate(pieces):
            last = first + piece["words"]
            yield f"{claim['id']}.{at}", (_moment_of_said(claim["video"], piece), " ".join(words[first:last]))
            first = last
    for quote in _read_lines(shared / "quotebench" / "quotes.jsonl"):
        yield f"q{quote['id']}", (_moment_of_said(quote["video"], quote), quote["quote"])


def _read_lines(path: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, path.read_text(encoding="utf-8").splitlines()))


def _moment_of_said(call: str, times: dict[str, Any]) -> Moment:
    return Moment(call, round(1000 * times["start"]), round(1000 * times["end"]))


def _read_windows(transcript: Transcript) -> Iterator[TimedText]:
    said = TranscriptWords.from_transcript(transcript)
    for window in split_gist_windows(said):
        start_ms, end_ms = transcript.starts_ms[window.first_word], transcript.ends_ms[window.last_word - 1]
        yield TimedText(start_ms, end_ms, join_window(said.without_sounds(), window))


def _read_cues(path: Path) -> list[TimedText]:
    return [TimedText(cue.start_ms, cue.end_ms, cue.text) for cue in vidindex.read_captions(path)]


def _print_shares(queries: Sequence[GistQuery], transcripts: dict[str, Transcript]) -> None:
    counts = Counter(token for transcript in transcripts.values() for token in transcript.tokens)
    frequent = {_stem(word) for word, _ in counts.most_common(_FREQUENT_WORDS)}
    for kind in _KINDS:
        shares = []
        for query in (query for query in queries if query.kind == kind):
            content = _stems(query.text) - frequent
            shares += [len(content & _stems(query.sentence)) / len(content)] if content else []
        print(f"{kind}: {len(shares)} queries, which share {sum(shares) / len(shares):.0%} of their content words")


def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


_STEMMER: Any = snowballstemmer.stemmer("english")


def _stems(text: str) -> set[str]:
    return set(map(_stem, normalize_words(text.split())[0]))


def _rank_by_stems(windows: Sequence[tuple[str, TimedText]]) -> Ranker:
    counts = [Counter(map(_stem, normalize_words(window.text.split())[0])) for _, window in windows]
    sizes = np.array([sum(each.values()) for each in counts])
    postings: dict[str, list[int]] = {}
    for at, each in enumerate(counts):
        for stem in each:
            postings.setdefault(stem, []).append(at)

    def rank(text: str) -> list[Moment]:
        scores = np.zeros(len(windows))
        for stem in _stems(text):
            places = postings.get(stem, [])
            weight = log(1 + (len(windows) - len(places) + 0.5) / (len(places) + 0.5))
            often = np.array([counts[at][stem] for at in places], float)
            if places:
                scores[places] += weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * sizes[places] / sizes.mean()))
        return _best(windows, scores)

    return rank


def _rank_by_vectors(model: GistModel, windows: Sequence[tuple[str, TimedText]]) -> Ranker:
    rows = model.embed([window.text for _, window in windows])
    return lambda text: _best(windows, rows @ read_query(model, text).vector)


def _best(windows: Sequence[tuple[str, TimedText]], scores: Any) -> list[Moment]:
    best = np.argsort(-scores)[:10]
    return [Moment(windows[at][0], windows[at][1].start_ms, windows[at][1].end_ms) for at in best]


def _measure_index(captions: Path, queries: Sequence[GistQuery], model: str | bool, place: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder, vidindex.open(place or folder) as index:
        index.add(captions)
        seconds = time.process_time()
        index.rebuild(gist=model)
        print(f"rebuilt with vectors of {index.gist_model} in {time.process_time() - seconds:.1f} s of CPU time")
        _measure_both(index, queries)


def _measure_offers(captions: Path, queries: Sequence[GistQuery], model: str | bool) -> None:
    """Measure what a search offers unasked: in an index of the calls that the queries are about, then of the others."""
    held_out = [query for query in queries if not query.is_development]
    calls = {query.moment.call for query in held_out}
    for place in ("in the index", "not in the index"):
        with tempfile.TemporaryDirectory() as folder, vidindex.open(folder) as index:
            files = [path for path in captions.glob("*.vtt") if (path.stem in calls) is (place == "in the index")]
            index.add(*sorted(files))
            index.rebuild(gist=model)
            print(f"offered unasked, if the call is {place}: {len(files)} calls, {index.gist_model}")
            _print_offers(index, held_out)


def _print_offers(index: Index, queries: Sequence[GistQuery]) -> None:
    """Print for how many of *queries* hits in other words are shown because the words find nothing, and how rightly."""
    silent = [query for query in queries if not index.search(query.text)]
    offers = [
        [(hit.score, query.is_right(_moment_of(hit))) for hit in index.suggest_gist(query.text)] for query in silent
    ]
    shown = [each for each in offers if each]
    right = sum(any(is_right for _, is_right in each) for each in shown)
    print(f"  {len(queries)} queries, {len(silent)} of them without a hit of the words")
    print(f"  {len(shown)} are offered hits in other words, {right} of them a right one")
    _print_reliability([pair for each in shown for pair in each])


def _measure_both(index: Index, queries: Sequence[GistQuery]) -> None:
    print(f"index of {index.stats().words:,} words, {index.stats().engine}, {index.gist_model}")
    _measure("words only, as without --gist", lambda text: _search_words(index, text), queries)
    _measure("fused: find_gist", lambda text: _search_meaning(index, text), queries, has_probability=True)


def _search_words(index: Index, text: str) -> list[Moment]:
    return list(map(_moment_of, index.search(text, limit=10, gist=False)))


def _moment_of(hit: vidindex.Hit) -> Moment:
    return Moment(call_of(hit.video), hit.start_ms, hit.end_ms, hit.score)


def _search_meaning(index: Index, text: str) -> list[Moment]:
    engine, gist, store = index._engine_handle.current(), index._gist_handle.current(), index._store
    assert engine is not None
    assert gist is not None, "the index has no vectors: `vidindex rebuild --gist`"
    matches = find_gist(engine, store, gist.vectors, gist.model, text, options=SearchOptions(), limit=10)
    contexts = store.track_contexts([match.track for match in matches])
    found = []
    for match in matches:
        part = PassageRange(match.track, match.first // PASSAGE_STRIDE, match.last // PASSAGE_STRIDE)
        transcript = store.transcript_slices([part])[0]
        first, last = (transcript.word_index[at - part.first * PASSAGE_STRIDE] for at in (match.first, match.last))
        call = call_of(contexts[match.track].video)
        found.append(Moment(call, transcript.starts_ms[first], transcript.ends_ms[last], match.score))
    return found


def call_of(video: vidindex.Video) -> str:
    return video.title if video.title.isdecimal() else Path(video.url).stem


def _measure(name: str, rank: Ranker, queries: Sequence[GistQuery], *, has_probability: bool = False) -> None:
    print(name)
    scored: list[tuple[float, bool]] = []
    for kind in _KINDS:
        of_kind = [query for query in queries if query.kind == kind]
        seconds = time.process_time()
        found = [rank(query.text) for query in of_kind]
        per_query = 1000 * (time.process_time() - seconds) / len(of_kind)
        cells = []
        for half in (True, False):
            rights = [
                [query.is_right(moment) for moment in moments]
                for query, moments in zip(of_kind, found, strict=True)
                if query.is_development is half
            ]
            cells.append(_format_recall(rights))
        print(f"  {kind:10} {cells[0]}   {cells[1]}   {per_query:6.1f} ms")
        scored += [
            (moment.score, query.is_right(moment))
            for query, moments in zip(of_kind, found, strict=True)
            if not query.is_development
            for moment in moments
        ]
    if has_probability:
        _print_reliability(scored)


def _format_recall(rights: Sequence[Sequence[bool]]) -> str:
    """Return recall@1 and recall@10; the development half has no remembered sentences."""
    if not rights:
        return f"{'-':>5} {'-':>5}"
    return f"{sum(any(each[:1]) for each in rights) / len(rights):.3f} {sum(map(any, rights)) / len(rights):.3f}"


def _print_reliability(scored: Sequence[tuple[float, bool]]) -> None:
    """Print how many hits of the held-out half are right, by the probability that they state."""
    print("  stated probability: hits, mean, right (held-out half)")
    for low, high in pairwise(_LEVELS):
        rows = [(score, right) for score, right in scored if low <= score < high]
        if rows:
            mean, right = (sum(column) / len(rows) for column in zip(*rows, strict=True))
            print(f"  {low:.1f} to {min(high, 1.0):.1f}: {len(rows):5}  {mean:.2f}  {right:.2f}")


if __name__ == "__main__":
    main()
