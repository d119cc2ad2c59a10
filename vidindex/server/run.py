"""A server of an index: its socket, its processes, its end."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn

from ..errors import ListenError
from .app import make_app
from .prefork import WorkerPool, receive_sockets
from .security import LOOPBACK_HOSTS

_MAX_HEADER_BYTES = 131_072
"""Of a request's first line and headers: a query of ten thousand characters is written in so many."""

_MAX_CONNECTIONS = 1_000
_SHUTDOWN_GRACE_S = 3  # for answers that are under way when the server is stopped
_EXIT_GRACE_S = 2  # for all else that ends with a process


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where to listen, and as what; *names* are those that a proxy before the server goes by."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    host_names: Sequence[str] = field(default=())

    @property
    def is_loopback(self) -> bool:
        """Check whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


def serve_index(path: Path | str, *, options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    """Serve the index at *path* until the process is told to stop; *tell* is given the address.

    Raises `ListenError`, `WorkerError`.
    """
    with _bind_socket(options) as listening:
        config = partial(_make_config, path, options)
        address = _make_server_url(options, listening.getsockname()[1])
        if options.workers == 1:
            on_ready(address)
            uvicorn.Server(config()).run(sockets=[listening])
            return
        work = partial(_run_worker, config)
        with WorkerPool(
            work, listener=listening, count=options.workers, grace_s=_SHUTDOWN_GRACE_S + _EXIT_GRACE_S
        ) as workers:
            on_ready(address)
            workers.run()


class _ServerWorker(uvicorn.Server):
    """A server on the connections that another process has taken."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Make ready, then take connections."""
        await super().startup(sockets=[])
        asyncio.get_running_loop().add_reader(self._channel, self._accept_sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, and end what was begun."""
        asyncio.get_running_loop().remove_reader(self._channel)
        await super().shutdown(sockets)

    def _accept_sockets(self) -> None:
        loop = asyncio.get_running_loop()
        taken = receive_sockets(self._channel)
        if not taken:
            loop.remove_reader(self._channel)
        for each in taken:
            beginning = loop.create_task(self._start_connection(each))
            self.server_state.tasks.add(beginning)
            beginning.add_done_callback(self.server_state.tasks.discard)

    async def _start_connection(self, taken: socket.socket) -> None:
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        protocol = partial(make, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        with suppress(OSError):  # the other side may have gone meanwhile
            taken.setblocking(False)
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().connect_accepted_socket(protocol, taken)


def _run_worker(config: Callable[[], uvicorn.Config], channel: socket.socket) -> None:
    _ServerWorker(config(), channel).run()


def _make_config(path: Path | str, options: ServeOptions) -> uvicorn.Config:
    hosts = (*LOOPBACK_HOSTS, options.host, socket.gethostname(), *options.host_names)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    return uvicorn.Config(
        partial(make_app, path, hosts=hosts),
        factory=True,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        limit_concurrency=_MAX_CONNECTIONS,
        h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
        http="h11",
        timeout_graceful_shutdown=_SHUTDOWN_GRACE_S,
    )


def _bind_socket(options: ServeOptions) -> socket.socket:
    host = options.host.strip("[]")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, options.port, type=socket.SOCK_STREAM)[0]
        # The protocol is named, for asyncio turns off the gathering of small parts, 40 ms an answer, only where it is.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as exc:
        raise ListenError(options.host, options.port, "there is no such address; choose another with --host") from exc
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(2048)
    except OSError as exc:
        found.close()
        raise ListenError(options.host, options.port, _explain_bind_error(exc)) from exc
    return found


def _explain_bind_error(exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return "another program has it; choose another with --port, or 0 for any that is free"
    if exc.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address; choose another with --host"
    if exc.errno == errno.EACCES:
        return "it is not allowed; choose one from 1024 on with --port"
    return (exc.strerror or str(exc)).lower()


def _make_server_url(options: ServeOptions, port: int) -> str:
    host = options.host.strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"
