"""Where in the tracks a query is answered: the passages that an engine ranks, looked at word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..engines.base import Engine
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import Node, passage_id, passage_place
from .align import Aligner, said
from .options import SearchOptions
from .query import Query

if TYPE_CHECKING:
    from .find import Source

_TIERS = (100, 1000, 5000)
"""Candidates looked at: the first are enough unless most of them answer; then more are asked for."""

_LIKELY = 30  # windows that are aligned word by word
_AHEAD = 40  # tokens of the next block that are read with a passage


class Found(NamedTuple):
    """Tokens *first* to *last* (included) of a track; *matched* are those that answer the query.

    *last* before *first* where the whole track answers.
    """

    track: int
    first: int
    last: int
    score: float
    exact: bool
    matched: tuple[int, ...] = ()


class Run(NamedTuple):
    """Passages of a track that touch, as one text; *base* is its first token's position in the track."""

    track: int
    base: int
    text: str


def places_of(engine: Engine, source: Source, query: Query, node: Node, options: SearchOptions) -> Iterator[Found]:
    """Give the places that answer *query*, best first, as far as they are asked for."""
    seen: set[int] = set()
    given: dict[int, list[tuple[int, int]]] = {}
    for limit in _TIERS:
        ranked = [candidate.passage for candidate in engine.candidates(node, limit=limit)]
        fresh = [passage for passage in ranked if passage not in seen]
        seen.update(fresh)
        found = _look(source, query, fresh, options)
        yield from _merged(found, given)
        if len(ranked) < limit or len({place.track << 20 | place.first // STRIDE for place in found}) < limit // 4:
            return


def _look(source: Source, query: Query, passages: Sequence[int], options: SearchOptions) -> list[Found]:
    tokens = tuple(token for part in query.parts for token in part)
    runs = list(_runs(source, passages, reach=len(tokens)))
    found = [
        Found(run.track, run.base + p.first, run.base + p.last, p.score, True)
        for run in runs
        for p in said(tokens, run.text)
    ]
    if not query.exact and options.match != "exact":
        found += _near(Aligner(tokens), runs, options.threshold if options.threshold is not None else 0.6)
    return sorted(found, key=lambda place: (-place.score, place.track, place.first))


def _near(aligner: Aligner, runs: Sequence[Run], threshold: float) -> Iterator[Found]:
    windows = [(window, run) for run in runs for window in aligner.windows(run.text, 50)]
    windows.sort(key=lambda pair: -pair[0][0])
    for (_, start, end), run in windows[:_LIKELY]:
        place = aligner.place(run.text, start, end)
        if place is not None and place.score >= threshold:
            yield Found(run.track, run.base + place.first, run.base + place.last, min(place.score, 0.999), False)


def _runs(source: Source, passages: Sequence[int], *, reach: int) -> Iterator[Run]:
    """Join passages that touch; where a quote may be longer than they overlap, with their neighbours."""
    behind = -(-max(0, reach - 20) // STRIDE)
    wanted: dict[int, set[int]] = {}
    for passage in passages:
        track, number = passage_place(passage)
        wanted.setdefault(track, set()).update(range(max(0, number - behind), number + behind + 1))
    needed = {passage_id(track, n) for track, numbers in wanted.items() for m in numbers for n in (m, m + 1)}
    blocks = source.tokens(sorted(needed))
    for track, numbers in wanted.items():
        for first, last in _stretches(sorted(numbers)):
            texts = [blocks.get(passage_id(track, number), "") for number in range(first, last + 2)]
            texts[-1] = " ".join(texts[-1].split(" ", _AHEAD)[:_AHEAD])
            text = " ".join(filter(None, texts))
            if text:
                yield Run(track, first * STRIDE, text)


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _merged(found: Sequence[Found], given: dict[int, list[tuple[int, int]]]) -> Iterator[Found]:
    """Leave out places that overlap a better one."""
    for place in found:
        known = given.setdefault(place.track, [])
        if not any(place.first <= last and first <= place.last for first, last in known):
            known.append((place.first, place.last))
            yield place
