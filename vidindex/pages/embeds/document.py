"""The input and the output of the finders: a parsed page, and the candidates that they find in it."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin

from lxml import etree
from lxml.html import HtmlElement

from ...model import CaptionLink, EmbedKind, Medium
from ..archive_urls import strip_archive_prefix, strip_replay_prefix
from ..page_urls import is_in_page_folder
from ..providers import recognize_url

MAX_PAGE_ELEMENTS = 200_000
_URL_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:")
_ENCODED_URL = re.compile(r"(?i)https?%3A%2F%2F")
_WHITESPACE = re.compile(r"\s+")
_REPEATED_SCHEME = re.compile(r"(?i)^https?:/{0,2}(?=https?:/)")
_MALFORMED_SLASHES = re.compile(r"(?i)^(https?):(?:/{3,}(?=\w)|/(?=\w)|(?=www\.))")
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\$\{|<%|%>|\{%|%\}|\{\$|#\{|\[\[|\]\]|@\{|%7B%7B|%s|%\d\$s|\{[a-zA-Z_][\w.]{0,40}\}|\{\d?\}|[\"']\+|\+[\"']|<\?|%%\w{1,40}%%|__[A-Z]{2}[A-Z_]{0,40}__"
)
"""What a template or a script replaces before a browser requests the URL."""

_PLACEHOLDER_MARKS = frozenset("{}[]<>%+_")


@dataclass(frozen=True, slots=True)
class EmbedCandidate:
    """A URL that a finder found at an element of the page.

    *label* is the name that the markup itself gives the video; *alternate_urls* are other URLs of the same video.
    *provider*, *id* and *medium* identify a video whose URL matches no row of the provider table; without a *provider*,
    such a candidate is dropped.  A *weak* candidate counts as an embed only if the page has no stronger one.  A player
    that *shows_label* on the page has no other label.
    """

    element: HtmlElement
    url: str
    kind: EmbedKind = "embed"
    label: str = ""
    captions: tuple[CaptionLink, ...] = ()
    alternate_urls: tuple[str, ...] = ()
    provider: str = ""
    id: str = ""
    weak: bool = False
    shows_label: bool = False
    medium: Medium = "video"


@dataclass(slots=True)
class PageDocument:
    """A parsed page, or a fragment from an attribute, a script or a comment of a page.

    *anchor* is the element of the outer page that contains a fragment.
    """

    root: HtmlElement
    url: str = ""
    anchor: HtmlElement | None = None
    depth: int = 0
    elements: list[HtmlElement] = field(init=False)
    comments: list[etree._Comment] = field(init=False)
    base_url: str = field(init=False)
    _elements_by_tag: dict[str, list[HtmlElement]] = field(init=False)

    def __post_init__(self) -> None:
        self.elements, self.comments, self._elements_by_tag = [], [], {}
        for at, node in enumerate(self.root.iter()):
            if at >= MAX_PAGE_ELEMENTS:
                break
            if isinstance(node.tag, str):
                self.elements.append(node)
                self._elements_by_tag.setdefault(node.tag, []).append(node)
            elif isinstance(node, etree._Comment):
                self.comments.append(node)
        self.base_url = self._find_base_url() if self.anchor is None else self.url

    def elements_by_tag(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements with one of *tags*, tag by tag."""
        for tag in tags:
            yield from self._elements_by_tag.get(tag, ())

    def absolute_url(self, reference: str | None) -> str:
        """Return the absolute URL of *reference*, as the page states it, or "" if it cannot be a video."""
        url = unescape_url(reference or "")
        if not url or url.startswith(("#", "about:", "javascript:", "data:", "blob:")):
            return ""
        if not _PLACEHOLDER_MARKS.isdisjoint(url) and _PLACEHOLDER.search(url) and not (url := _drop_placeholders(url)):
            return ""
        url = _repair_url(strip_replay_prefix(url))
        if url.startswith("//"):
            return f"https:{url}"
        if url.lower().startswith(("http:", "https:")):
            return url
        # The rest is relative or has another scheme.  Only a page that is a file itself may refer to files.
        if _URL_SCHEME.match(url) and not (url.startswith("file:") and is_in_page_folder(url, self.url)):
            return ""
        return self._join_base_url(url)

    def _join_base_url(self, url: str) -> str:
        try:
            joined = urljoin(self.base_url, url)
        except ValueError:
            return ""
        if not self.base_url and "://" not in joined:
            return joined
        if joined.startswith("file:") and not is_in_page_folder(joined, self.url):
            return ""
        return joined

    def _find_base_url(self) -> str:
        href = next((b.get("href") for b in self.elements_by_tag("base") if b.get("href")), None)
        # Relative URLs in an archived page refer to its original URL.
        page_url = strip_archive_prefix(self.url)
        try:
            base = urljoin(page_url, strip_archive_prefix(unescape_url(href or "")) or page_url)
        except ValueError:
            return self.url
        if base.startswith("file:") and not self.url.startswith("file:"):
            return self.url
        return f"https:{base}" if base.startswith("//") else base


def _repair_url(url: str) -> str:
    """Repair typing errors in a URL, such as `http:///` or a missing scheme before `www.`."""
    url = _MALFORMED_SLASHES.sub(r"\1://", _REPEATED_SCHEME.sub("", url))
    return f"https://{url}" if url[:4].lower() == "www." and "/" in url else url


def _drop_placeholders(url: str) -> str:
    """Return a URL without the parts of its query that are not filled in, or "" if these are needed to find a video."""
    address, mark, query = url.partition("?")
    if _PLACEHOLDER.search(address):
        return ""
    kept = [part for part in query.partition("#")[0].split("&") if not _PLACEHOLDER.search(part)]
    filled = f"{address}{mark}{'&'.join(kept)}".rstrip("?")
    return filled if recognize_url(f"https:{filled}" if filled.startswith("//") else filled) else ""


def unescape_url(text: str) -> str:
    r"""Remove quotes and whitespace, and undo entities (also double ones), `%2F`, `\/` and `\u0026` in a URL."""
    text = text.strip().strip("\"'\\“”″„")
    if "&" in text:
        text = entities.unescape(text)
        if "&amp;" in text:
            text = entities.unescape(text)
    if _ENCODED_URL.match(text):
        text = unquote(text)
    if "\\" in text:
        text = text.replace("\\/", "/").replace("\\u0026", "&").replace("\\u003d", "=").replace("\\u003D", "=")
    return _WHITESPACE.sub("", text)
