"""Articles on a loopback server, and a function that adds them while yt-dlp gets recorded responses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import HANG_S
from tests.resolve.conftest import Internet, Site, _connected, internet, offline, site  # noqa: F401 - fixtures
from vidindex import AddReport
from vidindex.ingest import AddCallbacks, AddOptions, Network, TargetAdder
from vidindex.ingest.wayback_urls import WaybackUrls
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.store import open_store
from vidindex.store.base import Store

Add = Callable[..., AddReport]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = open_store(tmp_path / "index", create=True)
    yield made
    made.close()


@pytest.fixture
def add(store: Store, site: Site) -> Add:  # noqa: F811 - the fixture
    """A function that adds a target, with the web archive at `site`; *resolver* has recorded responses."""

    def add_target(target: str | Path, *, wayback: bool = False, resolver: VideoResolver | None = None) -> AddReport:
        options = AddOptions(
            resolve=ResolveOptions(retries=0, timeout_s=HANG_S),
            wayback=wayback,
            archive=WaybackUrls(site.url("/available"), site.url("/web")),
        )
        network = Network.from_options(options.resolve, archive=options.archive, resolver=resolver)
        adder = TargetAdder(store, options=options, callbacks=AddCallbacks(), network=network)
        try:
            adder.add(target)
        finally:
            if resolver is None:
                adder.close()
        return adder.report_builder.build_report()

    return add_target
