"""Find the author of an article, without roles, dates and the words around the name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .article_parts import ArticleParts
from .markup import element_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AUTHOR_META = (
    "author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "citation_author", "byl",
    "twitter:creator",
)  # fmt: skip
_BYLINE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:\w*byline|byl|author|authors|author-?name|post-author|writer|vcard|fn|autor|auteur|autore)(?=$|[\s_-])"
)
_BYLINE_PREFIX = re.compile(
    r"(?i)^(?:(?:story|text|words|written|posted|published|reported|report|article|edited) by|by|von|par|por|di|door|av"
    r"|af|przez|autore?|auteur|author|text|texte?|tekst)\b[:\s]+"
)
_BYLINE_END = re.compile(
    r"(?i)\s*(?:[|•·►/]|\s[—–-]\s|\n| on (?=\w)| for (?=the\b|[A-Z])| (?:at|um) \d"
    r"|(?:^|,?\s)(?:last )?(?:updated|published|posted|modified)\b).*$",
    re.DOTALL,
)
_ROLE = re.compile(
    r"(?i)\b(?:staff|writers?|reporters?|editors?|correspondents?|contributors?|contributing|columnists?|bureau|chief"
    r"|news|desk|producers?|journalists?|photographers?|analysts?|special to|press|agency|redakteur\w*|redaktion"
    r"|engineers?|directors?|managers?|professors?|founders?|korrespondent\w*|journaliste?|periodista|redactor\w*|corresponsal|giornalista|inviat[oa]|jornalista|redação"
    r"|correspondente|redaktör|reporter\w*|dziennikarz|redaktor|of the|the)\b"
)
_DATE_START = re.compile(
    r"(?i)[\s,]*(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?(?=\s*\d|\s*$)|\b\d"
    r"|\b(?:yesterday|today)\b).*$",
    re.DOTALL,
)
_NAME = r"[^\W\d_a-z][\w.'’-]*(?: (?:(?:d[aeiou]s?|la|van|von|den?|der) ){0,2}[^\W\d_a-z][\w.'’-]*){1,3}"
_BYLINE = re.compile(
    r"(?:(?:Story|Text|Words|Written|Posted|Published|Report) by|By|BY|Von|Par|Por|Di|Door|Av|Af|Przez):? "
    rf"({_NAME}(?:(?:,| and| und| et| y| e| en| och| og| i) {_NAME}){{0,3}})(?=\s?(?:$|[,|•·–—;/(]| on | for ))"
)
_MAX_BEHIND_NAME_CHARS = 50
_MAX_CANDIDATES = 200
_MIN_NAME_CHARS, _MAX_NAME_CHARS, _MAX_META_CHARS = 3, 80, 200


def find_author(root: HtmlElement, meta: Mapping[str, str], json_ld_author: str) -> str:
    """Return the author of the page, or "" if it states none."""
    for stated in (json_ld_author, *(meta.get(name, "") for name in _AUTHOR_META)):
        name = html.unescape(stated)
        if name and "://" not in name and not name.startswith("@") and (name := _clean_name(name)):
            return name[:_MAX_META_CHARS]
    parts, candidates = ArticleParts(root), 0
    for element in parts.find("a", "span", "div", "p", "address", "cite", "em", "strong", "b", "li", "h2", "h3", "h4"):
        is_byline = "author" in (element.get("rel"), element.get("itemprop")) or _BYLINE_CLASS.search(
            element.get("class") or ""
        )
        if not is_byline:
            continue
        candidates += 1
        if candidates > _MAX_CANDIDATES:
            break
        if not parts.is_about_another(element):
            name = _clean_name(element_text(element, limit=200))
            if _MIN_NAME_CHARS <= len(name) < _MAX_NAME_CHARS and not any(char.isdigit() for char in name):
                return name
    return ""


def find_author_in_lines(lines: Iterable[str]) -> str:
    """Return the author whom one of the first *lines* of an article names, as `By Ann Lee`, or ""."""
    for line in lines:
        match = _BYLINE.match(line)
        if match and len(line) - match.end() <= _MAX_BEHIND_NAME_CHARS and (name := _clean_name(match[1])):
            return name
    return ""


def _clean_name(text: str) -> str:
    """Return the name in a byline, or "" if it contains a date and no name."""
    text = _DATE_START.sub("", _BYLINE_END.sub("", _BYLINE_PREFIX.sub("", text.strip())))
    first, *others = (part.strip() for part in text.split(","))
    return ", ".join([first, *(part for part in others if part and not _ROLE.search(part))]).strip(" ,–-")
