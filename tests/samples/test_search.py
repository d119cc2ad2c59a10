"""End-to-end search of the samples: every engine finds every quote in its clip, at its second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.samples.conftest import PAGES, SAMPLES, Clip, Quote, clips, quotes
from vidindex.engines import installed_engines


@pytest.fixture(scope="module", params=installed_engines())
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """The samples, indexed."""
    with vidindex.open(tmp_path_factory.mktemp("index"), engine=request.param) as opened:
        report = opened.add(*sorted(PAGES.glob("*.html")), SAMPLES / "downloads")
        assert report.failures == ()
        assert (report.articles, report.dead, len(report.videos)) == (4, 1, 6)
        yield opened


def clip_of(media: Path) -> Clip:
    return next(clip for clip in clips() if clip.media == media)


@pytest.mark.parametrize("quote", quotes(), ids=lambda quote: quote.query[:30])
def test_every_quote_is_found_where_it_was_said(quote: Quote, index: vidindex.Index) -> None:
    best = index.search(quote.query, limit=1)[0]
    assert best.start_ms / 1000 == pytest.approx(quote.second, abs=0.5)
    assert best.match == ("near" if "near" in quote.note else "exact")
    assert clip_of(quote.media).media.stem in best.video.url or clip_of(quote.media).title == best.video.title


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("nothing left to sing with", "interview"),
        ("you can owe me the money", "performance"),
        ("a town that agrees to wait", "speech"),
        ("I tell them to arrive early", "press conference"),
    ],
)
def test_hits_have_the_kind_of_their_clip(words: str, kind: str, index: vidindex.Index) -> None:
    assert index.search(words, limit=1)[0].kind == kind
