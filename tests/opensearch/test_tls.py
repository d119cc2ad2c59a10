"""A cluster behind TLS: certificates are verified, and the password is never shown or sent to an untrusted host."""

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
from tests.opensearch.test_commands import run_command
from tests.opensearch.test_errors import PASSWORD

pytestmark = needs_cluster

LOGIN = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()


def openssl(folder: Path, *command: str) -> None:
    subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)


def authority(folder: Path, name: str) -> Path:
    """Create a certificate authority."""
    key, subject = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key"), ("-subj", f"/CN={name}")
    openssl(folder, "req", "-x509", *key, "-days", "2", *subject, "-out", f"{name}.pem")
    return folder / f"{name}.pem"


def certified(folder: Path, by: str, host: str) -> ssl.SSLContext:
    """Create the TLS context of a node with a certificate for *host*, signed by an authority."""
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "node.key", "-subj", "/CN=n", "-out", "node.csr")
    (folder / "names").write_text(f"subjectAltName={host}")
    signed = ("-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
    openssl(folder, "x509", "-req", "-in", "node.csr", *signed, "-out", "node.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "node.pem", folder / "node.key")
    return context


@pytest.fixture
def authorities(tmp_path: Path) -> dict[str, Path]:
    """The certificates of two authorities."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return {name: authority(tmp_path, name) for name in ("ours", "other")}


Reached = Callable[[str], str]


@pytest.fixture
def way(authorities: dict[str, Path], tmp_path: Path, cluster: str) -> Iterator[Network]:
    """A proxy that serves a node with TLS."""
    assert authorities
    with network(cluster.split(",")[0], {"well": 1.0}, tls=certified(tmp_path, "ours", "IP:127.0.0.1")) as made:
        yield made


@pytest.fixture
def reached(address: Address, cluster: str, way: Network, monkeypatch: pytest.MonkeyPatch) -> Reached:
    """A function that returns the address of a new index behind TLS for the user anna."""
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", PASSWORD)
    place = address().replace("opensearch+http://", "opensearch+https://anna@")
    return lambda options: place.replace(cluster, f"127.0.0.1:{way.port}") + options


def test_an_index_works_behind_tls_with_a_custom_authority(
    reached: Reached, authorities: dict[str, Path], way: Network, write: Write
) -> None:
    place = reached(f"?ca={authorities['ours']}")
    links = write("links", "nothing")
    links.write_text("http://127.0.0.1:9/a\n")
    outputs = [
        run_command(place, "--verbose", "add", str(write("one.en.vtt", "I never took the time off")), code=0),
        run_command(place, "--verbose", "search", "never took the time off", code=0),
        run_command(place, "stats", code=0),
        run_command(place, "batch", str(links), "--wait", "0", code=2),
        run_command(place, "status", code=0),
        run_command(place, "doctor", code=0),
    ]
    assert "never took the time off" in outputs[1]
    assert way.logins == {f"Basic {LOGIN}"}
    assert not [each for each in outputs if PASSWORD in each or LOGIN in each]


@pytest.mark.parametrize("command", [("add", "one.en.vtt"), ("search", "never"), ("status",), ("stats",)])
def test_an_untrusted_certificate_is_an_error_and_no_password_is_sent(
    reached: Reached, authorities: dict[str, Path], way: Network, command: tuple[str, ...]
) -> None:
    for options in (f"?ca={authorities['other']}", ""):
        output = run_command(reached(options), *command, code=2)
        assert "its certificate is not trusted" in output
        assert "?ca=FILE" in output
        assert PASSWORD not in output
        assert LOGIN not in output
    assert way.logins == set()


def test_a_certificate_for_another_host_is_not_trusted(
    authorities: dict[str, Path], tmp_path: Path, address: Address, cluster: str
) -> None:
    context = certified(tmp_path, "ours", "DNS:elsewhere.example")
    place = address().replace("opensearch+http", "opensearch+https")
    with network(cluster.split(",")[0], {"well": 1.0}, tls=context) as way:
        other = place.replace(cluster, f"127.0.0.1:{way.port}")
        assert "not trusted" in run_command(f"{other}?ca={authorities['ours']}", "stats", code=2)
