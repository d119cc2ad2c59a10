"""The form on the search page that exports hits as an edit list."""

from __future__ import annotations

import pytest

from .conftest import Open, expect
from .pages import FIND_VIOLATIONS, THEMES, axe_script

SEARCH = "/?q=nothing+left+to+sing+with"


@pytest.mark.parametrize("has_script", [True, False], ids=["with a script", "without a script"])
def test_hits_are_downloaded_as_an_edit_list_once_a_frame_rate_is_chosen(visit: Open, has_script: bool) -> None:
    opened = visit(SEARCH, java_script_enabled=has_script)
    page = opened.page
    page.locator(".export summary").click()
    form = page.locator(".edit-list")
    button = form.get_by_role("button", name="Download edit list")
    button.click()
    expect(form.get_by_label("Frames a second")).to_have_js_property("validity.valueMissing", True)
    form.get_by_label("Frames a second").select_option("29.97 drop-frame")
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "nothing-left-to-sing-with.fcpxml"
    assert 'tcFormat="DF"' in download.value.path().read_text(encoding="utf-8")
    assert page.url.endswith(SEARCH)
    assert not opened.errors


def test_the_open_form_is_accessible_and_fits_a_narrow_window(visit: Open) -> None:
    page = visit(SEARCH, bypass_csp=True, reduced_motion="reduce", viewport={"width": 320, "height": 800}).page
    page.locator(".export summary").click()
    page.evaluate(axe_script())
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert not page.evaluate(FIND_VIOLATIONS, [])
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
