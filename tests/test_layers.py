"""The structure of the package: import order, no cycles, third-party libraries, unique class names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vidindex

ROOT = Path(vidindex.__file__).parent

ORDER = [
    "model", "errors", "config", "net", "transcripts", "pages", "resolve", "store", "engines", "search", "verify",
    "ingest", "library", "server", "mcp", "cli",
]  # fmt: skip
"""The entries of the package; each imports only those before it."""

MAX_ENTRIES = 16

PLACES = {
    "yt_dlp": {"resolve", "pages"},
    "whoosh": {"engines"},
    "tantivy": {"engines"},
    "opensearchpy": {"store", "engines"},
    "webvtt": {"transcripts"},
    "rapidfuzz": {"search", "verify", "engines"},
    "publicsuffixlist": {"net"},
    "lxml": {"pages", "transcripts", "ingest"},
    "opencc": {"transcripts"},
    "faster_whisper": {"transcripts"},
    "av": {"transcripts"},
    "numpy": {"transcripts"},
    "click": {"cli"},
    "rich": {"cli"},
    "sqlite3": {"store", "cli"},
    "starlette": {"server", "mcp"},
    "uvicorn": {"server"},
    "jinja2": {"server"},
    "mcp": {"mcp"},
    "mcp_types": {"mcp"},
    "pydantic": {"mcp"},
    "anyio": {"mcp"},
}
"""Third-party libraries, and the only entries that import them."""

FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or not path.name.startswith("__"))


def entry_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def parse_file(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    return ".".join(("vidindex", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the modules that *path* imports, those under `TYPE_CHECKING` and inside functions too."""
    package = ("vidindex", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(parse_file(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                submodule = f"{source}.{alias.name}"
                yield submodule if submodule in MODULES else source


def relative_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


MODULES = {module_name(path) for path in ROOT.rglob("*.py")}


def test_the_package_has_few_entries() -> None:
    assert {entry_of(path) for path in FILES} == set(ORDER)
    assert len(ORDER) <= MAX_ENTRIES


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_a_file_imports_only_entries_before_its_own(path: Path) -> None:
    allowed = {*ORDER[: ORDER.index(entry_of(path)) + 1], ""}
    imported = {name.partition(".")[2].split(".")[0] for name in imported_modules(path) if name.startswith("vidindex")}
    assert imported <= allowed


def test_no_imports_form_a_cycle() -> None:
    graph = {module_name(path): {*imported_modules(path)} & MODULES - {module_name(path)} for path in FILES}
    while leaves := [name for name, imported in graph.items() if not imported & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert not graph, "these modules import each other, directly or not"


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_imports_inside_the_package_are_relative(path: Path) -> None:
    absolute = [
        node.lineno
        for node in ast.walk(parse_file(path))
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "vidindex")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "vidindex" for alias in node.names))
    ]
    assert not absolute


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_a_third_party_library_is_imported_in_its_place_only(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imported_modules(path)}
    assert not {name for name in libraries if entry_of(path) not in PLACES.get(name, {entry_of(path)})}


def test_no_class_name_is_used_twice() -> None:
    places = defaultdict(list)
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(parse_file(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(relative_name(path))
    assert not {name: files for name, files in places.items() if len(files) > 1}


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if entry_of(path) == "cli":
        return
    calls = {
        node.func.id
        for node in ast.walk(parse_file(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"print", "exit", "input"}


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_only_the_configuration_reads_the_environment(path: Path) -> None:
    if entry_of(path) == "config":
        return
    text = path.read_text(encoding="utf-8")
    assert "os.environ" not in text
    assert "getenv" not in text
