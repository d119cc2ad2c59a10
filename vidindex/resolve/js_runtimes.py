"""The JavaScript run times with which yt-dlp solves the challenges of YouTube, and the solver, which they run.

yt-dlp itself looks for the programs and knows which versions it supports.  vidindex lets it use those whose permissions
yt-dlp restricts, because they run code that comes from the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any

SANDBOXED_RUNTIMES = ("deno", "node")
"""The run times that yt-dlp runs without access to files, the better one first."""

SOLVER_PACKAGE = "yt-dlp-ejs"
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class JsRuntime:
    """A JavaScript run time on this machine: *is_supported* says whether it is new enough for yt-dlp.

    *oldest* is the oldest version that yt-dlp supports, and *probe* the object of yt-dlp that found the program.
    """

    name: str
    version: str
    oldest: str
    is_supported: bool
    probe: Any

    @property
    def is_usable(self) -> bool:
        """Whether vidindex lets yt-dlp use it."""
        return self.is_supported and self.name in SANDBOXED_RUNTIMES


def find_js_runtimes() -> tuple[JsRuntime, ...]:
    """Return the run times on this machine, as yt-dlp finds them; the search runs programs, once per process."""
    with _LOCK:
        return _find_js_runtimes()


@cache
def _find_js_runtimes() -> tuple[JsRuntime, ...]:
    import yt_dlp  # noqa: F401 - registers the run times
    from yt_dlp.globals import supported_js_runtimes

    kinds = supported_js_runtimes.value
    return tuple(filter(None, (_find_js_runtime(name, kinds[name]) for name in kinds)))


def _find_js_runtime(name: str, kind: Any) -> JsRuntime | None:
    probe = kind()
    try:
        if probe.info is None:
            return None
    except (OSError, ValueError):  # the output of the program is not text
        return None
    oldest = ".".join(map(str, getattr(kind, "MIN_SUPPORTED_VERSION", ()))) or "another version"
    return JsRuntime(name, probe.info.version, _shorten_version(oldest), probe.info.supported, probe)


def _shorten_version(text: str) -> str:
    return re.sub(r"(?:\.0)+$", "", text)


def usable_js_runtimes() -> dict[str, Any]:
    """Return the probes of the run times that vidindex lets yt-dlp use, by their names in yt-dlp."""
    return {runtime.name: runtime.probe for runtime in find_js_runtimes() if runtime.is_usable}


def installed_solver_version() -> str:
    """Return the version of yt-dlp-ejs in this environment, or an empty string if it is not installed."""
    try:
        return version(SOLVER_PACKAGE)
    except PackageNotFoundError:
        return ""


def required_solver_version() -> str:
    """Return the version of yt-dlp-ejs that belongs to the installed yt-dlp, or an empty string if it names none."""
    try:
        from yt_dlp.extractor.youtube.jsc._builtin.vendor import VERSION
    except ImportError:
        return ""
    return str(VERSION)


def is_solver_accepted(installed: str, required: str) -> bool:
    """Return whether yt-dlp accepts the *installed* version of yt-dlp-ejs: the first two numbers must be the same."""
    return not required or installed.split(".")[:2] == required.split(".")[:2]
