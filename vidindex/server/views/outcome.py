"""What the search page shows below its field: hits by video, filters, or how to begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...errors import QuerySyntaxError
from ...model import Hit, Stats
from .examples import Example, Welcome
from .links import video_path
from .moments import Moment, moment
from .paging import Pages, pages_of
from .picture import Picture, picture
from .state import State

_ORDERS = (("", "Best"), ("date", "Newest"), ("length", "Shortest"))
_NAMES = {"site": "Site", "channel": "Channel", "kind": "Kind", "lang": "Language", "year": "Year",
          "article": "Article", "match": "Match"}  # fmt: skip
_SHOWN = 8  # values of one facet
_FEW = 3  # hits of one video that are shown at once


@dataclass(frozen=True, slots=True)
class Count:
    """How many hits have a value; *name* is how to show it where that is another."""

    value: str
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits and what surrounds it: *facets* are pairs of a filter's name and the counts of its values."""

    hits: Sequence[Hit]
    total: int
    first: int = 0
    size: int = 20
    is_more: bool = False
    facets: Sequence[tuple[str, Sequence[Count]]] = ()
    suggestion: str = ""
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A video with its hits: *others* are shown on demand."""

    title: str
    href: str
    facts: tuple[str, ...]
    label: str
    picture: Picture
    moments: tuple[Moment, ...]
    others: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by; its address takes it away again where it *is_chosen*."""

    text: str
    href: str
    count: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one filter."""

    key: str
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a query: *here* is where."""

    reason: str
    before: str
    here: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is below the field.  Where *is_blank*, only *size*, *examples* and *ways* are."""

    text: str
    kept: tuple[tuple[str, str], ...] = ()
    is_blank: bool = False
    size: str = ""
    examples: tuple[Example, ...] = ()
    ways: tuple[Example, ...] = ()
    slip: Slip | None = None
    news: str = ""
    count: str = ""
    spread: str = ""
    took: str = ""
    meant: Choice | None = None
    loose: Choice | None = None
    orders: tuple[Choice, ...] = ()
    clips: tuple[Clip, ...] = ()
    has_near: bool = False
    facets: tuple[Facet, ...] = ()
    narrowed: int = 0
    unfiltered: str = ""
    pages: Pages = field(default_factory=Pages)


def outcome_of(state: State, found: Found, *, pictures: bool = False) -> Outcome:
    """Show what was *found* for *state*."""
    clips = tuple(_clips(state, found.hits, pictures=pictures))
    count = f"{found.total:,}{'+' if found.is_more else ''}"
    spread = f"moment{'s' * (found.total != 1)}"
    return Outcome(
        text=state.text,
        kept=_kept(state),
        news=f"{count} {spread}" if clips else "Nothing found",
        count=count,
        spread=spread,
        took=f"in {found.took_ms:.0f} ms" if clips and found.took_ms else "",
        meant=_meant(state, found),
        loose=_loose(state),
        orders=_orders(state),
        clips=clips,
        has_near=any(piece.kind == "differs" for clip in clips for each in clip.moments for piece in each.pieces),
        facets=tuple(facet for name, counts in found.facets if (facet := _facet(state, name, counts)).choices),
        narrowed=len(state.filters),
        unfiltered=replace(state, filters=()).address,
        pages=pages_of("/", found.first // found.size + 1, total=found.total, size=found.size, asked=state.pairs()),
    )


def slip_of(state: State, error: QuerySyntaxError) -> Outcome:
    """Show where a query stops making sense."""
    at = min(error.at, len(error.query))
    slip = Slip(error.reason, error.query[:at], error.query[at : at + 1] or " ", error.query[at + 1 :])
    return Outcome(state.text, kept=_kept(state), slip=slip)


def blank(state: State, stats: Stats, welcome: Welcome) -> Outcome:
    """Show how to begin."""
    size = f"{stats.words:,} words of {stats.videos:,} videos, from {stats.articles:,} articles."
    return Outcome(state.text, kept=_kept(state), is_blank=True, size=size, examples=welcome.said, ways=welcome.ways)


def _kept(state: State) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in state.pairs() if pair[0] != "q")


def _clips(state: State, hits: Iterable[Hit], *, pictures: bool) -> Iterable[Clip]:
    """Group *hits* by video, in the order of each one's best."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.video.id, []).append(hit)
    return (_clip(state, group, pictures=pictures) for group in groups.values())


def _clip(state: State, hits: Sequence[Hit], *, pictures: bool) -> Clip:
    best, video = hits[0], hits[0].video
    ordered = sorted(hits, key=lambda hit: hit.start_ms)
    length_ms = max(video.duration_ms, ordered[-1].end_ms if video.duration_ms else 0)
    moments = tuple(moment(hit, text=state.text) for hit in ordered)
    shown = len(moments) if len(moments) <= _FEW + 1 else _FEW
    label = best.label if best.label != video.title else ""
    kind = video.kind if video.kind != "other" else ""
    return Clip(
        title=video.title or video.id,
        href=video_path(video.id, at_ms=best.start_ms, text=state.text),
        facts=tuple(filter(None, (video.channel or video.site, video.date, kind))),
        label=label,
        picture=picture(video, ordered, length_ms=length_ms, wanted=pictures),
        moments=moments[:shown],
        others=moments[shown:],
    )


def _orders(state: State) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, replace(state, sort=sort).address, is_chosen=state.sort == sort) for sort, name in _ORDERS
    )


def _facet(state: State, name: str, counts: Sequence[Count]) -> Facet:
    chosen = state.value(name)
    shown = list(counts[:_SHOWN])
    if chosen and all(each.value != chosen for each in shown):
        shown = [next((each for each in counts if each.value == chosen), Count(chosen, 0)), *shown[: _SHOWN - 1]]
    choices = tuple(
        Choice(
            each.name or each.value, state.toggled(name, each.value).address, f"{each.count:,}", each.value == chosen
        )
        for each in shown
        if each.value
    )
    return Facet(name, _NAMES.get(name, name.capitalize()), choices)


def _meant(state: State, found: Found) -> Choice | None:
    if not found.suggestion:
        return None
    return Choice(found.suggestion, replace(state, text=found.suggestion).address)


def _loose(state: State) -> Choice | None:
    """Offer the same words as a quote of which some may be wrong."""
    plain = " ".join(state.text.replace('"', " ").split())
    return Choice(plain, replace(state, text=plain).address) if plain != state.text.strip() else None
