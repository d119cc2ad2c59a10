"""Every way of embedding is found: each line of `ways.jsonl` has a snippet of markup, from 2005 to today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vidindex.pages.embeds import find_embeds

PAGE = "https://news.example.org/2009/09/15/story/"
WAYS = [json.loads(line) for line in Path(__file__).with_name("ways.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("way", WAYS, ids=[way["way"] for way in WAYS])
def test_every_way_of_embedding_is_found(way: dict[str, str | None]) -> None:
    """Each snippet has one embed, of the expected kind if it states one."""
    expected = way["expect"] or ""
    embeds = find_embeds(f"<html><body>{way['html']}</body></html>", PAGE)
    found = [embed for embed in embeds if expected == embed.id or expected in embed.url]

    assert len(found) == 1
    assert way["kind"] in (None, found[0].kind)
