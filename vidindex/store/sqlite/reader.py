"""What is read from the store: for a search, for the engine, for people."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...model import (
    Article,
    EmbedState,
    Passage,
    Span,
    Stats,
    Subject,
    Track,
    Transcript,
    Video,
    passage_id,
    passage_place,
)
from .. import transcript_blocks as blocks
from ..passages import passages_of
from . import rows
from .connection import Connection

_WAITS = "(indexed = 0 OR id IN (SELECT track FROM dropped))"
"""What the engine may not hold as it is now: it changed, or a run was killed while it gave it to the engine."""

_SUBJECT = (
    f"SELECT video.id, {rows.of('track', rows.TRACK_COLUMNS)}, {rows.of('video', rows.VIDEO_COLUMNS)} FROM track "
    "JOIN video ON video.id = track.video WHERE track.id = ?"
)
_TRACK = slice(1, 1 + len(rows.TRACK_COLUMNS.split(", ")))

_MANY = 500
"""Values in one SQL `IN (…)`: well under every SQLite's limit."""

_REMEMBERED = 1000
"""Subjects that a thread remembers: some kilobytes each, most of it descriptions."""


class _Subjects(threading.local):
    """What tracks belong to, as one thread has read it, for as long as nothing is written to the store."""

    state: tuple[int, int] | None = None
    whole: dict[int, Subject]
    counted: dict[int, Subject]

    def of(self, state: tuple[int, int]) -> _Subjects:
        """Forget what may have changed, and all once it is too much."""
        if state != self.state or len(self.whole) > _REMEMBERED or len(self.counted) > _REMEMBERED:
            self.state, self.whole, self.counted = state, {}, {}
        return self


