"""A video without captions, and one whose captions could not be fetched, are two things in every report."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ingest.conftest import Add
from tests.resolve.conftest import Site
from vidindex.resolve import VideoResolver
from vidindex.store.base import Store

PEERTUBE = "https://peertube.cpy.re/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d"
API = "https://peertube.cpy.re/api/v1/videos/9c9de5e8-0a1e-484a-b099-e80766180a6d"


def put_clip(site: Site, captions: str | bytes | None, content_type: str = "text/vtt") -> str:
    """Serve an article with a clip whose track is *captions*; None for a clip without a track."""
    site.put("/clip.mp4", bytes(100), "video/mp4")
    track = "" if captions is None else '<track src="/clip.vtt" srclang="en" kind="captions">'
    if captions is not None:
        site.put("/clip.vtt", captions, content_type)
    return site.put("/article", f"<title>Knots</title><h2>A clip</h2><video src='/clip.mp4'>{track}</video>")


def test_a_clip_that_states_no_captions_has_none(add: Add, site: Site, store: Store) -> None:
    report = add(put_clip(site, None))
    assert (len(report.without_captions), report.failures) == (1, ())
    assert [task.reason for task in store.queue.list_tasks("done")] == ["", ""]


@pytest.mark.parametrize(
    ("captions", "content_type"),
    [
        ("<!doctype html><html><body><h1>Please sign in</h1><p>to read captions</p></body></html>", "text/html"),
        ("<!doctype html><html><body>Nothing here</body></html>", "text/vtt"),
        ('{"error": "no such track"}', "application/json"),
        ("", "text/vtt"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "image/png"),
    ],
)
def test_what_a_site_answers_in_place_of_captions_is_a_failure_of_theirs(
    add: Add, site: Site, store: Store, captions: str | bytes, content_type: str
) -> None:
    report = add(put_clip(site, captions, content_type))
    (failure,) = report.failures
    assert "clip" in failure.target
    assert failure.reason
    assert store.collect_stats().words == 0
    (state,) = store.list_embeds()
    assert (state.state, bool(state.video)) == ("done", True)
    (task,) = [task for task in store.queue.list_tasks() if task.kind == "embed"]
    assert task.reason == failure.reason


def test_a_list_of_captions_that_could_not_be_had_is_told(
    add: Add, internet: Any, offline: VideoResolver, store: Store
) -> None:
    internet.put(
        API + "/",
        {
            "name": "Knots",
            "publishedAt": "2018-10-01T10:50:46.396Z",
            "files": [{"fileUrl": "https://peertube.cpy.re/f.mp4", "resolution": {"label": "480p"}}],
            "account": {"displayName": "rope"},
            "channel": {"displayName": "Rope school"},
        },
    )
    internet.put(API + "/captions", 503)
    report = add(PEERTUBE, resolver=offline)
    (failure,) = report.failures
    assert "aption" in failure.reason
    (task,) = store.queue.list_tasks()
    assert (task.state, bool(task.video)) == ("later", True)

    nothing_there: tuple[object, ...] = ({"data": []}, 404)
    for answer in nothing_there:
        internet.put(API + "/captions", answer)
        report = add(PEERTUBE, resolver=offline)
        assert (report.failures, len(report.without_captions)) == ((), 1)
