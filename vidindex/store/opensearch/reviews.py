"""What people noted about quotations, in the documents of the articles on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...errors import NotIndexedError
from ...model import Review
from .client import JsonObject
from .records import build_article_document, parse_article_record
from .task_documents import document_key
from .texts import OpenSearchTexts


class OpenSearchReviews(OpenSearchTexts):
    """The methods of the store on a cluster that read and write reviews."""

    def list_reviews(self, article: str) -> list[Review]:
        record = self._find_article_record(article)
        return list(record.reviews) if record else []

    def edit_review(self, article: str, quote: str, edit: Callable[[Review], Review]) -> Review:
        self._indices.refuse_older_versions()
        edited = Review(article, quote)

        def edit_article(source: JsonObject | None) -> JsonObject:
            nonlocal edited
            if source is None or source["removed"]:
                raise NotIndexedError(article, "article")
            record = parse_article_record(source)
            reviews = {review.quote: review for review in record.reviews}
            edited = edit(reviews.get(quote) or Review(article, quote))
            return build_article_document(replace(record, reviews=tuple({**reviews, quote: edited}.values())))

        self._indices.articles.update(document_key(article), edit_article)
        return edited
