"""Use of the search page."""

from __future__ import annotations

import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

from .conftest import Open, Visit, expect
from .library import LONG_TITLE, REFRAIN

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUOTE = "nothing left to sing with"


def search_path(words: str, **more: str) -> str:
    from urllib.parse import urlencode

    return f"/?{urlencode({'q': words, **more})}"


def typed(visit: Visit, words: str) -> Page:
    """Type *words* into the search field and wait for the results."""
    page = visit.page
    page.locator("#q").press_sequentially(words, delay=5)
    page.wait_for_function(
        "words => new URLSearchParams(location.search).get('q') === words"
        " && !document.getElementById('results').hasAttribute('aria-busy')",
        arg=words,
    )
    return page


def test_results_appear_while_typing_and_the_url_has_the_query(visit: Open) -> None:
    page = typed(visit(), QUOTE)
    hit = page.locator("a.hit").first
    assert hit.locator("mark").inner_text() == "nothing left to sing with."
    assert hit.locator("time").inner_text() == "0:12"
    assert "Marcus Vale" in hit.inner_text()
    assert page.title().startswith(QUOTE)
    expect(page.locator("#announcement")).to_have_text("1 match in 1 video")


def test_a_hit_leads_to_its_second_in_its_video(visit: Open) -> None:
    page = typed(visit(), QUOTE)
    page.locator("a.hit").first.click()
    page.wait_for_url(re.compile(r"/video/file:vale-interview[^?]*\?t=12\.\d+&q=nothing"))
    expect(page.locator("h1")).to_have_text("vale interview")


def test_words_that_differ_from_the_query_are_marked(visit: Open) -> None:
    page = visit(search_path("obviously I never took the summers off and the light never asked me")).page
    hit = page.locator("a.hit").first
    assert re.search(r"near\s+\d\d %", hit.inner_text())
    assert hit.locator(".differs").first.inner_text() == "winters"
    assert "took the" in hit.locator("mark").first.inner_text()
    assert page.locator("article h2").first.inner_text() == LONG_TITLE


def test_the_videos_of_a_thousand_hits_come_page_by_page(visit: Open) -> None:
    page = visit(search_path(REFRAIN)).page
    assert page.locator("#count strong").inner_text() == "1,100"
    assert page.locator("article.video-result").count() == 10
    first = page.locator("a.hit").first.get_attribute("href")
    page.locator("a[rel=next]").click()
    page.wait_for_url(re.compile("page=2"))
    page.wait_for_function("first => document.querySelector('a.hit').getAttribute('href') !== first", arg=first)
    expect(page.locator(".page-links")).to_contain_text("11–")


def test_filters_apply_and_the_back_button_undoes_each_step(visit: Open) -> None:
    page = typed(visit(), REFRAIN)
    before = page.locator("#count").inner_text()
    channel = page.locator("[data-focus-key='channel:Harbour Radio']")
    channel.click()
    page.wait_for_function("() => document.querySelector('[data-focus-key=\"channel:Harbour Radio\"][aria-current]')")
    page.wait_for_url(re.compile(r"channel=Harbour\+Radio"))
    assert set(page.locator("article .facts span:first-child").all_inner_texts()) == {"Harbour Radio"}
    assert page.evaluate("document.activeElement.dataset.focusKey") == "channel:Harbour Radio"
    page.go_back()
    page.wait_for_function("() => !document.querySelector('[aria-current][data-focus-key^=channel]')")
    assert page.locator("#count").inner_text().split(" in ")[0] == before.split(" in ")[0]
    page.go_back()
    page.locator(".welcome").wait_for()
    expect(page.locator("#q")).to_have_value("")
    page.go_forward()
    page.locator("a.hit").first.wait_for()
    expect(page.locator("#q")).to_have_value(REFRAIN)


def test_returning_from_a_video_shows_the_results_again(visit: Open) -> None:
    page = typed(visit(), REFRAIN)
    page.locator("a.hit").nth(2).click()
    page.wait_for_url(re.compile("/video/"))
    page.go_back()
    page.locator("a.hit").first.wait_for()
    expect(page.locator("#q")).to_have_value(REFRAIN)


def test_a_link_changes_the_sort_order(visit: Open) -> None:
    page = visit(search_path(REFRAIN)).page
    page.get_by_role("link", name="Newest").click()
    page.wait_for_url(re.compile("sort=date"))
    page.locator("[aria-current]", has_text="Newest").wait_for()
    dates = page.locator("article .facts span:nth-child(2)").all_inner_texts()
    assert dates == sorted(dates, reverse=True)


def test_a_quote_is_found_and_played_by_keyboard(visit: Open) -> None:
    page = visit().page
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(REFRAIN)
    page.locator("a.hit").first.wait_for()
    page.wait_for_function("() => !document.getElementById('results').hasAttribute('aria-busy')")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("[...document.querySelectorAll('a.hit')].indexOf(document.activeElement)") == 1
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    wanted = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")


