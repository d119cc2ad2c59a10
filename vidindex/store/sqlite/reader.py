"""Read the store in a folder: for searches, for indexing, and for display."""

from __future__ import annotations

import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path

from ...errors import IndexLocationError, IndexUnusableError
from ...model import (
    Article,
    EmbedRecord,
    Passage,
    PassageRange,
    Stats,
    Track,
    TrackContext,
    TrackWords,
    Transcript,
    Video,
    make_passage_id,
    split_passage_id,
)
from ...transcripts.gist_windows import TranscriptWords
from .. import transcript_blocks as blocks
from ..base import Store
from ..compression import decompress_bounded
from ..packed_track import hash_captions
from ..passages import FreshTokens, TrackBlocks, build_passage_fields
from . import rows
from .connection import SqliteDatabase
from .read_cache import ReadCache

_PENDING_CONDITION = "(indexed = 0 OR id IN (SELECT track FROM dropped))"
"""True for a track that changed since it was indexed, or whose indexing was interrupted."""

_CONTEXT_QUERY = (
    f"SELECT video.id, {rows.qualify_columns('track', rows.TRACK_COLUMNS)}, "
    f"{rows.qualify_columns('video', rows.VIDEO_COLUMNS)} FROM track "
    "JOIN video ON video.id = track.video WHERE track.id = ?"
)
_TRACK_SLICE = slice(1, 1 + len(rows.TRACK_COLUMNS.split(", ")))

_MAX_SQL_VALUES = 500
"""Maximum values in one SQL `IN (…)`, well below the limit of any SQLite build."""

_MAX_BLOCKS_BYTES = 64_000_000
"""Maximum size of all blocks of a track."""

_MAX_EMBEDS = 20  # embeds of one video whose articles and labels are searched


