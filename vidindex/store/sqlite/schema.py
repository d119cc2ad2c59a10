"""The tables of the store, and the upgrade of older stores."""

from __future__ import annotations

import re
import sqlite3

SCHEMA_VERSION = 10
"""The format that this version writes; a file with a higher number was written by a newer version."""

_CREATE_TABLES_SQL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT NOT NULL, author TEXT NOT NULL, site TEXT NOT NULL,
    date TEXT NOT NULL, language TEXT NOT NULL,
    text BLOB NOT NULL                      -- zlib
);
CREATE INDEX article_source ON article (source);

CREATE TABLE video (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,              -- extractor:id
    url TEXT NOT NULL,
    title TEXT NOT NULL, channel TEXT NOT NULL, channel_url TEXT NOT NULL,
    site TEXT NOT NULL, date TEXT NOT NULL, duration_ms INTEGER NOT NULL,
    description TEXT NOT NULL, language TEXT NOT NULL,
    categories TEXT NOT NULL, tags TEXT NOT NULL, chapters TEXT NOT NULL,   -- JSON arrays
    thumbnail TEXT NOT NULL, kind TEXT NOT NULL
);
CREATE INDEX video_url ON video (url);

CREATE TABLE embed (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
    position INTEGER NOT NULL,
    url TEXT NOT NULL, provider TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL,
    kind TEXT NOT NULL, captions TEXT NOT NULL,                             -- JSON array
    state TEXT NOT NULL, reason TEXT NOT NULL,
    video INTEGER REFERENCES video ON DELETE SET NULL,
    UNIQUE (article, url)
);
CREATE INDEX embed_video ON embed (video);

-- Track ids are never reused: an engine may still hold passages of a deleted track.
CREATE TABLE track (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    video INTEGER NOT NULL REFERENCES video ON DELETE CASCADE,
    language TEXT NOT NULL,
    origin TEXT NOT NULL,                   -- manual, automatic, asr, supplied, or none (no captions)
    format TEXT NOT NULL, url TEXT NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL,
    raw BLOB,                               -- zlib, as it was fetched
    words INTEGER NOT NULL,
    indexed INTEGER NOT NULL DEFAULT 0,     -- the engine has indexed it
    UNIQUE (video, language, origin)
);
CREATE INDEX track_pending ON track (id) WHERE indexed = 0;

CREATE TABLE block (
    id INTEGER PRIMARY KEY,                 -- model.make_passage_id
    body BLOB NOT NULL
);

-- Tracks whose passages in the engine may be outdated: deleted ones, and those that are being indexed.
CREATE TABLE dropped (track INTEGER PRIMARY KEY)
"""


_ADD_QUEUE_SQL = """
ALTER TABLE video ADD COLUMN gone TEXT NOT NULL DEFAULT '';
ALTER TABLE video ADD COLUMN checked REAL NOT NULL DEFAULT 0;

CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,                     -- link, embed or video
    host TEXT NOT NULL,
    listed TEXT NOT NULL DEFAULT '',        -- the link as its list spells it
    parent TEXT NOT NULL DEFAULT '',        -- the playlist that led to it
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try REAL NOT NULL DEFAULT 0,       -- seconds since 1970
    verdict TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    video TEXT NOT NULL DEFAULT '',         -- video.name
    article TEXT NOT NULL DEFAULT '',       -- article.url
    holder TEXT NOT NULL DEFAULT '',        -- the run that works on it
    -- After this time the task is free, even if the run is alive.  Once it has ended: when that was.
    lease REAL NOT NULL DEFAULT 0
);
CREATE INDEX task_turn ON task (state, kind, id);
CREATE INDEX task_parent ON task (parent) WHERE parent <> '';
CREATE INDEX task_video ON task (video) WHERE video <> '';
CREATE INDEX embed_url ON embed (url);

INSERT OR IGNORE INTO task (url, kind, host, state, verdict, reason, video)
SELECT embed.url, 'embed', '',
    CASE WHEN state IN ('done', 'attached', 'removed') THEN 'done' WHEN state = 'waiting' THEN 'waiting'
        WHEN state IN ('gone', 'dead') THEN 'gone' WHEN state IN ('later', 'blocked', 'live') THEN 'later'
        ELSE 'failed' END,
    CASE WHEN state IN ('done', 'attached', 'removed', 'waiting') THEN '' ELSE state END,
    reason, coalesce(video.name, '')
