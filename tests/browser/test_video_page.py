"""Use of the video page, with local media files and players of other sites."""

from __future__ import annotations

import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

from .conftest import NEXT_FRAMES, Open, expect

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

TALK = "/video/youtube:keeper00001"

YOUTUBE = """<!doctype html><script>
let at = Number(new URLSearchParams(location.search).get("start"));
const tell = () => parent.postMessage(JSON.stringify({ event: "infoDelivery", info: { currentTime: at } }), "*");
addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  if (message.event === "listening") setInterval(tell, 50);
  if (message.func === "seekTo") at = message.args[0];
});
</script>"""
"""A page that implements the messages of the YouTube player."""


@pytest.fixture
def film(site: str) -> str:
    """The path of the page of a video with a local media file."""
    with urllib.request.urlopen(f"{site}/?q=nothing+left+to+sing+with") as answer:
        found = re.search(r'href="(/video/file:[^"?]+)', answer.read().decode())
    assert found
    return found[1]


def time_of(page: Page) -> float:
    return float(page.evaluate("() => document.querySelector('video').currentTime"))


def slow_down(page: Page) -> None:
    """Let the video play at a sixteenth of its speed, so that a slow machine sees each second of it."""
    page.evaluate("""() => {
        const video = document.querySelector("video");
        video.defaultPlaybackRate = video.playbackRate = 1 / 16;
    }""")


def play_to(page: Page, seconds: float) -> None:
    """Play the video to a time and pause it there."""
    page.evaluate("""() => {
        const video = document.querySelector("video");
        video.playbackRate = 1 / 2;
        video.play();
    }""")
    page.wait_for_function(
        """(seconds) => {
            const video = document.querySelector("video");
            if (video.currentTime < seconds) return false;
            video.pause();
            return true;
        }""",
        arg=seconds,
    )


def test_a_video_starts_at_the_hit_and_the_transcript_follows(visit: Open, film: str) -> None:
    page = visit(f"{film}?t=12.055&q=nothing+left+to+sing+with").page
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    assert time_of(page) == pytest.approx(12.055, abs=0.05)
    play_to(page, 12.4)
    page.wait_for_function(
        "() => ['nothing', 'left', 'to', 'sing'].includes([...CSS.highlights.get('current-word')].join())"
    )
    assert "I sang one verse" in page.locator(".paragraph.current").inner_text()
    play_to(page, 15.3)
    page.wait_for_function("() => document.querySelector('.paragraph.current').innerText.includes('I was tired')")
    expect(page.locator("#clock")).to_have_text(re.compile("0:1[45]"))


def test_the_word_at_the_time_of_a_link_is_highlighted(visit: Open, film: str) -> None:
    """Anywhere in its paragraph."""
    for quote in ("two hundred and eleven nights", "whether i finished the song", "have to learn how to stop"):
        found = visit(f"/?q={quote.replace(' ', '+')}").page.locator("a.hit").first.get_attribute("href")
        page = visit(str(found)).page
        page.wait_for_function("() => [...(CSS.highlights.get('current-word') ?? [])].join()")
        marked = page.evaluate("() => [...CSS.highlights.get('current-word')].join()")
        assert marked.lower() == quote.split()[0]


def test_a_click_on_a_word_plays_it(visit: Open, film: str) -> None:
    page = visit(film).page
    slow_down(page)
    place = page.evaluate("""() => {
        const paragraphs = [...document.querySelectorAll('.paragraph .words')];
        const words = paragraphs.find((each) => each.textContent.includes('tired'));
        const text = words.firstChild;
        const range = document.createRange();
        range.setStart(text, text.data.indexOf('tired'));
        range.setEnd(text, text.data.indexOf('tired') + 5);
        words.scrollIntoView({ block: 'center' });
        const box = range.getBoundingClientRect();
        return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    }""")
    page.mouse.click(place["x"], place["y"])
    page.wait_for_function("() => [...(CSS.highlights.get('current-word') ?? [])].join().startsWith('tired')")
    assert time_of(page) == pytest.approx(15.0, abs=1.0)
    assert re.search(r"[?&]t=1[45]\.\d", page.url)


def test_words_of_the_transcript_are_found_and_played_by_keyboard(visit: Open, film: str) -> None:
    page = visit(film).page
    slow_down(page)
    page.keyboard.press("/")
    page.keyboard.type("suitcase")
    page.wait_for_function("() => document.getElementById('find-count').textContent === '1 of 1'")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.paragraph.current')?.innerText.includes('suitcase')")
    assert time_of(page) > 20


