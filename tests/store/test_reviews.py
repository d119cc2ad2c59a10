"""What people noted about quotations is kept until the article is removed."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.processes import HANG_S
from vidindex.config import STORE_FILE
from vidindex.errors import IndexBusyError, NotIndexedError, OptionError
from vidindex.model import MAX_NOTE_CHARS, Article, Embed, Review
from vidindex.store import open_store
from vidindex.store.base import Store
from vidindex.store.sqlite import reviews

ARTICLE = Article("https://a.example/", title="A", text="“No time off,” he said.")
REVIEW = Review(ARTICLE.url, "No time off", done=True, note="ask\nhim 𝄞 <b>", changed="2026-01-02T03:04:05Z")


def put(store: Store, review: Review) -> None:
    assert store.edit_review(review.article, review.quote, lambda _: review) == review


def test_reviews_are_listed_in_the_order_in_which_they_were_made(empty_store: Store) -> None:
    empty_store.put_article(ARTICLE, [])
    assert empty_store.list_reviews(ARTICLE.url) == []
    other = replace(REVIEW, quote="a second one", done=False)
    put(empty_store, REVIEW)
    put(empty_store, other)
    later = empty_store.edit_review(ARTICLE.url, REVIEW.quote, lambda before: replace(before, note=f"{before.note}!"))
    assert later == replace(REVIEW, note=f"{REVIEW.note}!")
    assert empty_store.list_reviews(ARTICLE.url) == [later, other]


def test_reviews_survive_another_reading_of_the_article_and_go_with_it(empty_store: Store) -> None:
    empty_store.put_article(ARTICLE, [])
    put(empty_store, REVIEW)
    embed = Embed("https://x.example/1", "x", "1")
    empty_store.put_article(replace(ARTICLE, title="B", text="other words"), [embed])
    empty_store.set_embed_state(ARTICLE.url, embed.url, state="gone", reason="HTTP 404")
    assert empty_store.list_reviews(ARTICLE.url) == [REVIEW]
    empty_store.remove_article(ARTICLE.url)
    assert empty_store.list_reviews(ARTICLE.url) == []
    empty_store.put_article(ARTICLE, [])
    assert empty_store.list_reviews(ARTICLE.url) == []


def test_an_article_that_is_not_indexed_has_no_reviews(empty_store: Store) -> None:
    with pytest.raises(NotIndexedError, match="article"):
        put(empty_store, REVIEW)
    assert empty_store.list_reviews(ARTICLE.url) == []


def test_no_note_is_lost_when_several_threads_write(empty_store: Store) -> None:
    empty_store.put_article(ARTICLE, [])

    def add(mark: str) -> None:
        for _ in range(5):
            empty_store.edit_review(ARTICLE.url, REVIEW.quote, lambda before: replace(before, note=before.note + mark))

    threads = [threading.Thread(target=add, args=(mark,)) for mark in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_S)
    (review,) = empty_store.list_reviews(ARTICLE.url)
    assert sorted(review.note) == sorted("abc" * 5)


def test_a_review_survives_rebuild_backup_and_restore(tmp_path: Path) -> None:
    with vidindex.open(tmp_path / "index") as index:
        index._store.put_article(ARTICLE, [])
        saved = index.save_review(ARTICLE.url, REVIEW.quote, done=True, note=" a note\r\n of two lines ")
        assert (saved.note, saved.done) == ("a note\n of two lines", True)
        index.rebuild()
    vidindex.backup(tmp_path / "index", tmp_path / "backup")
    vidindex.restore(tmp_path / "backup", tmp_path / "restored")
    with vidindex.open(tmp_path / "restored", create=False) as index:
        assert index.reviews(ARTICLE.url) == [saved]
        assert index.find_damage() == []


def test_what_is_not_given_stays_as_it_is(tmp_path: Path) -> None:
    with vidindex.open(tmp_path / "index") as index:
        index._store.put_article(ARTICLE, [])
        index.save_review(ARTICLE.url, REVIEW.quote, note="a note")
        index.save_review(ARTICLE.url, REVIEW.quote, done=True)
        (review,) = index.reviews(ARTICLE.url)
        assert (review.note, review.done) == ("a note", True)
        assert index.save_review(ARTICLE.url, REVIEW.quote, note="").done
        with pytest.raises(OptionError, match="at most 2,000 characters"):
            index.save_review(ARTICLE.url, REVIEW.quote, note="x" * (MAX_NOTE_CHARS + 1))
        with pytest.raises(NotIndexedError):
            index.save_review("https://b.example/", REVIEW.quote, done=True)


def test_damage_of_a_review_is_found(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.put_article(ARTICLE, [])
    put(store, REVIEW)
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        sql.execute("UPDATE review SET note = 'another note'")
    sql.close()
    assert [line.partition(":")[0] for line in store.find_damage()] == ["record 1 of the table review is damaged"]
    store.close()


def test_a_note_does_not_wait_long_for_other_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "_WAIT_S", 0.05)
    store = open_store(tmp_path / "index")
    store.put_article(ARTICLE, [])
    with sqlite3.connect(tmp_path / "index" / STORE_FILE, isolation_level=None) as sql:
        sql.execute("BEGIN IMMEDIATE")
        with pytest.raises(IndexBusyError, match="another process is writing"):
            put(store, REVIEW)
        sql.execute("ROLLBACK")
    sql.close()
    put(store, REVIEW)
    assert store.list_reviews(ARTICLE.url) == [REVIEW]
    store.close()
