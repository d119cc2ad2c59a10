"""One SQLite file, used by several threads and processes at once; its errors are translated here.

Another person may have written the file: it is checked before its first statement is executed.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from ...config import LOCK_TIMEOUT_S, STORE_FILE
from ...errors import IndexBusyError, IndexLocationError, IndexUnusableError, IndexVersionError, NoIndexError
from ...transcripts.lazy_pattern import lazy_pattern
from . import schema
from .row_checksums import maintain_checksums
from .stale_texts import mark_stale_texts
from .store_files import check_store_files


class _SurrogateSafeConnection(sqlite3.Connection):
    """A connection that replaces lone surrogates, which JSON and file names may contain but SQLite cannot store."""

    user: weakref.ref[_ConnectionUser] | None = None
    maintains_checksums = False

    def _open_cursor(self) -> sqlite3.Cursor:
        cursor = self.cursor(_Cursor)
        cursor.user = self.user() if self.user else None
        return cursor

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        try:
            return self._open_cursor().execute(sql, values)
        except UnicodeEncodeError:
            return self._open_cursor().execute(sql, _clean_values(values))


def _clean_values(values: Any) -> Any:
    if isinstance(values, dict):
        return {name: _replace_surrogates(value) for name, value in values.items()}
    return [_replace_surrogates(value) for value in values]


def _replace_surrogates(value: Any) -> Any:
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value


_SURROGATES = lazy_pattern(r"[\ud800-\udfff]")


_MAX_VALUE_BYTES = 64_000_000
"""Maximum size of a value in the store: a compressed caption file has at most a quarter of that."""


class _Cursor(sqlite3.Cursor):
    """A cursor that keeps its connection open: another thread may read on when the one that opened it has ended."""

    user: _ConnectionUser | None = None


class _ConnectionUser:
    """Closes a connection as soon as its thread has ended and no cursor reads from it.

    Python itself closes it at some later time: a connection is part of a reference cycle.
    """

    current_process: ClassVar[int] = 0  # differs between a process and its child; `os.getpid` is a system call

    def __init__(self, connection: _SurrogateSafeConnection) -> None:
        self.connection = connection
        self.process = self.current_process
        connection.user = weakref.ref(self)

    def __del__(self) -> None:
        self.connection.close()


_open_connections: weakref.WeakSet[_ConnectionUser] = weakref.WeakSet()
_registry_lock = threading.Lock()
_forked_connections: list[list[_ConnectionUser]] = []
"""In a child process, the connections of its parent: SQLite must neither use nor close them there."""


def _hold_before_fork() -> None:
    _registry_lock.acquire()
    _forked_connections.append(list(_open_connections))


def _release_in_parent() -> None:
    _forked_connections.pop()
    _registry_lock.release()


def _forget_in_child() -> None:
    _ConnectionUser.current_process += 1
    _open_connections.clear()
    _registry_lock.release()


os.register_at_fork(before=_hold_before_fork, after_in_parent=_release_in_parent, after_in_child=_forget_in_child)


class SqliteDatabase:
    """A store file.  Each thread has its own connection; every write goes through `transaction`.

    *choose_engine* returns the engine that a new store records.
    """

    def __init__(self, folder: Path, *, create: bool, choose_engine: Callable[[], str] | None = None) -> None:
        self.folder = folder
        self.path = folder / STORE_FILE
        self._local = threading.local()
        self._connections: weakref.WeakSet[_ConnectionUser] = weakref.WeakSet()
        self._watcher: _ConnectionUser | None = None
        self._watcher_lock = threading.Lock()
        if not self._has_store_file():
            if not create:
                self._check_for_remains("missing")
                raise NoIndexError(str(folder))
            if choose_engine is not None:
                choose_engine()  # fail before anything is created
            self._create_folder()
        try:
            check_store_files(self.path)
        except OSError as exc:
            reason = f"{_describe_os_error(exc)}; restore it from a backup, or choose another with --index"
            raise IndexLocationError(str(folder), reason) from exc
        with self.translate_errors():
            self._check_version(create, choose_engine)

    def _has_store_file(self) -> bool:
        try:
            if self.folder.exists() and not self.folder.is_dir():
                raise IndexLocationError(str(self.folder), "it is not a folder; choose another with --index")
            return self.path.exists()
        except (OSError, ValueError) as exc:  # no permission; a name that is too long or has a null byte
            raise IndexLocationError(
                str(self.folder), f"{_describe_os_error(exc)}; choose another with --index"
            ) from exc

    def _check_for_remains(self, state: str) -> None:
        """Raise `IndexLocationError` if the folder has an engine, which shows that it once had a store."""
        with suppress(OSError):
            if any(chain(self.folder.glob("whoosh-[0-9]*/"), self.folder.glob("tantivy-[0-9]*/"))):
                raise IndexLocationError(str(self.folder), f"its store is {state}; {_RESTORE}")

    def _create_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as exc:
            raise IndexLocationError(
                str(self.folder), f"{_describe_os_error(exc)}; choose another with --index"
            ) from exc

    def _check_version(self, create: bool, choose_engine: Callable[[], str] | None) -> None:
        version = schema.read_schema_version(self.connection)
        if version > schema.SCHEMA_VERSION:
            raise IndexVersionError(str(self.folder), version, schema.SCHEMA_VERSION)
        if version < 0:
            raise sqlite3.DatabaseError("malformed version")
        if version == 0 and not create:
            self._check_for_remains("empty")
            raise IndexLocationError(str(self.folder), "its store is empty; run `vidindex add TARGET` first")
        schema.check_schema(self.connection, version)
        if version < schema.SCHEMA_VERSION:
            if not os.access(self.folder, os.W_OK):
                raise IndexLocationError(
                    str(self.folder), "an older version of vidindex wrote it; open it once with write permission"
                )
            with self.transaction() as sql:
                schema.upgrade_schema(sql)  # does nothing if another process has just done it
                if version == 0 and choose_engine is not None:
                    sql.execute("INSERT OR IGNORE INTO meta VALUES ('engine', ?)", (choose_engine(),))

    @property
    def connection(self) -> _SurrogateSafeConnection:
        """The connection of this thread."""
        user: _ConnectionUser | None = getattr(self._local, "user", None)
        if user is None or user.process != user.current_process:
            with self.translate_errors():
                user = _ConnectionUser(self._open_connection())
            with _registry_lock:
                self._connections.add(user)
                _open_connections.add(user)
            self._local.user = user
        return user.connection

    def _open_connection(self) -> _SurrogateSafeConnection:
        if os.access(self.folder, os.W_OK):
            return self._connect_with_mode("rwc", journal="wal")
        # SQLite cannot create the files of WAL mode in a read-only folder: read the main file alone.
        mode = "ro" if self.path.with_name(STORE_FILE + "-wal").exists() else "ro&immutable=1"
        return self._connect_with_mode(mode)

    def _connect_with_mode(self, mode: str, *, journal: str = "") -> _SurrogateSafeConnection:
        uri = f"file:{quote(os.fsencode(self.path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=LOCK_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            factory=_SurrogateSafeConnection,
        )
        _distrust_content(connection)
        if journal:
            connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.executescript("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
        return connection

    def data_version(self) -> int:
        """Return a number that changes with every write of any thread or process; it costs a few microseconds.

        Compare only numbers of one object.  A connection that never writes reads it: it does not count its own writes.
        """
        with self._watcher_lock, self.translate_errors():
            if self._watcher is None or self._watcher.process != self._watcher.current_process:
                self._watcher = self._open_watcher()
            return int(self._watcher.connection.execute("PRAGMA data_version").fetchone()[0])

    def _open_watcher(self) -> _ConnectionUser:
        user = _ConnectionUser(self._open_connection())
        user.connection.execute("PRAGMA busy_timeout = 0")
        with _registry_lock:
            self._connections.add(user)
            _open_connections.add(user)
        return user

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit all writes of the block, or none if it raises; waits for other writers."""
        sql = self.connection
        with self.translate_errors():
            sql.execute("BEGIN IMMEDIATE")
            try:
                if not sql.maintains_checksums and schema.read_schema_version(sql) == schema.SCHEMA_VERSION:
                    maintain_checksums(sql)
                    mark_stale_texts(sql)
                    sql.maintains_checksums = True
                yield sql
            except BaseException:
                if sql.in_transaction:
                    sql.execute("ROLLBACK")
                raise
            if sql.in_transaction:
                sql.execute("COMMIT")

    @contextmanager
    def brief_transaction(self, wait_s: float) -> Iterator[sqlite3.Connection]:
        """Do the same as `transaction`, but wait for other writers no longer than *wait_s*."""
        connection = self.connection
        with self.translate_errors():
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * wait_s)}")
        try:
            with self.transaction() as sql:
                yield sql
        except IndexBusyError as exc:
            raise IndexBusyError(str(self.folder), wait_s) from exc
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * LOCK_TIMEOUT_S)}")

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Raise the errors of SQLite as `IndexBusyError` or `IndexLocationError`."""
        try:
            yield
        except sqlite3.Error as exc:
            raise self._translate_error(exc) from exc
        except OverflowError as exc:  # an id that no store assigns, of the store itself or of the engine
            reason = "it has a damaged id; find it with `vidindex doctor`"
            raise IndexLocationError(str(self.folder), reason) from exc
        except UnicodeDecodeError as exc:  # the message of SQLite has a name from the file
            raise self._translate_error(sqlite3.DatabaseError("malformed name")) from exc

    def _translate_error(self, exc: sqlite3.Error) -> IndexUnusableError:
        text = str(exc)
        if text.startswith("foreign schema"):
            part = text.partition(": ")[2]
            reason = f"vidindex did not create this part of its store: {part}; index again into another folder"
            return IndexLocationError(str(self.folder), reason)
        if "locked" in text or "busy" in text:
            return IndexBusyError(str(self.folder), LOCK_TIMEOUT_S)
        if "unable to open" in text or "disk I/O error" in text:
            text = _find_file_limit() or text
        for part, reason in _REASON_BY_MESSAGE.items():
            if part in text:
                return IndexLocationError(str(self.folder), reason)
        return IndexLocationError(str(self.folder), f"{text}; check it with `vidindex doctor`")

    def close(self) -> None:
        """Close the connections of all threads."""
        with _registry_lock:
            users = [user for user in self._connections if user.process == user.current_process]
            self._connections.clear()
        for user in users:
            user.connection.close()
        self._watcher = None
        self._local = threading.local()


def _distrust_content(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    configure = getattr(connection, "setconfig", None)  # from Python 3.12 on
    if configure is not None:
        configure(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # type: ignore[attr-defined, unused-ignore]
        configure(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # type: ignore[attr-defined, unused-ignore]
        configure(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)  # type: ignore[attr-defined, unused-ignore]


_RESTORE = "restore a backup with `vidindex restore FILE INDEX`, or index again into another folder"
_REASON_BY_MESSAGE = {
    "readonly database": "it is not writable; check its owner and permissions, or choose another with --index",
    "unable to open": "its store cannot be opened; check its owner and permissions, or choose another with --index",
    "not a database": "its store is not a vidindex store; choose another folder with --index",
    "no such index": "its store is not a vidindex store; choose another folder with --index",
    "no such table": "its store is not a vidindex store; choose another folder with --index",
    "malformed": f"its store is damaged; {_RESTORE}",
    "disk is full": "the disk is full; indexed videos are safe, free some space and run the same command again",
    "disk I/O error": "the disk failed or is full; indexed videos are safe, free some space and try again",
}


_FILES_OF_CONNECTION = 4
"""Maximum files that SQLite opens at once for a connection."""


def _find_file_limit() -> str:
    """Return what the system says if this process can open no more files, which SQLite does not tell; else nothing."""
    opened: list[int] = []
    try:
        while len(opened) < _FILES_OF_CONNECTION:
            opened.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as exc:
        return str(exc.strerror) if exc.errno in (errno.EMFILE, errno.ENFILE) else ""
    finally:
        for handle in opened:
            os.close(handle)
    return ""


def _describe_os_error(exc: OSError | ValueError) -> str:
    return str(getattr(exc, "strerror", None) or exc).lower()
