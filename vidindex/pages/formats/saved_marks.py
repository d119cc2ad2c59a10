"""Find the address and the time that programs write into a page when they save it as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from .capture_dates import parse_digits, parse_iso_time, parse_javascript_date, parse_mail_date

_HEAD_BYTES = 65_536
_URL = r"(https?://[^\s<>\"']{4,4000})"


@dataclass(frozen=True, slots=True)
class SavedMark:
    """From where and when a page was saved; each is "" if the page does not state it."""

    url: str = ""
    captured: str = ""


_NO_DATE: Callable[[str], str] = lambda text: ""  # noqa: E731 - an entry of the table

_MARKS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    # Chromium, Firefox and Internet Explorer
    (re.compile(rf"<!-- saved from url=\(\d{{4,5}}\){_URL} -->(?P<date>)"), _NO_DATE),
    # SingleFile
    (
        re.compile(
            rf"<!--\s{{0,5}}Page saved with SingleFile\s{{1,9}}url:\s{{1,5}}{_URL}"
            r"\s{1,9}(?:saved date:\s{1,5}(?P<date>[^\n>]{1,100}))?"
        ),
        parse_javascript_date,
    ),
    # monolith
    (
        re.compile(rf"<!--\s{{0,5}}Saved from {_URL} at (?P<date>[\dTZ:.+-]{{10,40}}) using monolith"),
        parse_iso_time,
    ),
    # HTTrack, which leaves out the scheme
    (
        re.compile(
            r"<!-- Mirrored from ([^\s<>\"']{4,4000}) by HTTrack Website Copier/[^>,]{0,80}, (?P<date>[^>]{10,60}?) -->"
        ),
        parse_mail_date,
    ),
    # Save Page WE
    (
        re.compile(
            rf"<meta name=\"?savepage-url\"? content=\"{_URL}\"/?>(?:.{{0,2000}}?"
            r"<meta name=\"?savepage-date\"? content=\"(?P<date>[^\">]{1,100})\")?",
            re.DOTALL,
        ),
        parse_javascript_date,
    ),
    # WebScrapBook
    (
        re.compile(
            rf"<html\b[^>]{{0,500}}?\sdata-scrapbook-source=\"{_URL}\""
            r"(?:[^>]{0,500}?\sdata-scrapbook-create=\"(?P<date>\d{14,17})\")?"
        ),
        parse_digits,
    ),
)


def find_saved_mark(content: bytes) -> SavedMark:
    """Return from where and when the page *content* was saved, as the program that saved it wrote into it."""
    head = content[:_HEAD_BYTES].decode("utf-8", "replace")
    if "\0" in head[:100]:
        head = head.replace("\0", "")
    for pattern, parse_date in _MARKS:
        if match := pattern.search(head):
            url = html.unescape(match[1])
            url = url if url.startswith("http") else f"http://{url}"
            return SavedMark(url, parse_date(match["date"] or ""))
    return SavedMark()
