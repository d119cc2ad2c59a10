"""Recognize what a document is, by its name and its first bytes, and read the claims in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ...errors import TargetError
from ...model import Article
from ...net.files import open_regular_file
from ...pages.embeds import discover_page
from ...pages.saved_page import GZIP_MAGIC, decompress_start, is_archive_file
from ...transcripts.formats.encoding import decode_captions
from ...transcripts.formats.parse_result import ParseWarnings
from ...verify.claims import Claim
from ...verify.quotations import extract_quotations
from ..page_reader import read_page, read_pages
from ..targets import PAGE_SUFFIXES, file_url_to_path
from .docx import ZIP_MARK, read_docx
from .json_lines import parse_claim_lines
from .prose import join_paragraphs

MAX_DOCUMENT_BYTES = 20_000_000
"""Maximum size of a document; JSON Lines may have any."""

_HEAD_BYTES = 65_536
_JSON_SUFFIXES = frozenset((".jsonl", ".ndjson", ".json"))
_PROSE_SUFFIXES = frozenset((".txt", ".text", ".md", ".markdown", ".mdown"))
_SUFFIXES = _JSON_SUFFIXES | _PROSE_SUFFIXES
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"")
_HTML_MARK = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "it is a PDF"),
    (b"{\\rtf", "it is RTF"),
    (b"\xd0\xcf\x11\xe0", "it is a document of an old version of Word"),
)


@dataclass(frozen=True, slots=True)
class ClaimDocument:
    """The claims that a document makes, to be read once; *article* is set if it is an article."""

    claims: Iterable[Claim]
    title: str = ""
    article: Article | None = None


def read_claims(
    target: str, *, find_article: Callable[[str], Article | None], stdin: BinaryIO, render: bool = False
) -> ClaimDocument:
    """Read the claims in *target*: the URL of an article, a file, or `-` for *stdin*.

    *find_article* returns the article of the index with a URL or file, so that it is not read again.  With *render*,
    the scripts of a page from the web run if it has no article without them.
    Raises `TargetError`, `FetchError`, `DiscoveryError`; the claims of JSON Lines raise `TargetError` when they are
    reached.
    """
    if target == "-":
        return _read_stream(stdin, "standard input", "")
    indexed = find_article(target)
    if indexed is not None:
        return _read_article(indexed)
    path = _local_path(target)
    if path is None or not path.is_file():
        return _read_article(read_page(target, render=render).article)
    with _open_file(path, target) as file:
        head = file.read(_HEAD_BYTES)
        if is_archive_file(head, path):
            return _read_articles(page.article for page in read_pages(target))
        if _is_page(head, path.suffix.lower()):
            return _read_article(read_page(target).article)
    return _read_stream(_open_file(path, target), target, path.suffix.lower())


def _is_page(head: bytes, suffix: str) -> bool:
    if suffix in PAGE_SUFFIXES or suffix in _SUFFIXES or head.startswith(ZIP_MARK):
        return suffix in PAGE_SUFFIXES
    if head.startswith(GZIP_MAGIC):
        with suppress(zlib.error):
            head = decompress_start(head, _HEAD_BYTES)
    return _HTML_MARK.search(head.replace(b"\0", b"")) is not None  # also in UTF-16


def _local_path(target: str) -> Path | None:
    if target.lower().startswith("file:"):
        return file_url_to_path(target)
    return None if "://" in target else Path(target)


def _open_file(path: Path, target: str) -> BinaryIO:
    try:
        return open_regular_file(path)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(target[:200], f"it cannot be read ({reason})") from exc


def _read_article(article: Article) -> ClaimDocument:
    return ClaimDocument(_make_claims(article.text, article.url), article.title, article)


def _read_articles(articles: Iterable[Article]) -> ClaimDocument:
    """Return the claims of the pages of an archive, which count as one article if there is only one."""
    remaining = iter(articles)
    first, second = next(remaining), next(remaining, None)
    if second is None:
        return _read_article(first)
    pages = chain((first, second), remaining)
    return ClaimDocument(chain.from_iterable(_make_claims(article.text, article.url) for article in pages), first.title)


def _make_claims(text: str, article: str = "") -> list[Claim]:
    return [Claim.from_quotation(quotation, article=article) for quotation in extract_quotations(text)]


def _read_stream(stream: BinaryIO, name: str, suffix: str) -> ClaimDocument:
    """Read a document that is not a page on this machine, and close *stream* unless its claims are read later."""
    head = _read_available(stream)
    if suffix in _JSON_SUFFIXES or (suffix not in _PROSE_SUFFIXES and _JSON_START.match(head)):
        return ClaimDocument(parse_claim_lines(head, stream, name))
    with stream:
        content = _read_rest(head, stream, name)
    head = content[:_HEAD_BYTES]
    if content.startswith(ZIP_MARK):
        return ClaimDocument(_make_claims("\n".join(read_docx(content, name))))
    if suffix not in _PROSE_SUFFIXES and _HTML_MARK.search(head):
        return ClaimDocument(_make_claims(discover_page(content).article.text))
    _check_is_text(head, name)
    text = decode_captions(content, ParseWarnings())
    return ClaimDocument(_make_claims("\n".join(join_paragraphs(text))))


def _read_available(stream: BinaryIO) -> bytes:
    """Return the first bytes, as many as there are for now: a program may write its next claim after a verdict."""
    read_once = getattr(stream, "read1", stream.read)
    head: bytes = read_once(_HEAD_BYTES)
    return head


def _check_is_text(head: bytes, name: str) -> None:
    """Raise `TargetError` if a document is of a kind that cannot be read."""
    for mark, what in _UNREADABLE_MARKS:
        if head.startswith(mark):
            raise TargetError(name[:200], f"{what}: save it as DOCX or as text")
    if b"\0" in head and head[:2] not in _UTF16_MARKS:
        raise TargetError(name[:200], "it is not a text: give an article, text, Markdown, DOCX or JSON Lines")


def _read_rest(head: bytes, stream: BinaryIO, name: str) -> bytes:
    content = head + stream.read(MAX_DOCUMENT_BYTES + 1 - len(head))
    if len(content) > MAX_DOCUMENT_BYTES:
        raise TargetError(name[:200], f"it is larger than {MAX_DOCUMENT_BYTES // 1_000_000} MB")
    return content
