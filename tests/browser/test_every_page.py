"""Every page: accessibility, layout stability, size, resistance to injection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.processes import HANG_S

from .conftest import NEXT_FRAMES, Open, expect
from .pages import ARTICLE, FIND_VIOLATIONS, PAGES, THEMES, WIDTHS, axe_script

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ATTACKED = (
    "/?q=this+is+what+the+attacker+said",
    "/?q=" + quote("<script>window.__pwned=10</script>"),
    "/?q=" + quote('"><img src=x onerror=window.__pwned=11>'),
    "/?q=x&channel=" + quote('"><img src=x onerror=window.__pwned=12>'),
    "/?sort=" + quote('"><img src=x onerror=window.__pwned=13>') + "&q=lamps",
    "/video/youtube:attack00001?t=1&q=" + quote("what the attacker said"),
    "/video/" + quote('"><img src=x onerror=window.__pwned=14>'),
    "/article?url=javascript:window.__pwned=15",
    "/status",
    "/articles",
    "/<script>window.__pwned=16</script>",
)

SHIFT = """async () => {
    let shift = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    await document.fonts.ready;
    const text = document.getElementById("transcript-text");
    const layout = () => [shift, scrollY, document.documentElement.scrollHeight, text?.scrollTop].join();
    for (let before = "", steady = 0; steady < 12; ) {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        steady = layout() === before ? steady + 1 : 0;
        before = layout();
    }
    return shift;
}"""
"""Adds up how far things moved, until nothing has moved for twelve frames."""

FIND_WIDE = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const wide = (element) => element.getBoundingClientRect().right > innerWidth + 1;
    const found = [...document.querySelectorAll("body *")].filter(wide).slice(0, 5);
    return ["sideways", ...found.map((element) => element.outerHTML.slice(0, 100))];
}"""
"""Lists what is wider than the window, if that makes the page scroll."""

IS_WITHIN = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def inspected(browser: Browser, site: str) -> Iterator[Page]:
    """A page that several tests use: opening one takes longer than what they ask it."""
    context = browser.new_context(base_url=site, bypass_csp=True, reduced_motion="reduce")
    context.set_default_timeout(1000 * HANG_S)
    context.route(lambda url: not url.startswith((site, "data:")), lambda route: route.abort())
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_in_both_themes_at_every_width(inspected: Page, name: str) -> None:
    inspected.goto(PAGES[name])
    inspected.evaluate(axe_script())
    for theme in THEMES:
        inspected.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            inspected.set_viewport_size({"width": width, "height": 800})
            # Only colors depend on the theme.
            found = inspected.evaluate(FIND_VIOLATIONS, [] if theme == "light" else ["color-contrast"])
            assert not found, (theme, width)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_at_320_pixels(inspected: Page, name: str) -> None:
    """As wide as a window of 1,280 pixels is at 400 %."""
    inspected.set_viewport_size({"width": 320, "height": 800})
    answer = inspected.goto(PAGES[name])
    assert answer is not None
    assert answer.status == (404 if name == "not found" else 200)
    assert inspected.evaluate(FIND_WIDE) == []


@pytest.mark.parametrize("fonts", ["own fonts", "fallback fonts"])
@pytest.mark.parametrize("name", PAGES)
def test_layout_is_stable_and_fits_the_window(visit: Open, name: str, fonts: str) -> None:
    """With the fonts of the system, too: a browser uses them where those of the page come late."""
    for width in (390, 1280):
        opened = visit("/static/icon.svg", viewport={"width": width, "height": 800})
        if fonts == "fallback fonts":
            opened.page.context.route("**/fonts/**", lambda route: route.abort())
        opened.go(PAGES[name])
        assert opened.page.evaluate(SHIFT) < 0.1
        assert opened.page.evaluate(IS_WITHIN)
        assert opened.foreign_requests == []
    opened.page.set_viewport_size({"width": 3840, "height": 2160})
    assert opened.page.evaluate(IS_WITHIN)


@pytest.mark.parametrize("name", ["landing", "a thousand hits", "video", "article", "report"])
def test_a_first_page_load_is_smaller_than_100_kb(visit: Open, name: str) -> None:
    opened = visit("/static/icon.svg")
    client = opened.page.context.new_cdp_session(opened.page)
    client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    opened.go(PAGES[name]).page.wait_for_load_state("networkidle")
    assert len(sizes) > 3
    assert sum(sizes) < 100_000


