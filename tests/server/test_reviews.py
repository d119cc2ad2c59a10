"""`POST /api/reviews`, the article page with what it saves, and the export of the report."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml.html import fromstring

import vidindex
from tests.conftest import webvtt
from vidindex.errors import IndexBusyError, IndexLocationError, TooBusyError
from vidindex.server.app import make_app
from vidindex.server.views import article

if TYPE_CHECKING:
    from starlette.testclient import TestClient

LINES = ("We will not raise taxes this year, and nobody asked us to.", "We walked home along the harbour that evening.")
QUOTES = {
    "altered": "We will raise taxes this year, and nobody asked us to.",
    "verbatim": "We walked home along the harbour that evening.",
    "not_found": "@the purple submarines dissolved in the soup & all,",
}
ARTICLE = "https://paper.example/story"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with an article that prints three quotations."""
    made = tmp_path_factory.mktemp("reviewed")
    (made / "talk.en.vtt").write_text(webvtt([*LINES] * 2), encoding="utf-8")
    said = "".join(f"<p>“{html.escape(quote)}” said Ann Lee.</p>" for quote in QUOTES.values())
    page = f"<title>Story</title><link rel=canonical href={ARTICLE}><article><h1>Story</h1>{said}</article>"
    (made / "story.html").write_text(page, encoding="utf-8")
    with vidindex.open(made / "index") as index:
        report = index.add(made / "talk.en.vtt", made / "story.html")
        assert not report.failures
        found = {quote.verdict: quote.quotation.text for quote in index.quotes(ARTICLE)}
        assert found == QUOTES
    return made / "index"


@pytest.fixture
def open_client(folder: Path) -> Iterator[Callable[..., TestClient]]:
    """A function that returns a client of a new server; `is_local` is an option of the server."""
    from starlette.testclient import TestClient

    clients: list[TestClient] = []

    def start(*, is_local: bool = True) -> TestClient:
        clients.append(TestClient(make_app(folder, is_local=is_local), base_url="http://127.0.0.1:8000"))
        return clients[-1].__enter__()

    yield start
    for each in clients:
        each.__exit__()
    with vidindex.open(folder) as index:
        for review in index.reviews(ARTICLE):
            index.save_review(ARTICLE, review.quote, done=False, note="")


@pytest.fixture
def client(open_client: Callable[..., TestClient]) -> TestClient:
    return open_client()


def save(client: TestClient, change: object, **headers: str) -> tuple[int, Any]:
    named = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answer = client.post("/api/reviews", content=json.dumps(change), headers=named)
    return answer.status_code, answer.json()


def tick(name: str, **change: object) -> dict[str, object]:
    return {"article": ARTICLE, "quote": QUOTES[name], **change}


def show(client: TestClient, **params: str) -> Any:
    answer = client.get("/article", params={"url": ARTICLE, **params})
    assert answer.status_code == 200, answer.text
    return fromstring(answer.text)


def test_a_tick_and_a_note_are_saved_and_shown(client: TestClient) -> None:
    note = "ask <Ann> \N{MUSICAL SYMBOL G CLEF}\nagain"
    assert save(client, tick("altered", done=True))[0] == 200
    status, review = save(client, tick("altered", note=note))
    assert (status, review["done"], review["note"]) == (200, True, note)
    root = show(client)
    box, other = root.xpath("//li[@id='quote-1']//input")[0], root.xpath("//li[@id='quote-2']//input")[0]
    assert (box.get("checked"), other.get("checked")) == ("checked", None)
    assert root.xpath("//li[@id='quote-1']//*[@class='note-text']")[0].text == note
    assert root.get_element_by_id("checked-count").text == "1"


def test_the_answer_has_the_fields_that_openapi_describes(client: TestClient) -> None:
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert set(save(client, tick("altered", done=True))[1]) == set(schemas["Review"]["properties"])


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ([], "body"),
        ({"article": ARTICLE}, "body"),
        (tick("altered", more=1), "body"),
        (tick("altered", done="yes"), "done"),
        (tick("altered", note=7), "note"),
        (tick("altered", note="x" * 2_001), "note"),
        ({"article": ARTICLE, "quote": "something else", "done": True}, "quote"),
    ],
    ids=["list", "no-quote", "extra", "word", "number", "long", "not-printed"],
)
def test_a_wrong_change_is_an_error_that_names_the_part(client: TestClient, change: object, parameter: str) -> None:
    status, problem = save(client, change)
    assert (status, problem["parameter"]) == (400, parameter)


def test_an_article_that_is_not_indexed_has_no_reviews(client: TestClient) -> None:
    assert save(client, {**tick("altered"), "article": "https://other.example/"})[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "attacker.example"}, 400),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"X_Forwarded_For": "192.0.2.1"}, 403),
        ({"Forwarded": "for=192.0.2.1"}, 403),
    ],
    ids=["host", "origin", "form", "proxy", "forwarded"],
)
def test_others_cannot_change_reviews(client: TestClient, folder: Path, headers: dict[str, str], status: int) -> None:
    assert save(client, tick("altered", done=True), **headers)[0] == status
    with vidindex.open(folder) as index:
        assert not [review for review in index.reviews(ARTICLE) if review.done]


