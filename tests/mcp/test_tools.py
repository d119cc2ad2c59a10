"""The tools: what they find, how they page, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.conftest import SAMPLES

from .conftest import Caller

MEETING = "youtube:meeting0001"


def test_all_tools_only_read(tools: Caller) -> None:
    listed = tools.run(lambda client: client.list_tools()).tools
    names = {"search_moments", "verify_quotes", "read_transcript", "find_videos", "index_status"}
    assert {tool.name for tool in listed} == names
    for tool in listed:
        assert tool.annotations.read_only_hint
        assert not tool.annotations.open_world_hint
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema["type"] == "object"


def test_a_moment_has_a_link_that_plays_it(tools: Caller) -> None:
    found = tools.call("search_moments", query="I never said that the clock should be moved", limit=1)
    moment = found["moments"][0]
    assert moment["url"] == "https://www.youtube.com/watch?v=meeting0001&t=12s"
    assert (moment["video"], moment["start"], moment["speaker"]) == (MEETING, "0:12", "Mayor Brask")


def test_captions_are_marked_as_untrusted(tools: Caller) -> None:
    for found in (
        tools.call("search_moments", query="the kettle is on"),
        tools.call("read_transcript", video=MEETING),
        tools.call("verify_quotes", claims=[{"quote": "the kettle is on in kitchen 7"}]),
        tools.call("find_videos"),
    ):
        assert "untrusted" in found["notice"]


def test_pages_of_moments_follow_each_other(tools: Caller) -> None:
    pages = tools.pages("search_moments", "moments", query='"the kettle is on"', limit=10)
    seen = [moment["video"] for page in pages for moment in page]
    assert [len(page) for page in pages] == [10, 10, 4]
    assert len(set(seen)) == 24


def test_a_cursor_of_another_request_is_refused(tools: Caller) -> None:
    cursor = tools.call("search_moments", query="kettle", limit=3)["next_cursor"]
    assert "cursor" in tools.fail("search_moments", query="clock", cursor=cursor)
    assert "cursor" in tools.fail("find_videos", cursor="5-zzzzzzzz")


def test_a_search_without_hits_suggests_a_spelling(tools: Caller) -> None:
    found = tools.call("search_moments", query="ketle")
    assert "moments" not in found
    assert found["suggestion"] == "kettle"


def test_a_suggested_spelling_finds_something_with_the_filters(tools: Caller) -> None:
    assert "suggestion" not in tools.call("search_moments", query="ketle", video=MEETING)


def test_a_transcript_is_read_between_two_times(tools: Caller) -> None:
    part = tools.call("read_transcript", video=MEETING, **{"from": "0:12", "to": 20})
    text = " ".join(line["text"] for line in part["lines"])
    assert "never said" in text
    assert "Item 4 " in text
    assert "Item 2 " not in text
    assert "Item 5 " not in text
    assert part["captions"] == "manual captions"
    assert "next_cursor" not in part


def test_pages_of_a_transcript_have_each_word_once(tools: Caller) -> None:
    pages = tools.pages("read_transcript", "lines", video=MEETING)
    text = " ".join(line["text"] for page in pages for line in page)
    assert len(pages) > 1
    assert [text.count(f"Item {number} ") for number in range(200) if number != 3] == [1] * 199


def test_videos_are_found_by_words_without_case_and_accents(tools: Caller) -> None:
    assert [video["video"] for video in tools.call("find_videos", words="TÖWN meeting")["videos"]] == [MEETING]
    assert tools.call("find_videos", words="kitchen", limit=50)["videos"][0]["captions"] == ["en (manual captions)"]


def test_pages_of_videos_follow_each_other(tools: Caller) -> None:
    pages = tools.pages("find_videos", "videos", words="kitchen", limit=7)
    assert len({video["video"] for page in pages for video in page}) == 24
    assert [len(page) for page in pages] == [7, 7, 7, 3]


def test_the_videos_of_an_article_are_found_and_its_path_is_not_told(tools: Caller) -> None:
    page = SAMPLES / "pages" / "vale-on-the-late-desk.html"
    found = tools.call("find_videos", article=page.as_uri())
    assert [video["title"] for video in found["videos"]] == ["vale interview", "night train home"]
    assert str(SAMPLES) not in str(found)
    claim = {"quote": "He would have asked me whether I finished the song", "article": page.as_uri()}
    checked = tools.call("verify_quotes", claims=[claim])
    assert checked["verdicts"][0]["searched"]["scope"] == "article"
    assert str(SAMPLES) not in str(checked)


def test_the_status_counts_what_can_be_searched(tools: Caller) -> None:
    status = tools.call("index_status")
    assert (status["videos"], status["videos_without_captions"], status["engine"]) == (29, 0, "tantivy")


def test_verdicts_keep_the_order_and_the_ids_of_the_claims(tools: Caller) -> None:
    claims = [{"quote": "the kettle is on in kitchen 7", "id": "a"}, {"quote": "purple dinosaurs invented democracy"}]
    found = tools.call("verify_quotes", claims=claims)["verdicts"]
    assert [each["verdict"] for each in found] == ["verbatim", "not_found"]
    assert found[0]["id"] == "a"
    assert found[0]["moment"]["url"] == "https://www.youtube.com/watch?v=kettle00007&t=0s"
    assert found[1]["searched"]["videos"] == 29


def test_claims_may_arrive_as_json_in_a_string(tools: Caller) -> None:
    found = tools.call("verify_quotes", claims='[{"quote": "the kettle is on in kitchen 7"}]')
    assert found["verdicts"][0]["verdict"] == "verbatim"


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search_moments", {"query": '("a b" OR c'}, "query, character"),
        ("search_moments", {"query": "kettle", "video": "youtube:absent"}, "no youtube:absent"),
        ("search_moments", {"query": ""}, "query"),
        ("search_moments", {"query": "a", "limit": 1000}, "limit"),
        ("search_moments", {"query": "a", "lmit": 1}, "lmit"),
        ("read_transcript", {"video": "absent"}, "no absent"),
        ("read_transcript", {"video": MEETING, "from": "noon"}, "from"),
        ("read_transcript", {"video": MEETING, "language": "fi"}, "captions in fi"),
        ("find_videos", {"article": "https://example.org/absent"}, "no https://example.org/absent"),
        ("verify_quotes", {"claims": []}, "claims"),
        ("verify_quotes", {"claims": [{"quote": "x"}] * 21}, "claims"),
        ("verify_quotes", {"claims": [{"qoute": "x"}]}, "claims.0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_call_is_an_error_that_says_what_to_change(
    tools: Caller, tool: str, arguments: dict[str, Any], message: str
) -> None:
    assert message in tools.fail(tool, **arguments)


def test_an_unknown_tool_is_a_protocol_error(tools: Caller) -> None:
    assert "search_moments" in tools.refuse(lambda client: client.call_tool("delete_everything", {}))


def test_an_error_of_the_index_tells_nothing_about_this_machine(index: Any, tools: Caller) -> None:
    index.close()
    message = tools.fail("search_moments", query="kettle")
    assert "vidindex doctor" in message
    assert str(index.path) not in message


def test_a_video_from_a_file_has_no_path(tools: Caller, place: Any) -> None:
    found = tools.call("search_moments", query="an attic full of letters")
    assert found["moments"][0]["title"] == "attic notes"
    assert "url" not in found["moments"][0]
    assert str(place.parent) not in str(found)
