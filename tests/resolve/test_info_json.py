"""An `info.json` file may come from anyone: its URLs, types and sizes are not trusted."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vidindex.model import Video
from vidindex.resolve.info_json import InfoJson, read_info_json

URL = "https://www.youtube.com/watch?v=aB3dE6gH9jK"
NOT_WEB_URLS = [
    "file:///home/me/Videos/private.mp4",
    "FILE:///home/me/Videos/private.mp4",
    "file:/home/me/Videos/private.mp4",
    "file://localhost/home/me/Videos/private.mp4",
    "file:\\\\home\\me\\private.mp4",
    " file:///home/me/Videos/private.mp4",
    "\x01file:///home/me/Videos/private.mp4",
    "http://files.vidindex.invalid/home/me/Videos/private.mp4",
    "http://FILES.vidindex.invalid./home/me/Videos/private.mp4",
    "javascript:alert(1)//https://example.org/",
    "data:text/html,<script>alert(1)</script>",
    "ftp://example.org/talk.mp4",
    "https://",
    "https://[::1",
    "http://example.org/\nfile:///home/me/Videos/private.mp4",
    "https://example.org/" + "x" * 5000,
    ["file:///etc/passwd"],
    {"a": 1},
    7,
    True,
]


def read(folder: Path, **more: Any) -> InfoJson:
    path = folder / "talk.info.json"
    info = {"id": "aB3dE6gH9jK", "extractor_key": "Youtube", "webpage_url": URL, "title": "Talk", **more}
    path.write_text(json.dumps(info))
    return read_info_json(path, folder)


def read_video(folder: Path, **more: Any) -> Video:
    info = read(folder, **more)
    assert info.video is not None, info.problem
    return info.video


@pytest.mark.parametrize("url", NOT_WEB_URLS, ids=lambda url: repr(url)[:40])
def test_only_http_urls_are_taken_from_it(tmp_path: Path, url: Any) -> None:
    video = read_video(tmp_path, webpage_url=url, original_url=url, url=url, thumbnail=url, channel_url=url)

    assert video.url == (tmp_path / "talk.info.json").as_uri()
    assert (video.thumbnail, video.channel_url, video.site) == ("", "", "")
    assert read_video(tmp_path, webpage_url=url, original_url=URL).url == URL


@pytest.mark.parametrize("url", NOT_WEB_URLS, ids=lambda url: repr(url)[:40])
def test_a_video_that_only_its_url_names_needs_an_http_url(tmp_path: Path, url: Any) -> None:
    info = read(tmp_path, extractor_key="Generic", webpage_url=url)

    assert info.video is None
    assert "states no URL" in info.problem


def test_an_honest_file_is_read(tmp_path: Path) -> None:
    video = read_video(
        tmp_path,
        webpage_url="https://www.youtube.com/watch?v=aB3dE6gH9jK#__youtubedl_smuggle=%7B%7D",
        channel_url="https://www.youtube.com/channel/UC1",
        thumbnail="https://i.ytimg.com/vi/aB3dE6gH9jK/hq.jpg?a=b&c=d",
        duration=12.5,
        upload_date="20170203",
        tags=["one", "two"],
        chapters=[{"start_time": 1.5, "title": "Start"}],
        description="First line\nsecond line",
    )

    assert (video.id, video.url, video.duration_ms) == ("youtube:aB3dE6gH9jK", URL, 12_500)
    assert (video.date, video.tags, video.chapters[0].start_ms) == ("2017-02-03", ("one", "two"), 1500)
    assert video.description == "First line\nsecond line"
    assert video.thumbnail.endswith("a=b&c=d")
    assert video.channel_url.endswith("UC1")


@pytest.mark.parametrize("value", [[], {}, ["a"], {"a": 1}, True, -1, "", "1e999", "NaN", 10**400, [[]] * 5, None])
def test_values_of_any_type_do_no_harm(tmp_path: Path, value: Any) -> None:
    fields = (
        "title fulltitle channel uploader channel_url duration upload_date release_date timestamp description language "
        "categories tags chapters thumbnail webpage_url subtitles automatic_captions _type"
    )
    for name in fields.split():
        info = read(tmp_path, **{name: value})
        assert info.video is not None
        assert 0 <= info.video.duration_ms < 1e15
    for name in ("id", "extractor_key"):
        read(tmp_path, **{name: value})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "1" + "0" * 5000])
def test_numbers_of_any_size_do_no_harm(tmp_path: Path, number: str) -> None:
    path = tmp_path / "talk.info.json"
    fields = ", ".join(f'"{name}": {number}' for name in ("duration", "timestamp", "id"))
    path.write_text(f'{{"extractor_key": "Youtube", "webpage_url": "{URL}", {fields}}}')

    info = read_info_json(path, tmp_path)

    assert info.problem or (info.video is not None and info.video.duration_ms == 0)


def test_texts_are_bounded_and_without_control_characters(tmp_path: Path) -> None:
    long = "word\x1b[31m\r\n" * 200
    video = read_video(
        tmp_path, id=long, title=long, channel=long, tags=[long] * 2000, chapters=[{"title": long}] * 2000
    )

    assert len(video.id) < 400
    assert max(len(text) for text in (video.title, video.channel, *video.tags)) <= 1000
    assert len(video.tags) == len(video.chapters) == 1000
    texts = (video.id, video.title, video.channel, *video.tags, video.chapters[0].title)
    assert all(character >= " " for text in texts for character in text)


def test_long_ids_stay_different(tmp_path: Path) -> None:
    assert len({read_video(tmp_path, id="x" * 1000 + end).id for end in "abc"}) == 3


@pytest.mark.parametrize(
    "extractor", ["file", "File", "web", "web:x", "file:talk", "", " ", "\x1b[31m", "x" * 500, "-"]
)
def test_it_cannot_take_the_id_of_a_local_file_or_page(tmp_path: Path, extractor: str) -> None:
    info = read(tmp_path, extractor_key=extractor, extractor=extractor)

    assert info.video is None
    assert "does not name its video" in info.problem


def test_it_is_read_only_inside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    read(tmp_path / "outside")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "talk.info.json").symlink_to(tmp_path / "outside" / "talk.info.json")

    info = read_info_json(folder / "talk.info.json", folder)

    assert info.video is None
    assert "leads out of the folder" in info.problem


def test_a_pipe_is_a_problem_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.info.json")

    assert "not a regular file" in read_info_json(tmp_path / "talk.info.json", tmp_path).problem


HOSTILE: dict[str, Callable[[], str]] = {
    "objects": lambda: '{"tags": [' + "{}," * 6_000_000 + "1]}",
    "keys": lambda: "{" + ",".join(f'"{number}":{{}}' for number in range(1_000_000)) + "}",
    "lists": lambda: "[" * 9_000_000,
    "text": lambda: '{"id": "' + "\U0001f600" * 4_000_000 + '"}',
    "escapes": lambda: '{"id": "x", "extractor_key": "Youtube", "title": "\\ud83d\\ude00' + "a" * 18_000_000 + '"}',
    "too large": lambda: '{"id": "' + "a" * 40_000_000 + '"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_file_is_read_within_the_memory_limit(tmp_path: Path, name: str) -> None:
    path = tmp_path / "talk.info.json"
    path.write_text(HOSTILE[name](), encoding="utf-8")

    tracemalloc.start()
    try:
        read_info_json(path, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()
