"""The texts of a store on a cluster: fields of the documents of videos and articles, written with them.

Documents of an older version have no such fields; `index_texts` adds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ...model import FieldTerm, QueryNode, TextKind, TextMatch, TextQuery
from ..texts import find_words
from .client import JsonObject
from .documents import DocumentIndex
from .index_sync import OpenSearchIndexSync
from .reader import NOT_REMOVED_QUERY, SORT_BY_ADDED
from .records import (
    TEXT_FIELDS,
    TEXT_FORMAT,
    build_article_document,
    parse_article_record,
)
from .task_documents import document_key
from .text_queries import (
    MATCH_NONE,
    list_field_terms,
    match_every,
    match_field,
    match_phrase,
    translate_text_node,
)

_MAX_WINDOW = 10_000
"""Maximum number of texts among which a page is chosen."""

_MAX_FILTER_ARTICLES = 1_000
_VIDEO_FIELDS = ("title", "channel", "site", "kind", "lang")
_ARTICLE_FIELDS = ("article", "lang")
_NEWEST = {"text_date": {"order": "desc", "unmapped_type": "long"}}

_VideosByField = dict[FieldTerm, list[str]]
"""The keys of the videos that an article, or its label, selects."""


class OpenSearchTexts(OpenSearchIndexSync):
    """The methods of the store on a cluster that index and find texts."""

    def count_stale_texts(self) -> int:
        return sum(self._count_stale(documents) for documents in self._text_documents())

    def index_texts(self, *, rebuild: bool = False) -> None:
        for documents in self._text_documents():
            if not rebuild and not self._count_stale(documents):
                continue
            documents.add_fields(TEXT_FIELDS)
            query = NOT_REMOVED_QUERY if rebuild else _STALE_QUERY
            if documents is self._indices.videos:
                self._update_videos(documents.search(query, sort=SORT_BY_ADDED), lambda record: record)
            else:  # one by one, since their texts may be long
                for each in documents.search(query, sort=SORT_BY_ADDED, fields=[]):
                    documents.update(each.id, self._edit_article)
            documents.refresh()

    def count_texts(self, query: TextQuery) -> dict[TextKind, int]:
        filters = {kind: {"filter": self._match_kind(query, kind)} for kind in query.kinds}
        counts: dict[TextKind, int] = {}
        for documents in self._text_documents(refresh=False):
            kinds = [kind for kind in query.kinds if self._documents_of(kind) is documents]
            if kinds:
                found = documents.aggregate(
                    {kind: filters[kind] for kind in kinds},
                    lambda results: {kind: int(results[kind]["doc_count"]) for kind in kinds},  # noqa: B023
                )
                counts |= {kind: count for kind, count in found.items() if count}
        return counts

    def find_texts(self, query: TextQuery, *, offset: int, limit: int) -> list[TextMatch]:
        wanted = min(offset + limit, _MAX_WINDOW)
        if offset >= wanted:
            return []
        found: list[tuple[tuple[object, ...], TextMatch]] = []
        for number, kind in enumerate(query.kinds):
            if query.newest_first or len(found) < wanted:
                found += self._find_kind(query, kind, number, wanted)
        if query.newest_first:
            found.sort(key=lambda each: each[0])
        return [match for _, match in found[offset:wanted]]

    def _find_kind(
        self, query: TextQuery, kind: TextKind, number: int, limit: int
    ) -> Iterator[tuple[tuple[object, ...], TextMatch]]:
        """Yield the first texts of *kind*, each with what orders it among other kinds."""
        documents = self._documents_of(kind)
        words = find_words(query.node)
        matched: JsonObject = {"bool": {"filter": [self._match_kind(query, kind)]}}
        if words is not None and not query.newest_first:
            phrase = match_phrase(f"texts.{kind}", words.tokens)
            matched["bool"]["should"] = [{"constant_score": {"filter": phrase, "boost": 1.0}}]
        sort: Sequence[JsonObject] = [{"_score": {"order": "desc"}}, _NEWEST, *SORT_BY_ADDED]
        fields = ["article.url", "video.id"]
        for each in documents.search_first(matched, sort=sort, limit=limit, fields=fields):
            with each.source.reading():
                name = each.source["article"]["url"] if kind == "article" else each.source["video"]["id"]
            date = each.sort[1]
            order = (-date if isinstance(date, int) else 0, each.sort[2], number)
            yield order, TextMatch(kind, name)

    def _match_kind(self, query: TextQuery, kind: TextKind) -> JsonObject:
        """Return the query of the documents whose text of *kind* matches."""
        field = f"texts.{kind}"
        clauses = [NOT_REMOVED_QUERY, {"exists": {"field": field}}]
        if query.videos:
            keys = [document_key(name) for name in sorted(query.videos)[:_MAX_WINDOW]]
            clauses.append(MATCH_NONE if kind == "article" else {"terms": {"key": keys}})
        return match_every([*clauses, self._translate(query.node, field, kind)])

    def _translate(self, node: QueryNode, field: str, kind: TextKind) -> JsonObject:
        if kind == "article":
            return translate_text_node(node, field, _match_article_field)
        selected = {
            term: self._videos_in_articles(term)
            for term in list_field_terms(node)
            if term.field_name in ("article", "label")
        }
        return translate_text_node(node, field, partial(_match_video_field, selected))

    def _videos_in_articles(self, term: FieldTerm) -> list[str]:
        """Return the keys of the videos in articles that *term* selects by their name or by the label of the video."""
        query = match_every([NOT_REMOVED_QUERY, match_field(f"fields.{term.field_name}", term)])
        fields = ["videos", "embeds", "fields.label"]
        names: dict[str, None] = {}
        for each in self._indices.articles.search_first(
            query, sort=SORT_BY_ADDED, limit=_MAX_FILTER_ARTICLES, fields=fields
        ):
            if term.field_name == "article":
                names |= dict.fromkeys(each.source["videos"])
            else:
                with each.source.reading():
                    pairs = zip(each.source["embeds"], each.source["fields"]["label"], strict=False)
                    names |= dict.fromkeys(embed["video"] for embed, label in pairs if _has_tokens(label, term))
        return [document_key(name) for name in names if name][:_MAX_WINDOW]

    def _documents_of(self, kind: TextKind) -> DocumentIndex:
        return self._indices.articles if kind == "article" else self._indices.videos

    def _text_documents(self, *, refresh: bool = True) -> Iterator[DocumentIndex]:
        for documents in (self._indices.videos, self._indices.articles):
            if refresh:
                documents.refresh()
            yield documents

    def _count_stale(self, documents: DocumentIndex) -> int:
        return documents.count(_STALE_QUERY)

    @staticmethod
    def _edit_article(source: JsonObject | None) -> JsonObject | None:
        return build_article_document(parse_article_record(source)) if source else None


_STALE_QUERY: JsonObject = {
    "bool": {"filter": [NOT_REMOVED_QUERY], "must_not": [{"term": {"text_format": TEXT_FORMAT}}]}
}


def _match_video_field(selected: _VideosByField, term: FieldTerm) -> JsonObject:
    if term in selected:
        return {"terms": {"key": selected[term]}}
    return match_field(f"fields.{term.field_name}", term) if term.field_name in _VIDEO_FIELDS else MATCH_NONE


def _match_article_field(term: FieldTerm) -> JsonObject:
    return match_field(f"fields.{term.field_name}", term) if term.field_name in _ARTICLE_FIELDS else MATCH_NONE


def _has_tokens(label: str, term: FieldTerm) -> bool:
    wanted = f" {' '.join(term.tokens)}"
    return f"{wanted}{'' if term.is_prefix else ' '}" in f" {label} "
