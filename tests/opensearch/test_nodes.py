"""The cluster that the tests start is a real one, and goes away."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.opensearch import nodes
from tests.opensearch.conftest import needs_cluster
from tests.opensearch.nodes import BUILT, UnavailableError, build, start


@needs_cluster
def test_nodes_are_processes_that_know_each_other(cluster: str) -> None:
    for host in cluster.split(","):
        with urlopen(f"http://{host}/_cluster/health") as answer:
            said = json.load(answer)
        assert said["number_of_nodes"] == len(cluster.split(",")) >= 2


@needs_cluster
def test_one_that_is_killed_is_missed_and_all_are_gone_in_the_end() -> None:
    try:
        cluster = start(3)
    except UnavailableError as error:
        pytest.skip(f"there is no cluster: {error}")
    try:
        assert len({node.process.pid for node in cluster.nodes}) == 3
        cluster.kill(0)
        assert cluster.health(nodes=2)["number_of_nodes"] == 2
        assert cluster.address("clips").count("127.0.0.1") == 3
    finally:
        cluster.stop()
    assert all(node.process.poll() is not None for node in cluster.nodes)
    assert not cluster.folder.exists()


@needs_cluster
def test_a_port_that_was_taken_meanwhile_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    free_ports = nodes._free_ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = [[int(taken.getsockname()[1]), *free_ports(1)]]
        monkeypatch.setattr(nodes, "_free_ports", lambda count: found.pop() if found else free_ports(count))
        cluster = start(1)
    try:
        assert not found
        assert cluster.health(nodes=1)
    finally:
        cluster.stop()


@needs_cluster
def test_it_is_built_once(cluster: str) -> None:
    assert cluster
    stamp = BUILT / "built"
    before = stamp.stat().st_mtime_ns
    build()
    assert stamp.stat().st_mtime_ns == before


def test_without_java_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="java is not installed"):
        build()


def test_without_java_nothing_is_run_and_that_is_an_error_where_it_must_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = []
    for wanted in ("0", "1"):
        monkeypatch.setenv("VIDINDEX_OPENSEARCH_TESTS", wanted)
        ended.append(nodes.main([sys.executable, "-c", "print('it was run')"]))
    assert ended == [0, 2]
    said = capfd.readouterr()
    assert "java is not installed" in said.err
    assert said.out == ""
