"""An index on a cluster that is reached by TLS alone, as a user with a password that nobody else sees."""

from __future__ import annotations

import base64
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from tests.conftest import Write
from tests.opensearch.conftest import Address, needs_cluster
from tests.opensearch.proxy import Network, network
from tests.opensearch.test_commands import said
from tests.opensearch.test_errors import PASSWORD

pytestmark = needs_cluster

LOGIN = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()


def openssl(folder: Path, *command: str) -> None:
    subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)


def authority(folder: Path, name: str) -> Path:
    """Make an authority."""
    key, subject = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key"), ("-subj", f"/CN={name}")
    openssl(folder, "req", "-x509", *key, "-days", "2", *subject, "-out", f"{name}.pem")
    return folder / f"{name}.pem"


def certified(folder: Path, by: str, host: str) -> ssl.SSLContext:
    """Make what a node shows, certified by an authority for *host*."""
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "node.key", "-subj", "/CN=n", "-out", "node.csr")
    (folder / "names").write_text(f"subjectAltName={host}")
    signed = ("-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
    openssl(folder, "x509", "-req", "-in", "node.csr", *signed, "-out", "node.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "node.pem", folder / "node.key")
    return context


@pytest.fixture
def authorities(tmp_path: Path) -> dict[str, Path]:
    """Ours and another's."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return {name: authority(tmp_path, name) for name in ("ours", "theirs")}


Reached = Callable[[str], str]


@pytest.fixture
def way(authorities: dict[str, Path], tmp_path: Path, cluster: str) -> Iterator[Network]:
    """Stands before a node and speaks TLS."""
    assert authorities
    with network(cluster.split(",")[0], {"well": 1.0}, tls=certified(tmp_path, "ours", "IP:127.0.0.1")) as made:
        yield made


@pytest.fixture
def reached(address: Address, cluster: str, way: Network, monkeypatch: pytest.MonkeyPatch) -> Reached:
    """Gives the address of a new index behind TLS, as anna, whose password the environment holds."""
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", PASSWORD)
    place = address().replace("opensearch+http://", "opensearch+https://anna@")
    return lambda options: place.replace(cluster, f"127.0.0.1:{way.port}") + options


def test_an_index_lives_behind_tls_with_our_own_authority(
    reached: Reached, authorities: dict[str, Path], way: Network, write: Write
) -> None:
    place = reached(f"?ca={authorities['ours']}")
    links = write("links", "nothing")
    links.write_text("http://127.0.0.1:9/a\n")
    told = [
        said(place, "--verbose", "add", str(write("one.en.vtt", "I never took the time off")), code=0),
        said(place, "--verbose", "search", "never took the time off", code=0),
        said(place, "stats", code=0),
        said(place, "batch", str(links), "--wait", "0", code=2),
        said(place, "status", code=0),
        said(place, "doctor", code=0),
    ]
    assert "never took the time off" in told[1]
    assert way.logins == {f"Basic {LOGIN}"}
    assert not [each for each in told if PASSWORD in each or LOGIN in each]


@pytest.mark.parametrize("command", [("add", "one.en.vtt"), ("search", "never"), ("status",), ("stats",)])
def test_who_trusts_another_authority_or_none_of_ours_is_told_and_sends_no_password(
    reached: Reached, authorities: dict[str, Path], way: Network, command: tuple[str, ...]
) -> None:
    for options in (f"?ca={authorities['theirs']}", ""):
        told = said(reached(options), *command, code=2)
        assert "its certificate is not trusted" in told
        assert "?ca=FILE" in told
        assert PASSWORD not in told
        assert LOGIN not in told
    assert way.logins == set()


def test_a_certificate_for_another_host_is_not_trusted(
    authorities: dict[str, Path], tmp_path: Path, address: Address, cluster: str
) -> None:
    context = certified(tmp_path, "ours", "DNS:elsewhere.example")
    place = address().replace("opensearch+http", "opensearch+https")
    with network(cluster.split(",")[0], {"well": 1.0}, tls=context) as way:
        other = place.replace(cluster, f"127.0.0.1:{way.port}")
        assert "not trusted" in said(f"{other}?ca={authorities['ours']}", "stats", code=2)
