"""Pages whose scripts make their text are read in a real Chromium, which reaches nothing but what the guard allows."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.loopback import Site, serving, site
from tests.processes import HANG_S, wait_until
from vidindex.errors import FetchError, RenderNotInstalledError, ScriptPageError
from vidindex.ingest.page_reader import read_page
from vidindex.net.fetch import FetchOptions
from vidindex.pages.rendering import RenderLimits, render_page, renderer
from vidindex.pages.rendering.process_tree import list_descendants

__all__ = ["site"]

needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"))),
    reason="Chromium is not installed",
)
LIMITS = RenderLimits(total_s=2 * HANG_S, settle_s=20)
SHELL = '<title>News</title><body><div id="root"></div><script src="{}"></script></body>'


def put_app(site: Site, script: str, *, path: str = "/story") -> str:
    site.put(f"{path}.js", script, "text/javascript")
    return site.put(path, SHELL.format(f"{path}.js"))


def list_browsers() -> list[int]:
    """Return the processes of browsers and their drivers that this process has started."""
    return [each for each in list_descendants(os.getpid()) if renderer._is_still(each)]


def test_the_shell_of_an_application_is_named_as_such(site: Site) -> None:
    with pytest.raises(ScriptPageError, match="empty without JavaScript: try --render"):
        read_page(put_app(site, ""))


@needs_browser
def test_the_page_that_scripts_make_is_read_with_its_frames(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("/data.json", '{"title": "The mayor speaks"}', "application/json")
    text = "She never meant to close the bridge. " * 20
    page = put_app(
        site,
        "fetch('/data.json').then((answer) => answer.json()).then((data) => {"
        "document.title = data.title;"
        f"document.getElementById('root').innerHTML = `<article><h1>${{data.title}}</h1><p>{text}</p>"
        "<h2>No questions</h2>"
        "<iframe src='https://www.youtube-nocookie.com/embed/aB3dE6gH9jK'></iframe></article>` })",
    )
    with tempfile.TemporaryDirectory() as folder:  # Chromium needs a short path
        monkeypatch.setattr(tempfile, "tempdir", folder)
        found = read_page(page, render=True)
        assert list(Path(folder).iterdir()) == []  # the profile of the browser is deleted
        monkeypatch.undo()

    assert found.article.title == "The mayor speaks"
    assert "never meant to close the bridge" in found.article.text
    assert [(embed.id, embed.label) for embed in found.embeds] == [("aB3dE6gH9jK", "No questions")]
    assert found.article.fetched_from == page


HOSTILE = """
const other = "{other}", port = "{port}", udp = "{udp}";
const tries = [
  () => fetch(other + "/fetch", {{mode: "no-cors"}}),
  () => fetch("http://localhost:" + port + "/localhost", {{mode: "no-cors"}}),
  () => fetch("http://[::1]:" + port + "/v6", {{mode: "no-cors"}}),
  () => fetch("http://rebind.example:" + port + "/rebind", {{mode: "no-cors"}}),
  () => fetch("/redirect", {{mode: "no-cors"}}),
  () => {{ new Image().src = other + "/image"; }},
  () => {{ navigator.sendBeacon(other + "/beacon", "x"); }},
  () => {{ new WebSocket(other.replace("http", "ws") + "/socket"); }},
  () => {{ new EventSource(other + "/events"); }},
  () => {{ const f = document.createElement("iframe"); f.src = other + "/frame"; document.body.append(f); }},
  () => {{ const f = document.createElement("iframe");
           f.srcdoc = "<script>fetch('" + other + "/srcdoc')<\\/script>";
           document.body.append(f); }},
  () => {{ const f = document.createElement("iframe"); f.src = "http://169.254.169.254/latest/meta-data/";
           document.body.append(f); }},
  () => {{ const f = document.createElement("iframe"); f.src = "/redirect"; document.body.append(f); }},
  () => {{ let n = 0; setInterval(() => fetch("/endless?" + n++).catch(() => {{}}), 20); }},
  () => {{ const l = document.createElement("link"); l.rel = "dns-prefetch"; l.href = other;
           document.head.append(l); }},
  () => {{ const p = new RTCPeerConnection({{iceServers: [{{urls: "stun:" + udp}}]}}); p.createDataChannel("x");
           p.createOffer().then((offer) => p.setLocalDescription(offer)); }},
  () => {{ new WebTransport("https://" + udp + "/"); }},
  () => {{ new Worker(URL.createObjectURL(new Blob(["new WebTransport('https://" + udp + "/')"]))); }},
  () => {{ navigator.serviceWorker.register("/worker.js"); }},
  () => {{ window.open(other + "/popup"); }},
  () => {{ const a = document.createElement("a"); a.href = "/file.bin"; a.download = "x";
           document.body.append(a); a.click(); }},
  () => {{ Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => {{}}); }},
  () => {{ alert("stay"); confirm("stay"); prompt("stay"); }},
];
for (const each of tries) {{ try {{ Promise.resolve(each()).catch(() => {{}}); }} catch (_) {{}} }}
document.getElementById("root").innerHTML = "<p>" + "It was a long evening. ".repeat(30) + "</p>";
onbeforeunload = () => "stay";
"""


@needs_browser
def test_a_hostile_page_reaches_no_private_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host of the page itself is given by the user; everything else on this machine is private."""
    with serving("127.0.0.2") as other, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.2", 0))
        listener.setblocking(False)
        udp, port = f"127.0.0.2:{listener.getsockname()[1]}", other.base.rpartition(":")[2]
        real = socket.getaddrinfo

        def resolve(host: str, *rest: object, **more: object) -> object:
            return real("127.0.0.2" if host == "rebind.example" else host, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        site.redirect("/redirect", other.url("/redirected"))
        site.put("/file.bin", b"\0" * 100, "application/octet-stream")
        page = put_app(site, HOSTILE.format(other=other.base, port=port, udp=udp))
        rendered = render_page(page, options=FetchOptions(), limits=LIMITS)

        assert b"It was a long evening." in rendered.content
        assert other.asked == []
        with pytest.raises(BlockingIOError):
            listener.recv(100)
    assert "/redirect" in site.paths()
    assert "/worker.js" not in site.paths()
    assert 0 < sum(path.startswith("/endless") for path in site.paths()) <= LIMITS.max_connections


@needs_browser
def test_a_page_that_leads_to_a_private_address_is_refused(site: Site) -> None:
    with serving("127.0.0.2") as other:
        page = put_app(site, f"location.href = '{other.base}/secret'")
        with contextlib.suppress(FetchError):
            assert b"secret" not in render_page(page, options=FetchOptions(), limits=LIMITS).content
        assert other.asked == []


@needs_browser
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the memory of processes is read from /proc")
def test_a_page_that_eats_memory_is_ended_with_its_browser(site: Site) -> None:
    page = put_app(site, "window.kept = []; setInterval(() => kept.push(new Uint8Array(2e7).fill(1)), 5)")
    with pytest.raises(FetchError, match=r"more than 600 MB"):
        render_page(page, options=FetchOptions(), limits=replace(LIMITS, settle_s=60, max_memory=600_000_000))
    wait_until(lambda: not list_browsers())


@needs_browser
def test_a_page_that_never_ends_is_ended_with_its_browser(site: Site) -> None:
    page = put_app(site, "while (true) {}")
    with pytest.raises(FetchError, match="longer than 8 s"):
        render_page(page, options=FetchOptions(), limits=RenderLimits(total_s=8, settle_s=4))
    wait_until(lambda: not list_browsers())


@needs_browser
def test_a_page_that_grows_too_large_is_refused(site: Site) -> None:
    page = put_app(site, "document.getElementById('root').innerHTML = '<b>x</b>'.repeat(250000)")
    with pytest.raises(FetchError, match="too large"):
        render_page(page, options=FetchOptions(), limits=LIMITS)


@needs_browser
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the memory of processes is read from /proc")
def test_a_browser_that_takes_too_much_memory_is_ended(site: Site) -> None:
    limits = replace(LIMITS, max_memory=1_000_000)
    with pytest.raises(FetchError, match="more than 1 MB"):
        render_page(put_app(site, ""), options=FetchOptions(), limits=limits)
    wait_until(lambda: not list_browsers())


def test_without_the_extra_or_a_browser_the_next_step_is_stated(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(renderer, "_has_own_browser", lambda: False)
    with pytest.raises(RenderNotInstalledError, match="apt install chromium"):
        read_page(put_app(site, ""), render=True)
    monkeypatch.setattr(renderer, "find_spec", lambda _name: None)
    with pytest.raises(RenderNotInstalledError, match=r"pip install 'vidindex\[render\]'"):
        read_page(put_app(site, ""), render=True)


def test_a_page_with_an_article_is_not_rendered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "find_spec", lambda _name: None)
    text = "She never meant to close the bridge, the mayor said. " * 10
    page = site.put("/a", f"<article><h1>Bridge</h1><p>{text}</p></article><script src='/a.js'></script>")

    assert "never meant" in read_page(page, render=True).article.text


def test_an_article_in_the_metadata_of_a_shell_is_read_and_its_players_are_rendered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer, "find_spec", lambda _name: None)
    text = "She never meant to close the bridge, the mayor said. " * 10
    data = json.dumps({"@type": "NewsArticle", "articleBody": text})
    page = site.put("/b", f'<script type="application/ld+json">{data}</script>{SHELL.format("/b.js")}')

    assert "never meant" in read_page(page).article.text
    with pytest.raises(RenderNotInstalledError):
        read_page(page, render=True)
