"""The API returns the same values as the library, as its OpenAPI document describes them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import vidindex
from vidindex.server import responses, search
from vidindex.server.serialize import serialize_hit

if TYPE_CHECKING:
    from .conftest import Site

DESCRIPTION = Path(vidindex.__file__).parent / "server" / "openapi.json"
SCHEMAS = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "boolean": bool, "number": (int, float), "array": list, "object": dict,
    "null": type(None),
}  # fmt: skip


def violations(value: Any, schema: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Yield the places where *value* does not conform to *schema*."""
    if "$ref" in schema:
        schema = SCHEMAS["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if all(list(violations(value, each, place)) for each in schema["anyOf"]):
            yield f"{place} matches no alternative"
        return
    if not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        yield f"{place} is not of type {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{place} is {value}"
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from violations(each, schema["items"], f"{place}[{at}]")
    elif isinstance(value, dict) and "properties" in schema:
        yield from (f"{place} lacks {name}" for name in schema["required"] if name not in value)
        yield from (f"{place} has {name}" for name in value if name not in schema["properties"])
        for name in value.keys() & schema["properties"].keys():
            yield from violations(value[name], schema["properties"][name], f"{place}.{name}")


def schema_of(path: str, status: str = "200") -> dict[str, Any]:
    content = SCHEMAS["paths"][path]["get"]["responses"][status]["content"]
    found: dict[str, Any] = next(iter(content.values()))["schema"]
    return found


def with_quotes(folder: Path | str) -> str:
    with vidindex.open(folder) as index:
        return max((article.url for article in index.articles()), key=lambda url: len(index.quotes(url)))


@pytest.fixture(scope="module")
def article(folder: Path | str) -> str:
    return with_quotes(folder)


def test_texts_are_found_apart_from_moments(site: Site, folder: Path | str) -> None:
    with vidindex.open(folder) as index:
        title = next(index.videos()).title
    words = quote(title)
    answer = site.ask(f"/api/search?q={words}&in=title,channel").json
    assert list(violations(answer, schema_of("/api/search"))) == []
    assert (answer["total"], answer["hits"]) == (0, [])
    assert {hit["match"] for hit in answer["texts"]["hits"]} == {"title"}
    assert title in [hit["title"] for hit in answer["texts"]["hits"]]
    assert site.ask(f"/api/search?q=in:title,channel%20{words}").json["texts"] == answer["texts"]
    assert site.ask(f"/api/search?q={words}").json["texts"] is None
    assert site.ask(f"/api/search?q={words}&in=any&size=1").json["next"]


def test_an_unknown_kind_of_text_is_an_error(site: Site) -> None:
    assert site.ask("/api/search?q=a&in=label").json["parameter"] == "in"


def test_a_trend_has_the_rows_of_the_library(site: Site, folder: Path | str) -> None:
    answer = site.ask("/api/trend?q=the&by=year&site=example.com").json
    assert list(violations(answer, schema_of("/api/trend"))) == []
    with vidindex.open(folder) as index:
        options = vidindex.SearchOptions(site="example.com")
        trend = index.trend("the", by="year", options=options)
    assert [(row["value"], row["hits"], row["words"]) for row in answer["rows"]] == [
        (row.value, row.hits, row.words) for row in trend.rows
    ]
    assert (answer["query"], answer["by"], answer["total"]) == ("the", "year", trend.total)


def test_a_trend_needs_words_and_a_known_group(site: Site) -> None:
    assert site.ask("/api/trend").json["parameter"] == "q"
    assert site.ask("/api/trend?q=the&by=week").json["parameter"] == "by"


def test_every_route_is_described_and_nothing_else(folder: Path | str) -> None:
    from vidindex.server.api_routes import routes
    from vidindex.server.review_routes import routes as review_routes

    paths = {route.path.replace(":path", "") for route in (*routes, *review_routes)}  # type: ignore[attr-defined]
    shown = {path for path in paths if path.startswith("/api/")}
    forms = {each for each in SCHEMAS["paths"] if "/transcript." in each}
    assert {each.rpartition(".")[2] for each in forms} == {"json", "vtt", "srt", "txt"}
    assert shown - {"/api/videos/{video}/transcript.{form}"} == set(SCHEMAS["paths"]) - forms


@pytest.mark.parametrize("path", [path for path, item in SCHEMAS["paths"].items() if "get" in item])
def test_an_address_takes_the_parameters_that_are_described_and_no_others(site: Site, path: str) -> None:
    described = [each["name"] for each in SCHEMAS["paths"][path]["get"]["parameters"] if each["in"] == "query"]
    refused = site.ask(f"{path.replace('{', '').replace('}', '')}?limit=5")
    assert (refused.status, refused.json["parameter"]) == (400, "limit")
    named = refused.json["detail"].partition("those of this address are ")[2]
    assert sorted(filter(None, named.split(", "))) == sorted(described)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/api/search?q=the+kettle+is+on&size=3", "/api/search"),
        ("/api/search?q=kettle&page=50&size=100", "/api/search"),
        ("/api/search?q=xylophonist+zzyzx", "/api/search"),
        ("/api/search?q=kettle&by=video", "/api/search"),
        ("/api/search?q=kettel&by=video&correct=1", "/api/search"),
        ("/api/videos?size=2", "/api/videos"),
        ("/api/videos/youtube:kettle00003", "/api/videos/{video}"),
        ("/api/videos/youtube:kettle00003/transcript.json", "/api/videos/{video}/transcript.json"),
        ("/api/articles", "/api/articles"),
        ("/api/articles?url={article}", "/api/articles"),
        ("/api/articles/{article}", "/api/articles/{url}"),
        ("/api/quotes?article={article}", "/api/quotes"),
        ("/api/stats", "/api/stats"),
        ("/api/openapi.json", "/api/openapi.json"),
    ],
)
def test_every_response_conforms_to_its_schema(site: Site, article: str, address: str, path: str) -> None:
    answer = site.ask(address.format(article=quote(article, safe="")))
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    assert list(violations(answer.json, schema_of(path))) == []


