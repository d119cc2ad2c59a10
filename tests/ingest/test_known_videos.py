"""An embed is linked to its video at once if the index has the video already."""

from __future__ import annotations

from pathlib import Path

import vidindex
from tests.ingest.conftest import Add
from tests.loopback import Site
from vidindex.model import Track, Video
from vidindex.store.base import Store
from vidindex.verify.claims import Claim
from vidindex.verify.scope import find_scope

LONG = "<p>" + "It was a long evening. " * 20 + "</p>"


def put_article(site: Site, clip: str) -> str:
    return site.put("/article", f"<article><h1>Knots</h1>{LONG}<video src='{clip}'></video></article>")


def put_video(store: Store, url: str) -> None:
    store.put_video(Video("generic:clip", url, "Clip"))
    transcript = vidindex.make_transcript([vidindex.Cue(0, 4000, "a reef knot is no bend at all")])
    store.put_track("generic:clip", Track("en", "manual"), b"x", transcript)


def test_an_embed_whose_video_is_in_the_index_is_linked_although_it_cannot_be_resolved(
    add: Add, site: Site, store: Store
) -> None:
    clip = site.url("/gone.mp4")
    put_video(store, clip)
    article = put_article(site, clip)
    report = add(article)
    assert report.failures
    assert [record.video for record in store.list_embeds(article=article)] == ["generic:clip"]

    add(article)  # it fails again
    assert [record.video for record in store.list_embeds(article=article)] == ["generic:clip"]


def test_a_claim_of_an_article_is_about_the_video_of_an_embed_that_was_not_resolved(
    add: Add, site: Site, store: Store
) -> None:
    clip = site.url("/gone.mp4")
    article = put_article(site, clip)
    add(article)
    assert find_scope(store, Claim("a reef knot", article=article), store.collect_stats).searched.cannot_tell

    put_video(store, clip)
    scope = find_scope(store, Claim("a reef knot", article=article), store.collect_stats)
    assert (scope.videos, scope.searched.complete) == (frozenset(["generic:clip"]), True)


def test_a_file_without_captions_is_not_stored_although_an_interrupted_run_began_to(
    add: Add, store: Store, tmp_path: Path
) -> None:
    broken = tmp_path / "talk.vtt"
    broken.write_bytes(bytes(range(256)))
    store.put_video(Video("file:talk", broken.as_uri(), "talk"))
    assert add(str(broken)).failures
    assert store.get_video("file:talk") is None
