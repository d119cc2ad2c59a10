"""Damaged bytes in the store are reported as damage, with the next step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import vidindex
from vidindex.config import STORE_FILE
from vidindex.errors import IndexLocationError

WORDS = "the moment in which the roof of the old market hall came down"


def damage_column(folder: Path | str, column: str, table: str, damage: Callable[[bytes], bytes]) -> None:
    """Change the bytes of a column, as a failing disk might."""
    with sqlite3.connect(Path(folder) / STORE_FILE) as sql:
        for id_, body in sql.execute(f"SELECT id, {column} FROM {table}").fetchall():
            sql.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (damage(body), id_))
    sql.close()


@pytest.fixture
def index(tmp_path: Path, write: Callable[..., Path]) -> vidindex.Index:
    """An index of one talk."""
    path = write("talk.en.vtt", *[WORDS] * 30)
    index = vidindex.open(tmp_path / "index")
    index.add(path)
    return index


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body[:40] + bytes(20) + body[60:],
        lambda body: body[:30],
        lambda body: b"",
        lambda body: body[:-3],
    ],
    ids=["overwritten", "cut", "empty", "times-cut"],
)
def test_damaged_captions_are_an_error_with_the_next_step(
    index: vidindex.Index, damage: Callable[[bytes], bytes]
) -> None:
    damage_column(index.path, "body", "block", damage)
    (video,) = index.videos()
    with pytest.raises(IndexLocationError, match="damaged; `vidindex rebuild`"):
        index.transcript(video.id)
    assert index.rebuild() == []
    assert index.search(WORDS)[0].match == "exact"
    index.close()


def test_a_rebuild_keeps_the_transcript_of_a_damaged_caption_file(index: vidindex.Index) -> None:
    damage_column(index.path, "raw", "track", lambda body: body[:5])
    (failed,) = index.rebuild()
    assert "damaged; remove the video" in failed
    assert index.search(WORDS)[0].match == "exact"
    index.close()
