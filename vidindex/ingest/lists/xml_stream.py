"""Stream the tags of untrusted XML and HTML, repaired if malformed, without expanding entities or building a tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...net.text import XML_FORBIDDEN_CHARS, resolve_entity
from .detect import ROOT_TAG

if TYPE_CHECKING:
    from .source import ListSource

MAX_TAG_TEXT_CHARS = 8200
"""Maximum text of a tag that is kept: longer than any link or title."""

_MAX_TAG_CHARS = 1 << 20
_CDATA_MARK = re.compile(r"(<!\[CDATA\[|\]\]>)")
_LONE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_FOREIGN_VOCABULARIES = ("mrss", "itunes")
"""Parts of the names of vocabularies in which the tag names of feeds have another meaning."""


@dataclass(frozen=True, slots=True)
class XmlTag:
    """An opening tag, or a closing tag with the *text* in it; names have no prefix."""

    name: str
    parent: str
    attributes: dict[str, str]
    text: str = ""
    is_opening: bool = False


def iter_tags(source: ListSource, names: frozenset[str], *, html: bool = False) -> Iterator[XmlTag]:
    """Yield the tags with one of *names*, in order and with constant memory, as far as *source* can be parsed."""
    from lxml import etree

    target = _TagCollector(names)
    parser = _make_html_parser(target) if html else _make_xml_parser(target)
    try:
        for piece in (
            _split_after_tags(source.read_chunks())
            if html
            else _escape_ampersands(_split_after_tags(_text_from_root(source)))
        ):
            parser.feed(piece.encode("utf-8", "replace"))
            yield from target.pop_tags()
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
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    chars_left: int = MAX_TAG_TEXT_CHARS

    def add_text(self, text: str) -> None:
        if self.chars_left > 0:
            self.text.append(text[: self.chars_left])
            self.chars_left -= len(text)


class _TagCollector:
    """The parser target: collects the tags with one of *names*."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._open_tags = [_OpenTag("", {})]
        self._collected_tags: list[XmlTag] = []

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        name, stated = _local_name(tag), {}
        if name in self._names:
            stated = {_local_name(key): value for key, value in attrib.items()}
            self._collected_tags.append(XmlTag(name, self._open_tags[-1].name, stated, is_opening=True))
        self._open_tags.append(_OpenTag(name, stated))

    def data(self, text: str) -> None:
        self._open_tags[-1].add_text(text)

    def end(self, tag: str) -> None:
        if len(self._open_tags) == 1:
            return
        closed, parent = self._open_tags.pop(), self._open_tags[-1]
        text = "".join(closed.text)
        if text:
            parent.add_text(text)
        if closed.name in self._names:
            self._collected_tags.append(XmlTag(closed.name, parent.name, closed.attributes, text.strip()))

    def close(self) -> None:
        """Do nothing: `pop_tags` returns the tags."""

    def pop_tags(self) -> list[XmlTag]:
        found, self._collected_tags = self._collected_tags, []
        return found


@functools.lru_cache(maxsize=1000)
def _local_name(name: str) -> str:
    """Return a name without namespace or prefix, in lower case; "" if it is from a vocabulary to be ignored."""
    space, _, local = name.rpartition("}")
    prefix, _, bare = local.rpartition(":")
    foreign = prefix in ("media", "itunes") or any(part in space for part in _FOREIGN_VOCABULARIES)
    return "" if foreign else bare.lower()


def _text_from_root(source: ListSource) -> Iterator[str]:
    """Yield the text from the root tag on, without declarations, document types and server warnings."""
    pieces = source.read_chunks()
    head = next(pieces, "")
    match = ROOT_TAG.search(head)
    yield head[match.start() :] if match else head
    yield from pieces


def _split_after_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Split the text after tags, so that no tag is split."""
    carry = ""
    for piece in pieces:
        end = piece.rfind(">") + 1
        if end or len(carry) > _MAX_TAG_CHARS:
            yield carry + piece[: end or None]
            carry = piece[end:] if end else ""
        else:
            carry += piece
    yield carry


def _escape_ampersands(pieces: Iterable[str]) -> Iterator[str]:
    """Escape entities and lone ampersands, except in CDATA sections."""
    literal = False
    for piece in pieces:
        parts = _CDATA_MARK.split(XML_FORBIDDEN_CHARS.sub("", piece))
        for at, part in enumerate(parts):
            if at % 2:
                literal = part != "]]>"
            elif not literal:
                parts[at] = _LONE_AMPERSAND.sub(resolve_entity, part)
        yield "".join(parts)
