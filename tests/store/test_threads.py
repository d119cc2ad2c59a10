"""An index is used from many short-lived threads, and across a fork, without using up files or memory."""

from __future__ import annotations

import gc
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import pytest

import vidindex
from vidindex.errors import IndexUnusableError

THREADS = 200
AT_ONCE = 4
WORDS = "the moment in which the roof of the old market hall came down"

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")


def count_open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def find_unused_descriptor(number: int) -> int:
    """Return the unused file descriptor that *number* lower ones precede."""
    gc.collect()  # closes the files of earlier tests that are in reference cycles
    return next(islice((fd for fd in count() if not os.path.lexists(f"/proc/self/fd/{fd}")), number, None))


def run_in_threads(work: Callable[[], object], *, threads: int = THREADS) -> None:
    for _ in range(threads // AT_ONCE):
        started = [threading.Thread(target=work) for _ in range(AT_ONCE)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()


@pytest.fixture
def talk(tmp_path: Path, engine: str, write: Callable[..., Path]) -> Iterator[vidindex.Index]:
    """An index of one talk."""
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(write("talk.en.vtt", WORDS))
        yield index


@contextmanager
def file_limit(more: int) -> Iterator[None]:
    """Allow this process to open only *more* files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The system limits the number of the descriptor, not the count of them: other tests may have left gaps.
    resource.setrlimit(resource.RLIMIT_NOFILE, (find_unused_descriptor(more), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@needs_proc
def test_threads_that_have_ended_hold_no_files(talk: vidindex.Index) -> None:
    found = []

    def use_index() -> None:
        found.append(len(talk.search(WORDS)))
        found.append(len(list(talk.videos())))
        found.append(len(talk.tracks("file:talk")))
        talk.transcript("file:talk")

    run_in_threads(use_index, threads=2 * AT_ONCE)
    before = count_open_files()
    run_in_threads(use_index)
    assert count_open_files() <= before + AT_ONCE
    assert set(found) == {1}


def test_a_list_outlives_the_thread_that_began_it(talk: vidindex.Index, write: Callable[..., Path]) -> None:
    talk.add(write("other.en.vtt", WORDS))
    begun: list[Iterator[vidindex.Video]] = []

    def begin() -> None:
        videos = talk.videos()
        next(videos)
        begun.append(videos)

    run_in_threads(begin, threads=AT_ONCE)
    assert [[video.id for video in videos] for videos in begun] == [["file:other"]] * AT_ONCE


def test_an_open_index_can_be_used_after_a_fork(talk: vidindex.Index) -> None:
    talk.search(WORDS)
    child = os.fork()
    if child == 0:  # nothing of pytest may run here
        try:
            os._exit(len(talk.search(WORDS)))
        finally:
            os._exit(100)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert len(talk.search(WORDS)) == 1


@needs_proc
@pytest.mark.parametrize("more", range(6))
def test_running_out_of_files_is_named(talk: vidindex.Index, more: int) -> None:
    talk.search(WORDS)  # what is imported at first use is imported now
    talk.stats()
    talk.find_damage()
    messages = []

    def use_index() -> None:
        try:
            talk.search(WORDS)
            talk.stats()
            talk.find_damage()
        except IndexUnusableError as exc:
            messages.append(str(exc))

    with file_limit(more):
        run_in_threads(use_index, threads=AT_ONCE)
    assert all("too many open files: raise the limit with `ulimit -n`" in message for message in messages)
    assert messages or more > 2
