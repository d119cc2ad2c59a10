"""The file `texts.sqlite3` beside a store: a full-text index of the texts about its videos.

Everything in it comes from the store, and it can be deleted: it is built again when the index is next written to.
Another person may have written the file, so it is checked before it is used.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import IndexBusyError, IndexLocationError, IndexUnusableError, TooBusyError
from .connection import SqliteDatabase, _ConnectionUser

TEXTS_FILE = "texts.sqlite3"

_TOKENIZER = "unicode61 remove_diacritics 0 categories ''L* M* N* P* S* Co Cn''"
_OBJECTS = {
    "state": "CREATE TABLE state (current TEXT NOT NULL, previous TEXT NOT NULL)",
    # Ids are never reused: what the full-text tables have of a deleted row leads nowhere.
    "item": (
        "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT NOT NULL, row INTEGER NOT NULL, "
        "name TEXT NOT NULL, date INTEGER NOT NULL, UNIQUE (part, row))"
    ),
    "text": (
        "CREATE TABLE text (id INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL, kind INTEGER NOT NULL, "
        "UNIQUE (item, kind))"
    ),
    "words": f"CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='{_TOKENIZER}')",
    "fields": (
        "CREATE VIRTUAL TABLE fields USING fts5(title, channel, site, label, article, kind, lang, content='', "
        f"tokenize='{_TOKENIZER}')"
    ),
}
_MAX_QUERY_S = 5.0
"""Maximum processor time of one query: a short prefix stands for thousands of words."""

_INSTRUCTIONS_PER_CHECK = 100_000
_OTHER_FAILURES = ("readonly", "full", "disk I/O error", "unable to open")
_SHADOW_TABLES = {f"{table}_{part}" for table in ("words", "fields") for part in ("data", "idx", "docsize", "config")}


class TextDatabase(SqliteDatabase):
    """The file `texts.sqlite3` in *folder*.  Each thread has its own connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / TEXTS_FILE
        self._local = threading.local()
        self._connections: weakref.WeakSet[_ConnectionUser] = weakref.WeakSet()
        self._checked = False

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def read_state(self) -> tuple[str, str]:
        """Return the states of the store that the file may belong to; empty if there is none or it is another file."""
        if not self.exists:
            return "", ""
        with self.translate_errors():
            if not self._is_usable():
                return "", ""
            row = self.connection.execute("SELECT current, previous FROM state").fetchone()
            return (str(row[0]), str(row[1])) if row else ("", "")

    def _is_usable(self) -> bool:
        """Return whether the file has the tables of this version and nothing else."""
        if not self._checked:
            rows = self.connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            found = {name: sql for kind, name, sql in rows if kind == "table" and not name.startswith("sqlite_")}
            own = {name: sql for name, sql in found.items() if name not in _SHADOW_TABLES}
            others = [name for kind, name, _ in rows if kind != "table" and not name.startswith("sqlite_autoindex_")]
            self._checked = own == _OBJECTS and not others
        return self._checked

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit all writes of the block, or none if it raises; waits for other writers."""
        sql = self.connection
        with self.translate_errors():
            sql.execute("BEGIN IMMEDIATE")
            try:
                if not self._is_usable():
                    _create_objects(sql)
                    self._checked = True
                yield sql
            except BaseException:
                if sql.in_transaction:
                    sql.execute("ROLLBACK")
                raise
            if sql.in_transaction:
                sql.execute("COMMIT")

    @contextmanager
    def limit_time(self) -> Iterator[None]:
        """Stop the statements of the block if they take too long.  Raises `TooBusyError`."""
        end_s = time.thread_time() + _MAX_QUERY_S
        connection = self.connection
        connection.set_progress_handler(lambda: time.thread_time() > end_s, _INSTRUCTIONS_PER_CHECK)
        try:
            with self.translate_errors():
                yield
        except IndexUnusableError as exc:
            if "interrupted" not in str(exc.__cause__):
                raise
            raise TooBusyError("the query takes too long: use longer words before `*`, or fewer operators") from exc
        finally:
            connection.set_progress_handler(None, 0)

    def delete(self) -> None:
        """Delete the file."""
        self.close()
        self._checked = False
        try:
            for name in (TEXTS_FILE, f"{TEXTS_FILE}-wal", f"{TEXTS_FILE}-shm"):
                (self.folder / name).unlink(missing_ok=True)
        except OSError as exc:
            raise IndexLocationError(str(self.folder), f"cannot delete {TEXTS_FILE}: {exc.strerror}") from exc

    def _translate_error(self, exc: sqlite3.Error) -> IndexUnusableError:
        error = super()._translate_error(exc)
        if isinstance(error, IndexBusyError) or any(part in str(exc) for part in _OTHER_FAILURES):
            return error
        return IndexLocationError(
            str(self.folder), f"{TEXTS_FILE} is damaged: delete this file, then run `vidindex rebuild`"
        )


def wipe(sql: sqlite3.Connection) -> None:
    """Delete all texts."""
    for table in ("words", "fields"):
        sql.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    for table in ("text", "item", "state"):
        sql.execute(f"DELETE FROM {table}")
    sql.execute("DELETE FROM sqlite_sequence")


def _create_objects(sql: sqlite3.Connection) -> None:
    found = sql.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found[0]:
        raise sqlite3.DatabaseError("foreign schema")
    for definition in _OBJECTS.values():
        sql.execute(definition)
