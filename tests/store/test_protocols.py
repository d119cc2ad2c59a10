"""Every store implements the whole interface, and inherits its documentation."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from vidindex.store.base import Queue, Store, WorkerRun
from vidindex.store.sqlite.queue import SqliteQueue
from vidindex.store.sqlite.run_locks import SqliteRun
from vidindex.store.sqlite.store import SqliteStore

IMPLEMENTATIONS: list[tuple[type, type]] = [(SqliteStore, Store), (SqliteQueue, Queue), (SqliteRun, WorkerRun)]


def implementations() -> list[tuple[type, type]]:
    """Return each implementation with its protocol; those for a cluster only if its client is installed."""
    try:
        from vidindex.store.opensearch.queue import OpenSearchQueue, OpenSearchRun
        from vidindex.store.opensearch.store import OpenSearchStore
    except ImportError:
        return IMPLEMENTATIONS
    return [*IMPLEMENTATIONS, (OpenSearchStore, Store), (OpenSearchQueue, Queue), (OpenSearchRun, WorkerRun)]


def members(protocol: type) -> Iterator[str]:
    """Yield the public methods and properties of *protocol*."""
    return (name for name in vars(protocol) if not name.startswith("_"))


@pytest.mark.parametrize(("implementation", "protocol"), implementations())
def test_an_implementation_defines_every_member_of_its_protocol(implementation: type, protocol: type) -> None:
    assert protocol in implementation.__mro__
    inherited = [name for name in members(protocol) if getattr(implementation, name) is getattr(protocol, name)]
    assert inherited == []


@pytest.mark.parametrize(("implementation", "protocol"), implementations())
def test_an_implementation_inherits_the_docstrings_of_its_protocol(implementation: type, protocol: type) -> None:
    for name in members(protocol):
        assert inspect.getdoc(getattr(implementation, name)), name


@pytest.mark.parametrize(("implementation", "protocol"), implementations())
def test_an_implementation_takes_the_parameters_of_its_protocol(implementation: type, protocol: type) -> None:
    for name in members(protocol):
        declared = getattr(protocol, name)
        if inspect.isfunction(declared):
            assert list(inspect.signature(getattr(implementation, name)).parameters) == list(
                inspect.signature(declared).parameters
            ), name
