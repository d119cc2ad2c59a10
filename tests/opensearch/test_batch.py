"""`vidindex batch` in several processes with one cluster: they share the work, also if one is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

import vidindex
from bench.batch import Site, dump, site
from bench.batch_site import WAYS, host
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.nodes import Cluster
from tests.opensearch.proxy import Fate, network
from tests.opensearch.test_faults import manager
from tests.opensearch.test_queue import queue_of
from tests.processes import wait_until
from vidindex.errors import VidindexError
from vidindex.store.opensearch.index_sync import CLAIM_LEASE_S
from vidindex.store.opensearch.queue import TASK_LEASE_S

pytestmark = needs_cluster

ARTICLES = [*range(14), *range(19, 20 * len(WAYS), 20)]
"""Some valid articles, and one for each kind of failure."""

_SAID = '"nobody who came here ever"'


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Site]:
    """A site with articles and clips on loopback, some of them broken."""
    with site(tmp_path, 0.02) as running:
        links = [f"http://{host(number)}:{running.port}/a/{number}" for number in ARTICLES]
        (tmp_path / "links").write_text("\n".join(links))
        yield running


def run(index: object, links: Path, *, jobs: int = 4) -> subprocess.Popen[str]:
    """Start `vidindex batch` in a process."""
    command = [sys.executable, "-m", "vidindex", "--index", str(index), "batch", str(links), "--jobs", str(jobs), "-q"]
    options = ["--sleep", "0", "--per-host", "4", "--wait", "0", "--timeout", "10"]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for a process, and return its output; broken links are not an error, even if all remaining ones are."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode in (0, 1) or " 0 failed, " in output, output
    return output


def in_folder(served: Site, tmp_path: Path) -> tuple[dict[str, object], int]:
    """Return the result of a single run on a folder, and the number of requests that it made."""
    before = served.count_requests()
    ended(run(tmp_path / "folder", tmp_path / "links", jobs=8))
    return dict(dump(tmp_path / "folder")), served.count_requests() - before


def check_same(address: str, wanted: dict[str, object]) -> None:
    """Compare the index on the cluster with the *wanted* content."""
    found = dump(address)
    for part, value in wanted.items():
        assert found[part] == value, part


def test_machines_share_a_batch_and_a_killed_one_loses_nothing(served: Site, tmp_path: Path, address: Address) -> None:
    wanted, asked = in_folder(served, tmp_path)
    before = served.count_requests()
    place = address()
    machines = [run(place, tmp_path / "links") for _ in range(3)]
    wait_until(lambda: served.count_requests() - before > asked // 3)
    machines[0].send_signal(signal.SIGKILL)
    machines[0].communicate()
    for machine in machines[1:]:
        ended(machine)
    with vidindex.open(place) as index:
        held = index.status().count("working")
        assert queue_of(index, later_s=TASK_LEASE_S + 1).requeue_expired() == held <= 4
    ended(run(place, tmp_path / "links"))
    check_same(place, wanted)
    # Only the claimed tasks are repeated; each machine requests robots.txt from each host.
    assert served.count_requests() - before < asked + 3 * 20 + 6 * 4


class Reader:
    """Searches all the time, and collects wrong results."""

    def __init__(self, address: str) -> None:
        self.wrong: list[object] = []
        self.searches = 0
        self._done = threading.Event()
        self._index = vidindex.open(address, create=False)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop(self) -> None:
        """Wait for the current search, and stop."""
        self._done.set()
        self._thread.join()
        self._index.close()

    def _read(self) -> None:
        seen: set[tuple[str, int]] = set()
        while not self._done.is_set():
            try:
                hits = [(hit.video.id, hit.start_ms) for hit in self._index.search(_SAID, limit=10_000)]
            except VidindexError as error:
                self.wrong.append(error)
                continue
            self.searches += 1
            if len(hits) != len(set(hits)) or not seen <= set(hits):
                self.wrong.append(sorted(seen - set(hits)))
            seen = set(hits)


def test_killing_a_node_stops_neither_a_batch_nor_a_search(served: Site, tmp_path: Path, three: Cluster) -> None:
    wanted, asked = in_folder(served, tmp_path)
    before = served.count_requests()
    place = three.address("clips")
    vidindex.open(place).close()
    reader = Reader(place)
    machines = [run(place, tmp_path / "links") for _ in range(2)]
    wait_until(lambda: served.count_requests() - before > asked // 3)
    three.kill(manager(three))
    for machine in machines:
        ended(machine)
    after = reader.searches
    wait_until(lambda: reader.searches > after + 3)
    reader.stop()
    assert reader.wrong == []
    check_same(place, wanted)


def test_a_network_that_loses_requests_and_responses_loses_no_work(
    served: Site, tmp_path: Path, address: Address, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some requests are refused or lost, some are processed but their response is lost, some are slow."""
    wanted, _ = in_folder(served, tmp_path)
    plain = address()
    shares: dict[Fate, float] = {"well": 0.87, "busy": 0.04, "away": 0.03, "answer lost": 0.03, "slow": 0.03}
    with network(cluster.split(",")[0], shares) as bad:
        place = plain.replace(cluster, f"127.0.0.1:{bad.port}")
        for machine in [run(place, tmp_path / "links") for _ in range(2)]:
            ended(machine)
        assert min(bad.sums[fate] for fate in shares) > 10
    with vidindex.open(plain) as index:
        queue_of(index, later_s=TASK_LEASE_S + 1).requeue_expired()
    ended(run(plain, tmp_path / "links"))
    # A machine may have lost the cluster while it made tracks searchable: they are its own until its lease ends.
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + CLAIM_LEASE_S + 1)
    with vidindex.open(plain) as index:
        index.flush()
    check_same(plain, wanted)
