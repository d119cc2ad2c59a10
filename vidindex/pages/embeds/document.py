"""A page as the rules see it: its elements by tag, its base address, and what was seen where."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from ...model import CaptionLink, EmbedKind
from ..markup import strip_wayback_prefix

MAX_PAGE_ELEMENTS = 200_000
_URL_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:")
_WHITESPACE = re.compile(r"\s+")
_REPEATED_SCHEME = re.compile(r"(?i)^https?:/{0,2}(?=https?:/)")
_MALFORMED_SLASHES = re.compile(r"(?i)^(https?):(?:/{3,}(?=\w)|(?=www\.))")


@dataclass(frozen=True, slots=True)
class EmbedCandidate:
    """A URL that a rule saw at an element of the page.

    *label* is what the markup itself calls the video; *also* holds other URLs of the same video.  *provider* and
    *id* say what plays where no provider of the table knows the URL; without them, such a sighting is dropped.
    A *weak* one counts as an embed only where the page shows no stronger one.
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


@dataclass(slots=True)
class PageDocument:
    """A parsed page, or a fragment of one that stood in an attribute, a script or a comment of it.

    *anchor* is the element of the outer page that a fragment stands for.
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

    def absolute_url(self, address: str | None) -> str:
        """Make an address as written in the page absolute; empty where it leads nowhere."""
        written = unescape_url(address or "")
        if not written or written.startswith(("#", "about:", "javascript:", "data:", "blob:")):
            return ""
        written = _repair_url(strip_wayback_prefix(written))
        if written.startswith("//"):
            return f"https:{written}"
        if written.lower().startswith(("http:", "https:")):
            return written
        # What is left is relative, or a scheme that nothing here plays; files are for pages that are files.
        if _URL_SCHEME.match(written) and not (written.startswith("file:") and _is_in_page_folder(written, self.url)):
            return ""
        return self._join_base_url(written)

    def _join_base_url(self, written: str) -> str:
        try:
            joined = urljoin(self.base_url, written)
        except ValueError:
            return ""
        if not self.base_url and "://" not in joined:
            return joined
        if joined.startswith("file:") and not _is_in_page_folder(joined, self.url):
            return ""
        return joined

    def _find_base_url(self) -> str:
        stated = next((b.get("href") for b in self.elements_by_tag("base") if b.get("href")), None)
        # A page that is read in the archive was written for where it stood.
        own = strip_wayback_prefix(self.url)
        try:
            base = urljoin(own, strip_wayback_prefix(unescape_url(stated or "")) or own)
        except ValueError:
            return self.url
        if base.startswith("file:") and not self.url.startswith("file:"):
            return self.url
        return f"https:{base}" if base.startswith("//") else base


def _repair_url(written: str) -> str:
    """Undo slips of the pen that browsers forgive, or that keep a player from loading: `http:///`, `www.` alone."""
    written = _MALFORMED_SLASHES.sub(r"\1://", _REPEATED_SCHEME.sub("", written))
    return f"https://{written}" if written[:4].lower() == "www." and "/" in written else written


def unescape_url(text: str) -> str:
    r"""Undo what stands between an address and its use: entities (twice), `\/`, `\u0026`, blanks inside."""
    text = text.strip().strip("\"'\\“”″„")
    if "&" in text:
        text = entities.unescape(text)
        if "&amp;" in text:
            text = entities.unescape(text)
    if "\\" in text:
        text = text.replace("\\/", "/").replace("\\u0026", "&").replace("\\u003d", "=").replace("\\u003D", "=")
    return _WHITESPACE.sub("", text)


def _is_in_page_folder(address: str, page: str) -> bool:
    """Tell whether the `file:` *address* lies in the folder of the `file:` *page*, or below."""
    if not page.startswith("file:"):
        return False
    parts = urlsplit(address)
    folder = unquote(urlsplit(page).path).rpartition("/")[0] + "/"
    path = unquote(parts.path)
    return parts.netloc in ("", "localhost") and path.startswith(folder) and ".." not in path.split("/")
