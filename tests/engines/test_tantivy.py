"""Behavior that only the tantivy engine has."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tantivy")

import vidindex
from vidindex.engines import tantivy as tantivy_engine
from vidindex.engines.tantivy import TantivyEngine
from vidindex.model import FieldTerm, Passage, PassageFields, PrefixQuery, WordsQuery, make_passage_id


def passages(track: int, count: int) -> list[Passage]:
    """Return passages that have equal scores for every word."""
    fields = PassageFields(title="All the same")
    return [Passage(make_passage_id(track, n), track, ("same", "words"), fields) for n in range(count)]


def test_ties_across_segments_are_cut_by_id(tmp_path: Path) -> None:
    """Each commit is a separate segment whose documents are numbered from zero."""
    engine = TantivyEngine(tmp_path)
    for track in (3, 1, 2):
        engine.replace_tracks([track], passages(track, 20))
    best = [found.passage_id for found in engine.find_candidates(WordsQuery(("same",)), limit=25)]
    assert best == [make_passage_id(1, n) for n in range(20)] + [make_passage_id(2, n) for n in range(5)]
    held = [found.passage_id for found in engine.find_candidates(FieldTerm("title", ("same",)), limit=25)]
    assert held == best
    engine.close()


def test_frequent_words_are_skipped_only_where_they_cannot_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_engine, "_MIN_SKIPPED_POSTINGS", 1)
    chooser = random.Random(3)
    words = [f"w{number}" for number in range(400)]
    spoken = chooser.choices(words, [1 / (rank + 3) for rank in range(400)], k=20_000)
    engine = TantivyEngine(tmp_path)
    for track in (1, 2, 3, 2):  # so that there are several segments, and deleted passages
        texts = [tuple(spoken[at : at + 25]) for at in range(track * 5_000, track * 5_000 + 5_000, 25)]
        fields = PassageFields(title="Talk")
        engine.replace_tracks(
            [track], [Passage(make_passage_id(track, n), track, text, fields) for n, text in enumerate(texts)]
        )
    skipped = 0
    for at in range(5_000, 19_900, 311):
        quote = list(spoken[at : at + 8])
        quote[chooser.randrange(8)] = chooser.choice(words)
        for limit in (3, 20, 400):
            full = list(engine.find_candidates(WordsQuery(tuple(quote)), limit=limit))
            found = list(engine.find_candidates(WordsQuery(tuple(quote)), limit=limit, min_share=0.3))
            least = 0.3 * full[0].score
            assert [each for each in found if each.score >= least] == [each for each in full if each.score >= least]
            assert len(found) == len(full)
            skipped += found != full
    assert skipped
    engine.close()


def test_small_commits_are_merged(tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path)
    for track in range(1, 30):
        engine.replace_tracks([track], passages(track, 3))
    assert engine._index.searcher().num_segments < 16
    assert engine.count_passages() == 87
    engine.close()


def test_a_prefix_finds_more_words_than_the_expansion_limit(tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path)
    many = [Passage(make_passage_id(1, n), 1, (f"stem{n}",), PassageFields(title=f"Part {n}")) for n in range(2_000)]
    engine.replace_tracks([1], many)
    assert len(engine.find_candidates(PrefixQuery("stem"), limit=5_000)) == 2_000
    assert len(engine.find_candidates(FieldTerm("title", ("part", "1"), is_prefix=True), limit=5_000)) == 1_111
    engine.close()


def test_a_killed_deletion_does_not_stand_in_the_way_of_the_next(tmp_path: Path, write: Callable[..., Path]) -> None:
    with vidindex.open(tmp_path / "index", engine="tantivy") as index:
        index.add(write("one.en.vtt", "the first talk"), write("two.en.vtt", "the second talk"))
        (segment,) = (tmp_path / "index" / "tantivy-1").glob("*.term")
        for stamp in range(40):  # the next commit chooses one of these names
            segment.with_suffix(f".{stamp}.del").write_bytes(b"half")
        index.remove("file:one")
        assert [hit.video.id for hit in index.search("the second talk", limit=1)] == ["file:two"]
        assert index.find_damage() == []