FROM embed LEFT JOIN video ON video.id = embed.video
"""

_ADD_CHECKSUMS_SQL = """
CREATE TABLE checksum (
    part TEXT NOT NULL, id INTEGER NOT NULL,        -- a table and its row; `transcript` and a track: its blocks
    sum INTEGER NOT NULL,
    PRIMARY KEY (part, id)
) WITHOUT ROWID
"""

# The checksum of a track covers its warnings from now on.
_ADD_WARNINGS_SQL = """
ALTER TABLE track ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
DELETE FROM checksum WHERE part = 'track'
"""

# The checksum of an article covers the time of its capture from now on.
_ADD_CAPTURES_SQL = """
ALTER TABLE article ADD COLUMN captured TEXT NOT NULL DEFAULT '';
DELETE FROM checksum WHERE part = 'article'
"""

# The checksums of videos and embeds cover their medium from now on.
_ADD_MEDIUM_SQL = """
ALTER TABLE video ADD COLUMN medium TEXT NOT NULL DEFAULT 'video';
ALTER TABLE embed ADD COLUMN medium TEXT NOT NULL DEFAULT 'video';
DELETE FROM checksum WHERE part IN ('video', 'embed')
"""

_ADD_STALE_TEXTS_SQL = """
CREATE TABLE stale_text (                           -- what changed since its texts were indexed
    part TEXT NOT NULL, id INTEGER NOT NULL,        -- `video` or `article`, and its row
    stamp INTEGER NOT NULL,                         -- differs for each change
    PRIMARY KEY (part, id)
) WITHOUT ROWID
"""

_ADD_REVIEWS_SQL = """
CREATE TABLE review (                               -- what people noted about the quotations of articles
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
    quote TEXT NOT NULL,
    done INTEGER NOT NULL, note TEXT NOT NULL,
    changed TEXT NOT NULL,                          -- UTC
    UNIQUE (article, quote)
)
"""

# The columns behind `raw` are read through all pages of it: counts of words read all captions without this index.
_INDEX_WORDS_SQL = "CREATE INDEX track_words ON track (indexed, id, video, words)"

_STATE_TIMES_OF_CUES_SQL = "-- Blocks may state the times of cues instead of words, which older versions cannot read."

_UPGRADE_STEPS = (
    _CREATE_TABLES_SQL,
    _ADD_QUEUE_SQL,
    _ADD_CHECKSUMS_SQL,
    _ADD_WARNINGS_SQL,
    _ADD_CAPTURES_SQL,
    _ADD_MEDIUM_SQL,
    _ADD_STALE_TEXTS_SQL,
    _ADD_REVIEWS_SQL,
    _INDEX_WORDS_SQL,
    _STATE_TIMES_OF_CUES_SQL,
)
"""The SQL that upgrades a store to each format from the one before; the first creates it."""


def upgrade_schema(connection: sqlite3.Connection) -> None:
    """Upgrade an empty or older file to the current format, within the transaction of the caller."""
    _run_steps(connection, read_schema_version(connection), SCHEMA_VERSION)


def _run_steps(connection: sqlite3.Connection, version: int, target: int) -> None:
    for number, step in enumerate(_UPGRADE_STEPS[version:target], start=version + 1):
        for statement in step.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def read_schema_version(connection: sqlite3.Connection) -> int:
    """Return the format of a store; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_schema(connection: sqlite3.Connection, version: int) -> None:
    """Check that a file of format *version* has the tables and indexes of that format, and nothing that acts.

    Another person may have written the file.  A trigger, a view, a virtual table or a changed table could delete what
    is added, run forever or replace what is read.  Additional tables are ignored, since nothing reads them.

    Raises `sqlite3.DatabaseError` if there is anything else.
    """
    found = _list_objects(connection)
    expected = _expected_objects(version)
    if missing := sorted(expected.keys() - found.keys(), reverse=True):
        raise sqlite3.DatabaseError(f"no such {' '.join(missing[0])}")
    for key, definition in found.items():
        kind, name = key
        if definition != expected.get(key) and not (key not in expected and _is_passive(kind, name, definition)):
            raise sqlite3.DatabaseError(f"foreign schema: the {kind} {name}")


def _is_passive(kind: str, name: str, definition: str) -> bool:
    is_plain = not definition.upper().startswith("CREATE VIRTUAL")
    return (kind == "table" and is_plain) or (kind == "index" and name.startswith("sqlite_autoindex_"))


def _list_objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the definition of each table, index, trigger and view, by kind and name."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(str(kind), str(name)): _normalize_sql(str(sql or "")) for kind, name, sql in rows}


def _normalize_sql(sql: str) -> str:
    """Return *sql* without comments, which differ between versions, and without needless white space."""
    return re.sub(r" ?([(),]) ?", r"\1", " ".join(re.sub(r"--[^\n]*", "", sql).split()))


def _expected_objects(version: int) -> dict[tuple[str, str], str]:
    """Return the definitions of format *version*, as SQLite records them, without creating them in 2 ms."""
    expected: dict[tuple[str, str], str] = {}
    for statement in ";\n".join(_UPGRADE_STEPS[:version]).split(";\n"):
        sql = _normalize_sql(statement)
        if created := re.match(r"CREATE (TABLE|INDEX) (\w+)", sql):
            expected[created[1].lower(), created[2]] = sql
        elif altered := re.match(r"ALTER TABLE (\w+) ADD COLUMN (.*)", sql):
            key = "table", altered[1]
            # SQLite keeps the constraints of the table behind its columns.
            columns, constraint, rest = expected[key].removesuffix(")").partition(",UNIQUE(")
            expected[key] = f"{columns},{altered[2]}{constraint}{rest})"
    return expected
