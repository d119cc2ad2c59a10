"""The option --yt-dlp-plugins on the commands that use yt-dlp."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

PLUGIN = """
from yt_dlp.extractor.common import InfoExtractor

class KettleIE(InfoExtractor):
    _VALID_URL = r"https?://kettle\\.example/watch/(?P<id>[0-9]+)"

    def _real_extract(self, url):
        return {"id": self._match_id(url), "title": "The kettle", "url": "https://media.example/1.mp4"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plugin that has an extractor for kettle.example."""
    plugins = tmp_path / "plugins" / "kettle" / "yt_dlp_plugins" / "extractor"
    plugins.mkdir(parents=True)
    (plugins / "kettle.py").write_text(PLUGIN)
    return tmp_path / "plugins"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.html"
    page.write_text("<title>Tea</title><h1>Tea</h1><iframe src='https://kettle.example/watch/7'></iframe>")
    return page


def put_list(folder: Path, page: Path) -> Path:
    (folder / "list.txt").write_text(f"{page}\n")
    return folder / "list.txt"


def test_embeds_uses_the_plugins_of_a_folder(run_process: Run, folder: Path, page: Path) -> None:
    assert json.loads(run_process("embeds", page, "--json", "--yt-dlp-plugins", folder).stdout)["provider"] == "kettle"
    assert json.loads(run_process("embeds", page, "--json").stdout)["provider"] != "kettle"


@pytest.mark.parametrize("command", ["add", "batch"])
def test_videos_are_resolved_with_the_plugins_of_a_folder(
    run_process: Run, folder: Path, page: Path, tmp_path: Path, command: str
) -> None:
    said = run_process(command, put_list(tmp_path, page) if command == "batch" else page, "--yt-dlp-plugins", folder)

    assert said.returncode == 0, said.stderr
    assert "The kettle" in run_process("list", "videos").stdout


@pytest.mark.parametrize("command", ["add", "batch", "transcribe", "embeds"])
def test_a_folder_that_does_not_exist_is_an_error(run_process: Run, page: Path, tmp_path: Path, command: str) -> None:
    said = run_process(command, put_list(tmp_path, page) if command == "batch" else page, "--yt-dlp-plugins", "nowhere")
    assert said.returncode == 2
    assert "'nowhere' is not a folder" in said.stderr


def test_an_option_that_runs_a_program_is_an_error_before_anything_is_read(run_process: Run, tmp_path: Path) -> None:
    said = run_process("add", "missing.html", "--yt-dlp-option", f"exec=pre_process:touch {tmp_path / 'mark'}")
    assert said.returncode == 2
    assert "the option --exec of yt-dlp is refused" in said.stderr
    assert not (tmp_path / "mark").exists()
