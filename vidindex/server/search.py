"""One page of search results with its facets, for the API and the search page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engines.cpu_limit import check_cpu_time, limit_cpu_time
from ..errors import BadRequestError
from ..model import Hit
from ..search.by_video import VideoHits as VideoHits
from ..search.facets import Facet as Facet
from ..search.found_moments import MAX_COUNTED_HITS
from ..search.options import SearchOptions
from ..search.scope import split_scope
from ..search.texts import TextHits
from ..search.trend import Trend, TrendGroup
from ..search.unknown_values import UnknownValue as UnknownValue
from .params import SearchParams

if TYPE_CHECKING:
    from ..library import Index
    from ..verify.check import CheckedQuote
    from ..verify.claims import Claim
    from ..verify.verdicts import Verdict

MAX_SCAN_CPU_S = 20.0
"""Maximum processor time to count a trend, or the words of speakers, which read the whole index."""

_MAX_QUOTES_CPU_S = 10.0
"""Maximum processor time to check the quotations of one article, or the claims of one request."""


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """A page of hits, or of *videos* with their best hits.

    *total* counts the hits of the whole search, *total_videos* its videos; if *is_more*, they are lower bounds.
    *corrected* is the query whose results these are if nothing matches the given one; *suggestion* would find some.
    *gist* are the hits in other words, which the index finds if it *has_vectors*.  A search for *texts* has no hits.
    """

    hits: tuple[Hit, ...] = ()
    videos: tuple[VideoHits, ...] = ()
    total: int = 0
    total_videos: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()
    suggestion: str = ""
    corrected: str = ""
    unknown: tuple[UnknownValue, ...] = ()
    took_ms: float = 0.0
    gist: tuple[Hit, ...] = ()
    has_vectors: bool = False
    texts: TextHits | None = None


def run_search(index: Index, search_params: SearchParams) -> ResultsPage:
    """Return the page of results that *search_params* ask for.

    Raises `QuerySyntaxError`, `EngineError`.
    """
    started_at = time.perf_counter()
    if search_params.texts or split_scope(search_params.q)[0]:
        page = ResultsPage(texts=index.search_texts(search_params.q, options=search_options(search_params)))
    else:
        page = _search_speech(index, search_params)
    return replace(page, took_ms=round((time.perf_counter() - started_at) * 1000, 1))


def _search_speech(index: Index, search_params: SearchParams) -> ResultsPage:
    has_vectors = bool(index.gist_model)
    if search_params.gist == "1" and not has_vectors:
        raise BadRequestError("gist", "this index has no vectors, which a search in other words needs")
    run = _search_videos if search_params.by == "video" else _search_moments
    page = run(index, search_params)
    suggestion = page.corrected
    unknown: tuple[UnknownValue, ...] = ()
    options = search_options(search_params)
    if search_params.q and not page.total and not search_params.correct:
        suggestion = index.suggest(search_params.q, options=options) or ""
    if not page.total or page.corrected:
        unknown = tuple(index.find_unknown_values(search_params.q, options=options))
    if has_vectors and search_params.page == 1 and not (page.total or page.gist or search_params.gist):
        page = replace(page, gist=tuple(index.suggest_gist(search_params.q, options=options)))
    return replace(page, suggestion=suggestion, unknown=unknown, has_vectors=has_vectors)


def _search_moments(index: Index, search_params: SearchParams) -> ResultsPage:
    first = (search_params.page - 1) * search_params.page_size
    options = search_options(search_params)
    options = replace(options, limit=max(0, min(options.limit, MAX_COUNTED_HITS - first)))
    page = index.search_page(search_params.q, options=options, correct=search_params.correct)
    return ResultsPage(
        page.hits,
        total=page.total,
        is_more=page.is_more,
        facets=page.facets,
        corrected=page.corrected,
        gist=page.gist,
    )


def _search_videos(index: Index, search_params: SearchParams) -> ResultsPage:
    options = search_options(search_params)
    page = index.search_videos(search_params.q, options=options, correct=search_params.correct)
    return ResultsPage(
        tuple(hit for video in page for hit in video.hits),
        page.videos,
        total=page.total,
        total_videos=page.total_videos,
        is_more=page.is_more,
        facets=page.facets,
        corrected=page.corrected,
        gist=tuple(hit for video in page.gist for hit in video.hits),
    )


def run_trend(index: Index, search_params: SearchParams, by: TrendGroup) -> Trend:
    """Return the trend that *search_params* ask for.

    Raises `QuerySyntaxError`, `EngineError`, `TooBusyError` if it takes too much processor time.
    """
    if search_params.match == "gist":
        raise BadRequestError("match", "mentions are counted word for word, or with similar words")
    with limit_cpu_time(MAX_SCAN_CPU_S):
        return index.trend(search_params.q, by=by, options=search_options(search_params))


def check_article_quotes(index: Index, article: str) -> list[CheckedQuote]:
    """Return the quotations of *article*, a URL in *index*, with their verdicts.

    Raises `EngineError`, `TooBusyError` if it takes too much processor time.
    """
    with limit_cpu_time(_MAX_QUOTES_CPU_S):
        return index.quotes(article)


def verify_claims(index: Index, claims: Sequence[Claim]) -> list[Verdict]:
    """Return a verdict for each of *claims*; nothing is read from the network.

    Raises `EngineError`, `TooBusyError` if it takes too much processor time.
    """
    with limit_cpu_time(_MAX_QUOTES_CPU_S):
        verdicts = []
        for verdict in index.verify(claims):
            verdicts.append(verdict)
            check_cpu_time()
        return verdicts


def search_options(search_params: SearchParams) -> SearchOptions:
    """Return the options of the page of results that *search_params* ask for."""
    return SearchOptions(
        limit=search_params.page_size,
        offset=(search_params.page - 1) * search_params.page_size,
        match=search_params.match or None,
        sort=search_params.sort,
        site=search_params.site,
        channel=search_params.channel,
        kind=search_params.kind,
        lang=search_params.lang,
        article=search_params.article,
        after=search_params.first_day,
        before=search_params.last_day,
        videos=frozenset([search_params.video] if search_params.video else []),
        texts=search_params.texts,
        origin=search_params.origin or None,
        speaker=search_params.speaker,
        gist=search_params.gist == "1",
    )
