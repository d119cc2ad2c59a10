"""The store in a folder: everything in one SQLite file."""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...model import Article, Embed, Track, Transcript, Video, make_passage_id
from .. import transcript_blocks as blocks
from ..base import StoreChange
from . import rows
from .embed_state import REPLACED_CONDITION, update_embed_state
from .reader import SqliteReader, hash_captions

if TYPE_CHECKING:  # a search asks for no queue
    from .queue import SqliteQueue

_ZLIB_LEVEL = 4
"""Of zlib: raw captions are a fiftieth larger than by its default, in half the time."""


class SqliteStore(SqliteReader):
    """The store in a folder.  Safe to use from several threads and processes; writers wait for each other."""

    @property
    def queue(self) -> SqliteQueue:
        """What is to be done, and how it went."""
        from .queue import SqliteQueue

        return SqliteQueue(self._db)

    def register_engine(self, name: str, folder: str) -> None:
        """Record the engine of a new index, unless another process was first."""
        with self._db.transaction() as sql:
            sql.execute("INSERT OR IGNORE INTO meta VALUES ('engine', ?), ('engine_folder', ?)", (name, folder))

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        """Record *article* with its *embeds*, in order; embeds that it has no longer are forgotten."""
        with self._db.transaction() as sql:
            change, id_ = _upsert_row(sql, "article", "url", rows.ARTICLE_COLUMNS, rows.article_to_row(article))
            before = _select_embed_rows(sql, id_)
            for position, embed in enumerate(embeds):
                _upsert_embed(sql, id_, position, embed)
            kept = [embed.url for embed in embeds]
            holes = ",".join("?" * len(kept))
            sql.execute(f"DELETE FROM embed WHERE article = ? AND url NOT IN ({holes})", (id_, *kept))
            if _select_embed_rows(sql, id_) != before or change == "replaced":
                _mark_videos_pending(sql, id_, before)
                change = "replaced" if change == "unchanged" else change
        return change

    def set_embed_state(self, article: str, embed: str, *, state: str, reason: str = "", video: str = "") -> None:
        """Record how the embed with URL *embed* in *article* went, and the id of its *video*."""
        place = "url = :url AND article = (SELECT id FROM article WHERE url = :article)"
        with self._db.transaction() as sql:
            update_embed_state(sql, place, {"url": embed, "article": article}, state=state, reason=reason, video=video)

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        """Record *video*; its passages are indexed again where what they can be filtered by changed.

        It counts as asked for now, or at the time *checked*.
        """
        with self._db.transaction() as sql:
            change, id_ = _upsert_row(sql, "video", "name", rows.VIDEO_COLUMNS, rows.video_to_row(video))
            if change == "added":
                _insert_track(sql, id_, Track("", "none", ""), "", b"")  # type: ignore[arg-type] # a stand-in
            elif change == "replaced":
                sql.execute("UPDATE track SET indexed = 0 WHERE video = ?", (id_,))
            sql.execute(
                "UPDATE video SET checked = ? WHERE id = ?",
                (time.time() if last_checked is None else last_checked, id_),
            )
        return change

    def mark_unavailable(self, url: str) -> None:
        """Record that the video at *url*, or that its embeds play, is no more at its site since today."""
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE video SET checked = :now, gone = CASE gone WHEN '' THEN date(:now, 'unixepoch') ELSE gone END "
                f"WHERE url = :url OR id IN (SELECT video FROM embed WHERE url = :url AND NOT {REPLACED_CONDITION})",
                {"now": time.time(), "url": url},
            )

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        """Record a track of *video* with its raw bytes and transcript, replacing that of its language and origin."""
        name = hash_captions(raw)
        packed = list(blocks.pack_blocks(transcript))
        with self._db.transaction() as sql:
            (id_,) = sql.execute("SELECT id FROM video WHERE name = ?", (video,)).fetchone()
            same = (id_, track.language, track.origin)
            found = sql.execute(
                "SELECT id, digest FROM track WHERE video = ? AND language = ? AND origin = ?", same
            ).fetchone()
            if found and found[1] == name:
                return "unchanged"
            stand_in = sql.execute("SELECT id FROM track WHERE video = ? AND origin = 'none'", (id_,)).fetchall()
            _drop_tracks(sql, [number for (number,) in stand_in])
            if found:
                _drop_tracks(sql, [found[0]])
            number = _insert_track(sql, id_, track, name, zlib.compress(raw, _ZLIB_LEVEL), len(transcript.words))
            _insert_blocks(sql, number, packed)
        return "replaced" if found else "added"

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        """Replace the transcript of *track*, made anew from its raw bytes; tell whether it changed."""
        packed = list(blocks.pack_blocks(transcript))
        with self._db.transaction() as sql:
            here = make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1
            before = sql.execute("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", here).fetchall()
            if [body for (body,) in before] == packed:
                return False
            sql.execute("DELETE FROM block WHERE id BETWEEN ? AND ?", here)
            _insert_blocks(sql, track, packed)
            words = len(transcript.words)
            sql.execute("UPDATE track SET indexed = 0, words = ? WHERE id = ?", (words, track))
            # Whoever remembers tokens of transcripts sees by it that some are others now.
            sql.execute("INSERT INTO meta VALUES ('renewed', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1")
        return True

    def remove_video(self, name: str) -> bool:
        """Forget a video with all its tracks; tell whether there was one."""
        with self._db.transaction() as sql:
            row = sql.execute("SELECT id FROM video WHERE name = ?", (name,)).fetchone()
            if row:
                _drop_tracks(sql, [id_ for (id_,) in sql.execute("SELECT id FROM track WHERE video = ?", row)])
                sql.execute("UPDATE embed SET state = 'removed', reason = '' WHERE video = ?", row)
                sql.execute("DELETE FROM video WHERE id = ?", row)
                sql.execute("DELETE FROM task WHERE video = ?", (name,))
        return bool(row)

    def remove_article(self, url: str) -> list[str]:
        """Forget an article; its videos stay.  Gives the ids of those that no other article embeds."""
        with self._db.transaction() as sql:
            row = sql.execute("SELECT id FROM article WHERE url = ?", (url,)).fetchone()
            if row is None:
                return []
            _mark_videos_pending(sql, row[0], [])
            lonely = sql.execute(
                "SELECT DISTINCT video.name FROM video JOIN embed ON embed.video = video.id WHERE embed.article = ? "
                "AND NOT EXISTS (SELECT 1 FROM embed e WHERE e.video = video.id AND e.article <> ?)",
                (row[0], row[0]),
            ).fetchall()
            sql.execute("DELETE FROM article WHERE id = ?", row)
            sql.execute(
                "DELETE FROM task WHERE article = ? OR (kind = 'embed' AND url NOT IN (SELECT url FROM embed))", (url,)
            )
        return [name for (name,) in lonely]

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        """Note that the engine is about to be given *tracks*: what changes of them from now on is given again.

        Gives those that nobody else gives it at this moment: here, where feeders take turns, all.
        """
        with self._db.transaction() as sql:
            each = [(id_,) for id_ in tracks]
            sql.executemany("UPDATE track SET indexed = 1 WHERE id = ?", each)
            sql.executemany("INSERT OR IGNORE INTO dropped VALUES (?)", each)
        return list(tracks)

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        """Record that the engine holds *tracks*, as they were when they were held, and has forgotten *dropped*."""
        with self._db.transaction() as sql:
            # One that was removed meanwhile is in the engine again.
            there = "DELETE FROM dropped WHERE track = ? AND track IN (SELECT id FROM track)"
            sql.executemany(there, [(id_,) for id_ in tracks])
            sql.executemany("DELETE FROM dropped WHERE track = ?", [(id_,) for id_ in dropped])

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Have nobody else feed an engine meanwhile; here the caller's lock does."""
        yield

    def switch_engine(self, name: str, folder: str) -> None:
        """Record that the engine *name* in *folder* holds every track that was held for it."""
        with self._db.transaction() as sql:
            sql.execute("INSERT OR REPLACE INTO meta SELECT 'engine_left', value FROM meta WHERE key = 'engine_folder'")
            sql.execute("INSERT OR REPLACE INTO meta VALUES ('engine', ?), ('engine_folder', ?)", (name, folder))
            sql.execute("DELETE FROM dropped WHERE track IN (SELECT id FROM track)")

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        """Name the folders of engines that are not in use since more than *after_s*; here, of the last."""
        left = self.get_setting("engine_left")
        return [left] if left else []

    def forget_engine(self, folder: str) -> None:
        """Record that the engine in *folder* is deleted."""
        with self._db.transaction() as sql:
            sql.execute("DELETE FROM meta WHERE key = 'engine_left' AND value = ?", (folder,))


