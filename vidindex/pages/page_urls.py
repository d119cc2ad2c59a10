"""Decide which URLs a page may state: the canonical URL of its article, and files beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ..net.sites import is_same_site, normalize_host, split_web_url
from .archive_urls import strip_archive_prefix

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DEFAULT_PORT_SUFFIXES = {"http": ":80", "https": ":443"}
_MAX_URL_CHARS = 4000
_MAX_STATED_URLS = 20


def choose_article_url(stated_urls: Iterable[str], read_from: str) -> str:
    """Return the first of *stated_urls* that a page may have, or *read_from*, the URL that it was read from.

    A page may have any URL of the site that it was read from, and a page from a file any http(s) URL.  A copy in a web
    archive was read from the site that the archive copied it from.  *read_from* is "" if nothing is known.
    """
    original = strip_archive_prefixes(read_from)
    for stated in stated_urls:
        url = strip_archive_prefixes(stated)
        parts = split_web_url(url) if len(url) <= _MAX_URL_CHARS else None
        if parts and _is_as_specific(parts, original) and _may_state(url, parts, original):
            return _normalize_url(parts)
    return original


def find_stated_urls(root: HtmlElement, read_from: str) -> list[str]:
    """Return the canonical URLs that a page states, made absolute, in the order in which they count."""
    links = [link.get("href") for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    og_urls = (meta.get("content") for meta in root.iter("meta") if _is_og_url(meta))
    base_href = next((base.get("href") for base in root.iter("base") if base.get("href")), "")
    base = _join_url(strip_archive_prefixes(read_from), base_href)
    stated = (_join_url(base, reference) for reference in (*links[:_MAX_STATED_URLS], next(og_urls, "")) if reference)
    return [url for url in stated if url]


def strip_archive_prefixes(url: str) -> str:
    """Return the URL of the original if *url* is that of a copy in a web archive, or a copy of a copy."""
    while (original := strip_archive_prefix(url)) not in (url, ""):
        url = original if "://" in original[:10] else f"http://{original}"
    return url


def is_in_page_folder(url: str, page_url: str) -> bool:
    """Return whether the `file:` *url* lies in the folder of the `file:` *page_url*, or below it."""
    if not page_url.startswith("file:"):
        return False
    parts = urlsplit(url)
    folder = unquote(urlsplit(page_url).path).rpartition("/")[0] + "/"
    path = unquote(parts.path)
    return parts.netloc in ("", "localhost") and path.startswith(folder) and ".." not in path.split("/")


def _is_og_url(meta: HtmlElement) -> bool:
    return (meta.get("property") or meta.get("name") or "").lower() == "og:url" and bool(meta.get("content"))


def _join_url(base: str, reference: str | None) -> str:
    """Return the absolute URL of *reference*, *base* if it is empty, or "" if it is not valid."""
    reference = (reference or "").strip()
    try:
        return urljoin(base, strip_archive_prefix(reference)) if len(reference) <= _MAX_URL_CHARS else ""
    except ValueError:
        return ""


def _may_state(url: str, parts: SplitResult, read_from: str) -> bool:
    if read_from and not read_from.startswith("file:"):
        return is_same_site(url, read_from)
    return bool(normalize_host(parts.hostname or ""))


def _is_as_specific(parts: SplitResult, read_from: str) -> bool:
    """Return false for the front page of a site, unless it was read: some sites state it on every page."""
    return len(parts.path) > 1 or bool(parts.query) or len(urlsplit(read_from).path) < 2


def _normalize_url(parts: SplitResult) -> str:
    """Return the URL without user, password, default port and fragment, and with the host in lower case."""
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_DEFAULT_PORT_SUFFIXES[parts.scheme])
    return parts._replace(netloc=host.removesuffix("."), fragment="").geturl()
