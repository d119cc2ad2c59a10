"""Claims are read from mappings."""

from __future__ import annotations

import pytest

from vidindex import Claim, OptionError, Quotation


def test_a_claim_is_read_from_the_fields_of_a_mapping() -> None:
    read = Claim.from_mapping({"quote": "we never left", "who": None, "video": "file:a", "id": "7"})
    assert read == Claim("we never left", video="file:a", id="7")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"quote": "a", "speaker": "Lee"}, "'speaker'; use quote, who, video, article, id"),
        ({"quote": 7}, "'quote' of a claim is no string but 7"),
        ({"who": "Lee"}, "no field 'quote'"),
        ({"quote": None}, "no field 'quote'"),
    ],
    ids=["unknown", "number", "no-quote", "null"],
)
def test_a_mapping_that_is_no_claim_is_an_error(values: dict[str, object], named: str) -> None:
    with pytest.raises(OptionError, match=named):
        Claim.from_mapping(values)


def test_a_quote_alone_is_a_claim() -> None:
    assert Claim.read("we never left") == Claim.read({"quote": "we never left"}) == Claim("we never left")
    with pytest.raises(OptionError, match="a quote or a mapping, not 7"):
        Claim.read(7)  # type: ignore[arg-type]


def test_a_quotation_of_an_article_is_a_claim() -> None:
    quotation = Quotation("Obviously, … I do.", "Lee", ("Obviously,", "I do."))
    assert Claim.from_quotation(quotation, article="https://example.org/a") == Claim(
        "Obviously, … I do.", "Lee", article="https://example.org/a"
    )
