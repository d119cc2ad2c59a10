"""XML from untrusted sources, read tag by tag: malformed markup is repaired, and declared entities are not expanded.

A tree takes thirty times the memory of its document, and lxml keeps each distinct name as long as its thread lives.
Here, a tag is forgotten as soon as the caller has seen it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Literal

from ...net.text import XML_FORBIDDEN_CHARS
from ..limits import check_count

# In these patterns, no text can be matched in two ways, and nothing is given back: matching takes linear time.
_MARKUP = re.compile(
    r"<(?:(?P<close>/?)(?:[^\s<>/=\"':!?]++:)?(?P<name>[A-Za-z_][^\s<>/=\"':]*+)"
    r"(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+(?=>)|[^<>]*+)>"  # the last alternative is a damaged tag
    r"|(?P<other>!--|!\[CDATA\[|[!?/]))"
)
_ATTRIBUTE = re.compile(
    r"(?:(?P<prefix>[^\s=\"'/:]++):)?(?P<name>[^\s=\"'/:]++)\s*+=\s*+"
    r"(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"']++))"
)
_REFERENCE = re.compile(
    r"&(?:#(?:0{0,8}([1-9]\d{0,6})|[xX]0{0,8}([1-9A-Fa-f][0-9A-Fa-f]{0,5}))|([A-Za-z][A-Za-z0-9]{1,31}));"
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*+(?:\[[^\]]*+\]\s*+)?>", re.IGNORECASE)
_DOCTYPE_START = re.compile("<!DOCTYPE", re.IGNORECASE)
_SECTION_ENDS = {"!--": "-->", "![CDATA[": "]]>", "!": ">", "?": "?>", "/": ">"}
_MAX_TAGS = 1_500_000  # a day of words with times has 700,000
_MAX_DEPTH = 256
_MAX_ATTRIBUTE_CHARS = 100_000
_MAX_PROLOGUE_CHARS = 1 << 16
_CHUNK_CHARS = 1 << 16
_VOID_NAMES = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_CODE_POINTS = {**name2codepoint, "apos": ord("'")}
_UNNESTED_NAMES = frozenset({"p", "text"})  # the start of one ends the one before
_OUTER_NAMES = frozenset({"tt", "body", "div", "timedtext", "transcript"})  # what contains them

XmlToken = tuple[Literal["start", "end", "text"], str, str]
"""A start or an end with the local name of its element in lower case, or a text.

Third comes what is between the name and the end of a start tag, or the text, both as written: see `parse_attributes`
and `decode_references`.
"""


def iter_xml(text: str) -> Iterator[XmlToken]:
    """Yield the tokens of the XML document *text*.  Each start has its end, even if *text* lacks it.

    Raises `CaptionError` if there are too many tags, or they are nested too deeply.
    """
    check_count(text.count("<"), _MAX_TAGS, "XML tags")
    text = _remove_forbidden(text)
    find, sections, elements, at = _MARKUP.search, _SectionFinder(text), _OpenElements(), 0
    while match := find(text, at):
        start = match.start()
        if start > at:
            yield "text", "", text[at:start]
        at = match.end()
        close, name, attributes, other = match.groups()
        if other:
            end, at = sections.find_end(other, at)
            if other == "![CDATA[" and end < at:
                yield "text", "", text[match.end() : end].replace("&", "&amp;")
        elif close:
            yield from elements.close(name.lower())
        else:
            yield from elements.open(name.lower(), attributes)
    if at < len(text):
        yield "text", "", text[at:]
    yield from elements.close_all()


class _OpenElements:
    """The elements that have not ended, so that each start gets its end."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def open(self, name: str, attributes: str) -> list[XmlToken]:
        """Return the tokens for the start of an element, which ends others and may end it at once."""
        tokens = self.close(name) if name in _UNNESTED_NAMES and name in self._names else []
        tokens.append(("start", name, attributes))
        if attributes.endswith("/") or name in _VOID_NAMES:
            tokens.append(("end", name, ""))
        else:
            self._names.append(name)
            check_count(len(self._names), _MAX_DEPTH, "nested XML elements")
        return tokens

    def close(self, name: str) -> list[XmlToken]:
        """Return the ends of the innermost element called *name* and of those in it; none if it is not open.

        The end of a paragraph that is not open belongs to a start tag whose name is damaged.
        """
        tokens: list[XmlToken] = []
        if name in _UNNESTED_NAMES and name not in self._names and self._names and self._names[-1] not in _OUTER_NAMES:
            return [("end", self._names.pop(), "")]
        while name in self._names and not (tokens and tokens[-1][1] == name):
            tokens.append(("end", self._names.pop(), ""))
        return tokens

    def close_all(self) -> list[XmlToken]:
        """Return the ends of all elements."""
        return [("end", name, "") for name in reversed(self._names)]


def _remove_forbidden(text: str) -> str:
    if XML_FORBIDDEN_CHARS.search(text) is None:
        return text
    chunks = (text[at : at + _CHUNK_CHARS] for at in range(0, len(text), _CHUNK_CHARS))
    return "".join([XML_FORBIDDEN_CHARS.sub("", chunk) for chunk in chunks])


class _SectionFinder:
    """Finds the ends of comments, declarations and the like; one without an end is taken for an empty one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._without_end: set[str] = set()  # no end of these follows, so that nobody searches for it again
        # Only the first one counts: to try each of thousands without an end would take quadratic time.
        start = _DOCTYPE_START.search(text, 0, _MAX_PROLOGUE_CHARS)
        self._doctype = _DOCTYPE.match(text, start.start(), _MAX_PROLOGUE_CHARS) if start else None

    def find_end(self, mark: str, at: int) -> tuple[int, int]:
        """Return where the content of the section that *mark* begins at *at* ends, and where the text goes on."""
        if self._doctype and self._doctype.start() + 2 == at:
            return at, self._doctype.end()
        end = -1 if mark in self._without_end else self._text.find(_SECTION_ENDS[mark], at)
        if end < 0:
            self._without_end.add(mark)
            return at, at
        return end, end + len(_SECTION_ENDS[mark])


def parse_attributes(raw: str) -> dict[str, str]:
    """Return the attributes of a start tag by their local names in lower case, without namespace declarations.

    Raises `CaptionError` if they are too long.
    """
    check_count(len(raw), _MAX_ATTRIBUTE_CHARS, "characters in an XML tag")
    stated = {
        name.lower(): double or single or bare
        for prefix, name, double, single, bare in _ATTRIBUTE.findall(raw)
        if prefix != "xmlns"
    }
    return {name: decode_references(value) for name, value in stated.items()} if "&" in raw else stated


def decode_references(raw: str) -> str:
    """Return *raw* with the characters that its references stand for; others than those of XML and HTML are text."""
    return _REFERENCE.sub(_decode_reference, raw) if "&" in raw else raw


def _decode_reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        code = _CODE_POINTS.get(name)
        return match[0] if code is None else chr(code)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return XML_FORBIDDEN_CHARS.sub("", chr(code)) if code <= 0x10FFFF else ""
