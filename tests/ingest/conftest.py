"""An article on a loopback server, and what is added of it where yt-dlp gets recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.resolve.conftest import Internet, Site, _connected, internet, offline, site  # noqa: F401 - fixtures
from vidindex import AddReport
from vidindex.ingest import AddOptions, TargetAdder
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
    """Add a target, the web archive being at `site`; *resolver* where yt-dlp's answers are recorded."""

    def add_target(target: str | Path, *, wayback: bool = False, resolver: VideoResolver | None = None) -> AddReport:
        options = AddOptions(
            resolve=ResolveOptions(retries=0, timeout_s=5),
            wayback=wayback,
            archive=WaybackUrls(site.url("/available"), site.url("/web")),
        )
        adder = TargetAdder(store, options=options, notify=lambda _: None, on_stored=lambda: None, resolver=resolver)
        try:
            adder.add(target)
        finally:
            if resolver is None:
                adder.close()
        return adder.report_builder.build_report()

    return add_target
