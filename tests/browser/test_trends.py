"""Mentions over time in the browser, without scripts."""

from __future__ import annotations

import re
from urllib.parse import quote

from .conftest import Open, expect
from .library import REFRAIN

TREND = f"/trend?q={quote(REFRAIN)}&q=nobody&q={'x' * 120}"


def test_a_bar_opens_its_mentions_without_script(visit: Open) -> None:
    page = visit(f"/?q={quote(REFRAIN)}", java_script_enabled=False).page
    page.get_by_role("link", name="Mentions over time").click()
    expect(page.locator("h1")).to_have_text("Mentions over time")
    bar = page.locator(".trend-chart a").first
    title = bar.locator("title").text_content() or ""
    bar.locator(".column").click()
    page.wait_for_url(re.compile(r"/\?q=.*year=\d{4}"))
    hits = re.search(r": ([\d,]+) in", title)
    assert hits
    expect(page.locator("#count strong")).to_have_text(hits[1])


def test_the_trend_is_accessible_and_fits_in_both_themes(visit: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(
        TREND, color_scheme="light", reduced_motion="reduce", viewport={"width": 320, "height": 700}, bypass_csp=True
    ).page
    page.locator("summary").click()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert not found, [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found]
    assert page.evaluate("() => document.getElementById('main').scrollWidth <= innerWidth")
    colors = page.locator(".trend-panel .swatch").evaluate_all(
        "(swatches) => swatches.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(colors)) == 3
