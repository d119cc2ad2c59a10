"""The vectors of an index on a cluster: one document for each, in the index `NAME-opensearch-N-gist`.

A vector is a binary value, which a script compares with the query: that is exact, takes a third of a microsecond for
each vector, and needs no plugin.  A large index gets a graph of its vectors instead if the cluster has the k-NN plugin:
building it takes eight times as long, and a search then takes almost the same time whatever the size.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from ...errors import EngineError
from ...store.opensearch.bulk import BulkWrite, format_write
from ...store.opensearch.client import JsonObject, create_index, translate_errors, with_retries
from ...store.opensearch.endpoint import ClusterEndpoint
from ..gist.vectors import SCALE, quantize, unpack_key
from .commit_log import CommitLog
from .committed_index import CommittedIndex, delete_committed_index
from .queries import hidden_clauses, match_any, match_tracks, translate_query
from .schema import describe_vector_index, make_track_fields
from .search import RANKED_PARAMS, list_ranked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...model import PassageFields, QueryNode
    from ..gist.row_files import VectorRows

MIN_GRAPH_VECTORS = 300_000
"""The expected number of vectors from which an index gets a graph."""

_MIN_GRAPH_CANDIDATES = 1_000
"""How many vectors a search in the graph collects at least: of the best 150, it misses 2 % then, and 12 % with 150."""

_TRACKS_PER_PAGE = 10_000
_NOT_PARTIAL = {"allow_partial_search_results": "false"}

_BINARY_MAPPING = {"type": "binary", "doc_values": True}
_GRAPH_METHOD = {"name": "hnsw", "engine": "lucene", "space_type": "innerproduct"}

_SCRIPT = """
def vector = doc['vector'].value;
byte[] row = vector.bytes;
int at = vector.offset;
String query = params.query;
int product = 0;
for (int i = 0; i < query.length(); i += 8) {
  product += row[at] * (query.charAt(i) - 128) + row[at + 1] * (query.charAt(i + 1) - 128)
    + row[at + 2] * (query.charAt(i + 2) - 128) + row[at + 3] * (query.charAt(i + 3) - 128)
    + row[at + 4] * (query.charAt(i + 4) - 128) + row[at + 5] * (query.charAt(i + 5) - 128)
    + row[at + 6] * (query.charAt(i + 6) - 128) + row[at + 7] * (query.charAt(i + 7) - 128);
  at += 8;
}
return product > 0 ? product + 1 : 1.0 / (1 - product);
"""
"""The score of a vector, as the graph has it: a score must not be negative.

