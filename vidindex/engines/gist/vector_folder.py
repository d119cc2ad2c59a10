"""The vectors of an index in a folder: files of rows, which commits add, merge and delete."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ...errors import EngineError
from ..folders import check_engine_folder
from .part_list import LIST_FILE, PartList, VectorPart, delete_unlisted, read_part_list, write_part_list
from .row_files import MIN_SKETCHED_ROWS, VectorRows, hash_rows, map_rows, write_rows
from .sketches import find_likely
from .vectors import search_exact, unpack_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...model import PassageFields, QueryNode

_MERGE_RATIO = 2
"""A file that is smaller than this many times the files after it is merged with them, so that there are few."""

_MAX_READ_RETRIES = 20

T = TypeVar("T")


class _OpenPart(NamedTuple):
    """A file that is open for searches: its rows, the track of each, and whether the row is up to date."""

    vectors: VectorRows
    tracks: NDArray[Any]
    is_live: NDArray[Any] | None


class VectorFolder:
    """The vectors of one index; threads and processes may search while one process writes."""

    def __init__(self, folder: Path, *, dim: int, create: bool = False) -> None:
        self._folder = folder
        self._dim = dim
        self._lock = Lock()
        self._opened: tuple[object, list[_OpenPart]] | None = None
        self._listed: tuple[list[_OpenPart], frozenset[int]] | None = None
        with self._translate_errors():
            if create:
                folder.mkdir(exist_ok=True)
                write_part_list(folder, PartList(dim))
            check_engine_folder("gist", folder)

    def replace_tracks(
        self, tracks: Sequence[int], vectors: VectorRows, fields: Mapping[int, PassageFields] | None = None
    ) -> None:
        """Delete the vectors of *tracks* and add *vectors*, in one commit; *fields* are not stored."""
        with self._translate_errors():
            listed = self._read_list()
            parts = [_drop_tracks(part, self._map(part), tracks) for part in listed.parts]
            kept, merged = _choose_merge(parts, len(vectors.keys))
            fresh = [*(_select_live(part, self._map(part)) for part in merged), (vectors, None)]
            name = f"rows-{listed.next}.i8"
            if len(vectors.keys) or any(part.live for part in merged):
                count = write_rows(self._folder / name, fresh, dim=self._dim)
                kept.append(VectorPart(name, count, count, hash_rows(self._folder / name)))
            write_part_list(self._folder, PartList(self._dim, tuple(kept), listed.next + 1))
            delete_unlisted(self._folder, kept)

    def nearest(
        self, vector: NDArray[Any], *, limit: int, tracks: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the keys and cosines of the *limit* windows nearest to *vector*, best first, only those of *tracks*.

        None as *tracks* means all of them.
        """
        found = [pair for part in self._open_parts() for pair in _search_part(part, vector, limit=limit, tracks=tracks)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def narrow(self, filters: QueryNode) -> VectorFolder:
        """Return all vectors: the index does not know the fields of tracks."""
        return self

    def count_rows(self) -> int:
        """Return the number of vectors."""
        with self._translate_errors():
            return sum(part.live for part in self._read_list().parts)

    def list_tracks(self) -> Set[int]:
        """Return the tracks that have vectors."""
        parts = self._open_parts()
        if self._listed is None or self._listed[0] is not parts:
            self._listed = parts, frozenset(_list_tracks(parts))
        return self._listed[1]

    def find_damaged_files(self) -> list[str]:
        """Return the names of the files that are damaged or missing; a commit meanwhile may delete some."""
        try:
            listed = self._read_list()
        except (ValueError, FileNotFoundError):
            return [LIST_FILE]
        return [part.name for part in listed.parts if not self._is_whole(part)]

    def close(self) -> None:
        """Do nothing: files that a search has mapped are closed with its arrays."""

    def _is_whole(self, part: VectorPart) -> bool:
        try:
            return hash_rows(self._folder / part.name) == part.checksum and len(self._map(part).keys) == part.count
        except (FileNotFoundError, ValueError):
            return False

    def _read_list(self) -> PartList:
        listed = read_part_list(self._folder)
        if listed.dim != self._dim:
            raise ValueError("the list of the vectors has another number of dimensions")
        return listed

    def _map(self, part: VectorPart) -> VectorRows:
        return map_rows(self._folder / part.name, dim=self._dim)

    def _open_parts(self) -> list[_OpenPart]:
        """Return the files, opened again if a commit has replaced the list.

        If a rebuild has just deleted them, they are those that are open: the next search gets the new ones.
        """
        with self._lock, self._translate_errors():
            state = _file_state(self._folder / LIST_FILE)
            if self._opened is None or (self._opened[0] != state and state is not None):
                self._opened = state, self._retry_read(self._map_all)
            return self._opened[1]

    def _map_all(self) -> list[_OpenPart]:
        return [_open_part(part, self._map(part)) for part in self._read_list().parts]

    def _retry_read(self, read: Callable[[], T]) -> T:
        """Call *read* again if a commit deletes a file meanwhile."""
        for _ in range(_MAX_READ_RETRIES):
            before = _file_state(self._folder / LIST_FILE)
            try:
                return read()
            except FileNotFoundError:
                if before == _file_state(self._folder / LIST_FILE):
                    raise
        return read()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
            raise EngineError("gist", f"{self._folder.name}: {reason}") from exc


def _drop_tracks(part: VectorPart, held: VectorRows, tracks: Sequence[int]) -> VectorPart:
    import numpy as np

    held_tracks = _tracks_of(held.keys)
    found = set(np.unique(held_tracks).tolist()) & set(tracks)
    if not found:
        return part
    dropped = tuple(sorted({*part.dropped, *found}))
    live = int(np.isin(held_tracks, np.fromiter(dropped, np.int64), invert=True).sum())
    return replace(part, live=live, dropped=dropped)


def _choose_merge(parts: Sequence[VectorPart], added: int) -> tuple[list[VectorPart], list[VectorPart]]:
    """Divide *parts* into those to keep and the last ones, which become one with *added* rows."""
    at, size = len(parts), added
    while at and parts[at - 1].live < _MERGE_RATIO * size:
        at -= 1
        size += parts[at].live
    outdated = [part for part in parts[:at] if 2 * part.live < part.count]
    return [part for part in parts[:at] if part not in outdated], [*outdated, *parts[at:]]


def _select_live(part: VectorPart, held: VectorRows) -> tuple[VectorRows, NDArray[Any] | None]:
    opened = _open_part(part, held)
    return opened.vectors, opened.is_live


def _open_part(part: VectorPart, held: VectorRows) -> _OpenPart:
    import numpy as np

    tracks = _tracks_of(held.keys)
    is_live = ~np.isin(tracks, np.fromiter(part.dropped, np.int64)) if part.dropped else None
    return _OpenPart(held, tracks, is_live)


def _list_tracks(parts: Iterable[_OpenPart]) -> Iterator[int]:
    import numpy as np

    for part in parts:
        yield from np.unique(part.tracks if part.is_live is None else part.tracks[part.is_live]).tolist()


def _search_part(
    part: _OpenPart, vector: NDArray[Any], *, limit: int, tracks: Collection[int] | None
) -> list[tuple[int, float]]:
    import numpy as np

    mask = part.is_live
    if tracks is not None:
        wanted = np.isin(part.tracks, np.fromiter(tracks, np.int64))
        mask = wanted if mask is None else wanted & mask
    places = None if mask is None else np.flatnonzero(mask)
    keys, rows, sketch = part.vectors
    if sketch is not None and (len(keys) if places is None else len(places)) >= MIN_SKETCHED_ROWS:
        places = find_likely(sketch, vector, limit=limit, places=places)
    return search_exact(rows, keys, vector, limit=limit, places=places)


def _tracks_of(keys: NDArray[Any]) -> NDArray[Any]:
    return unpack_key(keys)[0]


def _file_state(path: Path) -> object:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size
