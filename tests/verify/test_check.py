"""Quotations are extracted from articles and checked against transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidindex
from tests.clocks import check_linear_time
from vidindex.engines import installed_engines
from vidindex.verify.check import CheckedQuote, Quotation, WordChange, compare_words, extract_quotations


@pytest.mark.parametrize(
    ("article", "text", "attribution"),
    [
        ("“I never took the time off, really,” West explained.", "I never took the time off, really,", "West"),
        ('"I never took the time off," said Ann Lee.', "I never took the time off,", "Ann Lee"),
        ("The singer told us quietly that Lee said: “It was just rude.”", "It was just rude.", "Lee"),
        ("Leno: “What would she have thought about it?”", "What would she have thought about it?", "Leno"),
        ("„Das ist mir gar nicht recht“, sagte Merkel.", "Das ist mir gar nicht recht", "Merkel"),
        ("« Je ne sais pas du tout », a dit Macron.", "Je ne sais pas du tout", "Macron"),
        ("»Das war so nicht gemeint«, sagte Lena.", "Das war so nicht gemeint", "Lena"),
        ("他说：「我从来没有休息过时间」", "我从来没有休息过时间", ""),
        ("‘I don’t know what you’re saying,’ said Bob.", "I don’t know what you’re saying,", "Bob"),
        (
            "“One paragraph goes on\n“and ends in the next,” said Lee.",
            "One paragraph goes on and ends in the next,",
            "Lee",
        ),
        (
            "<p>He wrote:</p><blockquote><p>We took no time off. — Ann Lee</p></blockquote>",
            "We took no time off.",
            "Ann Lee",
        ),
        ("<p><q>We took no time off at all,</q> said Lee.</p>", "We took no time off at all,", "Lee"),
    ],
)
def test_a_quotation_is_extracted_with_its_attribution(article: str, text: str, attribution: str) -> None:
    assert [(each.text, each.attribution) for each in extract_quotations(article)] == [(text, attribution)]


def test_a_quotation_that_the_article_interrupts_is_one() -> None:
    assert extract_quotations("“Obviously,” he said, “I deal with hurt.”") == [
        Quotation("Obviously, … I deal with hurt.", "", ("Obviously,", "I deal with hurt."))
    ]


def test_a_second_sentence_is_said_by_the_same_person() -> None:
    found = extract_quotations("“I never took the time off,” West said. “It was music after music.”")
    assert [each.attribution for each in found] == ["West", "West"]


@pytest.mark.parametrize(
    "article",
    ["The live premiere of “The Jay Leno Show” Monday.", 'a 5" pipe and a 6" pipe', "a so-called “star” came", "", "“"],
)
def test_names_inches_and_single_words_are_not_quotations(article: str) -> None:
    assert extract_quotations(article) == []


@pytest.mark.parametrize(
    "article", ["“" * 100_000, '"a ' * 100_000, "„" * 100_000, "‘a " * 100_000, "Aa " * 100_000, "«x» said " * 50_000]
)
def test_hostile_articles_take_no_time(article: str) -> None:
    check_linear_time(extract_quotations, article)


def test_printed_and_spoken_words_are_compared() -> None:
    assert compare_words("I’ve never taken $12 million", "I never, uh, took twelve million dollars") == (
        WordChange("I’ve", "I", same=False),
        WordChange("never", "never, uh,", same=True),
        WordChange("taken", "took", same=False),
        WordChange("$12 million", "twelve million dollars", same=True),
    )


@pytest.fixture(params=installed_engines())
def checked(request: pytest.FixtureRequest, tmp_path: Path) -> list[CheckedQuote]:
    """Quotations of one article, checked against two clips, the first of which it embeds."""
    from tests.conftest import webvtt

    for name, line in (
        ("own", "so many singers never take the time off"),
        ("other", "let us talk about bread and butter and the price of flour"),
    ):
        (tmp_path / f"{name}.vtt").write_text(webvtt(["good evening to you all", line, "thank you and good night"]))
    texts = (
        "so many singers never take the time off",
        "Many singers, they never take time off",
        "Many singers take the time off",
        "Let us talk about bread and butter and the price of flour",
        "nobody ever said anything like this zebra",
    )
    quoted = "".join(f"<p>She said: “{text}.”</p>" for text in texts)
    page = tmp_path / "page.html"
    player = "<video src='own.mp4'><track kind='captions' src='own.vtt' srclang='en'></video>"
    page.write_text(f"<html><title>x</title><body>{quoted}{player}</body></html>")
    (tmp_path / "own.mp4").touch()
    with vidindex.open(tmp_path / "index", engine=request.param) as index:
        index.add(tmp_path / "other.vtt", page)
        return index.quotes(str(page))


def test_quotes_get_their_verdicts_in_own_clips_first(checked: list[CheckedQuote]) -> None:
    assert [(each.verdict, each.elsewhere) for each in checked] == [
        ("verbatim", False),
        ("faithful", False),
        ("altered", False),
        ("verbatim", True),
        ("not_found", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "“a b c d e f\n" * 40_000,
        "“a b c d e f\n“g h\n" * 25_000,
        "<html>" + "<p>“a b c d" * 30_000,
        '"' * 500_000,
        '"a b c d" ' * 50_000,
        "<html>" + "<li><div>" * 100 + "<b>a</b>" * 60_000,
        "<html>" + "<p>a</p>" * 60_000,
    ],
    ids=["unclosed", "continued", "HTML", "marks", "pairs", "nested", "paragraphs"],
)
def test_a_hostile_article_is_read_in_linear_time(text: str) -> None:
    check_linear_time(extract_quotations, text)


def test_a_quotation_that_never_ends_is_cut() -> None:
    found = extract_quotations("“It never ends, does it, my dear friend\n" * 5_000)
    assert all(len(part) <= 11_000 for each in found for part in (each.text, *each.parts))


def test_a_list_in_a_list_is_read_but_not_without_end() -> None:
    html = "<html><ul><li>He said: “We were late that day.”<ul><li>She said: “We were early that day.”</ul></ul>"
    assert {each.text for each in extract_quotations(html)} >= {"We were late that day.", "We were early that day."}
