"""Which near hits are shown: by score, length, size of the index, and the evidence of shared words."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.search.near_threshold import choose_threshold, fixed_threshold
from vidindex.search.query import parse_quote

EIGHT = parse_quote("one day we all went down there together")
SIX = parse_quote("we all went down the road")


def test_the_threshold_of_long_quotes_follows_the_size_of_the_index() -> None:
    """Fewer passages make fewer chance hits."""
    small, large = choose_threshold(EIGHT, 500), choose_threshold(EIGHT, 97_000)
    assert not large.accepts(0.5, 20)
    assert small.accepts(0.5, 20)


def test_evidence_lowers_the_threshold_of_long_quotes_to_a_limit() -> None:
    threshold = choose_threshold(EIGHT, 97_000)
    assert not threshold.accepts(0.5, 30)
    assert threshold.accepts(0.5, 60)
    assert not threshold.accepts(0.33, 10_000)


@pytest.mark.parametrize("passages", [97_000, 10_000_000])
def test_a_high_score_needs_no_evidence(passages: int) -> None:
    """Words may be recognized so badly that only their sound is left."""
    assert choose_threshold(EIGHT, passages).accepts(0.62, 0.0)


@pytest.mark.parametrize("text", ["harbor", "the harbor", "the old harbor"])
def test_no_evidence_lowers_the_threshold_of_one_to_three_words(text: str) -> None:
    threshold = choose_threshold(parse_quote(text), 500)
    assert threshold == choose_threshold(parse_quote(text), 1_000_000)
    assert not threshold.accepts(0.6, 10_000)


@pytest.mark.parametrize("text", ["we all went down", "we all went down the road"])
def test_few_words_need_a_higher_score_than_many_whatever_the_evidence(text: str) -> None:
    assert not choose_threshold(parse_quote(text), 97_000).accepts(0.44, 10_000)
    assert choose_threshold(EIGHT, 97_000).accepts(0.44, 10_000)


def test_fillers_never_raise_the_threshold() -> None:
    with_fillers = parse_quote("we all, you know, went down the road")
    assert choose_threshold(with_fillers, 97_000) == choose_threshold(SIX, 97_000)
    assert choose_threshold(parse_quote("you know it is"), 9) == choose_threshold(parse_quote("so now it is"), 9)


def test_a_threshold_that_is_asked_for_is_the_one_that_counts() -> None:
    threshold = fixed_threshold(0.5)
    assert threshold.accepts(0.5, 0.0)
    assert not threshold.accepts(0.49, 10_000)


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_rare_words_are_better_evidence_than_frequent_ones(tmp_path: Path, engine: str) -> None:
    """Both lines differ from their quotes in four words of nine; only one shares words that others do not have."""
    common = [f"and then we said that it was the {number} of them" for number in ("first", "last", "best", "worst")]
    cues = [*common * 600, "the herons of patagonia xxxx yyyyy winter zzzzz quietly wwwww"]
    talk = tmp_path / "talk.en.vtt"
    talk.write_text(webvtt(cues))
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(talk)
        (hit,) = index.search("the herons of patagonia spend every winter feeding quietly", limit=3)
        assert hit.start_ms == 4000 * (len(cues) - 1)
        assert index.search("and then they built that house for the mayor of paris", limit=3) == []
