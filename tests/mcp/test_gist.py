"""Moments in other words, for language models."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")
pytest.importorskip("mcp")

TARIFFS = "Sales to China were hurt by the new tariffs."
QUESTION = "new import tariffs cost us revenue in China"


@pytest.fixture(name="index")
def _index(tmp_path: Path) -> vidindex.Index:
    (tmp_path / "a.en.vtt").write_text(webvtt([TARIFFS, "The puppy enjoys strolling for hours."]), encoding="utf-8")
    (tmp_path / "b.en.vtt").write_text(webvtt(["My dog likes long walks."]), encoding="utf-8")
    index = vidindex.open(tmp_path / "index")
    index.add(tmp_path / "a.en.vtt", tmp_path / "b.en.vtt")
    index.rebuild(gist=True)
    return index


def search(index: vidindex.Index, **arguments: object) -> list[tuple[str, str]]:
    from vidindex.mcp.arguments import SearchArguments
    from vidindex.mcp.reading import search_moments

    found = search_moments(index, SearchArguments.model_validate(arguments))
    return [(moment.match, moment.text) for moment in found.moments]


def test_moments_in_other_words_are_returned_if_nothing_matches(index: vidindex.Index) -> None:
    with index:
        assert ("gist", TARIFFS) in search(index, query=QUESTION)
        assert search(index, query="dog likes long walks") == [("exact", "dog likes long walks.")]


def test_moments_in_other_words_follow_the_others(index: vidindex.Index) -> None:
    with index:
        found = search(index, query="my dog likes long walks", gist=True, limit=1)
        assert found == [
            ("exact", "My dog likes long walks."),
            ("gist", "The puppy enjoys strolling for hours."),
        ]
        assert search(index, query="my dog likes long walks", match="gist")[:1] == found[1:]
