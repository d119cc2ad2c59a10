"""Reads and writes the commits of a Whoosh index: the list of its segments.

Whoosh keeps the list in a pickle, which executes what it contains when it is loaded.  Here, it is decoded as plain data
and checked, so that a damaged or hostile index is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, clean_files

from .codec import PassageCodec, build_schema
from .plain_pickle import ClassName, PickledInstance, decode_pickle

INDEX_NAME = "MAIN"

MAX_SEGMENTS = 256
"""Maximum number of segments; merging leaves far fewer."""

MAX_PASSAGES = 2_000_000
"""Maximum number of passages: about 200 million words, ten times what a search in pure Python is good for."""

_MAX_LIST_BYTES = 4_000_000
_HEADER = b"\x04\x08\x04" + (-12345).to_bytes(4, signed=True) + (-111).to_bytes(4, signed=True)
"""The sizes of integers and floats, a mark of the byte order, and the version of the format."""

_SEGMENT_CLASS = ClassName("whoosh.codec.whoosh3", "W3Segment")
_CODEC_CLASS = ClassName("vidindex.engines.whoosh.codec", "PassageCodec")
_SEGMENT_ID = re.compile(r"[0-9a-z]{16}")


class CommitFolder:
    """The commits of the index in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.storage = FileStorage(str(folder))
        self.folder = folder

    def create(self) -> None:
        """Write the first commit, which has no segments."""
        TOC.create(self.storage, build_schema(), INDEX_NAME)

    def latest_generation(self) -> int:
        """Return the number of the last commit; -1 if there is none, or the folder does not exist."""
        generation: int = TOC._latest_generation(self.storage, INDEX_NAME)
        return generation

    def lock(self) -> Any:
        """Return the lock of writers."""
        return self.storage.lock(f"{INDEX_NAME}_WRITELOCK")

    def read_segments(self) -> tuple[int, list[Any]]:
        """Return the number of the last commit and its segments.

        Raises `ValueError` if they are damaged, `FileNotFoundError` if another process has just replaced them.
        """
        generation = self.latest_generation()
        with open(self.folder / f"_{INDEX_NAME}_{generation}.toc", "rb") as file:  # noqa: PTH123
            data = file.read(_MAX_LIST_BYTES + 1)
        if len(data) > _MAX_LIST_BYTES:
            raise ValueError("the list of segments is too large")
        segments = [self._make_segment(each) for each in _decode_segment_list(data, generation)]
        if len({segment.segid for segment in segments}) < len(segments):
            raise ValueError("a segment occurs twice")
        check_size(segments)
        return generation, segments

    def write_segments(self, generation: int, segments: list[Any]) -> None:
        """Write a commit, and delete the files that it does not need."""
        check_size(segments)
        TOC(build_schema(), segments, generation).write(self.storage, INDEX_NAME)
        clean_files(self.storage, INDEX_NAME, generation, segments)

    def make_file_filter(self) -> Callable[[str], bool]:
        """Return a function that tells whether the last commit needs a file with a given name."""
        generation, segments = self.read_segments()
        stems = {f"{INDEX_NAME}_{segment.segid}" for segment in segments}
        commit = f"_{INDEX_NAME}_{generation}.toc"
        return lambda name: name == commit or name.partition(".")[0] in stems

    def list_files(self) -> list[str]:
        """Return the names of the files of the last commit."""
        return list(filter(self.make_file_filter(), (path.name for path in self.folder.iterdir())))

    def delete_temporary_files(self) -> None:
        """Delete the folder in which segments are prepared."""
        self.storage.temp_storage(f"{INDEX_NAME}.tmp").destroy()

    def _make_segment(self, pickled: Any) -> Any:
        if not isinstance(pickled, PickledInstance) or pickled.kind != _SEGMENT_CLASS:
            raise ValueError("the list of segments has another value")
        found = pickled.attributes
        count, deleted = found.get("_doccount"), found.get("_deleted")
        if not isinstance(found.get("segid"), str) or not _SEGMENT_ID.fullmatch(found["segid"]):
            raise ValueError("a segment has an invalid name")
        if not _is_codec(found.get("_codec")) or found.get("indexname") != INDEX_NAME or found.get("compound"):
            raise ValueError("a segment has another format")
        codec: Any = PassageCodec  # the constructor has no types
        segment: Any = W3Segment(codec(), INDEX_NAME, count, found["segid"], deleted)
        ids_bytes = self.storage.file_length(segment.make_filename(PassageCodec.IDS_EXT))
        if type(count) is not int or ids_bytes != 8 * count:
            raise ValueError("a segment has another number of passages")
        if deleted is not None and (type(deleted) is not set or not _is_within(deleted, count)):
            raise ValueError("a segment has invalid deletions")
        segment._fieldlengths = {}  # whoosh's own searcher reads it
        return segment


def check_size(segments: list[Any]) -> None:
    """Check that *segments* fit into the memory of a search.

    Raises `ValueError` if they do not.
    """
    if len(segments) > MAX_SEGMENTS or sum(segment.doc_count_all() for segment in segments) > MAX_PASSAGES:
        raise ValueError("it is too large for whoosh: switch with `vidindex rebuild --engine tantivy`")


def _is_within(numbers: set[int], end: int) -> bool:
    return not numbers or 0 <= min(numbers) <= max(numbers) < end


def _is_codec(value: Any) -> bool:
    return isinstance(value, PickledInstance) and value.kind == _CODEC_CLASS


def _decode_segment_list(data: bytes, generation: int) -> list[Any]:
    """Return the list of segments in the file of a commit; the schema before it is ours, and skipped."""
    if not data.startswith(_HEADER):
        raise ValueError("the list of segments has another format")
    at = len(_HEADER)
    for _ in range(3):  # the version of whoosh
        _, at = _read_varint(data, at)
    schema_bytes, at = _read_varint(data, at)
    at += schema_bytes
    if int.from_bytes(data[at : at + 4], signed=True) != generation:
        raise ValueError("the list of segments has another number")
    segments = decode_pickle(data[at + 8 :])
    if type(segments) is not list:
        raise ValueError("the list of segments has another value")
    return segments


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at *at*, seven bits a byte, and the position after it."""
    number = 0
    for shift in range(0, 35, 7):
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise ValueError("a number is too large")
