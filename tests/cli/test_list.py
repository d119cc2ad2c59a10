"""The columns of `vidindex list` line up: whole in a pipe, and cut to the width of a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run
from tests.cli.terminals import run_on_terminal, visible_text


@pytest.fixture
def index(run: Run, tmp_path: Path) -> Path:
    """An index of videos whose titles and ids have different widths, on the screen and in characters."""
    for name in ("a", "a talk with a long name about kettles and more", "会議の記録", "e\u0301te\u0301"):
        (tmp_path / f"{name}.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nGood evening.\n", encoding="utf-8")
    run("add", *tmp_path.glob("*.vtt"))
    return tmp_path / "index"


def test_columns_line_up_in_a_pipe_and_values_are_whole(run: Run, index: Path) -> None:
    lines = run("list", "videos").stdout.splitlines()
    videos = [json.loads(line) for line in run("list", "videos", "--json").stdout.splitlines()]

    assert len({cell_len(line.partition("en (supplied file)")[0]) for line in lines}) == 1
    assert all(line.startswith(video["id"]) for line, video in zip(lines, videos, strict=True))
    assert all(line.endswith(video["title"]) for line, video in zip(lines, videos, strict=True))


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_columns_line_up_and_fit_a_terminal_of_any_width(index: Path, columns: int) -> None:
    code, output = run_on_terminal("--index", index, "list", "videos", columns=columns)

    lines = visible_text(output).splitlines()
    assert code == 0
    assert len(lines) == 4
    assert max(map(cell_len, lines)) <= columns
    assert len({cell_len(line.partition("  en (")[0]) for line in lines}) == 1
