"""The errors for a cluster that refuses access, does not respond or is overloaded, with fake servers."""

from __future__ import annotations

import gzip
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
from types import SimpleNamespace

import pytest

pytest.importorskip("opensearchpy")

from opensearchpy.exceptions import TransportError

from vidindex.engines import open_engine
from vidindex.errors import EngineError, IndexLocationError
from vidindex.store.opensearch import client
from vidindex.store.opensearch.bulk import BulkWrite, send_writes
from vidindex.store.opensearch.endpoint import ClusterEndpoint

PASSWORD = "s3cret"

Answer = tuple[int, object]
Respond = Callable[[BaseHTTPRequestHandler], Answer]


def refusal(kind: str, status: int) -> Answer:
    """Return the error response of a cluster."""
    return status, {"error": {"type": kind, "reason": "because"}, "status": status}


def read_body(request: BaseHTTPRequestHandler) -> bytes:
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


@contextmanager
def serving(respond: Respond, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve the responses of *respond* on a loopback port."""

    class Serving(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.body = read_body(self)
            status, body = respond(self)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if content.startswith(b"<") else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - the names that the server calls

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Ignore clients that close the connection because they do not trust it."""

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


def message_on_opening(address: str) -> str:
    """Return the message of opening an index at *address*, which must come soon and not contain the password."""
    pauses_s: list[float] = []

    def sleep(pause_s: float) -> None:
        pauses_s.append(pause_s)
        time.sleep(pause_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vidindex.net.retry.time", SimpleNamespace(sleep=sleep))
        with pytest.raises(EngineError) as failed:
            open_engine("opensearch", address, create=True)
    assert sum(pauses_s) <= client.MAX_FIRST_RETRY_S
    assert PASSWORD not in str(failed.value)
    assert PASSWORD not in repr(failed.value)
    return str(failed.value)


def test_a_wrong_password_is_an_error_that_says_where_to_store_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", PASSWORD)
    sent: list[str | None] = []

    def respond(request: BaseHTTPRequestHandler) -> Answer:
        sent.append(request.headers["Authorization"])
        return refusal("unauthorized", 401)

    with serving(respond) as port:
        message = message_on_opening(f"opensearch+http://anna@127.0.0.1:{port}/clips")
    assert sent[0] is not None
    assert sent[0].startswith("Basic ")
    assert "'anna'" in message
    assert "VIDINDEX_OPENSEARCH_PASSWORD" in message
    assert "rebuild" not in message


def test_a_missing_user_is_an_error_that_says_how_to_name_one() -> None:
    with serving(lambda _: refusal("unauthorized", 401)) as port:
        assert "user@host" in message_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")


def test_a_missing_permission_is_not_reported_as_a_full_disk() -> None:
    with serving(lambda _: refusal("security_exception", 403)) as port:
        message = message_on_opening(f"opensearch+http://anna@127.0.0.1:{port}/clips")
    assert "does not have permission" in message
    assert "read-only" not in message


def test_a_closed_port_is_named() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        message = message_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")
    assert f"127.0.0.1:{port}" in message
    assert "refused" in message


def test_a_host_that_does_not_exist_is_named() -> None:
    message = message_on_opening("opensearch+https://nowhere.invalid/clips")
    assert "nowhere.invalid" in message
    assert "check host" in message


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for loopback, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "node.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key"), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "key").read_text())
    return path


def test_a_certificate_is_verified_and_its_authority_can_be_given(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(lambda _: refusal("unauthorized", 401), context) as port:
        address = f"opensearch+https://anna@127.0.0.1:{port}/clips"
        untrusted, trusted = message_on_opening(address), message_on_opening(f"{address}?ca={certificate}")
    assert "certificate is not trusted" in untrusted
    assert "?ca=FILE" in untrusted
    assert "the password is wrong" in trusted


def test_a_server_without_tls_is_named_as_such() -> None:
    with serving(lambda _: refusal("unauthorized", 401)) as port:
        message = message_on_opening(f"opensearch+https://127.0.0.1:{port}/clips")
    assert "does not speak TLS" in message
    assert "opensearch+http://" in message


STRANGE_RESPONSES = [
    b"<h1>It works!</h1>",
    b"",
    b"[]",
    b"null",
    b'"x"',
    b'{"a": ',
    b"[" * 100_000,
    b"{}",
    b'{"error": null}',
]


@pytest.mark.parametrize("content", STRANGE_RESPONSES, ids=lambda content: repr(content)[:20])
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_another_server_is_named_as_such(status: int, content: bytes) -> None:
    def respond(request: BaseHTTPRequestHandler) -> Answer:
        return (200 if request.command == "HEAD" else status), content

    with serving(respond) as port:
        message = message_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")
    if status == 404 and content in (b"", b'{"error": null}'):
        assert "does not exist" in message
    else:
        assert "does not answer like an OpenSearch cluster" in message or f"failed (status {status})" in message
    assert "another server" in message or status == 404


def test_a_proxy_that_refuses_large_requests_is_named() -> None:
    def respond(request: BaseHTTPRequestHandler) -> Answer:
        return (413, b"<h1>Request Entity Too Large</h1>") if request.command == "POST" else (200, {})

    with serving(respond) as port:
        endpoint = ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False)
        opened = client.create_client(endpoint)
        with pytest.raises(EngineError, match="refuses large requests"), client.translate_errors(endpoint):
            send_writes(opened, "clips", [BulkWrite("a", {})])
        opened.close()


