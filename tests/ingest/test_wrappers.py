"""Frames whose address does not say what plays in them are looked into, one level deep."""

from __future__ import annotations

import os
from pathlib import Path

from tests.ingest.conftest import Add
from tests.resolve.conftest import Internet, Site
from vidindex.resolve import VideoResolver
from vidindex.store.base import Store

YOUTUBE = '<iframe src="https://www.youtube.com/embed/{}"></iframe>'
ONE, TWO = "aB3dE6gH9jK", "bC4eF7hI0kL"
LONG = "<p>" + "It was a long evening. " * 20 + "</p>"


def taken(store: Store) -> list[tuple[str, str]]:
    return [(state.embed.id, state.embed.label) for state in store.list_embeds()]


def article(site: Site, players: str) -> str:
    return site.put("/jay.html", f"<article><h1>Jay</h1>{LONG}{players}</article>")


def test_the_video_in_a_frame_takes_its_place_and_label(
    add: Add, site: Site, store: Store, offline: VideoResolver
) -> None:
    site.put("/player/one", YOUTUBE.format(ONE))
    page = article(site, '<h3>JAY SPEAKS</h3><iframe src="/player/one"></iframe><h3>KAY</h3>' + YOUTUBE.format(TWO))
    add(page, resolver=offline)

    assert taken(store) == [(ONE, "JAY SPEAKS"), (TWO, "KAY")]


def test_a_video_that_is_wrapped_and_embedded_is_one(
    add: Add, site: Site, store: Store, offline: VideoResolver
) -> None:
    site.put("/player/one", YOUTUBE.format(ONE))
    add(article(site, '<iframe src="/player/one"></iframe>' + YOUTUBE.format(ONE)), resolver=offline)

    assert [id_ for id_, _ in taken(store)] == [ONE]


def test_a_wrapper_in_a_wrapper_is_not_opened(add: Add, site: Site, store: Store, offline: VideoResolver) -> None:
    site.put("/player/one", '<iframe src="/player/two"></iframe>')
    site.put("/player/two", '<iframe src="/player/one"></iframe>' + YOUTUBE.format(ONE))
    add(article(site, '<iframe src="/player/one"></iframe>'), resolver=offline)

    assert site.paths() == ["/jay.html", "/player/one"]
    assert [id_ for id_, _ in taken(store)] == [site.url("/player/two")]


def test_a_frame_that_fails_stops_no_other(add: Add, site: Site, store: Store, offline: VideoResolver) -> None:
    page = article(site, f'<iframe src="/player/none"></iframe>{YOUTUBE.format(ONE)}')
    add(page, resolver=offline)

    assert [id_ for id_, _ in taken(store)] == [site.url("/player/none"), ONE]


def test_a_page_of_the_web_sends_nobody_into_a_private_network(add: Add, site: Site, tmp_path: Path) -> None:
    """A saved page is not of the private network, whatever its frames name."""
    secret = site.put("/player/one", YOUTUBE.format(ONE))
    saved = tmp_path / "jay.html"
    saved.write_text(f'<article>{LONG}<iframe src="{secret}"></iframe></article>', encoding="utf-8")
    report = add(saved)

    assert site.asked == []
    assert [failure.target for failure in report.failures] == [secret]


def test_a_provider_that_only_wraps_and_fails_is_a_failure(
    add: Add, site: Site, store: Store, internet: Internet, offline: VideoResolver
) -> None:
    path = "/media/0123456789abcdef0123456789abcdef?postId=1"
    report = add(article(site, f'<iframe src="{path}"></iframe>'), resolver=offline)

    assert [(failure.target, failure.verdict) for failure in report.failures] == [(site.url(path), "gone")]
    assert [state.state for state in store.list_embeds()] == ["gone"]
    assert internet.asked == []


def test_a_wrapper_that_leads_on_to_the_video_itself_is_that(
    add: Add, site: Site, store: Store, offline: VideoResolver
) -> None:
    path = "/media/0123456789abcdef0123456789abcdef?postId=1"
    site.redirect(
        "/media/0123456789abcdef0123456789abcdef", site.url("/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d")
    )
    site.put("/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d", "<p>a player</p>")
    add(article(site, f'<h3>JAY SPEAKS</h3><iframe src="{path}"></iframe>'), resolver=offline)

    assert taken(store) == [("9c9de5e8-0a1e-484a-b099-e80766180a6d", "JAY SPEAKS")]


def test_a_frame_that_a_browser_saved_beside_the_page_is_what_it_was(
    add: Add, store: Store, tmp_path: Path, offline: VideoResolver
) -> None:
    (tmp_path / "jay_files").mkdir()
    (tmp_path / "jay_files" / f"{ONE}.html").write_text(
        f"<!DOCTYPE html>\n<!-- saved from url=(0041)https://www.youtube.com/embed/{ONE} --><p>player</p>", "utf-8"
    )
    frame = f'<iframe title="YouTube video player" allowfullscreen src="./jay_files/{ONE}.html"></iframe>'
    saved = tmp_path / "jay.html"
    saved.write_text(f"<article>{LONG}<h3>JAY SPEAKS</h3>{frame}</article>", "utf-8")
    add(saved, resolver=offline)

    assert taken(store) == [(ONE, "JAY SPEAKS")]


def test_a_saved_frame_outside_the_folder_is_not_read(
    add: Add, store: Store, tmp_path: Path, offline: VideoResolver
) -> None:
    (tmp_path / "secret.html").write_text(YOUTUBE.format(ONE), "utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "player.html").symlink_to(tmp_path / "secret.html")
    saved = tmp_path / "pages" / "jay.html"
    saved.write_text(f'<article>{LONG}<iframe src="player.html"></iframe></article>', "utf-8")
    add(saved, resolver=offline)

    assert [id_ for id_, _ in taken(store)] != [ONE]


def test_a_saved_frame_that_is_a_pipe_or_a_device_stops_nothing(
    add: Add, store: Store, tmp_path: Path, offline: VideoResolver
) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "zero.html").symlink_to("/dev/zero")
    saved = tmp_path / "jay.html"
    frames = "".join(f'<iframe src="{name}"></iframe>' for name in ("pipe.html", "zero.html", "missing.html"))
    saved.write_text(f"<article>{LONG}{frames}{YOUTUBE.format(ONE)}</article>", "utf-8")
    add(saved, resolver=offline)

    assert ONE in [id_ for id_, _ in taken(store)]
