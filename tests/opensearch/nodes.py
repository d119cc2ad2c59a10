"""A real OpenSearch cluster on loopback: each node a process of its own, so that one can be killed.

Built once from Maven Central into `.opensearch/`, by the Java and Maven that are installed.

`python -m tests.opensearch.nodes COMMAND` runs COMMAND beside a cluster of two nodes, their addresses in
VIDINDEX_OPENSEARCH_TESTS, and ends as it does.
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
"""How often a start is tried: a port that was free may be taken when a node comes to it."""

BUILD_S = 900.0
MEMORY = Path("/dev/shm")
ARCHIVE = BUILT / "classes.jsa"
"""Classes as the Java machine keeps them in memory: a node starts in less than half the time."""


class UnavailableError(Exception):
    """There can be no cluster here; says why."""


class EndedError(Exception):
    """A node ended by itself; says what it printed last."""


@dataclass(frozen=True, slots=True)
class Node:
    """A running node; *log* is what it prints."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def end(self) -> None:
        """Kill the process; it would end as well when its standard input is closed."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes that know each other, their data in *folder*."""

    nodes: tuple[Node, ...]
    folder: Path

    @property
    def urls(self) -> list[str]:
        """Give the address of each node, also of those that were killed."""
        return [node.url for node in self.nodes]

    def address(self, name: str, options: str = "") -> str:
        """Write the address of the index *name*, with all nodes."""
        hosts = ",".join(url.removeprefix("http://") for url in self.urls)
        return f"opensearch+http://{hosts}/{name}{options}"

    def kill(self, place: int) -> None:
        """End one node at once, without a chance to say so."""
        self.nodes[place].end()

    def health(self, *, nodes: int, status: str = "yellow", seconds: float = START_S) -> dict[str, object]:
        """Wait until *nodes* nodes see each other and each shard is as *status* says.

        Raises `EndedError` where so many do not run any more, `TimeoutError`.
        """
        query = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_status={status}&timeout=5s"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if sum(node.process.poll() is None for node in self.nodes) < nodes:
                raise EndedError("\n".join(node.log.read_text()[-1000:] for node in self.nodes))
            for node in self.nodes:
                if node.process.poll() is None and (said := _asked(node.url + query)) and not said["timed_out"]:
                    return said
            time.sleep(0.3)
        raise TimeoutError(f"no {status} cluster of {nodes} nodes: {self.nodes[0].log.read_text()[-2000:]}")

    def await_votes(self, *, seconds: float = START_S) -> None:
        """Wait until each node has a vote, an odd number of them: before that, one that dies may take all along."""
        query = "/_cluster/state/metadata?filter_path=metadata.cluster_coordination.last_committed_config"
        wanted = len(self.nodes) - (len(self.nodes) + 1) % 2
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            said = _asked(self.nodes[0].url + query)
            if said and len(said["metadata"]["cluster_coordination"]["last_committed_config"]) == wanted:  # type: ignore[index]  # JSON
                return
            time.sleep(0.3)
        raise TimeoutError(f"fewer than {wanted} nodes have a vote")

    def stop(self) -> None:
        """End all nodes and delete their data."""
        for node in self.nodes:
            node.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(nodes: int = 2) -> Cluster:
    """Start a cluster and wait until it is whole.  Raises `UnavailableError`."""
    build()
    for _ in range(STARTS - 1):
        with suppress(EndedError, TimeoutError, OSError):
            return _started(nodes)
    return _started(nodes)


def _started(nodes: int) -> Cluster:
    folder = Path(tempfile.mkdtemp(prefix="vidindex-cluster-", dir=_quick_disk()))
    cluster = Cluster(tuple(_begun(folder, nodes)), folder)
    try:
        cluster.health(nodes=nodes)
        cluster.await_votes()
        _heal_at_once(cluster.urls[0])
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _quick_disk() -> str | None:
    """Name a disk in memory, where there is one: nodes wait for the disk at each write."""
    return str(MEMORY) if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4e9 else None


def _begun(folder: Path, nodes: int, *flags: str) -> Iterator[Node]:
    """Start the processes of *nodes* nodes, their data in *folder*."""
    ports = _free_ports(2 * nodes)
    names = [f"node{place}" for place in range(nodes)]
    for place, name in enumerate(names):
        (folder / name).mkdir()
        command = [*_java(*flags or (f"-XX:SharedArchiveFile={ARCHIVE}",)), str(folder / name), name, str(ports[place])]
        command += [",".join(map(str, ports[nodes:])), ",".join(names)]
        log = folder / f"{name}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, cwd=folder / name)
        yield Node(name, f"http://127.0.0.1:{ports[place]}", process, log)


def _heal_at_once(url: str) -> None:
    """Have the copies of a dead node made anew at once; by itself a cluster waits a minute for it to come back."""
    settings = {"index.unassigned.node_left.delayed_timeout": "0s"}
    body = json.dumps({"index_patterns": ["*"], "template": {"settings": settings}}).encode()
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{url}/_index_template/tests", body, headers, method="PUT")).close()


def build() -> None:
    """Compile the node and fetch what it needs, unless that was done before.  Raises `UnavailableError`."""
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
        said = next((line for line in error.stdout.splitlines() if "ERROR" in line), error.stderr)
        raise UnavailableError(f"Maven could not build it: {said}") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"Maven did not build it within {BUILD_S:.0f} s") from error


def _archive() -> None:
    """Run a node once, so that the Java machine keeps its classes when it ends."""
    ARCHIVE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="vidindex-cluster-") as folder:
        cluster = Cluster(tuple(_begun(Path(folder), 1, f"-XX:ArchiveClassesAtExit={ARCHIVE}")), Path(folder))
        try:
            cluster.health(nodes=1)
            _heal_at_once(cluster.urls[0])
            cluster.nodes[0].process.communicate(timeout=120)
        finally:
            cluster.stop()


def _fingerprint() -> str:
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _java(*flags: str) -> list[str]:
    target = BUILT / "source" / "target"
    heap = [f"-Xms{HEAP_MB // 2}m", f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    jars = [target / "cluster-1.jar", *sorted((target / "lib").glob("*.jar"))]  # named: an archive knows no folders
    return ["java", *heap, *flags, "-cp", ":".join(map(str, jars)), "cluster.OneNode"]


def _free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on now; all are held until the last is found, so that they differ."""
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


def _asked(url: str) -> dict[str, object] | None:
    try:
        with urlopen(url, timeout=10) as answer:
            said: dict[str, object] = json.load(answer)
            return said
    except (URLError, OSError, ValueError):
        return None


def main(command: Sequence[str]) -> int:
    """Run *command* beside a cluster of two nodes.

    Where there can be none, nothing is run: an error if VIDINDEX_OPENSEARCH_TESTS says that it must be.
    """
    began = time.monotonic()
    try:
        cluster = start(2)
    except UnavailableError as error:
        sys.stderr.write(f"skipped, there is no cluster: {error}\n")
        return 2 if os.environ.get("VIDINDEX_OPENSEARCH_TESTS", "0") not in ("", "0") else 0
    hosts = ",".join(url.removeprefix("http://") for url in cluster.urls)
    sys.stderr.write(f"two nodes, {hosts}, after {time.monotonic() - began:.0f} s\n")
    try:
        return subprocess.run(command, env={**os.environ, "VIDINDEX_OPENSEARCH_TESTS": hosts}, check=False).returncode
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
