"""Folders that others have prepared are added without what leads out of them, and the report says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from vidindex.model import Progress


@pytest.fixture
def opened(tmp_path: Path) -> vidindex.Index:
    """An index on the engine that is always installed."""
    return vidindex.open(tmp_path / "index", engine="whoosh")


def test_what_is_skipped_in_a_folder_is_reported(opened: vidindex.Index, write: Write, tmp_path: Path) -> None:
    folder = write("talks/talk.en.vtt", "Some words that were said.").parent
    secret = write("secret.vtt", "A secret.")
    (folder / "link\x1b[31m.en.vtt").symlink_to(secret)
    (folder / "subfolder").symlink_to(tmp_path)
    (folder / "zero.info.json").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")

    report = opened.add(folder)

    assert report.videos == ("file:talk",)
    assert {(Path(failure.target).name, failure.reason.partition(";")[0]) for failure in report.failures} == {
        ("link\\x1b[31m.en.vtt", "it leads out of the folder"),
        ("subfolder", "it leads out of the folder"),
        ("zero.info.json", "it leads out of the folder"),
        ("pipe.txt", "it is a pipe or a device, not a file"),
    }
    assert not list(opened.search("secret"))


def test_a_file_that_becomes_a_link_while_its_folder_is_added_is_not_indexed(
    opened: vidindex.Index, write: Write
) -> None:
    first, second = (write(f"talks/{name}.en.vtt", "Some words that were said.") for name in ("a", "b"))
    secret = write("secret.vtt", "A secret.")

    def replace_second(progress: Progress) -> None:
        if progress.stage == "indexed" and not second.is_symlink():
            second.unlink()
            second.symlink_to(secret)

    report = opened.add(first.parent, jobs=1, notify=replace_second)  # with more, it has read the second one by then

    assert report.videos == ("file:a",)
    assert ["leads out of the folder" in failure.reason for failure in report.failures] == [True]
    assert not list(opened.search("secret"))


def test_a_caption_file_may_be_a_link_if_it_is_given_by_its_own_path(
    opened: vidindex.Index, write: Write, tmp_path: Path
) -> None:
    write("store/1f4d", "Some words that were said.")
    (tmp_path / "talk.en.vtt").symlink_to("store/1f4d")

    assert opened.add(tmp_path / "talk.en.vtt").videos == ("file:talk",)


def test_an_embed_of_a_video_that_is_known_is_linked_even_if_its_site_cannot_be_reached(
    opened: vidindex.Index, write: Write, tmp_path: Path
) -> None:
    captions = write("dl/talk.en.vtt", "We never wanted it closed.")
    info = {"id": "aB3dE6gH9jK", "extractor": "youtube", "title": "Talk", "webpage_url": "https://youtu.be/aB3dE6gH9jK"}
    captions.with_name("talk.info.json").write_text(json.dumps(info))
    opened.add(captions.parent)
    page = tmp_path / "page.html"
    page.write_text('<p>The talk:</p><iframe src="https://www.youtube.com/embed/aB3dE6gH9jK"></iframe>')

    report = opened.add(page, resolve=vidindex.ResolveOptions(proxy="http://127.0.0.1:9", retries=0))

    (embed,) = opened.embeds(article=page.as_uri())
    assert len(report.failures) == 1
    assert (embed.video, embed.state) == ("youtube:aB3dE6gH9jK", "later")
    assert [hit.articles[0].url for hit in opened.search("never wanted it closed")] == [page.as_uri()]
