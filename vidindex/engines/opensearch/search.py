"""Runs queries on the passages that are visible at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from opensearchpy import OpenSearch

from ...model import QueryNode, WordsQuery
from ...store.opensearch.client import JsonObject, check_count, check_items, with_retries
from ..base import PassageCandidate
from ..terms import QueryTerm, is_scored, select_terms
from .commit_log import CommitLog
from .queries import collect_scored_tokens, hidden_clauses, translate_query
from .schema import PAIRS_FIELD, WORDS_FIELD

_MAX_PAGE_HITS = 10_000
"""Maximum hits in one response of the cluster."""

_STATISTICS_OPTIONS = {"term_statistics": True, "field_statistics": False, "positions": False, "offsets": False}


RANKED_PARAMS = {
    # A partial response would be wrong: retry if a shard is unavailable.
    "allow_partial_search_results": "false",
    "filter_path": "timed_out,hits.hits._score,hits.hits.sort",
}
"""The parameters of a search whose hits `list_ranked` returns."""


def list_ranked(answer: JsonObject) -> list[JsonObject]:
    """Return the hits in *answer*; the filtered response of a cluster to a search without hits has no list of them."""
    if answer["timed_out"]:  # a cluster always says so, and other servers do not
        raise ValueError("the search was not completed")
    hits: list[JsonObject] = answer["hits"]["hits"] if "hits" in answer else []
    return hits


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
            found += (PassageCandidate(int(values[-1]), score) for score, values in hits)
            if len(hits) < _MAX_PAGE_HITS:
                break
            after = hits[-1][1]
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
        request = partial(self._client.search, index=self._index, body=body, params=params)
        counts = with_retries(
            lambda: [
                int(each["doc_count"])
                for each in check_count(request()["aggregations"]["matched"]["buckets"], len(filters))
            ]
        )
        return [count > 0 for count in counts]

    def _fetch_page(
        self, translated: JsonObject, *, ranked: bool, size: int, after: Sequence[float]
    ) -> list[tuple[float, list[float]]]:
        """Return the score and the values to sort by of each passage; the last of these is its id."""
        body = {
            "size": size,
            "stored_fields": "_none_",
            "track_total_hits": False,
            "query": {"bool": {"must" if ranked else "filter": [translated], "must_not": self._hidden_clauses}},
            "sort": [*(["_score"] if ranked else []), {"passage": "asc"}],
            **({"search_after": list(after)} if after else {}),
        }
        request = partial(self._client.search, index=self._index, body=body, params=RANKED_PARAMS)
        return with_retries(
            lambda: [(float(hit["_score"] or 0.0), list(hit["sort"])) for hit in list_ranked(request())]
        )

    def _load_frequencies(self, tokens: Sequence[str]) -> None:
        """Load the frequency of each token and each adjacent pair from all shards, in one request."""
        asked = {
            "_index": self._index,
            "doc": {WORDS_FIELD: " ".join(tokens)},
            "fields": [WORDS_FIELD, PAIRS_FIELD],
            **_STATISTICS_OPTIONS,
        }
        body = {"docs": [{**asked, "routing": shard} for shard in self._shard_routes]}
        for text, is_pair, count in with_retries(
            lambda: list(
                _read_frequencies(check_items(self._client.mtermvectors(body=body)["docs"], len(body["docs"])))
            )
        ):
            self._frequencies[text, is_pair] = self._frequencies.get((text, is_pair), 0) + count

    def _select_terms(self, words: WordsQuery) -> list[QueryTerm]:
        return select_terms(words, frequency=self._document_frequency, passage_count=self._passage_count)

    def _document_frequency(self, text: str, is_pair: bool) -> int:
        return self._frequencies.get((text, is_pair), 0)


def _read_frequencies(shards: Sequence[JsonObject]) -> Iterator[tuple[str, bool, int]]:
    """Yield each token or pair, whether it is a pair, and its frequency in one of *shards*."""
    for shard in shards:
        for field, held in shard["term_vectors"].items():
            for text, statistics in held["terms"].items():
                yield text, field == PAIRS_FIELD, int(statistics.get("doc_freq", 0))
