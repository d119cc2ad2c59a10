"""The grammar of queries: precedence, punctuation, errors, and the work that hostile texts cause."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.errors import QuerySyntaxError
from vidindex.model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode
from vidindex.search.operators import has_operators
from vidindex.search.query import parse_query
from vidindex.search.query_language import parse_date_range, parse_operators

A, B, C, D = (PhraseQuery((letter,)) for letter in "abcd")


def parse(text: str) -> QueryNode:
    """Parse *text* into one node."""
    nodes = parse_operators(text).nodes
    return nodes[0] if len(nodes) == 1 else And(nodes)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a OR b AND c", Or((A, And((B, C))))),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a OR b OR c", Or((A, B, C))),
        ("a b OR c", And((A, Or((B, C))))),
        ("a b OR c AND d", And((A, Or((B, And((C, D))))))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a NOT b OR c", And((A, Or((Not(B), C))))),
        ("NOT a AND b", And((Not(A), B))),
        ("a NOT (b OR c)", And((A, Not(Or((B, C)))))),
        ("a OR (b AND (c d))", Or((A, And((B, And((C, D))))))),
        ("((a)) AND b", And((A, B))),
    ],
)
def test_and_binds_tighter_than_or_and_or_tighter_than_a_space(text: str, node: QueryNode) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a AND(b OR c)", And((A, Or((B, C))))),
        ("(a)AND(b) OR c", Or((And((A, B)), C))),
        ('"a"OR"b"', Or((A, B))),
        ("a\u3000AND\nb", And((A, B))),
        ("a and b AND c", And((A, PhraseQuery(("and",)), B, C))),
        ("title:AND OR a", Or((FieldTerm("title", ("and",)), A))),
        ('a AND "b AND c"', And((A, PhraseQuery(("b", "and", "c"))))),
        ("ANDROID OR a", Or((PhraseQuery(("android",)), A))),
    ],
)
def test_an_operator_is_a_word_of_its_own(text: str, node: QueryNode) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("ab* OR a", Or((PrefixQuery("ab"), A))),
        ("ab*\tOR a", Or((PrefixQuery("ab"), A))),
        ("(a OR ab*)", Or((A, PrefixQuery("ab")))),
        ("self-ev* OR a", Or((And((PhraseQuery(("self",)), PrefixQuery("ev"))), A))),
        ("title:(a ab*)", And((FieldTerm("title", ("a",)), FieldTerm("title", ("ab",), is_prefix=True)))),
        ("title:(ab* OR c)", Or((FieldTerm("title", ("ab",), is_prefix=True), FieldTerm("title", ("c",))))),
        ("title:(a speaker:b)", And((FieldTerm("title", ("a",)), FieldTerm("speaker", ("b",))))),
        ("title:10:30", FieldTerm("title", ("10", "30"))),
        ('"a\nb" OR c', Or((PhraseQuery(("a", "b")), C))),
        ('"a b"~0 OR c', Or((PhraseQuery(("a", "b")), C))),
        ('"a b"~1 OR c', Or((PhraseQuery(("a", "b")), C))),
        ('"a b"~100 OR c', Or((Proximity(("a", "b"), 100), C))),
        ('after:"2009-09" OR a', Or((DateRange(after="2009-09"), A))),
        ('"it was after: x" OR a', Or((PhraseQuery(("it", "was", "after", "x")), A))),
        ("a OR (b) * - ~", Or((A, B))),
    ],
)
def test_operands(text: str, node: QueryNode) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lang:en at 10:30 sharp", "at 10:30 sharp"),
        ("note: title:x", "note:"),
        ("title:x https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("title:x f***ing $5 C++ :/ -5 #1 […]", "f***ing $5 C++ :/ -5 #1 […]"),
        ("-title:x lang:en", "-title:x"),
        ("NOT title:x a b", "a b"),
    ],
)
def test_words_beside_fields_keep_their_punctuation(text: str, words: str) -> None:
    assert parse_operators(text).words == words


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ('a AND "b', 6, "unclosed quotation mark"),
        ("a AND (b", 6, "unclosed parenthesis"),
        ("title:(a AND (b", 13, "unclosed parenthesis"),
        ("title:(a", 6, "unclosed parenthesis"),
        ("a AND b)", 7, "unmatched closing parenthesis"),
        ("a AND () b", 7, "empty parentheses"),
        ("AND a OR b", 0, "AND needs words on both sides"),
        ("a AND OR b", 6, "OR needs words on both sides"),
        ("ab* AND", 4, "AND needs words on both sides"),
        ("(ab* OR )", 8, "OR needs words on both sides"),
        ("(AND a) OR b", 1, "AND needs words on both sides"),
        ("a OR b NOT", 7, "NOT needs a word after it"),
        ("a NOT NOT b", 6, "NOT needs a word after it"),
        ("a OR (NOT) b", 9, "NOT needs a word after it"),
        ("a AND " + "(" * 21 + "b", 26, "parentheses are nested more than 20 levels deep"),
        ("a AND after:soon", 12, "a date must look like 2009-09-14, 2009-09 or 2009"),
        ("a AND after: 2009", 12, "a date must look like 2009-09-14, 2009-09 or 2009"),
        ("a AND after:2009*", 12, "a date must look like 2009-09-14, 2009-09 or 2009"),
        ('a AND after:"2009 10"', 13, "a date must look like 2009-09-14, 2009-09 or 2009"),
        ("a AND after:(2009)", 12, "a date must look like 2009-09-14, 2009-09 or 2009"),
        ("before:2009-02-30", 7, "this date does not exist"),
    ],
)
def test_a_syntax_error_has_a_position_and_a_reason(text: str, at: int, reason: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert (caught.value.at, caught.value.reason) == (at, reason)
    assert reason in str(caught.value)


def test_date_options_are_checked_like_date_fields() -> None:
    assert parse_date_range("2009", "") == DateRange(after="2009")
    assert parse_date_range("", "") is None
    with pytest.raises(QuerySyntaxError) as caught:
        parse_date_range("", "soon")
    assert (caught.value.query, caught.value.at) == ("before:soon", 7)


WORDS = st.sampled_from(["time", "tour", "album", "break", "swift", "音", "über"])
NORMALIZED = {"über": "uber"}
PIECES = st.sampled_from(
    [
        " ",
        " ",
        " ",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        '"',
        "~8",
        "*",
        ":",
        "title:",
        "after:",
        "2009",
        "ab",
        "-",
        "\n",
        "…",
        "[",
        "]",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_parses_or_is_a_syntax_error_within_the_text(text: str) -> None:
    errors = [error for error in (_syntax_error(parse_query, text), _syntax_error(parse_operators, text)) if error]
    assert all(0 <= error.at <= len(text) for error in errors)


def _syntax_error(parser: Callable[[str], object], text: str) -> QuerySyntaxError | None:
    """Parse *text*, and return the error if there is one."""
    try:
        parser(text)
    except QuerySyntaxError as error:
        return error
    return None


def _term(word: str) -> tuple[str, ...]:
    return (NORMALIZED.get(word, word),)


def _branches(nodes: st.SearchStrategy[QueryNode]) -> st.SearchStrategy[QueryNode]:
    operands = st.lists(nodes, min_size=2, max_size=4, unique=True).map(tuple)
    return st.one_of(operands.map(And), operands.map(Or), nodes.map(Not))


LEAVES: st.SearchStrategy[QueryNode] = st.one_of(
    st.lists(WORDS, min_size=1, max_size=4, unique=True).map(
        lambda words: PhraseQuery(tuple(w for each in words for w in _term(each)))
    ),
    WORDS.map(lambda word: PrefixQuery(*_term(word))),
    st.builds(Proximity, st.just(("time", "tour")), st.integers(2, 100)),
    st.builds(FieldTerm, st.sampled_from(["title", "speaker"]), st.just(("time", "tour")), st.booleans()),
    st.sampled_from(["2009", "2009-09", "20090914"]).map(lambda date: DateRange(after=date)),
    st.sampled_from(["2009", "2009-09", "20090914"]).map(lambda date: DateRange(before=date)),
)


def write(node: QueryNode) -> str:
    """Write *node* in the query language, with parentheses around everything."""
    match node:
        case And(nodes):
            return f"({' AND '.join(map(write, nodes))})"
        case Or(nodes):
            return f"({' OR '.join(map(write, nodes))})"
        case Not(operand):
            return f"(NOT {write(operand)})"
        case DateRange(after, before):
            return f"after:{after}" if after else f'before:"{before}"'
        case FieldTerm(name, tokens, is_prefix):
            return f"{name}:{'-'.join(tokens)}*" if is_prefix else f'{name}:"{" ".join(tokens)}"'
    return _write_words(node)


def _write_words(node: QueryNode) -> str:
    match node:
        case PhraseQuery(tokens):
            return f'"{" ".join(tokens)}"'
        case PrefixQuery(prefix):
            return f"{prefix}*"
        case Proximity(tokens, distance):
            return f'"{" ".join(tokens)}"~{distance}'
    raise AssertionError(node)


@given(st.recursive(LEAVES, _branches, max_leaves=12))
def test_a_written_tree_parses_to_the_same_tree(node: QueryNode) -> None:
    # The outermost `And` of a query is flattened, so the tree stands below an `Or`.
    assert parse(f"zebra OR {write(node)}") == Or((PhraseQuery(("zebra",)), node))


HOSTILE = {
    "opening parentheses": "(",
    "words in parentheses": "(a) ",
    "negations": "NOT ",
    "alternatives": "a OR ",
    "conjunctions": "a AND ",
    "one long word": "a",
    "asterisks": "*",
    "prefixes": "ab* ",
    "quotation marks": '""',
    "phrases": '"a b"~3 ',
    "spaces": " ",
    "colons": "a:",
    "labels": "a:(b) ",
    "fields": "title:x ",
    "ellipses": "… ",
    "brackets": "[",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_work_of_parsing_grows_no_faster_than_the_text(piece: str) -> None:
    short, long = (_count_calls(piece * (size // len(piece))) for size in (2_500, 10_000))
    assert long <= 5 * short + 1_000


def _count_calls(text: str) -> int:
    """Count the function calls of parsing *text*, a measure of work that does not depend on the machine."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        has_operators(text)
        _syntax_error(parse_query, text)
        _syntax_error(parse_operators, text)
    finally:
        sys.setprofile(None)
    return calls