The components of the query are the characters of a string, since those of a list would be objects.
"""


class ClusterVectors:
    """The vectors of the engine at *engine*; any number of machines may write them.

    *expected* is the number of vectors to create the index for; None raises `EngineError` if it is missing.
    """

    def __init__(self, engine: ClusterEndpoint, *, dim: int, expected: int | None = None) -> None:
        self._engine = engine
        self._endpoint = replace(engine, name=vector_index_name(engine))
        self._dim = dim
        self._filters: list[JsonObject] = []
        with translate_errors(self._endpoint):
            create = None if expected is None else partial(self._create_index, with_graph=expected >= MIN_GRAPH_VECTORS)
            self._index = CommittedIndex(self._endpoint, create_missing=create)
            self._has_graph = self._read_mapping()["type"] == "knn_vector"
        if expected is not None:
            self._check_searches()

    def replace_tracks(self, tracks: Sequence[int], vectors: VectorRows, fields: Mapping[int, PassageFields]) -> None:
        """Delete the vectors of *tracks* and add *vectors*, in one commit; *fields* are those of their tracks."""
        with translate_errors(self._endpoint):
            self._index.replace_tracks(tracks, lambda commit: self._make_lines(vectors, fields, commit))

    def narrow(self, filters: QueryNode) -> ClusterVectors:
        """Return those of the tracks that *filters* select, with the same connections."""
        narrowed = copy(self)
        narrowed._filters = [*self._filters, translate_query(filters, lambda _: [])]
        return narrowed

    def nearest(
        self, vector: NDArray[Any], *, limit: int, tracks: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the keys and cosines of the *limit* windows nearest to *vector*, best first, only those of *tracks*.

        None as *tracks* means all of them.
        """
        if limit < 1 or (tracks is not None and not tracks):
            return []
        query = _pad(quantize(vector))
        with translate_errors(self._endpoint):
            return self._index.read_consistently(partial(self._find_nearest, query, limit, tracks))

    def count_rows(self) -> int:
        """Return the number of vectors."""
        with translate_errors(self._endpoint):
            return self._index.read_consistently(self._index.count_visible)

    def list_tracks(self) -> set[int]:
        """Return the tracks that have vectors."""
        with translate_errors(self._endpoint):
            return self._index.read_consistently(lambda log: set(self._find_tracks(log)))

    def find_damaged_files(self) -> list[str]:
        """Return an empty list: a cluster checks its own files."""
        return []

    def close(self) -> None:
        """Close the connections."""
        self._index.close()

    # Searches

    def _find_nearest(
        self, query: NDArray[Any], limit: int, tracks: Collection[int] | None, log: CommitLog
    ) -> list[tuple[int, float]]:
        selected = self._match_selected(log)
        if tracks is not None:
            selected["bool"]["filter"].append(match_any(match_tracks(sorted(tracks))))
        body = {
            "size": limit,
            "stored_fields": "_none_",
            "track_total_hits": False,
            "query": _graph_query(query, limit, selected) if self._has_graph else _script_query(query, selected),
            "sort": ["_score", {"key": "asc"}],
        }
        request = partial(self._index.client.search, index=self._index.name, body=body, params=RANKED_PARAMS)
        return with_retries(
            lambda: [(int(hit["sort"][1]), _to_cosine(float(hit["_score"]))) for hit in list_ranked(request())]
        )

    def _find_tracks(self, log: CommitLog) -> Iterator[int]:
        source = {"track": {"terms": {"field": "track"}}}
        after: JsonObject = {}
        while True:
            pages = {"composite": {"size": _TRACKS_PER_PAGE, "sources": [source], **after}}
            body = {"size": 0, "query": self._match_selected(log), "aggs": {"tracks": pages}}
            request = partial(self._index.client.search, index=self._index.name, body=body, params=_NOT_PARTIAL)
            found, key = with_retries(lambda: _read_tracks(request()))  # noqa: B023
            yield from found
            if len(found) < _TRACKS_PER_PAGE:
                return
            after = {"after": key}

    def _match_selected(self, log: CommitLog) -> JsonObject:
        """Return a query for the visible vectors that the filters select."""
        return {"bool": {"filter": [*self._filters], "must_not": hidden_clauses(log)}}

    # Documents

    def _make_lines(self, vectors: VectorRows, fields: Mapping[int, PassageFields], commit: int) -> Iterator[str]:
        stored = {track: make_track_fields(each) for track, each in fields.items()}
        for key, row in zip(vectors.keys.tolist(), vectors.rows, strict=True):
            track, _ = unpack_key(key)
            source = {"key": key, "track": track, "commit": commit, "vector": self._encode(row), **stored[track]}
            yield format_write(BulkWrite(f"{key}.{commit}", source))

    def _encode(self, row: NDArray[Any]) -> str | list[int]:
        padded = _pad(row)
        if self._has_graph:
            components: list[int] = padded.tolist()
            return components
        return base64.b64encode(padded.tobytes()).decode()

    # Opening

    def _create_index(self, client: OpenSearch, name: str, *, with_graph: bool) -> None:
        if with_graph and self._create_with_graph(client, name):
            return
        create_index(client, name, describe_vector_index(self._endpoint, self._dim, _BINARY_MAPPING))

    def _create_with_graph(self, client: OpenSearch, name: str) -> bool:
        """Create the index with a graph, and return whether the cluster has the plugin for it."""
        mapping = {"type": "knn_vector", "dimension": _padded_size(self._dim), "data_type": "byte"}
        mapping["method"] = _GRAPH_METHOD
        try:
            create_index(client, name, describe_vector_index(self._endpoint, self._dim, mapping, knn=True))
        except RequestError:  # there is no plugin, or it is too old; any other cause concerns the other kind, too
            return False
        return True

    def _check_searches(self) -> None:
        """Search once, so that a cluster that does not allow it is an error before anything is indexed."""
        import numpy as np

        self.nearest(np.zeros(self._dim, np.float32), limit=1)

    def _read_mapping(self) -> JsonObject:
        """Return the mapping of the vectors.  Raises `EngineError` if they have another number of dimensions."""
        dim, mapping = with_retries(lambda: _read_mappings(self._index.client.indices.get(index=self._index.name)))
        if dim != self._dim:
            raise EngineError("gist", f"the vectors of {self._endpoint} have another number of dimensions")
        return mapping


def vector_index_name(engine: ClusterEndpoint) -> str:
    """Return the name of the index of the vectors of the engine at *engine*, with which it is deleted."""
    return f"{engine.name}-gist"


def delete_engine_index(engine: ClusterEndpoint) -> None:
    """Delete the index of the engine at *engine*, and its vectors, if they exist."""
    delete_committed_index(engine, vector_index_name(engine))


def _read_mappings(answer: JsonObject) -> tuple[object, JsonObject]:
    """Return the number of dimensions, and the mapping of the vectors."""
    (found,) = answer.values()
    mappings: JsonObject = found["mappings"]
    return mappings.get("_meta", {}).get("dim"), dict(mappings["properties"]["vector"])


def _read_tracks(answer: JsonObject) -> tuple[list[int], object]:
    """Return a page of tracks, and what the next page comes after."""
    page = answer["aggregations"]["tracks"]
    return [int(bucket["key"]["track"]) for bucket in page["buckets"]], page.get("after_key")


def _pad(row: NDArray[Any]) -> NDArray[Any]:
    """Return *row* with as many zeros as make its size a multiple of eight."""
    import numpy as np

    return np.pad(row, (0, _padded_size(len(row)) - len(row)))


def _padded_size(dim: int) -> int:
    return -(-dim // 8) * 8


def _script_query(query: NDArray[Any], selected: JsonObject) -> JsonObject:
    text = "".join(chr(each + 128) for each in query.tolist())
    script = {"lang": "painless", "source": _SCRIPT, "params": {"query": text}}
    return {"script_score": {"query": selected, "script": script}}


def _graph_query(query: NDArray[Any], limit: int, selected: JsonObject) -> JsonObject:
    return {"knn": {"vector": {"vector": query.tolist(), "k": max(limit, _MIN_GRAPH_CANDIDATES), "filter": selected}}}


def _to_cosine(score: float) -> float:
    product = score - 1 if score >= 1 else 1 - 1 / score
    return product / SCALE**2
