"""The text of an article is found whole, and without what stands beside it."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.article import read_article
from vidindex.pages.article_text import extract_all_text
from vidindex.pages.markup import parse_html

PARAGRAPH = "The council met on Tuesday to argue about the bridge, the ferry and the tunnel, and nobody left happy."
LONG = " ".join([PARAGRAPH] * 4)
QUOTE = "“We never wanted it closed at all,” said Lena Fox."


def text_of(body: str) -> str:
    return read_article(f"<html><title>Bridge</title><body><h1>Bridge</h1>{body}</body></html>").text


def sections(count: int) -> str:
    return "".join(
        f'<div class="component"><div class="text"><p>{LONG}</p><p>{n} {QUOTE}</p></div></div>' for n in range(count)
    )


@pytest.mark.parametrize("wrapper", ["article", "main", "div"])
def test_an_article_in_sections_is_found_whole(wrapper: str) -> None:
    text = text_of(f'<{wrapper}><div class="body">{sections(5)}</div></{wrapper}><footer><p>{LONG}</p></footer>')

    assert [f"{n} {QUOTE}" in text for n in range(5)] == [True] * 5
    assert text.count(LONG) == 5


def test_lines_that_are_broken_win_over_comments_in_paragraphs() -> None:
    comments = "".join(f'<div class="comment-text"><p>{PARAGRAPH} I liked {n}.</p></div>' for n in range(8))
    text = text_of(
        f'<div class="post-body">{LONG}<br><br>{QUOTE}<br><br>{LONG}</div><div id="comments">{comments}</div>'
    )

    assert text == "\n\n".join([LONG, QUOTE, LONG])


@pytest.mark.parametrize(
    "beside",
    [
        f'<aside class="related-stories"><p>{PARAGRAPH}</p></aside>',
        f'<div class="Recommended-list"><h3>More</h3><p>{PARAGRAPH}</p></div>',
        f"<nav><p>{PARAGRAPH}</p></nav>",
        f'<div style="display: none"><p>{PARAGRAPH}</p></div>',
        f'<div role="complementary"><p>{PARAGRAPH}</p></div>',
        f"<ul>{''.join(f'<li><a href=/{n}>What the mayor said about the bridge {n}</a>' for n in range(9))}</ul>",
        '<div class="newsletter-signup"><p>Get our news, every morning, in your inbox.</p></div>',
    ],
    ids=["related", "recommended", "nav", "hidden", "role", "links", "newsletter"],
)
def test_what_stands_beside_the_article_is_left_out(beside: str) -> None:
    assert text_of(f"<div><p>{LONG}</p>{beside}<p>{QUOTE}</p></div>") == f"{LONG}\n\n{QUOTE}"


@pytest.mark.parametrize(
    "name", ["main-with-sidebar", "post tag-news comments-open", "has-related", "content no-sidebar share"]
)
def test_an_article_is_kept_whatever_its_box_is_called(name: str) -> None:
    assert text_of(f'<div class="{name}"><p>{LONG}</p><p>{QUOTE}</p></div>') == f"{LONG}\n\n{QUOTE}"


def test_a_section_whose_id_is_made_of_its_heading_is_kept() -> None:
    section = f'<div id="sharing-and-related-widgets-of-the-bridge"><p>{QUOTE}</p></div>'

    assert text_of(f"<article><p>{LONG}</p>{section}</article>").endswith(QUOTE)


def test_an_article_that_the_parser_puts_into_the_head_is_found() -> None:
    html = f"<!doctype html><html><title>Bridge</title><meta name=a content=b><article><p>{LONG}</p></article></html>"

    assert read_article(html).text == LONG


def test_the_text_after_a_comment_in_the_markup_is_kept() -> None:
    assert text_of(f"<p>{LONG}</p><p>“We never <!-- ad -->wanted it,” she said.</p>").endswith(
        "“We never wanted it,” she said."
    )


def test_the_kinds_of_blocks_are_marked() -> None:
    body = (
        f"<h2>The vote</h2><p>{LONG}</p>"
        "<blockquote><p>We never wanted it.</p><p>Not once.</p><footer>— Lena Fox</footer></blockquote>"
        '<p>He said <q>No, never</q> and typed <code>echo "a b"</code>.</p><pre><code>a = "b c"\nd</code></pre>'
    )
    root = parse_html(body)
    assert root is not None

    assert extract_all_text(root) == (
        f"## The vote\n\n{LONG}\n\n> We never wanted it.\n> Not once.\n> — Lena Fox\n\n"
        'He said “No, never” and typed `echo "a b"`.\n\n    a = "b c"\n    d'
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("JAY: Did you ever?<br>KAY: Never.", "JAY: Did you ever?\nKAY: Never."),
        ("“I was late.<br>So were you,” he said.", "“I was late. So were you,” he said."),
        ("a line that goes on<br>in the next", "a line that goes on in the next"),
        ('"One," he said.<br>"Two," she said.', '"One," he said.\n"Two," she said.'),
    ],
)
def test_a_line_break_starts_a_paragraph_unless_a_sentence_or_quotation_goes_on(lines: str, expected: str) -> None:
    assert text_of(f"<p>{LONG}</p><p>{lines}</p>") == f"{LONG}\n\n{expected}"


@pytest.mark.parametrize(
    "html",
    [
        "<div><p>a b c d e f g h i j.</p></div>" * 4_000,
        "<p>" + "“a.<br>" * 10_000,
        f'<div class="{"comment-" * 40}">x y z</div>' * 2_000,
        "<q>a</q>" * 10_000,
        "<ul>" + "<li><a href=x>a b c d e f</a>" * 6_000,
    ],
    ids=["paragraphs", "lines", "names", "quotations", "links"],
)
def test_a_hostile_page_is_read_in_linear_time(html: str) -> None:
    check_linear_time(text_of, html)


@pytest.mark.parametrize(
    "teaser",
    [
        "<p><strong>Read also: <a href='/x'>“We are all going to leave this town,” says Bob Jones</a></strong></p>",
        "<p>À lire aussi : <a href='/x'>« Nous allons tous quitter cette ville », dit Bob Jones</a></p>",
        "<p>Lesen Sie auch: <a href='/x'>„Wir werden alle diese Stadt verlassen“, sagt Bob Jones</a></p>",
        "<p>Читайте также: <a href='/x'>«Мы все покинем этот город», — говорит Боб Джонс</a></p>",
        "<aside><h4>More on this</h4><a href='/x'>“We are all going to leave this town,” says Bob Jones</a></aside>",
    ],
)
def test_links_to_other_articles_between_the_paragraphs_are_left_out(teaser: str) -> None:
    text = text_of(f"<article><p>{LONG}</p>{teaser}<p>{QUOTE}</p><p>{LONG}</p></article>")

    assert QUOTE in text
    assert "Jones" not in text
    assert "Джонс" not in text


@pytest.mark.parametrize(
    "sentence",
    [
        "More <a href='/x'>than two thousand people of the town had left their houses</a>.",
        "Read also: <a href='/x'>the plan</a> of the council, which nobody has seen so far.",
    ],
)
def test_sentences_that_begin_like_a_link_to_another_article_stay(sentence: str) -> None:
    text = text_of(f"<article><p>{LONG}</p><p>{sentence}</p><p>{LONG}</p></article>")

    assert "people of the town" in text or "which nobody has seen" in text
