"""Filters of searches by meaning: what is found is what an exhaustive search finds that is filtered afterwards."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from vidindex.engines.gist.row_files import VectorRows
from vidindex.engines.gist.vector_folder import VectorFolder
from vidindex.engines.gist.vectors import pack_key, quantize, unpack_key
from vidindex.model import Track, TrackContext, Video
from vidindex.search import gist_hits
from vidindex.search.filters import is_selected
from vidindex.search.options import SearchOptions
from vidindex.search.source import FacetSource

np = pytest.importorskip("numpy")

DIM, TRACKS, ROWS = 8, 400, 5
NAMES = [f"video{number}" for number in range(TRACKS)]


def make_context(number: int, pick: random.Random) -> TrackContext:
    """Return a context with rare and common values of each filter."""
    video = Video(
        NAMES[number],
        f"https://a.example/{number}",
        site="a.example",
        channel=f"Channel {int(pick.paretovariate(0.5))}",
        date=f"{pick.randrange(2000, 2025)}-0{pick.randrange(1, 10)}-15",
    )
    return TrackContext(
        video, Track(pick.choice(["en", "en", "en", "de"]), pick.choice(["manual", "automatic"]), "vtt")
    )


def make_filters(pick: random.Random) -> SearchOptions:
    """Return one or two filters."""
    found = SearchOptions()
    for _ in range(pick.randrange(1, 3)):
        videos = frozenset(pick.sample(NAMES, pick.choice([1, 3, 30, 250, TRACKS - 1])))
        changes: list[dict[str, object]] = [
            {"channel": f"channel {pick.randrange(1, 6)}"},
            {"after": str(pick.randrange(2000, 2026))},
            {"before": f"{pick.randrange(2000, 2026)}-05"},
            {"origin": pick.choice(["manual", "automatic", "asr"])},
            {"lang": pick.choice(["en", "de", "fr"])},
            {"videos": videos},
        ]
        found = replace(found, **pick.choice(changes))  # type: ignore[arg-type]  # each is that of its field
    return found


def test_filters_find_what_is_left_of_an_exhaustive_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = random.Random(11)
    contexts = {number + 1: make_context(number, pick) for number in range(TRACKS)}
    keys = np.array([pack_key(track, 40 * row) for track in contexts for row in range(ROWS)], np.int64)
    rows = np.random.default_rng(5).normal(size=(len(keys), DIM)).astype(np.float32)
    folder = VectorFolder(tmp_path / "gist-1", dim=DIM, create=True)
    folder.replace_tracks([*contexts], VectorRows(keys, quantize(rows / np.linalg.norm(rows, axis=1)[:, None] / 3)))

    def facet_contexts(tracks: Iterable[int]) -> dict[int, TrackContext]:
        return {track: contexts[track] for track in tracks}

    def list_tracks(video: str) -> Sequence[tuple[int, Track]]:
        return [(track, context.track) for track, context in contexts.items() if context.video.id == video]

    source = cast(FacetSource, SimpleNamespace(facet_contexts=facet_contexts, list_tracks=list_tracks))
    monkeypatch.setattr(gist_hits, "_FIRST_WINDOWS", 100)
    sizes = set()
    for _ in range(60):
        options, query, limit = make_filters(pick), rows[pick.randrange(len(rows))], pick.choice([1, 20, 300])
        selected = gist_hits._select_vectors(folder, source, options)
        everything = folder.nearest(query, limit=len(keys))
        left = [pair for pair in everything if is_selected(contexts[unpack_key(pair[0])[0]], options)]
        assert selected.nearest(query, limit=limit) == left[:limit]
        if options.videos:
            listed = {track for track, context in contexts.items() if context.video.id in options.videos}
            assert selected.count_rows() == ROWS * len(listed)
        sizes.add(min(len(left), limit))
    assert {0, 1, 20, 300} <= sizes
