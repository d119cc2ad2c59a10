"""Copy an index to another place, and check that all of it arrived.

Everything is copied value by value through what every store offers, so any two kinds of place will do.  To put a value
in twice changes nothing: a copy that was stopped is completed by the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ..model import Article, EmbedState, Progress, Track, Video
from .base import Store
from .tasks import Task
from .transcript_blocks import pack

_TASKS = 1000
"""Tasks that are copied in one step."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many of a kind are at the source and at the target, and whether they are the *same* to the last byte."""

    kind: str
    source: int
    target: int
    same: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """What a copy of an index came to, kind by kind."""

    kinds: tuple[Copied, ...] = ()

    @property
    def verified(self) -> bool:
        """Tell whether the target holds what the source holds, and nothing else."""
        return all(kind.same for kind in self.kinds)


def copy(source: Store, target: Store, notify: Callable[[Progress], None]) -> None:
    """Put all that *source* holds into *target*; the engine there is not fed yet."""
    for article in source.articles():
        _copy_article(source, target, article)
    total = source.stats().videos
    for done, video in enumerate(source.videos(), 1):
        _copy_video(source, target, video)
        notify(Progress("copied", video.title or video.id, f"{done}/{total}"))
    for article in source.articles():
        _settle(source, target, article.url)  # not before its videos are there
    tasks = source.queue.tasks()
    while some := list(islice(tasks, _TASKS)):
        target.queue.adopt(_at_rest(task) for task in some)


def compare(source: Store, target: Store, notify: Callable[[Progress], None]) -> Migration:
    """Count and sum up what both hold."""
    kinds = []
    for kind, give in _KINDS.items():
        notify(Progress("compared", kind))
        here, there = _summed(give(source)), _summed(give(target))
        kinds.append(Copied(kind, here[0], there[0], here == there))
    return Migration(tuple(kinds))


# Copying


def _copy_article(source: Store, target: Store, article: Article) -> None:
    whole = source.article(article.url) or article  # listed without its text
    target.put_article(whole, [state.embed for state in source.embeds(article=article.url)])


def _copy_video(source: Store, target: Store, video: Video) -> None:
    target.put_video(video, checked=source.checked(video.id))
    for number, track in source.tracks(video.id):
        raw = source.raw(number)
        if not target.has_track(video.id, track, raw):
            target.put_track(video.id, track, raw, source.transcript(number))


def _settle(source: Store, target: Store, article: str) -> None:
    known = {state.embed.url: state for state in target.embeds(article=article)}
    for state in source.embeds(article=article):
        if state != known.get(state.embed.url):
            target.settle(article, state.embed.url, state=state.state, reason=state.reason, video=state.video)


def _at_rest(task: Task) -> Task:
    """Give *task* as it is where nobody works on it."""
    return replace(task, state="waiting", tries=max(task.tries - 1, 0)) if task.state == "working" else task


# Comparing


def _summed(values: Iterable[bytes]) -> tuple[int, int]:
    """Count *values* and sum them up, whatever their order."""
    count = total = 0
    for value in values:
        count += 1
        total = (total + int.from_bytes(hashlib.sha256(value).digest())) % 2**256
    return count, total


def _written(value: Article | EmbedState | Video | tuple[str, Track] | tuple[Video, float] | Task) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


def _articles(store: Store) -> Iterator[bytes]:
    for article in store.articles():
        yield _written(store.article(article.url) or article)


def _embeds(store: Store) -> Iterator[bytes]:
    for article in store.articles():
        yield from map(_written, store.embeds(article=article.url))


def _videos(store: Store) -> Iterator[bytes]:
    for video in store.videos():
        yield _written((video, store.checked(video.id)))


def _tracks(store: Store) -> Iterator[bytes]:
    for video in store.videos():
        for number, track in store.tracks(video.id):
            transcript = hashlib.sha256(b"".join(pack(store.transcript(number)))).digest()
            yield b"\0".join((_written((video.id, track)), hashlib.sha256(store.raw(number)).digest(), transcript))


def _tasks(store: Store) -> Iterator[bytes]:
    yield from (_written(_at_rest(task)) for task in store.queue.tasks())


_KINDS: dict[str, Callable[[Store], Iterator[bytes]]] = {
    "articles": _articles,
    "embeds": _embeds,
    "videos": _videos,
    "tracks": _tracks,
    "tasks": _tasks,
}
