"""The pages of articles: embedded videos, and quotes compared with the transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import EngineError, NotIndexedError, TooBusyError
from ...model import Article, EmbedRecord, StatusWord, status_word
from ..plain_text import pluralize
from ..search import check_article_quotes
from .pagination import PageLinks, make_page_links
from .reasons import format_public_reason
from .report import QuotesReport, ReportRequest, make_report
from .urls import article_path, display_host, safe_web_url, video_path

if TYPE_CHECKING:
    from ...library import Index
    from ...verify.check import CheckedQuote

ARTICLES_PER_PAGE = 50
_PROVIDER_LABELS = {"html5": "media file", "page": "separate page"}


@dataclass(frozen=True, slots=True)
class EmbedRow:
    """An embed of the article; *video* is the path of its video page, empty if it has not been resolved."""

    title: str
    video: str
    facts: tuple[str, ...]
    status: StatusWord
    reason: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """The page of an article; *error* says why its quotes could not be checked, so that *report* has only reviews."""

    title: str
    url: str
    href: str
    facts: tuple[str, ...]
    embeds: tuple[EmbedRow, ...]
    report: QuotesReport
    error: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the list of articles."""

    title: str
    href: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    """A page of the list of articles."""

    size: str
    articles: tuple[ArticleRow, ...]
    pages: PageLinks


def make_article_page(index: Index, url: str, request: ReportRequest) -> ArticlePage:
    """Return the page of the indexed article at *url*, which is not fetched.

    Raises `NotIndexedError` if the index does not have it.
    """
    article = index.article(url)
    report, error = _make_report(index, article, request)
    return ArticlePage(
        title=article.title or article.url,
        url=article.url,
        href=safe_web_url(article.url),
        facts=_article_facts(article),
        embeds=tuple(_make_embed_row(index, record) for record in index.embeds(article=article.url)),
        report=report,
        error=error,
    )


def make_articles_page(index: Index, number: int) -> ArticlesPage:
    """Return the page *number*, counted from 1, of the list of articles."""
    start = (number - 1) * ARTICLES_PER_PAGE
    total = index.article_count()
    rows = tuple(
        ArticleRow(article.title or article.url, article_path(article.url), _article_facts(article))
        for article in islice(index.articles(offset=start), ARTICLES_PER_PAGE)
    )
    size = f"{pluralize(total, 'article')} in this index"
    return ArticlesPage(size, rows, make_page_links("/articles", number, total=total, size=ARTICLES_PER_PAGE))


def _article_facts(article: Article) -> tuple[str, ...]:
    site = article.site or display_host(article.url)
    captured = f"captured {article.captured[:10]}" if article.captured else ""
    return tuple(filter(None, (site, article.author, article.date, captured)))


def _make_embed_row(index: Index, record: EmbedRecord) -> EmbedRow:
    provider = _PROVIDER_LABELS.get(record.embed.provider, record.embed.provider)
    title, facts, status = "", [provider], status_word(record.state)
    if record.video:
        try:
            video = index.video(record.video)
        except NotIndexedError:
            pass
        else:
            title = video.title
            facts = [video.channel or video.site or provider, video.date]
            if status == "indexed" and not index.tracks(video.id):
                # With a reason, the site has captions that cannot be read.
                status = "failed" if record.reason and not record.is_replaced else "no captions"
    name = record.embed.label or title or f"Video of {display_host(record.embed.url) or provider}"
    facts = [title if title != name else "", *facts]
    return EmbedRow(
        title=name,
        video=video_path(record.video) if record.video else "",
        facts=tuple(filter(None, facts)),
        status=status,
        reason=format_public_reason(record.reason),
    )


def _make_report(index: Index, article: Article, request: ReportRequest) -> tuple[QuotesReport, str]:
    checked: Sequence[CheckedQuote] = ()
    error = ""
    try:
        checked = check_article_quotes(index, article.url)
    except (EngineError, TooBusyError) as exc:
        error = str(exc)
    return make_report(article.url, checked, index.reviews(article.url), request), error
