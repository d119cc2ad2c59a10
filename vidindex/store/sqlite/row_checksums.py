"""Checksums of the rows of a store, so that damage is found which leaves the structure of the file intact.

Temporary triggers of each writing connection keep them up to date: they are not part of the file.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator

from . import rows

_COLUMNS = {
    "article": rows.ARTICLE_COLUMNS,
    "video": f"{rows.VIDEO_COLUMNS}, checked",
    "embed": f"article, position, {rows.EMBED_COLUMNS}, state, reason, video",
    "track": f"video, {rows.TRACK_COLUMNS}, digest, words",
    "task": rows.TASK_COLUMNS,
    "review": rows.REVIEW_COLUMNS,
}
"""The columns of each table that nothing else protects: `track.raw` has a digest."""

_TRANSCRIPT = "transcript"
"""The checksum of all blocks of a track."""


def maintain_checksums(sql: sqlite3.Connection) -> None:
    """Let each write of *sql* also record the checksums of the rows that it changes."""
    _define_function(sql)
    for table, columns in _COLUMNS.items():
        values = rows.qualify_columns("new", columns)
        forget = f"DELETE FROM checksum WHERE part = '{table}' AND id = "
        # Not INSERT OR REPLACE: the statement that fires a trigger decides about conflicts.
        record = f"{forget} new.id; INSERT INTO checksum VALUES ('{table}', new.id, row_checksum({values}))"
        for event, change in (("INSERT", record), (f"UPDATE OF {columns}", record), ("DELETE", f"{forget} old.id")):
            name = f"checksum_{table}_{event[:6]}"
            sql.execute(f"CREATE TEMP TRIGGER IF NOT EXISTS {name} AFTER {event} ON main.{table} BEGIN {change}; END")


def record_transcript(sql: sqlite3.Connection, track: int, packed: Iterable[bytes]) -> None:
    """Record the checksum of the blocks of a track."""
    sql.execute("INSERT OR REPLACE INTO checksum VALUES (?, ?, ?)", (_TRANSCRIPT, track, checksum_values(*packed)))


def forget_transcript(sql: sqlite3.Connection, track: int) -> None:
    """Delete the checksum of the blocks of a track."""
    sql.execute("DELETE FROM checksum WHERE part = ? AND id = ?", (_TRANSCRIPT, track))


def read_transcript_checksums(sql: sqlite3.Connection) -> dict[int, int]:
    """Return the checksum of the blocks of each track that has one."""
    return dict(sql.execute("SELECT id, sum FROM checksum WHERE part = ?", (_TRANSCRIPT,)))


def find_changed_rows(sql: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield the table and the id of each row that differs from its checksum; those without one are not checked."""
    _define_function(sql)
    for table, columns in _COLUMNS.items():
        values = rows.qualify_columns(table, columns)
        query = (
            f"SELECT {table}.id FROM {table} JOIN checksum ON checksum.part = '{table}' AND checksum.id = {table}.id "
            f"WHERE row_checksum({values}) IS NOT checksum.sum"
        )
        for (id_,) in sql.execute(query):
            yield table, id_


def checksum_values(*values: object) -> int:
    """Return a checksum of *values*, as SQLite stores them."""
    total = 0
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        total = zlib.crc32(data, zlib.crc32(b"%d:" % len(data), total))
    return total


def _define_function(sql: sqlite3.Connection) -> None:
    sql.create_function("row_checksum", -1, checksum_values, deterministic=True)
