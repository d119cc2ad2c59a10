"""A pattern that is compiled at its first use behaves as one that is compiled at once."""

from __future__ import annotations

import re

import pytest

from vidindex.transcripts.lazy_pattern import lazy_pattern


def test_it_matches_as_the_compiled_pattern_does() -> None:
    lazy = lazy_pattern(r"(?P<word>a+)", re.IGNORECASE)

    assert [match["word"] for match in lazy.finditer("Aa b a")] == ["Aa", "a"]
    assert (lazy.sub("x", "Aa b a"), lazy.fullmatch("b"), lazy.groupindex["word"]) == ("x b x", None, 1)


def test_it_is_compiled_at_its_first_use() -> None:
    broken = lazy_pattern("(")

    with pytest.raises(re.error):
        broken.search("")