@pytest.mark.parametrize("path", ATTACKED)
def test_hostile_text_stays_text(visit: Open, path: str) -> None:
    opened = visit(path)
    page = opened.page
    page.evaluate(NEXT_FRAMES)  # handlers of what failed to load have run
    assert page.evaluate("() => window.__pwned") is None
    assert opened.foreign_requests == []
    assert not [each for each in opened.errors if "404" not in each and "400" not in each]
    assert _unsafe(page) == []


def test_a_hostile_article_stays_text(visit: Open) -> None:
    opened = visit("/articles")
    opened.page.locator(".listing a", has_text="__pwned").click()
    opened.page.locator(".embeds").wait_for()
    assert opened.page.evaluate("() => window.__pwned") is None
    assert opened.errors == []
    assert _unsafe(opened.page) == []


def test_bidirectional_overrides_are_isolated(visit: Open) -> None:
    page = visit("/video/youtube:attack00001").page
    alone = "e => getComputedStyle(e).unicodeBidi"
    assert page.locator("h1 bdi").evaluate(alone) == "isolate"
    assert page.locator(".video-main .facts bdi").first.evaluate(alone) == "isolate"
    assert page.locator(".paragraph .words").first.evaluate(alone) in ("isolate", "plaintext")


def test_the_theme_is_changed_and_kept(visit: Open) -> None:
    opened = visit("/", color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = opened.page.evaluate(ground)
    opened.page.locator("#theme").click()
    dark = opened.page.evaluate(ground)
    assert dark != light
    assert opened.go("/status").page.evaluate(ground) == dark


def test_thumbnails_of_other_sites_are_loaded_only_on_request(visit: Open) -> None:
    opened = visit("/?q=never+took+the+winters+off")
    assert opened.foreign_requests == []
    with opened.page.expect_navigation():
        opened.page.locator("#thumbnails").click()
    opened.page.locator(".thumbnail img").wait_for()
    assert opened.foreign_requests == ["https://i.ytimg.com/vi/x/hqdefault.jpg"]
    assert opened.page.locator(".thumbnail img").get_attribute("referrerpolicy") == "no-referrer"


def test_an_article_shows_its_quotes_compared_with_the_transcripts(visit: Open) -> None:
    page = visit(ARTICLE).page
    tally = [" ".join(each.split()) for each in page.locator(".verdict-counts li").all_inner_texts()]
    assert tally == ["3 all", "1 ✓ faithful", "2 ✓ verbatim", "3 to check"]
    near = page.locator(".quote.faithful")
    assert near.locator("del").count() >= 1
    assert near.locator("ins").count() >= 1
    near.locator(".place a").click()
    page.wait_for_url(re.compile(r"/video/.*[?&]t="))
    expect(page.locator(".embeds")).to_have_count(0)


def test_the_status_page_lists_failures_with_reasons(visit: Open) -> None:
    page = visit("/status").page
    assert "122" in page.locator(".figures").inner_text()
    group = page.locator("details", has_text="the player no longer works")
    assert "WREN CASTELLANE BACKSTAGE" in group.inner_text()
    group.get_by_role("link", name="Wren Castellane’s laundry day").click()
    page.wait_for_url(re.compile("/article"))
    expect(page.locator(".badge.unavailable")).to_have_text("unavailable")


def test_missing_pages_have_the_same_design(visit: Open) -> None:
    for path in ("/nowhere", "/video/nobody", "/article?url=https://example.org/none"):
        page = visit(path).page
        assert page.locator("h1").inner_text() == "Not found"
        assert page.locator(".site-header").is_visible()


def _unsafe(page: Page) -> list[str]:
    """Return what could run code: foreign scripts, event handlers, URLs of other schemes."""
    found: list[str] = page.evaluate("""() => {
        const unsafe = [];
        for (const each of document.querySelectorAll("*")) {
            if (each.localName === "script" && !each.src.startsWith(location.origin)) unsafe.push(each.outerHTML);
            for (const { name, value } of each.attributes) {
                if (name.startsWith("on") || name === "style") unsafe.push(`${each.localName} ${name}`);
                if (["href", "src", "action"].includes(name) && !/^(https?:|[/#])/.test(value)) unsafe.push(value);
            }
        }
        return unsafe;
    }""")
    return found
