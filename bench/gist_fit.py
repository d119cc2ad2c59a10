"""Fit the weights and the probabilities of searches by meaning, on the development half of bench/gist.py.

    python bench/gist_fit.py SHARED [--model FOLDER ...] [--index FOLDER] [--recognizer google]

SHARED is the folder that bench/gist.py reads.  Prints the constants of vidindex/search/gist.py: those of the default
model, or with --model those of sentence models, to which all of the given ones are fitted together.  --index is an
index of the captions and of other videos with vectors of the default model: then the probabilities are fitted to its
size, too.  No query about a call that is held out is read.

Weights are those of a softmax over the sentences that are compared with a query: they make the right ones as probable
as possible together.  Probabilities are a logistic regression over the ten best sentences, in an index of all calls and
in one of those that are held out, in which nothing is right.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import vidindex
from vidindex import Index, Transcript
from vidindex.engines.gist.base import SentenceReader
from vidindex.search.gist import describe_scores, find_candidates, read_best
from vidindex.transcripts.read import read_transcript

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.gist import GistQuery, Moment, call_of, read_queries

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECAY = 0.01  # of the squares of weights, in units of the deviations of features
_MAX_STEPS = 60
_SIZE_WEIGHT = -0.27  # in the calibration of sentence models, if no larger index is given


class Example(NamedTuple):
    """A query in an index: the features of the compared sentences, before the model has read any, and of those it read.

    Both come with which sentences are right.
    """

    compared: NDArray[Any]
    is_right: NDArray[Any]
    read: NDArray[Any]
    is_read_right: NDArray[Any]
    windows: int


def main() -> None:
    """Fit and print each constant."""
    args = _arguments()
    queries = [query for query in read_queries(args.shared) if query.is_development]
    captions = args.shared / "quotebench" / "captions" / args.recognizer
    paths = {path.stem: path for path in sorted(captions.glob("*.vtt"))}
    transcripts = {call: read_transcript(path) for call, path in paths.items()}
    asked = {query.moment.call for query in queries}
    others = [path for call, path in paths.items() if call not in asked]
    alone: list[Example] = []
    elsewhere: list[Example] = []
    for model in args.model or [""]:
        for files, examples in ((list(paths.values()), alone), (others, elsewhere)):
            with _index_of(files, model) as index:
                examples += list(_collect(index, queries, transcripts))
    if args.index and not args.model:
        with vidindex.open(args.index) as index:
            elsewhere += list(_collect(index, queries, transcripts))
    weights = _fit_weights([(each.compared, each.is_right) for each in alone])
    print("_WINDOW_WEIGHTS" if args.model else "_WORD_WEIGHTS", np.round(weights, 2).tolist())
    if args.model:
        weights = _fit_weights([(each.read, each.is_read_right) for each in alone])
        print("_SENTENCE_WEIGHTS", np.round(weights, 2).tolist())
    calibration = _fit_calibration([*alone, *elsewhere], weights, fits_size=bool(args.index and not args.model))
    print("_SENTENCE_CALIBRATION" if args.model else "_WORD_CALIBRATION", np.round(calibration, 2).tolist())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", metavar="SHARED", type=Path, help="folder of the shared data")
    parser.add_argument("--model", metavar="FOLDER", action="append", help="folder of a sentence model; any number")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="index of the captions and of other videos")
    parser.add_argument("--recognizer", default="google", help="folder of captions (default: google)")
    return parser.parse_args()


@contextmanager
def _index_of(paths: Sequence[Path], model: str) -> Iterator[Index]:
    with tempfile.TemporaryDirectory() as folder, vidindex.open(folder) as index:
        index.add(*paths)
        index.rebuild(gist=model or True)
        os.environ["VIDINDEX_GIST_MODEL"] = model
        yield index


def _collect(index: Index, queries: Sequence[GistQuery], transcripts: dict[str, Transcript]) -> Iterator[Example]:
    """Yield what is known of the sentences that are compared with each of *queries*."""
    engine, gist, store = index._engine_handle.current(), index._gist_handle.current(), index._store
    assert engine is not None
    assert gist is not None
    size = gist.vectors.count_rows()
    print(f"{len(queries)} queries in an index of {size:,} vectors of {gist.model.id}", flush=True)
    for query in queries:
        found = find_candidates(engine, store, gist.vectors, gist.model, query.text)
        if found is None:
            continue
        contexts = store.track_contexts(np.unique(found.sentences.track).tolist())
        calls = {track: call_of(context.video) for track, context in contexts.items()}
        read = read_best(gist.model, found) if isinstance(gist.model, SentenceReader) else found
        rights = [_find_right(query, each.sentences, calls, transcripts) for each in (found, read)]
        yield Example(found.features, rights[0], read.features, rights[1], size)


def _find_right(
    query: GistQuery, sentences: Any, calls: dict[int, str], transcripts: dict[str, Transcript]
) -> NDArray[Any]:
    """Return which of *sentences* are right for *query*."""
    columns = (sentences.track.tolist(), sentences.first.tolist(), sentences.end.tolist())
    return np.array(
        [
            calls[track] == query.moment.call
            and query.is_right(_moment_in(calls[track], transcripts[calls[track]], first, end))
            for track, first, end in zip(*columns, strict=True)
        ]
    )


def _moment_in(call: str, said: Transcript, first: int, end: int) -> Moment:
    return Moment(call, said.starts_ms[said.word_index[first]], said.ends_ms[said.word_index[end - 1]])


def _fit_weights(groups: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> NDArray[Any]:
    """Return the weights of features by which the right rows of each of *groups* are most probable."""
    groups = [(rows, right) for rows, right in groups if right.any() and not right.all()]
    sizes = np.array([len(rows) for rows, _ in groups])
    starts, owner = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(groups)), sizes)
    rows = np.concatenate([rows for rows, _ in groups]).astype(float)
    is_right = np.concatenate([right for _, right in groups])
    scale = rows.std(axis=0)
    rows /= scale

    def compare(weights: NDArray[Any]) -> tuple[float, NDArray[Any], NDArray[Any]]:
        scores = rows @ weights
        shares, total = _softmax(scores, starts, owner)
        of_right, total_right = _softmax(np.where(is_right, scores, -np.inf), starts, owner)
        mean = np.add.reduceat(rows * shares[:, None], starts)
        curvature = rows.T @ (rows * shares[:, None]) - mean.T @ mean
        return float((total - total_right).mean()), rows.T @ (shares - of_right) / len(sizes), curvature / len(sizes)

    fitted: NDArray[Any] = _minimize(compare, rows.shape[1]) / scale
    return fitted


def _softmax(scores: NDArray[Any], starts: NDArray[Any], owner: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the share of each of *scores* in its group, and the logarithm of the sum of each group."""
    highest = np.maximum.reduceat(scores, starts)
    powers = np.exp(scores - highest[owner])
    sums = np.add.reduceat(powers, starts)
    return powers / sums[owner], highest + np.log(sums)


