"""Shared fixtures: an isolated home folder, caption files, and an index on each engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import vidindex
from tests.opensearch.conftest import Address, address, cluster, discard, wanted  # noqa: F401 - fixtures
from vidindex.engines import installed_engines

# The same examples in each run: chance must not decide whether a change passes.  Speed is measured in bench/.
settings.register_profile("any machine", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

Write = Callable[..., Path]

_COSTLY_TESTS = re.compile(
    "hostile|linear_time|grows_no_faster|memory|costs?_little|a_day|ADayOf|kill|honest_file|bomb|two_runs|full_disk|identical_hits|test_connections"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Exclude from the coverage what takes long and covers little: measuring it makes it take three times as long."""
    for item in items:
        if _COSTLY_TESTS.search(item.nodeid):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _no_coverage_of_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes of a test that is not measured not be measured, either."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate tests from the home folder and the environment variables of the caller."""
    for name in (
        "VIDINDEX_INDEX", "VIDINDEX_GIST_MODEL", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME",
        "NO_COLOR", "FORCE_COLOR", "http_proxy", "https_proxy", "all_proxy",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def clock(seconds: float) -> str:
    """Format a time for WebVTT."""
    return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}"


def webvtt(lines: Sequence[str], *, seconds: float = 4.0) -> str:
    """Return a WebVTT file with one cue per line, each *seconds* long."""
    cues = (f"{clock(at * seconds)} --> {clock((at + 1) * seconds)}\n{line}\n" for at, line in enumerate(lines))
    return "WEBVTT\n\n" + "\n".join(cues)


def write_manual_captions(folder: Path, lines: Sequence[str]) -> None:
    """Write a video with captions that people wrote into *folder*, as yt-dlp does."""
    info = {"id": "w", "extractor": "site", "extractor_key": "Site", "webpage_url": "https://site.example/w"}
    (folder / "talk.info.json").write_text(json.dumps(info | {"title": "Talk", "subtitles": {"en": [{"ext": "vtt"}]}}))
    (folder / "talk.en.vtt").write_text(webvtt(lines))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a caption file of the given lines into the folder of the test."""

    def write_captions(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(webvtt(lines), encoding="utf-8")
        return path

    return write_captions


@pytest.fixture(params=["whoosh", "tantivy"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    name = str(request.param)
    if name not in installed_engines():
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(params=["whoosh", "tantivy", *(["opensearch"] if wanted() else [])])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[vidindex.Index]:
    """An empty index on each engine in turn, and on a cluster if the tests are run with one."""
    engine = str(request.param)
    place: Path | str = tmp_path / "index"
    if engine == "opensearch":
        fresh: Address = request.getfixturevalue("address")
        place = fresh("?replicas=0")  # replicas double the time; tests/store and tests/opensearch test them
    elif engine not in installed_engines():
        pytest.skip(f"{engine} is not installed")
    with vidindex.open(place, engine=engine) as opened:
        yield opened
    if isinstance(place, str):
        discard(place)
