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
from ..markup import unarchived

MAX_ELEMENTS = 200_000
_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:")
_SPACE = re.compile(r"\s+")
_TWICE = re.compile(r"(?i)^https?:/{0,2}(?=https?:/)")
_SLASHES = re.compile(r"(?i)^(https?):(?:/{3,}(?=\w)|(?=www\.))")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A URL that a rule saw at an element of the page.

    *label* is what the markup itself calls the video; *also* holds other URLs of the same video.  *provider* and
    *id* say what plays where no provider of the table knows the URL; without them, such a sighting is dropped.
    A *weak* one counts as an embed only where the page shows no stronger one.
    """

    at: HtmlElement
    url: str
    kind: EmbedKind = "embed"
    label: str = ""
    captions: tuple[CaptionLink, ...] = ()
    also: tuple[str, ...] = ()
    provider: str = ""
    id: str = ""
    weak: bool = False


@dataclass(slots=True)
class Page:
    """A parsed page, or a fragment of one that stood in an attribute, a script or a comment of it.

    *anchor* is the element of the outer page that a fragment stands for.
    """

    root: HtmlElement
    url: str = ""
    anchor: HtmlElement | None = None
    depth: int = 0
    elements: list[HtmlElement] = field(init=False)
    comments: list[etree._Comment] = field(init=False)
    base: str = field(init=False)
    _tags: dict[str, list[HtmlElement]] = field(init=False)

    def __post_init__(self) -> None:
        self.elements, self.comments, self._tags = [], [], {}
        for at, node in enumerate(self.root.iter()):
            if at >= MAX_ELEMENTS:
                break
            if isinstance(node.tag, str):
                self.elements.append(node)
                self._tags.setdefault(node.tag, []).append(node)
            elif isinstance(node, etree._Comment):
                self.comments.append(node)
        self.base = self._base() if self.anchor is None else self.url

    def tagged(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements with one of *tags*, tag by tag."""
        for tag in tags:
            yield from self._tags.get(tag, ())

    def absolute(self, address: str | None) -> str:
        """Make an address as written in the page absolute; empty where it leads nowhere."""
        written = unescape(address or "")
        if not written or written.startswith(("#", "about:", "javascript:", "data:", "blob:")):
            return ""
        written = _mended(unarchived(written))
        if written.startswith("//"):
            return f"https:{written}"
        if written.lower().startswith(("http:", "https:")):
            return written
        # What is left is relative, or a scheme that nothing here plays; files are for pages that are files.
        if _SCHEME.match(written) and not (written.startswith("file:") and _within(written, self.url)):
            return ""
        return self._joined(written)

    def _joined(self, written: str) -> str:
        try:
            joined = urljoin(self.base, written)
        except ValueError:
            return ""
        if not self.base and "://" not in joined:
            return joined
        if joined.startswith("file:") and not _within(joined, self.url):
            return ""
        return joined

    def _base(self) -> str:
        stated = next((b.get("href") for b in self.tagged("base") if b.get("href")), None)
        # A page that is read in the archive was written for where it stood.
        own = unarchived(self.url)
        try:
            base = urljoin(own, unarchived(unescape(stated or "")) or own)
        except ValueError:
            return self.url
        if base.startswith("file:") and not self.url.startswith("file:"):
            return self.url
        return f"https:{base}" if base.startswith("//") else base


def _mended(written: str) -> str:
    """Undo slips of the pen that browsers forgive, or that keep a player from loading: `http:///`, `www.` alone."""
    written = _SLASHES.sub(r"\1://", _TWICE.sub("", written))
    return f"https://{written}" if written[:4].lower() == "www." and "/" in written else written


def unescape(text: str) -> str:
    r"""Undo what stands between an address and its use: entities (twice), `\/`, `\u0026`, blanks inside."""
    text = text.strip().strip("\"'\\“”″„")
    if "&" in text:
        text = entities.unescape(text)
        if "&amp;" in text:
            text = entities.unescape(text)
    if "\\" in text:
        text = text.replace("\\/", "/").replace("\\u0026", "&").replace("\\u003d", "=").replace("\\u003D", "=")
    return _SPACE.sub("", text)


def _within(address: str, page: str) -> bool:
    """Tell whether the `file:` *address* lies in the folder of the `file:` *page*, or below."""
    if not page.startswith("file:"):
        return False
    parts = urlsplit(address)
    folder = unquote(urlsplit(page).path).rpartition("/")[0] + "/"
    path = unquote(parts.path)
    return parts.netloc in ("", "localhost") and path.startswith(folder) and ".." not in path.split("/")
