"""The page of one article: the videos in it, and what it quotes beside what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import EngineError, NotIndexedError
from ...model import Article, EmbedRecord
from ...transcripts.timecode import format_clock
from .pagination import PageLinks, make_page_links
from .urls import article_path, display_host, safe_web_url, search_path, video_path

if TYPE_CHECKING:
    from ...library import Index
    from ...verify.check import CheckedQuote, WordChange

ARTICLES_PER_PAGE = 50
_VERDICTS = ("verbatim", "near", "not found")
_STATE_LABELS = {
    "done": "in the index",
    "attached": "in the index",
    "waiting": "waiting",
    "later": "to be asked again",
    "dead": "plays no more",
    "gone": "gone",
}
_PROVIDER_LABELS = {"html5": "a media file", "page": "a page of its own"}
_STATE_TONES = {"done": "done", "attached": "done", "waiting": "waiting", "later": "later", "live": "later"}


@dataclass(frozen=True, slots=True)
class EmbedRow:
    """A video in the article; *video* is our page of it, empty where it led to none."""

    title: str
    video: str
    facts: tuple[str, ...]
    state: str
    tone: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """A quotation beside what was said; *href* plays it, *search* looks for it where nothing was found."""

    text: str
    attribution: str
    verdict: str
    changes: tuple[WordChange, ...]
    elsewhere: bool
    href: str
    source: str
    clock: str
    search: str


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many quotations have a verdict."""

    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """All that the page of an article shows; *trouble* is why its quotations could not be checked."""

    title: str
    url: str
    href: str
    facts: tuple[str, ...]
    embeds: tuple[EmbedRow, ...]
    quotes: tuple[QuoteCheck, ...]
    tally: tuple[VerdictCounts, ...]
    trouble: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the list of all."""

    title: str
    href: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    """A page of the list of all articles."""

    size: str
    articles: tuple[ArticleRow, ...]
    pages: PageLinks


def make_article_page(index: Index, url: str) -> ArticlePage:
    """Show the article at *url*, which is never asked for.  Raises `NotIndexedError` where the index has it not."""
    article = index.article(url)
    checked, trouble = _check_quotes(index, article)
    return ArticlePage(
        title=article.title or article.url,
        url=article.url,
        href=safe_web_url(article.url),
        facts=_article_facts(article),
        embeds=tuple(_make_embed_row(index, state) for state in index.embeds(article=article.url)),
        quotes=tuple(map(_make_quote_check, checked)),
        tally=tuple(VerdictCounts(name, sum(each.verdict == name for each in checked)) for name in _VERDICTS),
        trouble=trouble,
    )


def make_articles_page(index: Index, number: int) -> ArticlesPage:
    """List the articles of the page *number*, counted from 1."""
    start = (number - 1) * ARTICLES_PER_PAGE
    total = index.article_count()
    shown = tuple(
        ArticleRow(article.title or article.url, article_path(article.url), _article_facts(article))
        for article in islice(index.articles(offset=start), ARTICLES_PER_PAGE)
    )
    size = f"{total:,} article{'s' * (total != 1)} in this index"
    return ArticlesPage(size, shown, make_page_links("/articles", number, total=total, size=ARTICLES_PER_PAGE))


def _article_facts(article: Article) -> tuple[str, ...]:
    site = article.site or display_host(article.url)
    return tuple(filter(None, (site, article.author, article.date)))


def _make_embed_row(index: Index, state: EmbedRecord) -> EmbedRow:
    provider = _PROVIDER_LABELS.get(state.embed.provider, state.embed.provider)
    title, facts = "", [provider]
    if state.video:
        try:
            video = index.video(state.video)
        except NotIndexedError:
            pass
        else:
            title = video.title
            facts = [video.channel or video.site or provider, video.date]
    name = state.embed.label or title or state.embed.url
    facts = [title if title != name else "", *facts]
    return EmbedRow(
        title=name,
        video=video_path(state.video) if state.video else "",
        facts=tuple(filter(None, facts)),
        state=_STATE_LABELS.get(state.state, state.state.replace("-", " ")),
        tone=_STATE_TONES.get(state.state, "failed"),
        reason=state.reason,
    )


def _check_quotes(index: Index, article: Article) -> tuple[Sequence[CheckedQuote], str]:
    try:
        return index.quotes(article.url), ""
    except EngineError as error:
        return (), str(error)


def _make_quote_check(checked: CheckedQuote) -> QuoteCheck:
    hit = checked.hit
    text = checked.quotation.text
    return QuoteCheck(
        text=text,
        attribution=checked.quotation.attribution,
        verdict=checked.verdict,
        changes=checked.changes if checked.verdict == "near" else (),
        elsewhere=checked.elsewhere,
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text[:300]) if hit else "",
        source=(hit.video.title or hit.video.id) if hit else "",
        clock=f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}" if hit else "",
        search=search_path(text[:300]),
    )
