"""The test cluster consists of real nodes, and is removed afterwards."""

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
def test_the_nodes_form_one_cluster(cluster: str) -> None:
    for host in cluster.split(","):
        with urlopen(f"http://{host}/_cluster/health") as answer:
            health = json.load(answer)
        assert health["number_of_nodes"] == len(cluster.split(",")) >= 2


@needs_cluster
def test_a_node_can_be_killed_and_all_nodes_are_stopped() -> None:
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
def test_a_start_is_repeated_if_a_port_was_taken_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_the_node_is_built_once(cluster: str) -> None:
    assert cluster
    stamp = BUILT / "built"
    before = stamp.stat().st_mtime_ns
    build()
    assert stamp.stat().st_mtime_ns == before


def test_missing_java_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="java is not installed"):
        build()


def test_without_java_nothing_is_run_which_is_an_error_if_a_cluster_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    exit_codes = []
    for wanted in ("0", "1"):
        monkeypatch.setenv("VIDINDEX_OPENSEARCH_TESTS", wanted)
        exit_codes.append(nodes.main([sys.executable, "-c", "print('it was run')"]))
    assert exit_codes == [0, 2]
    output = capfd.readouterr()
    assert "java is not installed" in output.err
    assert output.out == ""
