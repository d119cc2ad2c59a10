"""The command line: `run` is the program, and `main` has the commands."""

from __future__ import annotations

from .process import end_process, start_process


def run() -> None:
    """Run the command line as a process of its own: see `main.main` for the exit codes."""
    start_process()
    # After the process has been set up: this imports most of what a command needs.
    from .context import CommandContext
    from .main import main

    context = CommandContext()
    try:
        main(context)
    except SystemExit as exc:
        end_process(exc.code, context.command)