def _fit_calibration(examples: Sequence[Example], weights: NDArray[Any], *, fits_size: bool) -> NDArray[Any]:
    """Return the calibration of scores with *weights*; with the given weight of the size unless *fits_size*."""
    terms, rights = [], []
    for each in examples:
        scores = each.read @ weights
        best = np.argsort(-scores, kind="stable")[:10]
        terms += describe_scores(scores[best].tolist(), each.windows)
        rights += each.is_read_right[best].tolist()
    columns, is_right = np.array(terms), np.array(rights, float)
    given = np.zeros(len(columns)) if fits_size else _SIZE_WEIGHT * columns[:, 2]
    kept = [0, 1, 2, 3] if fits_size else [0, 1, 3]
    rows = columns[:, kept]

    def compare(weights: NDArray[Any]) -> tuple[float, NDArray[Any], NDArray[Any]]:
        odds = rows @ weights + given
        stated = 1 / (1 + np.exp(-odds))
        loss = np.logaddexp(0, odds) - is_right * odds
        curvature = rows.T @ (rows * (stated * (1 - stated))[:, None])
        return float(loss.mean()), rows.T @ (stated - is_right) / len(rows), curvature / len(rows)

    fitted = np.array([0.0, 0.0, _SIZE_WEIGHT, 0.0])
    fitted[kept] = _minimize(compare, len(kept), decay=0.0)
    return fitted


_Compare = Callable[["NDArray[Any]"], tuple[float, "NDArray[Any]", "NDArray[Any]"]]


def _minimize(compare: _Compare, size: int, *, decay: float = _DECAY) -> NDArray[Any]:
    """Return the weights with the least loss by Newton's method; *compare* returns loss, slope, curvature."""
    weights, damping = np.zeros(size), 1e-3
    loss, slope, curvature = compare(weights)
    for _ in range(_MAX_STEPS):
        matrix = curvature + (2 * decay + damping) * np.eye(size)
        tried = weights - np.linalg.solve(matrix, slope + 2 * decay * weights)
        found = compare(tried)
        gain = loss + decay * (weights @ weights) - found[0] - decay * (tried @ tried)
        if gain < 0:
            damping *= 10
            continue
        weights, damping = tried, damping / 5
        loss, slope, curvature = found
        if gain < 1e-9:
            break
    return weights


if __name__ == "__main__":
    main()
