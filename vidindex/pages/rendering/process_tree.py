"""The processes that a process has started, on Linux: how much memory they use, and how to end them all."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_MAX_PROCESSES = 200


def list_descendants(root: int) -> list[int]:
    """Return the processes that *root* and its descendants have started; none on systems without `/proc`."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if entry.name.isdigit() and (parent := _parent_of(entry)):
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting and len(found) < _MAX_PROCESSES:
        started = children.get(waiting.pop(), [])
        found += started
        waiting += started
    return found


def measure_memory(processes: list[int]) -> int:
    """Return the bytes that *processes* do not share with others."""
    total = 0
    for process in processes:
        with suppress(OSError, ValueError, IndexError):
            fields = (_PROC / str(process) / "statm").read_text(encoding="ascii").split()
            total += (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    return total


def kill_processes(processes: list[int]) -> None:
    """Kill *processes*, which this process has started, directly or not."""
    for process in processes:
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _parent_of(entry: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        # The name of the program, in parentheses, may contain anything.
        return int((entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    return 0
