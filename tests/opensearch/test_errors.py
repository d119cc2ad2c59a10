"""What is said when a cluster does not let us in, does not answer, or has too much to do: servers of our own."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from vidindex.engines import open_engine
from vidindex.errors import EngineError, IndexLocationError
from vidindex.store.opensearch import client
from vidindex.store.opensearch.endpoint import ClusterEndpoint

PASSWORD = "s3cret"

Answer = tuple[int, object]
Respond = Callable[[BaseHTTPRequestHandler], Answer]


def refusal(kind: str, status: int) -> Answer:
    """Answer as a cluster does that refuses."""
    return status, {"error": {"type": kind, "reason": "because"}, "status": status}


@contextmanager
def serving(respond: Respond, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve what *respond* says on a port of loopback."""

    class Serving(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = respond(self)
            said = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - names that the server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Clients that do not trust it hang up."""

    server = Quiet(("127.0.0.1", 0), Serving)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said_on_opening(address: str) -> str:
    """Give the message of opening an index at *address*, and check that it comes soon and keeps the secret."""
    began = time.monotonic()
    with pytest.raises(EngineError) as failed:
        open_engine("opensearch", address, create=True)
    assert time.monotonic() - began < 30
    assert PASSWORD not in str(failed.value)
    assert PASSWORD not in repr(failed.value)
    return str(failed.value)


def test_a_wrong_password_says_where_the_right_one_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", PASSWORD)
    sent: list[str | None] = []

    def respond(request: BaseHTTPRequestHandler) -> Answer:
        sent.append(request.headers["Authorization"])
        return refusal("unauthorized", 401)

    with serving(respond) as port:
        said = said_on_opening(f"opensearch+http://anna@127.0.0.1:{port}/clips")
    assert sent[0] is not None
    assert sent[0].startswith("Basic ")
    assert "'anna'" in said
    assert "VIDINDEX_OPENSEARCH_PASSWORD" in said
    assert "rebuild" not in said


def test_without_a_user_it_says_how_to_name_one() -> None:
    with serving(lambda _: refusal("unauthorized", 401)) as port:
        assert "user@host" in said_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")


def test_rights_that_are_missing_are_told_from_a_full_disk() -> None:
    with serving(lambda _: refusal("security_exception", 403)) as port:
        said = said_on_opening(f"opensearch+http://anna@127.0.0.1:{port}/clips")
    assert "may not do this" in said
    assert "read-only" not in said


def test_a_port_that_nobody_listens_on_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        said = said_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")
    assert f"127.0.0.1:{port}" in said
    assert "refused" in said


def test_a_host_that_does_not_exist_is_named() -> None:
    said = said_on_opening("opensearch+https://nowhere.invalid/clips")
    assert "nowhere.invalid" in said
    assert "check host" in said


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for loopback that no authority knows, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "node.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key"), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "key").read_text())
    return path


def test_a_certificate_is_verified_and_its_authority_may_be_given(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(lambda _: refusal("unauthorized", 401), context) as port:
        address = f"opensearch+https://anna@127.0.0.1:{port}/clips"
        unknown, known = said_on_opening(address), said_on_opening(f"{address}?ca={certificate}")
    assert "certificate is not trusted" in unknown
    assert "?ca=FILE" in unknown
    assert "knows no user" in known


def test_a_file_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexLocationError, match=r"our\.pem"):
        open_engine("opensearch", f"opensearch+https://127.0.0.1/clips?ca={tmp_path / 'our.pem'}")


def test_a_busy_cluster_is_asked_again_with_pauses() -> None:
    asked: list[str] = []

    def respond(request: BaseHTTPRequestHandler) -> Answer:
        asked.append(request.path)
        return refusal("rejected_execution_exception", 429) if len(asked) < 4 else (200, {"count": 3})

    with serving(respond) as port:
        endpoint = ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False)
        opened = client.create_client(endpoint)
        assert client.with_retries(lambda: opened.count(index="clips"))["count"] == 3
        opened.close()
    assert len(asked) == 4


def test_a_cluster_that_stays_busy_is_given_up() -> None:
    with serving(lambda _: refusal("rejected_execution_exception", 429)) as port:
        endpoint = ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False)
        opened = client.create_client(endpoint)
        with pytest.raises(EngineError, match="run it again later"), client.translate_errors(endpoint):
            client.with_retries(lambda: opened.count(index="clips"), seconds=0.5)
        opened.close()


def test_a_folder_is_no_place_for_it(tmp_path: Path) -> None:
    with pytest.raises(IndexLocationError, match="address of a cluster"):
        open_engine("opensearch", tmp_path)


def test_only_its_own_engine_imports_the_client() -> None:
    code = "import sys, vidindex, vidindex.store.opensearch.endpoint, vidindex.engines as e; e.choose_local_engine()"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'opensearchpy' not in sys.modules"], check=True)
