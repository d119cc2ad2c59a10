"""Limits of connections: how long a request may take to arrive and a response to be read, and how many there are.

uvicorn waits for both forever.  A client that sends half of a request, or reads nothing, would keep its connection, and
a thousand of them would lock all others out.
"""

from __future__ import annotations

import asyncio
import fcntl
import resource
import socket
import struct
import termios
from array import array
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_HEADER_BYTES = 131_072
"""Maximum size of the request line and headers; a percent-encoded query of 10,000 characters has to fit."""

_MAX_HEADERS = 200
_MAX_READ_BYTES = 65_536
"""Bytes to read at once; a connection holds no more than this and one request."""

_MIN_PROGRESS_BYTES = 16_384
"""Bytes that a client must read within the timeout, unless fewer are left."""

_FILES_PER_CONNECTION = 2  # the connection and a media file
_OTHER_FILES = 256
_MIN_CONNECTIONS = 16
_SWEEPS_PER_TIMEOUT = 8


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of one process.

    A request must be complete *head_timeout_s* after the connection was opened or the previous response was sent.  A
    client must go on reading a response within *read_timeout_s*, and at most *max_unsent_bytes* of all responses wait
    for their clients.  If there are *max_connections*, a new one replaces one that is idle.
    """

    head_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    max_connections: int = 1_000
    max_unsent_bytes: int = 32_000_000


class ConnectionTable:
    """The open connections of a process; closes those that exceed the limits."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._connections: dict[LimitedProtocol, None] = {}
        self._address_counts: Counter[str] = Counter()
        self._is_sweeping = False

    def make_protocol(self, **arguments: Any) -> LimitedProtocol:
        """Return the protocol of a new connection; uvicorn gives the *arguments* of its own protocol."""
        return LimitedProtocol(self, **arguments)

    def add(self, connection: LimitedProtocol) -> None:
        """Add a new connection; if there are too many, close another one."""
        if len(self._connections) >= self._limits.max_connections:
            self._close_least_useful()
        self._connections[connection] = None
        self._address_counts[connection.address] += 1
        if not self._is_sweeping:
            self._is_sweeping = True
            self._schedule_sweep(connection.loop)

    def remove(self, connection: LimitedProtocol) -> None:
        """Remove a connection that is closed."""
        if connection not in self._connections:
            return
        del self._connections[connection]
        self._address_counts[connection.address] -= 1
        if not self._address_counts[connection.address]:
            del self._address_counts[connection.address]

    def limit_unsent_bytes(self) -> None:
        """Close connections whose clients have not read for the longest time, if too many bytes wait to be sent."""
        reading = sorted((each for each in self._connections if each.unsent_bytes), key=lambda each: each.idle_since)
        total = sum(each.unsent_bytes for each in reading)
        for connection in reading[:-1]:  # never the last response, whatever its size
            if total <= self._limits.max_unsent_bytes:
                return
            total -= connection.unsent_bytes
            self._abort(connection)

    def _abort(self, connection: LimitedProtocol) -> None:
        self.remove(connection)
        connection.abort()

    def _close_least_useful(self) -> None:
        """Close a connection that waits for a request, else one whose client does not read, else one that is answered.

        Those of the address with the most connections go first, and among them the one that has waited longest: one
        client cannot lock out the others, and a new connection has time to send its request.
        """
        victim = min(
            self._connections, key=lambda each: (each.usefulness, -self._address_counts[each.address], each.idle_since)
        )
        self._abort(victim)

    def _schedule_sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        shortest_s = min(self._limits.head_timeout_s, self._limits.read_timeout_s)
        loop.call_later(shortest_s / _SWEEPS_PER_TIMEOUT, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._connections):
            if connection.is_overdue(now, self._limits):
                self._abort(connection)
        self._is_sweeping = bool(self._connections)
        if self._is_sweeping:
            self._schedule_sweep(loop)


class _LimitedConnection(h11.Connection):
    """Refuses requests with many headers, which would take a hundred times the memory of their bytes.

    Also refuses a body with two lengths, of which a proxy could choose the other one.
    """

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request) and len(event.headers) > _MAX_HEADERS:
            raise h11.RemoteProtocolError("too many headers", error_status_hint=431)
        if isinstance(event, h11.Request) and {b"content-length", b"transfer-encoding"} <= dict(event.headers).keys():
            raise h11.RemoteProtocolError("two lengths")
        return event


