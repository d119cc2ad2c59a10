"""Mark the videos and articles whose texts have changed since they were indexed.

Temporary triggers of each writing connection do so: they are not part of the file.
"""

from __future__ import annotations

import sqlite3

from . import rows


def _mark(part: str, ids: str) -> str:
    """Return the SQL that marks the rows that the query *ids* returns."""
    # Not INSERT OR REPLACE: the statement that fires a trigger decides about conflicts.
    return (
        f"DELETE FROM stale_text WHERE part = '{part}' AND id IN ({ids}); "
        f"INSERT INTO stale_text SELECT DISTINCT '{part}', id, random() FROM ({ids}) WHERE id IS NOT NULL"
    )


_EMBEDDED = "SELECT video AS id FROM embed WHERE article = new.id"
_CHANGES = {
    "INSERT ON main.video": [_mark("video", "SELECT new.id AS id")],
    f"UPDATE OF {rows.VIDEO_COLUMNS} ON main.video": [_mark("video", "SELECT new.id AS id")],
    "DELETE ON main.video": [_mark("video", "SELECT old.id AS id")],
    "INSERT ON main.article": [_mark("article", "SELECT new.id AS id")],
    f"UPDATE OF {rows.ARTICLE_COLUMNS} ON main.article": [
        _mark("article", "SELECT new.id AS id"),
        _mark("video", _EMBEDDED),
    ],
    "DELETE ON main.article": [_mark("article", "SELECT old.id AS id")],
    # The articles and labels of a video, and the languages of its captions, are fields that filter it.
    "INSERT ON main.embed": [_mark("video", "SELECT new.video AS id")],
    "UPDATE OF article, label, video ON main.embed": [
        _mark("video", "SELECT old.video AS id"),
        _mark("video", "SELECT new.video AS id"),
    ],
    "DELETE ON main.embed": [_mark("video", "SELECT old.video AS id")],
    "INSERT ON main.track": [_mark("video", "SELECT new.video AS id")],
    "DELETE ON main.track": [_mark("video", "SELECT old.video AS id")],
}
"""The changes after which texts are indexed again, with what they mark."""

MARK_ALL_SQL = (
    "DELETE FROM stale_text",
    "INSERT INTO stale_text SELECT 'video', id, random() FROM video",
    "INSERT INTO stale_text SELECT 'article', id, random() FROM article",
)


def mark_stale_texts(sql: sqlite3.Connection) -> None:
    """Let each write of *sql* also mark what it changes."""
    for number, (change, statements) in enumerate(_CHANGES.items()):
        body = "; ".join(statements)
        sql.execute(f"CREATE TEMP TRIGGER IF NOT EXISTS stale_text_{number} AFTER {change} BEGIN {body}; END")
