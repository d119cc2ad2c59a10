"""What the cluster is told about passages: settings, mapping, and one document a passage."""

from __future__ import annotations

from ...model import Passage
from ...store.opensearch.client import Json, replicas
from ...store.opensearch.endpoint import Endpoint
from ..terms import FIELDS, MAX_TOKEN, clipped, day, field_texts, pair

WORDS = "words"
PAIRS = "words.pairs"

_TEXT = {"type": "text", "analyzer": "spaced", "norms": False}
_NUMBER = {"type": "long"}

LEDGER = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2"},
    "mappings": {"dynamic": "false", "properties": {}},
}
"""The index that holds the one document of `commits`: it is only ever read by its id."""


def index(endpoint: Endpoint) -> Json:
    """Describe the index of passages."""
    return {"settings": _settings(endpoint), "mappings": _mappings()}


def _settings(endpoint: Endpoint) -> Json:
    return {
        "number_of_shards": endpoint.shards,
        # Whoever commits refreshes: between commits there is nothing that a search may see.
        "refresh_interval": "-1",
        "analysis": _analysis(),
        **replicas(endpoint),
    }


def _analysis() -> Json:
    longest = 2 * len(pair("𝔸" * MAX_TOKEN, ""))  # it counts in halves of such a character
    return {
        "tokenizer": {"spaced": {"type": "whitespace", "max_token_length": longest}},
        "filter": {
            "adjacent": {
                "type": "shingle",
                "min_shingle_size": 2,
                "max_shingle_size": 2,
                "output_unigrams": False,
                "token_separator": pair("", ""),
            }
        },
        "analyzer": {
            "spaced": {"type": "custom", "tokenizer": "spaced"},
            "adjacent": {"type": "custom", "tokenizer": "spaced", "filter": ["adjacent"]},
        },
    }


def _mappings() -> Json:
    adjacent = {"type": "text", "analyzer": "adjacent", "norms": False, "index_options": "docs"}
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},  # the store has it all: this would be the larger half of the index
        "properties": {
            "passage": {**_NUMBER, "index": False},
            "track": _NUMBER,
            "commit": _NUMBER,
            "date": {"type": "integer"},
            WORDS: {**_TEXT, "fields": {"pairs": adjacent}},
            **dict.fromkeys(FIELDS, _TEXT),
        },
    }


def document(passage: Passage, commit: int) -> Json:
    """Write *passage* as *commit* indexes it; the cluster makes the pairs."""
    texts = {name: " ".join(words) for name, words in field_texts(passage.fields)}
    return {
        "passage": passage.id,
        "track": passage.track,
        "commit": commit,
        "date": day(passage.fields.date),
        WORDS: " ".join(clipped(passage.tokens)),
        **texts,
    }


def document_id(passage: Passage, commit: int) -> str:
    """Name a document so that sending it twice changes nothing, and that it stands beside the one it replaces."""
    return f"{passage.id}.{commit}"
