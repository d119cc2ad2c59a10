"""What an article is called: its own heading, told from the name of its site, which pages put beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .markup import text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TITLES = ("og:title", "twitter:title", "dc.title", "citation_title")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher")
_FILLERS = frozenset(("blogarchive", "archive", "home", "homepage", "article", "story"))
_MARK = re.compile(r"\s+(?:[|–—«»›‹·•~-]|::?|>|<<|>>)\s+|:\s+")
_OUTSIDE = frozenset(("nav", "aside", "footer"))
_HOME = re.compile(r"(?i)(?:\.{1,2}/)*(?:(?:index|default|home)\.\w{2,5})?")
_MOST = 80
_ROUNDS = 4


def headline(root: HtmlElement, *, meta: Mapping[str, str], stated: str, url: str) -> str:
    """Give the article's title; *stated* is what its JSON-LD says, *url* where it is, empty if unknown."""
    whole = page_title(root)
    headings = list(islice(_headings(root), _MOST))
    names = _site_names(headings, meta, url)
    own = [heading for heading in headings if len(text := text_of(heading)) > 3 and _key(text) not in names]
    if heading := _stated_above(own, whole, _without_site(whole, names)):
        return _without_site(heading, names)
    told = [html.unescape(meta.get(name, "")) for name in _TITLES] + [stated]
    for text in filter(None, told):
        if _key(bare := _without_site(text, names)) not in names:
            return bare
    bare = _short(_without_site(whole, names))
    return (bare if _key(bare) not in names else "") or next(map(text_of, own), "") or whole


def page_title(root: HtmlElement) -> str:
    """Give what stands in `<title>`."""
    return next((text_of(title, limit=500) for title in root.iter("title")), "")


def _headings(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the headings of the page, the highest first."""
    for level in ("h1", "h2", "h3"):
        for heading in root.iter(level):
            if not any(parent.tag in _OUTSIDE for parent in heading.iterancestors()):
                yield heading


def _site_names(headings: list[HtmlElement], meta: Mapping[str, str], url: str) -> frozenset[str]:
    """Collect what the site calls itself: in its metadata, in headings that lead home, in its host's name."""
    names = [meta.get(name, "") for name in _SITES]
    for heading in headings:
        anchors = list(islice(heading.iter("a"), 2))
        if len(anchors) == 1 and _leads_home(anchors[0], url) and text_of(anchors[0]) == text_of(heading):
            names.append(text_of(heading))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return frozenset(filter(None, map(_key, (*names, host)))) | _FILLERS


def _leads_home(anchor: HtmlElement, url: str) -> bool:
    if "home" in (anchor.get("rel") or "").split():
        return True
    href = (anchor.get("href") or "").strip()
    if href and _HOME.fullmatch(href):
        return True
    try:
        there, here = urlsplit(urljoin(url, href)), urlsplit(url)
    except ValueError:
        return False
    if there.query or not there.hostname:
        return False
    above = there.hostname == here.hostname and there.path.endswith("/") and here.path.startswith(there.path)
    return there.path in ("", "/") or (above and there.path != here.path)


def _stated_above(headings: list[HtmlElement], whole: str, bare: str) -> str:
    """Give the heading that the page's title repeats: the highest, and of lower ones the longest."""
    texts = [(heading.tag, text_of(heading, limit=500)) for heading in headings]
    shared = [(tag, text) for tag, text in texts if _is_part(text, whole)]
    for tag, text in shared:
        if tag == "h1":
            return text
    # A lower one may be any word of the title.
    return max((text for _, text in shared if 3 * len(text) > len(bare)), key=len, default="")


def _is_part(heading: str, whole: str) -> bool:
    """Tell whether *heading* is the page's title, or all that stands on one side of a mark in it."""
    at = whole.lower().find(heading.lower())
    if at < 0:
        return False
    before, after = whole[:at], whole[at + len(heading) :]
    starts = not before.strip() or (_MARK.search(f"{before} "[-6:]) is not None and before[-1:].isspace())
    return starts and (not after.strip() or not after[0].isalnum())


def _without_site(title: str, names: frozenset[str]) -> str:
    """Cut the site's name off either side of *title*."""
    for _ in range(_ROUNDS):
        marks = list(_MARK.finditer(title))
        if not marks:
            break
        first, last = marks[0], marks[-1]
        if _names(title[last.end() :], names):
            title = title[: last.start()].strip()
        elif _names(title[: first.start()], names):
            title = title[first.end() :].strip()
        else:
            break
    return title


def _names(part: str, names: frozenset[str]) -> bool:
    """Tell whether *part* is a name of the site, or the start of one (`Telegraph` of `telegraph.co.uk`)."""
    key = _key(part)
    return key in names or (len(key) > 3 and any(name.startswith(key) for name in names))


def _short(title: str) -> str:
    """Cut off a last part that is short beside the rest: where nothing names the site, that is its name."""
    marks = [mark for mark in _MARK.finditer(title) if not mark[0].startswith(":")]
    if marks:
        first, last = title[: marks[-1].start()].strip(), title[marks[-1].end() :]
        if len(first) > 2 * len(last) and len(last.split()) <= 5:
            return first
    return title


def _key(name: str) -> str:
    """Fold a name so that spellings of it agree."""
    words = re.sub(r"[^\w]+", "", html.unescape(name).lower().replace("&", "and"))
    return words.removeprefix("the") if len(words) > 6 else words
