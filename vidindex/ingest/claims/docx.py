"""Read the paragraphs of a Word document (DOCX), within limits.

A DOCX file is a ZIP archive with XML in it (ECMA-376).  Only its text is read, piece by piece, and only as much as the
limits allow: an archive of a few kilobytes can contain gigabytes.  Expat keeps no tree, and frees the names of tags.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

from ...errors import TargetError

ZIP_MARK = b"PK\x03\x04"
MAX_XML_BYTES = 40_000_000
"""Maximum size of the text of a document, with its markup."""

_MAX_MEMBERS = 10_000
_MAX_NAMES = 2_000
_MAX_DEPTH = 500
_MAX_PARAGRAPH_CHARS = 100_000
_READ_BYTES = 65_536
_RELATIONS = "_rels/.rels"
_DEFAULT_PART = "word/document.xml"
_QUOTE_STYLES = frozenset(
    ("quote", "intensequote", "blocktext", "quotations", "zitat", "intensiveszitat", "citation", "citationintense",
     "cita", "citadestacada", "citazione", "citazioneintensa", "citaat", "duidelijkcitaat", "citat")
)  # fmt: skip
"""Ids of the styles of quotes: Word names them in the language of its menus, LibreOffice in English."""
_TEXT_OF_TAGS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}
_SKIPPED_TAGS = frozenset(("Fallback", "del", "moveFrom"))
"""The older copy of a text box; text that was deleted or moved away with tracked changes."""


def read_docx(content: bytes, name: str) -> Iterator[str]:
    """Yield the paragraphs of a Word document; one in the style of a quote starts with `> `.

    Text that was deleted with tracked changes is left out.
    Raises `TargetError` if it is not a Word document, is damaged or too large.
    """
    name = name[:200]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > _MAX_MEMBERS:
                raise TargetError(name, "it has too many parts for a Word document")
            with archive.open(_find_part(archive, name)) as part:
                yield from _read_paragraphs(part, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError, expat.ExpatError) as exc:
        reason = "the Word document is damaged or has a password: save it again without one"
        raise TargetError(name, reason) from exc


def _find_part(archive: zipfile.ZipFile, name: str) -> str:
    """Return the name of the part with the text, which the relations of the package state."""
    names = set(archive.namelist())
    stated: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            stated.append(posixpath.normpath(attributes.get("Target", "").lstrip("/")))

    if _RELATIONS in names:
        with archive.open(_RELATIONS) as part:
            for _ in _parse(part, name, start, lambda tag: None, lambda text: None):
                pass
    found = next((each for each in (*stated, _DEFAULT_PART) if each in names and each.startswith("word/")), None)
    if found is None:
        raise TargetError(name, "the archive is not a Word document: give DOCX, text or Markdown")
    return found


class _ParagraphCollector:
    """Collects the text of paragraphs; those in a text box stand before the paragraph that holds the box."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._open: list[list[str]] = []
        self._styles: list[str] = []
        self._sizes: list[int] = []
        self._skipped = 0
        self._is_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if tag in _SKIPPED_TAGS:
            self._skipped += 1
        elif tag == "p":
            self._open.append([])
            self._styles.append("")
            self._sizes.append(0)
        elif tag == "pStyle" and self._open:
            self._styles[-1] = attributes.get("val", "").lower()
        elif tag in _TEXT_OF_TAGS:
            self._add(_TEXT_OF_TAGS[tag])
        self._is_text = tag == "t"

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        self._is_text = False
        if tag in _SKIPPED_TAGS:
            self._skipped -= 1
        elif tag == "p" and self._open:
            text = " ".join("".join(self._open.pop()).split())
            self._sizes.pop()
            is_quote = self._styles.pop().replace(" ", "") in _QUOTE_STYLES
            if text:
                self.done.append(f"> {text}" if is_quote else text)

    def text(self, text: str) -> None:
        """Handle characters."""
        if self._is_text:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._open and not self._skipped and self._sizes[-1] < _MAX_PARAGRAPH_CHARS:
            self._open[-1].append(text)
            self._sizes[-1] += len(text)


def _read_paragraphs(part: IO[bytes], name: str) -> Iterator[str]:
    collector = _ParagraphCollector()
    for _ in _parse(part, name, collector.start, collector.end, collector.text):
        yield from collector.done
        collector.done.clear()


def _parse(
    part: IO[bytes],
    name: str,
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str], None],
    on_text: Callable[[str], None],
) -> Iterator[None]:
    """Parse *part*, calling the functions with names without namespaces; yield after each piece."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise TargetError(name, "its markup is nested too deeply for a Word document")
        on_start(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(_local(tag))

    def refuse_doctype(*declared: Any) -> None:
        raise TargetError(name, "its markup declares entities, which Word documents do not")  # they stand for gigabytes

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, on_text
    parser.StartDoctypeDeclHandler = refuse_doctype
    for piece in _read_pieces(part, name):
        parser.Parse(piece, False)
        if len(parser.intern) > _MAX_NAMES:
            raise TargetError(name, "its markup has too many names for a Word document")
        yield
    parser.Parse(b"", True)
    yield


def _read_pieces(part: IO[bytes], name: str) -> Iterator[bytes]:
    size = 0
    while piece := part.read(_READ_BYTES):
        size += len(piece)
        if size > MAX_XML_BYTES:
            raise TargetError(name, f"its text has more than {MAX_XML_BYTES // 1_000_000} MB")
        yield piece


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
