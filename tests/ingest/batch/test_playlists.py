# ruff: noqa: F811 - fixtures of another folder are imported by their names
"""A playlist in a list: its videos become tasks of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.ingest.batch.conftest import options
from tests.resolve.conftest import _connected, internet, offline  # noqa: F401 - fixtures
from vidindex.ingest import Network
from vidindex.ingest.batch import BatchRunner, make_link_task
from vidindex.ingest.wayback_urls import WaybackUrls
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.store import open_store
from vidindex.store.base import Store

# By its name a media file, by its content a podcast: no page is asked for on the way.
FEED = "https://pod.example/feed.mp3"


def put_feed(internet: Any, *names: str) -> None:
    items = "".join(f"<item><title>t</title><enclosure url='https://pod.example/{name}.mp3'/></item>" for name in names)
    internet.put(FEED, f"<?xml version='1.0'?><rss><channel><title>Pod</title>{items}</channel></rss>")


def run(store: Store, offline: VideoResolver) -> None:
    asking = Network.from_options(ResolveOptions(), archive=WaybackUrls(), resolver=offline)
    BatchRunner(store, options=options(), on_event=lambda _: None, flush=lambda: False, network=asking).run()


def test_each_video_of_a_playlist_has_a_state_of_its_own(tmp_path: Path, internet: Any, offline: VideoResolver) -> None:
    put_feed(internet, "one", "two", "lost")
    for name in ("one", "two"):
        internet.put(f"https://pod.example/{name}.mp3", b"ID3" + bytes(200))
    internet.put("https://pod.example/lost.mp3", 404)
    store = open_store(tmp_path / "index")
    store.queue.add_tasks([make_link_task(FEED)])
    run(store, offline)
    states = {task.url.rpartition("/")[2]: (task.kind, task.state) for task in store.queue.list_tasks()}
    assert states == {
        "feed.mp3": ("link", "done"),
        "one.mp3": ("video", "done"),
        "two.mp3": ("video", "done"),
        "lost.mp3": ("video", "gone"),
    }
    (report,) = store.queue.report_links()
    assert (report.link, report.state, report.embeds, report.videos, report.failed) == (FEED, "done", 0, 2, 1)
    assert "404" in report.reason
    store.close()
