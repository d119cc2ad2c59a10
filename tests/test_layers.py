"""Imports go down one list only, and each foreign library stays in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex

ROOT = Path(vidindex.__file__).parent

ORDER = [
    "model", "errors", "config", "net", "transcripts", "pages", "resolve", "store", "engines", "search", "verify",
    "ingest", "library", "server", "cli",
]  # fmt: skip
"""Each may import what stands before it."""

PLACES = {
    "yt_dlp": {"resolve", "pages"},
    "whoosh": {"engines", "search"},
    "tantivy": {"engines"},
    "opensearchpy": {"store", "engines"},
    "webvtt": {"transcripts"},
    "rapidfuzz": {"search", "verify", "engines"},
    "lxml": {"pages", "transcripts", "ingest"},
    "faster_whisper": {"transcripts"},
    "av": {"transcripts"},
    "numpy": {"transcripts"},
    "click": {"cli"},
    "rich": {"cli"},
    "sqlite3": {"store", "cli"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "jinja2": {"server"},
}
"""Foreign libraries, and the only parts that may import them."""

FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or not path.name.startswith("__"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Give what *path* imports: the part of vidindex, or the foreign library, and which of the two it is."""
    package = ("vidindex", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1])
            names = [f"{base}.{node.module}"] if node.module else [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, rest = name.partition(".")
            yield (rest.split(".")[0], True) if head == "vidindex" else (head, False)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_imports_only_what_stands_before_it(path: Path) -> None:
    mine = part_of(path)
    allowed = {*ORDER[: ORDER.index(mine) + 1], ""}
    assert {name for name, ours in imports(path) if ours} <= allowed


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_foreign_library_stays_in_its_place(path: Path) -> None:
    wrong = {
        name for name, ours in imports(path) if not ours and part_of(path) not in PLACES.get(name, {part_of(path)})
    }
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if part_of(path) == "cli":
        return
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"print", "exit", "input"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_configuration_reads_the_environment(path: Path) -> None:
    if part_of(path) == "config":
        return
    text = path.read_text(encoding="utf-8")
    assert "os.environ" not in text
    assert "getenv" not in text