def test_escape_clears_the_field_and_then_leaves_it(visit: Open) -> None:
    page = typed(visit(), QUOTE)
    page.keyboard.press("Escape")
    page.locator(".welcome").wait_for()
    expect(page.locator("#q")).to_have_value("")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement === document.body")


def test_the_landing_page_shows_quotes_from_the_index(visit: Open) -> None:
    page = visit().page
    example = page.locator(".examples a").first
    words = example.locator("q").inner_text().strip("“”")
    example.click()
    expect(page.locator("a.hit mark").first).to_contain_text(words.split()[0], ignore_case=True)


def test_every_example_query_has_matches(visit: Open) -> None:
    opened = visit()
    for path in opened.page.locator(".query-forms a").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
        assert opened.go(path).page.locator("a.hit").count() > 0, path


def test_no_matches_suggests_what_to_try(visit: Open) -> None:
    page = visit(search_path("seven purple submarines dissolved quietly", channel="Harbour Radio")).page
    assert page.locator("#count").inner_text().startswith("No matches")
    page.get_by_role("link", name="Search without filters").click()
    page.wait_for_function("() => !location.search.includes('channel')")


def test_a_misspelled_word_gets_a_suggestion(visit: Open) -> None:
    page = visit(search_path("harbuor")).page
    page.locator(".suggestion a").click()
    page.wait_for_function("() => document.getElementById('q').value !== 'harbuor'")
    page.locator("a.hit").first.wait_for()


def test_a_query_error_is_shown_at_its_position(visit: Open) -> None:
    page = visit(search_path('lamps AND (harbour OR "quay)')).page
    assert "nclosed quotation mark" in page.locator(".query-error").inner_text()
    assert page.locator(".query-error .error-position").inner_text() == '"'


@pytest.mark.parametrize(
    ("words", "marked"),
    [("היה שקט מאוד", "היה שקט מאוד"), ("كان البحر هادئا", "كان البحر هادئا"), ("あの夜の海は", "あの夜の海は")],
)
def test_other_scripts_are_found_and_keep_their_direction(visit: Open, words: str, marked: str) -> None:
    page = visit(search_path(words)).page
    assert marked in page.locator("a.hit mark").first.inner_text()
    direction = page.locator("a.hit .words").first.evaluate("e => getComputedStyle(e).direction")
    assert direction == ("ltr" if words == "あの夜の海は" else "rtl")


def test_the_page_works_without_script(visit: Open) -> None:
    page = visit("/", java_script_enabled=False).page
    page.locator("#q").fill(REFRAIN)
    page.locator("#q").press("Enter")
    page.get_by_role("link", name="Harbour Radio").click()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile(r"channel=Harbour\+Radio.*page=2"))
    expect(page.locator("a.hit").first).to_be_visible()


def test_the_live_list_and_the_whole_page_are_the_same(site: str) -> None:
    with urllib.request.urlopen(f"{site}/results?q=winters") as answer:
        live = answer.read().decode()
    with urllib.request.urlopen(f"{site}/?q=winters") as answer:
        whole = answer.read().decode()
    cut = re.compile(r' <span class="took">.*?</span>')
    assert cut.sub("", live).strip() in cut.sub("", whole)


def test_an_empty_index_has_a_page(visit: Open, empty_site: str) -> None:
    page = visit("/", at=empty_site).page
    assert "0 words" in page.locator(".welcome").inner_text()
    assert page.locator(".examples").count() == 0
    assert visit(search_path("anything"), at=empty_site).page.locator("#count").inner_text().startswith("No matches")


def test_on_a_phone_a_link_leads_to_the_filters(visit: Open) -> None:
    page = visit(search_path(REFRAIN), viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).page
    page.get_by_role("link", name="Filters").tap()
    page.wait_for_function("() => document.getElementById('filters').getBoundingClientRect().top < innerHeight")
    page.wait_for_function("() => scrollY > 300")
    page.locator("[data-focus-key='channel:Harbour Radio']").tap()
    page.wait_for_function("() => document.querySelector('[data-focus-key=\"channel:Harbour Radio\"][aria-current]')")


def test_an_invalid_search_is_reported_in_place(visit: Open) -> None:
    opened = visit(search_path("lamps", sort="sideways"))
    assert opened.page.locator("h1").inner_text() == "Invalid search"
    page = opened.go("/").page
    page.evaluate("() => document.getElementById('q').removeAttribute('maxlength')")
    page.locator("#q").fill("lamps " * 2000)
    page.wait_for_function(
        "() => document.getElementById('announcement').textContent.includes('at most 10,000 characters')"
    )
    assert page.locator("#announcement").is_visible()
