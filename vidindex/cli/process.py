"""The start and the end of the process of a command that only reads."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

_READING_COMMANDS = frozenset({"search", "trend", "verify", "quotes", "show", "list", "stats", "-h", "--help"})

_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""More than a search makes: nearly all of them are modules, classes and functions, which live as long as the process.
Python would look for garbage among them up to 90 times, which takes a twentieth of the time of a search."""


def start_process() -> None:
    """Set Python up for the command that is about to run; call this before most modules are imported."""
    if _only_reads():
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def end_process(status: object) -> None:
    """End the process with *status*.

    After a command that only reads, Python is not taken apart object by object: that takes a sixth of the time of a
    search, and the system frees the memory anyway.  Handlers of `atexit` run as usual.
    """
    if not isinstance(status, int) or not _only_reads() or threading.active_count() > 1:
        sys.exit(status)  # type: ignore[arg-type]  # it comes from SystemExit
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(status)
    os._exit(status)


def _only_reads() -> bool:
    """Return whether the arguments name a command that only reads, or ask for help."""
    return not _READING_COMMANDS.isdisjoint(sys.argv[1:])
