"""The listening socket."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

import vidindex
from vidindex.server import run
from vidindex.server.run import ServeOptions, _bind_socket


def test_the_socket_states_its_protocol() -> None:
    """asyncio sets TCP_NODELAY only for those; without it, each response takes 40 ms longer."""
    with _bind_socket(ServeOptions(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("host", "is_local"), [("127.0.0.1", True), ("localhost", True), ("[::1]", True), ("0.0.0.0", False), ("::", False)]
)
def test_only_a_server_on_loopback_lets_visitors_change_reviews(
    host: str, is_local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps: list[Any] = []
    monkeypatch.setattr(run, "serve_app", lambda make, **_: apps.append(make()))
    vidindex.open(tmp_path / "index").close()
    run.serve_index(tmp_path / "index", options=ServeOptions(host=host), on_ready=apps.append)
    assert [app.state.is_local for app in apps] == [is_local]
