"""XML and HTML from strangers, tag by tag: mended where it is broken, never expanded, never kept as a tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...pages.markup import FORBIDDEN, spelled_out
from .detect import ROOT

if TYPE_CHECKING:
    from .source import Source

MOST_TEXT = 8200
"""How much of the text in a tag is kept: more than any link or title has."""

_LONGEST_TAG = 1 << 20
_LITERAL = re.compile(r"(<!\[CDATA\[|\]\]>)")
_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_OTHERS = ("mrss", "itunes")
"""Parts of the names of vocabularies that use the words of feeds for something else."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that opens, or one that closes with the *text* that was in it; names without their prefixes."""

    name: str
    parent: str
    attributes: dict[str, str]
    text: str = ""
    opens: bool = False


def tags(source: Source, names: frozenset[str], *, html: bool = False) -> Iterator[Tag]:
    """Give the tags called *names* in their order, with flat memory, as far as anything can be made of *source*."""
    from lxml import etree

    target = _Target(names)
    parser = _html_parser(target) if html else _xml_parser(target)
    try:
        for piece in _whole_tags(source.pieces()) if html else _mended(_whole_tags(_from_root(source))):
            parser.feed(piece.encode("utf-8", "replace"))
            yield from target.taken()
        parser.close()
    except etree.ParseError:  # beyond mending: what came before counts
        pass
    yield from target.taken()


def _html_parser(target: Any) -> Any:
    from lxml import etree

    return etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)


def _xml_parser(target: Any) -> Any:
    from lxml import etree

    return etree.XMLParser(
        target=target, recover=True, resolve_entities="internal", no_network=True, load_dtd=False, huge_tree=False,
        encoding="utf-8",
    )  # fmt: skip


@dataclass(slots=True)
class _Open:
    """A tag that is not closed yet."""

    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    room: int = MOST_TEXT

    def add(self, text: str) -> None:
        if self.room > 0:
            self.text.append(text[: self.room])
            self.room -= len(text)


class _Target:
    """What the parser calls."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._open = [_Open("", {})]
        self._found: list[Tag] = []

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        name, stated = _name(tag), {}
        if name in self._names:
            stated = {_name(key): value for key, value in attrib.items()}
            self._found.append(Tag(name, self._open[-1].name, stated, opens=True))
        self._open.append(_Open(name, stated))

    def data(self, text: str) -> None:
        self._open[-1].add(text)

    def end(self, tag: str) -> None:
        if len(self._open) == 1:
            return
        closed, parent = self._open.pop(), self._open[-1]
        text = "".join(closed.text)
        if text:
            parent.add(text)
        if closed.name in self._names:
            self._found.append(Tag(closed.name, parent.name, closed.attributes, text.strip()))

    def close(self) -> None:
        """Do nothing: what was found has been taken."""

    def taken(self) -> list[Tag]:
        found, self._found = self._found, []
        return found


@functools.lru_cache(maxsize=1000)
def _name(name: str) -> str:
    """Give a name without its namespace or prefix, in lower case; empty in a vocabulary of no concern here."""
    space, _, local = name.rpartition("}")
    prefix, _, bare = local.rpartition(":")
    foreign = prefix in ("media", "itunes") or any(part in space for part in _OTHERS)
    return "" if foreign else bare.lower()


def _from_root(source: Source) -> Iterator[str]:
    """Give the text from its root on: declarations, document types and warnings of the server are left out."""
    pieces = source.pieces()
    head = next(pieces, "")
    match = ROOT.search(head)
    yield head[match.start() :] if match else head
    yield from pieces


def _whole_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Cut the text after tags, so that no mark is in two pieces."""
    carry = ""
    for piece in pieces:
        end = piece.rfind(">") + 1
        if end or len(carry) > _LONGEST_TAG:
            yield carry + piece[: end or None]
            carry = piece[end:] if end else ""
        else:
            carry += piece
    yield carry


def _mended(pieces: Iterable[str]) -> Iterator[str]:
    """Spell out entities and lone ampersands, but not where the text is literal."""
    literal = False
    for piece in pieces:
        parts = _LITERAL.split(FORBIDDEN.sub("", piece))
        for at, part in enumerate(parts):
            if at % 2:
                literal = part != "]]>"
            elif not literal:
                parts[at] = _AMPERSAND.sub(spelled_out, part)
        yield "".join(parts)
