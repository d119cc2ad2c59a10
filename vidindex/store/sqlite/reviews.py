"""What people noted about quotations, in the store of a folder."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import NotIndexedError
from ...model import Review
from . import rows
from .texts import SqliteTexts

_WAIT_S = 5.0
"""How long a note waits for other writers: somebody waits for it in turn."""

_SELECT = (
    "SELECT quote, done, note, review.changed FROM review JOIN article ON article.id = review.article WHERE url = ?"
)
_UPSERT = (
    f"INSERT INTO review ({rows.REVIEW_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (article, quote) "
    "DO UPDATE SET (done, note, changed) = (excluded.done, excluded.note, excluded.changed)"
)


class SqliteReviews(SqliteTexts):
    """The methods of the store in a folder that read and write reviews."""

    def list_reviews(self, article: str) -> list[Review]:
        found = self._fetch_all(f"{_SELECT} ORDER BY review.id", (article,))
        with self._db.translate_errors():
            return [rows.row_to_review(row, article=article) for row in found]

    def edit_review(self, article: str, quote: str, edit: Callable[[Review], Review]) -> Review:
        with self._db.brief_transaction(_WAIT_S) as sql:
            owner = sql.execute("SELECT id FROM article WHERE url = ?", (article,)).fetchone()
            if owner is None:
                raise NotIndexedError(article, "article")
            row = sql.execute(f"{_SELECT} AND quote = ?", (article, quote)).fetchone()
            review = edit(rows.row_to_review(row, article=article) if row else Review(article, quote))
            sql.execute(_UPSERT, (owner[0], quote, int(review.done), review.note, review.changed))
        return review
