"""The vectors of the windows of tracks, which worker processes make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...store.passages import TrackBlocks
from ...store.transcript_blocks import unpack_words
from ...transcripts.gist_windows import split_gist_windows
from .base import GistModel
from .row_files import VectorRows
from .setting import load_cached_model
from .vectors import pack_key, quantize


def embed_tracks(model: GistModel, tracks: Iterable[TrackBlocks]) -> VectorRows:
    """Return the vectors of *tracks*; those of a track do not depend on the others.

    Raises what `translate_decode_errors` translates.
    """
    parts = [_embed_track(model, each) for each in tracks]
    return join_rows(parts, dim=model.dim)


def _embed_track(model: GistModel, track: TrackBlocks) -> VectorRows:
    import numpy as np

    said = unpack_words(track.blocks)
    windows = split_gist_windows(said)
    keys = np.array([pack_key(track.track, window.first_token) for window in windows], np.int64)
    return VectorRows(keys, quantize(model.embed_windows(said, windows)))


def join_rows(parts: Sequence[VectorRows], *, dim: int) -> VectorRows:
    """Return the rows of all *parts*, without sketches."""
    import numpy as np

    keys = [np.zeros(0, np.int64), *(part.keys for part in parts)]
    rows = [np.zeros((0, dim), np.int8), *(part.rows for part in parts)]
    return VectorRows(np.concatenate(keys), np.concatenate(rows))


def make_chunk_vectors(digest: str, tracks: Sequence[TrackBlocks]) -> list[bytes]:
    """Make the vectors of a chunk of tracks with the default model in a worker; `read_chunk_vectors` reads them.

    Raises `ValueError` if the model has another digest than the vectors of the index.
    """
    model = load_cached_model("")
    if model.digest != digest:
        raise ValueError("the files of the model were replaced meanwhile")
    made = embed_tracks(model, tracks)
    return [made.keys.tobytes(), made.rows.tobytes()]


def read_chunk_vectors(parts: Sequence[bytes], *, dim: int) -> VectorRows:
    """Return the vectors that `make_chunk_vectors` made."""
    import numpy as np

    keys, rows = parts
    return VectorRows(np.frombuffer(keys, np.int64), np.frombuffer(rows, np.int8).reshape(-1, dim))