def test_hits_are_those_of_the_library(site: Site, folder: Path | str) -> None:
    with vidindex.open(folder) as index:
        hits = index.search("the kettle is on number seven and 42", limit=20)
    found = site.ask("/api/search?q=the+kettle+is+on+number+seven+and+42").json
    assert found["hits"][0]["match"] == "exact"
    assert found["hits"] == [serialize_hit(hit) for hit in hits]


def test_consecutive_pages_have_no_gap(site: Site) -> None:
    whole = site.ask("/api/search?q=the+kettle+is+on&size=60").json["hits"]
    address, seen = "/api/search?q=the+kettle+is+on&size=20", []
    for _ in range(3):
        page = site.ask(address).json
        seen += page["hits"]
        address = page["next"]
    assert seen == whole
    assert len(seen) == 60


def test_the_last_page_has_no_next(site: Site) -> None:
    assert site.ask("/api/search?q=peaceful+sentence+about+geese").json["next"] is None
    assert site.ask("/api/videos?page=9").json["next"] is None


def test_facets_count_all_hits_and_filters_return_as_many(site: Site) -> None:
    found = site.ask("/api/search?q=%22the+kettle+is+on%22&size=5").json
    facets = {facet["name"]: facet["values"] for facet in found["facets"]}
    assert (found["total"], found["is_more"]) == (1200, False)
    assert sum(each["count"] for each in facets["channel"]) == 1200
    narrowed = site.ask("/api/search?q=%22the+kettle+is+on%22&channel=Kitchen+1&year=2010&size=5").json
    assert narrowed["total"] == 200  # two of the twelve talks
    assert {facet["name"]: facet["values"] for facet in narrowed["facets"]}["channel"] == [
        {"value": "Kitchen 1", "count": 200, "name": ""}
    ]


def test_results_by_video_have_exact_totals_and_the_same_facets(site: Site) -> None:
    page = site.ask("/api/search?q=%22the+kettle+is+on%22&by=video").json
    assert (page["by"], page["size"], page["total"], page["total_videos"]) == ("video", 10, 1200, 12)
    assert [each["total"] for each in page["videos"]] == [100] * 10
    assert all(len(each["hits"]) == 3 for each in page["videos"])
    assert page["hits"] == [hit for each in page["videos"] for hit in each["hits"]]
    assert page["facets"] == site.ask("/api/search?q=%22the+kettle+is+on%22").json["facets"]
    rest = site.ask(page["next"]).json
    assert (len(rest["videos"]), rest["next"]) == (2, None)
    seen = {each["video_id"] for each in (*page["videos"], *rest["videos"])}
    assert len(seen) == 12
    assert site.ask("/api/search?q=kettle&by=word").status == 400


