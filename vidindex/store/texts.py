"""The texts about videos that searches find: titles, chapters, tags, channels, descriptions, and those of articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..model import And, Article, QueryNode, TextKind, Video, WordsQuery
from ..transcripts.field_tokens import MAX_TOKEN_CHARS, tokenize_field
from ..transcripts.normalize import normalize_words

SEPARATOR = "\ue000"
"""A token between two tags or chapters, so that no phrase extends over both.  No query contains it."""

MAX_ARTICLE_CHARS = 20_000_000
"""Characters of an article that are searched."""

_PIECE_CHARS = 20_000

MAX_QUERY_WORDS = 100
"""Words of a query that a text must have; the rest of a longer one is ignored."""

FILTER_FIELDS = ("title", "channel", "site", "label", "article", "kind", "lang")
"""The fields by which texts are filtered."""


@lru_cache(maxsize=64)
def video_texts(video: Video) -> dict[TextKind, str]:
    """Return the tokens of each kind of text about *video* that is not empty, joined by spaces."""
    texts: dict[TextKind, str] = {
        "title": _join_tokens([video.title]),
        "chapter": _join_tokens(chapter.title for chapter in video.chapters),
        "tag": _join_tokens(video.tags),
        "channel": _join_tokens([video.channel]),
        "description": _join_tokens([video.description]),
    }
    return {kind: text for kind, text in texts.items() if text}


@lru_cache(maxsize=1)
def article_text(article: Article) -> str:
    """Return the tokens of the title and the text of *article*, joined by spaces."""
    return _join_tokens([article.title, article.text[:MAX_ARTICLE_CHARS]])


def article_name(article: Article) -> str:
    """Return the words by which an article is selected."""
    return f"{article.title} {article.site} {article.url}"


def join_fields(values: Iterable[str]) -> str:
    """Return the tokens of some values of a filter field, joined by spaces."""
    return f" {SEPARATOR} ".join(filter(None, (" ".join(tokenize_field(value)) for value in dict.fromkeys(values))))


def _join_tokens(texts: Iterable[str]) -> str:
    return f" {SEPARATOR} ".join(filter(None, map(_tokenize_text, texts)))


def _tokenize_text(text: str) -> str:
    return " ".join(filter(None, (" ".join(_normalize_piece(piece)) for piece in split_pieces(text, _PIECE_CHARS))))


def _normalize_piece(piece: str) -> Iterator[str]:
    return (token[:MAX_TOKEN_CHARS] for token in normalize_words(piece.split())[0])


def split_pieces(text: str, size: int) -> Iterator[str]:
    """Split *text* into pieces of at most *size* characters, at white space if there is any."""
    start = 0
    while len(text) - start > size:
        end = max(text.rfind(" ", start, start + size), text.rfind("\n", start, start + size))
        end = end if end > start else start + size
        yield text[start:end]
        start = end
    yield text[start:]


def find_words(node: QueryNode) -> WordsQuery | None:
    """Return the plain words of a query."""
    if isinstance(node, And):
        return next((each for each in node.nodes if isinstance(each, WordsQuery)), None)
    return node if isinstance(node, WordsQuery) else None