def test_the_transcript_is_searched_while_typing(visit: Open) -> None:
    page = visit(TALK).page
    page.locator("#find").fill("Harbour")
    page.wait_for_function("() => /^1 of \\d+$/.test(document.getElementById('find-count').textContent)")
    page.locator("#find").press("Enter")
    expect(page.locator("#find-count")).to_have_text(re.compile("^2 of "))
    page.locator("#previous").click()
    page.locator("#previous").click()
    expect(page.locator("#find-count")).to_have_text(re.compile(r"^(\d+) of \1$"))
    assert page.evaluate("() => CSS.highlights.get('match').size") > 50


def test_hits_are_marked_in_the_transcript_and_on_the_timeline(visit: Open) -> None:
    page = visit("/video/youtube:lamps000003?t=80&q=the+lamps+along+the+harbour").page
    assert page.locator("#hits-title").inner_text().startswith("10 matches for")
    assert page.locator("#timeline rect.hit-mark").count() == 10
    assert page.locator(".transcript-text mark").count() >= 10
    assert page.locator("#timeline svg").get_attribute("aria-label") == "10 matches in 4:00"


def test_a_click_on_the_timeline_seeks(visit: Open, film: str) -> None:
    page = visit(film).page
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    slow_down(page)
    box = page.locator("#timeline svg").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.querySelector('video').currentTime >= 37")
    assert time_of(page) == pytest.approx(38, abs=3)


def test_no_request_to_another_site_before_play_is_pressed(visit: Open) -> None:
    opened = visit(f"{TALK}?t=3600&q=never+took+the+winters")
    opened.page.locator(".paragraph .start-link").nth(3).click()
    opened.page.locator("#timeline svg").click()
    opened.page.evaluate(NEXT_FRAMES)
    assert opened.foreign_requests == []
    with opened.page.expect_event("requestfailed"):  # refused, once it is recorded
        opened.page.locator("a.poster").click()
    opened.page.locator("iframe").wait_for()
    opened.page.evaluate(NEXT_FRAMES)
    assert len(opened.foreign_requests) == 1
    assert re.match(
        r"https://www\.youtube-nocookie\.com/embed/keeper00001\?start=(39|40)\d\d&", opened.foreign_requests[0]
    )


def test_the_transcript_follows_a_player_of_another_host(visit: Open) -> None:
    opened = visit(f"{TALK}?t=3600.8")
    page = opened.page

    def answer(route: Route) -> None:
        route.fulfill(body=YOUTUBE, content_type="text/html")

    page.route("https://www.youtube-nocookie.com/**", answer)
    page.locator("a.poster").click()
    page.wait_for_function("() => document.getElementById('clock').textContent === '1:00:00'")
    page.locator(".rows .row", has_text="Fog").click()
    page.wait_for_function("() => document.getElementById('clock').textContent === '30:00'")
    expect(page.locator(".row[aria-current]")).to_contain_text("Fog")
    assert page.locator("iframe").count() == 1
    assert page.locator(".paragraph.current").evaluate("e => Number(e.dataset.startMs) <= 1800000")
    box, view = page.locator(".paragraph.current").bounding_box(), page.locator("#transcript-text").bounding_box()
    assert box
    assert view
    page.wait_for_function(
        "() => { const now = document.querySelector('.paragraph.current').getBoundingClientRect();"
        " const said = document.getElementById('transcript-text').getBoundingClientRect();"
        " return now.bottom > said.top && now.top < said.bottom; }"
    )