class Reader:
    """A store that is only read."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self._db = Connection(folder, create=create)
        self.folder = folder
        self._subjects = _Subjects()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def setting(self, key: str) -> str:
        """Read a setting; empty where there is none."""
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def settings(self, *keys: str) -> list[str]:
        """Read several settings, as of one moment."""
        found: dict[str, str] = dict(self._in("SELECT key, value FROM meta WHERE key IN", keys))
        return [str(found.get(key, "")) for key in keys]

    def texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow, joined by spaces; unknown ones are absent."""
        found: dict[int, str] = {}
        wanted = blocks.with_next(passages)
        for start in range(0, len(wanted), _MANY):
            with blocks.decoding(self.folder):
                for id_, body in self._in("SELECT id, body FROM block WHERE id IN", wanted[start : start + _MANY]):
                    found[id_] = blocks.read_tokens(body)
        return blocks.looking_ahead(passages, found)

    @property
    def at_once(self) -> int:
        """A question costs little here."""
        return 5

    def stretches(self, spans: Sequence[Span]) -> list[Transcript]:
        """Give the blocks of each of *spans*, clipped, as one transcript counted from its start."""
        return [self._stretch(*span) for span in spans]

    def _stretch(self, track: int, first: int, last: int) -> Transcript:
        here = passage_id(track, max(first, 0)), min(passage_id(track, last), passage_id(track + 1, 0) - 1)
        found = self._all("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", here)
        with blocks.decoding(self.folder):
            return blocks.unpack([body for (body,) in found])

    def transcript(self, track: int) -> Transcript:
        """Give the whole transcript of *track*."""
        return self._stretch(track, 0, passage_place(passage_id(1, 0) - 1)[1])

    def subject(self, track: int) -> Subject | None:
        """Tell what *track* belongs to; None where it was removed."""
        row = self._one(_SUBJECT, (track,))
        if row is None:
            return None
        articles, labels = self._embedding(row[0])
        video = rows.to_video(row[_TRACK.stop :])
        return Subject(video, rows.to_track(row[_TRACK]), tuple(articles), " / ".join(labels))

    def subjects(self, tracks: Iterable[int]) -> dict[int, Subject]:
        """Tell what each of *tracks* belongs to; those that were removed are absent."""
        known = self._subjects_now().whole
        wanted = list(tracks)
        for track in wanted:
            if track not in known and (subject := self.subject(track)) is not None:
                known[track] = subject
        return {track: known[track] for track in wanted if track in known}

    def _subjects_now(self) -> _Subjects:
        with self._db.errors():
            return self._subjects.of(self._db.state())

    def counted(self, tracks: Iterable[int]) -> dict[int, Subject]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""
        known = self._subjects_now().counted
        wanted = list(tracks)
        known.update(self._counted([track for track in wanted if track not in known]))
        return {track: known[track] for track in wanted if track in known}

    def _counted(self, wanted: Sequence[int]) -> dict[int, Subject]:
        found: dict[int, Subject] = {}
        for start in range(0, len(wanted), _MANY):
            some = wanted[start : start + _MANY]
            held = self._in(f"SELECT id, video, {rows.TRACK_COLUMNS} FROM track WHERE id IN", some)
            videos = list({row[1] for row in held})
            named = self._in(f"SELECT id, {rows.VIDEO_COLUMNS} FROM video WHERE id IN", videos)
            known = {row[0]: rows.to_video(row[1:]) for row in named}
            articles = self._articles_of(videos)
            for number, video, *track in held:
                if video in known:
                    embedding = tuple(articles.get(video, ()))
                    found[number] = Subject(known[video], rows.to_track(tuple(track)), embedding)
        return found

    def _articles_of(self, videos: Sequence[int]) -> dict[int, dict[Article, None]]:
        found: dict[int, dict[Article, None]] = {}
        query = (
            "SELECT embed.video, article.url, source, title, author, site, date, language, NULL FROM embed "
            "JOIN article ON article.id = embed.article WHERE embed.video IN"
        )
        for video, *article in self._in(query, videos):
            found.setdefault(video, {})[rows.to_article(tuple(article))] = None
        return found

    def _in(self, query: str, values: Sequence[object]) -> list[rows.Row]:
        return self._all(f"{query} ({','.join('?' * len(values))})", values)

    def _embedding(self, video: int) -> tuple[list[Article], list[str]]:
        found = self._all(
            "SELECT embed.label, article.url, source, title, author, site, date, language, NULL FROM embed "
            "JOIN article ON article.id = embed.article WHERE embed.video = ? ORDER BY embed.id LIMIT 20",
            (video,),
        )
        articles = dict.fromkeys(rows.to_article(row[1:]) for row in found)
        return list(articles), list(dict.fromkeys(row[0] for row in found if row[0]))

    def pending(self, *, tracks: int, words: int) -> tuple[list[int], list[int]]:
        """Give some tracks that the engine may not hold as they are now, and all that it should forget.

        At most *tracks* of them, and no more once they have *words* words together.
        """
        waiting = self._all(f"SELECT id, words FROM track WHERE {_WAITS} ORDER BY id LIMIT ?", (tracks,))
        dropped = self._all("SELECT track FROM dropped WHERE track NOT IN (SELECT id FROM track)")
        return next(batches(waiting, words), []), [id_ for (id_,) in dropped]

    def has_pending(self) -> bool:
        """Tell whether the engine lacks anything, or should forget something."""
        return bool(
            self._one("SELECT 1 WHERE EXISTS (SELECT 1 FROM track WHERE indexed = 0) OR EXISTS (SELECT 1 FROM dropped)")
        )

    def passage_count(self) -> int:
        """Count the passages that an engine should hold."""
        (row,) = self._all("SELECT (SELECT count(*) FROM block) + (SELECT count(*) FROM track WHERE words = 0)")
        return int(row[0])

    def track_batches(self, *, tracks: int, words: int) -> Iterator[list[int]]:
        """Give all tracks, so many at a time as *tracks* and *words* allow."""
        after = 0
        while some := self._all("SELECT id, words FROM track WHERE id > ? ORDER BY id LIMIT ?", (after, tracks)):
            yield from batches(some, words)
            after = some[-1][0]

    def pending_words(self) -> int:
        """Count the words that the engine does not hold yet."""
        return int(self._all(f"SELECT coalesce(sum(words), 0) FROM track WHERE {_WAITS}")[0][0])

    def passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages; one without words gives an empty one."""
        for track in tracks:
            subject = self.subject(track)
            if subject is not None:
                with blocks.decoding(self.folder):
                    heads = [blocks.read_head(body) for body in self._bodies_of(track)]
                yield from passages_of(track, subject, heads)

    def _bodies_of(self, track: int) -> list[bytes]:
        here = passage_id(track, 0), passage_id(track + 1, 0) - 1
        return [body for (body,) in self._all("SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id", here)]

    def video(self, name: str) -> Video | None:
        """Find a video by its id, its URL, its id without the extractor, or the start of its id, if only one fits."""
        select = f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE "
        short = "substr(name, instr(name, ':') + 1)"
        start = f"?1 <> '' AND ?1 IN (substr(name, 1, length(?1)), substr({short}, 1, length(?1)))"
        for test in ("name = ?1", "url = ?1", f"{short} = ?1", start):
            found = self._all(f"{select}{test} LIMIT 2", (name,))
            if len(found) == 1:
                return rows.to_video(found[0])
        return None

    def videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        """Give all videos, or those with *url*, in the order in which they were added, from the one at *offset* on."""
        where = "WHERE url = ?" if url else ""
        query = f"SELECT {rows.VIDEO_COLUMNS} FROM video {where} ORDER BY id LIMIT -1 OFFSET ?"
        with self._db.errors():
            for row in self._db.here.execute(query, (url, offset) if url else (offset,)):
                yield rows.to_video(row)

    def checked(self, video: str) -> float:
        """Tell when the video with this id was last asked for; 0 where nobody knows."""
        found = self._all("SELECT checked FROM video WHERE name = ?", (video,))
        return float(found[0][0]) if found else 0.0

    def video_count(self) -> int:
        """Count the videos."""
        return int(self._all("SELECT count(*) FROM video")[0][0])

    def article_count(self) -> int:
        """Count the articles."""
        return int(self._all("SELECT count(*) FROM article")[0][0])

    def tracks(self, video: str) -> list[tuple[int, Track]]:
        """Give the tracks of a video with their numbers, in the order in which they were added."""
        columns = rows.of("track", rows.TRACK_COLUMNS)
        found = self._all(
            f"SELECT track.id, {columns} FROM track JOIN video ON video.id = track.video "
            "WHERE video.name = ? AND origin <> 'none' ORDER BY track.id",
            (video,),
        )
        return [(row[0], rows.to_track(row[1:])) for row in found]

    def all_tracks(self) -> list[int]:
        """Give the numbers of all tracks."""
        return [id_ for (id_,) in self._all("SELECT id FROM track ORDER BY id")]

    def raw(self, track: int) -> bytes:
        """Give the bytes of a track as they were fetched; empty for a video without captions."""
        row = self._one("SELECT raw FROM track WHERE id = ?", (track,))
        with blocks.decoding(self.folder, f"remove the video of track {track} and add it again"):
            return zlib.decompress(row[0]) if row and row[0] else b""

    def articles(self, *, offset: int = 0) -> Iterator[Article]:
        """Give all articles, without their text, in the order in which they were added, from the one at *offset* on."""
        columns = rows.ARTICLE_COLUMNS.removesuffix("text") + "NULL"
        with self._db.errors():
            for row in self._db.here.execute(f"SELECT {columns} FROM article ORDER BY id LIMIT -1 OFFSET ?", (offset,)):
                yield rows.to_article(row)

    def article(self, url: str) -> Article | None:
        """Find an article by its URL or where it was read."""
        row = self._one(
            f"SELECT {rows.ARTICLE_COLUMNS} FROM article WHERE ? IN (url, source) ORDER BY url = ? DESC",
            (url, url),
        )
        return rows.to_article(row) if row else None

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedState]:
        """Give embeds with their states, in article order: of one article or video, in one state, with one URL."""
        columns = rows.of("embed", rows.EMBED_COLUMNS)
        # Only what is asked for stands in the query, so that SQLite uses its indexes.
        wanted = {"article.url": article, "video.name": video, "embed.state": state, "embed.url": url}
        tests = [f"{column} = ?" for column, value in wanted.items() if value]
        found = self._all(
            f"SELECT article.url, state, reason, coalesce(video.name, ''), {columns} FROM embed "
            "JOIN article ON article.id = embed.article LEFT JOIN video ON video.id = embed.video "
            f"WHERE {' AND '.join(tests) or 1} ORDER BY article.id, position",
            [value for value in wanted.values() if value],
        )
        return [EmbedState(rows.to_embed(row[4:], dead=row[1] == "dead"), *row[:4]) for row in found]

    def stats(self) -> Stats:
        """Count what is here."""
        (row,) = self._all(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM embed), "
            "(SELECT count(*) FROM embed WHERE state = 'dead'), (SELECT count(*) FROM video), "
            "(SELECT count(*) FROM track WHERE origin = 'none'), "
            "(SELECT count(*) FROM track WHERE origin <> 'none'), "
            "(SELECT coalesce(sum(words), 0) FROM track), "
            "(SELECT coalesce(sum(duration_ms), 0) FROM video), "
            f"(SELECT count(*) FROM track WHERE {_WAITS})"
        )
        counts: tuple[int, int, int, int, int, int, int, int, int] = row
        return Stats(*counts, self.setting("engine"))

    def check(self) -> str:
        """Ask SQLite whether the file is sound: `ok`, or what is wrong."""
        return str(self._all("PRAGMA quick_check(1)")[0][0])

    def size(self) -> int:
        """Count the bytes that everything in the folder takes, the engine's as well."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
        """Tell whether *video* has exactly this track already."""
        row = self._one(
            "SELECT digest FROM track JOIN video ON video.id = track.video "
            "WHERE video.name = ? AND track.language = ? AND origin = ?",
            (video, track.language, track.origin),
        )
        return row is not None and row[0] == digest(raw)

    def _one(self, query: str, values: Sequence[object] = ()) -> rows.Row | None:
        with self._db.errors():
            row: rows.Row | None = self._db.here.execute(query, tuple(values)).fetchone()
            return row

    def _all(self, query: str, values: Sequence[object] = ()) -> list[rows.Row]:
        with self._db.errors():
            return self._db.here.execute(query, tuple(values)).fetchall()


def batches(sized: Sequence[rows.Row], limit: int) -> Iterator[list[int]]:
    """Cut `(track, words)` rows into runs that stop once they have *limit* words."""
    run: list[int] = []
    words = 0
    for track, count in sized:
        run.append(track)
        words += count
        if words >= limit:
            yield run
            run, words = [], 0
    if run:
        yield run


def digest(raw: bytes) -> str:
    """Name the bytes of a track by their hash."""
    import hashlib  # costs 3 ms that a search need not pay

    return hashlib.sha256(raw).hexdigest()
