"""The messages of the command line if the cluster fails, and that it continues afterwards."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from tests.conftest import Write
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.proxy import network
from tests.opensearch.test_errors import PASSWORD, refusal, serving
from vidindex.store.opensearch.bulk import BulkWrite, send_writes
from vidindex.store.opensearch.client import create_client
from vidindex.store.opensearch.endpoint import parse_endpoint


def run_command(place: str, *command: str, code: int) -> str:
    """Run a command on the index at *place*, check its exit code, and return its output."""
    line = [sys.executable, "-m", "vidindex", "--index", place, *command]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", [("search", "hello"), ("add", "hello.vtt"), ("batch", "links"), ("stats",)])
def test_a_wrong_password_is_an_error_that_does_not_show_it(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", PASSWORD)
    Path("hello.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n")
    Path("links").write_text("http://127.0.0.1:9/a\n")
    with serving(lambda _: refusal("security_exception", 401)) as port:
        output = run_command(f"opensearch+http://anna@127.0.0.1:{port}/clips", *command, code=2)
    assert "user 'anna' or the password is wrong" in output
    assert "VIDINDEX_OPENSEARCH_PASSWORD" in output
    assert PASSWORD not in output


def test_bulk_requests_are_compressed() -> None:
    seen: list[tuple[str, int]] = []

    def respond(request: BaseHTTPRequestHandler) -> tuple[int, object]:
        seen.append((request.headers["Content-Encoding"], int(request.headers["Content-Length"])))
        return 200, {"errors": False}

    with serving(respond) as port:
        client = create_client(parse_endpoint(f"opensearch+http://127.0.0.1:{port}/clips"))
        send_writes(client, "clips", [BulkWrite("1", {"words": "never took the time off " * 100})])
        client.close()
    assert [encoding for encoding, _ in seen] == ["gzip"]
    assert seen[0][1] < 500


def blocked(place: str, value: bool | None) -> None:
    """Block or unblock writes, as a cluster does if a disk is nearly full."""
    endpoint = parse_endpoint(place)
    client = create_client(endpoint)
    body = {"index.blocks.read_only_allow_delete": value}
    client.indices.put_settings(index=f"{endpoint.name}*", body=body)
    client.close()


@needs_cluster
def test_a_full_disk_is_an_error_and_the_same_command_continues_afterwards(address: Address, write: Write) -> None:
    place = address()
    run_command(place, "add", str(write("one.en.vtt", "I never took the time off")), code=0)
    later = write("two.en.vtt", "it has been music after music")
    blocked(place, True)
    output = run_command(place, "add", str(later), code=2)
    assert "read-only: a disk is nearly full" in output
    assert "free space" in output
    assert "never took the time off" in run_command(place, "search", "never took the time off", code=0)
    links = write("links", "nothing")
    links.write_text("http://127.0.0.1:9/a\n")
    assert "read-only" in run_command(place, "batch", str(links), code=2)
    blocked(place, None)
    run_command(place, "add", str(later), code=0)
    run_command(place, "add", str(later), code=0)
    with vidindex.open(place) as index:
        assert [hit.video.id for hit in index.search("music after music")] == ["file:two"]
        assert index.find_damage() == []
        assert index.stats().videos == 2


@needs_cluster
def test_a_missing_index_is_not_a_problem_for_doctor(address: Address, write: Write) -> None:
    place = address()
    assert "note  index        no index at opensearch+http://" in run_command(place, "doctor", code=0)
    run_command(place, "add", str(write("one.en.vtt", "I never took the time off")), code=0)
    assert "1 videos" in run_command(place, "doctor", code=0)


@needs_cluster
def test_requests_are_retried_while_a_cluster_is_overloaded(address: Address, cluster: str, write: Write) -> None:
    plain = address()
    with network(cluster.split(",")[0], {"well": 0.7, "busy": 0.3}) as bad:
        place = plain.replace(cluster, f"127.0.0.1:{bad.port}")
        run_command(place, "add", str(write("one.en.vtt", "I never took the time off")), code=0)
        assert bad.sums["busy"] > 3
    assert "never took the time off" in run_command(plain, "search", "never took the time off", code=0)


@needs_cluster
def test_three_processes_add_folders_to_one_index_at_once(address: Address, tmp_path: Path) -> None:
    place = address()
    with vidindex.open(place):
        pass
    lines = [sys.executable, "-m", "vidindex", "--index", place, "add", "--jobs", "2"]
    for feeder in "abc":
        (tmp_path / feeder).mkdir()
        for number in range(8):
            said = f"feeder {feeder}{number} says the same words as every other one"
            text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n"
            (tmp_path / feeder / f"{feeder}{number}.en.vtt").write_text(text)
    started = [subprocess.Popen([*lines, str(tmp_path / feeder)]) for feeder in "abc"]
    assert [process.wait(120) for process in started] == [0, 0, 0]

    with vidindex.open(place) as index:
        assert (index.stats().videos, index.stats().pending) == (24, 0)
        found = {hit.video.id for hit in index.search("the same words as every other one", limit=50)}
        assert len(found) == 24
        assert index.find_damage() == []


@needs_cluster
def test_an_index_that_another_program_made_is_named(address: Address, write: Write) -> None:
    file = str(write("one.en.vtt", "I never took the time off"))
    for kind, text in (("videos", "exists, with other fields"), ("opensearch-1", "exists, with other fields")):
        place = address("?replicas=0")
        endpoint = parse_endpoint(place)
        with closing(create_client(endpoint)) as client:
            client.index(index=f"{endpoint.name}-{kind}", body={"name": "Holiday", "passage": "one"})
        assert text in run_command(place, "add", file, code=2)
    place = address("?replicas=0")
    endpoint = parse_endpoint(place)
    with closing(create_client(endpoint)) as client:
        client.indices.create(index=f"{endpoint.name}-real", body={"aliases": {f"{endpoint.name}-videos": {}}})
    assert "use another name" in run_command(place, "add", file, code=2)
