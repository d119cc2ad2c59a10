"""The texts of a store in a folder: kept in `texts.sqlite3`, which follows the store.

Each write to the store marks the videos and articles that it changes.  Indexing their texts and removing the marks are
two transactions of two files: if a process is killed between them, the next one indexes the same texts again.  A file
that does not belong to the current state of the store, because one of the two was restored or lost, is built again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cached_property

from ...errors import IndexLocationError
from ...model import TEXT_KINDS, TextKind, TextMatch, TextQuery, Video
from ...transcripts.field_tokens import date_number
from ..texts import article_name, article_text, join_fields, video_texts
from . import rows
from .reader import SqliteReader
from .stale_texts import MARK_ALL_SQL
from .text_database import TEXTS_FILE, TextDatabase, wipe
from .text_sql import order_by, translate_text_query

_ITEMS_PER_COMMIT = 200
_MAX_DEAD_TEXTS = 1_000
"""Deleted texts in the full-text tables, or as many as there are others: with more, the file is built again."""

_STATE_KEY = "texts"
_ARTICLES_QUERY = (
    "SELECT embed.label, article.title, article.site, article.url FROM embed "
    "JOIN article ON article.id = embed.article WHERE embed.video = ? ORDER BY embed.id LIMIT 20"
)


class SqliteTexts(SqliteReader):
    """The methods of the store in a folder that index and find texts."""

    @cached_property
    def _texts(self) -> TextDatabase:
        return TextDatabase(self.folder)

    def close(self) -> None:
        self._texts.close()
        super().close()

    def count_stale_texts(self) -> int:
        if self._is_current():
            return int(self._fetch_all("SELECT count(*) FROM stale_text")[0][0])
        return int(self._fetch_all("SELECT (SELECT count(*) FROM video) + (SELECT count(*) FROM article)")[0][0])

    def index_texts(self, *, rebuild: bool = False) -> None:
        try:
            self._index_stale(rebuild=rebuild)
        except IndexLocationError as exc:
            if TEXTS_FILE not in exc.reason:
                raise
            self._texts.delete()  # it is damaged, and everything in it comes from the store
            self._index_stale()

    def _index_stale(self, *, rebuild: bool = False) -> None:
        if rebuild and self._texts.exists:
            with self._texts.transaction() as sql:
                wipe(sql)
        has_indexed = False
        while self._index_batch():
            has_indexed = True
        if has_indexed and self._has_many_dead():
            self._index_stale(rebuild=True)

    def count_texts(self, query: TextQuery) -> dict[TextKind, int]:
        condition = translate_text_query(query)
        found = self._select(
            f"SELECT text.kind, count(*) FROM {_FROM} WHERE {condition.sql} GROUP BY 1", condition.values
        )
        return {TEXT_KINDS[kind]: count for kind, count in found}

    def find_texts(self, query: TextQuery, *, offset: int, limit: int) -> list[TextMatch]:
        condition, order = translate_text_query(query), order_by(query)
        found = self._select(
            f"SELECT text.kind, item.name FROM {_FROM} WHERE {condition.sql} ORDER BY {order.sql} LIMIT ? OFFSET ?",
            (*condition.values, *order.values, limit, offset),
        )
        return [TextMatch(TEXT_KINDS[kind], str(name)) for kind, name in found]

    def _select(self, query: str, values: Sequence[object]) -> list[rows.SqlRow]:
        if not self._is_current():
            return []
        with self._texts.limit_time():
            return self._texts.connection.execute(query, tuple(values)).fetchall()

    def _is_current(self) -> bool:
        """Return whether the file belongs to the store: to its current state, or to that before a killed commit."""
        state = self.get_setting(_STATE_KEY)
        return bool(state) and state in self._texts.read_state()

    def _has_many_dead(self) -> bool:
        live, last = self._select("SELECT count(*), coalesce(max(id), 0) FROM text", ())[0]
        return bool(last - live > max(_MAX_DEAD_TEXTS, live))

    def _index_batch(self) -> bool:
        """Index the texts of some marked rows; return whether there were any."""
        if not self._texts.exists and not self._fetch_one("SELECT 1 FROM video UNION SELECT 1 FROM article"):
            return False
        if self._is_current() and not self._fetch_one("SELECT 1 FROM stale_text"):
            return False
        with self._texts.transaction() as sql:
            before = sql.execute("SELECT current, previous FROM state").fetchone()
            if before is None or self.get_setting(_STATE_KEY) not in before:
                wipe(sql)
                self._mark_all()
            marks = self._fetch_all("SELECT part, id, stamp FROM stale_text LIMIT ?", (_ITEMS_PER_COMMIT,))
            for part, row, _ in marks:
                _delete_item(sql, part, row)
                self._insert_item(sql, part, row)
            import secrets  # takes some milliseconds, which a search need not pay

            state = secrets.token_hex(8)
            sql.execute("DELETE FROM state")
            sql.execute("INSERT INTO state VALUES (?, ?)", (state, self.get_setting(_STATE_KEY)))
        with self._db.transaction() as store:
            store.executemany("DELETE FROM stale_text WHERE part = ? AND id = ? AND stamp = ?", marks)
            store.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_STATE_KEY, state))
        return True

    def _mark_all(self) -> None:
        with self._db.transaction() as store:
            for statement in MARK_ALL_SQL:
                store.execute(statement)

    def _insert_item(self, sql: sqlite3.Connection, part: str, row: int) -> None:
        if part == "video":
            self._insert_video(sql, row)
        elif part == "article":
            self._insert_article(sql, row)

    def _insert_video(self, sql: sqlite3.Connection, row: int) -> None:
        found = self._fetch_one(f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE id = ?", (row,))
        if found is None:
            return
        with self._db.translate_errors():
            video = rows.row_to_video(found)
        item = _insert_row(sql, "video", row, video.id, video.date)
        _insert_fields(sql, item, self._video_fields(row, video))
        for kind, tokens in video_texts(video).items():
            _insert_text(sql, item, kind, tokens)

    def _video_fields(self, row: int, video: Video) -> dict[str, Sequence[str]]:
        embeds = self._fetch_all(_ARTICLES_QUERY, (row,))
        languages = self._fetch_all("SELECT language FROM track WHERE video = ?", (row,))
        return {
            "title": [video.title],
            "channel": [video.channel],
            "site": [video.site],
            "label": [str(embed[0]) for embed in embeds],
            "article": [f"{title} {site} {url}" for _, title, site, url in embeds],
            "kind": [video.kind],
            "lang": [str(language) or video.language for (language,) in languages],
        }

    def _insert_article(self, sql: sqlite3.Connection, row: int) -> None:
        found = self._fetch_one(f"SELECT {rows.ARTICLE_COLUMNS} FROM article WHERE id = ?", (row,))
        if found is None:
            return
        with self._db.translate_errors():
            article = rows.row_to_article(found)
        item = _insert_row(sql, "article", row, article.url, article.date)
        _insert_fields(sql, item, {"article": [article_name(article)], "lang": [article.language]})
        _insert_text(sql, item, "article", article_text(article))


_FROM = "text JOIN item ON item.id = text.item"


def _delete_item(sql: sqlite3.Connection, part: str, row: int) -> None:
    sql.execute("DELETE FROM text WHERE item IN (SELECT id FROM item WHERE part = ? AND row = ?)", (part, row))
    sql.execute("DELETE FROM item WHERE part = ? AND row = ?", (part, row))


def _insert_row(sql: sqlite3.Connection, part: str, row: int, name: str, date: str) -> int:
    values = (part, row, name, date_number(date))
    return int(sql.execute("INSERT INTO item (part, row, name, date) VALUES (?, ?, ?, ?)", values).lastrowid or 0)


def _insert_fields(sql: sqlite3.Connection, item: int, fields: dict[str, Sequence[str]]) -> None:
    names, holes = ", ".join(fields), ", ".join("?" * len(fields))
    sql.execute(f"INSERT INTO fields (rowid, {names}) VALUES (?, {holes})", (item, *map(join_fields, fields.values())))


def _insert_text(sql: sqlite3.Connection, item: int, kind: TextKind, tokens: str) -> None:
    number = sql.execute("INSERT INTO text (item, kind) VALUES (?, ?)", (item, TEXT_KINDS.index(kind))).lastrowid
    sql.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (number, tokens))
