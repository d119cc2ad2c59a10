"""The engine that is always installed: Whoosh, in pure Python, with its own codec (`codec`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from ...errors import EngineError, IndexLocationError, VidindexError
from ...model import Passage, PhraseQuery, QueryNode
from ..base import Engine, PassageCandidate
from ..checksums import find_changed_files, read_names, record_checksums
from ..folders import check_engine_folder
from ..spelling import find_similar_words
from . import segment_writer as segments
from .codec import PassageCodec
from .commits import CommitFolder
from .search import WhooshQueryRunner
from .segment_reader import SegmentReader

_MAX_READ_RETRIES = 20
"""Retries if another process commits between the reading of the list of segments and the opening of their files."""

_READ_RETRY_PAUSE_S = 0.01

_MAX_VOCABULARY_WORDS = 500_000
"""Number of words among which spelling suggestions are searched, about 60 MB."""

_MAX_PREFIXED_WORDS = 3_000
"""Number of words of a segment with the same first letters that are read, in some milliseconds."""


T = TypeVar("T")

_REMOVED_GENERATION = -1
"""The generation of a folder that does not exist."""


class WhooshEngine(Engine):
    """An engine in a folder, on Whoosh.  Threads may share it; one reads at a time."""

    name = "whoosh"

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self._segments: list[SegmentReader] = []
        self._generation = -1
        self._vocabulary: tuple[int, Counter[str]] = -1, Counter()
        self._lock = Lock()
        with _translate_errors():
            self._commits = _open_commits(folder, create=create)
        self._read_segments(len)  # open the files now: a rebuild may delete them before the first query

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        with _translate_errors():
            segments.replace_tracks(self._commits, tracks, passages)
            record_checksums(self._commits.folder, self._commits.list_files(), changing=())

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> list[PassageCandidate]:
        return self._read_segments(lambda opened: WhooshQueryRunner(opened, limit=limit).find_best(query))

    def has_token(self, token: str) -> bool:
        return bool(self.find_candidates(PhraseQuery((token,)), limit=1))

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        return find_similar_words(token, self._read_segments(self._read_vocabulary), limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        counts = self._read_segments(partial(_count_prefixed, prefix=token[:prefix_chars]))
        return sorted(counts, key=lambda text: (-counts[text], text))[:limit]

    def _read_vocabulary(self, opened: Sequence[SegmentReader]) -> Counter[str]:
        """Return the frequencies of the words of the current commit, which are read once."""
        if self._vocabulary[0] != self._generation:
            self._vocabulary = self._generation, _count_words(opened)
        return self._vocabulary[1]

    def count_passages(self) -> int:
        return self._read_segments(lambda opened: sum(segment.live_count for segment in opened))

    def commit_stamp(self) -> tuple[int, ...]:
        with _translate_errors():
            return (self._commits.latest_generation(),)

    def close(self) -> None:
        for segment in self._segments:
            segment.close()
        self._segments = []
        self._generation = -1

    def _read_segments(self, query: Callable[[Sequence[SegmentReader]], T]) -> T:
        """Run *query* on the segments of the last commit of any process.

        Retry if another process commits and deletes merged segments before all files are open.
        """
        with self._lock, _translate_errors():
            try:
                return query(self._current_segments())
            except FileNotFoundError:
                self.close()
            from ...net.retry import call_with_retries  # rarely needed, and it imports the network code

            return call_with_retries(
                lambda: query(self._current_segments()),
                pauses_s=repeat(_READ_RETRY_PAUSE_S, _MAX_READ_RETRIES),
                should_retry=lambda exc, _: self._close_deleted_files(exc),
            )

    def _close_deleted_files(self, exc: Exception) -> bool:
        """Close the files if *exc* says that one has been deleted; return whether that is so."""
        is_deleted = isinstance(exc, FileNotFoundError)
        if is_deleted:
            self.close()
        return is_deleted

    def _current_segments(self) -> Sequence[SegmentReader]:
        latest = self._commits.latest_generation()
        if latest == _REMOVED_GENERATION:
            if not self._segments:
                raise FileNotFoundError(str(self._commits.storage))
            return self._segments  # the folder was just deleted: use the open files
        if latest != self._generation:
            generation, opened = self._commits.read_segments()
            self.close()
            for segment in opened:
                self._segments.append(SegmentReader(self._commits.storage, segment))
            self._generation = generation
        return self._segments


def _count_prefixed(opened: Sequence[SegmentReader], prefix: str) -> Counter[str]:
    words: Counter[str] = Counter()
    for segment in opened:
        words.update(segment.document_frequencies("words", prefix, limit=_MAX_PREFIXED_WORDS))
    return words


def _count_words(opened: Sequence[SegmentReader]) -> Counter[str]:
    words: Counter[str] = Counter()
    for segment in opened:
        words.update(segment.document_frequencies("words", limit=_MAX_VOCABULARY_WORDS - len(words)))
    return words


def find_damaged_files(folder: Path, *, is_confirmed: bool) -> Iterator[str]:
    """Yield the damaged files of the index in *folder*, without opening it.

    Raises `EngineError` if its list of segments is damaged or missing.
    """
    check_engine_folder(WhooshEngine.name, folder)
    with _translate_errors():
        commits = CommitFolder(folder)
        if commits.latest_generation() == _REMOVED_GENERATION:
            raise ValueError("its list of segments is missing")
        _, found = commits.read_segments()
        is_needed = commits.make_file_filter()
        checked = {name for name in read_names(folder) if is_needed(name)}
        yield from find_changed_files(folder, checked)
        for segment in found:  # of an older version, and of a commit that was killed
            if segment.make_filename(PassageCodec.TERMS_EXT) not in checked and not _is_readable(commits, segment):
                yield segment.make_filename(".*")


def _is_readable(commits: CommitFolder, segment: Any) -> bool:
    """Read all terms, ids and texts of a segment, and return whether that is possible."""
    try:
        with closing(SegmentReader(commits.storage, segment)) as reader:
            reader.read_everything()
    except Exception:  # damaged files raise exceptions of any class
        return False
    return True


def _open_commits(folder: Path, *, create: bool) -> CommitFolder:
    check_engine_folder(WhooshEngine.name, folder)
    commits = CommitFolder(folder)
    if folder.is_dir() and commits.latest_generation() != _REMOVED_GENERATION:
        return commits
    if not create:
        raise EngineError("whoosh", f"no index in {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexLocationError(str(folder), error.strerror or str(error)) from error
    commits.create()
    return commits


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate the exceptions of Whoosh into `EngineError`; damaged files raise exceptions of any class."""
    try:
        yield
    except VidindexError:
        raise
    except Exception as error:
        raise EngineError("whoosh", str(error) or type(error).__name__) from error
