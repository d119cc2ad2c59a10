"""The process that runs one page in Chromium.  Its parent sends a request as JSON, and kills it at the deadline.

The browser may do what a reader without any rights may do: it reaches the network through the proxy of the parent only,
has no permissions, opens no windows, saves no files, and its profile is deleted with it.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MAX_DOM_CHARS = 8_000_000
MAX_DOM_ELEMENTS = 200_000
_POLL_S = 0.25
_STABLE_POLLS = 4
"""How often the text of the page must have the same length until it counts as complete: for one second."""

BROWSER_ARGUMENTS = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-gpu",
    "--disable-notifications",
    "--block-new-web-contents",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--renderer-process-limit=2",
    "--js-flags=--max-old-space-size=300",
    # Names are resolved by the proxy alone, which checks the addresses; not even loopback bypasses it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-bypass-list=<-loopback>",
)
_REMOVE_DIRECT_CHANNELS = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport", "SharedWorker",
                    "Worker", "open", "print", "showOpenFilePicker", "showSaveFilePicker", "showDirectoryPicker"]) {
  try { Object.defineProperty(window, name, {value: undefined, configurable: false, writable: false}); } catch (_) {}
}
"""
"""What can reach the network past a proxy (UDP), in workers too, or opens a window."""

_MEASURE = """() => [document.getElementsByTagName("*").length, document.body ? document.body.innerText.length : 0,
                       document.readyState]"""
_SERIALIZE = """(limit) => {
  const html = "<!DOCTYPE html>" + document.documentElement.outerHTML;
  return html.length > limit ? "" : html;
}"""


def main() -> None:
    """Read a request from standard input, and write the answer to standard output."""
    request = json.loads(sys.stdin.readline())
    sys.stdout.write(json.dumps(_render(request)))
    sys.stdout.flush()


def _render(request: dict[str, Any]) -> dict[str, Any]:
    from playwright.sync_api import Error, sync_playwright

    deadline = time.monotonic() + request["seconds"]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=request["executable"] or None,
                args=list(BROWSER_ARGUMENTS),
                chromium_sandbox=request["sandbox"],
                proxy={"server": f"http://127.0.0.1:{request['port']}"},
                timeout=1000 * request["seconds"],
                handle_sigint=False,
            )
            return _visit(browser, request, deadline)
    except Error as exc:
        return {"error": exc.message.splitlines()[0][:500] if exc.message else "it failed"}


def _visit(browser: Browser, request: dict[str, Any], deadline: float) -> dict[str, Any]:
    context = browser.new_context(
        accept_downloads=False,
        service_workers="block",
        user_agent=request["user_agent"] or None,
        permissions=[],
        locale="en-US",
        viewport={"width": 1280, "height": 2000},
    )
    context.set_default_timeout(max(1.0, 1000 * (deadline - time.monotonic())))
    context.add_init_script(_REMOVE_DIRECT_CHANNELS)
    page = context.new_page()
    context.on("page", lambda opened: opened.close())
    page.on("dialog", lambda dialog: dialog.dismiss())
    response = page.goto(request["url"], wait_until="domcontentloaded")
    if response is not None and response.status >= 400:
        return {"status": response.status, "url": page.url}
    _wait_until_complete(page, min(deadline, time.monotonic() + request["settle_s"]))
    elements, _, _ = page.evaluate(_MEASURE)
    html = page.evaluate(_SERIALIZE, MAX_DOM_CHARS) if elements <= MAX_DOM_ELEMENTS else ""
    return {"url": page.url, "html": html} if html else {"too_large": True}


def _wait_until_complete(page: Page, deadline: float) -> None:
    """Wait until the text of the loaded page stays as long as it is."""
    from playwright.sync_api import Error

    lengths: list[object] = []
    while time.monotonic() < deadline:
        with suppress(Error):  # a script may have left the page
            elements, chars, state = page.evaluate(_MEASURE)
            lengths.append((elements, chars) if state == "complete" and chars else object())
            if elements > MAX_DOM_ELEMENTS:
                return
            if len(lengths) >= _STABLE_POLLS and len(set(lengths[-_STABLE_POLLS:])) == 1:
                return
        page.wait_for_timeout(1000 * _POLL_S)


if __name__ == "__main__":
    main()
