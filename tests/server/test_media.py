"""Which local files the server sends."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from vidindex.model import Video
from vidindex.server.media import find_media_file, guess_media_type, open_media_file


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


def media(index: vidindex.Index, video: Video) -> bytes | None:
    """Return the content that `/media` would send."""
    path = find_media_file(index, video)
    return path.read_bytes() if path else None


def info(folder: Path, **more: str) -> None:
    fields = {"id": "x", "extractor_key": "Youtube", "title": "Talk", **more}
    (folder / "talk.info.json").write_text(json.dumps(fields))


@pytest.mark.parametrize("target", ["/etc/passwd", "private/private.mp4", "/dev/zero", "talk.en.vtt", "notes.txt"])
def test_a_link_is_followed_only_to_a_media_file_in_the_folder(
    write: Write, index: vidindex.Index, tmp_path: Path, target: str
) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    for name in ("talks/notes.txt", "private/private.mp4"):
        write(name, "A secret.")
    (captions.parent / "talk.mp4").symlink_to(target if target.startswith("talk") else tmp_path / target)
    index.add(captions.parent)
    (video,) = (video for video in index.videos() if video.id == "file:talk")
    assert find_media_file(index, video) is None


def test_a_link_to_a_media_file_in_the_folder_is_followed(write: Write, index: vidindex.Index, tmp_path: Path) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    (captions.parent / "objects").mkdir()
    (captions.parent / "objects" / "1f4d.mp4").write_bytes(b"film")
    (captions.parent / "talk.mp4").symlink_to("objects/1f4d.mp4")
    (tmp_path / "given").symlink_to(captions.parent)
    index.add(tmp_path / "given")
    assert [media(index, video) for video in index.videos()] == [b"film"]


@pytest.mark.parametrize("form", ["{}", " {}", "FILE:{}", "file:{}", "file://{}", "file://localhost{}", "file:///..{}"])
@pytest.mark.parametrize("extractor", ["Youtube", "Generic", "file"])
def test_the_urls_of_an_info_json_lead_to_no_file(
    write: Write, index: vidindex.Index, tmp_path: Path, form: str, extractor: str
) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    (tmp_path / "private.mp4").write_bytes(b"private")
    url = form.format(tmp_path / "private.mp4")
    info(captions.parent, extractor_key=extractor, webpage_url=url, original_url=url, url=url)
    index.add(captions.parent)
    (video,) = index.videos()
    assert str(tmp_path / "private.mp4") not in video.url
    assert find_media_file(index, video) is None


def test_urls_that_are_stored_in_the_index_are_not_trusted(write: Write, index: vidindex.Index, tmp_path: Path) -> None:
    """An earlier version stored the URL of an `info.json` as it was."""
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    private = write("private/private.mp4", "A film.")
    index.add(captions)
    (video,) = index.videos()
    assert find_media_file(index, replace(video, url=private.as_uri())) is None


def test_no_media_file_is_sent_without_the_captions_beside_it(write: Write, index: vidindex.Index) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    (captions.parent / "talk.mp4").write_bytes(b"film")
    index.add(captions)
    (video,) = index.videos()
    assert media(index, video) == b"film"
    captions.unlink()
    assert find_media_file(index, video) is None
    os.mkfifo(captions)
    assert find_media_file(index, video) is None


def test_a_film_that_was_added_by_its_own_path_is_sent(index: vidindex.Index, tmp_path: Path) -> None:
    film = tmp_path / "talk.mp4"
    film.write_bytes(b"film")
    index.add(film)
    (video,) = index.videos()
    assert media(index, video) == b"film"


def test_the_film_of_a_saved_page_is_sent_if_it_is_in_the_folder_of_the_page(
    write: Write, index: vidindex.Index, tmp_path: Path
) -> None:
    write("page/captions/en.vtt", "Some words that were said.")
    film = write("page/films/talk.mp4", "A film.")
    page = tmp_path / "page" / "page.html"
    page.write_text(
        f"<article><h1>A talk</h1><p>{'It was a long evening. ' * 20}</p>"
        '<video src="films/talk.mp4"><track src="captions/en.vtt" srclang="en" kind="captions"></video></article>'
    )
    index.add(page)
    (video,) = index.videos()
    assert [track.url for track in index.tracks(video.id)] == [(tmp_path / "page/captions/en.vtt").as_uri()]
    assert find_media_file(index, video) == film
    page.unlink()
    assert find_media_file(index, video) is None


@pytest.mark.parametrize(
    "url",
    ["file://[::1", "file:///", "file://", "file:", "file:///" + "x" * 5000 + ".mp4", "file:talk.mp4", "file:%00"],
)
def test_urls_of_any_form_lead_to_no_file(write: Write, index: vidindex.Index, url: str) -> None:
    index.add(write("talks/talk.en.vtt", "Some words that were said."))
    (video,) = index.videos()
    assert find_media_file(index, replace(video, url=url)) is None


def test_the_file_that_was_checked_is_the_file_that_is_sent(
    write: Write, index: vidindex.Index, tmp_path: Path
) -> None:
    captions = write("talks/talk.en.vtt", "Some words that were said.")
    film = captions.with_name("talk.mp4")
    film.write_bytes(b"film")
    (tmp_path / "private.mp4").write_bytes(b"private")
    index.add(captions)
    (video,) = index.videos()
    response = open_media_file(index, video)
    assert response is not None
    film.unlink()
    film.symlink_to(tmp_path / "private.mp4")
    assert Path(response.path).read_bytes() == b"film"
    assert open_media_file(index, video) is None
    response.close()
