"""Text from strangers is read in a time that grows no faster than the text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.clocks import check_linear_time
from vidindex.cli.terminal import json_line, one_line, strip_controls
from vidindex.engines.terms import tokenize_field
from vidindex.errors import QuerySyntaxError
from vidindex.ingest.lists.entry import clean_title
from vidindex.ingest.lists.links import is_web_link, resolve_web_link
from vidindex.resolve.classify_errors import make_resolve_error
from vidindex.search.query import parse_query, parse_quote, tokenize_text
from vidindex.verify.quotations import extract_quotations

HOSTILE_PIECES = (
    " ", "\n", "\t", ".", "…", "...", " …", " . ", "[", "[ ", "[…]", '"', '" ', 'a" ', '"a ', "“", "“a ", "„a ", "‘a’b",
    "“a b c d\n", "“a,” he said, ", "> a b c\n", "- Aa ", "<p>", "<p>“a b", "<li><div>", "(", "a OR ", "ab* ", "NOT ",
    "title:", "a:(", '"a b"~9 ', "a", "a'", "a-", "a.", "9", "9 ", "1,", "one hundred ", "um ", "e\u0301", "漢", "ก็",
    "<a ", "<", "&", "&amp;", "://", "/", "#", "=", "%41", "\x00", "\x1b[", "\u202e", "\u2028 ", "http://a ", "😀",
)  # fmt: skip


def _parse_query(text: str) -> None:
    with suppress(QuerySyntaxError):
        parse_query(text)


def _report_error(text: str) -> None:
    make_resolve_error("https://a.example/", ValueError(text))


READERS = (
    *(_parse_query, parse_quote, tokenize_text, tokenize_field, extract_quotations),
    *(clean_title, is_web_link, resolve_web_link, one_line, strip_controls, json_line, _report_error),
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__.strip("_"))
def test_time_grows_no_faster_than_a_hostile_text(read: Callable[[str], object]) -> None:
    for piece in HOSTILE_PIECES:
        check_linear_time(read, "a" + piece * (40_000 // len(piece)) + "!")
