"""Run `vidindex` on a pseudo-terminal, as users see it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Callable
from pathlib import Path

from tests.processes import ROOT, interruptible

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run_on_terminal(
    *words: str | Path, columns: int = 80, on_output: Callable[[int, str], None] = lambda pid, text: None
) -> tuple[int, str]:
    """Run `vidindex` with *words* on a terminal of that width; return its exit code and all that it wrote.

    *on_output* is called with the process id and what was written so far, each time something was.
    """
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "PYTHONPATH": str(ROOT)}
    with interruptible():
        pid, terminal = pty.fork()
        if pid == 0:  # still in this block, whose end would make it ignore interrupts again
            os.execve(sys.executable, [sys.executable, "-m", "vidindex", *map(str, words)], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    output = ""
    while True:
        try:
            chunk = os.read(terminal, 1 << 16)
        except OSError:  # the process has ended
            break
        if not chunk:
            break
        output += chunk.decode("utf-8", "replace")
        on_output(pid, output)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output


def visible_text(output: str) -> str:
    """Return *output* without escape sequences, as lines."""
    return _ESCAPE_SEQUENCE.sub("", output).replace("\r\n", "\n").replace("\r", "\n")
