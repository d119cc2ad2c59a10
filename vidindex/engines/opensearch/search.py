"""Rank the passages of one moment for one query."""

from __future__ import annotations

from collections.abc import Sequence

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, TransportError

from ...model import Node, Words
from ...store.opensearch.client import Json, patiently
from ..base import Candidate
from ..terms import Term, ranks, select
from .commit_log import Ledger
from .queries import asked_words, translate, unseen
from .schema import PAIRS, WORDS

_PAGE = 10_000
"""Hits of one answer: the cluster gives no more at once."""

_STATISTICS = {"term_statistics": True, "field_statistics": False, "positions": False, "offsets": False}


class Search:
    """One query over what *ledger* lets see; *shards* holds one routing value for each shard."""

    def __init__(self, client: OpenSearch, index: str, ledger: Ledger, *, shards: Sequence[str], passages: int) -> None:
        self._client = client
        self._index = index
        self._unseen = unseen(ledger)
        self._shards = shards
        self._passages = max(1, passages)
        self._frequencies: dict[tuple[str, bool], int] = {}

    def best(self, query: Node, *, limit: int) -> list[Candidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""
        tokens = tuple(asked_words(query))
        if tokens:
            self._count(tokens)
        translated = translate(query, self._choose)
        found: list[Candidate] = []
        after: list[float] = []
        while len(found) < limit:
            hits = self._page(translated, ranked=ranks(query), size=min(limit - len(found), _PAGE), after=after)
            found += (Candidate(hit["sort"][-1], hit["_score"] or 0.0) for hit in hits)
            if len(hits) < _PAGE:
                break
            after = hits[-1]["sort"]
        return found

    def _page(self, translated: Json, *, ranked: bool, size: int, after: Sequence[float]) -> list[Json]:
        body = {
            "size": size,
            "stored_fields": "_none_",
            "track_total_hits": False,
            "query": {"bool": {"must" if ranked else "filter": [translated], "must_not": self._unseen}},
            "sort": [*(["_score"] if ranked else []), {"passage": "asc"}],
            **({"search_after": list(after)} if after else {}),
        }
        # Half an answer would be a wrong one: where a shard is away for a moment, it is asked again.
        params = {"allow_partial_search_results": "false", "filter_path": "hits.hits._score,hits.hits.sort"}
        answer = patiently(lambda: self._client.search(index=self._index, body=body, params=params))
        hits: list[Json] = answer.get("hits", {}).get("hits", [])
        return hits

    def _count(self, tokens: Sequence[str]) -> None:
        """Learn how many passages hold each token and each two adjacent ones, from every shard in one request."""
        asked = {
            "_index": self._index,
            "doc": {WORDS: " ".join(tokens)},
            "fields": [WORDS, PAIRS],
            **_STATISTICS,
        }
        body = {"docs": [{**asked, "routing": shard} for shard in self._shards]}
        for shard in patiently(lambda: _whole(self._client.mtermvectors(body=body)["docs"])):
            for field, held in shard["term_vectors"].items():
                for text, statistics in held["terms"].items():
                    key = (text, field == PAIRS)
                    self._frequencies[key] = self._frequencies.get(key, 0) + statistics.get("doc_freq", 0)

    def _choose(self, words: Words) -> list[Term]:
        return select(words, frequency=self._frequency, passages=self._passages)

    def _frequency(self, text: str, is_pair: bool) -> int:
        return self._frequencies.get((text, is_pair), 0)


def _whole(shards: list[Json]) -> list[Json]:
    """Raise what the client would have, had it looked: an answer for several may be an error for one."""
    for shard in shards:
        if error := shard.get("error"):
            missing = error["type"] == "index_not_found_exception"
            raise NotFoundError(404, error["type"], error) if missing else TransportError(503, error["type"], error)
    return shards