class LimitedProtocol(H11Protocol):
    """The protocol of one connection."""

    def __init__(self, table: ConnectionTable, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.conn = _LimitedConnection(h11.SERVER, MAX_HEADER_BYTES)
        self.address = ""
        self._socket: Any = None
        self.idle_since = self.loop.time()
        self._table = table
        self._head_bytes = self._head_lines = 0
        self._last_pending_bytes = 0
        self._is_read = False
        self._has_deferred_request = False

    @property
    def unsent_bytes(self) -> int:
        """The bytes of responses that wait for the client to read."""
        return self.transport.get_write_buffer_size()

    @property
    def pending_bytes(self) -> int:
        """The same, with those that the system holds: it takes megabytes before it lets the server send more."""
        pending = array("i", [0])
        with suppress(OSError):
            fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, pending)
        return self.unsent_bytes + pending[0]

    def abort(self) -> None:
        """Close the connection at once; what the client has not read is discarded, also by the system."""
        if self.unsent_bytes:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    @property
    def usefulness(self) -> int:
        """0 if no request is complete, 1 if a response waits for its client to read, 2 if a request is answered."""
        if self.unsent_bytes:
            return 1
        return 2 if self._is_answering else 0

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def is_overdue(self, now: float, limits: ConnectionLimits) -> bool:
        """Return whether the client has taken too long to send a request or to read a response; called repeatedly."""
        if self.unsent_bytes:
            pending, last = self.pending_bytes, self._last_pending_bytes
            if self._is_read or not last or pending <= last - _MIN_PROGRESS_BYTES:
                self._last_pending_bytes, self._is_read, self.idle_since = pending, False, now
            return now - self.idle_since > limits.read_timeout_s
        if self._last_pending_bytes:
            self._last_pending_bytes, self.idle_since = 0, now
        return not self._is_answering and now - self.idle_since > limits.head_timeout_s

    # The interface of asyncio and uvicorn

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            transport.max_size = _MAX_READ_BYTES
        self.address = self.client[0] if self.client else ""
        self._socket = transport.get_extra_info("socket")
        self._table.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._table.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE:
            head_bytes = data.find(b"\n\r\n") + 1 or len(data)
            self._head_bytes += head_bytes
            self._head_lines += data.count(b"\n", 0, head_bytes)
            if self._head_bytes > MAX_HEADER_BYTES or self._head_lines > _MAX_HEADERS + 1:
                self.send_400_response("Too many headers.")  # before parsing them takes a tenth of a second
                return
        super().data_received(data)

    def on_response_complete(self) -> None:
        self.idle_since = self.loop.time()
        self._head_bytes = self._head_lines = 0
        if self.conn.their_state is h11.SEND_BODY:  # a body that nobody reads, and that may never end
            self.transport.close()
        if self.unsent_bytes > _MAX_READ_BYTES:
            self._table.limit_unsent_bytes()
        super().on_response_complete()

    def handle_events(self) -> None:
        if self.flow.write_paused and not self._is_answering:  # the next response would wait in memory, too
            self._has_deferred_request = True
            self.flow.pause_reading()
            return
        super().handle_events()

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # the response to this request has been sent
            self.transport.abort()

    def resume_writing(self) -> None:
        self._is_read = True
        super().resume_writing()
        if self._has_deferred_request:
            self._has_deferred_request = False
            self.flow.resume_reading()
            self.handle_events()


def make_protocol_factory(limits: ConnectionLimits) -> Any:
    """Return the function that makes the protocol of each connection of this process."""
    return ConnectionTable(_fit_file_limit(limits)).make_protocol


def _fit_file_limit(limits: ConnectionLimits) -> ConnectionLimits:
    """Raise the limit of open files of this process, or lower that of connections if the system does not allow it."""
    wanted = _FILES_PER_CONNECTION * limits.max_connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
        possible = max((soft - _OTHER_FILES) // _FILES_PER_CONNECTION, _MIN_CONNECTIONS)
        return replace(limits, max_connections=min(limits.max_connections, possible))
    return limits
