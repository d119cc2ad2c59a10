"""What sites write for a language."""

from __future__ import annotations

import pytest

from vidindex.resolve.languages import parse_caption_language


@pytest.mark.parametrize(
    ("stated", "name", "code", "automatic"),
    [
        ("en", "", "en", False),
        ("en", "Auto", "en", True),
        ("Auto", "", "", True),
        ("auto-generated", "", "", True),
        ("en", "English (auto-generated)", "en", True),
        ("en-auto", "", "en", True),
        ("", "Autobiography, read in Spanish", "", False),
    ],
)
def test_a_mark_of_machines_is_no_language(stated: str, name: str, code: str, automatic: bool) -> None:
    assert parse_caption_language(stated, name) == (code, automatic)
