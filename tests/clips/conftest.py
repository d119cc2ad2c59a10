"""Films that are made once, and an index of one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.clips.films import make_film
from tests.resolve.conftest import site  # noqa: F401 - a fixture

CAPTIONS = """WEBVTT

00:00:01.000 --> 00:00:04.000
Good evening {\\b1}everyone\\N here.

00:00:07.300 --> 00:00:09.300
I never took the time off,

00:00:09.300 --> 00:00:12.000
it was music after music.

00:00:15.000 --> 00:00:18.000
Nobody asked for more.
"""


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    """The path of ffmpeg, without which nothing is cut."""
    found = shutil.which("ffmpeg")
    if found is None or shutil.which("ffprobe") is None:
        pytest.skip("ffmpeg is not installed: sudo apt install ffmpeg")
    return found


@pytest.fixture(scope="session")
def film(ffmpeg: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 20 seconds with a key frame every two."""
    return make_film(tmp_path_factory.mktemp("films") / "talk.mp4", 20)


@pytest.fixture
def talk(film: Path, tmp_path: Path) -> Iterator[vidindex.Index]:
    """An index with the captions of the film, which lies beside them."""
    shutil.copy(film, tmp_path / "talk.mp4")
    (tmp_path / "talk.en.vtt").write_text(CAPTIONS, encoding="utf-8")
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(tmp_path / "talk.en.vtt")
        yield index