def _upsert_row(
    sql: sqlite3.Connection, table: str, key: str, columns: str, row: rows.SqlRow
) -> tuple[StoreChange, int]:
    names = columns.split(", ")
    found = sql.execute(
        f"SELECT id, {columns} FROM {table} WHERE {key} = ?",
        (row[names.index(key)],),
    ).fetchone()
    if found is None:
        holes = ",".join("?" * len(row))
        return "added", int(sql.execute(f"INSERT INTO {table} ({columns}) VALUES ({holes})", row).lastrowid or 0)
    if found[1:] == row:
        return "unchanged", int(found[0])
    sets = ", ".join(f"{name} = ?" for name in names)
    sql.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*row, found[0]))
    return "replaced", int(found[0])


def _select_embed_rows(sql: sqlite3.Connection, article: int) -> list[rows.SqlRow]:
    query = f"SELECT position, {rows.EMBED_COLUMNS}, video FROM embed WHERE article = ? ORDER BY position, id"
    return sql.execute(query, (article,)).fetchall()


def _upsert_embed(sql: sqlite3.Connection, article: int, position: int, embed: Embed) -> None:
    state = "dead" if embed.dead else "waiting"
    sql.execute(
        f"INSERT INTO embed (article, position, {rows.EMBED_COLUMNS}, state, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (article, url) DO UPDATE SET "
        "(position, provider, name, label, kind, captions) = "
        "(excluded.position, excluded.provider, excluded.name, excluded.label, excluded.kind, excluded.captions)",
        (article, position, *rows.embed_to_row(embed), state),
    )


