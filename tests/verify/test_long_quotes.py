"""Quotes that are longer than a passage of the engine."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt

SYLLABLES = ("ka", "mo", "ti", "ru", "ne", "so", "li", "ba", "du", "ve")


def make_words(count: int) -> list[str]:
    """Return words that are all different."""
    names = itertools.product(SYLLABLES, repeat=3)
    words = ["".join(name) for name in itertools.islice(names, count)]
    random.Random(7).shuffle(words)
    return words


@pytest.mark.parametrize("size", [120, 300, 590])
def test_a_long_quote_is_found_without_naming_its_video(tmp_path: Path, size: int) -> None:
    """A passage has at most 125 of its words."""
    words = make_words(1000)
    lines = [" ".join(words[at : at + 10]) for at in range(0, len(words), 10)]
    (tmp_path / "speech.vtt").write_text(webvtt(lines), encoding="utf-8")
    (tmp_path / "bread.vtt").write_text(
        webvtt(["let us talk about sourdough bread and salted butter"]), encoding="utf-8"
    )
    said, other = " ".join(words[200 : 200 + size]), " ".join(reversed(words[200 : 200 + size]))
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "speech.vtt", tmp_path / "bread.vtt")
        bread = next(video.id for video in index.videos() if "bread" in video.title)
        found, elsewhere, reordered = index.verify([{"quote": said}, {"quote": said, "video": bread}, {"quote": other}])
    assert found.verdict == "verbatim"
    assert (elsewhere.verdict, elsewhere.elsewhere) == ("verbatim", True)
    assert reordered.verdict not in ("verbatim", "faithful")


def test_a_quote_that_is_too_long_says_how_much_of_it_was_checked(tmp_path: Path) -> None:
    words = make_words(700)
    lines = [" ".join(words[at : at + 10]) for at in range(0, len(words), 10)]
    (tmp_path / "speech.vtt").write_text(webvtt(lines), encoding="utf-8")
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "speech.vtt")
        whole, part = index.verify([{"quote": " ".join(words)}, {"quote": " ".join(words[:500])}])
    assert whole.notes == ("only the first 600 words of the quote were checked",)
    assert part.notes == ()
