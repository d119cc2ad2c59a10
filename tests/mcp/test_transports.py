"""The two transports, with the client of the SDK and with an older version of the protocol."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import HANG_S
from tests.server.conftest import Site, serving

from .conftest import run_client

MODES = ("auto", "legacy")
OLDEST = "2024-11-05"
HELLO = {"protocolVersion": OLDEST, "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}


def _request(number: int, method: str, params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


async def _search(client: Any) -> Any:
    return (await client.call_tool("search_moments", {"query": "I never said that the clock"})).structured_content


@pytest.fixture
def site(place: Path) -> Iterator[Site]:
    """The server over HTTP."""
    from vidindex.mcp.run import make_http_app

    with serving(make_http_app(place)) as served:
        yield served


@pytest.mark.parametrize("mode", MODES)
def test_the_client_of_the_sdk_talks_over_http(site: Site, mode: str) -> None:
    found = run_client(f"http://127.0.0.1:{site.port}/mcp", _search, mode=mode)
    assert found["moments"][0]["start"] == "0:12"


def _command(place: Path) -> list[str]:
    return [sys.executable, "-m", "vidindex", "--index", str(place), "mcp"]


def test_the_client_of_the_sdk_talks_over_standard_input(place: Path) -> None:
    from mcp import StdioServerParameters

    command, *arguments = _command(place)
    found = run_client(StdioServerParameters(command=command, args=arguments), _search)
    assert found["moments"][0]["start"] == "0:12"


def test_standard_output_has_nothing_but_json_rpc_also_with_an_old_client(place: Path) -> None:
    lines: list[object] = [
        _request(1, "initialize", HELLO),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        _request(2, "tools/list", {}),
        "this is no request",
        _request(3, "tools/call", {"name": "search_moments", "arguments": {"query": "kettle"}}),
        _request(4, "tools/call", {"name": "search_moments", "arguments": {"query": '("a b" OR c'}}),
        _request(5, "tools/call", {"name": "search_moments", "arguments": {"query": "kettle \ud83d"}}),
    ]
    with subprocess.Popen(_command(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write("".join(f"{json.dumps(line)}\n" for line in lines))
        server.stdin.flush()
        results: dict[int, Any] = {}
        while len(results) < 5:
            answer = json.loads(server.stdout.readline())
            assert answer["jsonrpc"] == "2.0"
            if "result" in answer:
                results[answer["id"]] = answer["result"]
        server.stdin.close()
        assert server.stdout.read() == ""
        assert server.wait(HANG_S) == 0
    assert results[1]["protocolVersion"] == OLDEST
    assert len(results[2]["tools"]) == 5
    assert "kettle" in results[3]["content"][0]["text"]
    assert results[4]["isError"]
    assert "kettle" in results[5]["content"][0]["text"]


def test_only_half_a_surrogate_pair_is_replaced_in_a_request() -> None:
    from vidindex.mcp.run import RequestLines

    texts = ["cut \ud83d", "\ude00 cut", "whole \U0001fad6", "escaped \\ud83d", "\\", '"\n']
    requests = RequestLines(io.BytesIO("".join(f"{json.dumps(text)}\n" for text in texts).encode()), encoding="utf-8")

    assert [json.loads(line) for line in iter(requests.readline, "")] == ["cut \ufffd", "\ufffd cut", *texts[2:]]


def _post(site: Site, body: object, **headers: str) -> Any:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=HANG_S)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    accepted = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    text = body if isinstance(body, str) else json.dumps(body)
    try:
        connection.request("POST", "/mcp", body=text, headers={**accepted, **named})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_an_old_client_talks_over_http(site: Site) -> None:
    status, body = _post(site, _request(1, "initialize", HELLO))
    assert (status, json.loads(body)["result"]["protocolVersion"]) == (200, OLDEST)
    status, body = _post(site, _request(2, "tools/list", {}), MCP_Protocol_Version="2025-03-26")
    assert (status, len(json.loads(body)["result"]["tools"])) == (200, 5)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "attacker.example"}, 400),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
    ],
    ids=["host", "origin", "null-origin", "form"],
)
def test_a_page_of_another_site_cannot_reach_the_server(site: Site, headers: dict[str, str], status: int) -> None:
    assert _post(site, _request(1, "initialize", HELLO), **headers)[0] == status


def test_a_page_of_the_server_itself_may_reach_it(site: Site) -> None:
    origin = f"http://127.0.0.1:{site.port}"
    assert _post(site, _request(1, "initialize", HELLO), Origin=origin)[0] == 200


def test_a_large_body_is_refused(site: Site) -> None:
    assert _post(site, " " * 300_000)[0] == 413


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/mcp", 405), ("GET", "/", 404), ("DELETE", "/", 405)])
def test_nothing_else_is_served(site: Site, method: str, path: str, status: int) -> None:
    assert site.ask(path, method=method).status == status