def test_a_corrected_query_is_searched_only_if_that_is_asked_for(site: Site) -> None:
    page = site.ask("/api/search?q=%22the+kettel+is+on%22").json
    assert (page["total"], page["hits"], page["corrected"]) == (0, [], None)
    assert page["suggestion"] == '"the kettle is on"'
    for by in ("moment", "video"):
        corrected = site.ask(f"/api/search?q=%22the+kettel+is+on%22&correct=1&by={by}").json
        assert (corrected["query"], corrected["corrected"]) == ('"the kettel is on"', '"the kettle is on"')
        assert corrected["total"] == 1200
    assert site.ask("/api/search?q=%22the+kettle+is+on%22&correct=1").json["corrected"] is None


def test_the_search_page_shows_ten_videos_of_a_common_word(site: Site) -> None:
    html = site.ask("/?q=%22the+kettle+is+on%22").body.decode()
    assert html.count('<article class="video-result">') == 10
    assert "<strong>1,200</strong> matches in 12 videos" in html
    assert html.count("100 matches in this video") == 10
    assert "1–10 of 12 videos" in html
    second = site.ask("/?q=%22the+kettle+is+on%22&page=2").body.decode()
    assert second.count('<article class="video-result">') == 2


def test_the_search_page_shows_what_a_corrected_query_finds(site: Site) -> None:
    html = site.ask("/?q=%22the+kettel+is+on%22").body.decode()
    assert "No matches for <bdi>&#34;the kettel is on&#34;</bdi>. Showing results for" in html
    assert html.count('<article class="video-result">') == 10
    assert "Showing results" not in site.ask("/?q=%22the+kettle+is+on%22").body.decode()


def test_a_filter_value_that_no_video_has_is_named(site: Site) -> None:
    page = site.ask("/api/search?q=kettle&channel=Kichen+1").json
    assert page["unknown"][0]["name"] == "channel"
    assert "Kitchen 1" in page["unknown"][0]["similar"]
    assert site.ask("/api/search?q=kettle&channel=Kitchen+1").json["unknown"] == []
    html = site.ask("/?q=kettle&channel=Kichen+1").body.decode()
    assert "No channel in this index matches “<bdi>Kichen 1</bdi>”" in html
    assert 'href="/?q=kettle&amp;channel=Kitchen+1"' in html


def test_exact_and_near_together_are_refused(site: Site) -> None:
    answer = site.ask("/api/search?q=kettle&match=exact&match=near")
    assert (answer.status, answer.json["parameter"]) == (400, "match")


def test_a_video_with_only_a_year_is_found_by_that_year() -> None:
    from vidindex.server.params import SearchParams

    assert SearchParams(year="2009").first_day == "2009"
    assert SearchParams(year="2009", after="2009-05").first_day == "2009-05"


def test_counts_do_not_depend_on_how_much_is_shown(site: Site) -> None:
    counts = [
        (page["total"], page["facets"])
        for size in (5, 100)
        for sort in ("score", "date")
        for page in [site.ask(f"/api/search?q=%22on+number+7%22&size={size}&sort={sort}").json]
    ]
    assert counts[0][0] == 100
    assert all(each == counts[0] for each in counts)


def test_transcripts_are_available_in_each_format(site: Site) -> None:
    base = "/api/videos/youtube:kettle00003/transcript"
    assert site.ask(f"{base}.vtt").body.startswith(b"WEBVTT\n")
    assert site.ask(f"{base}.vtt").headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert site.ask(f"{base}.srt").body.startswith(b"1\n00:00:00,000 --> ")
    assert b"the kettle is on number 3" in site.ask(f"{base}.txt").body
    assert site.ask(f"{base}.md").status == 404