def test_a_server_on_the_network_shows_reviews_only_and_says_why(open_client: Callable[..., TestClient]) -> None:
    save(open_client(), tick("verbatim", done=True, note="heard it"))
    client = open_client(is_local=False)
    status, problem = save(client, tick("verbatim", done=False))
    assert (status, "serve without --host" in problem["detail"]) == (403, True)
    root = show(client)
    assert root.xpath("//li[@id='quote-2']//input/@checked") == ["checked"]
    assert root.xpath("//li[@id='quote-2']//*[@class='note-text']")[0].text == "heard it"
    assert "Ticks and notes are only shown: nobody can change them here" in root.text_content()
    assert not root.xpath("//*[@id='note-editor'] | //button[contains(@class, 'edit-note')]")


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (IndexBusyError("index", 5), 503, "another process is writing"),
        (IndexLocationError("index", "it is not writable"), 500, "cannot be written to"),
    ],
    ids=["busy", "read-only"],
)
def test_a_review_that_cannot_be_saved_is_an_error_with_the_reason(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, detail: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(vidindex.Index, "save_review", fail)
        found, problem = save(client, tick("altered", done=True))
    assert (found, detail in problem["detail"]) == (status, True)


# The page


def test_the_page_shows_what_is_printed_beside_what_was_said(client: TestClient) -> None:
    root = show(client)
    altered = root.get_element_by_id("quote-1")
    assert [each.text for each in altered.iter("h4")] == ["Printed", "Said"]
    assert altered.xpath(".//blockquote/p")[0].text_content() == f"“{QUOTES['altered']}”"
    assert [(each.text, each.get("class")) for each in altered.iter("ins")] == [("not", "meaning")]
    assert altered.xpath("string(.//*[@class='kind'])") == "negation"
    assert "“not” was said, but is not printed" in altered.xpath("string(.//*[@class='changes'])")


def test_a_quote_without_a_place_says_what_was_searched(client: TestClient) -> None:
    missing = show(client).get_element_by_id("quote-3").text_content()
    assert "not found" in missing
    assert "cannot tell" in missing
    assert "Searched 0 videos of the article" in missing


@pytest.mark.parametrize(
    ("group", "numbers"),
    [
        ("altered", ["quote-1"]),
        ("not_found", ["quote-3"]),
        ("cannot_tell", ["quote-3"]),
        ("spliced", []),
        ("checked", ["quote-2"]),
        ("open", ["quote-1", "quote-3"]),
    ],
)
def test_a_filter_shows_some_of_the_quotes(client: TestClient, group: str, numbers: list[str]) -> None:
    save(client, tick("verbatim", done=True))
    root = show(client, show=group)
    assert root.xpath("//li[contains(@class, 'quote ')]/@id") == numbers
    assert len(root.xpath("//*[@class='verdict-counts']//a[@aria-current]")) == 1


def test_an_unknown_filter_is_an_error(client: TestClient) -> None:
    assert client.get("/article", params={"url": ARTICLE, "show": "nonsense"}).status_code == 400


def test_a_note_on_a_quote_that_is_not_printed_any_more_is_still_shown(client: TestClient, folder: Path) -> None:
    with vidindex.open(folder) as index:
        index.save_review(ARTICLE, "a former quotation", note="it was wrong")
    assert "it was wrong" in show(client).xpath("string(//section[@class='orphans'])")
    assert save(client, {"article": ARTICLE, "quote": "a former quotation", "note": "gone"})[0] == 200


def test_notes_are_shown_although_the_quotes_cannot_be_checked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(client, tick("altered", note="ask Ann"))

    def fail(*_: object) -> None:
        raise TooBusyError("the search took too long")

    with monkeypatch.context() as patch:
        patch.setattr(article, "check_article_quotes", fail)
        text = show(client).get_element_by_id("quotes").text_content()
    assert "the search took too long" in text
    assert "ask Ann" in text
    assert "does not print any more" not in text


# The export


def export(client: TestClient, form: str) -> str:
    answer = client.get("/report", params={"url": ARTICLE, "format": form})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="quotes-paper-example.{form}"'
    return answer.text


def test_the_table_has_each_quote_with_its_review_and_no_formula(client: TestClient, folder: Path) -> None:
    save(client, tick("altered", done=True, note="=1+1"))
    with vidindex.open(folder) as index:
        index.save_review(ARTICLE, "@former", note="gone")
    rows = list(csv.DictReader(io.StringIO(export(client, "csv"))))
    assert [row["verdict"] for row in rows] == ["altered", "verbatim", "not found", ""]
    assert (rows[0]["checked"], rows[0]["note"]) == ("yes", "'=1+1")
    assert rows[0]["said"] == LINES[0]
    assert rows[0]["changes"] == "negation: “not” was said, but is not printed"
    assert rows[2]["quote"] == f"'{QUOTES['not_found']}"
    assert (rows[3]["quote"], rows[3]["note"]) == ("'@former", "gone")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_json_has_the_fields_of_verify_and_the_reviews(client: TestClient) -> None:
    save(client, tick("verbatim", note="fine"))
    report = json.loads(export(client, "json"))
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert {*report["verdicts"][0]} == {*schemas["Verdict"]["properties"], "review"}
    assert [each["verdict"] for each in report["verdicts"]] == list(QUOTES)
    assert report["verdicts"][1]["review"]["note"] == "fine"
    assert report["article"]["url"] == ARTICLE


def test_the_markdown_has_the_reviews(client: TestClient) -> None:
    save(client, tick("verbatim", done=True, note="fine [x](javascript:1)\n# no heading"))
    text = export(client, "md")
    assert "- checked (20" in text
    assert "- note: fine \\[x\\]\\(javascript:1\\) \\# no heading" in text


def test_an_unknown_format_is_an_error(client: TestClient) -> None:
    assert client.get("/report", params={"url": ARTICLE, "format": "exe"}).status_code == 400
    assert client.get("/report", params={"url": "https://other.example/", "format": "csv"}).status_code == 404
