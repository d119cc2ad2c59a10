"""The command line: `run` is the program, and `main` has the commands."""

from __future__ import annotations

from .process import end_process, start_process


def run() -> None:
    """Run the command line as a process of its own: see `main.main` for the exit codes."""
    start_process()
    from .main import main  # after the process has been set up: this imports most of what a command needs

    try:
        main()
    except SystemExit as exc:
        end_process(exc.code)
