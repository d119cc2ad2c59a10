"""What a page claims never replaces what another site says: its article, or the captions of its media files."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.conftest import Add
from tests.loopback import Site, serving
from vidindex.resolve import VideoResolver
from vidindex.store.base import Store

LONG = "<p>" + "It was a long evening. " * 20 + "</p>"
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n{}\n"
ONE = "aB3dE6gH9jK"


def put_article(site: Site, path: str, title: str, head: str = "", body: str = "") -> str:
    return site.put(path, f"<html><head>{head}</head><article><h1>{title}</h1>{LONG}{body}</article></html>")


def titles(store: Store) -> dict[str, str]:
    return {article.url: article.title for article in store.list_articles()}


def saved_page(folder: Path, name: str, canonical: str, *, saved_from: str = "") -> Path:
    mark = f"<!-- saved from url=(0042){saved_from} -->" if saved_from else ""
    page = folder / name
    page.write_text(
        f'<!DOCTYPE html>\n{mark}<link rel="canonical" href="{canonical}"><h1>{name}</h1>{LONG}', encoding="utf-8"
    )
    return page


def test_an_article_of_another_site_stays(add: Add, site: Site, store: Store) -> None:
    genuine = put_article(site, "/jay", "Genuine")
    add(genuine)
    with serving() as other:
        forged = put_article(other, "/x", "Forged", f'<link rel="canonical" href="{genuine}">')
        report = add(forged)

    assert titles(store) == {genuine: "Genuine", forged: "Forged"}
    assert report.failures == ()


def test_a_redirect_to_another_site_leads_to_the_url_of_that_site(add: Add, site: Site, store: Store) -> None:
    """The canonical URL must be of the site that answered, not of the one that was asked."""
    genuine = put_article(site, "/jay", "Genuine")
    add(genuine)
    with serving() as other:
        forged = put_article(other, "/x", "Forged", f'<link rel="canonical" href="{genuine}">')
        add(site.redirect("/moved", forged))

    assert titles(store) == {genuine: "Genuine", forged: "Forged"}


def test_two_urls_of_a_site_with_one_canonical_url_are_one_article(add: Add, site: Site, store: Store) -> None:
    canonical = site.url("/jay")
    for path in ("/jay", "/amp/jay", "/jay?utm_source=x"):
        add(put_article(site, path, "Jay speaks", f'<link rel="canonical" href="{canonical}">'))

    assert titles(store) == {canonical: "Jay speaks"}


def test_a_saved_page_has_the_canonical_url_that_it_states(add: Add, store: Store, tmp_path: Path) -> None:
    add(saved_page(tmp_path, "jay.html", "https://daily.example.org/jay"))

    assert titles(store) == {"https://daily.example.org/jay": "jay.html"}


def test_a_saved_page_does_not_replace_an_article_from_the_web(
    add: Add, site: Site, store: Store, tmp_path: Path
) -> None:
    genuine = put_article(site, "/jay", "Genuine")
    add(genuine)
    forged = saved_page(tmp_path, "forged.html", genuine)
    report = add(forged)

    assert titles(store) == {genuine: "Genuine", forged.as_uri(): "forged.html"}
    assert report.failures == ()


def test_an_article_from_the_web_replaces_a_saved_page(add: Add, site: Site, store: Store, tmp_path: Path) -> None:
    genuine = put_article(site, "/jay", "Genuine")
    add(saved_page(tmp_path, "jay.html", genuine))
    add(genuine)

    assert titles(store) == {genuine: "Genuine"}


def test_a_saved_page_does_not_replace_another_file_that_still_exists(add: Add, store: Store, tmp_path: Path) -> None:
    first = saved_page(tmp_path, "first.html", "https://daily.example.org/jay")
    second = saved_page(tmp_path, "second.html", "https://daily.example.org/jay")
    for page in (first, second, first, second):
        add(page)

    assert titles(store) == {"https://daily.example.org/jay": "first.html", second.as_uri(): "second.html"}


def test_a_saved_page_that_was_moved_is_still_one_article(add: Add, store: Store, tmp_path: Path) -> None:
    page = saved_page(tmp_path, "jay.html", "https://daily.example.org/jay")
    add(page)
    add(page.rename(tmp_path / "moved.html"))

    assert titles(store) == {"https://daily.example.org/jay": "jay.html"}


def test_a_page_that_a_browser_saved_keeps_to_the_site_that_it_is_from(add: Add, store: Store, tmp_path: Path) -> None:
    canonical = "https://daily.example.org/jay"
    forged = saved_page(tmp_path, "forged.html", canonical, saved_from="https://other.example.net/x")
    add(forged)
    assert titles(store) == {forged.as_uri(): "forged.html"}

    add(saved_page(tmp_path, "jay.html", canonical, saved_from="https://www.example.org/jay?print=1"))
    archived = "https://web.archive.org/web/2009/https://daily.example.org/kay"
    add(saved_page(tmp_path, "kay.html", "https://daily.example.org/kay", saved_from=archived))
    assert titles(store) == {
        forged.as_uri(): "forged.html",
        canonical: "jay.html",
        "https://daily.example.org/kay": "kay.html",
    }


def test_the_canonical_url_of_a_frame_still_tells_which_video_it_plays(
    add: Add, site: Site, store: Store, offline: VideoResolver
) -> None:
    link = f'<link rel="canonical" href="https://www.youtube.com/watch?v={ONE}">'
    site.put("/player/one", f"<html><head>{link}</head><p>a player</p></html>")
    add(put_article(site, "/jay", "Jay", body='<iframe src="/player/one"></iframe>'), resolver=offline)

    assert [record.embed.id for record in store.list_embeds()] == [ONE]


def captioned(clip: str, captions: str) -> str:
    return f"<video src='{clip}'><track src='{captions}' srclang='en' kind='captions'></video>"


def spoken(store: Store) -> list[str]:
    return [store.read_transcript(id_).text for video in store.list_videos() for id_, _ in store.list_tracks(video.id)]


def test_a_page_does_not_replace_the_captions_of_another_site(add: Add, site: Site, store: Store) -> None:
    clip = site.put("/clip.mp4", bytes(100), "video/mp4")
    site.put("/en.vtt", VTT.format("genuine words"), "text/vtt")
    add(put_article(site, "/jay", "Jay", body=captioned(clip, "/en.vtt")))
    with serving() as other:
        other.put("/en.vtt", VTT.format("forged words"), "text/vtt")
        add(put_article(other, "/x", "Forged", body=captioned(clip, "/en.vtt")))

    assert spoken(store) == ["genuine words"]


def test_the_site_of_a_clip_replaces_captions_that_another_site_stated_first(
    add: Add, site: Site, store: Store
) -> None:
    clip = site.put("/clip.mp4", bytes(100), "video/mp4")
    site.put("/en.vtt", VTT.format("genuine words"), "text/vtt")
    with serving() as other:
        other.put("/en.vtt", VTT.format("forged words"), "text/vtt")
        add(put_article(other, "/x", "Forged", body=captioned(clip, "/en.vtt")))
    add(put_article(site, "/jay", "Jay", body=captioned(clip, "/en.vtt")))

    assert spoken(store) == ["genuine words"]


def test_the_first_article_with_captions_for_a_clip_of_a_third_site_counts(add: Add, site: Site, store: Store) -> None:
    with serving() as host, serving() as other:
        clip = host.put("/clip.mp4", bytes(100), "video/mp4")
        add(put_article(other, "/before", "Before", body=f"<video src='{clip}'></video>"))
        site.put("/en.vtt", VTT.format("genuine words"), "text/vtt")
        add(put_article(site, "/jay", "Jay", body=captioned(clip, "/en.vtt")))
        other.put("/en.vtt", VTT.format("forged words"), "text/vtt")
        add(put_article(other, "/x", "Forged", body=captioned(clip, "/en.vtt")))
        assert spoken(store) == ["genuine words"]

        site.put("/en.vtt", VTT.format("corrected words"), "text/vtt")
        add(put_article(site, "/kay", "Kay", body=captioned(clip, "/en.vtt")))

    assert spoken(store) == ["corrected words"]
