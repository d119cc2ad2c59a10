"""The page of one article: the videos in it, and what it quotes beside what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import EngineError, NotIndexedError
from ...model import Article, EmbedState
from ...transcripts.timecode import clock
from .pagination import Pages, pages_of
from .urls import article_path, host_of, search_path, video_path, web_link

if TYPE_CHECKING:
    from ...library import Index
    from ...verify.check import Change, CheckedQuote

PAGE = 50
_VERDICTS = ("verbatim", "near", "not found")
_STATES = {
    "done": "in the index",
    "attached": "in the index",
    "waiting": "waiting",
    "later": "to be asked again",
    "dead": "plays no more",
    "gone": "gone",
}
_PROVIDERS = {"html5": "a media file", "page": "a page of its own"}
_TONES = {"done": "done", "attached": "done", "waiting": "waiting", "later": "later", "live": "later"}


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
class Check:
    """A quotation beside what was said; *href* plays it, *search* looks for it where nothing was found."""

    text: str
    attribution: str
    verdict: str
    changes: tuple[Change, ...]
    elsewhere: bool
    href: str
    source: str
    clock: str
    search: str


@dataclass(frozen=True, slots=True)
class Tally:
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
    quotes: tuple[Check, ...]
    tally: tuple[Tally, ...]
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
    pages: Pages


def article_page(index: Index, url: str) -> ArticlePage:
    """Show the article at *url*, which is never asked for.  Raises `NotIndexedError` where the index has it not."""
    article = index.article(url)
    checked, trouble = _checked(index, article)
    return ArticlePage(
        title=article.title or article.url,
        url=article.url,
        href=web_link(article.url),
        facts=_facts(article),
        embeds=tuple(_embed(index, state) for state in index.embeds(article=article.url)),
        quotes=tuple(map(_check, checked)),
        tally=tuple(Tally(name, sum(each.verdict == name for each in checked)) for name in _VERDICTS),
        trouble=trouble,
    )


def articles_page(index: Index, number: int) -> ArticlesPage:
    """List the articles of the page *number*, counted from 1."""
    start = (number - 1) * PAGE
    total = index.article_count()
    shown = tuple(
        ArticleRow(article.title or article.url, article_path(article.url), _facts(article))
        for article in islice(index.articles(offset=start), PAGE)
    )
    size = f"{total:,} article{'s' * (total != 1)} in this index"
    return ArticlesPage(size, shown, pages_of("/articles", number, total=total, size=PAGE))


def _facts(article: Article) -> tuple[str, ...]:
    site = article.site or host_of(article.url)
    return tuple(filter(None, (site, article.author, article.date)))


def _embed(index: Index, state: EmbedState) -> EmbedRow:
    provider = _PROVIDERS.get(state.embed.provider, state.embed.provider)
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
        state=_STATES.get(state.state, state.state.replace("-", " ")),
        tone=_TONES.get(state.state, "failed"),
        reason=state.reason,
    )


def _checked(index: Index, article: Article) -> tuple[Sequence[CheckedQuote], str]:
    try:
        return index.quotes(article.url), ""
    except EngineError as error:
        return (), str(error)


def _check(checked: CheckedQuote) -> Check:
    hit = checked.hit
    text = checked.quotation.text
    return Check(
        text=text,
        attribution=checked.quotation.attribution,
        verdict=checked.verdict,
        changes=checked.changes if checked.verdict == "near" else (),
        elsewhere=checked.elsewhere,
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text[:300]) if hit else "",
        source=(hit.video.title or hit.video.id) if hit else "",
        clock=f"{clock(hit.start_ms)}–{clock(hit.end_ms)}" if hit else "",
        search=search_path(text[:300]),
    )
