"""Decode and parse HTML, and return the visible text of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ..net.text import split_byte_order_mark

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_PAGE_TAGS = 300_000
"""The number of `<` after which a page is cut.  Pages from the web have at most 28 per 1,000 bytes."""
_WHITESPACE = re.compile(r"\s+")
_MIN_GUESS_BYTES, _MAX_GUESS_BYTES = 8, 2_000
_MAX_WHITESPACE_CHARS = 10_000
INVISIBLE_TAGS: frozenset[str] = frozenset(
    ("script", "style", "noscript", "template", "textarea", "iframe", "object", "svg", "video")
)
_META_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})")
_XML_CHARSET = re.compile(rb"(?i)^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_CONTROL_DELETIONS = dict.fromkeys([*range(9), 11, *range(14, 32), 0xFFFE, 0xFFFF])

_LATIN_CHARSETS = frozenset(
    ("iso-8859-1", "latin-1", "latin1", "iso8859-1", "us-ascii", "ascii", "iso-8859-15", "windows-1252", "cp1252")
)
_BROWSER_CHARSETS = {
    "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "x-euc-jp": "euc_jp", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "iso-8859-9": "cp1254",
    "tis-620": "cp874", "iso-8859-11": "cp874", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "x-user-defined": "cp1252", "iso-8859-8-i": "iso-8859-8",
    "unicode": "utf-8", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "dos-874": "cp874",
}  # fmt: skip
"""Python codecs for declared charsets, as browsers map them: a superset, or a label that Python does not know."""
_BLOCK_TAGS = frozenset((
    "p", "div", "li", "td", "th", "tr", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section",
    "article", "header", "figure", "figcaption", "table", "ul", "ol", "dl", "center", "option",
))  # fmt: skip


def decode_html(html: bytes) -> str:
    """Decode a page as browsers do: by its byte order mark, as UTF-8 if valid, as declared, otherwise as Windows-1252.

    Valid UTF-8 wins over the declaration, because old pages were often re-encoded without changing it.
    """
    encoding, content = split_byte_order_mark(html)
    encoding = encoding or _guess_utf16(html)
    if encoding:
        return content.decode(encoding, "replace")
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(html, error)


def _guess_utf16(html: bytes) -> str:
    """Return the encoding of UTF-16 without a byte order mark: of its markup, every second byte is zero."""
    head = html[:_MAX_GUESS_BYTES]
    zeros = [head[start::2].count(0) for start in (0, 1)]
    if len(head) < _MIN_GUESS_BYTES or max(zeros) * 4 < len(head) // 2 or min(zeros) * 20 > max(zeros):
        return ""
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _decode_legacy(html: bytes, error: UnicodeDecodeError) -> str:
    declared = _declared_charset(html)
    if declared in ("utf-8", "utf8") or (not declared and _is_mostly_utf8(html)):
        if _is_mostly_utf8(html):
            return html.decode("utf-8", "replace")
        declared = "windows-1252"
    if not declared or declared in _LATIN_CHARSETS:
        declared = "windows-1252"
    try:
        return html.decode(declared, "replace")
    except LookupError:
        return html.decode("windows-1252", "replace")


def _declared_charset(html: bytes) -> str:
    head = html[:4096]
    match = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    name = match[1].decode("ascii", "replace").lower() if match else ""
    return _BROWSER_CHARSETS.get(name, name)


def _is_mostly_utf8(html: bytes) -> bool:
    """Return whether *html* is UTF-8 with a few broken bytes, not text in another encoding."""
    text = html.decode("utf-8", "replace")
    non_ascii_count = sum(1 for c in text if c > "\x7f")
    return non_ascii_count > 0 and text.count("�") * 2 < non_ascii_count


def parse_html(html: str | bytes) -> HtmlElement | None:
    """Parse a page, however malformed; return None if it contains no elements.

    Raises `MemoryError` if it takes more memory than the process may use.
    """
    from lxml import etree
    from lxml.html import HTMLParser

    text = decode_html(html) if isinstance(html, bytes) else html
    text = text.translate(_CONTROL_DELETIONS) if re.search(r"[\0-\x08\x0b\x0e-\x1f\ufffe\uffff]", text) else text
    if not text or text.isspace():
        return None
    encoded = _cut_tags(text.encode("utf-8", "replace"))
    del text  # it can take 32 MB
    parser = HTMLParser(encoding="utf-8", huge_tree=True)  # otherwise a page ends at 256 elements that are not closed
    try:
        return etree.fromstring(encoded, parser)
    except etree.ParserError:
        return None
    except etree.XMLSyntaxError:
        if any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in parser.error_log):
            raise MemoryError from None
        return None


def _cut_tags(encoded: bytes) -> bytes:
    """Cut a page of very many tags: an element takes 100 times the memory of its shortest tag."""
    if encoded.count(b"<") <= MAX_PAGE_TAGS:
        return encoded
    end = 0
    for _ in range(MAX_PAGE_TAGS):
        end = encoded.index(b"<", end) + 1
    return encoded[: end - 1]


def element_text(element: HtmlElement, *, limit: int = 400) -> str:
    """Return at most *limit* characters of the visible text of *element*, with whitespace collapsed."""
    parts: list[str] = []
    remaining_chars = limit * 3
    for part in _visible_texts(element, max_events=5000 + 10 * limit):
        parts.append(part[: remaining_chars + _MAX_WHITESPACE_CHARS])
        remaining_chars -= len(part)
        if remaining_chars < 0:
            break
    return _WHITESPACE.sub(" ", "".join(parts)).strip()[:limit]


def _visible_texts(element: HtmlElement, *, max_events: int) -> Iterator[str]:
    from lxml import etree

    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in islice(walker, max_events):
        if event != "start":
            if node.tag in _BLOCK_TAGS:
                yield " "
            if node is not element and node.tail:
                yield node.tail
        elif node.tag in INVISIBLE_TAGS:
            walker.skip_subtree()
        elif node.tag == "br":
            yield " "
        elif node.text:
            yield f" {node.text}" if node.tag in _BLOCK_TAGS else node.text
