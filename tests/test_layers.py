"""The structure of the package: import order, no cycles, third-party libraries, unique class names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import vidindex

ROOT = Path(vidindex.__file__).parent

ORDER = [
    "model", "errors", "config", "net", "transcripts", "pages", "resolve", "store", "engines", "search", "verify",
    "ingest", "clips", "library", "server", "mcp", "cli",
]  # fmt: skip
"""The entries of the package; each imports only those before it."""

MAX_ENTRIES = 17

PLACES = {
    "yt_dlp": {"resolve", "pages"},
    "whoosh": {"engines"},
    "tantivy": {"engines"},
    "opensearchpy": {"store", "engines"},
    "webvtt": {"transcripts"},
    "rapidfuzz": {"search", "verify", "engines"},
    "publicsuffixlist": {"net"},
    "backports": {"net"},
    "brotli": {"net"},
    "isal": {"store"},
    "lxml": {"pages", "transcripts", "ingest"},
    "opencc": {"transcripts"},
    "snowballstemmer": {"search"},
    "faster_whisper": {"transcripts"},
    "av": {"transcripts"},
    "numpy": {"transcripts", "engines", "search"},
    "wordllama": {"engines"},
    "onnxruntime": {"engines"},
    "tokenizers": {"engines"},
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
    "playwright": {"pages"},
}
"""Third-party libraries, and the only entries that import them."""

FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or not path.name.startswith("__"))


def entry_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def list_nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return the statements and calls of *path*, which are all that the tests look at."""
    kinds = ast.Import, ast.ImportFrom, ast.ClassDef, ast.Call
    return tuple(node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds))


def module_name(path: Path) -> str:
    return ".".join(("vidindex", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Return the modules that *path* imports, those under `TYPE_CHECKING` and inside functions too."""
    return frozenset(_find_imports(path))


def _find_imports(path: Path) -> Iterator[str]:
    package = ("vidindex", *path.relative_to(ROOT).parts[:-1])
    for node in list_nodes(path):
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


def find_files(is_wrong: Callable[[Path], object]) -> list[str]:
    """Return the files that *is_wrong*.  One test checks all files, since a test of each takes longer than that."""
    return [relative_name(path) for path in FILES if is_wrong(path)]


def test_a_file_imports_only_entries_before_its_own() -> None:
    def imports_upwards(path: Path) -> bool:
        allowed = {*ORDER[: ORDER.index(entry_of(path)) + 1], ""}
        own = (name.partition(".")[2] for name in imported_modules(path) if name.startswith("vidindex"))
        return not {name.split(".")[0] for name in own} <= allowed

    assert not find_files(imports_upwards)


def test_no_imports_form_a_cycle() -> None:
    graph = {module_name(path): {*imported_modules(path)} & MODULES - {module_name(path)} for path in FILES}
    while leaves := [name for name, imported in graph.items() if not imported & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert not graph, "these modules import each other, directly or not"


def test_imports_inside_the_package_are_relative() -> None:
    def imports_absolutely(path: Path) -> bool:
        return any(
            (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "vidindex")
            or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "vidindex" for alias in node.names))
            for node in list_nodes(path)
        )

    assert not find_files(imports_absolutely)


def test_a_third_party_library_is_imported_in_its_place_only() -> None:
    def is_misplaced(path: Path) -> bool:
        libraries = {name.split(".")[0] for name in imported_modules(path)}
        return any(entry_of(path) not in PLACES.get(name, {entry_of(path)}) for name in libraries)

    assert not find_files(is_misplaced)


def test_no_class_name_is_used_twice() -> None:
    places = defaultdict(list)
    for path in ROOT.rglob("*.py"):
        for node in list_nodes(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(relative_name(path))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_only_the_command_line_prints_or_exits() -> None:
    def prints(path: Path) -> bool:
        calls = {
            node.func.id for node in list_nodes(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return entry_of(path) != "cli" and bool(calls & {"print", "exit", "input"})

    assert not find_files(prints)


def test_only_the_configuration_reads_the_environment() -> None:
    def reads_environment(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        return entry_of(path) != "config" and ("os.environ" in text or "getenv" in text)

    assert not find_files(reads_environment)
