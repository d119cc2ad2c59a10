"""The store in a folder: the methods that write to its SQLite file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...model import Article, Embed, EmbedState, Track, Transcript, Video, make_passage_id
from ..base import StoreChange
from ..packed_track import PackedTrack, pack_track
from . import rows
from .embed_state import REPLACED_CONDITION, update_embed_state
from .reviews import SqliteReviews
from .row_checksums import forget_transcript, record_transcript

if TYPE_CHECKING:  # a search does not use the queue
    from .queue import SqliteQueue


class SqliteStore(SqliteReviews):
    """The store in a folder.  Safe to use from several threads and processes; writers wait for each other."""

    @property
    def queue(self) -> SqliteQueue:
        from .queue import SqliteQueue

        return SqliteQueue(self._db)

    def register_engine(self, name: str, folder: str) -> None:
        with self._db.transaction() as sql:
            sql.execute("INSERT OR IGNORE INTO meta VALUES ('engine', ?)", (name,))
            if folder:
                sql.execute("INSERT OR IGNORE INTO meta VALUES ('engine_folder', ?)", (folder,))

    def put_article(self, article: Article, embeds: Sequence[Embed]) -> StoreChange:
        with self._db.transaction() as sql:
            change, id_ = _upsert_row(sql, "article", "url", rows.ARTICLE_COLUMNS, rows.article_to_row(article))
            before = _select_embed_rows(sql, id_)
            for position, embed in enumerate(embeds):
                _upsert_embed(sql, id_, position, embed)
            urls = [embed.url for embed in embeds]
            holes = ",".join("?" * len(urls))
            sql.execute(f"DELETE FROM embed WHERE article = ? AND url NOT IN ({holes})", (id_, *urls))
            if _select_embed_rows(sql, id_) != before or change == "replaced":
                _mark_videos_pending(sql, id_, before)
                change = "replaced" if change == "unchanged" else change
        return change

    def set_embed_state(
        self, article: str, embed: str, *, state: EmbedState, reason: str = "", video: str = ""
    ) -> None:
        condition = "url = :url AND article = (SELECT id FROM article WHERE url = :article)"
        params = {"url": embed, "article": article}
        with self._db.transaction() as sql:
            update_embed_state(sql, condition, params, state=state, reason=reason, video=video)

    def put_video(self, video: Video, *, last_checked: float | None = None) -> StoreChange:
        with self._db.transaction() as sql:
            change, id_ = _upsert_row(sql, "video", "name", rows.VIDEO_COLUMNS, rows.video_to_row(video))
            if change == "added":
                _insert_track(sql, id_, Track("", "none", ""), "", b"")  # type: ignore[arg-type] # a placeholder
            elif change == "replaced":
                sql.execute("UPDATE track SET indexed = 0 WHERE video = ?", (id_,))
            sql.execute(
                "UPDATE video SET checked = ? WHERE id = ?",
                (time.time() if last_checked is None else last_checked, id_),
            )
        return change

    def mark_unavailable(self, url: str) -> None:
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE video SET checked = :now, gone = CASE gone WHEN '' THEN date(:now, 'unixepoch') ELSE gone END "
                f"WHERE url = :url OR id IN (SELECT video FROM embed WHERE url = :url AND NOT {REPLACED_CONDITION})",
                {"now": time.time(), "url": url},
            )

    def put_track(self, video: str, track: Track, raw: bytes, transcript: Transcript) -> StoreChange:
        return self.put_packed_track(video, track, pack_track(raw, transcript))

    def put_packed_track(self, video: str, track: Track, packed: PackedTrack) -> StoreChange:
        with self._db.transaction() as sql:
            video_row = sql.execute("SELECT id FROM video WHERE name = ?", (video,)).fetchone()
            if video_row is None:  # removed meanwhile
                raise NotIndexedError(video)
            (id_,) = video_row
            before = sql.execute(
                "SELECT id, digest FROM track WHERE video = ? AND language = ? AND origin = ?",
                (id_, track.language, track.origin),
            ).fetchone()
            if before and before[1] == packed.digest:
                return "unchanged"
            placeholders = sql.execute("SELECT id FROM track WHERE video = ? AND origin = 'none'", (id_,)).fetchall()
            _drop_tracks(sql, [track_id for (track_id,) in placeholders])
            if before:
                _drop_tracks(sql, [before[0]])
            track_id = _insert_track(sql, id_, track, packed.digest, packed.raw, packed.words)
            _insert_blocks(sql, track_id, packed.blocks)
            record_transcript(sql, track_id, packed.blocks)
        self._fresh_tokens.add(track_id, packed)
        return "replaced" if before else "added"

    def replace_transcript(self, track: int, transcript: Transcript) -> bool:
        return self.replace_blocks(track, pack_track(b"", transcript), transcript.warnings)

    def replace_blocks(self, track: int, packed: PackedTrack, warnings: tuple[str, ...]) -> bool:
        with self._db.transaction() as sql:
            id_range = make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1
            before = sql.execute("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", id_range).fetchall()
            record_transcript(sql, track, packed.blocks)
            sql.execute("UPDATE track SET warnings = ? WHERE id = ?", (rows.dump_texts(warnings), track))
            if tuple(body for (body,) in before) == packed.blocks:
                return False
            sql.execute("DELETE FROM block WHERE id BETWEEN ? AND ?", id_range)
            _insert_blocks(sql, track, packed.blocks)
            sql.execute("UPDATE track SET indexed = 0, words = ? WHERE id = ?", (packed.words, track))
            # Readers that cache the tokens of transcripts compare this counter.
            sql.execute("INSERT INTO meta VALUES ('renewed', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1")
        return True

    def remove_video(self, name: str) -> bool:
        with self._db.transaction() as sql:
            row = sql.execute("SELECT id FROM video WHERE name = ?", (name,)).fetchone()
            if row:
                _drop_tracks(sql, [id_ for (id_,) in sql.execute("SELECT id FROM track WHERE video = ?", row)])
                sql.execute("UPDATE embed SET state = 'removed', reason = '' WHERE video = ?", row)
                sql.execute("DELETE FROM video WHERE id = ?", row)
                sql.execute("DELETE FROM task WHERE video = ?", (name,))
        return bool(row)

    def remove_article(self, url: str) -> list[str]:
        with self._db.transaction() as sql:
            row = sql.execute("SELECT id FROM article WHERE url = ?", (url,)).fetchone()
            if row is None:
                return []
            _mark_videos_pending(sql, row[0], [])
            orphans = sql.execute(
                "SELECT DISTINCT video.name FROM video JOIN embed ON embed.video = video.id WHERE embed.article = ? "
                "AND NOT EXISTS (SELECT 1 FROM embed e WHERE e.video = video.id AND e.article <> ?)",
                (row[0], row[0]),
            ).fetchall()
            sql.execute("DELETE FROM article WHERE id = ?", row)
            sql.execute(
                "DELETE FROM task WHERE article = ? OR (kind = 'embed' AND url NOT IN (SELECT url FROM embed))", (url,)
            )
        return [name for (name,) in orphans]

    def claim_for_indexing(self, tracks: Sequence[int]) -> list[int]:
        with self._db.transaction() as sql:
            track_ids = [(id_,) for id_ in tracks]
            # A rebuild claims all tracks; until it is complete, its predecessor has those that it had indexed.
            query = "INSERT OR IGNORE INTO dropped SELECT id FROM track WHERE id = ? AND indexed = 0"
            sql.executemany(query, track_ids)
            sql.executemany("UPDATE track SET indexed = 1 WHERE id = ?", track_ids)
        return list(tracks)  # the write lock of the folder admits one writer

    def confirm_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        with self._db.transaction() as sql:
            # A track that was removed meanwhile stays in `dropped`: the engine now has its passages.
            query = "DELETE FROM dropped WHERE track = ? AND track IN (SELECT id FROM track)"
            sql.executemany(query, [(id_,) for id_ in tracks])
            sql.executemany("DELETE FROM dropped WHERE track = ?", [(id_,) for id_ in dropped])
        self._fresh_tokens.forget((*tracks, *dropped))

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        yield  # the caller holds the write lock of the folder

    def switch_engine(self, name: str, folder: str, *, gist: str = "") -> None:
        with self._db.transaction() as sql:
            sql.execute("INSERT OR REPLACE INTO meta VALUES ('gist', ?)", (gist,))
            sql.execute("INSERT OR REPLACE INTO meta SELECT 'engine_left', value FROM meta WHERE key = 'engine_folder'")
            sql.execute("INSERT OR REPLACE INTO meta VALUES ('engine', ?), ('engine_folder', ?)", (name, folder))
            sql.execute("DELETE FROM dropped WHERE track IN (SELECT id FROM track)")

    def register_gist(self, gist: str) -> None:
        with self._db.transaction() as sql:
            sql.execute("INSERT OR REPLACE INTO meta VALUES ('gist', ?)", (gist,))

    def retired_engines(self, *, after_s: float = 0.0) -> list[str]:
        folder = self.get_setting("engine_left")  # only the last one is recorded, without its time
        return [folder] if folder else []

    def forget_engine(self, folder: str) -> None:
        with self._db.transaction() as sql:
            sql.execute("DELETE FROM meta WHERE key = 'engine_left' AND value = ?", (folder,))


def _upsert_row(
    sql: sqlite3.Connection, table: str, key: str, columns: str, row: rows.SqlRow
) -> tuple[StoreChange, int]:
    names = columns.split(", ")
    before = sql.execute(
        f"SELECT id, {columns} FROM {table} WHERE {key} = ?",
        (row[names.index(key)],),
    ).fetchone()
    if before is None:
        holes = ",".join("?" * len(row))
        return "added", int(sql.execute(f"INSERT INTO {table} ({columns}) VALUES ({holes})", row).lastrowid or 0)
    if before[1:] == row:
        return "unchanged", int(before[0])
    sets = ", ".join(f"{name} = ?" for name in names)
    sql.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*row, before[0]))
    return "replaced", int(before[0])


def _select_embed_rows(sql: sqlite3.Connection, article: int) -> list[rows.SqlRow]:
    query = f"SELECT position, {rows.EMBED_COLUMNS}, video FROM embed WHERE article = ? ORDER BY position, id"
    return sql.execute(query, (article,)).fetchall()


def _upsert_embed(sql: sqlite3.Connection, article: int, position: int, embed: Embed) -> None:
    state = "dead" if embed.dead else "waiting"
    sql.execute(
        f"INSERT INTO embed (article, position, {rows.EMBED_COLUMNS}, state, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (article, url) DO UPDATE SET "
        "(position, provider, name, label, kind, captions, medium) = (excluded.position, excluded.provider, "
        "excluded.name, excluded.label, excluded.kind, excluded.captions, excluded.medium)",
        (article, position, *rows.embed_to_row(embed), state),
    )


def _mark_videos_pending(sql: sqlite3.Connection, article: int, before: Sequence[rows.SqlRow]) -> None:
    """Mark the videos of *article*, now and *before*, as pending, because their fields changed."""
    former_videos = [row[-1] for row in before if row[-1] is not None]
    query = "UPDATE track SET indexed = 0 WHERE video = ?"
    sql.execute(f"{query} OR video IN (SELECT video FROM embed WHERE article = ?)", (None, article))
    sql.executemany(query, [(video,) for video in former_videos])


def _insert_track(sql: sqlite3.Connection, video: int, track: Track, digest: str, raw: bytes, words: int = 0) -> int:
    cursor = sql.execute(
        f"INSERT INTO track (video, {rows.TRACK_COLUMNS}, digest, raw, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (video, *rows.track_to_row(track), digest, raw, words),
    )
    return int(cursor.lastrowid or 0)


def _insert_blocks(sql: sqlite3.Connection, track: int, packed: Sequence[bytes]) -> None:
    numbered = ((make_passage_id(track, number), body) for number, body in enumerate(packed))
    sql.executemany("INSERT INTO block VALUES (?, ?)", numbered)


def _drop_tracks(sql: sqlite3.Connection, tracks: Sequence[int]) -> None:
    for track in tracks:
        id_range = make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1
        sql.execute("DELETE FROM block WHERE id BETWEEN ? AND ?", id_range)
        forget_transcript(sql, track)
        sql.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (track,))
        sql.execute("DELETE FROM track WHERE id = ?", (track,))
