"""Parse links: local lists may name URLs and files, lists from the web only http(s) URLs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ...errors import TargetError
from ...net.ssrf import is_allowed_name
from ..targets import classify_target
from .entry import ListEntry
from .redirects import strip_redirects

if TYPE_CHECKING:
    from .source import ListSource

MAX_URL_CHARS = 8000
_WEB_URL = re.compile(r"<?https?://[^\s<>]+>?", re.IGNORECASE)
_CONTROL_CHARS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def is_web_link(text: str) -> bool:
    """Return whether *text*, with or without `<` and `>` around it, is one http(s) URL."""
    return _WEB_URL.fullmatch(text.strip()) is not None


def resolve_web_link(text: str, base: str = "") -> str:
    """Return the http(s) URL that *text* is, relative to *base*, or "" if it is not one.

    A link through a redirecting service is replaced by the one behind it.
    """
    try:
        stated = urljoin(base, _CONTROL_CHARS.sub("", text[: MAX_URL_CHARS + 1]).strip()).replace(" ", "%20")
        address = strip_redirects(stated) if len(stated) <= MAX_URL_CHARS else stated
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return address if is_web and len(address) <= MAX_URL_CHARS else ""


def parse_given_link(text: str, source: ListSource, *, line: int = 0, title: str = "", date: str = "") -> ListEntry:
    """Parse *text*, a link in *source*; if it is not one, the entry has a *problem*."""
    text = text.strip()
    if not text:
        link, problem = "", "the entry is empty"
    elif _WEB_URL.fullmatch(text):
        link = resolve_web_link(text.strip("<>"))
        problem = "" if link else f"it names no host, or is longer than {MAX_URL_CHARS} characters: check it"
    elif source.url:
        link, problem = "", "it is not a link: lists from the web may contain only http(s) addresses"
    else:
        link, problem = _resolve_file_link(text, source.folder)
    return ListEntry(link or text[:200], line, title, date, problem)


def private_link_problem(entry: ListEntry, source: ListSource, allowed_private_hosts: frozenset[str]) -> str:
    """Return why an entry of a list from the web is refused, or "": it may not name a private address."""
    if not source.url:
        return ""
    if is_allowed_name(entry.url, allowed_private_hosts):
        return ""
    return "it is a private address, which lists from the web may not name: add it yourself if you trust it"


def _resolve_file_link(text: str, folder: Path) -> tuple[str, str]:
    """Return the file that *text* names, relative to *folder*, and "", or "" and the problem."""
    path = text if "://" in text else str(folder / text)
    try:
        classify_target(path)
    except TargetError as exc:
        if "://" in text or not exc.reason.startswith("there is no such file"):
            return "", exc.reason
        return "", f"it is not a link (those start with https://), and there is no such file in {folder.absolute()}"
    return path, ""
