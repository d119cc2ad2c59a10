"""Clips in the browser: from selected words to a card, copied, and played to their end."""

from __future__ import annotations

import re
import urllib.request

import pytest

from .conftest import Open, expect

TALK = "/video/youtube:keeper00001"
CLIP = "/clip?video=youtube:keeper00001&from=3600000&to=3603000"
SELECT = """() => {
    const words = document.querySelector(".paragraph.current .words");
    getSelection().setBaseAndExtent(words.firstChild, 0, words.firstChild, words.firstChild.data.indexOf(" "));
}"""


YOUTUBE = """<!doctype html><body><script>
let at = Number(new URLSearchParams(location.search).get("start"));
const tell = () => {
  at += 0.5;
  parent.postMessage(JSON.stringify({ event: "infoDelivery", info: { currentTime: at, playerState: 1 } }), "*");
};
addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  if (message.event === "listening") setInterval(tell, 50);
  if (message.func === "pauseVideo") document.body.append(message.func);
});
</script>"""
"""A page that implements the messages of the YouTube player, whose video plays ten times as fast."""


@pytest.fixture
def film(site: str) -> str:
    """The path of the page of a video with a local media file."""
    with urllib.request.urlopen(f"{site}/?q=nothing+left+to+sing+with") as answer:
        found = re.search(r'href="(/video/file:[^"?]+)', answer.read().decode())
    assert found
    return found[1]


def test_selected_words_become_a_card_that_is_copied(visit: Open) -> None:
    opened = visit(f"{TALK}?t=3600.8", permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    expect(page.locator("#cite-selection")).to_be_hidden()
    page.evaluate(SELECT)
    page.locator("#cite-selection").click()
    card = page.locator("#clip-dialog #clip-card")
    word = page.locator(".paragraph.current .words").inner_text().split()[0]
    expect(card.locator(".clip-lines")).to_have_text(word)
    card.locator("button[data-copies=clip-bibtex]").click()
    expect(card.locator(".clip-status")).to_have_text("Copied: BibTeX")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("@misc{youtube-keeper00001-")
    card.locator("button[data-copies=clip-command]").click()
    expect(card.locator(".clip-status")).to_have_text("Copied: Command")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("vidindex clip 'https://www.youtube.com/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    card.locator("button[data-copies=clip-csl]").click()
    expect(card.locator(".clip-status")).to_contain_text("Not copied")
    assert '"title"' in page.evaluate("() => getSelection().toString()")
    page.keyboard.press("Escape")
    page.evaluate("() => getSelection().empty()")
    expect(page.locator("#cite-selection")).to_be_hidden()
    assert not opened.errors
    assert not opened.foreign_requests


def test_a_card_that_does_not_load_says_so(visit: Open) -> None:
    page = visit(f"{TALK}?t=3600.8").page
    page.route("**/clip?*", lambda route: route.abort())
    page.locator("#cite").click()
    expect(page.locator("#clip-dialog")).to_contain_text("The clip did not load. Open its page.")


def test_a_quote_that_is_not_copied_says_so(visit: Open) -> None:
    page = visit(f"{TALK}?t=3600.8").page
    page.route("**/quote?*", lambda route: route.abort())
    page.locator("#copy-quote").click()
    expect(page.locator("#copy-quote")).to_have_text("Not copied")
    expect(page.locator("#announcement")).to_have_text("Not copied: the server does not answer.")


def test_a_clip_stops_at_its_end(visit: Open, film: str) -> None:
    page = visit(f"{film}?t=12.055&q=nothing+left+to+sing+with").page
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.locator("#cite").click()
    play = page.locator("#clip-dialog a[data-clip-end-ms]")
    end_s = int(play.get_attribute("data-clip-end-ms") or 0) / 1000
    play.click()
    expect(page.locator("#announcement")).to_have_text("End of the clip")
    assert f"end={end_s:g}" in page.url
    assert page.evaluate("() => document.querySelector('video').paused")
    assert page.evaluate("() => document.querySelector('video').currentTime") >= end_s
    page.evaluate("() => document.querySelector('video').play()")
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {end_s + 0.6}")
    page.locator(".paragraph .start-link").first.click()
    assert "end=" not in page.url


def test_a_clip_stops_in_the_player_of_another_site(visit: Open) -> None:
    opened = visit("/")
    opened.page.route(
        re.compile(r"^https://www\.youtube"), lambda route: route.fulfill(body=YOUTUBE, content_type="text/html")
    )
    opened.page.goto(f"{opened.site}{TALK}?t=3600&end=3603.287")
    opened.page.locator(".poster").click()
    opened.page.frame_locator("iframe").locator("body", has_text="pauseVideo").wait_for()
    expect(opened.page.locator("#announcement")).to_have_text("End of the clip")


def test_a_clip_is_cited_and_limited_without_script(visit: Open, film: str) -> None:
    page = visit(f"{film}?t=12.055&end=13.2", java_script_enabled=False).page
    assert (page.locator("video").get_attribute("src") or "").endswith("#t=12.055,13.2")
    expect(page.locator("#clip-note")).to_contain_text("Clip 0:12–0:13")
    page.locator("#clip-link").click()
    expect(page.locator("#clip-card .clip-lines")).to_contain_text("nothing left to sing with")
    page.locator("summary", has_text="SRT").click()
    expect(page.locator("#clip-srt")).to_contain_text("00:00:12,")
    expect(page.locator("#clip-card button").first).to_be_hidden()


def test_the_card_is_accessible_and_fits(visit: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(
        CLIP, color_scheme="light", reduced_motion="reduce", viewport={"width": 320, "height": 700}, bypass_csp=True
    ).page
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert not found, [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found]
    assert page.evaluate("() => document.getElementById('main').scrollWidth <= innerWidth")
