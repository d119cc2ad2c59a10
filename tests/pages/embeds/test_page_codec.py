"""The answer of the worker process: data that the parent checks, because an exploited parser could write anything."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vidindex.model import Article, CaptionLink, Embed
from vidindex.pages.embeds.discovered import DiscoveredPage
from vidindex.pages.embeds.page_codec import (
    FAILURE_REASONS,
    MAX_ANSWER_BYTES,
    decode_page,
    encode_failure,
    encode_page,
)

URL = "https://news.example.org/story"
SAVED = "file:///pages/story.html"
CAPTIONS = (CaptionLink("https://cdn.example.org/en.vtt", "en", "English"),)
VIDEO = Embed("https://www.youtube.com/watch?v=aB3dE6gH9jK", "youtube", "aB3dE6gH9jK", "Jay “speaks”")
CLIP = Embed("https://cdn.example.org/a.mp4", "html5", "https://cdn.example.org/a.mp4", captions=CAPTIONS)
PAGE = DiscoveredPage(
    Article(URL, URL, "Jay \U0001f600", "Ann", "The News", "2009-09-15", "en-US", "A line.\n\n> Ünï"),
    (VIDEO, replace(CLIP, kind="meta", dead=True, original_url="http://cdn.example.org/a.mp4")),
    "https://elsewhere.example.com/story",
)


def test_a_page_survives_encoding_and_decoding() -> None:
    assert decode_page(encode_page(PAGE, URL), URL) == PAGE


@pytest.mark.parametrize("code", FAILURE_REASONS)
def test_a_failure_is_one_of_the_known_reasons(code: Any) -> None:
    assert decode_page(encode_failure(code), URL) == code


def test_lone_surrogates_are_replaced() -> None:
    page = replace(PAGE, article=replace(PAGE.article, title="a\ud800b"), embeds=(replace(VIDEO, label="\udfff"),))
    decoded = decode_page(encode_page(page, URL), URL)

    assert isinstance(decoded, DiscoveredPage)
    assert (decoded.article.title, decoded.embeds[0].label) == ("a\ufffdb", "\ufffd")


def test_the_encoder_drops_what_the_decoder_refuses() -> None:
    """A page cannot make its own answer invalid."""
    long_url = "https://cdn.example.org/" + "x" * 5_000
    page = DiscoveredPage(
        replace(PAGE.article, title="x" * 10_000, text="y" * 600_000),
        (
            replace(CLIP, url="rtmp://cdn.example.org/a"),
            replace(CLIP, url=long_url),
            replace(CLIP, url="file:///etc/passwd"),
            replace(CLIP, provider="a b"),
            replace(CLIP, captions=CAPTIONS * 500),
            replace(CLIP, captions=(CaptionLink("file:///etc/passwd"),), original_url=long_url),
            *(VIDEO for _ in range(600)),
        ),
        long_url,
    )
    decoded = decode_page(encode_page(page, URL), URL)

    assert isinstance(decoded, DiscoveredPage)
    assert [len(embed.captions) for embed in decoded.embeds[:3]] == [100, 0, 0]
    assert (decoded.embeds[1].original_url, len(decoded.embeds)) == ("", 500)
    assert (len(decoded.article.title), len(decoded.article.text)) == (4_000, 500_000)


def test_an_answer_over_the_limit_is_a_failure() -> None:
    captions = tuple(CaptionLink(f"https://cdn.example.org/{'x' * 3_000}{number}") for number in range(100))
    page = replace(PAGE, embeds=tuple(replace(CLIP, captions=captions) for _ in range(500)))

    assert decode_page(encode_page(page, URL), URL) == "memory"


def test_files_are_named_only_by_pages_in_their_folder() -> None:
    inside = replace(CLIP, url="file:///pages/a.mp4", captions=(CaptionLink("file:///pages/a.vtt"),))
    page = DiscoveredPage(Article("https://news.example.org/story", SAVED), (inside,))

    assert decode_page(encode_page(page, SAVED), SAVED) == page
    with pytest.raises(ValueError, match="URL of another site"):
        decode_page(encode_page(page, SAVED), "https://other.example.com/story")
    with pytest.raises(ValueError, match="invalid URL"):
        decode_page(encode_page(page, SAVED), "file:///elsewhere/story.html")


Change = Callable[[dict[str, Any]], object]


def of_article(**fields: object) -> Change:
    return lambda answer: answer["article"].update(fields)


def of_embed(**fields: object) -> Change:
    return lambda answer: answer["embeds"][1].update(fields)


MALICIOUS: dict[str, Change] = {
    "no article": lambda answer: answer.pop("article"),
    "another field": lambda answer: answer.update(extra=1),
    "a failure as well": lambda answer: answer.update(failure="memory"),
    "article of another type": lambda answer: answer.update(article=[]),
    "another field of the article": of_article(extra=""),
    "fetched_from of the article": of_article(fetched_from="https://victim.example.net/"),
    "title of another type": of_article(title=1),
    "no title": lambda answer: answer["article"].pop("title"),
    "title that is not a number": of_article(title=float("nan")),
    "title of a megabyte": of_article(title="x" * 1_000_000),
    "text of two megabytes": of_article(text="x" * 2_000_000),
    "date that is none": of_article(date="2009-09-15'; DROP"),
    "article of another site": of_article(url="https://victim.example.net/story"),
    "article of a file": of_article(url="file:///etc/passwd"),
    "article without URL": of_article(url=""),
    "stated URL of another type": lambda answer: answer.update(stated_url=None),
    "embeds of another type": lambda answer: answer.update(embeds={}),
    "too many embeds": lambda answer: answer.update(embeds=answer["embeds"] * 251),
    "embed of another type": lambda answer: answer.update(embeds=[None]),
    "another field of the embed": of_embed(extra=1),
    "kind that is none": of_embed(kind="script"),
    "kind of another type": of_embed(kind=["embed"]),
    "dead of another type": of_embed(dead=1),
    "provider with markup": of_embed(provider="<b>"),
    "no provider": of_embed(provider=""),
    "provider of another type": of_embed(provider={"a": 1}),
    "no id": of_embed(id=""),
    "embed of a file": of_embed(url="file:///etc/passwd"),
    "embed of an option": of_embed(url="--exec"),
    "embed of another scheme": of_embed(url="ytsearch:cats"),
    "captions of another type": of_embed(captions="x"),
    "caption of another type": of_embed(captions=[["a"]]),
    "caption of a file": of_embed(captions=[["file:///etc/passwd", "", ""]]),
    "too many captions": of_embed(captions=[["https://a.example/", "", ""]] * 101),
}


@pytest.mark.parametrize("change", MALICIOUS.values(), ids=MALICIOUS.keys())
def test_a_malicious_answer_is_refused(change: Change) -> None:
    answer = json.loads(encode_page(PAGE, URL))
    change(answer)
    with pytest.raises(ValueError, match=r"."):
        decode_page(json.dumps(answer).encode(), URL)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b'"memory"',
        b'{"failure": "exec"}',
        b'{"failure": ["memory"]}',
        b"NaN",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 4_000_000,
        b'{"a":[' + b"{}," * 2_000_000 + b"{}]}",
        b"1" * 1_000_000,
        b" " * (MAX_ANSWER_BYTES + 1),
        pickle.dumps(PAGE),
    ],
    ids=range(15),
)
def test_an_answer_that_is_no_page_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_page(answer, URL)