def test_thousands_of_nested_parentheses_are_a_syntax_error() -> None:
    with pytest.raises(QuerySyntaxError, match="nested more than 20 levels deep"):
        parse_operators("(" * 5_000 + "a" + ")" * 5_000)
    assert parse_query("(" * 5_000 + "a AND b" + ")" * 5_000).parts == (("a", "and", "b"),)


@pytest.mark.parametrize("operand", ["ab{}*", '"a b{}"~5'])
def test_too_many_costly_operands_are_a_syntax_error(operand: str) -> None:
    operands = [operand.format("c" * at) for at in range(21)]
    assert parse_query(" OR ".join(operands[:20])).node is not None
    with pytest.raises(QuerySyntaxError, match="at most 20 prefixes and distances"):
        parse_query(" OR ".join(operands))


def test_too_many_terms_in_groups_are_a_syntax_error() -> None:
    groups = [f"(the OR a{number})" for number in range(40)]
    assert parse_query(" AND ".join(groups[:32])).node is not None
    with pytest.raises(QuerySyntaxError, match="at most 64 terms"):
        parse_query(" AND ".join(groups))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (" OR ".join(f"a{number}" for number in range(65)), "at most 64 terms"),
        (" AND ".join(f"a{number}" for number in range(65)), "at most 64 terms"),
        ('"a b"~101', "a distance may be at most 100 words"),
        ('"a b"~999999999999 OR c', "a distance may be at most 100 words"),
        ('"' + " ".join(f"a{number}" for number in range(21)) + '"~5', "at most 20 words"),
    ],
    ids=["or", "and", "distance", "long distance", "proximity"],
)
def test_a_query_beyond_a_limit_is_a_syntax_error_rather_than_cut(query: str, reason: str) -> None:
    with pytest.raises(QuerySyntaxError, match=reason):
        parse_query(query)


def test_all_operands_up_to_the_limit_are_searched() -> None:
    node = parse_query(" OR ".join(f"a{number}" for number in range(64))).node
    assert isinstance(node, Or)
    assert len(node.nodes) == 64


def test_all_words_of_a_long_phrase_are_searched() -> None:
    words = [first + second for first in "bcdfghjklpqrtvw" for second in "bcdfghjklpqrtvwx"]
    node = parse_query(f'"{" ".join(words)}" OR b').node
    assert isinstance(node, Or)
    assert isinstance(node.nodes[0], And)
    runs = [run.tokens for run in node.nodes[0].nodes if isinstance(run, PhraseQuery)]
    assert [token for run in runs for token in run] == words


def test_a_quote_with_a_part_in_quotation_marks_and_too_many_words_is_searched_whole() -> None:
    words = [first + second for first in "bcdfghkl" for second in "bcdfghklp"]
    assert parse_query(f'"not today" {" ".join(words)}').parts == (("not", "today", *words),)


def test_a_long_sentence_with_a_part_in_quotation_marks_is_no_error() -> None:
    query = parse_query(f'he said "not today" and {"left early " * 75}')
    assert query.fallback is not None  # its words are few, though it is long
    assert len(query.fallback.parts[0]) == 155
