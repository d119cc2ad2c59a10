"""The start and the end of a process, which are shorter for commands that only read."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

_READING_COMMANDS = frozenset({"", "search", "trend", "verify", "quotes", "show", "list", "stats"})
"""Commands that only read; the empty name stands for the help."""

_USUAL_THRESHOLDS = gc.get_threshold()
_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""More than a search makes: nearly all of them are modules, classes and functions, which live as long as the process.
Python would look for garbage among them up to 90 times, which takes a twentieth of the time of a search."""


def start_process() -> None:
    """Prepare the streams, and look for garbage rarely while modules are imported, most of which follow."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for name in ("stdin", "stdout", "stderr"):
        _prepare_stream(name)


def _prepare_stream(name: str) -> None:
    """Accept all characters in a stream whose encoding lacks some, and replace a closed one by the null device."""
    stream = getattr(sys, name)
    if stream is None:  # `>&-`: the first file to be opened would take its place
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - no pathlib at the start
    elif name != "stdin" and stream.errors == "strict" and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(errors="backslashreplace")


def prepare_command(name: str) -> None:
    """Prepare the process for the command *name*, whose module has been imported, but not what it needs to run.

    Python looks for garbage as often as usual if it may run for long.
    """
    if name not in _READING_COMMANDS:
        gc.set_threshold(*_USUAL_THRESHOLDS)
    elif name:
        from ..config import use_one_blas_thread  # the help does not import it

        use_one_blas_thread()


def end_process(status: object, command: str) -> None:
    """End the process with *status*, after *command* was run.

    After a command that only reads, Python is not taken apart object by object: that takes a sixth of the time of a
    search, and the system frees the memory anyway.  Handlers of `atexit` run as usual.
    """
    if not isinstance(status, int) or command not in _READING_COMMANDS or threading.active_count() > 1:
        sys.exit(status)  # type: ignore[arg-type]  # it comes from SystemExit
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(status)
    os._exit(status)
