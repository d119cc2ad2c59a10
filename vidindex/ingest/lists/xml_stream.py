"""Stream the tags of untrusted XML and HTML, repaired if malformed, without expanding entities or building a tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import ListError
from ...net.text import XML_FORBIDDEN_CHARS, resolve_entity
from .detect import ROOT_TAG

if TYPE_CHECKING:
    from .source import ListSource

MAX_TAG_TEXT_CHARS = 8200
"""Maximum text of a tag that is kept: longer than any link or title."""

_MAX_TAG_CHARS = 1 << 20
_MAX_NAME_CHARS = 1000  # of a tag or attribute, with its namespace
_MAX_ATTRIBUTES = 100  # of one tag
_MAX_OPEN_TEXT_CHARS = 1 << 22
"""Maximum text that all open tags together keep."""

_MAX_OPEN_XML_TAGS = 200_000
"""Tags that may be open at once: malformed feeds and sitemaps close none of them."""

_MAX_OPEN_HTML_TAGS = 2_000
"""The same for HTML, where the parser looks through all open tags whenever one is closed."""

_TAG_START = re.compile("</?[^\\W\\d]")
_NAME_PATTERNS = (
    re.compile(r"<[/?!]?([^\s<>/?!]+)"),  # tags and processing instructions
    re.compile(r"(?<=[\s\"'])([^\s<>\"'=/]+)\s*=\s*[\"']"),  # attributes
    re.compile(r"(?<=[\s\"'])xmlns[^\s<>\"'=/]*\s*=\s*([\"'][^\"'<>]*)"),  # namespaces
)
"""What the parser keeps until the process ends."""

_BLOCK_TAG = re.compile(r"</?(?:d[dlt]|p|[ou]l|li|h[1-6])(?=[\s/>])[^<>]*>", re.IGNORECASE)
_CDATA_MARK = re.compile(r"(<!\[CDATA\[|\]\]>)")
_AMPERSANDS = re.compile("&{2,}")
_MIN_DENSE_CHARS = 1000  # of a text that consists of ampersands, each of which is slow
_LONE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_FOREIGN_VOCABULARIES = (("media", "mrss"), ("itunes", "itunes"))
"""Vocabularies in which the tag names of feeds have another meaning, each with a part of the name of its namespace."""


class XmlTag(NamedTuple):
    """An opening tag, or a closing tag with the *text* in it; names have no prefix, except `itunes` and `media`."""

    name: str
    parent: str
    attributes: Mapping[str, str]
    text: str = ""
    is_opening: bool = False


def iter_tags(source: ListSource, names: frozenset[str], *, html: bool = False) -> Iterator[XmlTag]:
    """Yield the tags with one of *names*, in order and with constant memory, as far as *source* can be parsed.

    In HTML, these are only closing tags.

    Raises `ListError` if too many tags are open at once, or they have too many names.
    """
    from lxml import etree

    target = _TagCollector(names, html=html)
    parser = _make_html_parser(target) if html else _make_xml_parser(target)
    pieces = _limit_names(source, _split_after_tags(source.read_chunks() if html else _text_from_root(source)))
    try:
        for piece in _drop_block_tags(pieces) if html else _escape_ampersands(pieces):
            parser.feed(piece.encode("utf-8", "replace"))
            yield from target.pop_tags()
            if target.is_too_deep:
                raise ListError(source.name, "its tags are not closed, or nested too deeply: check it")
        parser.close()
    except etree.ParseError:  # beyond repair: keep what came before
        pass
    yield from target.pop_tags()


def _make_html_parser(target: Any) -> Any:
    from lxml import etree

    return etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)


def _make_xml_parser(target: Any) -> Any:
    from lxml import etree

    return etree.XMLParser(
        target=target, recover=True, resolve_entities="internal", no_network=True, load_dtd=False, huge_tree=False,
        encoding="utf-8",
    )  # fmt: skip


@dataclass(slots=True)
class _OpenTag:
    """A tag that has not been closed yet."""

    name: str
    attributes: Mapping[str, str]
    text: list[str] | None = None
    chars_left: int = MAX_TAG_TEXT_CHARS


_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class _TagCollector:
    """The parser target: collects the tags with one of *names*.

    Once too many tags are open, it *is_too_deep*, and ignores all others.
    """

    def __init__(self, names: frozenset[str], *, html: bool) -> None:
        self.is_too_deep = False
        self._has_openings = not html
        self._names = names
        self._max_open_tags = _MAX_OPEN_HTML_TAGS if html else _MAX_OPEN_XML_TAGS
        self._open_tags = [_OpenTag("", _NO_ATTRIBUTES)]
        self._open_chars = 0
        self._collected_tags: list[XmlTag] = []

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        if self.is_too_deep or len(self._open_tags) > self._max_open_tags:
            self.is_too_deep = True
            return
        name, stated = _local_name(tag), _NO_ATTRIBUTES
        if name in self._names:
            if attrib:
                stated = {_local_name(key): value for key, value in islice(attrib.items(), _MAX_ATTRIBUTES)}
            if self._has_openings:
                self._collected_tags.append(XmlTag(name, self._open_tags[-1].name, stated, is_opening=True))
        self._open_tags.append(_OpenTag(name, stated))

    def data(self, text: str) -> None:
        self._add_text(self._open_tags[-1], text)

    def _add_text(self, tag: _OpenTag, text: str) -> None:
        kept = text[: tag.chars_left]
        if not kept or self._open_chars > _MAX_OPEN_TEXT_CHARS:
            return
        tag.chars_left -= len(kept)
        self._open_chars += len(kept)
        if tag.text is None:
            tag.text = [kept]
        else:
            tag.text.append(kept)

    def end(self, tag: str) -> None:
        if self.is_too_deep or len(self._open_tags) == 1:
            return
        closed, parent = self._open_tags.pop(), self._open_tags[-1]
        text = "".join(closed.text or ())
        if text:
            self._open_chars -= len(text)
            self._add_text(parent, text)
        if closed.name in self._names:
            self._collected_tags.append(XmlTag(closed.name, parent.name, closed.attributes, text.strip()))

    def close(self) -> None:
        """Do nothing: `pop_tags` returns the tags."""

    def pop_tags(self) -> list[XmlTag]:
        found, self._collected_tags = self._collected_tags, []
        return found


def _local_name(name: str) -> str:
    """Return a name without namespace or prefix, in lower case; those of foreign vocabularies keep a prefix."""
    return _cached_local_name(name) if len(name) <= _MAX_NAME_CHARS else ""


@functools.lru_cache(maxsize=1000)
def _cached_local_name(name: str) -> str:
    space, _, local = name.rpartition("}")
    prefix, _, bare = local.rpartition(":")
    for vocabulary, part in _FOREIGN_VOCABULARIES:
        if prefix == vocabulary or part in space:
            return f"{vocabulary}:{bare.lower()}"
    return bare.lower()


def _text_from_root(source: ListSource) -> Iterator[str]:
    """Yield the text from the root tag on, without declarations, document types and server warnings."""
    pieces = source.read_chunks()
    head = next(pieces, "")
    match = ROOT_TAG.search(head)
    yield head[match.start() :] if match else head
    yield from pieces


def _split_after_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Split the text after tags, so that no tag is split; leave out tags that are too long."""
    carry = ""
    is_skipping = False
    for piece in pieces:
        carry += piece
        if is_skipping:
            skipped, mark, carry = carry.partition(">")
            is_skipping = not mark
            carry = f"]]>{carry}" if mark and skipped.endswith("]]") else carry
        end = carry.rfind(">", -len(piece)) + 1 if piece else 0
        if end:
            yield carry[:end]
            carry = carry[end:]
        if len(carry) > _MAX_TAG_CHARS:
            start = carry.rfind("<")
            is_skipping = start >= 0 and _TAG_START.match(carry, start) is not None
            yield carry[:start] if is_skipping else carry
            carry = ""
    yield carry


def _limit_names(source: ListSource, pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        if not source.markup_names.allows(chain.from_iterable(pattern.findall(piece) for pattern in _NAME_PATTERNS)):
            raise ListError(source.name, "it has too many different tags: check it")
        yield piece


def _drop_block_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Remove the tags around links, since bookmark files open thousands and close none."""
    return (_BLOCK_TAG.sub("", piece) for piece in pieces)


def _escape_ampersands(pieces: Iterable[str]) -> Iterator[str]:
    """Escape entities and lone ampersands, except in CDATA sections."""
    literal = False
    for piece in pieces:
        parts = _CDATA_MARK.split(XML_FORBIDDEN_CHARS.sub("", piece))
        for at, part in enumerate(parts):
            if at % 2:
                literal = part != "]]>"
            elif not literal:
                if len(part) > _MIN_DENSE_CHARS and 4 * part.count("&") > len(part):
                    part = _AMPERSANDS.sub("&", part)  # noqa: PLW2901 - no text consists of ampersands
                parts[at] = _LONE_AMPERSAND.sub(resolve_entity, part)
        yield "".join(parts)
