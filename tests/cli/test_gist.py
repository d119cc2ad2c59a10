"""`vidindex search --gist` and `vidindex rebuild --gist`: what is printed, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidindex
from tests.cli.conftest import Run
from tests.conftest import webvtt

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")

TARIFFS = "Sales to China were hurt by the new tariffs."
QUESTION = "new import tariffs cost us revenue in China"


@pytest.fixture(name="place", scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gist")
    (folder / "a.en.vtt").write_text(webvtt([TARIFFS, "My dog likes long walks."]), encoding="utf-8")
    (folder / "b.en.vtt").write_text(webvtt(["The puppy enjoys strolling for hours."]), encoding="utf-8")
    with vidindex.open(folder / "index") as index:
        index.add(folder / "a.en.vtt", folder / "b.en.vtt")
        index.rebuild(gist=True)
    return folder / "index"


@pytest.mark.parametrize("unit", ["video", "moment"])
def test_other_words_are_offered_if_the_words_find_nothing_but_the_exit_code_is_1(
    run: Run, place: Path, unit: str
) -> None:
    found = run("--index", place, "search", "--by", unit, QUESTION)
    assert (found.returncode, "no matches" in found.stderr) == (1, True)
    assert found.stdout.startswith("said in other words:")
    assert f"«{TARIFFS}»" in found.stdout


@pytest.mark.parametrize("unit", ["video", "moment"])
def test_other_words_that_are_asked_for_come_below_the_others(run: Run, place: Path, unit: str) -> None:
    alone = run("--index", place, "search", "--by", unit, "--gist", QUESTION)
    assert (alone.returncode, alone.stderr, f"«{TARIFFS}»" in alone.stdout) == (0, "", True)
    both = run("--index", place, "search", "--by", unit, "--gist", "my dog likes long walks").stdout
    assert both.index("dog likes") < both.index("said in other words:") < both.index("puppy")


@pytest.mark.parametrize("form", ["--json", "--csv", "--srt"])
def test_files_have_other_words_only_if_they_are_asked_for(run: Run, place: Path, form: str) -> None:
    plain = run("--index", place, "search", form, QUESTION)
    assert (plain.returncode, TARIFFS in plain.stdout) == (1, False)
    assert TARIFFS in run("--index", place, "search", form, "--gist", QUESTION).stdout


@pytest.mark.parametrize("other", ["--count", "--in=title"])
def test_options_that_find_nothing_in_other_words_are_refused(run: Run, place: Path, other: str) -> None:
    found = run("--index", place, "search", "--gist", other, QUESTION)
    assert (found.returncode, "leave out --gist" in found.stderr) == (2, True)


def test_vectors_are_switched_on_and_off(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.en.vtt").write_text(webvtt([TARIFFS]), encoding="utf-8")
    run("add", "-q", "a.en.vtt")
    missing = run("search", "--gist", QUESTION)
    assert (missing.returncode, "vidindex rebuild --gist" in missing.stderr) == (2, True)
    assert run("rebuild", "--gist", "--no-gist").returncode == 2
    assert run("rebuild", "--gist", "/no/such/folder").returncode == 2
    assert "1 vectors of wordllama-256" in run("rebuild", "--gist").stdout
    assert "1, of wordllama-256" in run("stats").stdout
    assert "vectors" not in run("rebuild", "--no-gist").stdout
