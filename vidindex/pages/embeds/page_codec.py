"""Encode what was found in a page as JSON, and decode it without trusting the process that encoded it.

An exploited parser controls the worker process, so that its answer is untrusted input: every type, size and URL is
checked.  The encoder drops what the decoder would refuse, so that a page cannot make its own answer invalid.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Literal, get_args

from ...model import Article, CaptionLink, Embed, EmbedKind, Medium
from ...net.bounded_json import load_bounded_json
from ..page_urls import choose_article_url, is_in_page_folder, strip_archive_prefixes
from .discovered import DiscoveredPage

MAX_ANSWER_BYTES = 8_000_000
MAX_EMBEDS = 500
_MAX_JSON_MEMORY_BYTES = 100_000_000
_MAX_TEXT_CHARS = 500_000
_MAX_FIELD_CHARS = 4000
_MAX_CAPTIONS = 100

FailureCode = Literal["memory", "nesting", "markup"]
FAILURE_REASONS: dict[FailureCode, str] = {
    "memory": "reading it takes too much memory",
    "nesting": "its elements are nested too deeply",
    "markup": "its markup cannot be read",
}
"""Why a page could not be read, by the code that the worker process answers."""

_ARTICLE_FIELDS = tuple(field.name for field in fields(Article) if field.name not in ("fetched_from", "captured"))
_EMBED_FIELDS = tuple(field.name for field in fields(Embed))
_CAPTION_FIELDS = tuple(field.name for field in fields(CaptionLink))
_EMBED_KINDS: tuple[EmbedKind, ...] = get_args(EmbedKind)
_MEDIA: tuple[Medium, ...] = get_args(Medium)
_PROVIDER = re.compile(r"[^\s\x00-\x1f\x7f<>\"'&]{1,255}")
_DATE = re.compile(r"(?:\d{4}-\d\d-\d\d)?", re.ASCII)
_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:")
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode_page(page: DiscoveredPage, url: str | None) -> bytes:
    """Encode what was found in the page at *url*."""
    article = {name: _cut(name, getattr(page.article, name)) for name in _ARTICLE_FIELDS}
    if len(page.article.url) > _MAX_FIELD_CHARS:  # the URL that the page was read from
        article["url"] = page.article.url
    embeds = [_embed_to_json(embed, url) for embed in page.embeds if _is_valid_embed(embed, url)]
    answer = {"article": article, "embeds": embeds[:MAX_EMBEDS], "stated_url": _cut("stated_url", page.stated_url)}
    encoded = json.dumps(answer, separators=(",", ":")).encode("ascii")
    return encoded if len(encoded) <= MAX_ANSWER_BYTES else encode_failure("memory")


def encode_failure(code: FailureCode) -> bytes:
    """Encode why a page could not be read."""
    return json.dumps({"failure": code}).encode("ascii")


def decode_page(answer: bytes, url: str | None) -> DiscoveredPage | FailureCode:
    """Decode an answer about the page at *url*: what was found, or why the page could not be read.

    Lone surrogates become U+FFFD.

    Raises `ValueError` if *answer* is not what `encode_page` or `encode_failure` return.
    """
    if len(answer) > MAX_ANSWER_BYTES:
        raise ValueError("it is too large")
    value = load_bounded_json(answer.decode("ascii"), max_memory_bytes=_MAX_JSON_MEMORY_BYTES)
    if isinstance(value, dict) and value.keys() == {"failure"}:
        return _read_failure_code(value["failure"])
    parts = _read_object(value, ("article", "embeds", "stated_url"))
    items = parts["embeds"]
    if not isinstance(items, list) or len(items) > MAX_EMBEDS:
        raise ValueError("its embeds are not a list, or too many")
    return DiscoveredPage(
        _read_article(parts["article"], url or ""),
        tuple(_read_embed(item, url) for item in items),
        _read_text(parts["stated_url"]),
    )


def _cut(name: str, text: str) -> str:
    return text[: _MAX_TEXT_CHARS if name == "text" else _MAX_FIELD_CHARS]


def _embed_to_json(embed: Embed, url: str | None) -> dict[str, object]:
    captions = [link for link in embed.captions if _is_valid_url(link.url, url)][:_MAX_CAPTIONS]
    return {name: getattr(embed, name) for name in _EMBED_FIELDS} | {
        "label": _cut("label", embed.label),
        "captions": [[_cut(name, getattr(link, name)) for name in _CAPTION_FIELDS] for link in captions],
        "original_url": embed.original_url if len(embed.original_url) <= _MAX_FIELD_CHARS else "",
    }


def _read_failure_code(value: object) -> FailureCode:
    for code in FAILURE_REASONS:
        if value == code:
            return code
    raise ValueError("it failed for an unknown reason")


def _read_article(value: object, url: str) -> Article:
    parts = _read_object(value, _ARTICLE_FIELDS)
    article = Article(
        **{name: _read_text(part, _MAX_TEXT_CHARS if name == "text" else _MAX_FIELD_CHARS)
           for name, part in parts.items() if name != "url"},
        url=_read_text(parts["url"], max(_MAX_FIELD_CHARS, len(url))),
        fetched_from=url,
    )  # fmt: skip
    if not _DATE.fullmatch(article.date):
        raise ValueError("the article has an invalid date")
    if article.url not in (url, strip_archive_prefixes(url), choose_article_url([article.url], url)):
        raise ValueError("the article has the URL of another site")
    return article


def _read_embed(value: object, url: str | None) -> Embed:
    parts = _read_object(value, _EMBED_FIELDS)
    dead, captions = parts["dead"], parts["captions"]
    if not isinstance(dead, bool):
        raise ValueError("whether an embed is dead is not a boolean")
    if not isinstance(captions, list) or len(captions) > _MAX_CAPTIONS:
        raise ValueError("the captions of an embed are not a list, or too many")
    embed = Embed(
        url=_read_text(parts["url"]),
        provider=_read_text(parts["provider"]),
        id=_read_text(parts["id"]),
        label=_read_text(parts["label"]),
        kind=_read_kind(parts["kind"]),
        dead=dead,
        captions=tuple(_read_caption_link(item, url) for item in captions),
        original_url=_read_text(parts["original_url"]),
        medium=_read_medium(parts["medium"]),
    )
    if not _is_valid_embed(embed, url):
        raise ValueError("an embed has an invalid URL or provider")
    return embed


def _read_kind(value: object) -> EmbedKind:
    for kind in _EMBED_KINDS:
        if value == kind:
            return kind
    raise ValueError("an embed has an unknown kind")


def _read_medium(value: object) -> Medium:
    for medium in _MEDIA:
        if value == medium:
            return medium
    raise ValueError("an embed has an unknown medium")


def _read_caption_link(value: object, url: str | None) -> CaptionLink:
    if not isinstance(value, list) or len(value) != len(_CAPTION_FIELDS):
        raise ValueError("a caption link is not a list of its fields")
    link = CaptionLink(*map(_read_text, value))
    if not _is_valid_url(link.url, url):
        raise ValueError("a caption link has an invalid URL")
    return link


def _read_object(value: object, names: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != set(names):
        raise ValueError("a value has not the fields that it must have")
    return value


def _read_text(value: object, max_chars: int = _MAX_FIELD_CHARS) -> str:
    if not isinstance(value, str) or len(value) > max_chars:
        raise ValueError("a field is not a text, or too long")
    return _SURROGATE.sub("\ufffd", value)


def _is_valid_embed(embed: Embed, page_url: str | None) -> bool:
    return (
        _PROVIDER.fullmatch(embed.provider) is not None
        and 0 < len(embed.id) <= _MAX_FIELD_CHARS
        and _is_valid_url(embed.url, page_url)
    )


def _is_valid_url(url: str, page_url: str | None) -> bool:
    """Return whether *url* may be requested: http(s), relative if no URL is known, or a file beside a saved page."""
    if not 0 < len(url) <= _MAX_FIELD_CHARS:
        return False
    if not _SCHEME.match(url):
        return not page_url
    return url.startswith(("http:", "https:")) or (url.startswith("file:") and is_in_page_folder(url, page_url or ""))
