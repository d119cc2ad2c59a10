"""XML and HTML from strangers, tag by tag: mended where it is broken, never expanded, never kept as a tree."""

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
"""How much of the text in a tag is kept: more than any link or title has."""

_MAX_TAG_CHARS = 1 << 20
_CDATA_MARK = re.compile(r"(<!\[CDATA\[|\]\]>)")
_LONE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_FOREIGN_VOCABULARIES = ("mrss", "itunes")
"""Parts of the names of vocabularies that use the words of feeds for something else."""


@dataclass(frozen=True, slots=True)
class XmlTag:
    """A tag that opens, or one that closes with the *text* that was in it; names without their prefixes."""

    name: str
    parent: str
    attributes: dict[str, str]
    text: str = ""
    is_opening: bool = False


def iter_tags(source: ListSource, names: frozenset[str], *, html: bool = False) -> Iterator[XmlTag]:
    """Give the tags called *names* in their order, with flat memory, as far as anything can be made of *source*."""
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
    except etree.ParseError:  # beyond mending: what came before counts
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
    """A tag that is not closed yet."""

    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    chars_left: int = MAX_TAG_TEXT_CHARS

    def add_text(self, text: str) -> None:
        if self.chars_left > 0:
            self.text.append(text[: self.chars_left])
            self.chars_left -= len(text)


class _TagCollector:
    """What the parser calls."""

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
        """Do nothing: what was found has been taken."""

    def pop_tags(self) -> list[XmlTag]:
        found, self._collected_tags = self._collected_tags, []
        return found


@functools.lru_cache(maxsize=1000)
def _local_name(name: str) -> str:
    """Give a name without its namespace or prefix, in lower case; empty in a vocabulary of no concern here."""
    space, _, local = name.rpartition("}")
    prefix, _, bare = local.rpartition(":")
    foreign = prefix in ("media", "itunes") or any(part in space for part in _FOREIGN_VOCABULARIES)
    return "" if foreign else bare.lower()


def _text_from_root(source: ListSource) -> Iterator[str]:
    """Give the text from its root on: declarations, document types and warnings of the server are left out."""
    pieces = source.read_chunks()
    head = next(pieces, "")
    match = ROOT_TAG.search(head)
    yield head[match.start() :] if match else head
    yield from pieces


def _split_after_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Cut the text after tags, so that no mark is in two pieces."""
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
    """Spell out entities and lone ampersands, but not where the text is literal."""
    literal = False
    for piece in pieces:
        parts = _CDATA_MARK.split(XML_FORBIDDEN_CHARS.sub("", piece))
        for at, part in enumerate(parts):
            if at % 2:
                literal = part != "]]>"
            elif not literal:
                parts[at] = _LONE_AMPERSAND.sub(resolve_entity, part)
        yield "".join(parts)
