"""The Back button of the search page: scroll position, opened groups and focus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .conftest import Open, expect
from .library import REFRAIN

if TYPE_CHECKING:
    from playwright.sync_api import Page

_REFRAIN_PATH = f"/?q={REFRAIN.replace(' ', '+')}"


def scroll_to(page: Page, y: int) -> int:
    """Scroll the page, and return where it is then."""
    page.evaluate("y => scrollTo(0, y)", y)
    page.wait_for_function("() => history.state?.scroll > 0")
    return int(page.evaluate("scrollY"))


def test_back_from_a_video_is_at_the_same_hit_and_the_same_scroll_position(visit: Open) -> None:
    page = visit().page
    page.locator("#q").fill(REFRAIN)  # the script inserts the results
    page.locator("a.hit").first.wait_for()
    page.locator(".export summary").click()
    y = scroll_to(page, 900)
    hit = page.locator("a.hit").nth(17)
    href = hit.get_attribute("href")
    hit.focus()
    page.evaluate("y => scrollTo(0, y)", y)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/video/"))
    page.go_back()
    page.locator("a.hit").first.wait_for()
    page.wait_for_function("y => Math.abs(scrollY - y) < 2", arg=y)
    assert page.evaluate("[document.activeElement.className, document.activeElement.getAttribute('href')]") == [
        "hit",
        href,
    ]
    assert page.locator(".export").get_attribute("open") is not None
    expect(page.locator("#q")).to_have_value(REFRAIN)


def test_back_to_an_earlier_search_of_the_page_restores_its_place(visit: Open) -> None:
    page = visit(_REFRAIN_PATH).page
    y = scroll_to(page, 700)
    link = page.locator("[data-focus-key='channel:Harbour Radio']")
    link.evaluate("e => e.focus({ preventScroll: true })")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[data-focus-key=\"channel:Harbour Radio\"][aria-current]')")
    page.evaluate("scrollTo(0, 0)")
    page.go_back()
    page.wait_for_function("() => !document.querySelector('[aria-current][data-focus-key^=channel]')")
    page.wait_for_function("y => Math.abs(scrollY - y) < 2", arg=y)
    assert page.evaluate("document.activeElement.dataset.focusKey") == "channel:Harbour Radio"
    page.go_forward()
    page.wait_for_function("() => document.querySelector('[data-focus-key=\"channel:Harbour Radio\"][aria-current]')")
    page.wait_for_function("() => scrollY === 0")


def test_dates_are_a_filter_like_the_others(visit: Open) -> None:
    page = visit(_REFRAIN_PATH).page
    page.get_by_label("From").fill("2015-01-01")
    page.get_by_label("To").fill("2018-12-31")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("after=2015-01-01&before=2018-12-31"))
    page.wait_for_function("() => document.querySelector('#results').innerText.includes('2015')")
    page.wait_for_function("() => !document.getElementById('results').inert")
    years = {date[:4] for date in page.locator("article .facts span:nth-child(2)").all_inner_texts()}
    assert years <= {"2015", "2016", "2017", "2018"}
    assert "q=the+lamps" in page.url
