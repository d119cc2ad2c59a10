"""What the documentation shows is true: commands parse, Python runs, and no option is left out."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import vidindex
from vidindex.cli import vidindex as command_line
from vidindex.cli.context import CommandContext

ROOT = Path(vidindex.__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
CLI = ROOT / "docs" / "cli.md"
_PROSE = re.compile(r"`(vidindex [^`\n]+)`")
_LINE = re.compile(r"^(?:    )?(?:\$ )?(vidindex .+)$", re.MULTILINE)
_SYNOPSIS = re.compile(r"[\[\]…]|\b[A-Z]{2,}\b|\|")
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Every command line that the documents show, but for synopses."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for shown in dict.fromkeys((*_LINE.findall(text), *_PROSE.findall(text))):
            words = shown.partition("  #")[0].strip()
            if not _SYNOPSIS.search(re.sub(r"'[^']*'", "", words)):
                yield page.name, words


def parse(words: list[str]) -> None:
    """Parse a command line as the program does, without running it."""
    group = command_line.make_context("vidindex", list(words), obj=CommandContext())
    name, command, rest = command_line.resolve_command(group, [*group._protected_args, *group.args])
    assert command is not None
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
    """The part of docs/cli.md about *command*, with what stands before the first command."""
    head, *parts = re.split(r"^## ", CLI.read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = [part for part in parts if re.search(rf"\b{command}\b", part.partition("\n")[0])]
    assert named, f"docs/cli.md has no section on {command}"
    return "\n".join((head, *named))


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_every_command_and_option_is_documented(command: str, option: str) -> None:
    assert re.search(rf"{option}\b(?!-)", section(command)), f"docs/cli.md leaves out `{command} {option}`"


def examples() -> Iterator[tuple[str, str]]:
    """Every Python example, those of the package's docstring too."""
    for page in PAGES:
        for code in _PYTHON.findall(page.read_text(encoding="utf-8")):
            yield page.name, code
    lines = (line.strip() for line in (vidindex.__doc__ or "").splitlines())
    yield "vidindex/__init__.py", "\n".join(line[4:] for line in lines if line[:4] in (">>> ", "... "))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the samples and a caption file, as an example may find them."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "samples", folder / "samples")
    shutil.copy(next((folder / "samples" / "downloads").glob("*.vtt")), folder / "talk.en.vtt")
    return folder


NETWORK = ("https://vimeo.com/", "https://www.youtube.com/")


@pytest.mark.parametrize(("page", "code"), list(examples()))
def test_every_python_example_runs(page: str, code: str, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile(code, page, "exec")
    if any(site in code for site in NETWORK):
        return  # it is Python; what it asks for is on the network
    # A page of one's own stands for the one that an example reads on the network.
    saved = (samples / "samples" / "pages" / "vale-on-the-late-desk.html").as_uri()
    if "https://example.org/" in code:
        compiled = compile(re.sub(r"https://example\.org/[\w./-]*", saved, code), page, "exec")
    monkeypatch.chdir(samples)
    exec(compiled, {})
