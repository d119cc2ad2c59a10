"""Render a page in a process of its own, within limits of time, memory, connections and bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...config import make_environment
from ...errors import FetchError, OptionError, RenderNotInstalledError
from ...net.fetch import FetchedPage, FetchOptions
from ...net.guard_proxy import GuardProxy, TrafficBudget
from ...net.ssrf import infer_private_hosts
from ...net.traffic import server_of
from .process_tree import kill_processes, list_descendants, measure_memory

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "chromium-headless-shell",
)
_POLL_S = 0.1
_MAX_ANSWER_BYTES = 60_000_000
_NETWORK_ERRORS = ("ERR_TUNNEL_CONNECTION_FAILED", "ERR_PROXY", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION", "ERR_TIMED_OUT")


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """What rendering one page may cost.

    *total_s* limits the whole, *settle_s* the time for the scripts after the page itself has been read.  *max_memory*
    limits the bytes of the browser with all its processes, on Linux only.
    """

    total_s: float = 40.0
    settle_s: float = 10.0
    max_connections: int = 400
    max_bytes: int = 60_000_000
    max_memory: int = 1_200_000_000


_DEFAULT_LIMITS = RenderLimits()


def render_page(url: str, *, options: FetchOptions, limits: RenderLimits = _DEFAULT_LIMITS) -> FetchedPage:
    """Return the page at *url* as it is after its scripts have run.

    Raises `RenderNotInstalledError` if the extra or Chromium is missing, `FetchError` if the page cannot be rendered
    within the limits.
    """
    executable = find_browser()
    hosts = infer_private_hosts(url) if options.allowed_private_hosts is None else options.allowed_private_hosts
    budget = TrafficBudget(limits.max_connections, limits.max_bytes, time.monotonic() + limits.total_s)
    try:
        with (
            options.throttle.slot(server_of(url)),
            GuardProxy(budget, hosts | options.allowed_addresses, proxy=options.proxy) as proxy,
        ):
            answer = _run_worker(_build_request(url, executable, proxy.port, options, limits), url, limits)
            refused = list(proxy.refused)
    except OptionError as exc:
        raise FetchError(url, str(exc), verdict="failed") from exc
    return _read_answer(answer, url, options, hosts, refused)


def find_browser() -> str:
    """Return the path of the system's Chromium, or "" for the one that Playwright has downloaded.

    Raises `RenderNotInstalledError` if there is none.
    """
    if find_spec("playwright") is None:
        raise RenderNotInstalledError("rendering is not installed: `pip install 'vidindex[render]'`")
    found = next(filter(None, map(shutil.which, _BROWSERS)), "")
    if not found and not _has_own_browser():
        raise RenderNotInstalledError(
            "rendering needs Chromium: install it with the package manager of the system, such as "
            "`apt install chromium`, or run `playwright install chromium`"
        )
    return found


def _has_own_browser() -> bool:
    """Return whether Playwright has downloaded a browser; asking it takes a second."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            return Path(playwright.chromium.executable_path).exists()
    except (Error, RuntimeError):
        return False


def _build_request(
    url: str, executable: str, port: int, options: FetchOptions, limits: RenderLimits
) -> dict[str, object]:
    return {
        "url": url,
        "executable": executable,
        "port": port,
        "user_agent": options.user_agent,
        "seconds": limits.total_s,
        "settle_s": limits.settle_s,
        # Chromium refuses its own sandbox if root starts it.
        "sandbox": hasattr(os, "geteuid") and os.geteuid() != 0,
    }


def _run_worker(request: dict[str, object], url: str, limits: RenderLimits) -> dict[str, Any]:
    root = str(Path(__file__).resolve().parents[3])
    code = f"import sys; sys.path.insert(0, {root!r}); from vidindex.pages.rendering.worker import main; main()"
    # The profile of the browser and its other files are in a folder that is deleted, even if the browser is killed.
    with (
        TemporaryDirectory(prefix="vidindex-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=make_environment(TMPDIR=folder),
        ) as worker,
    ):
        watch = _Watch(worker, limits)
        try:
            content, _ = worker.communicate(json.dumps(request).encode() + b"\n")
        finally:
            watch.stop()
    if watch.reason:
        raise FetchError(url, f"the page could not be rendered: {watch.reason}", verdict="failed")
    try:
        answer = json.loads(content[:_MAX_ANSWER_BYTES])
    except ValueError as exc:
        reason = (
            "the page could not be rendered: the browser ended; run the command again, or save the page in a browser"
        )
        raise FetchError(url, reason, verdict="failed") from exc
    return answer if isinstance(answer, dict) else {}


class _Watch:
    """Kills the worker with all its processes when a limit is exceeded, and when it is stopped."""

    def __init__(self, worker: subprocess.Popen[bytes], limits: RenderLimits) -> None:
        self.reason = ""
        self._worker = worker
        self._limits = limits
        self._seen: set[int] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all processes, and the watch."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        deadline = time.monotonic() + self._limits.total_s
        while not self._stopped.wait(_POLL_S) and not self.reason:
            started = list_descendants(self._worker.pid)
            self._seen.update(started)
            if time.monotonic() >= deadline:
                self.reason = (
                    f"it takes longer than {self._limits.total_s:.0f} s; save it in a browser and add the file"
                )
            elif measure_memory(started) > self._limits.max_memory:
                self.reason = f"it takes more than {self._limits.max_memory // 1_000_000:,} MB; save it in a browser"
        # The browser is in a session of its own: its processes are known only as descendants.
        kill_processes([self._worker.pid] if self._worker.poll() is None else [])
        kill_processes([each for each in self._seen if _is_still(each)])


def _is_still(process: int) -> bool:
    """Return whether *process* is one of a browser or its driver; its number may have been given to another."""
    try:
        with Path(f"/proc/{process}/cmdline").open("rb") as file:
            command = file.read(4096).lower()
    except OSError:
        return False
    return any(word in command for word in (b"playwright", b"chrom", b"edge"))


def _read_answer(
    answer: dict[str, Any], url: str, options: FetchOptions, hosts: frozenset[str], refused: list[str]
) -> FetchedPage:
    if answer.get("too_large"):
        raise FetchError(url, "the page could not be rendered: its scripts make it too large", verdict="failed")
    if isinstance(status := answer.get("status"), int):
        raise FetchError(url, f"HTTP {status}", status=status)
    address, html = answer.get("url"), answer.get("html")
    if not isinstance(address, str) or not isinstance(html, str) or not address.startswith(("http://", "https://")):
        raise FetchError(url, _describe_failure(str(answer.get("error") or ""), refused), verdict="failed")
    if address != url and options.on_redirect is not None:
        options.on_redirect(address, hosts)
    return FetchedPage(address, html.encode("utf-8", "replace"), "text/html", "utf-8", 200)


def _describe_failure(error: str, refused: list[str]) -> str:
    if refused and any(name in error for name in _NETWORK_ERRORS):
        return f"the page leads to the private address {refused[0]}: add it yourself if you trust it"
    if "Timeout" in error:
        return "the page could not be rendered: it did not load in time; try again later"
    return f"the page could not be rendered ({error[:200] or 'the browser gave no page'}): save it in a browser"
