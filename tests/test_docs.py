"""The documentation is complete and correct: commands parse, Python examples run, links work, nothing is missing."""

from __future__ import annotations

import asyncio
import inspect
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import vidindex
from docs.hooks.cli_options import expand_markers
from tests.test_layers import ORDER
from vidindex.cli.context import CommandContext
from vidindex.cli.main import vidindex as command_line

ROOT = Path(vidindex.__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
CLI = ROOT / "docs" / "cli.md"
LIBRARY = ROOT / "docs" / "reference" / "library.md"
_PROSE = re.compile(r"`(vidindex [^`\n]+)`")
_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^    (.*)$", re.MULTILINE)
_LINE = re.compile(r"^(?:\$ )?(vidindex .+)$", re.MULTILINE)
_SYNOPSIS = re.compile(r"[\[\]…]|\b[A-Z]{2,}\b|\|")
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def commands() -> Iterator[tuple[str, str]]:
    """Every command line that the documents show, except synopses."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        code = "\n".join((*_FENCE.findall(text), *_INDENTED.findall(text)))
        for shown in dict.fromkeys((*_LINE.findall(code), *_PROSE.findall(text))):
            words = shown.partition("  #")[0].strip()
            if not _SYNOPSIS.search(re.sub(r"'[^']*'", "", words)):
                yield page.name, words


def parse(words: list[str]) -> None:
    """Parse a command line as the program does, without running it."""
    group = command_line.make_context("vidindex", list(words), obj=CommandContext())
    name, command, rest = command_line.resolve_command(group, [*group._protected_args, *group.args])
    assert command is not None
    if len(words) == 1:
        return  # the text refers to the command by its name
    command.make_context(name, rest, parent=group)


@pytest.mark.parametrize(("page", "shown"), list(commands()))
def test_every_command_that_is_shown_parses(page: str, shown: str) -> None:
    try:
        parse(shlex.split(shown)[1:])
    except click.exceptions.Exit:  # --help, --version
        return
    except click.ClickException as error:
        pytest.fail(f"{page} shows `{shown}`: {error.format_message()}")


def options() -> Iterator[tuple[str, str]]:
    """Each command with each name of each of its options."""
    context = click.Context(command_line, info_name="vidindex")
    for name in command_line.list_commands(context):
        command = command_line.get_command(context, name)
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                yield name, max(option.opts, key=len)


def section(command: str) -> str:
    """The part of docs/cli.md about *command*, as built, and everything before the first command."""
    built = expand_markers(CLI.read_text(encoding="utf-8"))
    head, *parts = re.split(r"^## ", built, flags=re.MULTILINE)
    named = [part for part in parts if re.search(rf"\b{command}\b", part.partition("\n")[0])]
    assert named, f"docs/cli.md has no section on {command}"
    return "\n".join((head, *named))


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_every_command_and_option_is_documented(command: str, option: str) -> None:
    assert re.search(rf"{option}\b(?!-)", section(command)), f"docs/cli.md leaves out `{command} {option}`"


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_every_option_has_a_description(command: str, option: str) -> None:
    row = re.search(rf"^\| `[^`]*{option}\b[^`]*` \| (.+) \|$", section(command), re.MULTILINE)
    assert row, f"docs/cli.md has no row for `{command} {option}`"
    assert re.search(r"[a-z]{3}", re.sub(r"\[[^\]]*\]", "", row[1])), f"`{command} {option}` has no description"


def examples() -> Iterator[tuple[str, str]]:
    """Every Python example, including those of the package's docstring."""
    for page in PAGES:
        for code in _PYTHON.findall(page.read_text(encoding="utf-8")):
            yield page.name, code
    lines = (line.strip() for line in (vidindex.__doc__ or "").splitlines())
    yield "vidindex/__init__.py", "\n".join(line[4:] for line in lines if line[:4] in (">>> ", "... "))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the samples, a caption file and an index, as the examples expect it."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "samples", folder / "samples")
    shutil.copy(next((folder / "samples" / "downloads").glob("*.vtt")), folder / "talk.en.vtt")
    with vidindex.open(folder / "index") as index:
        index.add(folder / "talk.en.vtt")
    return folder


NETWORK = ("https://vimeo.com/", "https://www.youtube.com/")


@pytest.mark.parametrize(("page", "code"), list(examples()))
def test_every_python_example_runs(page: str, code: str, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile(code, page, "exec")
    if any(site in code for site in NETWORK):
        return  # it is valid Python, but it needs the network
    # A saved page replaces the one that an example reads from the network.
    saved = (samples / "samples" / "pages" / "vale-on-the-late-desk.html").as_uri()
    if "https://example.org/" in code:
        compiled = compile(re.sub(r"https://example\.org/[\w./-]*", saved, code), page, "exec")
    monkeypatch.chdir(samples)
    namespace: dict[str, Any] = {}
    exec(compiled, namespace)
    if "app" in namespace:
        assert asyncio.run(_request(namespace["app"], "/search?q=nothing+left+to+sing+with")) == 200
        assert asyncio.run(_request(namespace["app"], "/search?q=(tour+OR+album")) == 400


async def _request(app: Any, target: str) -> int:
    """Start an ASGI application, send it one GET request, stop it, and return the status of the response."""
    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    confirmed: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    lifespan = asyncio.create_task(app({"type": "lifespan", "state": {}}, events.get, confirmed.put))
    await events.put({"type": "lifespan.startup"})
    assert (await confirmed.get())["type"] == "lifespan.startup.complete"

    path, _, query = target.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    body: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    response: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await body.put({"type": "http.request", "body": b"", "more_body": False})
    await app({**scope, "root_path": "", "state": {}}, body.get, response.put)

    await events.put({"type": "lifespan.shutdown"})
    await lifespan
    return int((await response.get())["status"])


@pytest.mark.parametrize("name", vidindex.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert f"::: vidindex.{name}\n" in LIBRARY.read_text(encoding="utf-8"), f"docs/reference/library.md omits {name}"
    public = getattr(vidindex, name)
    if isinstance(public, type) or inspect.isfunction(public):
        doc = public.__doc__ or ""
        assert doc.strip(), f"{name} has no docstring"
        assert not doc.startswith(f"{name}("), f"{name} has only the docstring that dataclasses generate"


def test_the_reference_lists_public_names_only() -> None:
    listed = re.findall(r"^::: vidindex\.(\w+)$", LIBRARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(vidindex.__all__)


@pytest.mark.parametrize(
    "page",
    [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"))],
    ids=lambda p: p.name,
)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    missing = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not missing


def test_the_architecture_page_lists_the_packages_in_import_order() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = [name.removesuffix(".py") for name in re.findall(r"^\| `([a-z]+(?:\.py|/))` \|", text, re.MULTILINE)]
    assert [name.rstrip("/") for name in table] == ORDER
    diagram = "\n".join(_INDENTED.findall(text.partition("## Packages")[2].partition("|")[0]))
    assert re.findall(rf"\b(?:{'|'.join(ORDER)})\b(?= ──|  )", diagram) == ORDER


def _project() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return loaded


def _requirements() -> Iterator[tuple[str, str, str]]:
    """The extra ("" for none), the name and the version of each requirement."""
    project = _project()
    for extra, requirements in {"": project["dependencies"], **project["optional-dependencies"]}.items():
        for requirement in requirements:
            match = re.match(r"([\w.-]+)(?:\[[\w,]+\])?([^;]*)", requirement)
            assert match
            if match[1] != "vidindex":
                yield extra, match[1], match[2]


@pytest.mark.parametrize(("extra", "name", "version"), list(_requirements()))
def test_every_dependency_is_explained_and_locked(extra: str, name: str, version: str) -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{re.escape(name)}\b", explained), f"docs/dependencies.md omits {name}"
    if extra not in ("dev", "docs"):
        assert f"`{version}`" in explained, f"docs/dependencies.md has another version of {name}"
    lock = {"": "demo", "fast": "demo", "asr": "asr", "docs": "docs"}.get(extra, "dev")
    locked = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert re.search(rf"^{re.escape(name.lower())}==", locked, re.MULTILINE), f"run `make lock`: {name} is missing"


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_lock_files_have_hashes_and_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    for pinned in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pinned