def test_a_quote_is_copied_with_its_citation(visit: Open, film: str) -> None:
    opened = visit(f"{film}?t=12.055&q=nothing+left+to+sing+with", permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    slow_down(page)
    page.locator("#copy-quote").click()
    page.wait_for_function("() => document.getElementById('copy-quote').textContent.includes('Copied')")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == "“nothing left to sing with.”\n— Marcus Vale, “vale interview”, 0:12–0:13\n"
    page.locator(".paragraph", has_text="I was tired").locator(".start-link").click()
    page.locator("#copy-quote").click()
    page.wait_for_function(
        "() => document.getElementById('announcement').textContent.startsWith('Copied: “No. I was tired')"
    )
    page.goto(f"{opened.site}{TALK}?t=3600.8&q=never+took+the+winters+off")
    page.locator("#copy-quote").click()
    page.wait_for_function(
        "() => document.getElementById('announcement').textContent.startsWith('Copied: “never took')"
    )
    lines = page.evaluate("() => navigator.clipboard.readText()").splitlines()
    assert re.search(r"Telephone”, Northern Sound Archive, 2019-02-14, 1:00:00–1:00:0\d$", lines[1])
    assert lines[2] == "https://www.youtube.com/watch?v=keeper00001&t=3600s"


def test_selected_words_are_quoted(visit: Open, film: str) -> None:
    page = visit(film, permissions=["clipboard-read", "clipboard-write"]).page
    page.evaluate("""() => {
        const paragraphs = [...document.querySelectorAll('.paragraph .words')];
        const words = paragraphs.find((each) => each.textContent.includes('tired'));
        const at = words.firstChild.data.indexOf('I was tired');
        getSelection().setBaseAndExtent(words.firstChild, at, words.firstChild, at + 'I was tired,'.length);
    }""")
    page.locator("#copy-quote").click()
    page.wait_for_function(
        "() => document.getElementById('announcement').textContent.startsWith('Copied: “I was tired,”')"
    )


def test_without_a_clipboard_the_quote_is_shown(visit: Open, film: str) -> None:
    page = visit(f"{film}?t=12.055&q=nothing+left+to+sing+with").page
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("#copy-quote").click()
    page.locator("#citation").wait_for()
    expect(page.locator("#citation textarea")).to_have_value(re.compile("^“nothing left to sing with.”"))


def test_a_video_links_to_the_articles_that_embed_it(visit: Open, film: str) -> None:
    page = visit(film).page
    page.get_by_role("link", name="Marcus Vale on The Late Desk").click()
    page.wait_for_url(re.compile("/article"))
    expect(page.locator("h1")).to_contain_text("Marcus Vale on The Late Desk")


def test_the_page_works_without_script(visit: Open, film: str) -> None:
    page = visit(f"{film}?t=12.055", java_script_enabled=False).page
    assert "I sang one verse" in page.locator(".paragraph.current").inner_text()
    page.locator("#find").fill("suitcase")
    page.locator("#find").press("Enter")
    page.wait_for_url(re.compile("q=suitcase"))
    expect(page.locator(".transcript-text mark").first).to_have_text(re.compile("^suitcase"))
    page.locator("#copy-quote").click()
    expect(page.locator("body")).to_have_text(re.compile("^“"))


def test_a_search_in_a_long_transcript_changes_none_of_its_elements(visit: Open) -> None:
    """Ranges are highlighted, which costs little even in hours of speech."""
    page = visit(TALK).page
    assert page.locator(".paragraph").count() > 200
    page.evaluate("""() => {
        window.changes = [];
        const everything = { subtree: true, childList: true, characterData: true, attributes: true };
        const text = document.getElementById("transcript-text");
        new MutationObserver((list) => window.changes.push(...list)).observe(text, everything);
    }""")
    page.locator("#find").fill("nobody")
    expect(page.locator("#find-count")).to_have_text(re.compile(r"^1 of \d{2,}$"))
    assert page.evaluate("() => window.changes.length") == 0


def test_of_a_long_transcript_only_what_is_near_is_rendered(visit: Open) -> None:
    page = visit(f"{TALK}?t=3600").page
    page.evaluate(NEXT_FRAMES)
    blocks = page.locator(".block > .paragraph:first-child")
    rendered = blocks.evaluate_all("all => all.filter((each) => each.checkVisibility({ contentVisibilityAuto: true }))")
    assert 0 < len(rendered) < blocks.count() / 2


def test_on_a_phone_the_player_stays_visible(visit: Open, film: str) -> None:
    page = visit(film, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).page
    page.evaluate("() => document.querySelectorAll('.paragraph')[20].scrollIntoView()")
    page.wait_for_function("() => document.getElementById('player').getBoundingClientRect().top === 0")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_transcript_is_one_tap_away(visit: Open) -> None:
    page = visit("/video/youtube:lamps000003?q=the+lamps", viewport={"width": 320, "height": 700}).page
    rights = "parts => parts.map((each) => each.getBoundingClientRect().right)"
    assert max(page.locator(".video-page *:not(.visually-hidden)").evaluate_all(rights)) <= 320
    link = page.locator(".jump").get_by_role("link", name="Transcript")
    box = link.bounding_box()
    assert box
    assert box["y"] + box["height"] < 700
    link.click()
    page.wait_for_function(
        "() => { const top = document.getElementById('transcript-title').getBoundingClientRect().top;"
        " return top > document.querySelector('.jump').getBoundingClientRect().bottom && top < innerHeight / 2; }"
    )


def test_a_printed_page_is_the_transcript_and_its_source(visit: Open) -> None:
    page = visit("/video/youtube:lamps000003?t=80&q=the+lamps", color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".player", ".timeline", ".actions", "#hits", ".find-form", ".site-header", ".site-footer", ".jump"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_text("https://www.youtube.com/watch?v=lamps000003", exact=True)).to_be_visible()
    expect(page.locator(".facts")).to_be_visible()
    expect(page.locator(".start-link").last).to_be_visible()
    assert page.locator("#transcript-text").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert page.evaluate("() => getComputedStyle(document.body).color") == "rgb(32, 29, 25)"
    assert (
        page.locator(".transcript mark").first.evaluate("e => getComputedStyle(e).backgroundColor")
        == "rgba(0, 0, 0, 0)"
    )
