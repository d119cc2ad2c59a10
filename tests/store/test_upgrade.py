"""A store of an older version is upgraded without losing anything."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from vidindex.config import STORE_FILE
from vidindex.errors import IndexLocationError, IndexVersionError
from vidindex.model import Article, Embed, Review, Track, Video
from vidindex.store import open_store
from vidindex.store.sqlite import schema
from vidindex.transcripts.read import parse_transcript


def write_first_format(folder: Path) -> None:
    """Write a store of format 1 with an article, a video and three embeds."""
    folder.mkdir()
    with sqlite3.connect(folder / STORE_FILE) as sql:
        for statement in schema._CREATE_TABLES_SQL.split(";\n"):
            sql.execute(statement)
        sql.execute("PRAGMA user_version = 1")
        sql.execute("INSERT INTO article VALUES (1, 'https://a.example/', '', 'T', '', '', '', '', x'')")
        columns = (
            "'youtube:one', 'https://youtu.be/one', 'One', '', '', '', '', 0, '', '', '[]', '[]', '[]', '', 'other'"
        )
        sql.execute(f"INSERT INTO video VALUES (1, {columns})")
        for place, (state, video) in enumerate([("done", 1), ("gone", None), ("drm", None)]):
            row = (1, place, f"https://v.example/{place}", "html5", str(place), "", "embed", "[]", state, "why", video)
            sql.execute(f"INSERT INTO embed VALUES (NULL, {','.join('?' * len(row))})", row)
    sql.close()


def test_a_store_of_format_1_is_upgraded_and_its_embeds_become_tasks(tmp_path: Path) -> None:
    write_first_format(tmp_path / "index")
    store = open_store(tmp_path / "index", create=False)
    assert [video.unavailable_since for video in store.list_videos()] == [""]
    states = {task.url[-1]: (task.state, task.verdict, task.video) for task in store.queue.list_tasks()}
    assert states == {"0": ("done", "", "youtube:one"), "1": ("gone", "gone", ""), "2": ("failed", "drm", "")}
    store.close()


TRACK = Track("en", "manual", "vtt", "https://x.example/1.vtt")
CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:02.000\nNo time off.\n"


def test_a_store_of_format_3_keeps_its_tracks_without_warnings(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.put_video(Video("x:1", "https://x.example/1"))
    store.put_track("x:1", replace(TRACK, warnings=("mended",)), CAPTIONS, parse_transcript(TRACK, CAPTIONS))
    store.close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        for table in ("video", "embed"):
            sql.execute(f"ALTER TABLE {table} DROP COLUMN medium")
        sql.execute("DROP TABLE review")
        sql.execute("DROP INDEX track_words")
        sql.execute("DROP TABLE stale_text")
        sql.execute("ALTER TABLE track DROP COLUMN warnings")
        sql.execute("ALTER TABLE article DROP COLUMN captured")
        sql.execute("UPDATE checksum SET sum = 1 WHERE part = 'track'")  # that of other columns
        sql.execute("PRAGMA user_version = 3")
    sql.close()
    store = open_store(tmp_path / "index", create=False)
    assert [track for _, track in store.list_tracks("x:1")] == [TRACK]
    assert list(store.find_damage()) == []
    store.close()


def test_a_store_of_format_5_says_video_of_what_it_has(tmp_path: Path) -> None:
    """The checksums of its videos and embeds did not cover the medium."""
    store = open_store(tmp_path / "index")
    video, embed = Video("x:1", "https://x.example/1"), Embed("https://x.example/1", "x", "1")
    store.put_video(replace(video, medium="audio"))
    store.put_article(Article("https://a.example/"), [replace(embed, medium="audio")])
    store.close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        for table in ("video", "embed"):
            sql.execute(f"ALTER TABLE {table} DROP COLUMN medium")
        sql.execute("DROP TABLE review")
        sql.execute("DROP INDEX track_words")
        sql.execute("DROP TABLE stale_text")
        sql.execute("PRAGMA user_version = 5")
    sql.close()
    store = open_store(tmp_path / "index", create=False)
    assert list(store.list_videos()) == [video]
    assert [record.embed for record in store.list_embeds()] == [embed]
    assert list(store.find_damage()) == []
    store.put_video(replace(video, medium="audio"))
    store.put_article(Article("https://a.example/"), [replace(embed, medium="audio")])
    assert [each.medium for each in store.list_videos()] == ["audio"]
    assert [record.embed.medium for record in store.list_embeds()] == ["audio"]
    store.close()


def test_a_store_of_format_7_gets_reviews(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.put_article(Article("https://a.example/"), [])
    store.close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        sql.execute("DROP TABLE review")
        sql.execute("DROP INDEX track_words")
        sql.execute("PRAGMA user_version = 7")
    sql.close()
    store = open_store(tmp_path / "index", create=False)
    review = Review("https://a.example/", "no time off", done=True, changed="2026-01-02T03:04:05Z")
    assert store.edit_review(review.article, review.quote, lambda _: review) == review
    assert store.list_reviews(review.article) == [review]
    assert list(store.find_damage()) == []
    store.close()


def test_a_store_of_format_8_counts_words_without_reading_captions(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.put_video(Video("x:1", "https://x.example/1"))
    store.put_track("x:1", TRACK, CAPTIONS, parse_transcript(TRACK, CAPTIONS))
    store.close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        sql.execute("DROP INDEX track_words")
        sql.execute("PRAGMA user_version = 8")
    sql.close()
    store = open_store(tmp_path / "index", create=False)
    assert store.collect_stats().words == 3
    assert list(store.find_damage()) == []
    store.close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        plans = [
            str(sql.execute(f"EXPLAIN QUERY PLAN SELECT {columns}").fetchall())
            for columns in ("sum(words) FROM track", "count(*) FROM track WHERE words = 0")
        ]
    sql.close()
    assert all("COVERING INDEX track_words" in plan for plan in plans)


def test_a_store_with_times_of_cues_is_refused_by_older_versions(tmp_path: Path) -> None:
    """They know format 9 and would report its blocks as damaged."""
    open_store(tmp_path / "index").close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        sql.execute("PRAGMA user_version = 9")
    sql.close()
    open_store(tmp_path / "index").close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        assert sql.execute("PRAGMA user_version").fetchone()[0] > 9
    sql.close()


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "index").close()
    with sqlite3.connect(tmp_path / "index" / STORE_FILE) as sql:
        sql.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    sql.close()
    with pytest.raises(IndexVersionError, match="upgrade"):
        open_store(tmp_path / "index")


def test_an_older_store_that_is_not_writable_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_first_format(tmp_path / "index")
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    with pytest.raises(IndexLocationError, match="older version of vidindex"):
        open_store(tmp_path / "index")
