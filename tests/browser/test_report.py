"""The report on the quotations of an article: ticks and notes by mouse and keyboard, print, without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vidindex
from tests.processes import wait_until

from .conftest import Open, Visit, expect
from .library import REPORT_URL
from .pages import ARTICLE, FIND_VIOLATIONS, REPORT, axe_script

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRINTED = ("Printed", "Said", "thirty eight", "number", "0:24–0:28", "Checked", "Ask Ann.", "not found", "taken out")
NOT_PRINTED = ("Add a note", "Export", "Keyboard", "Search for it")
CURRENT = "() => document.activeElement.id"


@pytest.fixture
def report(visit: Open, index_folder: Path) -> Iterator[Visit]:
    """The report, whose reviews are afterwards as they were before."""
    with vidindex.open(index_folder) as index:
        before = index.reviews(REPORT_URL)
        yield visit(REPORT)
        known = {review.quote: review for review in before}
        for review in index.reviews(REPORT_URL):
            former = known.get(review.quote, vidindex.Review(REPORT_URL, review.quote))
            index.save_review(REPORT_URL, review.quote, done=former.done, note=former.note)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_keyboard_alone_ticks_quotes_and_writes_notes(report: Visit, visit: Open) -> None:
    page = report.page
    expect(page.locator("#quote-1 .tick input")).to_be_enabled()
    press(page, "j", "x")
    assert page.evaluate(CURRENT) == "quote-1"
    expect(page.locator("#checked-count")).to_have_text("2")
    press(page, "ArrowDown", "k", "j", "j", "Enter")
    page.keyboard.type("jkx? <b>not</b> keys")
    assert page.locator("dialog[open]").count() == 0
    press(page, "Enter")
    page.keyboard.type("second line")
    press(page, "Escape")
    assert page.evaluate(CURRENT) == "quote-3"
    expect(page.locator("#quote-3 .note-text")).to_have_text("jkx? <b>not</b> keys\nsecond line")
    again = visit(REPORT).page
    assert again.locator("#quote-3 .note-text").inner_text() == "jkx? <b>not</b> keys\nsecond line"
    assert again.locator("#quote-1 .tick input").is_checked()
    assert report.errors == []


def test_a_tick_removed_by_the_mouse_is_saved(report: Visit, visit: Open) -> None:
    page = report.page
    with page.expect_response("**/api/reviews"):
        page.locator("#quote-2").get_by_label("Checked").uncheck()
    assert not visit(REPORT).page.locator("#quote-2 .tick input").is_checked()
    expect(page.locator(".verdict-counts [data-count='to check']")).to_have_text("8")


def test_a_note_is_saved_when_its_field_is_left(report: Visit) -> None:
    page = report.page
    page.locator("#quote-2 .edit-note").click()
    page.get_by_role("textbox", name="Note").fill("She does not know.")
    with page.expect_response("**/api/reviews"):
        page.locator("#quote-5 h3").click()
    expect(page.locator("#quote-2 .note-text")).to_have_text("She does not know.")
    expect(page.locator("#quote-2 .edit-note")).to_have_text("Edit the note")


def test_what_is_not_saved_stays_in_the_field_with_the_reason(report: Visit) -> None:
    page = report.page
    page.route("**/api/reviews", lambda route: route.abort())
    page.locator("#quote-1 .edit-note").click()
    page.get_by_role("textbox", name="Note").fill("do not lose me")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#quote-1 .review-state")).to_have_text("Not saved: the server is not responding")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("do not lose me")
    page.locator("#quote-2").get_by_label("Checked").click()
    expect(page.locator("#quote-2 .review-state")).to_have_text("Not saved: the server is not responding")
    expect(page.locator("#quote-2 .tick input")).to_be_checked()
    expect(page.locator("#checked-count")).to_have_text("1")
    page.unroute("**/api/reviews")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#quote-1 .note-text")).to_have_text("do not lose me")


def test_a_note_is_saved_when_a_link_is_followed_at_once(report: Visit, index_folder: Path) -> None:
    page = report.page
    page.locator("#quote-4 .edit-note").click()
    page.get_by_role("textbox", name="Note").fill("in a hurry")
    page.get_by_role("link", name="Status").click()
    page.wait_for_url("**/status")
    with vidindex.open(index_folder) as index:
        wait_until(lambda: "in a hurry" in [review.note for review in index.reviews(REPORT_URL)])
    assert report.errors == []


def test_the_keys_are_explained(report: Visit) -> None:
    page = report.page
    expect(page.locator("#quote-1 .tick input")).to_be_enabled()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#show-keys").click()
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_playing_by_keyboard_opens_the_moment(report: Visit) -> None:
    page = report.page
    expect(page.locator("#quote-1 .tick input")).to_be_enabled()
    press(page, "j", "p")
    page.wait_for_url("**/video/youtube:report00001?t=12*")


def test_without_javascript_the_report_can_be_read_and_filtered(visit: Open) -> None:
    page = visit(REPORT, java_script_enabled=False).page
    assert page.locator("#quote-2 .tick input").is_checked()
    assert page.locator("#quote-2 .tick input").is_disabled()
    assert page.locator("#quote-2 .note-text").inner_text() == "Ask Ann.\nShe knows."
    assert page.locator(".edit-note").first.is_hidden()
    assert "needs JavaScript" in page.locator(".report").inner_text()
    page.locator(".verdict-counts a", has_text="altered").click()
    numbers = page.locator(".quotes .quote").evaluate_all("all => all.map((each) => each.id)")
    assert numbers == ["quote-1", "quote-2", "quote-3"]


def test_the_printed_page_is_the_report(visit: Open) -> None:
    """On white, though the dark theme is chosen: browsers do not print backgrounds."""
    opened = visit(REPORT)
    opened.page.locator("#theme").click()
    opened.page.emulate_media(media="print", color_scheme="dark")
    shown = opened.page.locator("main").inner_text()
    assert [text for text in PRINTED if text not in shown] == []
    assert [text for text in NOT_PRINTED if text in shown] == []
    controls = opened.page.locator("button, input, textarea, video, audio, .site-header, .verdict-counts")
    assert not [each for each in controls.all() if each.is_visible()]
    colors = opened.page.evaluate(
        "() => [document.body, document.querySelector('.said')].map((each) => getComputedStyle(each))"
        ".map(({ backgroundColor, color }) => [backgroundColor, color])"
    )
    assert colors[1][1] == "rgb(32, 29, 25)", colors


def test_a_local_file_plays_in_place_and_is_not_loaded_before(visit: Open) -> None:
    opened = visit(ARTICLE)
    page = opened.page
    media = page.locator("#quote-1 .inline-player audio, #quote-1 .inline-player video")
    assert "#t=10" in (media.get_attribute("src") or "")
    assert media.evaluate("(each) => [each.preload, each.networkState]") == ["none", 1]
    expect(page.locator("#quote-1 .tick input")).to_be_enabled()
    with page.expect_request("**/media/**"):
        press(page, "j", "p")
    expect(media).to_be_visible()
    assert opened.foreign_requests == []


def test_the_editor_and_the_list_of_keys_are_accessible(visit: Open) -> None:
    page = visit(REPORT, bypass_csp=True, reduced_motion="reduce").page
    page.locator("#quote-2 .edit-note").click()
    page.evaluate(axe_script())
    assert page.evaluate(FIND_VIOLATIONS, []) == []
    page.locator("#show-keys").click()
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(FIND_VIOLATIONS, []) == []
