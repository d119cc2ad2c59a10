"""Writes the vectors of an index after each commit of its passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...config import find_gist_model
from ...store.transcript_blocks import translate_decode_errors
from ...transcripts.gist_windows import WINDOW_TOKENS
from .. import CLUSTER_ENGINE
from ..track_passages import SideWork, TrackPassages
from .base import DEFAULT_MODEL, GistModel
from .chunk_vectors import embed_tracks, join_rows, make_chunk_vectors, read_chunk_vectors
from .setting import SETTING, GistSetting, choose_model, is_vector_folder, load_index_model, read_gist_setting
from .vectors import VectorSource

if TYPE_CHECKING:
    from ...model import PassageFields, QueryNode
    from ...store.base import Store
    from ...store.opensearch.endpoint import ClusterEndpoint, Location
    from ...store.passages import TrackBlocks
    from .row_files import VectorRows


class VectorIndex(VectorSource, Protocol):
    """The vectors of an index, in a folder or on a cluster.  Any method may raise `EngineError`."""

    def replace_tracks(self, tracks: Sequence[int], vectors: VectorRows, fields: Mapping[int, PassageFields]) -> None:
        """Delete the vectors of *tracks* and add *vectors*, in one commit; *fields* are those of their tracks."""

    def narrow(self, filters: QueryNode) -> VectorIndex:
        """Return those of the tracks that *filters* select, or all of them if the index does not know fields."""

    def list_tracks(self) -> Set[int]:
        """Return the tracks that have vectors."""

    def find_damaged_files(self) -> list[str]:
        """Return the names of the files that are damaged or missing."""

    def close(self) -> None:
        """Close connections."""


class GistWriter:
    """Writes the vectors of tracks to the index of *store* at *location* that has the *setting*."""

    def __init__(self, location: Location, vectors: VectorIndex, setting: GistSetting) -> None:
        self.setting = setting
        self._location = location
        self._vectors = vectors

    def begin(self, passages: TrackPassages, notify: Callable[[int], None]) -> GistBatch:
        """Return what makes and writes the vectors of the tracks of *passages*.

        *notify* is called with the number of tracks that are done: a sentence model takes minutes.
        Raises `GistModelError`, `GistNotInstalledError`.
        """
        return GistBatch(self._location, self._vectors, self.setting, passages, notify)

    def close(self) -> None:
        """Close what the vectors need."""
        self._vectors.close()


class GistBatch:
    """The vectors of the tracks of *passages*, which are written in one commit.

    The workers that make documents of *passages* make them, too, for the default model.  A sentence model has threads
    for all cores, and needs too much memory to be in each worker.
    """

    def __init__(
        self,
        location: Location,
        vectors: VectorIndex,
        setting: GistSetting,
        passages: TrackPassages,
        notify: Callable[[int], None],
    ) -> None:
        self._location = location
        self._vectors = vectors
        self._setting = setting
        self._passages = passages
        self._notify = notify
        self._fields: dict[int, PassageFields] = {}
        self._parts: list[VectorRows] = []
        self._model: GistModel | None = None
        if passages.count_jobs() > 1 and setting.model == DEFAULT_MODEL:
            passages.work_beside(SideWork(make_chunk_vectors, setting.digest, self._take_chunk))
        else:
            self._model = load_index_model(setting)

    def write(self, dropped: Sequence[int] = ()) -> None:
        """Replace the vectors of the tracks, and delete those of *dropped*, after the passages were indexed."""
        if self._model is not None:
            self._embed(self._model)
        made = join_rows(self._parts, dim=self._setting.dim)
        self._vectors.replace_tracks([*self._passages.tracks, *dropped], made, self._fields)

    def _take_chunk(self, tracks: Sequence[TrackBlocks], chunk: Sequence[bytes]) -> None:
        self._take(tracks, read_chunk_vectors(chunk, dim=self._setting.dim))

    def _embed(self, model: GistModel) -> None:
        for track in self._passages.read_blocks():
            with translate_decode_errors(self._location):
                self._take([track], embed_tracks(model, [track]))

    def _take(self, tracks: Sequence[TrackBlocks], vectors: VectorRows) -> None:
        self._fields |= {each.track: each.fields for each in tracks}
        self._parts.append(vectors)
        self._notify(len(self._fields))


def open_gist_writer(store: Store, location: Location) -> GistWriter | None:
    """Return what writes the vectors of an index; None if it has none.

    Raises `GistModelError`, `GistNotInstalledError`: without its model, the index cannot be written to.
    """
    setting = read_gist_setting(store)
    if setting is None:
        return None
    return GistWriter(location, open_vectors(location, setting), setting)


def check_gist_model(store: Store, location: Location, gist: str | bool | None) -> None:
    """Raise the error of `create_gist_writer` if the model that *gist* selects cannot be used."""
    if gist is not False and (gist is not None or store.get_setting(SETTING)):
        _load_selected_model(store, gist)


def create_gist_writer(
    store: Store, location: Location, gist: str | bool | None, *, number: int = 1
) -> GistWriter | None:
    """Return what writes the vectors of a new engine, in a new folder; None if it gets none.

    *gist* is the folder of a model, True for the default one, False for no vectors, None for those that there are now.
    *number* is that of the engine, beside which its vectors are on a cluster.
    Raises `GistModelError`, `GistNotInstalledError`.
    """
    before = store.get_setting(SETTING)
    if gist is False or (gist is None and not before):
        return None
    model = _load_selected_model(store, gist)
    used = before if isinstance(location, Path) else ""
    fresh = next(name for at in count(number) if f'"{(name := f"gist-{at}")}"' not in used)
    delete_vectors(location, fresh)  # a killed run may have left some
    setting = GistSetting(fresh, model.id, model.digest, model.dim)
    expected = store.collect_stats().words // WINDOW_TOKENS
    return GistWriter(location, open_vectors(location, setting, expected=expected), setting)


def _load_selected_model(store: Store, gist: str | bool | None) -> GistModel:
    if gist is None and (setting := read_gist_setting(store)) is not None:
        return load_index_model(setting)
    return choose_model(gist if isinstance(gist, str) else find_gist_model())


def copy_gist_setting(source: Store, target: Store, location: Location) -> None:
    """Let the new index *target* at *location*, which has no tracks yet, have vectors if *source* has some."""
    if read_gist_setting(source) is None or target.get_setting(SETTING) or target.get_setting("engine_folder"):
        return
    writer = create_gist_writer(source, location, None)
    if writer is not None:
        target.register_gist(writer.setting.dump())
        writer.close()


def open_vectors(location: Location, setting: GistSetting, *, expected: int | None = None) -> VectorIndex:
    """Open the vectors of the index at *location*; they are created for the *expected* number of them, if one is given.

    Raises `EngineError` if they are missing.
    """
    if isinstance(location, Path):
        from .vector_folder import VectorFolder

        return VectorFolder(location / setting.folder, dim=setting.dim, create=expected is not None)
    from ..opensearch.cluster_vectors import ClusterVectors

    return ClusterVectors(_engine_of(location, setting.folder), dim=setting.dim, expected=expected)


def _engine_of(location: ClusterEndpoint, folder: str) -> ClusterEndpoint:
    """Return the engine on a cluster that the vectors with the name *folder* belong to."""
    return replace(location, name=f"{location.name}-{CLUSTER_ENGINE}-{folder.rpartition('-')[2]}")


def delete_unused_vectors(store: Store, location: Location) -> None:
    """Delete the vectors that the index does not use any more; the caller holds the write lock."""
    setting = read_gist_setting(store)
    if isinstance(location, Path):
        for path in location.glob("gist-*"):
            if setting is None or path.name != setting.folder:
                delete_vectors(location, path.name)


def delete_vectors(location: Location, folder: str) -> None:
    """Delete the vectors in *folder* of the index at *location*, if there are any; nothing else is ever deleted.

    On a cluster, they are deleted with their engine.
    """
    if not is_vector_folder(folder) or not isinstance(location, Path) or (location / folder).is_symlink():
        return
    from shutil import rmtree

    rmtree(location / folder, ignore_errors=True)
