"""Finds texts about videos: titles, chapters, tags, channels, descriptions, and the texts of articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..engines.cpu_limit import check_cpu_time
from ..errors import QuerySyntaxError
from ..model import (
    TEXT_KINDS,
    And,
    Article,
    Or,
    PhraseQuery,
    PrefixQuery,
    QueryNode,
    TextKind,
    TextMatch,
    TextQuery,
    Video,
    WordsQuery,
)
from ..pages.providers import make_deep_link
from .filters import apply_filters
from .options import SearchOptions
from .query import Query, parse_query
from .scope import split_scope
from .spans import find_spans
from .text_snippet import cut_text, list_word_nodes

_DEFAULT_OPTIONS = SearchOptions()


@dataclass(frozen=True, slots=True)
class TextHit:
    """A text about a video, or of an article, that has the words: nobody needs to have said them.

    *match* is the kind of the text.  *text* is the part of it that matches, with `…` where it is cut; *marks* are the
    `(start, end)` character ranges of *text* that match.  *url* leads to the video or the article, and for a chapter to
    its start.  Either *video* or *article* is None.
    """

    match: TextKind
    text: str
    url: str
    video: Video | None = None
    article: Article | None = None
    start_ms: int = 0
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TextHits:
    """A page of texts, with the number of all texts that match, of each kind.

    *pending* is the number of videos and articles whose texts are not searchable yet.
    """

    hits: tuple[TextHit, ...] = ()
    counts: tuple[tuple[TextKind, int], ...] = ()
    pending: int = 0

    @property
    def total(self) -> int:
        """The number of all texts that match."""
        return sum(count for _, count in self.counts)


class TextSource(Protocol):
    """The part of a store that a search for texts reads."""

    def count_texts(self, query: TextQuery) -> Mapping[TextKind, int]:
        """Count the texts that match *query*, by their kind."""

    def find_texts(self, query: TextQuery, *, offset: int, limit: int) -> Sequence[TextMatch]:
        """Return some of the texts that match *query*, in their order."""

    def find_video(self, name: str) -> Video | None:
        """Find a video by its id."""

    def find_article(self, url: str) -> Article | None:
        """Find an article by its URL."""


def find_texts(
    source: TextSource, text: str, *, options: SearchOptions = _DEFAULT_OPTIONS, pending: int = 0
) -> TextHits:
    """Return the texts of the kinds that *text* and *options* name, or of every kind, that match *text*.

    *pending* is the number of videos and articles whose texts are not searchable yet.
    Raises `QuerySyntaxError`, `IndexUnusableError`.
    """
    kinds, words = split_scope(text)
    query: Query | None = parse_query(words)
    while query is not None and query.node is not None:
        found = _find_query(source, query, kinds or options.texts or TEXT_KINDS, options, text)
        if found.total or query.fallback is None:
            return TextHits(found.hits, found.counts, pending)
        query = query.fallback
    return TextHits(pending=pending)


def has_words(text: str) -> bool:
    """Return whether *text* has words to find, and not only fields."""
    node = parse_query(split_scope(text)[1]).node
    return node is not None and find_spans(node, []) is not None


def _check_prefixes(node: QueryNode, text: str) -> None:
    """Raise `QuerySyntaxError` if a prefix is a single letter, which starts too many words."""
    for leaf in list_word_nodes(node):
        if isinstance(leaf, PrefixQuery) and len(leaf.prefix) < 2 and leaf.prefix.isascii():
            at = max(0, text.find(f"{leaf.prefix}*"))
            raise QuerySyntaxError(text, at, "among texts, at least two letters must be before *")


def _find_query(
    source: TextSource, query: Query, kinds: Sequence[TextKind], options: SearchOptions, text: str
) -> TextHits:
    if query.node is None:
        return TextHits()
    node = apply_filters(query.node, options)
    _check_prefixes(node, text)
    asked = TextQuery(node, tuple(kinds), options.videos, newest_first=options.sort == "date")
    found = source.count_texts(asked)
    counts = tuple((kind, found[kind]) for kind in TEXT_KINDS if found.get(kind))
    if not counts or options.limit < 1:
        return TextHits((), counts)
    matches = source.find_texts(asked, offset=options.offset, limit=options.limit)
    return TextHits(tuple(_build_hits(source, _require_words(node), matches)), counts)


def _require_words(node: QueryNode) -> QueryNode:
    """Return *node* with each of its plain words required, so that they are found together."""
    match node:
        case WordsQuery():
            return And(tuple(PhraseQuery((token,)) for token in dict.fromkeys(node.tokens)))
        case And():
            return And(tuple(map(_require_words, node.nodes)))
        case Or():
            return Or(tuple(map(_require_words, node.nodes)))
    return node


def _build_hits(source: TextSource, node: QueryNode, matches: Iterable[TextMatch]) -> Iterator[TextHit]:
    """Yield the hits of *matches*, without those that have been removed since."""
    for match in matches:
        check_cpu_time()
        if match.kind == "article":
            article = source.find_article(match.name)
            if article is not None:
                yield _make_article_hit(article, node)
        else:
            video = source.find_video(match.name)
            if video is not None:
                yield _make_video_hit(video, match.kind, node)


def _make_article_hit(article: Article, node: QueryNode) -> TextHit:
    snippet = cut_text("\n".join(filter(None, (article.title, article.text))), node)
    return TextHit("article", snippet.text, article.url, article=article, marks=snippet.marks)


def _make_video_hit(video: Video, kind: TextKind, node: QueryNode) -> TextHit:
    if kind == "chapter":
        return _make_chapter_hit(video, node)
    texts = {"title": video.title, "channel": video.channel, "tag": ", ".join(video.tags)}
    snippet = cut_text(texts.get(kind, video.description), node)
    return TextHit(kind, snippet.text, video.url, video, marks=snippet.marks)


def _make_chapter_hit(video: Video, node: QueryNode) -> TextHit:
    """Return the chapter with the most of the words, the first of equal ones."""
    snippets = [cut_text(chapter.title, node) for chapter in video.chapters]
    ranks = [(snippet.is_complete, len(snippet.marks), -at) for at, snippet in enumerate(snippets)]
    best = -max(ranks)[2] if ranks else -1
    if best < 0:
        return TextHit("chapter", "", video.url, video)
    start_ms, snippet = video.chapters[best].start_ms, snippets[best]
    return TextHit("chapter", snippet.text, make_deep_link(video.url, start_ms), video, None, start_ms, snippet.marks)
