"""Options for speech recognition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..transcripts.asr import AsrOptions

_MEGABYTE_BYTES = 1_000_000


def asr_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options.  None has a default here, so that `pop_asr_options` can tell which were given."""
    options = [
        click.option("--model", metavar="NAME|DIR", help="Speech recognition model.  [default: base]"),
        click.option("--spoken", metavar="CODE", help="Spoken language.  [default: detected]"),
        click.option(
            "--device", type=click.Choice(["cpu", "cuda", "auto"]), help="Device to run the model on.  [default: cpu]"
        ),
        click.option(
            "--max-audio", type=click.IntRange(1), metavar="MB", help="Maximum audio download in MB.  [default: 1000]"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def pop_asr_options(params: dict[str, Any], *, enabled: bool) -> AsrOptions | None:
    """Remove the options from *params* and return them; None unless *enabled*.

    Raises `click.UsageError` if an option is given although speech recognition is not enabled.
    """
    given = {name: params.pop(name) for name in ("model", "spoken", "device", "max_audio")}
    if not enabled:
        if any(value is not None for value in given.values()):
            names = ", ".join(f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None)
            raise click.UsageError(f"{names} needs --asr")
        return None
    from ..transcripts.asr import DEFAULT_MODEL, AsrOptions

    return AsrOptions(
        model=given["model"] or DEFAULT_MODEL,
        language=given["spoken"] or "",
        device=given["device"] or "cpu",
        max_audio_bytes=(given["max_audio"] or 1000) * _MEGABYTE_BYTES,
    )
