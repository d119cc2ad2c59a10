"""Language codes, and what sites state as a language."""

from __future__ import annotations

import pytest

from vidindex.transcripts.languages import (
    base_language,
    is_marked_original,
    matches_language,
    normalize_language,
    parse_caption_language,
    remove_original_mark,
)


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


@pytest.mark.parametrize(
    ("text", "code"),
    [("en_us", "en-US"), ("eng", "en"), ("zh_hans", "zh-Hans"), ("pt-BR", "pt-BR"), ("js", ""), ("performance", "")],
)
def test_codes_are_normalized_to_bcp_47(text: str, code: str) -> None:
    assert normalize_language(text) == code


@pytest.mark.parametrize("code", ["pt", "PT", "pt-BR", "pt_BR", "pt-BR-orig"])
def test_the_base_language_has_no_region(code: str) -> None:
    assert base_language(code) == "pt"


@pytest.mark.parametrize(
    ("code", "wanted", "matches"),
    [
        ("de", "de", True),
        ("de-AT", "de", True),
        ("de_AT", "DE", True),
        ("de-orig", "de", True),
        ("de-AT-orig", "de-AT", True),
        ("pt-BR", "pt_br", True),
        ("pt", "pt-BR", False),
        ("pt-PT", "pt-BR", False),
        ("deu", "de", False),
    ],
)
def test_a_language_includes_its_variants_but_a_variant_only_itself(code: str, wanted: str, matches: bool) -> None:
    assert matches_language(code, wanted) is matches


def test_the_mark_of_the_original_language_is_found_and_removed() -> None:
    assert is_marked_original("en-orig")
    assert not is_marked_original("en")
    assert [remove_original_mark(code) for code in ("en-orig", "pt-BR-ORIG", "en")] == ["en", "pt-BR", "en"]
