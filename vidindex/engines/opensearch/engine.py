"""The engine of the extra `opensearch`: an OpenSearch cluster that any number of machines write and search.

The index is at a `ClusterEndpoint`; a second index, `NAME-commits`, has the commit log (`commit_log`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import compress
from typing import TypeVar

from opensearchpy import OpenSearch

from ...model import Passage, PhraseQuery, QueryNode
from ...store.opensearch.client import JsonObject, create_index, translate_errors, with_retries
from ...store.opensearch.endpoint import ClusterEndpoint
from ..base import Engine, PassageCandidate
from ..spelling import find_similar_words
from ..terms import MAX_TOKEN_CHARS
from .commit_log import CommitLog
from .committed_index import CommittedIndex
from .document_jobs import make_lines
from .schema import WORDS_FIELD, describe_index
from .search import OpenSearchQueryRunner

__all__ = ["OpenSearchEngine"]

_MAX_SUGGESTIONS = 50
"""Spelling suggestions to request from the cluster, of which the most likely are returned."""

T = TypeVar("T")


class OpenSearchEngine(Engine):
    """An engine in an index of an OpenSearch cluster."""

    name = "opensearch"

    def __init__(self, endpoint: ClusterEndpoint, *, create: bool = True) -> None:
        self._endpoint = endpoint
        with translate_errors(endpoint):
            self._index = CommittedIndex(endpoint, create_missing=self._create_index if create else None)
            self._shard_routes = _find_shard_routes(self._index.client, self._index.name)

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        with translate_errors(self._endpoint):
            self._index.replace_tracks(tracks, partial(make_lines, passages))

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> list[PassageCandidate]:
        return self._run(lambda runner: runner.find_best(query, limit=limit))

    def find_matched(self, queries: Sequence[QueryNode]) -> list[bool]:
        return self._run(lambda runner: runner.find_matched(queries)) if queries else []

    def _run(self, ask: Callable[[OpenSearchQueryRunner], list[T]]) -> list[T]:
        """Return what *ask* returns of the passages that are visible at one moment."""

        def run_queries(log: CommitLog) -> list[T]:
            return ask(
                OpenSearchQueryRunner(
                    self._index.client,
                    self._index.name,
                    log,
                    shard_routes=self._shard_routes,
                    passage_count=self._index.count_visible(log),
                )
            )

        with translate_errors(self._endpoint):
            return self._index.read_consistently(run_queries)

    def has_token(self, token: str) -> bool:
        return token in self.find_known_tokens([token])

    def find_known_tokens(self, tokens: Iterable[str]) -> set[str]:
        asked = list(tokens)
        return set(compress(asked, self.find_matched([PhraseQuery((token,)) for token in asked])))

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        token = token[:MAX_TOKEN_CHARS]
        words = self._suggest_tokens(token, max_edits=1 if len(token) < 6 else 2, prefix_length=0)
        return find_similar_words(token, words, limit=limit)

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        words = self._suggest_tokens(token[:MAX_TOKEN_CHARS], max_edits=2, prefix_length=prefix_chars)
        return sorted(words, key=lambda text: (-words[text], text))[:limit]

    def _suggest_tokens(self, token: str, *, max_edits: int, prefix_length: int) -> dict[str, int]:
        """Return the indexed tokens that differ from *token* by *max_edits* at most, with their frequencies."""
        term = {
            "field": WORDS_FIELD,
            "size": _MAX_SUGGESTIONS,
            "suggest_mode": "always",
            "max_edits": max_edits,
            "prefix_length": prefix_length,
            "min_word_length": 1,
            "string_distance": "damerau_levenshtein",
        }
        body = {"size": 0, "suggest": {"like": {"text": token, "term": term}}}
        with translate_errors(self._endpoint):
            request = partial(self._index.client.search, index=self._index.name, body=body)
            return with_retries(
                lambda: {
                    str(option["text"]): int(option["freq"])
                    for part in request()["suggest"]["like"]
                    for option in part["options"]
                }
            )

    def count_passages(self) -> int:
        with translate_errors(self._endpoint):
            return self._index.read_consistently(self._index.count_visible)

    def commit_stamp(self) -> tuple[int, ...]:
        return ()  # other machines may write at any time

    def close(self) -> None:
        self._index.close()

    def _create_index(self, client: OpenSearch, name: str) -> None:
        create_index(client, name, describe_index(self._endpoint))


def _find_shard_routes(client: OpenSearch, name: str) -> tuple[str, ...]:
    """Return a routing value for each shard, since statistics are requested per shard."""
    settings = partial(client.indices.get_settings, index=name, name="index.number_of_shards")
    wanted = with_retries(lambda: _read_shard_count(settings()))
    if wanted == 1:
        return ("0",)
    found: dict[int, str] = {}
    for value in map(str, range(100 * wanted)):
        if len(found) == wanted:
            break
        request = partial(client.search_shards, index=name, params={"routing": value})
        found.setdefault(with_retries(lambda: int(request()["shards"][0][0]["shard"])), value)  # noqa: B023
    return tuple(found.values())


def _read_shard_count(settings: JsonObject) -> int:
    (held,) = settings.values()
    return int(held["settings"]["index"]["number_of_shards"])
