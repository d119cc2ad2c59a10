"""An index is copied to another place whole, and whatever stops it, nothing is lost or there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.model import Article, Embed, EmbedRecord, Video
from vidindex.store.tasks import Outcome, Task

CLIPS = 40


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An index of captions, articles, embeds in several states, and a queue in which some things failed."""
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
    """Put in an article with embeds, a video without captions, one that is gone, and tasks."""
    store, queue = index._store, index._store.queue
    video = next(index.videos())
    embeds = [Embed(f"https://v.example/{name}", "html5", name, label=f"Clip {name}") for name in "abcd"]
    embeds.append(Embed("https://v.example/old", "flash", "old", dead=True))
    store.put_article(Article("https://a.example/one", title="One", text="Some “words” of it"), embeds)
    store.put_article(Article("https://a.example/two", title="Two \ud83d"), embeds[:1])
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
    lost = queue.begin_run()
    assert queue.claim(lost) is not None
    lost.end()
    index.flush()


def everything(place: object) -> tuple[list[Article], list[EmbedRecord], list[Video], list[Task], list[object]]:
    """Read all that an index holds, in the order in which it gives it."""
    with vidindex.open(place, create=False) as index:  # type: ignore[arg-type] # a folder or an address
        store = index._store
        videos = list(index.videos())
        articles = [index.article(article.url) for article in index.articles()]
        tracks = [
            (track, store.read_raw_captions(number), store.read_transcript(number))
            for video in videos
            for number, track in store.list_tracks(video.id)
        ]
        return articles, index.embeds(), videos, list(index.tasks()), list(tracks)


def check_copy(source: object, target: object) -> None:
    """Hold a copy against what it was made of: all values, and what is found."""
    assert everything(target)[:3] == everything(source)[:3]
    assert everything(target)[4] == everything(source)[4]
    rested = [task for task in everything(source)[3] if task.state != "working"]
    assert [task for task in everything(target)[3] if task in rested] == rested
    assert not [task for task in everything(target)[3] if task.state == "working"]
    with vidindex.open(source, create=False) as old, vidindex.open(target, create=False) as new:  # type: ignore[arg-type]
        for number in (0, CLIPS // 2, CLIPS - 1):
            words = f"the words of clip{number} and"
            (mine, theirs) = ([(h.video, h.start_ms, h.text) for h in index.search(words)] for index in (old, new))
            assert theirs == mine != []
        assert new.find_damage() == []
        for video in new.videos():
            assert new._store.last_checked(video.id) == old._store.last_checked(video.id) > 0
        assert (new.stats().tracks, new.stats().words) == (old.stats().tracks, old.stats().words)


def test_a_copy_holds_what_its_source_holds(source: Path, tmp_path: Path) -> None:
    migration = vidindex.migrate(source, tmp_path / "target")
    assert migration.verified
    assert {kind.kind: kind.target for kind in migration.kinds} == {
        "articles": 2, "embeds": 6, "videos": CLIPS + 1, "tracks": CLIPS, "tasks": 4,
    }  # fmt: skip
    check_copy(source, tmp_path / "target")


def test_to_copy_again_takes_what_is_new_and_nothing_twice(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    vidindex.migrate(source, target)
    (tmp_path / "more.en.vtt").write_text(webvtt(["there is something new here"]))
    with vidindex.open(source) as index:
        index.add(tmp_path / "more.en.vtt")
    assert vidindex.migrate(source, target).verified
    check_copy(source, target)


def kill_after(steps: int, source: Path | str, target: Path | str) -> None:
    """Begin to copy, and kill the process after so many steps."""
    script = f"import vidindex; vidindex.migrate({str(source)!r}, {str(target)!r}, notify=lambda p: print(p.name))"
    process = subprocess.Popen([sys.executable, "-u", "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(steps):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_what_was_killed_is_completed(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    for steps in (1, 7, CLIPS - 1):
        kill_after(steps, source, target)
    assert vidindex.migrate(source, target).verified
    check_copy(source, target)


def test_what_differs_is_told(source: Path, tmp_path: Path) -> None:
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
    began = time.monotonic()
    migration = vidindex.migrate(source, target)
    assert [kind.kind for kind in migration.kinds if not kind.same] == ["tracks"]
    assert time.monotonic() - began < 30


def test_the_command_says_what_was_copied_and_whether_it_is_the_same(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vidindex", "migrate", str(source), str(tmp_path / "target")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert f"tracks            {CLIPS} →           {CLIPS}  the same" in said.stdout
    with vidindex.open(tmp_path / "target") as index:
        index._store.put_video(Video("html5:other", "https://v.example/other"))
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "videos" in said.stdout
    assert "not the same" in said.stdout
    command[4:] = [str(tmp_path / "none"), str(tmp_path / "t")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
