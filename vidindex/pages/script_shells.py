"""Recognize the shell of a page that its scripts fill: without them, it has no text."""

from __future__ import annotations

import re

from ..model import Article

_MAX_HTML_BYTES = 1_000_000
_MAX_ARTICLE_WORDS = 25
_MAX_VISIBLE_WORDS = 40
_UNSEEN_START = re.compile(r"(?i)<(script|style|template|svg|noscript|head)\b")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SCRIPT = re.compile(r"(?i)<script\b[^<>]{0,1000}?\b(?:src|type\s{0,3}=\s{0,3}[\"']?module)\b")
_EMPTY_ROOT = re.compile(
    r"(?i)<(?:div|main|section)\b[^<>]{0,500}?\bid\s{0,3}=\s{0,3}[\"']?(?:root|app|__next|__nuxt|__layout|svelte|q-app|react-root|"
    r"app-root|main-app|mount|application|gatsby-focus-wrapper|___gatsby|ember-app|vue-app|spa|page-root|app-container|root-container)"
    r"[\"'\s>]|<(?:app-root|my-app|ember-app|app-shell|flutter-view)\b"
)
_NOTICE = re.compile(
    r"(?i)(?:enable|activate|turn on|requires?|needs?|without|allow|use) .{0,40}java ?script|java ?script .{0,40}"
    r"(?:enabled|required|disabled|turned off|aktivier|erforder|necess|habilit|activ|abilit|inschakel|aktiver|włącz)"
    r"|(?:aktivier|activ|activez|habilit|abilit|schakel|aktivér|włącz|включите).{0,40}java ?script|JavaScript ?を有効"
)
_MAX_NOTICE_CHARS = 2000


def is_script_shell(article: Article, html: bytes) -> bool:
    """Return whether *html* is the shell of an application, and not a short article; *article* was read from it.

    It has scripts, next to no text, and a root element for them to fill, or says that it needs JavaScript.
    """
    if len(article.text.split()) > _MAX_ARTICLE_WORDS:
        return False
    text = html[:_MAX_HTML_BYTES].decode("utf-8", "replace")
    if not _SCRIPT.search(text):
        return False
    visible = _visible_text(text)
    if len(visible.split()) > _MAX_VISIBLE_WORDS:
        return False
    return _EMPTY_ROOT.search(text) is not None or _NOTICE.search(f"{visible} {_noscript_text(text)}") is not None


def _visible_text(text: str) -> str:
    """Return about the text that a browser shows before any script runs."""
    parts: list[str] = []
    at, lowered = 0, text.lower()
    while (start := _UNSEEN_START.search(text, at)) is not None:
        parts.append(text[at : start.start()])
        at = lowered.find(f"</{start[1].lower()}", start.end())
        if at < 0:
            break
    else:
        parts.append(text[at:])
    return " ".join(_TAG.sub(" ", " ".join(parts)).split())


def _noscript_text(text: str) -> str:
    """Return the start of each `<noscript>`, without markup."""
    parts: list[str] = []
    lowered, at = text.lower(), 0
    while (start := lowered.find("<noscript", at)) >= 0 and sum(map(len, parts)) < _MAX_NOTICE_CHARS:
        at = lowered.find("</noscript", start)
        at = at if at >= 0 else len(text)
        parts.append(_TAG.sub(" ", text[start : min(at, start + _MAX_NOTICE_CHARS)]))
    return " ".join(" ".join(parts).split())