def _mark_videos_pending(sql: sqlite3.Connection, article: int, before: Sequence[rows.SqlRow]) -> None:
    """Have the videos of *article*, today's and those *before*, indexed again: their fields changed."""
    gone = [row[-1] for row in before if row[-1] is not None]
    query = "UPDATE track SET indexed = 0 WHERE video = ?"
    sql.execute(f"{query} OR video IN (SELECT video FROM embed WHERE article = ?)", (None, article))
    sql.executemany(query, [(video,) for video in gone])


def _insert_track(sql: sqlite3.Connection, video: int, track: Track, digest: str, raw: bytes, words: int = 0) -> int:
    cursor = sql.execute(
        f"INSERT INTO track (video, {rows.TRACK_COLUMNS}, digest, raw, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (video, *rows.track_to_row(track), digest, raw, words),
    )
    return int(cursor.lastrowid or 0)


def _insert_blocks(sql: sqlite3.Connection, track: int, packed: Sequence[bytes]) -> None:
    numbered = ((make_passage_id(track, number), body) for number, body in enumerate(packed))
    sql.executemany("INSERT INTO block VALUES (?, ?)", numbered)


def _drop_tracks(sql: sqlite3.Connection, tracks: Sequence[int]) -> None:
    for track in tracks:
        here = make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1
        sql.execute("DELETE FROM block WHERE id BETWEEN ? AND ?", here)
        sql.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (track,))
        sql.execute("DELETE FROM track WHERE id = ?", (track,))