class SqliteReader(Store):
    """The read methods of the store in a folder."""

    def __init__(self, folder: Path, *, create: bool = True, choose_engine: Callable[[], str] | None = None) -> None:
        self._db = SqliteDatabase(folder, create=create, choose_engine=choose_engine)
        self.folder = folder
        self._read_cache = ReadCache(-1)
        self._fresh_tokens = FreshTokens()

    def close(self) -> None:
        self._db.close()

    def get_setting(self, key: str) -> str:
        row = self._fetch_one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def get_settings(self, *keys: str) -> list[str]:
        settings: dict[str, str] = dict(self._select_in("SELECT key, value FROM meta WHERE key IN", keys))
        return [str(settings.get(key, "")) for key in keys]

    def change_stamp(self) -> tuple[int, ...] | None:
        with suppress(OSError, IndexUnusableError):
            status = self._db.path.stat()
            return self._db.data_version(), status.st_ino, status.st_mtime_ns
        return None

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        return blocks.append_lookahead(passages, self.block_texts(blocks.include_next_passages(passages)))

    def block_texts(self, passages: Sequence[int]) -> dict[int, str]:
        tokens: dict[int, str] = {}
        size = 0
        for start in range(0, len(passages), _MAX_SQL_VALUES):
            with blocks.translate_decode_errors(self.folder):
                for id_, body in self._select_in(
                    "SELECT id, body FROM block WHERE id IN", passages[start : start + _MAX_SQL_VALUES]
                ):
                    tokens[id_] = blocks.read_tokens(body)
                    size += len(tokens[id_])
                    if size > blocks.MAX_PASSAGE_CHARS:
                        raise ValueError("the passages are too large")
        return tokens

    @property
    def batch_size(self) -> int:
        return 5  # a query is cheap in SQLite

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        return [self._read_slice(*span) for span in spans]

    def word_slices(self, spans: Sequence[PassageRange]) -> list[TranscriptWords]:
        return blocks.read_word_slices((self._select_slice(*span) for span in spans), self.folder)

    def _read_slice(self, track: int, first: int, last: int) -> Transcript:
        bodies = self._select_slice(track, first, last)
        with blocks.translate_decode_errors(self.folder):
            if first <= 0:
                return blocks.unpack_blocks(bodies)
            return blocks.unpack_slice(bodies, lambda: self._select_slice(track, first - 1, last))

    def _select_slice(self, track: int, first: int, last: int) -> list[bytes]:
        last_id = min(make_passage_id(track, last), make_passage_id(track + 1, 0) - 1)
        return self._select_blocks(make_passage_id(track, max(first, 0)), last_id)

    def read_transcript(self, track: int) -> Transcript:
        cache = self._current_cache()
        transcript = cache.transcripts.get(track)
        if transcript is None:
            transcript = self._read_slice(track, 0, split_passage_id(make_passage_id(1, 0) - 1)[1])
            cache.add_transcript(track, transcript)
        return transcript

    def read_blocks(self, track: int) -> list[bytes]:
        return self._select_blocks(make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1)

    def track_context(self, track: int) -> TrackContext | None:
        row = self._fetch_one(_CONTEXT_QUERY, (track,))
        if row is None:
            return None
        articles, labels = self._articles_and_labels(row[0])
        with self._db.translate_errors():
            video, stored = rows.row_to_video(row[_TRACK_SLICE.stop :]), rows.row_to_track(row[_TRACK_SLICE])
        return TrackContext(video, stored, tuple(articles), " / ".join(labels))

    def track_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        cache = self._current_cache()
        return self._find_contexts(cache, cache.labeled, tracks, self._load_contexts)

    def facet_contexts(self, tracks: Iterable[int]) -> dict[int, TrackContext]:
        cache = self._current_cache()
        return self._find_contexts(cache, cache.for_facets, tracks, self._load_facet_contexts)

    def _current_cache(self) -> ReadCache:
        try:
            stamp = self._db.data_version()
        except IndexUnusableError:  # the read will report it, or wait
            return ReadCache(-1)
        if self._db.connection.in_transaction:  # it may have written what is not committed
            return ReadCache(stamp)
        cache = self._read_cache
        if cache.stamp != stamp:
            cache = self._read_cache = ReadCache(stamp)
        return cache

    def _find_contexts(
        self,
        cache: ReadCache,
        contexts: dict[int, TrackContext],
        tracks: Iterable[int],
        load: Callable[[Sequence[int]], dict[int, TrackContext]],
    ) -> dict[int, TrackContext]:
        """Return those of *contexts*, a part of *cache*, and those that *load* reads."""
        wanted = list(tracks)
        found = {track: context for track in wanted if (context := contexts.get(track)) is not None}
        if len(found) < len(wanted):
            read = load([track for track in wanted if track not in found])
            cache.add_contexts(contexts, read)
            found = {track: context for track in wanted if (context := found.get(track) or read.get(track)) is not None}
        return found

    def _load_contexts(self, tracks: Sequence[int]) -> dict[int, TrackContext]:
        return {track: context for track in tracks if (context := self.track_context(track)) is not None}

    def _load_facet_contexts(self, tracks: Sequence[int]) -> dict[int, TrackContext]:
        contexts: dict[int, TrackContext] = {}
        for start in range(0, len(tracks), _MAX_SQL_VALUES):
            chunk = tracks[start : start + _MAX_SQL_VALUES]
            track_rows = self._select_in(f"SELECT id, video, {rows.TRACK_COLUMNS} FROM track WHERE id IN", chunk)
            video_ids = list({row[1] for row in track_rows})
            video_rows = self._select_in(f"SELECT id, {rows.VIDEO_COLUMNS} FROM video WHERE id IN", video_ids)
            articles = self._articles_by_video(video_ids)
            with self._db.translate_errors():
                videos = {row[0]: rows.row_to_video(row[1:]) for row in video_rows}
                for track_id, video_id, *track in track_rows:
                    if video_id in videos:
                        embedding = tuple(articles.get(video_id, ()))
                        contexts[track_id] = TrackContext(videos[video_id], rows.row_to_track(tuple(track)), embedding)
        return contexts

    def _articles_by_video(self, videos: Sequence[int]) -> dict[int, dict[Article, None]]:
        """Return the articles of each of *videos* that filters by article find: those of its first embeds."""
        articles: dict[int, dict[Article, None]] = {}
        embeds: Counter[int] = Counter()
        query = (
            "SELECT embed.id, embed.video, article.url, source, title, author, site, date, language, captured, NULL "
            "FROM embed JOIN article ON article.id = embed.article WHERE embed.video IN"
        )
        with self._db.translate_errors():
            for _, video, *article in sorted(self._select_in(query, videos), key=itemgetter(0)):
                embeds[video] += 1
                if embeds[video] <= _MAX_EMBEDS:
                    articles.setdefault(video, {})[rows.row_to_article(tuple(article))] = None
        return articles

    def _select_in(self, query: str, values: Sequence[object]) -> list[rows.SqlRow]:
        return self._fetch_all(f"{query} ({','.join('?' * len(values))})", values)

    def _articles_and_labels(self, video: int) -> tuple[list[Article], list[str]]:
        found = self._fetch_all(
            "SELECT embed.label, article.url, source, title, author, site, date, language, captured, NULL FROM embed "
            "JOIN article ON article.id = embed.article WHERE embed.video = ? ORDER BY embed.id "
            f"LIMIT {_MAX_EMBEDS}",
            (video,),
        )
        with self._db.translate_errors():
            articles = dict.fromkeys(rows.row_to_article(row[1:]) for row in found)
        return list(articles), list(dict.fromkeys(str(row[0]) for row in found if row[0]))

    def pending_tracks(self, *, max_tracks: int, max_words: int) -> tuple[list[int], list[int]]:
        waiting = self._fetch_all(
            f"SELECT id, words FROM track WHERE {_PENDING_CONDITION} ORDER BY id LIMIT ?", (max_tracks,)
        )
        dropped = self._fetch_all("SELECT track FROM dropped WHERE track NOT IN (SELECT id FROM track)")
        return next(batch_by_words(waiting, max_words), []), [id_ for (id_,) in dropped]

    def has_pending(self) -> bool:
        return bool(
            self._fetch_one(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM track WHERE indexed = 0) OR EXISTS (SELECT 1 FROM dropped)"
            )
        )

    def count_passages(self) -> int:
        (row,) = self._fetch_all("SELECT (SELECT count(*) FROM block) + (SELECT count(*) FROM track WHERE words = 0)")
        return int(row[0])

    def track_batches(self, *, max_tracks: int, max_words: int) -> Iterator[list[int]]:
        after = 0
        while page := self._fetch_all(
            "SELECT id, words FROM track WHERE id > ? ORDER BY id LIMIT ?", (after, max_tracks)
        ):
            yield from batch_by_words(page, max_words)
            after = page[-1][0]

    def list_indexed_tracks(self) -> Iterator[TrackWords]:
        query = (
            "SELECT track.id, video.name, video.channel, video.date, track.words FROM track "
            "JOIN video ON video.id = track.video "
            "WHERE words > 0 AND indexed = 1 AND track.id NOT IN (SELECT track FROM dropped) ORDER BY track.id"
        )
        with self._db.translate_errors():
            for row in self._db.connection.execute(query):
                yield rows.row_to_track_words(row)

    def count_speaker_words(self, tracks: Iterable[int]) -> Iterator[tuple[int, dict[str, int]]]:
        for track in tracks:
            bodies = self._select_blocks(make_passage_id(track, 0), make_passage_id(track + 1, 0) - 1)
            with blocks.translate_decode_errors(self.folder):
                counts = blocks.count_speaker_words(bodies)
            yield track, counts

    def count_pending_words(self, *, is_estimate: bool = False) -> int:
        return int(self._fetch_all(f"SELECT coalesce(sum(words), 0) FROM track WHERE {_PENDING_CONDITION}")[0][0])

    def read_track_blocks(self, tracks: Iterable[int]) -> Iterator[TrackBlocks]:
        for track in tracks:
            context = self.track_context(track)
            if context is not None:
                bodies = self.read_blocks(track)
                fields = build_passage_fields(context)
                yield TrackBlocks(track, fields, bodies, self._fresh_tokens.find(track, bodies))

    def cut_passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        for each in self.read_track_blocks(tracks):
            with blocks.translate_decode_errors(self.folder):
                passages = each.cut_passages()
            yield from passages

    def _select_blocks(self, first_id: int, last_id: int) -> list[bytes]:
        query = "SELECT body FROM block WHERE id BETWEEN ? AND ? ORDER BY id"
        bodies = []
        size = 0
        with self._db.translate_errors():
            for (body,) in self._db.connection.execute(query, (first_id, last_id)):
                size += len(body) if isinstance(body, bytes | str) else 0
                if size > _MAX_BLOCKS_BYTES:
                    raise sqlite3.DatabaseError("malformed record: the blocks of a track are too large")
                bodies.append(body)
        return bodies

    def find_video(self, name: str) -> Video | None:
        select = f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE "
        short = "substr(name, instr(name, ':') + 1)"
        is_prefix = f"?1 <> '' AND ?1 IN (substr(name, 1, length(?1)), substr({short}, 1, length(?1)))"
        for condition in ("name = ?1", "url = ?1", f"{short} = ?1", is_prefix):
            found = self._fetch_all(f"{select}{condition} LIMIT 2", (name,))
            if len(found) == 1:
                with self._db.translate_errors():
                    return rows.row_to_video(found[0])
        return None

    def get_video(self, id_: str) -> Video | None:
        row = self._fetch_one(f"SELECT {rows.VIDEO_COLUMNS} FROM video WHERE name = ?", (id_,))
        with self._db.translate_errors():
            return rows.row_to_video(row) if row else None

    def list_videos(self, *, url: str = "", offset: int = 0) -> Iterator[Video]:
        where = "WHERE url = ?" if url else ""
        query = f"SELECT {rows.VIDEO_COLUMNS} FROM video {where} ORDER BY id LIMIT -1 OFFSET ?"
        with self._db.translate_errors():
            for row in self._db.connection.execute(query, (url, offset) if url else (offset,)):
                yield rows.row_to_video(row)

    def last_checked(self, video: str) -> float:
        found = self._fetch_all("SELECT checked FROM video WHERE name = ?", (video,))
        return found[0][0] if found and isinstance(found[0][0], float) else 0.0

    def count_videos(self) -> int:
        return int(self._fetch_all("SELECT count(*) FROM video")[0][0])

    def count_articles(self) -> int:
        return int(self._fetch_all("SELECT count(*) FROM article")[0][0])

    def list_tracks(self, video: str) -> list[tuple[int, Track]]:
        columns = rows.qualify_columns("track", rows.TRACK_COLUMNS)
        found = self._fetch_all(
            f"SELECT track.id, {columns} FROM track JOIN video ON video.id = track.video "
            "WHERE video.name = ? AND origin <> 'none' ORDER BY track.id",
            (video,),
        )
        with self._db.translate_errors():
            return [(row[0], rows.row_to_track(row[1:])) for row in found]

    def list_track_ids(self) -> list[int]:
        return [id_ for (id_,) in self._fetch_all("SELECT id FROM track ORDER BY id")]

    def read_raw_captions(self, track: int) -> bytes:
        row = self._fetch_one("SELECT raw FROM track WHERE id = ?", (track,))
        with blocks.translate_decode_errors(self.folder, f"remove the video of track {track} and add it again"):
            return decompress_bounded(row[0], blocks.MAX_TEXT_BYTES) if row and row[0] else b""

    def list_articles(self, *, offset: int = 0) -> Iterator[Article]:
        columns = rows.ARTICLE_COLUMNS.removesuffix("text") + "NULL"
        with self._db.translate_errors():
            for row in self._db.connection.execute(
                f"SELECT {columns} FROM article ORDER BY id LIMIT -1 OFFSET ?", (offset,)
            ):
                yield rows.row_to_article(row)

    def find_article(self, url: str) -> Article | None:
        row = self._fetch_one(
            f"SELECT {rows.ARTICLE_COLUMNS} FROM article WHERE ? IN (url, source) ORDER BY url = ? DESC",
            (url, url),
        )
        with self._db.translate_errors():
            return rows.row_to_article(row) if row else None

    def list_embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        columns = rows.qualify_columns("embed", rows.EMBED_COLUMNS)
        # Only the given filters are part of the query, so that SQLite uses its indexes.
        filters = {"article.url": article, "video.name": video, "embed.state": state, "embed.url": url}
        conditions = [f"{column} = ?" for column, value in filters.items() if value]
        found = self._fetch_all(
            f"SELECT article.url, state, reason, coalesce(video.name, ''), {columns} FROM embed "
            "JOIN article ON article.id = embed.article LEFT JOIN video ON video.id = embed.video "
            f"WHERE {' AND '.join(conditions) or 1} ORDER BY article.id, position",
            [value for value in filters.values() if value],
        )
        with self._db.translate_errors():
            return [
                EmbedRecord(rows.row_to_embed(row[4:], dead=row[1] == "dead"), *rows.check_embed_state(row[:4]))
                for row in found
            ]

    def collect_stats(self) -> Stats:
        (row,) = self._fetch_all(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM embed), "
            "(SELECT count(*) FROM embed WHERE state = 'dead'), (SELECT count(*) FROM video), "
            "(SELECT count(*) FROM track WHERE origin = 'none'), "
            "(SELECT count(*) FROM track WHERE origin <> 'none'), "
            "(SELECT coalesce(sum(words), 0) FROM track), "
            "(SELECT coalesce(sum(duration_ms), 0) FROM video), "
            f"(SELECT count(*) FROM track WHERE {_PENDING_CONDITION})"
        )
        with self._db.translate_errors():
            counts: tuple[int, int, int, int, int, int, int, int, int] = rows.check_counts(row)
        return Stats(*counts, self.get_setting("engine"))

    def find_damage(self) -> list[str]:
        from .damage import find_damage  # a search does not import it

        with self._db.translate_errors():
            return list(find_damage(self._db.connection, self.read_transcript))

    def write_backup(self, path: Path, report: Callable[[int, int], None]) -> int:
        """Write a backup of the store to *path*, and return its size; *report* gets the bytes done and all bytes.

        Raises `BackupError`.
        """
        from .backup import write_backup

        return write_backup(self._db, path, report)

    def disk_size_bytes(self) -> int:
        try:
            return sum(map(_file_size, self.folder.rglob("*")))
        except OSError as exc:
            raise IndexLocationError(str(self.folder), str(exc.strerror or exc).lower()) from exc

    def has_track(self, video: str, track: Track, raw: bytes) -> bool:
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


def _file_size(path: Path) -> int:
    """Return the size of a regular file; 0 for anything else, and if another process has just deleted it."""
    with suppress(FileNotFoundError):
        status = path.stat()
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    return 0


def batch_by_words(sized: Sequence[rows.SqlRow], max_words: int) -> Iterator[list[int]]:
    """Group `(track, words)` rows into batches that stop at the track that reaches *max_words* words."""
    batch: list[int] = []
    words = 0
    for track, count in sized:
        batch.append(track)
        words += count if isinstance(count, int) else max_words
        if words >= max_words:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch
