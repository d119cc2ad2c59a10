"""The public methods of an index, on each engine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.conftest import Write, webvtt
from tests.damage import replace_file
from vidindex.config import STORE_FILE
from vidindex.engines import handle, installed_engines
from vidindex.engines.sync import open_index_engine
from vidindex.library import rebuild_index
from vidindex.model import Video
from vidindex.store.sqlite.store import SqliteStore

TALK = (
    "Good evening and welcome to the show.",
    "I never took the time off, really.",
    "It has been music after music and tour after tour.",
    "And I am just ashamed that my hurt",
    "caused someone else hurt.",
)

SAMPLE_PAGE = Path(vidindex.__file__).parents[1] / "samples" / "pages" / "vale-on-the-late-desk.html"


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


def test_every_part_of_captions_without_spaces_shows_the_cue_that_says_it(index: vidindex.Index, write: Write) -> None:
    """A cue is one word there, and its tokens may be in two blocks of the store."""
    cues = ["".join(chr(0x4E10 + 7 * (at * 31 + place)) for place in range(31)) for at in range(16)]
    index.add(write("talk.vtt", webvtt(cues)))
    text = "".join(cues)
    for start in range(0, len(text) - 8, 5):
        (hit,) = index.search(text[start : start + 8], limit=1)
        assert text[start] in hit.text


def test_a_misremembered_quote_is_near_and_shows_what_was_said(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    hit = index.search("it was music after music and then tour after tour")[0]
    assert hit.match == "near"
    assert 0.5 < hit.score < 1
    assert "music after music and tour after tour" in hit.text


def test_words_that_were_not_said_are_not_found(index: vidindex.Index, write: Write) -> None:
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


def test_what_was_searchable_is_not_pending_while_a_rebuild_runs_nor_after_it_was_killed(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def kill(store: SqliteStore, *_: object, **__: object) -> None:
        counts.append(store.collect_stats().pending)
        raise KilledError

    counts: list[int] = []
    with vidindex.open(tmp_path / "ix") as index:
        index.add(write("late-night.en.vtt", *TALK))
        index._store.put_video(Video(id="site:1", url="https://v.example/1", title="Knots"))
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, "switch_engine", kill)
            with pytest.raises(KilledError):
                index.rebuild()
        assert (counts, index.stats().pending) == ([1], 1)
        assert found(index, "never took the time off")
        index.flush()
        assert (index.stats().pending, index.find_damage()) == (0, [])
        assert index.rebuild() == []
        assert (index.stats().pending, index.find_damage()) == (0, [])


# Whoosh leaves a file open that it cannot parse.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_damaged_engine_is_reported_and_a_rebuild_repairs_it(tmp_path: Path, engine: str, write: Write) -> None:
    with vidindex.open(tmp_path / "ix", engine=engine) as index:
        index.add(write("late-night.en.vtt", *TALK))
    for path in list((tmp_path / "ix" / f"{engine}-1").iterdir()):
        replace_file(path, b"rubbish")
    with vidindex.open(tmp_path / "ix") as index:
        with pytest.raises(vidindex.EngineError, match="vidindex rebuild"):
            index.search("never took the time off")
        index.rebuild()
        assert found(index, "never took the time off")


def test_a_missing_index_is_a_clear_error_if_none_may_be_created(tmp_path: Path) -> None:
    with pytest.raises(vidindex.IndexLocationError, match="no index at"):
        vidindex.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_an_index_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    vidindex.open(tmp_path / "ix").close()
    with sqlite3.connect(tmp_path / "ix" / STORE_FILE) as sql:
        sql.execute("PRAGMA user_version = 99")
    sql.close()
    with pytest.raises(vidindex.IndexVersionError, match="upgrade"):
        vidindex.open(tmp_path / "ix")


def test_a_file_that_is_not_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ix").mkdir()
    (tmp_path / "ix" / STORE_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(vidindex.IndexLocationError, match="not a vidindex store"):
        vidindex.open(tmp_path / "ix")


def test_a_folder_written_by_yt_dlp_is_added_with_its_metadata(
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

    (tmp_path / "dl" / "Late night [abc].info.json").write_text(json.dumps({**about, "title": "Later"}))
    report = index.add(tmp_path / "dl")  # with the same captions
    assert (report.videos, index.video("aBcDeFgHiJk").title) == (("youtube:aBcDeFgHiJk",), "Later")


def test_one_bad_file_does_not_stop_the_rest(index: vidindex.Index, write: Write, tmp_path: Path) -> None:
    write("dl/a.en.vtt", *TALK)
    (tmp_path / "dl" / "b.en.vtt").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "dl" / "c.en.vtt").write_bytes(b"")
    write("dl/d.en.vtt", "The captain said so.")
    report = index.add(tmp_path / "dl")
    assert set(report.videos) >= {"file:a", "file:d"}
    assert {failure.target.split()[0] for failure in report.failures} == {"file:b"}
    assert report.without_captions == ("file:c",)  # an empty file
    assert all(failure.reason for failure in report.failures)


def test_a_folder_without_captions_is_a_failure_that_says_so(index: vidindex.Index, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (failure,) = index.add(tmp_path / "empty").failures
    assert "contains no captions" in failure.reason


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


def test_repairs_of_captions_are_reported(index: vidindex.Index, tmp_path: Path) -> None:
    path = tmp_path / "talk.en.vtt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nGood evening.\n\n00:03.000 -> 00:04.000\nLost line.\n")
    steps: list[vidindex.Progress] = []
    assert index.add(path, notify=steps.append).videos == ("file:talk",)
    assert [step.stage for step in steps] == ["mended", "indexed"]


def test_progress_reports_each_step(index: vidindex.Index, write: Write) -> None:
    steps: list[vidindex.Progress] = []
    index.add(write("late-night.en.vtt", *TALK), "no/such/thing", notify=steps.append)
    assert [step.stage for step in steps] == ["indexed", "failed"]


def test_removing_an_article_removes_the_videos_that_no_other_article_embeds(
    index: vidindex.Index, tmp_path: Path
) -> None:
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


# Search options


def test_a_shortcut_replaces_the_field_of_the_options(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", *TALK), write("b.en.vtt", *TALK))
    options = vidindex.SearchOptions(limit=1, context=2, match="exact")
    words = "I never took the time off"
    (hit,) = index.search(words, options=options)
    assert len(hit.before.split()) == 2
    assert len(index.search(words, options=options, limit=5)) == 2
    assert index.search(words, options=options, match="near") == []
    assert index.search(words, options=options, offset=2) == []
    assert [len(found.before.split()) for found in index.search(words, options=options, context=3)] == [3]
    assert len(index.search(words)) == 2


@pytest.mark.parametrize(
    "options", [{"match": "both"}, {"sort": "size"}, {"origin": "human"}], ids=["match", "sort", "origin"]
)
def test_an_option_with_another_value_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(vidindex.OptionError, match="must be"):
        vidindex.SearchOptions(**options)


def test_a_page_has_the_hits_of_a_search_and_counts(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", *TALK), write("b.en.vtt", *TALK))
    page = index.search_page("I never took the time off", options=vidindex.SearchOptions(limit=1))
    assert (len(page.hits), page.total, page.is_more) == (1, 2, False)
    assert next(facet for facet in page.facets if facet.name == "lang").values == (("en", 2),)
    assert index.search_page("I never took the time off").hits == tuple(index.search("I never took the time off"))


# What a target led to


def test_the_report_says_which_videos_each_target_led_to(index: vidindex.Index, write: Write) -> None:
    first, folder = write("first.en.vtt", *TALK), write("talks/one.en.vtt", *TALK).parent
    write("talks/two.en.vtt", "Good evening.")
    report = index.add(first, folder)
    assert [(result.target, result.video, result.change) for result in report.results] == [
        (str(first), "file:first", "new"), (str(folder), "file:one", "new"), (str(folder), "file:two", "new"),
    ]  # fmt: skip
    write("talks/two.en.vtt", "Good night.")
    report = index.add(folder, "no/such/file")
    assert [(result.video, result.change) for result in report.results] == [
        ("file:one", "unchanged"), ("file:two", "updated"),
    ]  # fmt: skip
    assert (report.videos, report.unchanged) == (("file:two",), ("file:one",))
    assert [failure.target for failure in report.failures] == ["no/such/file"]


def test_the_report_names_the_videos_of_an_article_even_if_nothing_changed(index: vidindex.Index) -> None:
    new = index.add(SAMPLE_PAGE)
    assert {result.video for result in new.results} == set(new.videos)
    assert {(result.target, result.change) for result in new.results} == {(str(SAMPLE_PAGE), "new")}
    again = index.add(SAMPLE_PAGE)
    assert {result.video for result in again.results} == set(new.videos)
    assert {result.change for result in again.results} == {"unchanged"}


# Closing


CALLS: dict[str, Callable[[vidindex.Index], object]] = {
    "add": lambda index: index.add("talk.en.vtt"),
    "article": lambda index: index.article("https://example.org/"),
    "article_count": lambda index: index.article_count(),
    "articles": lambda index: index.articles(),
    "attach": lambda index: index.attach("https://example.org/clip", "talk.en.vtt"),
    "batch": lambda index: index.batch("https://example.org/"),
    "clip_moments": lambda index: index.clip_moments([]),
    "change_stamp": lambda index: index.change_stamp(),
    "clips": lambda index: index.clips([], "clips"),
    "embeds": lambda index: index.embeds(),
    "find_damage": lambda index: index.find_damage(),
    "find_unknown_values": lambda index: index.find_unknown_values("channel:nobody the captain"),
    "flush": lambda index: index.flush(),
    "pending_words": lambda index: index.pending_words(),
    "speakers": lambda index: index.speakers(),
    "search_gist": lambda index: index.search_gist("the captain"),
    "suggest_gist": lambda index: index.suggest_gist("the captain"),
    "quotes": lambda index: index.quotes(str(SAMPLE_PAGE)),
    "rebuild": lambda index: index.rebuild(),
    "refresh": lambda index: index.refresh(),
    "remove": lambda index: index.remove("file:talk"),
    "report": lambda index: index.report(),
    "reviews": lambda index: index.reviews("https://example.org/"),
    "save_review": lambda index: index.save_review("https://example.org/", "bread and butter", done=True),
    "search": lambda index: index.search("the captain"),
    "search_page": lambda index: index.search_page("the captain"),
    "pending_texts": lambda index: index.pending_texts(),
    "search_texts": lambda index: index.search_texts("the captain"),
    "search_videos": lambda index: index.search_videos("the captain"),
    "stats": lambda index: index.stats(),
    "status": lambda index: index.status(),
    "supercut": lambda index: index.supercut([], "film.mp4"),
    "suggest": lambda index: index.suggest("captian"),
    "tasks": lambda index: index.tasks(),
    "tracks": lambda index: index.tracks("file:talk"),
    "trend": lambda index: index.trend("the captain"),
    "transcribe": lambda index: index.transcribe("file:talk"),
    "transcript": lambda index: index.transcript("file:talk"),
    "video": lambda index: index.video("file:talk"),
    "video_count": lambda index: index.video_count(),
    "videos": lambda index: index.videos(),
    "verify": lambda index: next(index.verify([{"quote": "bread and butter"}])),
}


def test_every_method_is_called_on_a_closed_index() -> None:
    methods = {name for name, value in vars(vidindex.Index).items() if callable(value) and not name.startswith("_")}
    assert methods - {"close"} == CALLS.keys()


@pytest.mark.parametrize("method", CALLS)
def test_a_closed_index_refuses_to_work(tmp_path: Path, method: str) -> None:
    with vidindex.open(tmp_path / "ix") as index:
        pass
    with pytest.raises(vidindex.IndexClosedError, match=r"closed: open it again with `vidindex\.open`"):
        CALLS[method](index)


def test_an_index_may_be_closed_twice_but_not_entered_again(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    assert index.search("music after music")
    index.close()
    index.close()
    with pytest.raises(vidindex.IndexClosedError), index:
        pass


def test_an_iterator_ends_with_an_error_when_the_index_is_closed(index: vidindex.Index, write: Write) -> None:
    index.add(write("a.en.vtt", *TALK), write("b.en.vtt", *TALK))
    videos = index.videos()
    assert next(videos).id == "file:a"
    index.close()
    with pytest.raises(vidindex.IndexClosedError):
        next(videos)


# The engine of an open index


def test_an_open_index_uses_the_engine_that_another_process_has_rebuilt(tmp_path: Path, write: Write) -> None:
    if len(installed_engines()) < 2:
        pytest.skip("needs two engines")
    with vidindex.open(tmp_path / "ix", engine="whoosh") as index, vidindex.open(tmp_path / "ix") as other:
        index.add(write("late-night.en.vtt", *TALK))
        assert found(index, "music after music")
        other.rebuild(engine="tantivy")
        assert found(index, "music after music")
        assert (index.engine, other.engine) == ("tantivy", "tantivy")


def test_an_engine_that_is_replaced_while_it_is_opened_is_not_written_to(
    tmp_path: Path, write: Write, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vidindex.open(tmp_path / "ix", engine=engine) as index:
        index.add(write("late-night.en.vtt", *TALK))

    def open_before_rebuild(*args: Any, **options: Any) -> Any:
        opened = open_index_engine(*args, **options)
        monkeypatch.undo()
        rebuild_index(tmp_path / "ix")
        return opened

    with vidindex.open(tmp_path / "ix") as index:
        monkeypatch.setattr(handle, "open_index_engine", open_before_rebuild)
        assert found(index, "music after music")
        index.add(write("birds.en.vtt", "herons never hurry"))
        assert found(index, "music after music")
        assert found(index, "herons never hurry")


def test_threads_may_search_while_an_index_is_rebuilt(index: vidindex.Index, write: Write) -> None:
    index.add(write("late-night.en.vtt", *TALK))
    expected, stop = found(index, "music after music"), threading.Event()

    def search() -> int:
        count = 0
        while not stop.is_set() or not count:
            assert found(index, "music after music") == expected
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(search) for _ in range(4)]
        for _ in range(2):
            assert index.rebuild() == []
        stop.set()
        assert all(each.result() for each in searches)


# The stages for use alone


PAGE = (
    "<!doctype html><html lang=en><title>Night train</title><meta name=author content='Dana Reyes'>"
    "<article><h1>Night train</h1><p>“I never took the time off,” <b>West</b> said. “It was music after music.”</p>"
    + "<p>Nothing else was printed that evening, and nobody asked for more of it than that.</p>" * 5
    + "</article></html>"
)


@pytest.mark.parametrize("source", [PAGE, PAGE.encode()])
def test_an_article_is_read_from_html(source: str | bytes) -> None:
    article = vidindex.read_article(source, url="https://example.org/2009/09/train.html")
    assert (article.title, article.author, article.language) == ("Night train", "Dana Reyes", "en")
    assert article.url == article.fetched_from == "https://example.org/2009/09/train.html"
    assert "music after music" in article.text


def test_an_article_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "train.html"
    path.write_text(PAGE, encoding="utf-8")
    assert vidindex.read_article(path) == vidindex.read_article(str(path))
    assert vidindex.read_article(path).fetched_from == path.as_uri()
    assert vidindex.read_article(path, url="https://example.org/a").url == "https://example.org/a"


def test_a_path_may_contain_what_looks_like_markup(tmp_path: Path) -> None:
    path = tmp_path / "a<b.html"
    path.write_text(PAGE, encoding="utf-8")
    assert vidindex.read_article(path).title == "Night train"


@pytest.mark.parametrize("read", [vidindex.read_article, vidindex.find_quotations])
def test_a_page_that_does_not_exist_is_an_error(tmp_path: Path, read: Callable[[Path | str], object]) -> None:
    with pytest.raises(vidindex.TargetError, match=r"cannot read .*nope\.html: it cannot be read \(No such file"):
        read(tmp_path / "nope.html")
    with pytest.raises(vidindex.TargetError, match="cannot read nul"):
        read("nul\0byte")


def test_quotations_are_found_in_html_and_files(tmp_path: Path) -> None:
    (tmp_path / "train.html").write_text(PAGE, encoding="utf-8")
    quotations = vidindex.find_quotations(PAGE)
    assert [(each.text, each.attribution, each.parts) for each in quotations] == [
        ("I never took the time off,", "West", ("I never took the time off,",)),
        ("It was music after music.", "West", ("It was music after music.",)),
    ]
    assert vidindex.find_quotations(tmp_path / "train.html") == quotations
    assert vidindex.find_quotations(b"<p>No quotation at all.</p>") == []


def test_the_quotes_of_a_missing_article_say_that_it_cannot_be_read(index: vidindex.Index) -> None:
    with pytest.raises(vidindex.TargetError, match=r"cannot read nope\.html: there is no such file"):
        index.quotes("nope.html")


def test_a_transcript_is_read_from_a_caption_file_without_an_index(write: Write, tmp_path: Path) -> None:
    path = write("late-night.en.vtt", *TALK)
    assert vidindex.transcript(path) == vidindex.transcript(str(path))
    assert vidindex.transcript(path).words[:2] == ("Good", "evening")
    with vidindex.open(tmp_path / "ix") as index:
        index.add(path)
        assert index.transcript("file:late-night") == vidindex.transcript(path)


def test_a_transcript_needs_captions(write: Write, tmp_path: Path) -> None:
    with pytest.raises(vidindex.CaptionError):
        vidindex.transcript(write("empty.vtt"))
    with pytest.raises(vidindex.TargetError, match=r"cannot read .*: it is not a caption file"):
        vidindex.transcript(tmp_path)
    with pytest.raises(vidindex.TargetError, match="there is no such file"):
        vidindex.transcript("nope.vtt")


def test_a_video_of_unknown_length_is_as_long_as_its_captions(index: vidindex.Index, write: Write) -> None:
    write("talk.en.vtt", "we open the harbor", "every single morning")
    write("talk.de.vtt", "wir machen den Hafen auf")
    index.add(write("talk.en.vtt", "we open the harbor", "every single morning").parent)
    assert [video.duration_ms for video in index.videos()] == [8_000]
    assert index.stats().duration_ms == 8_000
    index.add(write("talk.en.vtt", "we open the harbor", "every single morning", "at five"))
    assert index.stats().duration_ms == 12_000


def test_a_video_takes_nothing_from_another_one_whose_id_begins_with_its_own(
    index: vidindex.Index, write: Write
) -> None:
    index.add(write("talk-2-interview.vtt", "we open the harbor", "every single morning"))
    index.add(write("talk-2.vtt", "we tie a knot"))
    videos = {video.id: (video.duration_ms, video.kind) for video in index.videos()}
    assert videos == {"file:talk-2-interview": (8_000, "interview"), "file:talk-2": (4_000, "other")}
