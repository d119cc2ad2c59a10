"""Find damage in the vectors of an index: files that differ from their checksums, tracks without vectors."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ...errors import EngineError
from .setting import read_gist_setting
from .writer import VectorIndex, open_vectors

if TYPE_CHECKING:
    from ...store.base import Store
    from ...store.opensearch.endpoint import Location

_MAX_LISTED = 5


def find_vector_damage(store: Store, location: Location) -> list[str]:
    """Return a line with the next step for each problem of the vectors; the model itself is not needed."""
    try:
        return _check_vectors(store, location)
    except EngineError as exc:
        return [str(exc)]
    except ModuleNotFoundError as exc:
        return [f"the vectors cannot be checked without {exc.name}: `pip install 'vidindex[gist]'`"]


def _check_vectors(store: Store, location: Location) -> list[str]:
    setting = read_gist_setting(store)
    if setting is None:
        return []
    is_settled = not store.has_pending()
    with closing(open_vectors(location, setting)) as vectors:
        return _compare_vectors(store, vectors, is_settled=is_settled)


def _compare_vectors(store: Store, vectors: VectorIndex, *, is_settled: bool) -> list[str]:
    if damaged := vectors.find_damaged_files():
        listed = ", ".join(damaged[:_MAX_LISTED]) + (" …" if len(damaged) > _MAX_LISTED else "")
        return [f"files of the vectors are damaged or missing ({listed}): run `vidindex rebuild`"]
    held = vectors.list_tracks()
    stored = {each.track for each in store.list_indexed_tracks()}
    missing = [track for track in stored - held if store.read_transcript(track).tokens]
    # As for passages: comparable only if nothing is pending before and after.
    if not is_settled or store.has_pending():
        return []
    if outdated := held - stored:
        return [f"the vectors have {len(outdated)} tracks that the store does not have: run `vidindex rebuild`"]
    if missing:
        return [f"{len(missing)} tracks have no vectors: run `vidindex rebuild`"]
    return []
