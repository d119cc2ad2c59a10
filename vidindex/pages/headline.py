"""Find the title of an article, without the site name that pages put next to it."""

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
    """Return the title of the article.

    *json_ld_title* is the title in its JSON-LD, and *url* its URL; either is "" if unknown.
    """
    full_title = page_title(root)
    headings = list(islice(_page_headings(root), _MAX_HEADINGS))
    names = _collect_site_names(headings, meta, url)
    own = [heading for heading in headings if len(text := element_text(heading)) > 3 and _fold_name(text) not in names]
    if heading := _find_title_heading(own, full_title, _strip_site_name(full_title, names)):
        return _strip_site_name(heading, names)
    stated_titles = [html.unescape(meta.get(name, "")) for name in _TITLE_META] + [json_ld_title]
    for text in filter(None, stated_titles):
        if _fold_name(short_title := _strip_site_name(text, names)) not in names:
            return short_title
    short_title = _strip_short_suffix(_strip_site_name(full_title, names))
    return (
        (short_title if _fold_name(short_title) not in names else "") or next(map(element_text, own), "") or full_title
    )


def page_title(root: HtmlElement) -> str:
    """Return the text of `<title>`, or "" if there is none."""
    return next((element_text(title, limit=500) for title in root.iter("title")), "")


def _page_headings(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the headings of the page outside of navigation and sidebars, `<h1>` first."""
    for level in ("h1", "h2", "h3"):
        for heading in root.iter(level):
            if not any(parent.tag in _BOILERPLATE_TAGS for parent in heading.iterancestors()):
                yield heading


def _collect_site_names(headings: list[HtmlElement], meta: Mapping[str, str], url: str) -> frozenset[str]:
    """Return the folded names of the site: from its metadata, headings that link to the home page, and its host."""
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
        target, page = urlsplit(urljoin(url, href)), urlsplit(url)
    except ValueError:
        return False
    if target.query or not target.hostname:
        return False
    is_parent_folder = (
        target.hostname == page.hostname and target.path.endswith("/") and page.path.startswith(target.path)
    )
    return target.path in ("", "/") or (is_parent_folder and target.path != page.path)


def _find_title_heading(headings: list[HtmlElement], full_title: str, short_title: str) -> str:
    """Return the heading that the page title repeats: the first `<h1>`, otherwise the longest lower heading."""
    texts = [(heading.tag, element_text(heading, limit=500)) for heading in headings]
    shared = [(tag, text) for tag, text in texts if _is_title_part(text, full_title)]
    for tag, text in shared:
        if tag == "h1":
            return text
    # A lower heading may be a single word of the title: require a third of its length.
    return max((text for _, text in shared if 3 * len(text) > len(short_title)), key=len, default="")


def _is_title_part(heading: str, full_title: str) -> bool:
    """Return whether *heading* is the whole page title, or a whole part of it between separators."""
    start = full_title.lower().find(heading.lower())
    if start < 0:
        return False
    before, after = full_title[:start], full_title[start + len(heading) :]
    starts_part = not before.strip() or (
        _TITLE_SEPARATOR.search(f"{before} "[-6:]) is not None and before[-1:].isspace()
    )
    return starts_part and (not after.strip() or not after[0].isalnum())


def _strip_site_name(title: str, names: frozenset[str]) -> str:
    """Remove the name of the site from the start and the end of *title*."""
    for _ in range(_MAX_STRIP_ROUNDS):
        separators = list(_TITLE_SEPARATOR.finditer(title))
        if not separators:
            break
        first, last = separators[0], separators[-1]
        if _is_site_name(title[last.end() :], names):
            title = title[: last.start()].strip()
        elif _is_site_name(title[: first.start()], names):
            title = title[first.end() :].strip()
        else:
            break
    return title


def _is_site_name(part: str, names: frozenset[str]) -> bool:
    """Return whether *part* is a name of the site, or the start of one (`Telegraph` for `telegraph.co.uk`)."""
    key = _fold_name(part)
    return key in names or (len(key) > 3 and any(name.startswith(key) for name in names))


def _strip_short_suffix(title: str) -> str:
    """Remove a last part that is much shorter than the rest: it is probably the name of the site."""
    separators = [separator for separator in _TITLE_SEPARATOR.finditer(title) if not separator[0].startswith(":")]
    if separators:
        first, last = title[: separators[-1].start()].strip(), title[separators[-1].end() :]
        if len(first) > 2 * len(last) and len(last.split()) <= 5:
            return first
    return title


def _fold_name(name: str) -> str:
    """Fold case, punctuation and a leading "the", so that variants of a name compare equal."""
    words = re.sub(r"[^\w]+", "", html.unescape(name).lower().replace("&", "and"))
    return words.removeprefix("the") if len(words) > 6 else words
