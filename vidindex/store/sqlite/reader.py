"""What is read from the store: for a search, for the engine, for people."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...model import (
    Article,
    EmbedRecord,
    Passage,
    PassageRange,
    Stats,
    Track,
    TrackContext,
    Transcript,
    Video,
    make_passage_id,
    split_passage_id,
)
from .. import transcript_blocks as blocks
from ..passages import build_passages
from . import rows
from .connection import SqliteDatabase

_PENDING_CONDITION = "(indexed = 0 OR id IN (SELECT track FROM dropped))"
"""What the engine may not hold as it is now: it changed, or a run was killed while it gave it to the engine."""

_CONTEXT_QUERY = (
    f"SELECT video.id, {rows.qualify_columns('track', rows.TRACK_COLUMNS)}, {rows.qualify_columns('video', rows.VIDEO_COLUMNS)} FROM track "
    "JOIN video ON video.id = track.video WHERE track.id = ?"
)
_TRACK_SLICE = slice(1, 1 + len(rows.TRACK_COLUMNS.split(", ")))

_MAX_SQL_VALUES = 500
"""Values in one SQL `IN (…)`: well under every SQLite's limit."""

_MAX_CACHED_CONTEXTS = 1000
"""Subjects that a thread remembers: some kilobytes each, most of it descriptions."""


class _ContextCache(threading.local):
    """What tracks belong to, as one thread has read it, for as long as nothing is written to the store."""

    counters: tuple[int, int] | None = None
    contexts: dict[int, TrackContext]
    facet_contexts: dict[int, TrackContext]

    def evict_stale(self, counters: tuple[int, int]) -> _ContextCache:
        """Forget what may have changed, and all once it is too much."""
        if (
            counters != self.counters
            or len(self.contexts) > _MAX_CACHED_CONTEXTS
            or len(self.facet_contexts) > _MAX_CACHED_CONTEXTS
        ):
            self.counters, self.contexts, self.facet_contexts = counters, {}, {}
        return self


