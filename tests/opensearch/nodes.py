"""A real OpenSearch cluster on loopback, with one process per node, so that a node can be killed.

Built once from Maven Central into `.opensearch/`, by the installed Java and Maven.

`python -m tests.opensearch.nodes COMMAND` runs COMMAND with a cluster of two nodes, whose addresses are in
VIDINDEX_OPENSEARCH_TESTS, and returns its exit code.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

SOURCE = Path(__file__).parent / "cluster"
BUILT = Path(__file__).parents[2] / ".opensearch"
HEAP_MB = 512
START_S = 300.0
STARTS = 3
"""How often a start is tried: another process may take a free port before the node uses it."""

BUILD_S = 900.0
KNN_PLUGIN = "org.opensearch.knn.plugin.KNNPlugin"
MEMORY = Path("/dev/shm")
ARCHIVE = BUILT / "classes.jsa"
"""An archive of loaded Java classes, with which a node starts in less than half the time."""


class UnavailableError(Exception):
    """A cluster cannot be started here; the message is the reason."""


class EndedError(Exception):
    """A node exited; the message is the end of its output."""


@dataclass(frozen=True, slots=True)
class Node:
    """A running node; *log* is its output."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def end(self) -> None:
        """Kill the process, which also exits when its standard input is closed."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True, slots=True)
class Cluster:
    """The nodes of a cluster; their data is in *folder*."""

    nodes: tuple[Node, ...]
    folder: Path

    @property
    def urls(self) -> list[str]:
        """The URL of each node, including killed ones."""
        return [node.url for node in self.nodes]

    def address(self, name: str, options: str = "") -> str:
        """Return the address of the index *name* with all nodes."""
        hosts = ",".join(url.removeprefix("http://") for url in self.urls)
        return f"opensearch+http://{hosts}/{name}{options}"

    def kill(self, place: int) -> None:
        """Kill one node."""
        self.nodes[place].end()

    def health(self, *, nodes: int, status: str = "yellow", seconds: float = START_S) -> dict[str, object]:
        """Wait until *nodes* nodes have formed a cluster and its health is *status*; return the health.

        Raises `EndedError` if fewer nodes are running, `TimeoutError`.
        """
        query = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_status={status}&timeout=5s"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if sum(node.process.poll() is None for node in self.nodes) < nodes:
                raise EndedError("\n".join(node.log.read_text()[-1000:] for node in self.nodes))
            for node in self.nodes:
                if node.process.poll() is None and (health := _get_json(node.url + query)) and not health["timed_out"]:
                    return health
            time.sleep(0.3)
        raise TimeoutError(f"no {status} cluster of {nodes} nodes: {self.nodes[0].log.read_text()[-2000:]}")

    def await_votes(self, *, seconds: float = START_S) -> None:
        """Wait until an odd number of nodes has a vote: before that, killing one node may stop the cluster."""
        query = "/_cluster/state/metadata?filter_path=metadata.cluster_coordination.last_committed_config"
        wanted = len(self.nodes) - (len(self.nodes) + 1) % 2
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = _get_json(self.nodes[0].url + query)
            if state and len(state["metadata"]["cluster_coordination"]["last_committed_config"]) == wanted:  # type: ignore[index]  # JSON
                return
            time.sleep(0.3)
        raise TimeoutError(f"fewer than {wanted} nodes have a vote")

    def stop(self) -> None:
        """Kill all nodes and delete their data."""
        for node in self.nodes:
            node.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(nodes: int = 2, *, knn: bool = True) -> Cluster:
    """Start a cluster and wait until all nodes have joined; *knn* is whether they have the k-NN plugin.

    Raises `UnavailableError`.
    """
    build()
    for _ in range(STARTS - 1):
        with suppress(EndedError, TimeoutError, OSError):
            return _started(nodes, knn)
    return _started(nodes, knn)


def _started(nodes: int, knn: bool) -> Cluster:
    folder = Path(tempfile.mkdtemp(prefix="vidindex-cluster-", dir=_quick_disk()))
    cluster = Cluster(tuple(_begun(folder, nodes, knn=knn)), folder)
    try:
        cluster.health(nodes=nodes)
        cluster.await_votes()
        _reallocate_at_once(cluster.urls[0])
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _quick_disk() -> str | None:
    """Return a folder in memory if there is one, because nodes wait for the disk at each write."""
    return str(MEMORY) if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4e9 else None


def _begun(folder: Path, nodes: int, *flags: str, knn: bool = True) -> Iterator[Node]:
    """Start the processes of *nodes* nodes with their data in *folder*; *knn* is whether they have the k-NN plugin."""
    ports = _free_ports(2 * nodes)
    names = [f"node{place}" for place in range(nodes)]
    for place, name in enumerate(names):
        (folder / name).mkdir()
        command = [*_java(*flags or (f"-XX:SharedArchiveFile={ARCHIVE}",)), str(folder / name), name, str(ports[place])]
        command += [",".join(map(str, ports[nodes:])), ",".join(names), KNN_PLUGIN if knn else ""]
        log = folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=folder / name)
        yield Node(name, f"http://127.0.0.1:{ports[place]}", process, log)


def _reallocate_at_once(url: str) -> None:
    """Replace the shard copies of a dead node at once; by default a cluster waits a minute for its return."""
    settings = {"index.unassigned.node_left.delayed_timeout": "0s"}
    body = json.dumps({"index_patterns": ["*"], "template": {"settings": settings}}).encode()
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{url}/_index_template/tests", body, headers, method="PUT")).close()


def build() -> None:
    """Compile the node and download its dependencies, unless that was done before.

    Raises `UnavailableError`.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise UnavailableError(f"{program} is not installed")
    BUILT.mkdir(exist_ok=True)
    stamp, fingerprint = BUILT / "built", _fingerprint()
    with _locked(BUILT / "lock"):
        if not (stamp.exists() and ARCHIVE.exists()) or stamp.read_text() != fingerprint:
            _package()
            _archive()
            stamp.write_text(fingerprint)


