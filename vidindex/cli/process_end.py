"""The end of the process of a command that only reads."""

from __future__ import annotations

import atexit
import os
import sys
import threading

_READING_COMMANDS = frozenset({"search", "trend", "verify", "quotes", "show", "list", "stats", "-h", "--help"})


def end_process(status: object) -> None:
    """End the process with *status*.

    After a command that only reads, Python is not taken apart object by object: that takes a sixth of the time of a
    search, and the system frees the memory anyway.  Handlers of `atexit` run as usual.
    """
    if not isinstance(status, int) or _READING_COMMANDS.isdisjoint(sys.argv[1:]) or threading.active_count() > 1:
        sys.exit(status)  # type: ignore[arg-type]  # it comes from SystemExit
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(status)
    os._exit(status)
