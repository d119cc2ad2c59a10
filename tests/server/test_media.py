"""Which local files the server sends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from vidindex.server.media import find_media_file, guess_media_type


@pytest.mark.parametrize("film", ["talk.mp4", "talk.webm", "talk.ogg", "talk.en.mp3"])
def test_a_media_file_beside_its_captions_is_found(write: Write, index: vidindex.Index, film: str) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    path = captions.with_name(film)
    path.write_bytes(b"film")
    index.add(captions.parent)
    found = {find_media_file(index, video) for video in index.videos()}
    assert found == {path}
    assert guess_media_type(path).startswith(("video/", "audio/"))


def test_other_files_in_the_folder_are_not_found(write: Write, index: vidindex.Index) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    for name in ("talk.txt", "talk.html", "talk", "other.mp4", "talk.en.vtt.bak"):
        captions.with_name(name).write_text("secret")
    (captions.parent / "talk.mkv").mkdir()
    index.add(captions)
    assert [find_media_file(index, video) for video in index.videos()] == [None]


@pytest.mark.parametrize(
    "url", ["file://elsewhere{}", "file://{}%00.mp4", "file:///no/such.mp4", "https://t.example{}"]
)
def test_no_file_is_found_for_other_urls(write: Write, index: vidindex.Index, tmp_path: Path, url: str) -> None:
    (tmp_path / "film.mp4").write_bytes(b"film")
    index.add(write("talk.en.vtt", "Some words that were said."))
    (video,) = index.videos()
    assert find_media_file(index, replace(video, url=url.format(tmp_path / "film.mp4"))) is None
    assert find_media_file(index, replace(video, url=(tmp_path / "film.mp4").as_uri())) is not None


def test_a_deleted_media_file_is_not_found(write: Write, index: vidindex.Index, tmp_path: Path) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    film = tmp_path / "talks/talk.mp4"
    film.write_bytes(b"film")
    index.add(captions)
    (video,) = index.videos()
    assert find_media_file(index, video) == film
    film.unlink()
    assert find_media_file(index, video) is None
