"""The main loop of a worker process."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import BinaryIO

from ..process_limits import limit_process, renew_cpu_limit
from .messages import DONE, FAILED, READY, TOO_LARGE, encode_message, read_message

MAX_CPU_S_PER_JOB = 120
"""Processor time of one job, after which the system ends the process, also if its parent was killed."""

MAX_MEMORY_BYTES = 400_000_000
_MAX_ADDRESS_SPACE_BYTES = 1_200_000_000

Work = Callable[[Sequence[bytes]], Sequence[bytes]]


def serve_jobs(source_file: BinaryIO | None = None, sink_file: BinaryIO | None = None) -> None:
    """Answer requests until the parent closes the pipe, or ends.

    The first part of a request names a function, `module:function`; it is given the other parts and returns those of
    the answer.
    """
    source, sink = source_file or sys.stdin.buffer, sink_file or sys.stdout.buffer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles it
    limit_process(memory_bytes=MAX_MEMORY_BYTES, address_space_bytes=_MAX_ADDRESS_SPACE_BYTES)
    _send(sink, READY, ())
    while (request := read_message(source)) is not None:
        renew_cpu_limit(MAX_CPU_S_PER_JOB)
        status, parts = _work(request[1])
        del request
        _send(sink, status, parts)
        del parts


def _work(parts: Sequence[bytes]) -> tuple[bytes, Sequence[bytes]]:
    try:
        return DONE, _find_function(parts[0].decode())(parts[1:])
    except MemoryError:
        return TOO_LARGE, ()
    except Exception as exc:  # a defect: the parent does the same work again, and reports it
        return FAILED, (repr(exc).encode("utf-8", "replace")[:1000],)


@cache
def _find_function(name: str) -> Work:
    module, _, function = name.partition(":")
    work: Work = getattr(import_module(module), function)
    return work


def _send(sink: BinaryIO, status: bytes, parts: Sequence[bytes]) -> None:
    sink.writelines(encode_message(status, parts))
    sink.flush()
