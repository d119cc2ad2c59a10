"""Read `.webarchive`, in which Safari saves a page: a property list with the page, its files and its frames.

Only the values that are needed are read.  A parser that reads them all takes any amount of memory: the values of a
hostile property list can overlap, so that each of a million refers to the same megabytes.
"""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from .archive import PartArchive, SavedPart

BINARY_MAGIC = b"bplist00"
MAX_XML_BYTES = 8_000_000
_MAX_ITEMS = 20_000
_MAX_FRAMES = 500
_MAX_DEPTH = 8
_MAX_TEXT_CHARS = 4_000
_MAX_KEYS = 64
_TRAILER = struct.Struct(">6xBBQQQ")
_MARK = b"WebMainResource"
_DICT, _ARRAY, _DATA, _ASCII, _UTF16 = 0xD, 0xA, 0x4, 0x5, 0x6
_LONG_COUNT = 0xF


def is_webarchive(head: bytes, suffix: str) -> bool:
    """Return whether *head* is the start of a `.webarchive`, whose name ends with *suffix*."""
    if head.startswith(BINARY_MAGIC):
        return suffix == ".webarchive" or _MARK in head
    return head.lstrip().startswith(b"<?xml") and b"<plist" in head and (_MARK in head or suffix == ".webarchive")


def read_webarchive(path: Path, content: bytes) -> PartArchive:
    """Read the file *path*, which has *content*.  Raises `ValueError` if it is damaged, or has no page."""
    root = _BinaryPlist(content).root() if content.startswith(BINARY_MAGIC) else _read_xml(content)
    main = _make_part(root.child("WebMainResource"))
    if main is None or not main.is_html:
        raise ValueError("it contains no page")
    return PartArchive(path, _find_parts(root, _MAX_DEPTH, [_MAX_ITEMS]), [main])


class _Node(Protocol):
    """A value of a property list."""

    def child(self, key: str) -> _Node | None:
        """Return the value of *key* in a dictionary."""

    def items(self, key: str) -> Iterator[_Node]:
        """Yield the items of the array that is the value of *key*."""

    def text(self, key: str) -> str:
        """Return the text that is the value of *key*, or ""."""

    def data(self, key: str) -> bytes | None:
        """Return the bytes that are the value of *key*, or None."""


def _find_parts(archive: _Node, depth: int, parts_left: list[int]) -> Iterator[SavedPart]:
    """Yield the files of a page, then its frames and theirs."""
    for resource in archive.items("WebSubresources"):
        parts_left[0] -= 1
        if parts_left[0] < 0:
            return
        if part := _make_part(resource):
            yield part
    for count, frame in enumerate(archive.items("WebSubframeArchives")):
        if count >= _MAX_FRAMES or not depth:
            return
        if part := _make_part(frame.child("WebMainResource")):
            yield part
        yield from _find_parts(frame, depth - 1, parts_left)


def _make_part(resource: _Node | None) -> SavedPart | None:
    if resource is None or not (url := resource.text("WebResourceURL")):
        return None
    content_type = resource.text("WebResourceMIMEType").lower()
    charset = resource.text("WebResourceTextEncodingName")
    load = partial(_load_data, resource)
    return SavedPart(url, content_type, load, charset)


def _load_data(resource: _Node) -> bytes:
    return resource.data("WebResourceData") or b""


