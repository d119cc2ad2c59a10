"""Clips that visitors download: cut out of local films, or fetched with a command."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.clips.films import make_film, picture_times_ms
from tests.conftest import webvtt
from vidindex.clips.moments import ClipMoment
from vidindex.errors import TooBusyError
from vidindex.model import Video
from vidindex.server.clip_cutter import ClipCutter

from .conftest import ATTACK, talk

LINES = ["good evening everyone", "I never took the time off", "it was music after music"]
CLIP = "video={video}&from=4000&to=6000"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of twelve seconds whose pictures tell the time."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: sudo apt install ffmpeg")
    return make_film(tmp_path_factory.mktemp("film") / "talk.mp4", 12)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[vidindex.Index]:
    """An index with captions beside which there may be a film."""
    (tmp_path / "talk.en.vtt").write_text(webvtt(LINES), encoding="utf-8")
    talk(tmp_path, "site0000001", LINES, title=ATTACK)
    with vidindex.open(tmp_path / "index", engine="whoosh") as opened:
        opened.add(tmp_path)
        yield opened


def browse(index: vidindex.Index) -> Any:
    """Return a client of a server for *index*."""
    client = pytest.importorskip("starlette.testclient").TestClient
    from vidindex.server.app import make_app

    return client(make_app(index), base_url="http://localhost")


def find_video(index: vidindex.Index, *, is_local: bool) -> str:
    return next(video.id for video in index.videos() if video.url.startswith("file:") is is_local)


def test_a_clip_of_a_local_film_is_downloaded_from_its_page(film: Path, index: vidindex.Index, tmp_path: Path) -> None:
    shutil.copy(film, tmp_path / "talk.mp4")
    page = browse(index)
    card = page.get(f"/clip?{CLIP.format(video=find_video(index, is_local=True))}").text
    links = [unescape(link) for link in re.findall(r'href="(/clip/file[^"]+)"', card)]
    assert [link.rpartition("=")[2] for link in links] == ["mp4", "mp3"]
    assert 'id="clip-command"' not in card
    answer = page.get(links[0])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''talk%2000.00.04.000.mp4"
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(answer.content)
    times = picture_times_ms(clip)
    assert abs(times[0] - 4000) <= 40
    assert abs(len(times) * 40 - 2000) <= 80
    sound = page.get(links[1])
    assert sound.headers["content-type"] == "audio/mpeg"
    part = page.get(links[0], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, answer.content[:10])


def test_a_clip_is_not_cut_again(film: Path, index: vidindex.Index, tmp_path: Path) -> None:
    shutil.copy(film, tmp_path / "talk.mp4")
    page = browse(index)
    path = f"/clip/file?{CLIP.format(video=find_video(index, is_local=True))}&format=mp3"
    first = page.get(path)
    assert first.status_code == 200
    assert page.get(path).content == first.content
    (tmp_path / "talk.mp4").write_bytes(b"not a film any more")
    changed = page.get(path)
    assert changed.status_code == 422
    assert "it is not a film" in changed.text


def test_a_video_of_a_site_has_a_command_that_a_shell_reads_as_it_is(index: vidindex.Index) -> None:
    card = browse(index).get(f"/clip?{CLIP.format(video=find_video(index, is_local=False))}").text
    (command,) = re.findall(r'<pre id="clip-command"[^>]*>(.*)</pre>', card)
    url = "https://www.youtube.com/watch?v=site0000001"
    expected = ["vidindex", "clip", url, "--from", "00:00:04.000", "--to", "00:00:06.000", "-o", "clips"]
    assert shlex.split(unescape(command)) == expected
    assert "/clip/file" not in card


def test_without_ffmpeg_the_page_has_the_command_and_the_address_says_what_is_missing(
    index: vidindex.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"film")
    monkeypatch.setenv("PATH", str(tmp_path))
    page, video = browse(index), find_video(index, is_local=True)
    card = page.get(f"/clip?{CLIP.format(video=video)}").text
    assert f"vidindex clip {video} --from 00:00:04.000" in card
    assert "Run it on the machine of this server" in card
    answer = page.get(f"/clip/file?{CLIP.format(video=video)}&format=mp4")
    assert answer.status_code == 501
    assert "sudo apt install ffmpeg" in answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("video=nobody&from=0&to=1000&format=mp4", 404),
        ("video={site}&from=0&to=1000&format=mp4", 404),
        ("video={film}&from=0&to=1000", 400),
        ("video={film}&from=0&to=1000&format=gif", 400),
        ("video={film}&from=1000&to=1000&format=mp4", 400),
        ("video={film}&from=0&to=120001&format=mp4", 400),
        ("video={film}&from=0&to=x&format=mp4", 400),
        ("video={film}&from=0&to=1000&format=mp4", 422),
    ],
)
def test_what_cannot_be_cut_is_an_error(
    film: Path, index: vidindex.Index, tmp_path: Path, query: str, status: int
) -> None:
    """The last film is a playlist that leads to another file."""
    (tmp_path / "talk.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{film.as_uri()}\n", encoding="utf-8")
    query = query.format(site=find_video(index, is_local=False), film=find_video(index, is_local=True))
    assert browse(index).get(f"/clip/file?{query}").status_code == status


def test_a_page_of_another_site_cannot_have_clips_cut(index: vidindex.Index) -> None:
    answer = browse(index).get("/clip/file?video=x&from=0&to=1&format=mp4", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_clips_are_cut_one_after_the_other_and_few_visitors_wait(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop goes on, and the first visitor who would wait too long is told so."""
    release, running = threading.Event(), []

    def wait(self: ClipCutter, moment: ClipMoment, form: str) -> Any:
        running.append(moment.start_ms)
        release.wait()
        running.remove(moment.start_ms)
        return film.open("rb")

    monkeypatch.setattr(ClipCutter, "_cut", wait)

    async def visit() -> None:
        cutter = ClipCutter(max_waiting=1)
        moments = [ClipMoment(Video("a", "file:///a"), at, at + 1, media=film) for at in range(3)]
        asked = [asyncio.ensure_future(cutter.cut(moment, "mp4")) for moment in moments]
        (refused,), _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(TooBusyError):
            await refused
        assert len(running) <= 1
        release.set()
        for each in asked:
            if each is not refused:
                (await each).close()
        cutter.close()

    asyncio.run(visit())
