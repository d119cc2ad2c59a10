"""Which local files speech recognition opens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vidindex.errors import ResolveError, TargetError
from vidindex.ingest.speech_track import PlaybackSource, _local_media_path
from vidindex.model import Video
from vidindex.resolve.metadata import build_url_id


def find(url: str, *, video_id: str = "", referer: str = "") -> Path | None:
    return _local_media_path(Video(id=video_id or build_url_id(url), url=url), PlaybackSource(url, referer))


def test_a_media_file_that_was_added_by_its_path_is_opened(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"film")
    (tmp_path / "link.mp4").symlink_to("talk.mp4")

    assert find((tmp_path / "talk.mp4").as_uri()) == tmp_path / "talk.mp4"
    assert find((tmp_path / "link.mp4").as_uri()) == tmp_path / "talk.mp4"


def test_playlists_urls_and_the_files_of_pages_are_left_to_the_resolver(tmp_path: Path) -> None:
    assert find("https://example.org/talk.mp4") is None
    assert find((tmp_path / "talk.m3u8").as_uri()) is None
    assert find((tmp_path / "talk.mp4").as_uri(), referer=(tmp_path / "page.html").as_uri()) is None


@pytest.mark.parametrize("video_id", ["youtube:x", "file:talk", "file:private"])
@pytest.mark.parametrize("name", ["private.mp4", "private.m3u8"])
def test_a_file_that_only_metadata_names_is_not_opened(tmp_path: Path, video_id: str, name: str) -> None:
    (tmp_path / name).write_bytes(b"film")
    for url in ((tmp_path / name).as_uri(), (tmp_path / name).as_uri().replace("file:", "FILE:")):
        with pytest.raises(ResolveError, match="give the path of the media file"):
            find(url, video_id=video_id)


def test_links_to_other_folders_and_to_other_files_are_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "private.mp4").write_bytes(b"film")
    (folder / "notes.txt").write_text("notes")
    (folder / "out.mp4").symlink_to("../private.mp4")
    (folder / "notes.mp4").symlink_to("notes.txt")
    os.mkfifo(folder / "pipe.txt")

    for name in ("out.mp4", "notes.mp4", "notes.txt", "pipe.txt"):
        with pytest.raises(ResolveError, match="give the path of the media file"):
            find((folder / name).as_uri())
    with pytest.raises(TargetError, match="another machine"):
        find("file://elsewhere/talk.mp4")
