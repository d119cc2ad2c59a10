"""Articles: title, author, date, site, canonical URL, language and text of pages in any encoding."""

from __future__ import annotations

import json

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.article import read_article
from vidindex.pages.markup import MAX_PAGE_TAGS, decode_html, parse_html

TEXT = "It was a long evening, and everybody who was there had something to say about it, or so they told us."


def test_all_metadata_of_a_page_is_read() -> None:
    html = f"""<html lang="en-us"><head><title>Jay speaks | The Daily</title>
    <meta property="og:site_name" content="The Daily"><meta name="author" content="By Ann Author">
    <meta property="article:published_time" content="2009-09-15T08:00:00Z">
    <link rel="canonical" href="/2009/jay"></head>
    <body><nav><p>Home</p></nav>
    <article><h1>Jay speaks</h1><p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"""
    article = read_article(html, url="http://daily.example.org/2009/jay?print=1")

    assert article.title == "Jay speaks"
    assert (article.author, article.site, article.date) == ("Ann Author", "The Daily", "2009-09-15")
    assert (article.url, article.fetched_from) == (
        "http://daily.example.org/2009/jay",
        "http://daily.example.org/2009/jay?print=1",
    )
    assert article.language == "en-US"
    assert article.text == "\n\n".join([TEXT] * 3)


def test_json_ld_is_read_as_well() -> None:
    html = """<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","headline":"Jay speaks",
    "datePublished":"2019-02-03","author":[{"@type":"Person","name":"Ann Author"}],
    "publisher":{"name":"The Daily"}}]}</script>"""
    article = read_article(html)

    assert (article.title, article.author, article.site, article.date) == (
        "Jay speaks",
        "Ann Author",
        "The Daily",
        "2019-02-03",
    )


@pytest.mark.parametrize(
    ("html", "url", "date"),
    [
        ('<time datetime="2011-04-05T10:00">yesterday</time>', None, "2011-04-05"),
        ('<span class="date">September 15, 2009</span>', None, "2009-09-15"),
        ('<div class="post-date">15th Sep 2009, 9:00</div>', None, "2009-09-15"),
        ('<span class="published">12. November 2015</span>', None, "2015-11-12"),
        ('<p class="entry-date">5 de mayo de 2022</p>', None, "2022-05-05"),
        ('<meta name="date" content="20090915">', None, "2009-09-15"),
        ("<p>x</p>", "http://daily.example.org/2009/09/15/jay/", "2009-09-15"),
        ("<p>x</p>", "http://daily.example.org/2009/sep/15/jay", "2009-09-15"),
        ('<span class="date">15 September 20٠٩</span>', None, ""),
        ('<span class="date">someday</span>', "http://daily.example.org/99999/jay", ""),
    ],
)
def test_dates_are_found_in_common_places(html: str, url: str | None, date: str) -> None:
    assert read_article(html, url=url).date == date


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Jay speaks | The Daily", "Jay speaks"),
        ("Jay speaks - and so does Kay", "Jay speaks - and so does Kay"),
        ("Jay speaks", "Jay speaks"),
    ],
)
def test_the_site_name_is_removed_from_the_title(title: str, expected: str) -> None:
    assert read_article(f'<title>{title}</title><meta property="og:site_name" content="The Daily">').title == expected


@pytest.mark.parametrize(
    "link",
    ["", '<link rel="canonical" href="https://web.archive.org/web/20090915000000/http://daily.example.org/jay">'],
)
def test_a_wayback_machine_copy_has_the_url_of_the_original(link: str) -> None:
    article = read_article(
        link + "<p>x</p>", url="https://web.archive.org/web/20090915000000/http://daily.example.org/jay"
    )

    assert (article.url, article.fetched_from[:24]) == ("http://daily.example.org/jay", "https://web.archive.org/")


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("x-sjis", "shift_jis", "動画だよ"),
        ("shift_jis", "cp932", "①動画だよ"),
        ("gb2312", "gb18030", "杰伊講话"),
        ("ks_c_5601-1987", "cp949", "제이가 말한다"),
        ("x-mac-roman", "mac_roman", "L’été"),
    ],
)
def test_declared_encodings_are_read_as_browsers_do(declared: str, codec: str, text: str) -> None:
    assert text in decode_html(f'<meta charset="{declared}"><p>{text}</p>'.encode(codec))


def test_words_of_adjacent_blocks_are_separated() -> None:
    assert read_article("<h1><div>Jay</div><div>speaks</div></h1>").title == "Jay speaks"


HOME = '<h1><a href="http://daily.example.org/">Bits &amp; Pieces</a></h1>'


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("Bits & Pieces » Jay speaks (watch!)", HOME, "Jay speaks (watch!)"),
        ("Bits & Pieces » Blog Archive » Jay speaks", HOME + "<h2>Jay speaks</h2>", "Jay speaks"),
        ("Bits & Pieces: Jay speaks: all of it", HOME + "<h2>June 1, 2007</h2>", "Jay speaks: all of it"),
        ("Jay speaks | Bits & Pieces", "<b>Bits &amp; Pieces</b><h2>Jay speaks</h2><h3>Jay</h3>", "Jay speaks"),
        ("Jay speaks - Daily", "", "Jay speaks"),
        ("Jay speaks of the war: latest", "<h3>Latest</h3>", "Jay speaks of the war: latest"),
        ("Bits & Pieces", HOME + "<h2>Jay speaks</h2>", "Jay speaks"),
        ("Jay speaks – Kay sings", "<h1>Jay speaks – Kay sings</h1>", "Jay speaks – Kay sings"),
        ("Jay speaks of it", "<aside><h2>Jay speaks</h2></aside>", "Jay speaks of it"),
    ],
)
def test_the_site_name_is_removed_from_either_side_of_the_title(head: str, body: str, expected: str) -> None:
    html = f"<title>{head}</title><body>{body}<p>{TEXT}</p>"

    assert read_article(html, url="http://daily.example.org/2009/jay.html").title == expected


