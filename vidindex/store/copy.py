"""Copy an index to another place, and check that all of it arrived.

Everything is copied value by value through what every store offers, so any two kinds of place will do.  To put a value
in twice changes nothing: a copy that was stopped is completed by the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ..model import Article, EmbedRecord, Progress, Track, Video
from .base import Store
from .tasks import Task
from .transcript_blocks import pack_blocks

_TASKS_PER_BATCH = 1000
"""Tasks that are copied in one step."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """How many of a kind are at the source and at the target, and whether they are the *same* to the last byte."""

    kind: str
    source: int
    target: int
    same: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """What a copy of an index came to, kind by kind."""

    kinds: tuple[CopiedTable, ...] = ()

    @property
    def verified(self) -> bool:
        """Tell whether the target holds what the source holds, and nothing else."""
        return all(kind.same for kind in self.kinds)


def copy_index(source: Store, target: Store, notify: Callable[[Progress], None]) -> None:
    """Put all that *source* holds into *target*; the engine there is not fed yet."""
    for article in source.list_articles():
        _copy_article(source, target, article)
    total = source.collect_stats().videos
    for done, video in enumerate(source.list_videos(), 1):
        _copy_video(source, target, video)
        notify(Progress("copied", video.title or video.id, f"{done}/{total}"))
    for article in source.list_articles():
        _copy_embed_states(source, target, article.url)  # not before its videos are there
    tasks = source.queue.list_tasks()
    while some := list(islice(tasks, _TASKS_PER_BATCH)):
        target.queue.import_tasks(_as_unclaimed(task) for task in some)


def compare_indexes(source: Store, target: Store, notify: Callable[[Progress], None]) -> Migration:
    """Count and sum up what both hold."""
    kinds = []
    for kind, give in _DUMP_BY_KIND.items():
        notify(Progress("compared", kind))
        here, there = _checksum_values(give(source)), _checksum_values(give(target))
        kinds.append(CopiedTable(kind, here[0], there[0], here == there))
    return Migration(tuple(kinds))


# Copying


def _copy_article(source: Store, target: Store, article: Article) -> None:
    whole = source.find_article(article.url) or article  # listed without its text
    target.put_article(whole, [state.embed for state in source.list_embeds(article=article.url)])


def _copy_video(source: Store, target: Store, video: Video) -> None:
    target.put_video(video, last_checked=source.last_checked(video.id))
    for number, track in source.list_tracks(video.id):
        raw = source.read_raw_captions(number)
        if not target.has_track(video.id, track, raw):
            target.put_track(video.id, track, raw, source.read_transcript(number))


def _copy_embed_states(source: Store, target: Store, article: str) -> None:
    known = {state.embed.url: state for state in target.list_embeds(article=article)}
    for state in source.list_embeds(article=article):
        if state != known.get(state.embed.url):
            target.set_embed_state(article, state.embed.url, state=state.state, reason=state.reason, video=state.video)


def _as_unclaimed(task: Task) -> Task:
    """Give *task* as it is where nobody works on it."""
    return replace(task, state="waiting", tries=max(task.tries - 1, 0)) if task.state == "working" else task


# Comparing


def _checksum_values(values: Iterable[bytes]) -> tuple[int, int]:
    """Count *values* and sum them up, whatever their order."""
    count = total = 0
    for value in values:
        count += 1
        total = (total + int.from_bytes(hashlib.sha256(value).digest())) % 2**256
    return count, total


def _encode_value(value: Article | EmbedRecord | Video | tuple[str, Track] | tuple[Video, float] | Task) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


def _dump_articles(store: Store) -> Iterator[bytes]:
    for article in store.list_articles():
        yield _encode_value(store.find_article(article.url) or article)


def _dump_embeds(store: Store) -> Iterator[bytes]:
    for article in store.list_articles():
        yield from map(_encode_value, store.list_embeds(article=article.url))


def _dump_videos(store: Store) -> Iterator[bytes]:
    for video in store.list_videos():
        yield _encode_value((video, store.last_checked(video.id)))


def _dump_tracks(store: Store) -> Iterator[bytes]:
    for video in store.list_videos():
        for number, track in store.list_tracks(video.id):
            transcript = hashlib.sha256(b"".join(pack_blocks(store.read_transcript(number)))).digest()
            yield b"\0".join(
                (_encode_value((video.id, track)), hashlib.sha256(store.read_raw_captions(number)).digest(), transcript)
            )


def _dump_tasks(store: Store) -> Iterator[bytes]:
    yield from (_encode_value(_as_unclaimed(task)) for task in store.queue.list_tasks())


_DUMP_BY_KIND: dict[str, Callable[[Store], Iterator[bytes]]] = {
    "articles": _dump_articles,
    "embeds": _dump_embeds,
    "videos": _dump_videos,
    "tracks": _dump_tracks,
    "tasks": _dump_tasks,
}
