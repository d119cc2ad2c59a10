"""Runs queries on the passages that are visible at one moment."""

from __future__ import annotations

from collections.abc import Sequence

from opensearchpy import OpenSearch

from ...model import QueryNode, WordsQuery
from ...store.opensearch.client import JsonObject, check_items, with_retries
from ..base import PassageCandidate
from ..terms import QueryTerm, is_scored, select_terms
from .commit_log import CommitLog
from .queries import collect_scored_tokens, hidden_clauses, translate_query
from .schema import PAIRS_FIELD, WORDS_FIELD

_MAX_PAGE_HITS = 10_000
"""Maximum hits in one response of the cluster."""

_STATISTICS_OPTIONS = {"term_statistics": True, "field_statistics": False, "positions": False, "offsets": False}


class OpenSearchQueryRunner:
    """Runs one query on the visible passages; *shard_routes* has one routing value for each shard."""

    def __init__(
        self, client: OpenSearch, index: str, log: CommitLog, *, shard_routes: Sequence[str], passage_count: int
    ) -> None:
        self._client = client
        self._index = index
        self._hidden_clauses = hidden_clauses(log)
        self._shard_routes = shard_routes
        self._passage_count = max(1, passage_count)
        self._frequencies: dict[tuple[str, bool], int] = {}

    def find_best(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:
        """Return the *limit* best passages for *query*, best first; equal scores are ordered by passage id."""
        tokens = tuple(collect_scored_tokens(query))
        if tokens:
            self._load_frequencies(tokens)
        translated = translate_query(query, self._select_terms)
        found: list[PassageCandidate] = []
        after: list[float] = []
        while len(found) < limit:
            hits = self._fetch_page(
                translated, ranked=is_scored(query), size=min(limit - len(found), _MAX_PAGE_HITS), after=after
            )
            found += (PassageCandidate(hit["sort"][-1], hit["_score"] or 0.0) for hit in hits)
            if len(hits) < _MAX_PAGE_HITS:
                break
            after = hits[-1]["sort"]
        return found

    def find_matched(self, queries: Sequence[QueryNode]) -> list[bool]:
        """Return for each of *queries*, which produce no scores, whether any passage matches it, in one request."""
        filters = [translate_query(each, self._select_terms) for each in queries]
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"must_not": self._hidden_clauses}},
            "aggs": {"matched": {"filters": {"filters": filters}}},
        }
        params = {"allow_partial_search_results": "false", "filter_path": "aggregations"}
        answer = with_retries(lambda: self._client.search(index=self._index, body=body, params=params))
        return [bucket["doc_count"] > 0 for bucket in answer["aggregations"]["matched"]["buckets"]]

    def _fetch_page(
        self, translated: JsonObject, *, ranked: bool, size: int, after: Sequence[float]
    ) -> list[JsonObject]:
        body = {
            "size": size,
            "stored_fields": "_none_",
            "track_total_hits": False,
            "query": {"bool": {"must" if ranked else "filter": [translated], "must_not": self._hidden_clauses}},
            "sort": [*(["_score"] if ranked else []), {"passage": "asc"}],
            **({"search_after": list(after)} if after else {}),
        }
        # A partial response would be wrong: retry if a shard is unavailable.
        params = {"allow_partial_search_results": "false", "filter_path": "hits.hits._score,hits.hits.sort"}
        answer = with_retries(lambda: self._client.search(index=self._index, body=body, params=params))
        hits: list[JsonObject] = answer.get("hits", {}).get("hits", [])
        return hits

    def _load_frequencies(self, tokens: Sequence[str]) -> None:
        """Load the frequency of each token and each adjacent pair from all shards, in one request."""
        asked = {
            "_index": self._index,
            "doc": {WORDS_FIELD: " ".join(tokens)},
            "fields": [WORDS_FIELD, PAIRS_FIELD],
            **_STATISTICS_OPTIONS,
        }
        body = {"docs": [{**asked, "routing": shard} for shard in self._shard_routes]}
        for shard in with_retries(lambda: check_items(self._client.mtermvectors(body=body)["docs"])):
            for field, held in shard["term_vectors"].items():
                for text, statistics in held["terms"].items():
                    key = (text, field == PAIRS_FIELD)
                    self._frequencies[key] = self._frequencies.get(key, 0) + statistics.get("doc_freq", 0)

    def _select_terms(self, words: WordsQuery) -> list[QueryTerm]:
        return select_terms(words, frequency=self._document_frequency, passage_count=self._passage_count)

    def _document_frequency(self, text: str, is_pair: bool) -> int:
        return self._frequencies.get((text, is_pair), 0)
