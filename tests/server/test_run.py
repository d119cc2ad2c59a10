"""How the server listens."""

from __future__ import annotations

import socket

from vidindex.server.run import ServeOptions, _bind_socket


def test_small_parts_of_an_answer_are_sent_at_once() -> None:
    """asyncio sees to it only for sockets that name their protocol; else each answer takes 40 ms more."""
    with _bind_socket(ServeOptions(port=0)) as listening:
        assert listening.proto == socket.IPPROTO_TCP