class _BinaryPlist:
    """A binary property list, whose values are read when they are asked for."""

    def __init__(self, content: bytes) -> None:
        if len(content) < len(BINARY_MAGIC) + 32:
            raise ValueError("it is a damaged property list: it is cut")
        self.content = content
        self._offset_size, self.reference_size, self.count, self._top, self._table = _TRAILER.unpack(content[-32:])
        is_valid = 1 <= self._offset_size <= 8 and 1 <= self.reference_size <= 8
        if not is_valid or self._table + self.count * self._offset_size > len(content):
            raise ValueError("it is a damaged property list")

    def root(self) -> _BinaryNode:
        """Return the value that contains all others."""
        return _BinaryNode(self, self._top)

    def start_of(self, reference: int) -> int:
        """Return where the value with the number *reference* starts.  Raises `ValueError`."""
        if reference >= self.count:
            raise ValueError("it is a damaged property list")
        at = self._table + reference * self._offset_size
        return int.from_bytes(self.content[at : at + self._offset_size], "big")

    def read_head(self, reference: int) -> tuple[int, int, int]:
        """Return the kind of a value, the number of its items or bytes, and where they start.  Raises `ValueError`."""
        at = self.start_of(reference)
        if at >= len(self.content):
            raise ValueError("it is a damaged property list")
        kind, count = self.content[at] >> 4, self.content[at] & 0xF
        if count != _LONG_COUNT or kind not in (_DICT, _ARRAY, _DATA, _ASCII, _UTF16):
            return kind, count, at + 1
        size = 1 << (self.content[at + 1] & 0xF) if at + 1 < len(self.content) else 0
        if not 1 <= size <= 8:
            raise ValueError("it is a damaged property list")
        return kind, int.from_bytes(self.content[at + 2 : at + 2 + size], "big"), at + 2 + size

    def references(self, at: int, count: int) -> Iterator[int]:
        """Yield *count* references that start *at*, at most `_MAX_ITEMS`."""
        size = self.reference_size
        for number in range(min(count, _MAX_ITEMS)):
            yield int.from_bytes(self.content[at + number * size : at + (number + 1) * size], "big")

    def text_of(self, reference: int) -> str:
        """Return a text; "" if the value is not one."""
        kind, count, at = self.read_head(reference)
        if kind == _ASCII:
            return self.content[at : at + min(count, _MAX_TEXT_CHARS)].decode("ascii", "replace")
        if kind == _UTF16:
            return self.content[at : at + 2 * min(count, _MAX_TEXT_CHARS)].decode("utf-16-be", "replace")
        return ""


class _BinaryNode:
    """One value of a binary property list."""

    def __init__(self, plist: _BinaryPlist, reference: int) -> None:
        self._plist = plist
        self._reference = reference

    def _find(self, key: str) -> int | None:
        kind, count, at = self._plist.read_head(self._reference)
        if kind != _DICT:
            return None
        for number, reference in enumerate(self._plist.references(at, min(count, _MAX_KEYS))):
            if self._plist.text_of(reference) == key:
                values = at + count * self._plist.reference_size
                return next(self._plist.references(values + number * self._plist.reference_size, 1))
        return None

    def child(self, key: str) -> _BinaryNode | None:
        found = self._find(key)
        return None if found is None else _BinaryNode(self._plist, found)

    def items(self, key: str) -> Iterator[_BinaryNode]:
        found = self._find(key)
        if found is None:
            return
        kind, count, at = self._plist.read_head(found)
        if kind == _ARRAY:
            for reference in self._plist.references(at, count):
                yield _BinaryNode(self._plist, reference)

    def text(self, key: str) -> str:
        found = self._find(key)
        return "" if found is None else self._plist.text_of(found)

    def data(self, key: str) -> bytes | None:
        found = self._find(key)
        if found is None:
            return None
        kind, count, at = self._plist.read_head(found)
        return self._plist.content[at : at + count] if kind == _DATA else None


class _XmlNode:
    """One value of a property list in XML, which is read as a whole."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def _get(self, key: str) -> Any:
        return self._value.get(key) if isinstance(self._value, dict) else None

    def child(self, key: str) -> _XmlNode | None:
        value = self._get(key)
        return None if value is None else _XmlNode(value)

    def items(self, key: str) -> Iterator[_XmlNode]:
        value = self._get(key)
        yield from map(_XmlNode, value if isinstance(value, list) else ())

    def text(self, key: str) -> str:
        value = self._get(key)
        return value if isinstance(value, str) else ""

    def data(self, key: str) -> bytes | None:
        value = self._get(key)
        return value if isinstance(value, bytes) else None


def _read_xml(content: bytes) -> _XmlNode:
    if len(content) > MAX_XML_BYTES:
        raise ValueError(f"it is a property list in XML of more than {MAX_XML_BYTES // 1_000_000} MB")
    try:
        return _XmlNode(plistlib.loads(content, fmt=plistlib.FMT_XML))
    except (ExpatError, ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as exc:
        raise ValueError("it is a damaged property list") from exc
