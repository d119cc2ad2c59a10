"""A MkDocs hook that generates the option tables of docs/cli.md from the commands themselves.

The page has a marker where a table belongs: `<!-- options: add -->`, or `<!-- options: vidindex -->` for the
options that precede the command.
"""

from __future__ import annotations

import re
from typing import Any

import click

from vidindex.cli.main import vidindex

_MARKER = re.compile(r"<!-- options: ([\w-]+) -->")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the markers of a page: MkDocs calls this for every page."""
    return expand_markers(markdown)


def expand_markers(markdown: str) -> str:
    """Replace each marker in *markdown* with the table of options of its command."""
    return _MARKER.sub(lambda marker: _format_options(marker[1]), markdown)


def _format_options(name: str) -> str:
    """Return the options of a command as a Markdown table.

    Raises `ValueError` if there is no such command.
    """
    root = click.Context(vidindex, info_name="vidindex")
    command = vidindex if name == vidindex.name else vidindex.get_command(root, name)
    if command is None:
        raise ValueError(f"docs/cli.md asks for the options of `{name}`, which is not a command")
    context = root if command is vidindex else click.Context(command, info_name=name, parent=root)
    options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    records = [option.get_help_record(context) for option in options]
    rows = [f"| `{_escape(option)}` | {_escape(text)} |" for option, text in filter(None, records)]
    return "\n".join(("| option | description |", "|---|---|", *rows))


def _escape(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")
