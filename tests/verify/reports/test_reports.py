"""Reports as HTML and Markdown."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import html

from vidindex.verify.reports.html import render_html
from vidindex.verify.reports.markdown import render_markdown
from vidindex.verify.reports.wording import ReportHead, describe_notes, describe_piece
from vidindex.verify.verdicts import Verdict

HEAD = ReportHead("A <title>", "https://example.org/a", "1.2.3", "2026-11-28")


def test_a_page_shows_what_is_printed_beside_what_was_said(verdicts: list[Verdict]) -> None:
    root = html.document_fromstring(render_html(verdicts, HEAD))
    altered = root.get_element_by_id("quote-2")
    assert [side.text_content() for side in altered.xpath(".//h3")] == ["Printed", "Said"]
    assert "never" in altered.xpath(".//ins")[0].text_content()


def test_a_change_is_marked_by_its_kind_and_not_by_color_alone(verdicts: list[Verdict]) -> None:
    page = render_html(verdicts, HEAD)
    altered = html.document_fromstring(page).get_element_by_id("quote-2").text_content()
    assert "negation: “never” was said, but is not printed" in altered
    assert "number: printed “13”, said “30”? The captions cannot decide: listen at 0:26" in altered
    assert "speaker contradicted: the captions name Ann Lee, not Marcus Vale" in altered
    assert "text-decoration:line-through" in page


def test_links_play_the_moments(verdicts: list[Verdict]) -> None:
    links = {link for _, _, link, _ in html.document_fromstring(render_html(verdicts, HEAD)).iterlinks()}
    start = "https://www.youtube.com/watch?v=abcdefghijk&t="
    assert {f"{start}25s", f"{start}26s", f"{start}95s", "https://example.org/a"} == links


def test_a_page_states_what_was_searched_the_version_and_the_date(verdicts: list[Verdict]) -> None:
    footer = html.document_fromstring(render_html(verdicts, HEAD)).xpath("string(//footer)")
    assert "searched 3 videos of the article, 2 with captions (en, de)" in footer
    assert "vidindex 1.2.3, 2026-11-28" in footer


def test_a_quote_that_is_not_found_may_be_where_no_captions_are(verdicts: list[Verdict]) -> None:
    text = html.document_fromstring(render_html(verdicts, HEAD)).get_element_by_id("quote-4").text_content()
    assert "does not mean that it was not said" in text


def test_the_gravest_verdicts_come_first(verdicts: list[Verdict]) -> None:
    page = html.document_fromstring(render_html(verdicts, HEAD))
    headings = [heading.text for heading in page.iter("h2")]
    assert headings == ["Altered (1)", "Spliced (1)", "Not found (1)", "Faithful (1)", "Verbatim (1)"]


def test_hostile_text_does_nothing_in_a_page(verdicts: list[Verdict]) -> None:
    page = render_html(verdicts, HEAD)
    root = html.document_fromstring(page)
    assert not list(root.iter("script", "img", "iframe", "link"))
    assert not root.xpath("//@*[starts-with(name(), 'on')]")
    assert "javascript:" not in {link for _, _, link, _ in root.iterlinks()}
    assert not re.search("[\x1b\u202e]", page)
    assert "default-src 'none'" in page


def test_hostile_text_does_nothing_in_markdown(verdicts: list[Verdict]) -> None:
    text = render_markdown(verdicts, HEAD)
    assert "<script" not in text.replace("\\<script", "")
    assert "](javascript" not in text
    assert "# [A \\<title\\>](https://example.org/a)" in text
    assert "**never** \\[negation\\]" in text
    assert "then 3 words left out: “no bus, only”" in text


def test_a_report_without_quotes_says_so() -> None:
    assert "no quotes" in render_html([], ReportHead())
    assert "no quotes" in render_markdown([], ReportHead())


def test_words_that_differ_without_a_change_of_meaning_are_marked_less(verdicts: list[Verdict]) -> None:
    root = html.document_fromstring(render_html(verdicts, HEAD))
    assert root.get_element_by_id("quote-5").xpath(".//del")[0].get("class") == "wording"
    assert root.get_element_by_id("quote-2").xpath(".//ins")[0].get("class") is None


def test_what_was_left_out_is_shortened_to_its_ends(verdicts: list[Verdict]) -> None:
    words = [f"w{number}" for number in range(90)]
    piece = replace(verdicts[2].pieces[0], gap=" ".join(words), gap_words=90)
    assert "90 words left out: “w0 w1 w2 w3 w4 w5 w6 w7 … w82" in describe_piece(piece)


def test_nothing_is_said_twice(verdicts: list[Verdict]) -> None:
    """The lines of the speaker and of the changes say what these notes say."""
    listen, speaker = "listen at 0:26: “13” is printed", "the captions say that Ann Lee speaks here, not Marcus Vale"
    assert describe_notes(replace(verdicts[1], notes=(listen, speaker, "more"))) == ["more"]
    assert describe_notes(replace(verdicts[3], notes=("the index cannot tell",))) == ["the index cannot tell"]
    assert describe_notes(replace(verdicts[4], notes=())) == ["this is in a video that the article does not embed"]
