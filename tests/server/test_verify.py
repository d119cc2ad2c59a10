"""`POST /api/verify`, the only address that takes a body."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import pytest

from tests.processes import HANG_S
from tests.server.conftest import Site

QUOTE = "you can buy a machine that tells you the right time"


def post(site: Site, body: object, *, path: str = "/api/verify", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=HANG_S)
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    named = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request("POST", path, body=text, headers=named)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_verdicts_come_in_the_order_of_the_claims(site: Site) -> None:
    claims = [{"quote": QUOTE, "who": "Brask", "id": "7"}, {"quote": "purple dinosaurs invented democracy"}]
    status, answer = post(site, {"claims": claims})
    assert status == 200
    assert [each["verdict"] for each in answer["verdicts"]] == ["verbatim", "not_found"]
    assert answer["verdicts"][0]["id"] == "7"
    assert answer["verdicts"][0]["hit"]["start_ms"] // 1000 == 25


def test_the_answer_has_the_fields_that_openapi_describes(site: Site) -> None:
    schemas = site.ask("/api/openapi.json").json["components"]["schemas"]
    (verdict,) = post(site, {"claims": [{"quote": QUOTE}]})[1]["verdicts"]
    assert set(verdict) == set(schemas["Verdict"]["properties"])
    assert set(verdict["searched"]) == set(schemas["Searched"]["properties"])


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ("{", "body"),
        ("[" * 100_000, "body"),
        ([], "body"),
        ({"claims": [], "more": 1}, "body"),
        ({"claims": []}, "claims"),
        ({"claims": [{"quote": "a"}] * 51}, "claims"),
        ({"claims": ["a"]}, "claims[0]"),
        ({"claims": [{"quote": "a"}, {"qoute": "b"}]}, "claims[1]"),
        ({"claims": [{"quote": " "}]}, "claims[0].quote"),
        ({"claims": [{"quote": "a" * 10_001}]}, "claims[0].quote"),
        ({"claims": [{"quote": "a", "video": "v" * 2_001}]}, "claims[0].video"),
    ],
    ids=["cut", "deep", "list", "extra", "none", "many", "text", "field", "empty", "long", "long-id"],
)
def test_a_wrong_body_is_an_error_that_names_the_part(site: Site, body: object, parameter: str) -> None:
    status, problem = post(site, body)
    assert (status, problem["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "attacker.example"}, 400),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
    ids=["host", "origin", "null-origin", "form"],
)
def test_pages_of_other_sites_cannot_ask(site: Site, headers: dict[str, str], status: int) -> None:
    assert post(site, {"claims": [{"quote": QUOTE}]}, **headers)[0] == status


def test_pages_of_the_server_itself_may_ask(site: Site) -> None:
    origin = f"http://127.0.0.1:{site.port}"
    assert post(site, {"claims": [{"quote": QUOTE}]}, Origin=origin)[0] == 200


def test_a_large_body_is_refused_without_being_read(site: Site) -> None:
    assert post(site, b" " * 300_000)[0] == 413


def test_other_addresses_and_methods_are_refused(site: Site) -> None:
    assert post(site, {}, path="/api/search")[0] == 405
    answer = site.ask("/api/verify")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    import asyncio

    from vidindex.server.bodies import BodyMiddleware

    sent: list[Any] = []

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    async def receive() -> Any:
        await asyncio.sleep(HANG_S)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/verify", "headers": []}
    asyncio.run(BodyMiddleware(never, timeout_s=0.01)(scope, receive, send))
    assert sent[0]["status"] == 408


def test_a_client_that_leaves_before_its_body_is_complete_harms_nobody(site: Site) -> None:
    head = (
        "POST /api/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", site.port), HANG_S) as connection:
        connection.sendall(head.encode())
    assert post(site, {"claims": [{"quote": QUOTE}]})[0] == 200