def _package() -> None:
    shutil.copytree(SOURCE, BUILT / "source", dirs_exist_ok=True)
    command = ["mvn", "-q", "-B", f"-Dmaven.repo.local={BUILT / 'm2'}", "package"]
    try:
        subprocess.run(command, cwd=BUILT / "source", check=True, capture_output=True, text=True, timeout=BUILD_S)
    except subprocess.CalledProcessError as error:
        message = next((line for line in error.stdout.splitlines() if "ERROR" in line), error.stderr)
        raise UnavailableError(f"Maven cannot build it: {message}") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"Maven did not build it within {BUILD_S:.0f} s") from error


def _archive() -> None:
    """Run a node once, so that Java archives the loaded classes at exit."""
    ARCHIVE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="vidindex-cluster-") as folder:
        cluster = Cluster(tuple(_begun(Path(folder), 1, f"-XX:ArchiveClassesAtExit={ARCHIVE}")), Path(folder))
        try:
            cluster.health(nodes=1)
            _reallocate_at_once(cluster.urls[0])
            cluster.nodes[0].process.communicate(timeout=120)
        finally:
            cluster.stop()


def _fingerprint() -> str:
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _java(*flags: str) -> list[str]:
    target = BUILT / "source" / "target"
    heap = [f"-Xms{HEAP_MB // 2}m", f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    jars = [
        target / "cluster-1.jar",
        *sorted((target / "lib").glob("*.jar")),
    ]  # listed, because an archive does not support folders
    return ["java", *heap, *flags, "-cp", ":".join(map(str, jars)), "cluster.OneNode"]


def _free_ports(count: int) -> list[int]:
    """Find free ports; all are bound until the last is found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _get_json(url: str) -> dict[str, object] | None:
    try:
        with urlopen(url, timeout=10) as response:
            body: dict[str, object] = json.load(response)
            return body
    except (URLError, OSError, ValueError):
        return None


def main(command: Sequence[str]) -> int:
    """Run *command* with a cluster of two nodes, and return its exit code.

    If a cluster cannot be started, nothing is run; that is an error if VIDINDEX_OPENSEARCH_TESTS requires a cluster.
    """
    began = time.monotonic()
    try:
        cluster = start(2)
    except UnavailableError as error:
        sys.stderr.write(f"skipped: cannot start a cluster: {error}\n")
        return 2 if os.environ.get("VIDINDEX_OPENSEARCH_TESTS", "0") not in ("", "0") else 0
    hosts = ",".join(url.removeprefix("http://") for url in cluster.urls)
    sys.stderr.write(f"two nodes, {hosts}, after {time.monotonic() - began:.0f} s\n")
    try:
        return subprocess.run(command, env={**os.environ, "VIDINDEX_OPENSEARCH_TESTS": hosts}, check=False).returncode
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
