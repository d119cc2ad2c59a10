"""Folders of caption files, written by yt-dlp or by people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import check_linear_time
from vidindex.errors import TargetError
from vidindex.pages.saved_page import read_file_bytes
from vidindex.resolve import local_files
from vidindex.resolve.local_files import SavedVideo, read_caption_file, read_caption_folder

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nAll hands.\n"


def put(folder: Path, *names: str, text: str = VTT) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def describe(folder: Path, stem: str, **more: Any) -> None:
    info = {
        "id": "L6YqHxYHa7A",
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "webpage_url": "https://www.youtube.com/watch?v=L6YqHxYHa7A",
        "title": "All hands",
        "channel": "Harbour",
        "upload_date": "20170203",
        "duration": 12,
        "subtitles": {"en": [], "live_chat": []},
        "automatic_captions": {"en": [], "de": [], "fr-orig": []},
        **more,
    }
    put(folder, f"{stem}.info.json", text=json.dumps(info))


def tracks(saved: SavedVideo) -> list[tuple[str, str, str]]:
    return sorted((track.language, track.origin, track.format) for track in saved.tracks)


def test_a_folder_that_yt_dlp_wrote(tmp_path: Path) -> None:
    describe(tmp_path, "All hands, v1.2 [L6YqHxYHa7A]")
    stem = "All hands, v1.2 [L6YqHxYHa7A]"
    put(tmp_path, *(f"{stem}.{tail}" for tail in ("en.vtt", "de.vtt", "fr-orig.vtt", "live_chat.json")))

    (saved,) = read_caption_folder(tmp_path)

    assert (saved.video.id, saved.video.title) == ("youtube:L6YqHxYHa7A", "All hands")
    assert (saved.video.channel, saved.video.date, saved.video.site) == ("Harbour", "2017-02-03", "youtube.com")
    assert tracks(saved) == [("de", "automatic", "vtt"), ("en", "manual", "vtt"), ("fr", "automatic", "vtt")]
    assert [path.read_text() for path in saved.paths] == [VTT] * 3
    assert {track.url for track in saved.tracks} == {path.as_uri() for path in saved.paths}


@pytest.mark.parametrize(
    ("name", "id_", "title", "language"),
    [
        ("talk.vtt", "file:talk", "talk", ""),
        ("talk.en.vtt", "file:talk", "talk", "en"),
        ("talk.pt-BR.srt", "file:talk", "talk", "pt-BR"),
        ("talk.zh_hans.ass", "file:talk", "talk", "zh-Hans"),
        ("the_big-talk.2019.de.ttml", "file:the_big-talk.2019", "the big talk 2019", "de"),
        ("lecture-01.L6YqHxYHa7A.en.vtt", "file:lecture-01.L6YqHxYHa7A", "lecture 01", "en"),
        ("Lecture [L6YqHxYHa7A].en.vtt", "file:Lecture [L6YqHxYHa7A]", "Lecture", "en"),
        ("my-performance.vtt", "file:my-performance", "my performance", ""),
        ("node.js.srt", "file:node.js", "node js", ""),
        ("talk.mp4.vtt", "file:talk.mp4", "talk", ""),
    ],
)
def test_a_lone_file_is_named_by_its_name(tmp_path: Path, name: str, id_: str, title: str, language: str) -> None:
    put(tmp_path, name)

    for saved in (*read_caption_folder(tmp_path), read_caption_file(tmp_path / name)):
        assert (saved.video.id, saved.video.title) == (id_, title)
        assert tracks(saved) == [(language, "supplied", Path(name).suffix[1:])]


def test_several_languages_of_one_name_are_one_video(tmp_path: Path) -> None:
    put(tmp_path, "talk.en.vtt", "talk.en.srt", "talk.fr.vtt", "other.en.vtt")

    other, talk = read_caption_folder(tmp_path)

    assert other.video.id == "file:other"
    assert tracks(talk) == [("en", "supplied", "vtt"), ("fr", "supplied", "vtt")]


def test_files_of_one_name_in_two_folders_are_two_videos(tmp_path: Path) -> None:
    put(tmp_path, "a/words.vtt", "b/words.vtt")
    assert [saved.video.id for saved in read_caption_folder(tmp_path)] == ["file:words", "file:b/words"]


@pytest.mark.parametrize("broken", ["{nonsense", "[]", "{}", '{"id": "x"}', "[" * 100_000])
def test_a_broken_info_json_is_reported_and_its_captions_are_read(tmp_path: Path, broken: str) -> None:
    put(tmp_path, "talk.info.json", text=broken)
    put(tmp_path, "talk.en.vtt")

    (saved,) = read_caption_folder(tmp_path)

    assert "talk.info.json" in saved.problem
    assert saved.video.id == "file:talk"
    assert tracks(saved) == [("en", "supplied", "vtt")]


def test_an_info_json_without_captions_is_a_video_without_tracks(tmp_path: Path) -> None:
    describe(tmp_path, "a")
    (saved,) = read_caption_folder(tmp_path)
    assert (saved.video.id, saved.tracks) == ("youtube:L6YqHxYHa7A", ())


def test_the_info_json_of_a_playlist_is_not_a_video(tmp_path: Path) -> None:
    describe(tmp_path, "Harbour - Videos [UC1]", _type="playlist")
    assert list(read_caption_folder(tmp_path)) == []


def test_the_content_of_files_with_ambiguous_suffixes_decides(tmp_path: Path) -> None:
    put(tmp_path, "captions.json", text='{"wireMagic": "pb3", "events": [{"tStartMs": 0}]}')
    put(tmp_path, "captions.xml", text="<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'/>")
    put(tmp_path, "minutes.txt", text="[00:12] Chair: welcome\n[00:15] All: hello\n")
    put(tmp_path, "talk.tsv", text="start\tend\ttext\n0\t2000\twelcome\n")
    put(tmp_path, "prices.csv", text="item,price\nbread,2\n")
    put(tmp_path, "package.json", text='{"name": "x", "scripts": {"a": "b"}}')
    put(tmp_path, "feed.xml", text="<rss><channel/></rss>")
    put(tmp_path, "notes.txt", text="Buy bread. Meet at 12:30.\n")
    put(tmp_path, "a.mp4", "README.md")

    found = {(saved.video.id, track.format) for saved in read_caption_folder(tmp_path) for track in saved.tracks}

    others = {("file:minutes", "txt"), ("file:talk", "tsv")}
    assert found in (others | {("file:captions", "json")}, others | {("file:captions", "xml")})


def test_a_table_is_the_last_choice_among_the_files_of_a_video(tmp_path: Path) -> None:
    put(tmp_path, "talk.csv", text="start,end,text\n0,2000,welcome\n")
    put(tmp_path, "talk.json", text='{"segments": [{"start": 0, "end": 2, "text": "welcome"}]}')

    (saved,) = read_caption_folder(tmp_path)

    assert [track.format for track in saved.tracks] == ["json"]


def test_folders_are_walked_in_order_and_loops_are_harmless(tmp_path: Path) -> None:
    put(tmp_path, "b/2.vtt", "b/1.vtt", "a/3.vtt", "4.vtt")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "dangling.vtt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "a" / "pipe.vtt")

    assert [saved.video.title for saved in read_caption_folder(tmp_path)] == ["4", "3", "1", "2"]


def test_a_folder_is_read_lazily(tmp_path: Path) -> None:
    """The second folder is not read before the videos of the first one are consumed."""
    put(tmp_path, "a/1.vtt")
    (tmp_path / "b").mkdir()
    found = read_caption_folder(tmp_path)
    assert [saved.video.id for saved in islice(found, 1)] == ["file:1"]
    put(tmp_path, "b/2.vtt")
    assert [saved.video.id for saved in found] == ["file:2"]


def test_what_leads_out_of_the_folder_is_not_read_but_reported(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    put(outside, "secret.txt", text="00:01 a secret\n")
    describe(outside, "secret")
    put(folder, "talk.en.vtt")
    for name in ("a.en.vtt", "b.txt"):
        (folder / name).symlink_to(outside / "secret.txt")
    for name in ("c.info.json", "talk.info.json"):
        (folder / name).symlink_to(outside / "secret.info.json")
    skipped: list[str] = []

    (talk,) = read_caption_folder(folder, on_skipped=lambda path, reason: skipped.append(f"{path.name}: {reason}"))

    assert (talk.video.id, tracks(talk)) == ("file:talk", [("en", "supplied", "vtt")])
    reason = "it leads out of the folder; add it by its own path"
    assert sorted(skipped) == [f"{name}: {reason}" for name in ("a.en.vtt", "b.txt", "c.info.json", "talk.info.json")]


def test_pipes_and_devices_are_reported_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    put(tmp_path, "talk.en.vtt")
    for name in ("a.txt", "talk.info.json", "b.srt"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    skipped: list[str] = []

    (talk,) = read_caption_folder(tmp_path, on_skipped=lambda path, _: skipped.append(path.name))

    assert talk.video.id == "file:talk"
    assert sorted(skipped) == ["a.txt", "b.srt", "talk.info.json", "zero.txt"]


def test_a_file_that_is_replaced_after_the_folder_was_listed_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    put(folder, "talk.en.vtt", "talk.txt")
    put(tmp_path, "secret.txt", text="00:01 a secret\n")
    (saved,) = read_caption_folder(folder)

    saved.paths[0].unlink()
    saved.paths[0].symlink_to(tmp_path / "secret.txt")

    with pytest.raises(TargetError, match="leads out of the folder"):
        read_file_bytes(saved.paths[0], 100, folder=saved.folder)


def test_a_single_file_may_be_a_link_but_its_info_json_may_not_lead_elsewhere(tmp_path: Path) -> None:
    store, folder = tmp_path / "store", tmp_path / "folder"
    put(store, "1f4d")
    describe(store, "1f4d")
    folder.mkdir()
    (folder / "talk.en.vtt").symlink_to(store / "1f4d")

    saved = read_caption_file(folder / "talk.en.vtt")
    assert read_file_bytes(saved.paths[0], 100, folder=saved.folder) == VTT.encode()

    (folder / "talk.info.json").symlink_to(store / "1f4d.info.json")
    saved = read_caption_file(folder / "talk.en.vtt")
    assert "leads out of the folder" in saved.problem
    assert saved.video.id == "file:talk"


def test_a_single_pipe_is_refused_with_the_next_step(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.vtt")
    with pytest.raises(TargetError, match="write its output to a file first"):
        read_caption_file(tmp_path / "talk.vtt")


def test_names_of_any_form_are_read(tmp_path: Path) -> None:
    names = ["line\nbreak.vtt", "escape\x1b[31m.vtt", "n" * 251 + ".vtt", ".en.vtt", "a..vtt", "no-utf-8\udcff.vtt"]
    put(tmp_path, *names, ".info.json")
    skipped: list[Path] = []

    found = list(read_caption_folder(tmp_path, on_skipped=lambda path, _: skipped.append(path)))

    assert {path.name for saved in found for path in saved.paths} == set(names)
    assert not skipped
    assert all(saved.video.id.isprintable() for saved in found)


def test_only_so_many_captions_of_one_video_are_taken(tmp_path: Path) -> None:
    put(tmp_path, *(f"talk.en-x{number:04}.vtt" for number in range(600)))
    describe(tmp_path, "talk")
    skipped: list[str] = []

    (saved,) = read_caption_folder(tmp_path, on_skipped=lambda _, reason: skipped.append(reason))

    assert saved.tracks
    assert skipped == ["its video has more than 500 caption files"] * 100


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sub", "[BEGIN]\n[00:00:01]\nWe never thought\n[00:00:03]\n\n[end]\n"),
        ("a.mcc", "File Format=MacCaption_MCC V1.0\n"),
        ("a.pjs", '10,20,"We never thought"\n'),
    ],
)
def test_captions_of_rare_formats_are_found_in_a_folder(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    (saved,) = read_caption_folder(tmp_path)

    assert [path.name for path in saved.paths] == [name]


@pytest.mark.parametrize("suffix", ["txt", "json", "xml", "sub"])
@pytest.mark.parametrize("piece", ["\n", " ", "\r", '"events" :', "{", "<", "<tt:", "1:", "{1}{", "[{"])
def test_whether_a_file_has_captions_is_decided_in_linear_time(suffix: str, piece: str) -> None:
    pattern = local_files._AMBIGUOUS_PATTERNS[f".{suffix}"]
    text = piece * (16_000 // len(piece))
    check_linear_time(lambda start: pattern.search(start.encode()), text)


@pytest.mark.parametrize("name", ["missing", "file.vtt"])
def test_a_target_that_is_not_a_folder_is_rejected(tmp_path: Path, name: str) -> None:
    put(tmp_path, "file.vtt")
    with pytest.raises(TargetError, match="not a folder"):
        list(read_caption_folder(tmp_path / name))


@pytest.mark.parametrize("name", ["missing.vtt", "clip.mp4", "a.info.json"])
def test_a_target_that_is_not_a_caption_file_is_rejected(tmp_path: Path, name: str) -> None:
    put(tmp_path, "clip.mp4", "a.info.json")
    with pytest.raises(TargetError):
        read_caption_file(tmp_path / name)


def test_a_single_file_gets_the_metadata_of_its_info_json(tmp_path: Path) -> None:
    describe(tmp_path, "a [L6YqHxYHa7A]")
    put(tmp_path, "a [L6YqHxYHa7A].en.vtt", "a [L6YqHxYHa7A].de.vtt")

    saved = read_caption_file(tmp_path / "a [L6YqHxYHa7A].de.vtt")

    assert saved.video.id == "youtube:L6YqHxYHa7A"
    assert tracks(saved) == [("de", "automatic", "vtt")]


def test_saved_captions_need_no_yt_dlp() -> None:
    code = "import sys, vidindex.resolve.local_files, vidindex.resolve, vidindex.net; sys.exit('yt_dlp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
