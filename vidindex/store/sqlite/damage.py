"""Find damage in the store of a folder: pages that do not fit together, records that differ from their checksums."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from itertools import groupby, islice

from ...errors import IndexLocationError
from ...model import split_passage_id
from .. import transcript_blocks as blocks
from ..compression import decompress_bounded
from .row_checksums import checksum_values, find_changed_rows, read_transcript_checksums

_RESTORE = "restore a backup with `vidindex restore FILE INDEX`, or index again into another folder"
_REBUILD = "run `vidindex rebuild`"
_MAX_LISTED = 5
"""Maximum damages of a kind that are listed."""


def find_damage(sql: sqlite3.Connection, read_transcript: Callable[[int], object]) -> Iterator[str]:
    """Yield each damage of a store with its remedy, a few of a kind.

    *sql* is the connection of the store, *read_transcript* its method, for tracks of older versions without checksums.
    All is read from one snapshot: what other processes write meanwhile is no damage.
    """
    sql.execute("BEGIN")
    try:
        (result,) = sql.execute("PRAGMA integrity_check(1)").fetchone()
        if result != "ok":
            yield f"{result.splitlines()[-1]}: {_RESTORE}"
            return
        yield from islice(_find_damaged_rows(sql), _MAX_LISTED)
        yield from islice(_find_damaged_transcripts(sql, read_transcript), _MAX_LISTED)
        yield from islice(_find_damaged_captions(sql), _MAX_LISTED)
    finally:
        sql.execute("COMMIT")


def _find_damaged_rows(sql: sqlite3.Connection) -> Iterator[str]:
    try:
        for table, id_ in find_changed_rows(sql):
            yield f"record {id_} of the table {table} is damaged: {_RESTORE}"
    except sqlite3.OperationalError:  # a text is not UTF-8
        yield f"a record is damaged: {_RESTORE}"


def _find_damaged_transcripts(sql: sqlite3.Connection, read_transcript: Callable[[int], object]) -> Iterator[str]:
    recorded = read_transcript_checksums(sql)
    found = dict.fromkeys(recorded, checksum_values())  # a track without blocks has no row below
    rows = sql.execute("SELECT id, body FROM block ORDER BY id")
    for track, group in groupby(rows, key=lambda row: split_passage_id(row[0])[0]):
        found[track] = checksum_values(*(body for _, body in group))
    for track, total in found.items():
        if track in recorded and recorded[track] != total:
            yield f"the transcript of track {track} is damaged: {_REBUILD}"
        elif track not in recorded:  # an older version wrote it
            try:
                read_transcript(track)
            except IndexLocationError:
                yield f"the transcript of track {track} is damaged: {_REBUILD}"


def _find_damaged_captions(sql: sqlite3.Connection) -> Iterator[str]:
    query = "SELECT video.name, digest, raw FROM track JOIN video ON video.id = track.video WHERE digest <> ''"
    for video, digest, raw in sql.execute(query):
        try:
            captions = decompress_bounded(raw, blocks.MAX_TEXT_BYTES)
        except ValueError:
            captions = b""
        if hashlib.sha256(captions).hexdigest() != digest:
            yield f"the caption file of {video} is damaged: remove the video and add it again"
