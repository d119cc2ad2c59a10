"""Checks of the environment: Python, yt-dlp (its age and plugins), JavaScript, the engines, the index."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from .. import config
from ..engines import installed_engines
from ..errors import FfmpegNotInstalledError, NoIndexError, VidindexError
from ..library import open as open_index

if TYPE_CHECKING:
    from ..resolve.js_runtimes import JsRuntime

_MAX_YT_DLP_AGE_DAYS = 60
"""Sites change; an older yt-dlp fails on some of them."""


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """The result of one check; *message* states the finding and, unless *state* is `ok`, the next step."""

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


def run_checks(path: str | os.PathLike[str] | None = None, *, today: date | None = None) -> list[DoctorFinding]:
    """Run all checks; *path* is the index, as for `vidindex.open`."""
    return [
        DoctorFinding(
            "vidindex",
            "ok",
            f"{_package_version('vidindex')}, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
        ),
        check_yt_dlp_age(_package_version("yt-dlp"), today or date.today()),
        *_check_javascript(),
        *_check_plugins(),
        *_check_engines(),
        _check_ffmpeg(),
        *_check_index(path),
    ]


def check_yt_dlp_age(installed_version: str, today: date) -> DoctorFinding:
    """Check the age of yt-dlp, whose version is its release date."""
    try:
        year, month, day = (int(part) for part in installed_version.split(".")[:3])
        age = (today - date(year, month, day)).days
    except ValueError:
        return DoctorFinding("yt-dlp", "bad", f"{installed_version}: install it with `pip install -U yt-dlp`")
    if age > _MAX_YT_DLP_AGE_DAYS:
        return DoctorFinding(
            "yt-dlp", "note", f"{installed_version}, {age} days old: upgrade it with `pip install -U yt-dlp`"
        )
    return DoctorFinding("yt-dlp", "ok", f"{installed_version}, {max(age, 0)} days old")


def _check_javascript() -> Iterator[DoctorFinding]:
    """Check what yt-dlp needs for the challenges of YouTube: a JavaScript run time, and the solver that it runs."""
    from ..resolve.js_runtimes import find_js_runtimes, installed_solver_version, required_solver_version

    try:
        runtimes, required = find_js_runtimes(), required_solver_version()
    except ImportError:
        yield DoctorFinding("JavaScript", "note", "not checked, because yt-dlp cannot be imported: install it first")
        return
    yield check_js_runtimes(runtimes)
    yield check_solver(installed_solver_version(), required)


def check_js_runtimes(runtimes: Sequence[JsRuntime]) -> DoctorFinding:
    """Check the JavaScript run times on this machine."""
    usable = [runtime for runtime in runtimes if runtime.is_usable]
    unusable = "; ".join(_explain_unusable(runtime) for runtime in runtimes if not runtime.is_usable)
    if usable:
        first = f"{usable[0].name} {usable[0].version}, which yt-dlp uses for YouTube"
        return DoctorFinding("JavaScript", "ok", f"{first} ({unusable})" if unusable else first)
    found = unusable or "no run time"
    return DoctorFinding("JavaScript", "note", f"{found}; YouTube may require one: `pip install deno`")


def _explain_unusable(runtime: JsRuntime) -> str:
    name = f"{runtime.name} {runtime.version}"
    if runtime.version == "unknown":
        return f"{runtime.name} does not state its version (yt-dlp needs {runtime.oldest} or newer)"
    if not runtime.is_supported:
        return f"{name} is too old (yt-dlp needs {runtime.oldest} or newer)"
    return f"{name} is not used, because yt-dlp cannot restrict its access to files"


def check_solver(installed: str, required: str) -> DoctorFinding:
    """Check the *installed* version of yt-dlp-ejs against the one that yt-dlp requires; empty if there is none."""
    from ..resolve.js_runtimes import SOLVER_PACKAGE, is_solver_accepted

    if not installed:
        message = "not installed; YouTube may require it: `pip install 'vidindex[youtube]'`"
        return DoctorFinding(SOLVER_PACKAGE, "note", message)
    if not is_solver_accepted(installed, required):
        message = f"{installed}, but yt-dlp needs {required}: install both with `pip install -U 'yt-dlp[default]'`"
        return DoctorFinding(SOLVER_PACKAGE, "note", message)
    return DoctorFinding(SOLVER_PACKAGE, "ok", f"{installed}, which solves the challenges of YouTube")


def _check_plugins() -> Iterator[DoctorFinding]:
    """List the plugins of yt-dlp, whose code runs in this program, and those that it would load elsewhere."""
    from ..pages.ytdlp_plugins import list_ignored_plugins, list_plugins

    loaded = list_plugins()
    listed = ", ".join(f"{plugin.name} ({plugin.root})" for plugin in loaded)
    yield DoctorFinding("plugins", "ok", f"{listed}, for yt-dlp" if loaded else "none for yt-dlp")
    if ignored := list_ignored_plugins():
        listed = ", ".join(f"{plugin.name} ({plugin.root})" for plugin in ignored)
        message = f"plugins that are not loaded: {listed}; install them with pip, or use --yt-dlp-plugins"
        yield DoctorFinding("ignored", "note", message)


def _check_engines() -> Iterator[DoctorFinding]:
    installed = installed_engines()
    for name, extra in (("tantivy", "fast"), ("whoosh", "")):
        if name in installed:
            yield DoctorFinding(name, "ok", _package_version("Whoosh-Reloaded" if name == "whoosh" else name))
        else:
            yield DoctorFinding(name, "note", f"not installed: `pip install 'vidindex[{extra}]'` speeds up searches")


def _check_ffmpeg() -> DoctorFinding:
    """Check whether clips can be cut."""
    from ..clips.ffmpeg import find_program

    try:
        found = [find_program(program) for program in ("ffmpeg", "ffprobe")]
    except FfmpegNotInstalledError as exc:
        return DoctorFinding("ffmpeg", "note", f"clips cannot be cut: {exc.reason}")
    return DoctorFinding("ffmpeg", "ok", f"{found[0]}, which cuts clips")


def _check_index(path: str | os.PathLike[str] | None) -> Iterator[DoctorFinding]:
    place = config.resolve_index_path(path)
    try:
        with open_index(place, create=False) as index:
            counts = index.stats()
            damages = index.find_damage()
    except NoIndexError:
        yield DoctorFinding("index", "note", f"no index at {place}: create one with `vidindex add TARGET`")
        return
    except VidindexError as exc:
        yield DoctorFinding("index", "bad", str(exc))
        return
    yield DoctorFinding("index", "ok", f"{place}: {counts.videos:,} videos, {counts.words:,} words, {counts.engine}")
    for damage in damages:
        yield DoctorFinding("index", "bad", damage)
    if counts.pending:
        message = (
            f"{counts.pending:,} tracks are not searchable yet: the running or the next `vidindex add` indexes them"
        )
        yield DoctorFinding("pending", "note", message)


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