def test_amp_and_print_versions_point_to_the_canonical_page() -> None:
    html = '<html amp><link rel="canonical" href="https://daily.example.org/jay"><p>x</p></html>'

    assert read_article(html, url="https://daily.example.org/amp/jay").url == "https://daily.example.org/jay"


def test_a_canonical_url_of_the_front_page_is_ignored() -> None:
    html = '<link rel="canonical" href="https://daily.example.org/"><p>x</p>'

    assert read_article(html, url="https://daily.example.org/jay").url == "https://daily.example.org/jay"


def test_the_text_omits_boilerplate_around_the_article() -> None:
    related = '<div class="related"><p>More, more.</p></div>'
    post = f'<div class="post"><p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p>{related}</div>'
    html = f'<div class="sidebar"><p>{TEXT} Aside.</p></div>{post}'

    assert read_article(html).text == "\n\n".join([TEXT] * 3)


def test_an_old_page_without_paragraphs_still_has_its_text() -> None:
    html = f"<table><tr><td>{TEXT}<br><br>{TEXT}</td></tr></table>"

    assert read_article(html).text.count(TEXT) == 2


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>naïve “quotes”</p>".encode("windows-1252"), "naïve “quotes”"),
        ('<meta charset="utf-8"><p>naïve “quotes”</p>'.encode("windows-1252"), "naïve “quotes”"),
        ('<meta charset="iso-8859-1"><p>naïve “quotes”</p>'.encode("windows-1252"), "naïve “quotes”"),
        ('<meta charset="iso-8859-1"><p>naïve “quotes”</p>'.encode(), "naïve “quotes”"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>привет</p>'.encode("koi8-r"),
            "привет",
        ),
        ('<?xml version="1.0" encoding="shift_jis"?><p>日本語</p>'.encode("shift_jis"), "日本語"),
        ("\ufeff<p>naïve</p>".encode("utf-16"), "naïve"),
        ('<meta charset="nonsense"><p>naïve</p>'.encode("windows-1252"), "naïve"),
        ("<p>naïve “quotes”</p>".encode("utf-16-le"), "naïve “quotes”"),
        ("<p>naïve “quotes”</p>".encode("utf-16-be"), "naïve “quotes”"),
        ("<p>naïve “quotes” with one bad byte ".encode() + b"\xff</p>", "naïve “quotes”"),
    ],
)
def test_pages_are_decoded_despite_wrong_declarations(html: bytes, text: str) -> None:
    assert text in decode_html(html)


@pytest.mark.parametrize("html", ["", b"", "<html></html>", b"\0", '<script type="application/ld+json">{</script>'])
def test_an_empty_page_has_empty_fields(html: str | bytes) -> None:
    article = read_article(html, url="https://daily.example.org/jay")

    assert (article.title, article.author, article.date, article.text) == ("", "", "", "")


@pytest.mark.parametrize("repeated", ["<p>a,", "<i></i>", "<article><p>a</p></article>", "word ", "<p class=byline>"])
def test_a_page_is_read_in_linear_time(repeated: str) -> None:
    check_linear_time(lambda text: read_article(f"<body>{text}"), repeated * (400_000 // len(repeated)))


def test_a_page_of_very_many_tags_is_cut() -> None:
    root = parse_html("<p>" * (MAX_PAGE_TAGS + 1_000))

    assert root is not None
    assert MAX_PAGE_TAGS - 10 < sum(1 for _ in root.iter("p")) < MAX_PAGE_TAGS


def test_a_large_page_without_that_many_tags_is_not_cut() -> None:
    root = parse_html(f"<p>{TEXT}</p>" * 60_000 + "<b>end</b>")

    assert root is not None
    assert root.findtext(".//b") == "end"


@pytest.mark.parametrize("mark", ["{}", "<p>{}</p><p>More.</p>"])
def test_the_text_of_a_page_that_its_scripts_fill_comes_from_its_metadata(mark: str) -> None:
    said = "“We did not know of it at all,” said Jane Roe, the clerk of the committee, to the reporters outside."
    data = json.dumps({"@type": "NewsArticle", "headline": "Hearing", "articleBody": mark.format(said)})
    article = read_article(f'<script type="application/ld+json">{data}</script><div id="root"></div>')

    assert article.text.startswith(said)
    assert "<" not in article.text


def test_the_text_of_a_page_comes_before_that_of_its_metadata() -> None:
    data = json.dumps({"@type": "NewsArticle", "articleBody": "A summary. " * 200})
    text = "The committee met on Tuesday to hear several witnesses. " * 10
    article = read_article(f'<script type="application/ld+json">{data}</script><article><p>{text}</p></article>')

    assert article.text == text.strip()
