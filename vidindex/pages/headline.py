"""What an article is called: its own heading, told from the name of its site, which pages put beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .markup import element_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TITLE_META = ("og:title", "twitter:title", "dc.title", "citation_title")
_SITE_NAME_META = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher")
_GENERIC_NAMES = frozenset(("blogarchive", "archive", "home", "homepage", "article", "story"))
_TITLE_SEPARATOR = re.compile(r"\s+(?:[|–—«»›‹·•~-]|::?|>|<<|>>)\s+|:\s+")
_BOILERPLATE_TAGS = frozenset(("nav", "aside", "footer"))
_HOME_PATH = re.compile(r"(?i)(?:\.{1,2}/)*(?:(?:index|default|home)\.\w{2,5})?")
_MAX_HEADINGS = 80
_MAX_STRIP_ROUNDS = 4


def find_headline(root: HtmlElement, *, meta: Mapping[str, str], json_ld_title: str, url: str) -> str:
    """Give the article's title; *stated* is what its JSON-LD says, *url* where it is, empty if unknown."""
    whole = page_title(root)
    headings = list(islice(_page_headings(root), _MAX_HEADINGS))
    names = _collect_site_names(headings, meta, url)
    own = [heading for heading in headings if len(text := element_text(heading)) > 3 and _fold_name(text) not in names]
    if heading := _find_title_heading(own, whole, _strip_site_name(whole, names)):
        return _strip_site_name(heading, names)
    told = [html.unescape(meta.get(name, "")) for name in _TITLE_META] + [json_ld_title]
    for text in filter(None, told):
        if _fold_name(bare := _strip_site_name(text, names)) not in names:
            return bare
    bare = _strip_short_suffix(_strip_site_name(whole, names))
    return (bare if _fold_name(bare) not in names else "") or next(map(element_text, own), "") or whole


def page_title(root: HtmlElement) -> str:
    """Give what stands in `<title>`."""
    return next((element_text(title, limit=500) for title in root.iter("title")), "")


def _page_headings(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the headings of the page, the highest first."""
    for level in ("h1", "h2", "h3"):
        for heading in root.iter(level):
            if not any(parent.tag in _BOILERPLATE_TAGS for parent in heading.iterancestors()):
                yield heading


def _collect_site_names(headings: list[HtmlElement], meta: Mapping[str, str], url: str) -> frozenset[str]:
    """Collect what the site calls itself: in its metadata, in headings that lead home, in its host's name."""
    names = [meta.get(name, "") for name in _SITE_NAME_META]
    for heading in headings:
        anchors = list(islice(heading.iter("a"), 2))
        if len(anchors) == 1 and _is_home_link(anchors[0], url) and element_text(anchors[0]) == element_text(heading):
            names.append(element_text(heading))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return frozenset(filter(None, map(_fold_name, (*names, host)))) | _GENERIC_NAMES


def _is_home_link(anchor: HtmlElement, url: str) -> bool:
    if "home" in (anchor.get("rel") or "").split():
        return True
    href = (anchor.get("href") or "").strip()
    if href and _HOME_PATH.fullmatch(href):
        return True
    try:
        there, here = urlsplit(urljoin(url, href)), urlsplit(url)
    except ValueError:
        return False
    if there.query or not there.hostname:
        return False
    above = there.hostname == here.hostname and there.path.endswith("/") and here.path.startswith(there.path)
    return there.path in ("", "/") or (above and there.path != here.path)


def _find_title_heading(headings: list[HtmlElement], whole: str, bare: str) -> str:
    """Give the heading that the page's title repeats: the highest, and of lower ones the longest."""
    texts = [(heading.tag, element_text(heading, limit=500)) for heading in headings]
    shared = [(tag, text) for tag, text in texts if _is_title_part(text, whole)]
    for tag, text in shared:
        if tag == "h1":
            return text
    # A lower one may be any word of the title.
    return max((text for _, text in shared if 3 * len(text) > len(bare)), key=len, default="")


def _is_title_part(heading: str, whole: str) -> bool:
    """Tell whether *heading* is the page's title, or all that stands on one side of a mark in it."""
    at = whole.lower().find(heading.lower())
    if at < 0:
        return False
    before, after = whole[:at], whole[at + len(heading) :]
    starts = not before.strip() or (_TITLE_SEPARATOR.search(f"{before} "[-6:]) is not None and before[-1:].isspace())
    return starts and (not after.strip() or not after[0].isalnum())


def _strip_site_name(title: str, names: frozenset[str]) -> str:
    """Cut the site's name off either side of *title*."""
    for _ in range(_MAX_STRIP_ROUNDS):
        marks = list(_TITLE_SEPARATOR.finditer(title))
        if not marks:
            break
        first, last = marks[0], marks[-1]
        if _is_site_name(title[last.end() :], names):
            title = title[: last.start()].strip()
        elif _is_site_name(title[: first.start()], names):
            title = title[first.end() :].strip()
        else:
            break
    return title


def _is_site_name(part: str, names: frozenset[str]) -> bool:
    """Tell whether *part* is a name of the site, or the start of one (`Telegraph` of `telegraph.co.uk`)."""
    key = _fold_name(part)
    return key in names or (len(key) > 3 and any(name.startswith(key) for name in names))


def _strip_short_suffix(title: str) -> str:
    """Cut off a last part that is short beside the rest: where nothing names the site, that is its name."""
    marks = [mark for mark in _TITLE_SEPARATOR.finditer(title) if not mark[0].startswith(":")]
    if marks:
        first, last = title[: marks[-1].start()].strip(), title[marks[-1].end() :]
        if len(first) > 2 * len(last) and len(last.split()) <= 5:
            return first
    return title


def _fold_name(name: str) -> str:
    """Fold a name so that spellings of it agree."""
    words = re.sub(r"[^\w]+", "", html.unescape(name).lower().replace("&", "and"))
    return words.removeprefix("the") if len(words) > 6 else words