def test_an_old_cluster_is_named_as_such() -> None:
    error = {"error": "no handler found for uri [/clips/_search/point_in_time] and method [POST]", "status": 400}
    with serving(lambda request: (400, error) if request.command != "HEAD" else (200, {})) as port:
        assert "OpenSearch 2.4 or newer" in message_on_opening(f"opensearch+http://127.0.0.1:{port}/clips")


def test_only_the_writes_that_a_busy_node_refused_are_sent_again() -> None:
    sent: list[list[str]] = []

    def respond(request: BaseHTTPRequestHandler) -> Answer:
        lines = request.body.splitlines()  # type: ignore[attr-defined]
        ids = [json.loads(line)["index"]["_id"] for line in lines[::2]]
        sent.append(ids)
        busy = {"error": {"type": "rejected_execution_exception", "reason": "full"}, "status": 429}
        conflict = {"error": {"type": "version_conflict_engine_exception", "reason": "old"}, "status": 409}
        done = {"status": 201}
        items = [
            {"index": {"_id": each, **(conflict if each == "c" else busy if each > "c" and len(sent) < 3 else done)}}
            for each in ids
        ]
        return 200, {"errors": any("error" in item["index"] for item in items), "items": items}

    with serving(respond) as port:
        opened = client.create_client(ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False))
        assert send_writes(opened, "clips", [BulkWrite(each, {"text": each}) for each in "abcde"]) == ["c"]
        opened.close()
    assert sent == [["a", "b", "c", "d", "e"], ["d", "e"], ["d", "e"]]


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [("mapper_parsing_exception", 400, "refused a document"), ("cluster_block_exception", 429, "read-only")],
)
def test_a_write_that_is_refused_for_good_is_an_error(kind: str, status: int, expected: str) -> None:
    error = {"error": {"type": kind, "reason": "because"}, "status": status}
    items = [{"index": {"_id": "a", "status": 201}}, {"index": {"_id": "b", **error}}]
    with serving(lambda _: (200, {"errors": True, "items": items})) as port:
        opened = client.create_client(ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False))
        with pytest.raises(EngineError, match=expected):
            send_writes(opened, "clips", [BulkWrite(each, {}) for each in "ab"])
        opened.close()


def test_a_missing_ca_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexLocationError, match=r"our\.pem"):
        open_engine("opensearch", f"opensearch+https://127.0.0.1/clips?ca={tmp_path / 'our.pem'}")


def test_a_request_to_an_overloaded_cluster_is_retried() -> None:
    paths: list[str] = []

    def respond(request: BaseHTTPRequestHandler) -> Answer:
        paths.append(request.path)
        return refusal("rejected_execution_exception", 429) if len(paths) < 4 else (200, {"count": 3})

    with serving(respond) as port:
        endpoint = ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False)
        opened = client.create_client(endpoint)
        assert client.with_retries(lambda: opened.count(index="clips"))["count"] == 3
        opened.close()
    assert len(paths) == 4


def test_a_cluster_that_stays_overloaded_is_an_error() -> None:
    with serving(lambda _: refusal("rejected_execution_exception", 429)) as port:
        endpoint = ClusterEndpoint("clips", (("127.0.0.1", port),), tls=False)
        opened = client.create_client(endpoint)
        with pytest.raises(EngineError, match="run it again later"), client.translate_errors(endpoint):
            client.with_retries(lambda: opened.count(index="clips"), seconds=0.5)
        opened.close()


def test_a_folder_is_not_a_location_for_the_opensearch_engine(tmp_path: Path) -> None:
    with pytest.raises(IndexLocationError, match="address of a cluster"):
        open_engine("opensearch", tmp_path)


def test_only_the_opensearch_engine_imports_the_client() -> None:
    code = "import sys, vidindex, vidindex.store.opensearch.endpoint, vidindex.engines as e; e.choose_local_engine()"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'opensearchpy' not in sys.modules"], check=True)


@pytest.mark.parametrize("kind", ["node_disconnected_exception", "node_not_connected_exception"])
def test_a_request_that_loses_its_node_may_succeed_later(kind: str) -> None:
    lost = TransportError(500, "search_phase_execution_exception", {"error": {"root_cause": [{"type": kind}]}})
    assert client.is_transient(lost)
    assert not client.is_transient(TransportError(500, "search_phase_execution_exception", {"error": {}}))