def test_an_unchanged_response_is_not_sent_again(site: Site, folder: Path | str) -> None:
    first = site.ask("/api/search?q=kettle")
    if isinstance(folder, str):  # other machines may write to a cluster at any time
        assert "ETag" not in first.headers
        return
    again = site.ask("/api/search?q=kettle", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert site.ask("/api/search?q=geese", If_None_Match=first.headers["ETag"]).status == 200


def test_responses_are_compressed_if_the_client_accepts_it(site: Site) -> None:
    packed = site.ask("/api/search?q=kettle", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(packed.body))["hits"]) == 20


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [
        ("/api/search", 400, "q"),
        ("/api/search?q=%22geese%22+AND", 400, "q"),
        ("/api/search?q=a&size=101", 400, "size"),
        ("/api/search?q=a&size=0", 400, "size"),
        ("/api/search?q=a&page=-1", 400, "page"),
        ("/api/search?q=a&page=%D9%A1", 400, "page"),
        ("/api/search?q=a&page=1001", 400, "page"),
        ("/api/search?q=a&sort=random", 400, "sort"),
        ("/api/search?q=a&match=fuzzy", 400, "match"),
        ("/api/search?q=a&origin=human", 400, "origin"),
        ("/api/search?q=a&year=2010-05", 400, "year"),
        ("/api/search?q=a&after=2010-13", 400, "after"),
        ("/api/search?q=a&before=yesterday", 400, "before"),
        ("/api/search?q=a&page=1&page=2", 400, "page"),
        ("/api/trend?q=a&sort=date", 400, "sort"),
        (f"/api/search?q={'a' * 10_001}", 400, "q"),
        (f"/api/search?q=a&site={'a' * 2_001}", 400, "site"),
        ("/api/quotes", 400, "article"),
        ("/api/quotes?article=https://example.org/not-here", 404, None),
        ("/api/quotes?article=/etc/passwd", 404, None),
        ("/api/articles/https://example.org/not-here", 404, None),
        ("/api/videos/youtube:nothere", 404, None),
        ("/api/videos/youtube:kett", 404, None),
        ("/api/videos/youtube:nothere/transcript.vtt", 404, None),
        ("/api/nothing", 404, None),
        ("/api/", 404, None),
    ],
)
def test_errors_are_problems(site: Site, address: str, status: int, parameter: str | None) -> None:
    answer = site.ask(address)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(violations(answer.json, {"$ref": "#/components/schemas/Problem"})) == []
    assert answer.json.get("parameter") == parameter
    assert answer.json["status"] == status


def test_a_query_of_ten_thousand_letters_of_any_script_is_answered(site: Site) -> None:
    assert site.ask(f"/api/search?q={quote('語' * 10_000)}").status == 200


def test_a_query_that_does_not_parse_says_where(site: Site) -> None:
    assert site.ask("/api/search?q=after:never+kettle").json["at"] >= 0


def test_a_video_added_while_the_server_runs_is_found(folder: Path | str, tmp_path: Path) -> None:
    from vidindex.server.app import make_app

    from .conftest import serving, talk

    with vidindex.open(tmp_path / "index") as index, serving(make_app(tmp_path / "index")) as site:
        tag = site.ask("/api/search?q=herons+never+hurry").headers["ETag"]
        talk(tmp_path, "late0000001", ["and herons never hurry at all"])
        index.add(tmp_path / "late0000001.en.vtt")
        found = site.ask("/api/search?q=herons+never+hurry", If_None_Match=tag)
        assert found.status == 200
        assert found.json["total"] == 1


@pytest.mark.parametrize("name", ["articles", "videos"])
def test_lists_are_paged_without_a_gap(site: Site, name: str) -> None:
    whole = site.ask(f"/api/{name}?size=100").json
    assert whole["total"] == len(whole[name]) > 2
    pages = [site.ask(f"/api/{name}?size=2&page={page}").json[name] for page in range(1, whole["total"] // 2 + 2)]
    assert [each for page in pages for each in page] == whole[name]


def test_a_search_that_takes_too_long_is_stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "MAX_REQUEST_CPU_S", -1.0)
    answer = site.ask("/api/search?q=the+kettle+is+on")
    assert answer.status == 503
    assert "shorten the query" in answer.json["detail"]
    monkeypatch.undo()
    assert site.ask("/api/search?q=the+kettle+is+on").status == 200


def test_quotes_have_a_limit_of_time_of_their_own(site: Site, article: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MAX_QUOTES_CPU_S", -1.0)
    assert site.ask(f"/api/quotes?article={quote(article)}").status == 503
    page = site.ask(f"/article?url={quote(article)}")
    assert page.status == 200
    assert b"processor time" in page.body
