"""Split the text of an article into paragraphs, block quotes, headings and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .marks import unify_marks

_HTML_PATTERN = re.compile(r"<(?:p|div|html|body|blockquote|article|br|!doctype)\b", re.IGNORECASE)

ParagraphKind = Literal["text", "quote", "heading", "code"]


@dataclass(frozen=True, slots=True)
class ArticleParagraph:
    """A paragraph; the *lines* of a block quote are its paragraphs."""

    kind: ParagraphKind
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines, as one."""
        return " ".join(self.lines)


def split_paragraphs(article: str) -> Iterator[ArticleParagraph]:
    """Yield the paragraphs of *article*: the text of an `Article`, plain text with a line for each, or HTML."""
    if _HTML_PATTERN.search(article[:20_000]):
        from ...pages.article_text import extract_all_text
        from ...pages.markup import parse_html

        root = parse_html(article)
        article = "" if root is None else extract_all_text(root)
    quote: list[str] = []
    for line in article.splitlines():
        text = " ".join(line.split())
        if line.startswith("> ") and text != ">":
            quote.append(unify_marks(text[2:]))
            continue
        if quote:
            yield ArticleParagraph("quote", tuple(quote))
            quote = []
        if text:
            yield _read_paragraph(line, text)
    if quote:
        yield ArticleParagraph("quote", tuple(quote))


def _read_paragraph(line: str, text: str) -> ArticleParagraph:
    if line.startswith("## "):
        return ArticleParagraph("heading", (text[3:],))
    if line.startswith("    "):
        return ArticleParagraph("code", (text,))
    return ArticleParagraph("text", (unify_marks(text),))
