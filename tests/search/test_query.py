"""The distinction between queries and quotes, and the hits of queries."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

import vidindex
from vidindex.errors import QuerySyntaxError
from vidindex.model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, WordsQuery
from vidindex.search.query import Query, parse_query

PLAIN = [
    "self-evident",
    "(GNU) compiler",
    "$5",
    "C++",
    "what's up?",
    "AND",
    "AND alone",
    "foo AND",
    '"unbalanced foo',
    "*",
    "~",
    "a:b",
    "note: title: foo",
    "“quoted” words",
    "I SAID NO AND LEFT THE ROOM",
    "NOT really",
    "x" * 10_000,
    "[",
    "\\",
    "title:",
    "OR OR",
    "f***ing great",
    "50% AND",
    ":)",
    "((",
    "a/b",
    "-5",
    "#1",
    "^2",
    "what AND",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_with_punctuation_are_a_quote(text: str, talks: vidindex.Index) -> None:
    query = parse_query(text)
    assert query.node is None or isinstance(query.node, WordsQuery)
    talks.search(text)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('"time off" AND tour', And((PhraseQuery(("time", "off")), PhraseQuery(("tour",))))),
        ("tour OR album", Or((PhraseQuery(("tour",)), PhraseQuery(("album",))))),
        ("tour NOT album", And((PhraseQuery(("tour",)), Not(PhraseQuery(("album",)))))),
        ("tour AND C++", And((PhraseQuery(("tour",)), PhraseQuery(("c", "plus"))))),
        ("apolog*", PrefixQuery("apolog")),
        ('"swift taylor"~8', Proximity(("swift", "taylor"), 8)),
        ("title:Über", FieldTerm("title", ("uber",))),
        ("title:kany*", FieldTerm("title", ("kany",), is_prefix=True)),
        ('label:"run this town"', FieldTerm("label", ("run", "this", "town"))),
        ("after:2009-09", DateRange(after="2009-09")),
        ("lang:en took time", And((WordsQuery(("took", "time")), FieldTerm("lang", ("en",))))),
        ("(a OR b) AND (c)", And((Or((PhraseQuery(("a",)), PhraseQuery(("b",)))), PhraseQuery(("c",))))),
    ],
)
def test_operators_make_a_query(text: str, node: object) -> None:
    assert parse_query(text).node == node


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('"time off AND tour', 0),
        ("(time OR off", 0),
        ("time OR off)", 11),
        ("foo AND AND bar", 8),
        ("() AND bar", 1),
        ("(foo AND) OR bar", 8),
        ("after:yesterday foo", 6),
        ("title:x AND", 8),
        ("(" * 30 + "a AND b" + ")" * 30, 20),
    ],
)
def test_a_syntax_error_has_the_position_of_the_mistake(text: str, at: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert caught.value.at == at


def test_quotation_marks_within_a_sentence_fall_back_to_a_quote(talks: vidindex.Index) -> None:
    assert parse_query('he said "time off" twice').fallback is not None
    assert talks.search('I never "took any time off" really')[0].match == "near"


def test_a_quote_keeps_its_parts() -> None:
    assert parse_query("I never (sic) took").parts == (("i", "never", "took"),)
    assert parse_query("I never … took [the] time [...] off [t]he").parts == (
        ("i", "never"),
        ("took", "time"),
        ("off", "the"),
    )
    assert parse_query("…") == Query(None)


@pytest.mark.parametrize(
    ("text", "marked_words"),
    [
        ('"time off" AND postponed', {"time off", "postponed"}),
        ("bakery OR canyon", {"bakery", "canyon"}),
        ("apolog*", {"apologize"}),
        ('"person like"~7', {"like", "person"}),
        ("bakery NOT bread", set()),
    ],
)
def test_hits_of_a_query_mark_the_words_that_match(text: str, marked_words: set[str], talks: vidindex.Index) -> None:
    hits = talks.search(text)
    marked = {hit.text[start:end].strip(".,?!").lower() for hit in hits for start, end in hit.marks}
    assert marked_words <= marked
    assert bool(marked_words) == bool(hits)


def test_a_field_alone_finds_each_video_once_at_its_start(talks: vidindex.Index) -> None:
    hits = talks.search("title:interview")
    assert [(hit.video.title, hit.start_ms) for hit in hits] == [("interview", 0)]


def test_fields_filter_a_quote_as_options_do(talks: vidindex.Index) -> None:
    assert {hit.video.title for hit in talks.search("title:lecture let us talk about bread")} == {"lecture"}
    assert talks.search("title:noise let us talk about bread") == []
    assert talks.search("let us talk about bread", kind="no such kind") == []


def test_a_speaker_field_finds_only_what_that_person_says(talks: vidindex.Index) -> None:
    assert [hit.speaker for hit in talks.search("speaker:guest apolog*")] == ["Guest"]
    assert talks.search("speaker:host apolog*") == []


@pytest.mark.parametrize(
    "text",
    [
        "word " * 2_000,
        "the " * 2_500,
        " ".join(f"w{number}" for number in range(2_000)),
        "a OR " * 390 + "b",
        '"the" ' * 330,
        "… the " * 1_500,
        "ab* " * 490,
        "[" * 10_000,
        '"' + "the of " * 1_400 + '"',
        "one hundred " * 800,
    ],
)
def test_the_work_for_long_queries_grows_no_faster_than_their_length(text: str, talks: vidindex.Index) -> None:
    short, long = (_count_calls(partial(talks.search, part)) for part in (text[:2_500], text[:10_000]))
    assert long <= 5 * short + 10_000
    assert long < 3_000_000


def _count_calls(action: Callable[[], object]) -> int:
    """Count the function calls of *action*, a measure of work that does not depend on the machine."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    action()  # fills the caches
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("text", ["two words", '("time off" OR break*) AND title:tour NOT "a b"~8 after:2009'])
def test_parsing_a_query_imports_no_other_library(text: str) -> None:
    code = (
        "import sys; import vidindex.search.hits; from vidindex.search.query import parse_query;"
        "parse_query(sys.argv[1]);"
        "print([name for name in ('whoosh', 'rich', 'lxml', 'yt_dlp', 'webvtt', 'click') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
