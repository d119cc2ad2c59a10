"""Copy an index to another location, and verify the copy.

Values are copied one by one through the `Store` interface, so any two kinds of store will do.  Writing a value twice
changes nothing, so a copy that was interrupted is completed by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ..model import Article, EmbedRecord, Progress, Review, Track, Video
from ..transcripts.workers import JobPool, run_ahead
from .base import Store
from .copy_jobs import begin_hashing, begin_packing
from .packed_track import PackedTrack
from .tasks import Task

_TASKS_PER_BATCH = 1000
"""Tasks that are copied in one transaction."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """The counts of one kind of record at both ends; *same* if every record is equal to the last byte."""

    kind: str
    source: int
    target: int
    same: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """The result of copying an index, for each kind of record."""

    kinds: tuple[CopiedTable, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the target holds exactly what the source holds."""
        return all(kind.same for kind in self.kinds)


def copy_index(source: Store, target: Store, notify: Callable[[Progress], None], pool: JobPool) -> None:
    """Copy everything from *source* to *target*, with the workers of *pool*; the engine of *target* is not updated."""
    for article in source.list_articles():
        _copy_article(source, target, article)
    total = source.collect_stats().videos
    read = run_ahead(source.list_videos(), lambda video: _begin_video(source, target, video, pool), jobs=pool.jobs)
    for done, (video, tracks) in enumerate(read, 1):
        target.put_video(video, last_checked=source.last_checked(video.id))
        for track, pack in tracks:
            target.put_packed_track(video.id, track, pack())
        notify(Progress("copied", video.title or video.id, done=done, total=total))
    for article in source.list_articles():
        _copy_embed_states(source, target, article.url)  # its videos must exist first
        _copy_reviews(source, target, article.url)
    tasks = source.queue.list_tasks()
    while batch := list(islice(tasks, _TASKS_PER_BATCH)):
        target.queue.import_tasks(_as_unclaimed(task) for task in batch)


def compare_indexes(source: Store, target: Store, notify: Callable[[Progress], None], pool: JobPool) -> Migration:
    """Compare the counts and checksums of both stores."""
    kinds = []
    for kind, dump in _DUMP_BY_KIND.items():
        notify(Progress("compared", kind))
        source_sum, target_sum = _checksum_values(dump(source, pool)), _checksum_values(dump(target, pool))
        kinds.append(CopiedTable(kind, source_sum[0], target_sum[0], source_sum == target_sum))
    return Migration(tuple(kinds))


# Copying


def _copy_article(source: Store, target: Store, article: Article) -> None:
    full_article = source.find_article(article.url) or article  # lists leave out the text
    target.put_article(full_article, [record.embed for record in source.list_embeds(article=article.url)])


_BegunTracks = list[tuple[Track, Callable[[], PackedTrack]]]


def _begin_video(source: Store, target: Store, video: Video, pool: JobPool) -> tuple[tuple[Video, _BegunTracks], int]:
    """Begin to pack the tracks of *video* that *target* lacks; return them, and their size."""
    tracks: _BegunTracks = []
    size = 0
    for track_id, track in source.list_tracks(video.id):
        raw = source.read_raw_captions(track_id)
        if not target.has_track(video.id, track, raw):
            tracks.append((track, begin_packing(source, track_id, raw, pool)))
            size += len(raw)
    return (video, tracks), size


def _copy_embed_states(source: Store, target: Store, article: str) -> None:
    copied = {record.embed.url: record for record in target.list_embeds(article=article)}
    for record in source.list_embeds(article=article):
        url = record.embed.url
        if record != copied.get(url):
            target.set_embed_state(article, url, state=record.state, reason=record.reason, video=record.video)


def _copy_reviews(source: Store, target: Store, article: str) -> None:
    copied = target.list_reviews(article)
    for review in source.list_reviews(article):
        if review not in copied:
            target.edit_review(article, review.quote, _replace_by(review))


def _replace_by(review: Review) -> Callable[[Review], Review]:
    return lambda _: review


def _as_unclaimed(task: Task) -> Task:
    """Return *task* as if no run had claimed it."""
    return replace(task, state="waiting", tries=max(task.tries - 1, 0)) if task.state == "working" else task


# Comparing


def _checksum_values(values: Iterable[bytes]) -> tuple[int, int]:
    """Return the number of *values* and a checksum that does not depend on their order."""
    count = total = 0
    for value in values:
        count += 1
        total = (total + int.from_bytes(hashlib.sha256(value).digest())) % 2**256
    return count, total


_Value = Article | EmbedRecord | Review | Video | tuple[str, Track] | tuple[Video, float] | Task


def _encode_value(value: _Value) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


def _dump_articles(store: Store, _: JobPool) -> Iterator[bytes]:
    for article in store.list_articles():
        yield _encode_value(store.find_article(article.url) or article)


def _dump_embeds(store: Store, _: JobPool) -> Iterator[bytes]:
    for article in store.list_articles():
        yield from map(_encode_value, store.list_embeds(article=article.url))


def _dump_reviews(store: Store, _: JobPool) -> Iterator[bytes]:
    for article in store.list_articles():
        yield from map(_encode_value, store.list_reviews(article.url))


def _dump_videos(store: Store, _: JobPool) -> Iterator[bytes]:
    for video in store.list_videos():
        yield _encode_value((video, store.last_checked(video.id)))


def _dump_tracks(store: Store, pool: JobPool) -> Iterator[bytes]:
    def begin(stored: tuple[Video, int, Track]) -> tuple[tuple[bytes, Callable[[], bytes]], int]:
        video, track_id, track = stored
        raw = store.read_raw_captions(track_id)
        captions = hashlib.sha256(raw).digest()
        described = b"\0".join((_encode_value((video.id, track)), captions))
        return (described, begin_hashing(store, track_id, pool)), len(raw)

    tracks = ((video, *each) for video in store.list_videos() for each in store.list_tracks(video.id))
    for described, take_hash in run_ahead(tracks, begin, jobs=pool.jobs):
        yield b"\0".join((described, take_hash()))


def _dump_tasks(store: Store, _: JobPool) -> Iterator[bytes]:
    yield from (_encode_value(_as_unclaimed(task)) for task in store.queue.list_tasks())


_DUMP_BY_KIND: dict[str, Callable[[Store, JobPool], Iterator[bytes]]] = {
    "articles": _dump_articles,
    "embeds": _dump_embeds,
    "reviews": _dump_reviews,
    "videos": _dump_videos,
    "tracks": _dump_tracks,
    "tasks": _dump_tasks,
}
