"""The listening socket."""

from __future__ import annotations

import socket

from vidindex.server.run import ServeOptions, _bind_socket


def test_the_socket_states_its_protocol() -> None:
    """asyncio sets TCP_NODELAY only for those; without it, each response takes 40 ms longer."""
    with _bind_socket(ServeOptions(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP
