"""Settings, mapping and documents of the index of passages."""

from __future__ import annotations

from ...model import Passage, PassageFields
from ...store.opensearch.client import JsonObject, replica_settings
from ...store.opensearch.endpoint import ClusterEndpoint
from ..terms import FIELD_NAMES, MAX_TOKEN_CHARS, date_number, make_pair_term, tokenize_fields, truncate_tokens

WORDS_FIELD = "words"
PAIRS_FIELD = "words.pairs"

_TRACK_FIELDS = ("site", "channel", "kind", "lang", "article")
"""The fields by which vectors are filtered: those of filters that select whole tracks."""

_TEXT_MAPPING = {"type": "text", "analyzer": "spaced", "norms": False}
_NUMBER_MAPPING = {"type": "long"}


def describe_index(endpoint: ClusterEndpoint) -> JsonObject:
    """Return the settings and the mapping of the index of passages."""
    return {"settings": _index_settings(endpoint), "mappings": _field_mappings()}


def _index_settings(endpoint: ClusterEndpoint) -> JsonObject:
    return {
        "number_of_shards": endpoint.shards,
        # A commit refreshes the index; between commits, there is nothing new to see.
        "refresh_interval": "-1",
        "analysis": _analysis_settings(),
        **replica_settings(endpoint),
    }


def _analysis_settings() -> JsonObject:
    longest = 2 * len(make_pair_term("𝔸" * MAX_TOKEN_CHARS, ""))  # the cluster counts UTF-16 code units
    return {
        "tokenizer": {"spaced": {"type": "whitespace", "max_token_length": longest}},
        "filter": {
            "adjacent": {
                "type": "shingle",
                "min_shingle_size": 2,
                "max_shingle_size": 2,
                "output_unigrams": False,
                "token_separator": make_pair_term("", ""),
            }
        },
        "analyzer": {
            "spaced": {"type": "custom", "tokenizer": "spaced"},
            "adjacent": {"type": "custom", "tokenizer": "spaced", "filter": ["adjacent"]},
        },
    }


def _field_mappings() -> JsonObject:
    adjacent = {"type": "text", "analyzer": "adjacent", "norms": False, "index_options": "docs"}
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},  # the store has the text; the source would be the larger half of the index
        "properties": {
            "passage": {**_NUMBER_MAPPING, "index": False},
            "track": _NUMBER_MAPPING,
            "commit": _NUMBER_MAPPING,
            "date": {"type": "integer"},
            WORDS_FIELD: {**_TEXT_MAPPING, "fields": {"pairs": adjacent}},
            **dict.fromkeys(FIELD_NAMES, _TEXT_MAPPING),
        },
    }


def describe_vector_index(endpoint: ClusterEndpoint, dim: int, vector: JsonObject, **settings: object) -> JsonObject:
    """Return the settings and the mapping of an index of vectors with *dim* components, whose mapping is *vector*."""
    properties = {
        "key": {**_NUMBER_MAPPING, "index": False},
        "track": _NUMBER_MAPPING,
        "commit": _NUMBER_MAPPING,
        "date": {"type": "integer"},
        "vector": vector,
        **dict.fromkeys(_TRACK_FIELDS, _TEXT_MAPPING),
    }
    return {
        "settings": {**_index_settings(endpoint), **settings},
        "mappings": {
            "dynamic": "strict",
            "_source": {"enabled": False},
            "_meta": {"dim": dim},
            "properties": properties,
        },
    }


def make_track_fields(fields: PassageFields) -> JsonObject:
    """Return the fields by which a vector of a track with *fields* can be filtered."""
    texts = {name: " ".join(words) for name, words in tokenize_fields(fields) if name in _TRACK_FIELDS}
    return {"date": date_number(fields.date), **texts}


def make_document(passage: Passage, commit: int) -> JsonObject:
    """Return *passage* as a document of *commit*; the cluster derives the pairs."""
    texts = {name: " ".join(words) for name, words in tokenize_fields(passage.fields)}
    return {
        "passage": passage.id,
        "track": passage.track,
        "commit": commit,
        "date": date_number(passage.fields.date),
        WORDS_FIELD: " ".join(truncate_tokens(passage.tokens)),
        **texts,
    }


def make_document_id(passage: Passage, commit: int) -> str:
    """Return a document id such that sending a document twice changes nothing, and the replaced one stays."""
    return f"{passage.id}.{commit}"
