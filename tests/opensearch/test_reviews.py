"""Reviews of quotations on a cluster, whose older versions would delete them."""

from __future__ import annotations

import pytest

pytest.importorskip("opensearchpy")

from tests.opensearch.conftest import Address, needs_cluster
from vidindex.errors import NotIndexedError
from vidindex.model import Article, Review
from vidindex.store import open_store
from vidindex.store.location import parse_location
from vidindex.store.opensearch.indices import FORMAT_VERSION
from vidindex.store.opensearch.store import OpenSearchStore

pytestmark = needs_cluster

REVIEW = Review("https://a.example/", "no time off", done=True, note="heard", changed="2026-01-02T03:04:05Z")


def test_the_first_review_locks_older_versions_out(address: Address) -> None:
    place = parse_location(address("?replicas=0"))
    store = open_store(place)
    assert isinstance(store, OpenSearchStore)
    store._indices.update_settings(lambda _: {"format": 1})  # that of an older version
    article = Article(REVIEW.article, text="“no time off,” he said")
    assert store.put_article(article, []) == "added"
    assert store.put_article(article, []) == "unchanged"
    assert store._indices.read_settings()["format"] == 1
    store.edit_review(REVIEW.article, REVIEW.quote, lambda _: REVIEW)
    assert store._indices.read_settings()["format"] == FORMAT_VERSION
    assert store.put_article(article, []) == "unchanged"
    store.index_texts(rebuild=True)
    assert store.list_reviews(REVIEW.article) == [REVIEW]
    with pytest.raises(NotIndexedError):
        store.edit_review("https://b.example/", REVIEW.quote, lambda _: REVIEW)
    store.close()
