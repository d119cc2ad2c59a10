"""Text for terminals and files: control characters are removed, times and sizes are formatted."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from ..server.plain_text import CONTROL_CHARS
from ..server.plain_text import escape_cell as escape_cell
from ..server.plain_text import json_line as json_line
from ..server.plain_text import one_line as one_line
from ..server.plain_text import pluralize as pluralize
from ..transcripts.timecode import format_clock as format_clock

if TYPE_CHECKING:
    from pathlib import Path

    from ..store.tasks import SitePause


def write_output(text: str, output: Path | None) -> None:
    """Write *text* to the file *output*, or to standard output.  Raises `click.ClickException`."""
    if output is None:
        click.echo(strip_controls(text) if sys.stdout.isatty() else text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as exc:
        raise click.ClickException(f"cannot write {output}: {(exc.strerror or str(exc)).lower()}") from exc


def strip_controls(text: str) -> str:
    """Return *text* without control characters; line breaks stay."""
    return CONTROL_CHARS.sub("", text.replace("\r\n", "\n"))


def format_bytes(count: int) -> str:
    """Return a number of bytes as `1.2 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def format_due(seconds: float) -> str:
    """Return a time in the near future as `03:40`, with the seconds or the day if they matter."""
    due, now = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone()
    if due - now < timedelta(minutes=10):
        return f"{due:%H:%M:%S}"
    return f"{due:%H:%M}" if due - now < timedelta(hours=20) else f"{due:%Y-%m-%d %H:%M}"


def format_pause(pause: SitePause) -> str:
    """Return a line about a site that refuses requests."""
    reason = f" ({one_line(pause.reason)})" if pause.reason else ""
    waits = "waits" if pause.waiting == 1 else "wait"
    until = f"until {format_due(pause.until)}" if pause.until > datetime.now().timestamp() else "for one that tries it"
    return f"{pluralize(pause.waiting, 'link')} of {one_line(pause.site)} {waits} {until}{reason}"
