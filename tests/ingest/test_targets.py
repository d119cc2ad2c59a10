"""Targets are classified without reading them as a whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vidindex.errors import TargetError
from vidindex.ingest.targets import classify_target


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/2009/09/late-night.html", "url"),
        ("HTTP://EXAMPLE.ORG", "url"),
        ("https://example.org/clip.mp4?x=1", "media"),
        ("https://example.org/live/master.m3u8", "media"),
        ("https://www.youtube.com/watch?v=aB3dE6gH9jK", "video"),
    ],
)
def test_a_url_is_classified_by_its_form(url: str, kind: str) -> None:
    assert classify_target(url).kind == kind


def test_files_and_folders_are_classified_by_name_and_first_bytes(tmp_path: Path) -> None:
    for name, content in {
        "a.html": "",
        "page": "\ufeff  <!DOCTYPE html><title>x</title>",
        "b.vtt": "WEBVTT",
        "clip.mp4": "",
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    kinds = {path.name: classify_target(path).kind for path in tmp_path.iterdir()}
    assert kinds == {"a.html": "page", "page": "page", "b.vtt": "captions", "clip.mp4": "media"}
    assert classify_target(tmp_path).kind == "folder"
    assert classify_target((tmp_path / "a.html").as_uri()).path == tmp_path / "a.html"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("no/such/file.vtt", "there is no such file"),
        ("example.org/article", "https://example.org/article"),
        ("ftp://example.org/x", "ftp: addresses are not supported"),
        ("https://", "names no host"),
        ("https://[::1", "not a valid address"),
        ("a" * 5000, "no such file"),
        ("nul\0byte", "no such file"),
        ("", "no such file"),
        ("/dev/null", "neither a file nor a folder; write the output of a pipe to a file first"),
        ("file://elsewhere/talk.vtt", "on another machine"),
        ("file://[::1", "not a valid address"),
    ],
)
def test_anything_else_is_refused_with_a_reason(target: str, says: str) -> None:
    with pytest.raises(TargetError, match="cannot read") as caught:
        classify_target(target)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    for name in ("talk.vtt", "page.html", "talk.mp4", "pipe"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(TargetError, match="write the output of a pipe to a file first"):
            classify_target(tmp_path / name)


def test_a_media_file_that_is_a_link_to_another_folder_is_the_file_there(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "talk.mp4").write_bytes(b"film")
    (tmp_path / "films" / "link.mp4").symlink_to("talk.mp4")
    (tmp_path / "talk.mp4").symlink_to("films/talk.mp4")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "talk.mp4").symlink_to("../films/talk.mp4")

    assert classify_target(tmp_path / "elsewhere" / "talk.mp4").url == (tmp_path / "films" / "talk.mp4").as_uri()
    for inside in (tmp_path / "films" / "link.mp4", tmp_path / "talk.mp4"):
        assert classify_target(inside).url == inside.as_uri()


@pytest.mark.parametrize(
    "text",
    ["youtube aB3dE6gH9jK\nvimeo 1084537\n", "# links\nhttps://a.example/1\n\n<https://b.example/2>\n"],
    ids=["archive", "links"],
)
@pytest.mark.parametrize("name", ["archive.txt", "archive"])
def test_a_list_is_no_captions(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match="it is a list, not a video; run `vidindex batch"):
        classify_target(tmp_path / name)


def test_a_transcript_with_a_link_in_it_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("0:01 Read more at\nhttps://a.example/1\n", encoding="utf-8")
    assert classify_target(path).kind == "captions"
