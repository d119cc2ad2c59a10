"""A copy of an index is complete, and an interrupted copy neither loses nor duplicates anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from tests.processes import kill, read_until, start_process
from vidindex.model import Article, Embed, EmbedRecord, Review, Video
from vidindex.store.tasks import Outcome, Task

CLIPS = 40


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An index with captions, articles, embeds in several states, and a queue with failures."""
    folder = tmp_path / "captions"
    folder.mkdir()
    for number in range(CLIPS):
        lines = [f"these are the words of clip{number} and this is line {at}" for at in range(30)]
        (folder / f"clip{number}.en.vtt").write_text(webvtt(lines))
    place = tmp_path / "source"
    with vidindex.open(place, engine="whoosh") as index:
        index.add(folder)
        describe(index)
    return place


def describe(index: vidindex.Index) -> None:
    """Add articles with embeds, a video without captions, an unavailable video, and tasks."""
    store, queue = index._store, index._store.queue
    video = next(index.videos())
    embeds = [Embed(f"https://v.example/{name}", "html5", name, label=f"Clip {name}") for name in "abcd"]
    embeds.append(Embed("https://v.example/old", "flash", "old", dead=True))
    store.put_article(Article("https://a.example/one", title="One", text="Some “words” of it"), embeds)
    store.put_article(Article("https://a.example/two", title="Two \ud83d"), embeds[:1])
    index.save_review("https://a.example/one", "words", done=True, note="Two\nlines \ud83d")
    store.put_video(Video("html5:silent", "https://v.example/b", title="Silent"))
    store.mark_unavailable("https://v.example/b")
    store.set_embed_state("https://a.example/one", "https://v.example/a", state="done", video=video.id)
    store.set_embed_state("https://a.example/one", "https://v.example/b", state="attached", video="html5:silent")
    store.set_embed_state("https://a.example/one", "https://v.example/c", state="gone", reason="HTTP 404")
    store.set_embed_state(
        "https://a.example/one", "https://v.example/old", state="dead", reason="no copy in the archive"
    )
    for name, outcome in {"x": Outcome("later", "later", "closed"), "y": Outcome("gone", "gone", "HTTP 404")}.items():
        queue.add_tasks([Task(f"https://a.example/{name}", "link", as_listed=name, host="a.example")])
        run = queue.begin_run()
        task = queue.claim(run)
        assert task is not None
        queue.finish(task, outcome)
        run.end()
    queue.add_tasks(
        [Task("https://v.example/d", "video", parent="https://a.example/x"), Task("https://v.example/e", "embed")]
    )
    ended_run = queue.begin_run()
    assert queue.claim(ended_run) is not None
    ended_run.end()
    index.flush()


def everything(
    place: object,
) -> tuple[list[Article], list[EmbedRecord], list[Review], list[Video], list[Task], list[object]]:
    """Read the whole content of an index."""
    with vidindex.open(place, create=False) as index:  # type: ignore[arg-type] # a folder or an address
        store = index._store
        videos = list(index.videos())
        articles = [index.article(article.url) for article in index.articles()]
        tracks = [
            (track, store.read_raw_captions(number), store.read_transcript(number))
            for video in videos
            for number, track in store.list_tracks(video.id)
        ]
        reviews = [review for article in articles for review in index.reviews(article.url)]
        return articles, index.embeds(), reviews, videos, list(index.tasks()), list(tracks)


def check_copy(source: object, target: object) -> None:
    """Compare a copy with its source: all values, and the hits of a search."""
    assert everything(target)[:4] == everything(source)[:4]
    assert everything(target)[5] == everything(source)[5]
    unclaimed = [task for task in everything(source)[4] if task.state != "working"]
    assert [task for task in everything(target)[4] if task in unclaimed] == unclaimed
    assert not [task for task in everything(target)[4] if task.state == "working"]
    with vidindex.open(source, create=False) as old, vidindex.open(target, create=False) as new:  # type: ignore[arg-type]
        for number in (0, CLIPS // 2, CLIPS - 1):
            words = f"the words of clip{number} and"
            (old_hits, new_hits) = (
                [(h.video, h.start_ms, h.text) for h in index.search(words)] for index in (old, new)
            )
            assert new_hits == old_hits != []
        assert new.find_damage() == []
        for video in new.videos():
            assert new._store.last_checked(video.id) == old._store.last_checked(video.id) > 0
        assert (new.stats().tracks, new.stats().words) == (old.stats().tracks, old.stats().words)


def test_a_copy_holds_what_its_source_holds(source: Path, tmp_path: Path) -> None:
    migration = vidindex.migrate(source, tmp_path / "target")
    assert migration.verified
    assert {kind.kind: kind.target for kind in migration.kinds} == {
        "articles": 2, "embeds": 6, "reviews": 1, "videos": CLIPS + 1, "tracks": CLIPS, "tasks": 4,
    }  # fmt: skip
    check_copy(source, tmp_path / "target")


def test_a_second_copy_adds_only_what_is_new(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    vidindex.migrate(source, target)
    (tmp_path / "more.en.vtt").write_text(webvtt(["there is something new here"]))
    with vidindex.open(source) as index:
        index.add(tmp_path / "more.en.vtt")
    assert vidindex.migrate(source, target).verified
    check_copy(source, target)


_COPY_SCRIPT = """
import sys
import vidindex

source, target, last_step = sys.argv[1:]
steps = 0

def report(progress):
    global steps
    steps += 1
    print(f"step {steps}.", flush=True)
    if steps == int(last_step):
        sys.stdin.readline()

vidindex.migrate(source, target, notify=report)
"""
"""Copies an index, prints each step, and waits for its end at the last step."""


def kill_after(steps: int, source: Path | str, target: Path | str) -> None:
    """Start a copy in a process, and kill it soon after a number of steps."""
    command = [sys.executable, "-c", _COPY_SCRIPT, str(source), str(target), str(steps + 2)]
    process = start_process(command, stdin=subprocess.PIPE)
    read_until(process, process.stdout, f"step {steps}.")
    kill(process)


def test_a_killed_copy_is_completed_by_the_next(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    for steps in (1, 7, CLIPS - 1):
        kill_after(steps, source, target)
    assert vidindex.migrate(source, target).verified
    check_copy(source, target)


def test_a_difference_between_source_and_target_is_reported(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    with vidindex.open(target) as index:
        index._store.put_video(Video("html5:other", "https://v.example/other"))
    migration = vidindex.migrate(source, target)
    assert [kind.kind for kind in migration.kinds if not kind.same] == ["videos"]
    with vidindex.open(target) as index:
        index.remove("html5:other")
        number = index._store.list_track_ids()[3]
        words = index._store.read_transcript(number)
        shorter = vidindex.make_transcript([vidindex.Cue(0, 1000, "other words")])
        assert index._store.replace_transcript(number, shorter)
        assert words != shorter
    migration = vidindex.migrate(source, target)
    assert [kind.kind for kind in migration.kinds if not kind.same] == ["tracks"]


def test_the_command_prints_the_counts_and_whether_they_are_equal(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vidindex", "migrate", str(source), str(tmp_path / "target")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"tracks            {CLIPS} →           {CLIPS}  equal" in done.stdout
    with vidindex.open(tmp_path / "target") as index:
        index._store.put_video(Video("html5:other", "https://v.example/other"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "videos" in done.stdout
    assert "different" in done.stdout
    command[4:] = [str(tmp_path / "none"), str(tmp_path / "t")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
