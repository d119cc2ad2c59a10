"""The index as a caller sees it, on each engine."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from vidindex.config import STORE_FILE
from vidindex.engines import installed_engines

TALK = (
    "Good evening and welcome to the show.",
    "I never took the time off, really.",
    "It has been music after music and tour after tour.",
    "And I am just ashamed that my hurt",
    "caused someone else hurt.",
)


def found(index: vidindex.Index, words: str) -> list[tuple[str, int, str]]:
    return [(hit.video.id, hit.start_ms // 1000, hit.match) for hit in index.search(words)]


def test_a_caption_file_is_found_by_what_is_said_in_it(index: vidindex.Index, write: Write) -> None:
    report = index.add(write("late-night.en.vtt", *TALK))
    assert report.videos == ("file:late-night",)
    assert found(index, "I never took the time off") == [("file:late-night", 4, "exact")]


def test_a_phrase_is_found_across_cues(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    (hit,) = index.search('"ashamed that my hurt caused someone"')
    assert (hit.match, hit.score) == ("exact", 1.0)
    assert 12_000 < hit.start_ms < 16_000 < hit.end_ms < 20_000
    assert hit.text.split()[0] == "ashamed"
    assert hit.before.endswith("I am just")


def test_a_phrase_is_found_across_passages(index: vidindex.Index, write: Write) -> None:
    lines = [f"filler line number {at} says nothing of note" for at in range(40)]
    for at in range(0, 40, 3):
        lines[at] = f"the {at}th secret word is pineapple{at} and nobody knew"
    index.add(write("long.en.vtt", *lines))
    for at in range(0, 40, 3):
        (hit, *_) = index.search(f"{at}th secret word is pineapple{at} and nobody knew")
        assert (hit.match, hit.start_ms // 4000) == ("exact", at)


def test_a_misremembered_quote_is_near_and_shows_what_was_said(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    hit = index.search("it was music after music and then tour after tour")[0]
    assert hit.match == "near"
    assert 0.5 < hit.score < 1
    assert "music after music and tour after tour" in hit.text


def test_what_nobody_said_is_not_found(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    assert index.search("elephants ride purple bicycles on the moon") == []


def test_every_occurrence_in_a_video_is_a_hit(index: vidindex.Index, write: Write) -> None:
    index.add(write("song.en.vtt", "take the night train home", *["la la la"] * 60, "take the night train home"))
    assert found(index, "take the night train home") == [("file:song", 0, "exact"), ("file:song", 244, "exact")]


def test_adding_the_same_thing_twice_changes_nothing(index: vidindex.Index, write: Write) -> None:
    path = write("late-night.en.vtt", *TALK)
    index.add(path)
    before = index.stats()
    report = index.add(path)
    assert (report.videos, report.unchanged) == ((), ("file:late-night",))
    after = index.stats()
    assert (before.tracks, before.words, before.pending) == (after.tracks, after.words, after.pending)
    assert len(index.search("I never took the time off")) == 1


def test_a_changed_caption_file_replaces_the_old_one(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    index.add(write("late-night.en.vtt", "Everything is different now, said the old captain."))
    assert index.search("I never took the time off") == []
    assert found(index, "everything is different now") == [("file:late-night", 0, "exact")]
    assert index.find_damage() == []


def test_files_of_one_name_in_two_folders_are_kept_apart(index: vidindex.Index, write: Write) -> None:
    first, second = write("monday/talk.en.vtt", *TALK), write("tuesday/talk.en.vtt", "The captain said so.")
    index.add(first)
    index.add(second)
    assert [video.id for video in index.videos()] == ["file:talk", "file:tuesday/talk"]
    assert index.add(first, second).videos == ()
    assert found(index, "the captain said so") == [("file:tuesday/talk", 0, "exact")]


def test_a_file_that_was_moved_stays_the_same_video(index: vidindex.Index, write: Write, tmp_path: Path) -> None:
    index.add(write("monday/talk.en.vtt", *TALK))
    (tmp_path / "monday").rename(tmp_path / "archive")
    index.add(tmp_path / "archive" / "talk.en.vtt")
    assert [video.id for video in index.videos()] == ["file:talk"]


def test_a_removed_video_is_not_found_any_more(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK), write("other.en.vtt", "The captain never took the time off."))
    assert index.remove("file:late-night") == ["file:late-night"]
    assert [video.id for video in index.videos()] == ["file:other"]
    assert {hit.video.id for hit in index.search("never took the time off")} == {"file:other"}
    with pytest.raises(vidindex.NotIndexedError, match="list videos"):
        index.remove("file:late-night")


def test_the_start_of_an_id_is_enough_to_show_a_video_but_not_to_remove_it(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    assert index.video("late").id == "file:late-night"
    with pytest.raises(vidindex.NotIndexedError):
        index.remove("late")
    assert index.remove("late-night") == ["file:late-night"]


def test_an_index_remembers_its_engine(tmp_path: Path, engine: str, write: Write) -> None:
    with vidindex.open(tmp_path / "ix", engine=engine) as index:
        index.add(write("late-night.en.vtt", *TALK))
    with vidindex.open(tmp_path / "ix") as index:
        assert index.engine == engine
        assert found(index, "never took the time off")


def test_rebuilding_with_another_engine_finds_the_same(tmp_path: Path, write: Write) -> None:
    if len(installed_engines()) < 2:
        pytest.skip("needs two engines")
    with vidindex.open(tmp_path / "ix", engine="whoosh") as index:
        index.add(write("late-night.en.vtt", *TALK))
        before = index.search("music after music")
        assert index.rebuild(engine="tantivy") == []
        assert index.engine == "tantivy"
        assert index.search("music after music") == before
    assert sorted(path.name for path in (tmp_path / "ix").iterdir() if path.is_dir()) == ["tantivy-1"]
    with pytest.raises(vidindex.EngineError, match="rebuild --engine whoosh"):
        vidindex.open(tmp_path / "ix", engine="whoosh")


def test_an_engine_that_is_not_installed_is_named_with_its_extra(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vidindex.open(tmp_path / "ix") as index:
        index.add(write("late-night.en.vtt", *TALK))
    with sqlite3.connect(tmp_path / "ix" / STORE_FILE) as sql:
        sql.execute("UPDATE meta SET value = 'tantivy' WHERE key = 'engine'")
    sql.close()
    monkeypatch.setattr("vidindex.engines.find_spec", lambda name: None if name == "tantivy" else object())
    with pytest.raises(vidindex.EngineNotInstalledError, match=r"pip install 'vidindex\[fast\]'"):
        vidindex.open(tmp_path / "ix")


# whoosh leaves a file open that it cannot make sense of.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_damaged_engine_is_named_and_a_rebuild_mends_it(tmp_path: Path, engine: str, write: Write) -> None:
    with vidindex.open(tmp_path / "ix", engine=engine) as index:
        index.add(write("late-night.en.vtt", *TALK))
    for path in (tmp_path / "ix" / f"{engine}-1").iterdir():
        path.write_bytes(b"rubbish")
    with vidindex.open(tmp_path / "ix") as index:
        with pytest.raises(vidindex.EngineError, match="vidindex rebuild"):
            index.search("never took the time off")
        index.rebuild()
        assert found(index, "never took the time off")


def test_no_index_is_a_clear_error_where_none_should_be_made(tmp_path: Path) -> None:
    with pytest.raises(vidindex.IndexLocationError, match="there is no index here"):
        vidindex.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_an_index_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    vidindex.open(tmp_path / "ix").close()
    with sqlite3.connect(tmp_path / "ix" / STORE_FILE) as sql:
        sql.execute("PRAGMA user_version = 99")
    sql.close()
    with pytest.raises(vidindex.IndexVersionError, match="upgrade"):
        vidindex.open(tmp_path / "ix")


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ix").mkdir()
    (tmp_path / "ix" / STORE_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(vidindex.IndexLocationError, match="not a vidindex store"):
        vidindex.open(tmp_path / "ix")


def test_a_folder_as_yt_dlp_wrote_it_is_taken_with_its_metadata(
    index: vidindex.Index, write: Write, tmp_path: Path
) -> None:
    write("dl/Late night [abc].en.vtt", *TALK)
    about = {
        "id": "aBcDeFgHiJk",
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "title": "Late night",
        "channel": "The Show",
        "webpage_url": "https://www.youtube.com/watch?v=aBcDeFgHiJk",
        "upload_date": "20090914",
        "duration": 20,
    }
    (tmp_path / "dl" / "Late night [abc].info.json").write_text(json.dumps(about), encoding="utf-8")
    index.add(tmp_path / "dl")
    (hit,) = index.search("I never took the time off")
    assert (hit.video.id, hit.video.title, hit.video.channel, hit.video.date) == (
        "youtube:aBcDeFgHiJk", "Late night", "The Show", "2009-09-14",
    )  # fmt: skip
    assert hit.url == "https://www.youtube.com/watch?v=aBcDeFgHiJk&t=4s"


def test_one_bad_file_does_not_stop_the_rest(index: vidindex.Index, write: Write, tmp_path: Path) -> None:
    write("dl/a.en.vtt", *TALK)
    (tmp_path / "dl" / "b.en.vtt").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "dl" / "c.en.vtt").write_bytes(b"")
    write("dl/d.en.vtt", "The captain said so.")
    report = index.add(tmp_path / "dl")
    assert set(report.videos) >= {"file:a", "file:d"}
    assert {failure.target.split()[0] for failure in report.failures} == {"file:b", "file:c"}
    assert all(failure.reason for failure in report.failures)


def test_a_folder_without_captions_is_a_failure_that_says_so(index: vidindex.Index, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (failure,) = index.add(tmp_path / "empty").failures
    assert "holds no captions" in failure.reason


def test_a_search_of_an_empty_index_finds_nothing(index: vidindex.Index) -> None:
    assert index.search("anything at all") == []
    assert index.stats().words == 0
    assert index.find_damage() == []


def test_a_transcript_is_the_best_track_or_that_of_a_language(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", "Good evening."), write("a.de.vtt", "Guten Abend."), languages=["all"])
    assert index.transcript("file:a").words == ("Good", "evening.")
    assert index.transcript("a", language="de").words == ("Guten", "Abend.")
    with pytest.raises(vidindex.NotIndexedError, match="captions in fr"):
        index.transcript("file:a", language="fr")


def test_what_had_to_be_mended_in_captions_is_told(index: vidindex.Index, tmp_path: Path) -> None:
    path = tmp_path / "talk.en.vtt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nGood evening.\n\n00:03.000 -> 00:04.000\nLost line.\n")
    told: list[vidindex.Progress] = []
    assert index.add(path, notify=told.append).videos == ("file:talk",)
    assert [step.stage for step in told] == ["mended", "indexed"]


def test_progress_tells_what_is_done(index: vidindex.Index, write: Write) -> None:
    told: list[vidindex.Progress] = []
    index.add(write("late-night.en.vtt", *TALK), "no/such/thing", notify=told.append)
    assert [step.stage for step in told] == ["indexed", "failed"]


def test_removing_an_article_takes_the_videos_that_no_other_one_embeds(index: vidindex.Index, tmp_path: Path) -> None:
    samples = Path(vidindex.__file__).parents[1] / "samples" / "pages"
    shutil.copytree(samples, tmp_path / "pages")
    first, second = tmp_path / "pages" / "vale-on-the-late-desk.html", tmp_path / "pages" / "second.html"
    second.write_bytes(first.read_bytes().replace(b'rel="canonical"', b""))
    both = index.add(first, second).videos
    assert len(both) == 2
    assert index.remove(str(second)) == []
    assert {video.id for video in index.videos()} == set(both)
    assert set(index.remove(str(first))) == set(both)
    assert (list(index.videos()), list(index.articles()), index.find_damage()) == ([], [], [])
    assert index.search("nothing left to sing with") == []