class SqliteReader:
    """A store that is only read."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self._db = SqliteDatabase(folder, create=create)
        self.folder = folder
        self._context_cache = _ContextCache()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def get_setting(self, key: str) -> str:
        """Read a setting; empty where there is none."""
        row = self._fetch_one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def get_settings(self, *keys: str) -> list[str]:
        """Read several settings, as of one moment."""
        found: dict[str, str] = dict(self._select_in("SELECT key, value FROM meta WHERE key IN", keys))
        return [str(found.get(key, "")) for key in keys]

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        found: dict[int, str] = {}
        wanted = blocks.include_next_passages(passages)
        for start in range(0, len(wanted), _MAX_SQL_VALUES):
            with blocks.translate_decode_errors(self.folder):
                for id_, body in self._select_in(
                    "SELECT id, body FROM block WHERE id IN", wanted[start : start + _MAX_SQL_VALUES]
                ):
                    found[id_] = blocks.read_tokens(body)
        return blocks.append_lookahead(passages, found)

    @property
    def batch_size(self) -> int:
        """A question costs little here."""
        return 5

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        return [self._read_slice(*span) for span in spans]

    def _read_slice(self, track: int, first: int, last: int) -> Transcript:
        here = (
            make_passage_id(track, max(first, 0)),
            min(make_passage_id(track, last), make_passage_id(track + 1, 0) - 1),
        )
        found = self._fetch_all("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", here)
        with blocks.translate_decode_errors(self.folder):
            return blocks.unpack_blocks([body for (body,) in found])

    def read_transcript(self, track: int) -> Transcript:
        """Give the whole transcript of *track*."""
        return self._read_slice(track, 0, split_passage_id(make_passage_id(1, 0) - 1)[1])

    def track_context(self, track: int) -> TrackContext | None:
        """Tell what *track* belongs to; None where it was removed."""
        row = self._fetch_one(_CONTEXT_QUERY, (track,))
        if row is None:
            return None
        articles, labels = self._articles_and_labels(row[0])
        video = rows.row_to_video(row[_TRACK_SLICE.stop :])
        return TrackContext(video, rows.row_to_track(row[_TRACK_SLICE]), tuple(articles), " / ".join(labels))

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        known = self._current_contexts().contexts
        wanted = list(tracks)
        for track in wanted:
            if track not in known and (subject := self.track_context(track)) is not None:
                known[track] = subject
        return {track: known[track] for track in wanted if track in known}

    def _current_contexts(self) -> _ContextCache:
        with self._db.translate_errors():
            return self._context_cache.evict_stale(self._db.change_counters())

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        known = self._current_contexts().facet_contexts
        wanted = list(tracks)
        known.update(self._load_facet_contexts([track for track in wanted if track not in known]))
        return {track: known[track] for track in wanted if track in known}

    def _load_facet_contexts(self, wanted: Sequence[int]) -> dict[int, TrackContext]:
        found: dict[int, TrackContext] = {}
        for start in range(0, len(wanted), _MAX_SQL_VALUES):
            some = wanted[start : start + _MAX_SQL_VALUES]
            held = self._select_in(f"SELECT id, video, {rows.TRACK_COLUMNS} FROM track WHERE id IN", some)
            videos = list({row[1] for row in held})
            named = self._select_in(f"SELECT id, {rows.VIDEO_COLUMNS} FROM video WHERE id IN", videos)
            known = {row[0]: rows.row_to_video(row[1:]) for row in named}
            articles = self._articles_by_video(videos)
            for number, video, *track in held:
                if video in known:
                    embedding = tuple(articles.get(video, ()))
                    found[number] = TrackContext(known[video], rows.row_to_track(tuple(track)), embedding)
        return found

    def _articles_by_video(self, videos: Sequence[int]) -> dict[int, dict[Article, None]]:
        found: dict[int, dict[Article, None]] = {}
        query = (
            "SELECT embed.video, article.url, source, title, author, site, date, language, NULL FROM embed "
            "JOIN article ON article.id = embed.article WHERE embed.video IN"
        )
        for video, *article in self._select_in(query, videos):
            found.setdefault(video, {})[rows.row_to_article(tuple(article))] = None
        return found

    def _select_in(self, query: str, values: Sequence[object]) -> list[rows.SqlRow]:
        return self._fetch_all(f"{query} ({','.join('?' * len(values))})", values)

    def _articles_and_labels(self, video: int) -> tuple[list[Article], list[str]]:
        found = self._fetch_all(
            "SELECT embed.label, article.url, source, title, author, site, date, language, NULL FROM embed "
            "JOIN article ON article.id = embed.article WHERE embed.video = ? ORDER BY embed.id LIMIT 20",
            (video,),
        )
        articles = dict.fromkeys(rows.row_to_article(row[1:]) for row in found)
        return list(articles), list(dict.fromkeys(row[0] for row in found if row[0]))

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        """Give some tracks that the engine may not hold as they are now, and all that it should forget.

        At most *tracks* of them, and no more once they have *words* words together.
        """
        waiting = self._fetch_all(
            f"SELECT id, words FROM track WHERE {_PENDING_CONDITION} ORDER BY id LIMIT ?", (max_tracks,)
        )
        dropped = self._fetch_all("SELECT track FROM dropped WHERE track NOT IN (SELECT id FROM track)")
        return next(batch_by_words(waiting, max_words), []), [id_ for (id_,) in dropped]

    def has_pending(self) -> bool:
        """Tell whether the engine lacks anything, or should forget something."""
        return bool(
            self._fetch_one(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM track WHERE indexed = 0) OR EXISTS (SELECT 1 FROM dropped)"
            )
        )

    def count_passages(self) -> int:
        """Count the passages that an engine should hold."""
        (row,) = self._fetch_all("SELECT (SELECT count(*) FROM block) + (SELECT count(*) FROM track WHERE words = 0)")
        return int(row[0])

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        """Give all tracks, so many at a time as *tracks* and *words* allow."""
        after = 0
        while some := self._fetch_all(
            "SELECT id, words FROM track WHERE id > ? ORDER BY id LIMIT ?", (after, max_tracks)
        ):
            yield from batch_by_words(some, max_words)
            after = some[-1][0]

    def count_pending_words(self) -> int:
        """Count the words that the engine does not hold yet."""
        return int(self._fetch_all(f"SELECT coalesce(sum(words), 0) FROM track WHERE {_PENDING_CONDITION}")[0][0])

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages; one without words gives an empty one."""
        for track in tracks:
            subject = self.track_context(track)
            if subject is not None:
                with blocks.translate_decode_errors(self.folder):
                    heads = [blocks.read_tokens_and_speakers(body) for body in self._read_blocks(track)]
                yield from build_passages(track, subject, heads)

    def _read_blocks(self, track: int) -> list[bytes]:
        here = make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1
        return [
            body for (body,) in self._fetch_all("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", here)
        ]

    def find_video(self, name: str) -> Video | None:
        """Find a video by its id, its URL, its id without the extractor, or the start of its id, if only one fits."""
        select = f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE "
        short = "substr(name, instr(name, ':') + 1)"
        start = f"?1 <> '' AND ?1 IN (substr(name, 1, length(?1)), substr({short}, 1, length(?1)))"
        for test in ("name = ?1", "url = ?1", f"{short} = ?1", start):
            found = self._fetch_all(f"{select}{test} LIMIT 2", (name,))
            if len(found) == 1:
                return rows.row_to_video(found[0])
        return None

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Give all videos, or those with *url*, in the order in which they were added, from the one at *offset* on."""
        where = "WHERE url = ?" if url else ""
        query = f"SELECT {rows.VIDEO_COLUMNS} FROM video {where} ORDER BY id LIMIT -1 OFFSET ?"
        with self._db.translate_errors():
            for row in self._db.connection.execute(query, (url, offset) if url else (offset,)):
                yield rows.row_to_video(row)

    def last_checked(self, video: str) -> float:
        """Tell when the video with this id was last asked for; 0 where nobody knows."""
        found = self._fetch_all("SELECT checked FROM video WHERE name = ?", (video,))
        return float(found[0][0]) if found else 0.0

    def count_videos(self) -> int:
        """Count the videos."""
        return int(self._fetch_all("SELECT count(*) FROM video")[0][0])

    def count_articles(self) -> int:
        """Count the articles."""
        return int(self._fetch_all("SELECT count(*) FROM article")[0][0])

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        """Give the tracks of a video with their numbers, in the order in which they were added."""
        columns = rows.qualify_columns("track", rows.TRACK_COLUMNS)
        found = self._fetch_all(
            f"SELECT track.id, {columns} FROM track JOIN video ON video.id = track.video "
            "WHERE video.name = ? AND origin <> 'none' ORDER BY track.id",
            (video,),
        )
        return [(row[0], rows.row_to_track(row[1:])) for row in found]

    def list_track_ids(self) -> list[int]:
        """Give the numbers of all tracks."""
        return [id_ for (id_,) in self._fetch_all("SELECT id FROM track ORDER BY id")]

    def read_raw_captions(self, track: int) -> bytes:
        """Give the bytes of a track as they were fetched; empty for a video without captions."""
        row = self._fetch_one("SELECT raw FROM track WHERE id = ?", (track,))
        with blocks.translate_decode_errors(self.folder, f"remove the video of track {track} and add it again"):
            return zlib.decompress(row[0]) if row and row[0] else b""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added, from the one at *offset* on."""
        columns = rows.ARTICLE_COLUMNS.removesuffix("text") + "NULL"
        with self._db.translate_errors():
            for row in self._db.connection.execute(
                f"SELECT {columns} FROM article ORDER BY id LIMIT -1 OFFSET ?", (offset,)
            ):
                yield rows.row_to_article(row)

    def find_article(self, url: str) -> Article | None:
        """Find an article by its URL or where it was read."""
        row = self._fetch_one(
            f"SELECT {rows.ARTICLE_COLUMNS} FROM article WHERE ? IN (url, source) ORDER BY url = ? DESC",
            (url, url),
        )
        return rows.row_to_article(row) if row else None

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Give embeds with their states, in article order: of one article or video, in one state, with one URL."""
        columns = rows.qualify_columns("embed", rows.EMBED_COLUMNS)
        # Only what is asked for stands in the query, so that SQLite uses its indexes.
        wanted = {"article.url": article, "video.name": video, "embed.state": state, "embed.url": url}
        tests = [f"{column} = ?" for column, value in wanted.items() if value]
        found = self._fetch_all(
            f"SELECT article.url, state, reason, coalesce(video.name, ''), {columns} FROM embed "
            "JOIN article ON article.id = embed.article LEFT JOIN video ON video.id = embed.video "
            f"WHERE {' AND '.join(tests) or 1} ORDER BY article.id, position",
            [value for value in wanted.values() if value],
        )
        return [EmbedRecord(rows.row_to_embed(row[4:], dead=row[1] == "dead"), *row[:4]) for row in found]

    def collect_stats(self) -> Stats:
        """Count what is here."""
        (row,) = self._fetch_all(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM embed), "
            "(SELECT count(*) FROM embed WHERE state = 'dead'), (SELECT count(*) FROM video), "
            "(SELECT count(*) FROM track WHERE origin = 'none'), "
            "(SELECT count(*) FROM track WHERE origin <> 'none'), "
            "(SELECT coalesce(sum(words), 0) FROM track), "
            "(SELECT coalesce(sum(duration_ms), 0) FROM video), "
            f"(SELECT count(*) FROM track WHERE {_PENDING_CONDITION})"
        )
        counts: tuple[int, int, int, int, int, int, int, int, int] = row
        return Stats(*counts, self.get_setting("engine"))

    def check_integrity(self) -> str:
        """Ask SQLite whether the file is sound: `ok`, or what is wrong."""
        return str(self._fetch_all("PRAGMA quick_check(1)")[0][0])

    def disk_size_bytes(self) -> int:
        """Count the bytes that everything in the folder takes, the engine's as well."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Tell whether *video* has exactly this track already."""
        row = self._fetch_one(
            "SELECT digest FROM track JOIN video ON video.id = track.video "
            "WHERE video.name = ? AND track.language = ? AND origin = ?",
            (video, track.language, track.origin),
        )
        return row is not None and row[0] == hash_captions(raw)

    def _fetch_one(self, query: str, values: Sequence[object] = ()) -> rows.SqlRow | None:
        with self._db.translate_errors():
            row: rows.SqlRow | None = self._db.connection.execute(query, tuple(values)).fetchone()
            return row

    def _fetch_all(self, query: str, values: Sequence[object] = ()) -> list[rows.SqlRow]:
        with self._db.translate_errors():
            return self._db.connection.execute(query, tuple(values)).fetchall()


def batch_by_words(sized: Sequence[rows.SqlRow], max_words: int) -> Iterator[list[int]]:
    """Cut `(track, words)` rows into runs that stop once they have *limit* words."""
    run: list[int] = []
    words = 0
    for track, count in sized:
        run.append(track)
        words += count
        if words >= max_words:
            yield run
            run, words = [], 0
    if run:
        yield run


def hash_captions(raw: bytes) -> str:
    """Name the bytes of a track by their hash."""
    import hashlib  # costs 3 ms that a search need not pay

    return hashlib.sha256(raw).hexdigest()
