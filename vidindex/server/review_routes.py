"""Reviews of quotations, the only requests that change an index, and the export of the report with them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import BadRequestError, IndexBusyError, IndexUnusableError, OptionError
from ..model import MAX_NOTE_CHARS, Article, Review
from ..verify.quotations import extract_quotations
from ..verify.reports.markdown import render_markdown
from ..verify.reports.table import render_csv
from ..verify.reports.wording import ReportHead
from ..verify.verdicts import Verdict
from .pages import get_index
from .params import MAX_FILTER_CHARS, MAX_QUERY_CHARS, parse_choice
from .responses import file_response, json_response
from .search import check_article_quotes
from .security import explain_read_only
from .serialize import serialize_article, serialize_review, serialize_verdict
from .views.urls import display_host

if TYPE_CHECKING:
    from ..library import Index

REVIEWS_PATH = "/api/reviews"
"""The only address whose requests change an index."""

_TEXT_LIMITS = {"article": MAX_FILTER_CHARS, "quote": MAX_QUERY_CHARS, "note": MAX_NOTE_CHARS}


@dataclass(frozen=True, slots=True)
class ReviewEdit:
    """A change of the review of a quotation; None keeps a value."""

    article: str
    quote: str
    done: bool | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedReport:
    """The verdicts on the quotations of an article, with all reviews of it."""

    article: Article
    verdicts: tuple[Verdict, ...]
    reviews: tuple[Review, ...]
    engine: str


def parse_review_edit(body: bytes) -> ReviewEdit:
    """Parse the body `{"article": …, "quote": …, "done": …, "note": …}` of a request.

    Raises `BadRequestError` if it is anything else.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequestError("body", "it is not JSON") from exc
    if not isinstance(given, dict) or not {"article", "quote"} <= given.keys() <= {*_TEXT_LIMITS, "done"}:
        raise BadRequestError("body", "it must be an object with article, quote, and done or note or both")
    for name, limit in _TEXT_LIMITS.items():
        if name in given and (not isinstance(given[name], str) or len(given[name]) > limit):
            raise BadRequestError(name, f"must be a text of at most {limit:,} characters")
    if not isinstance(given.get("done", False), bool):
        raise BadRequestError("done", "must be true or false")
    return ReviewEdit(**given)


def _save_review(request: Request) -> Response:
    if reason := explain_read_only(request):
        raise HTTPException(403, f"ticks and notes are only shown: {reason}")
    edit = parse_review_edit(request.scope["body"])
    index = get_index(request)
    article = index.article(edit.article)
    if not _is_known_quote(index, article, edit.quote):
        raise BadRequestError("quote", "the article does not print this quotation any more: load the page again")
    response = json_response(serialize_review(_store_edit(index, edit)))
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_known_quote(index: Index, article: Article, quote: str) -> bool:
    if any(review.quote == quote for review in index.reviews(article.url)):
        return True
    return any(quotation.text == quote for quotation in extract_quotations(article.text))


def _store_edit(index: Index, edit: ReviewEdit) -> Review:
    try:
        return index.save_review(edit.article, edit.quote, done=edit.done, note=edit.note)
    except OptionError as exc:
        raise BadRequestError("note", exc.reason) from exc
    except IndexBusyError:
        raise
    except IndexUnusableError as exc:
        raise HTTPException(500, "the index cannot be written to: see the server log") from exc


def _send_report(request: Request) -> Response:
    params = request.query_params
    form = parse_choice(params, "format", _WRITERS)
    index = get_index(request)
    article = index.article(params.get("url", ""))
    checked = check_article_quotes(index, article.url)
    verdicts = tuple(each.details for each in checked if each.details)
    write, media_type = _WRITERS[form]
    text = write(ExportedReport(article, verdicts, tuple(index.reviews(article.url)), index.engine))
    return file_response(text, media_type, _file_name(article, form), Cache_Control="no-store")


def _file_name(article: Article, form: str) -> str:
    """Return a name of letters, digits and hyphens only: hosts of articles are written by others."""
    words = re.sub(r"[^a-z0-9]+", "-", display_host(article.url)[:60].lower()).strip("-")
    return f"quotes-{words or 'article'}.{form}"


def _write_csv(report: ExportedReport) -> str:
    return render_csv(report.verdicts, report.reviews)


def _write_markdown(report: ExportedReport) -> str:
    program = f"{version('vidindex')} with {report.engine}"
    today = time.strftime("%Y-%m-%d")
    head = ReportHead(report.article.title or report.article.url, report.article.url, program, today)
    return render_markdown(report.verdicts, head, report.reviews)


def _write_json(report: ExportedReport) -> str:
    by_quote = {review.quote: review for review in report.reviews}
    printed = {verdict.claim.quote for verdict in report.verdicts}
    fields = {
        "article": serialize_article(report.article),
        "verdicts": [
            {**serialize_verdict(each), "review": _serialize_review_of(by_quote.get(each.claim.quote))}
            for each in report.verdicts
        ],
        "other_reviews": [
            serialize_review(review) for review in report.reviews if review.quote not in printed and not review.is_empty
        ],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def _serialize_review_of(review: Review | None) -> object:
    return serialize_review(review) if review else None


_WRITERS: dict[str, tuple[Callable[[ExportedReport], str], str]] = {
    "csv": (_write_csv, "text/csv; charset=utf-8"),
    "json": (_write_json, "application/json"),
    "md": (_write_markdown, "text/markdown; charset=utf-8"),
}

routes: list[BaseRoute] = [
    Route(REVIEWS_PATH, _save_review, methods=["POST"]),
    Route("/report", _send_report),
]
"""Routes of reviews."""
