"""Run the server: listening socket, worker processes, shutdown."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from ..errors import ListenError
from .app import make_app
from .connections import MAX_HEADER_BYTES, ConnectionLimits, make_protocol_factory
from .prefork import WorkerPool, receive_sockets, report_ready
from .security import LOOPBACK_HOSTS, is_loopback_host

_LISTEN_BACKLOG = 2_048
_MAX_ACCEPTED_AT_ONCE = 100
"""Connections to accept before others are closed in their favor; each takes a file descriptor."""

_SHUTDOWN_GRACE_S = 3  # for responses in progress at shutdown
_EXIT_GRACE_S = 2  # for the rest of the shutdown of a process
_OBJECTS_BETWEEN_COLLECTIONS = 10_000


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where to listen; *host_names* are additional accepted `Host` headers, for example those of a reverse proxy.

    The *limits* apply to each of the *workers*.  If the server *is_embeddable*, other sites may show clips in frames.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    host_names: Sequence[str] = field(default=())
    limits: ConnectionLimits = field(default=ConnectionLimits())
    is_embeddable: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback_host(self.host)


def serve_index(path: Path | str, *, options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    """Serve the index at *path* until the process is stopped; call *on_ready* with the URL of the server.

    Then the first request is as fast as the next one.  Raises `ListenError`, `WorkerError`.
    """
    make = partial(make_app, path, is_local=options.is_loopback, is_embeddable=options.is_embeddable, is_warm=True)
    serve_app(make, options=options, on_ready=on_ready)


def serve_app(make: Callable[..., ASGIApp], *, options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    """Serve the application that *make* returns, given the accepted *hosts*, until the process is stopped.

    Raises `ListenError`, `WorkerError`.
    """
    with _bind_socket(options) as listener:
        config = partial(_make_config, make, options)
        url = _make_server_url(options, listener.getsockname()[1])
        if options.workers == 1:
            _Server(config(), partial(on_ready, url)).run(sockets=[listener])
            return
        work = partial(_run_worker, config)
        with WorkerPool(
            work, listener=listener, count=options.workers, grace_s=_SHUTDOWN_GRACE_S + _EXIT_GRACE_S
        ) as workers:
            workers.run(partial(on_ready, url))


class _Server(uvicorn.Server):
    """A server that accepts connections itself."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept connections, and say so."""
        await super().startup(sockets)
        _exempt_from_collections()
        for listener in sockets or ():
            listener.listen(_LISTEN_BACKLOG)  # asyncio has set it to the number that it accepts at once
        if not self.should_exit:
            self._on_ready()


class _ServerWorker(uvicorn.Server):
    """A server for connections that another process has accepted."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then receive connections."""
        await super().startup(sockets=[])
        _exempt_from_collections()
        asyncio.get_running_loop().add_reader(self._channel, self._accept_sockets)
        if not self.should_exit:
            report_ready(self._channel)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop receiving connections and finish the current responses."""
        asyncio.get_running_loop().remove_reader(self._channel)
        await super().shutdown(sockets)

    def _accept_sockets(self) -> None:
        loop = asyncio.get_running_loop()
        connections = receive_sockets(self._channel)
        if not connections:
            loop.remove_reader(self._channel)
        for connection in connections:
            task = loop.create_task(self._start_connection(connection))
            self.server_state.tasks.add(task)
            task.add_done_callback(self.server_state.tasks.discard)

    async def _start_connection(self, connection: socket.socket) -> None:
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        protocol = partial(make, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        with suppress(OSError):  # the client may have disconnected
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)


def _exempt_from_collections() -> None:
    """Exempt what is loaded at the start from garbage collections: looking at all of it takes a tenth of a second.

    Later ones are rarer than by default, since a request leaves next to no garbage for them to find.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def _run_worker(config: Callable[[], uvicorn.Config], channel: socket.socket) -> None:
    _ServerWorker(config(), channel).run()


def _make_config(make: Callable[..., ASGIApp], options: ServeOptions) -> uvicorn.Config:
    hosts = (*LOOPBACK_HOSTS, options.host, socket.gethostname(), *options.host_names)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # invalid requests are not worth a line each
    return uvicorn.Config(
        partial(make, hosts=hosts),
        factory=True,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        backlog=_MAX_ACCEPTED_AT_ONCE,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        http=make_protocol_factory(options.limits),
        timeout_graceful_shutdown=_SHUTDOWN_GRACE_S,
    )


def _bind_socket(options: ServeOptions) -> socket.socket:
    host = options.host.strip("[]")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, options.port, type=socket.SOCK_STREAM)[0]
        # asyncio sets TCP_NODELAY only if the socket states its protocol; without it, each response takes 40 ms longer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as exc:
        raise ListenError(options.host, options.port, "the address does not exist; choose another with --host") from exc
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_LISTEN_BACKLOG)
    except OSError as exc:
        listener.close()
        raise ListenError(options.host, options.port, _explain_bind_error(exc)) from exc
    return listener


def _explain_bind_error(exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return "another program uses it; choose another port with --port, or any free port with --port 0"
    if exc.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have that address; choose another with --host"
    if exc.errno == errno.EACCES:
        return "permission denied; choose a port from 1024 on with --port"
    return (exc.strerror or str(exc)).lower()


def _make_server_url(options: ServeOptions, port: int) -> str:
    host = options.host.strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"
