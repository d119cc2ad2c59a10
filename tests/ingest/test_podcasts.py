"""Podcast feeds: episodes are added with their own transcripts before anything is heard; list items are the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.ingest.conftest import Add
from tests.resolve.conftest import Site
from vidindex import ResolveOptions, read_list
from vidindex.ingest.lists.episodes import parse_duration_ms
from vidindex.ingest.speech_track import PlaybackSource
from vidindex.ingest.videos import VideoStorer
from vidindex.store.base import Store

VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Mayor>We never meant to close the bridge.\n"
SRT = "1\n00:00:01,000 --> 00:00:04,000\nWe never meant to close the ferry.\n"
JSON = json.dumps(
    {
        "version": "1.0.0",
        "segments": [{"speaker": "Mayor", "startTime": 1, "endTime": 4, "body": "We like the tunnel."}],
    }
)
NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
ITEMS = {
    "buzzsprout": """<item><itunes:title>The mayor speaks</itunes:title><title>The mayor speaks</title>
      <enclosure url="{host}/1234/episodes/7891011-the-mayor-speaks.mp3" length="123" type="audio/mpeg" />
      <guid isPermaLink="false">Buzzsprout-7891011</guid><pubDate>Tue, 02 Mar 2021 06:00:00 -0500</pubDate>
      <podcast:transcript url="{host}/1234/7891011/transcript" type="text/html" />
      <podcast:transcript url="{host}/1234/7891011/transcript.json" type="application/json" />
      <podcast:transcript url="{host}/1234/7891011/transcript.srt" type="application/srt" />
      <podcast:transcript url="{host}/1234/7891011/transcript.vtt" type="text/vtt" />
      <itunes:duration>1834</itunes:duration></item>""",
    "transistor": """<item><title>The mayor speaks</title><link>https://share.transistor.fm/s/1fb2bb0e</link>
      <itunes:duration>00:30:34</itunes:duration><pubDate>Tue, 02 Mar 2021 06:00:00 -0500</pubDate>
      <enclosure url="{host}/1fb2bb0e/6f4ef9d3.mp3" length="123" type="audio/mpeg"/>
      <podcast:transcript url="{host}/1fb2bb0e/transcript.vtt" type="text/vtt" rel="captions"/>
      <podcast:transcript url="{host}/1fb2bb0e/transcript.txt" type="text/plain"/></item>""",
    "simplecast": """<item><title><![CDATA[The mayor speaks]]></title><author>radio@example.org (Late Radio)</author>
      <enclosure length="123" type="audio/mpeg" url="{host}/audio/episodes/1/default.mp3?aid=rss_feed&amp;feed=abc"/>
      <itunes:title>The mayor speaks</itunes:title><itunes:duration>00:30:34</itunes:duration>
      <pubDate>Tue, 2 Mar 2021 11:00:00 +0000</pubDate>
      <podcast:transcript url="{host}/simplecast/transcript.srt" type="application/x-subrip" language="en"/></item>""",
    "captivate": """<item><title>The mayor speaks</title><itunes:title>The mayor speaks</itunes:title>
      <enclosure length="123" type="audio/mpeg" url="{host}/media/042.mp3"/><itunes:duration>30:34</itunes:duration>
      <pubDate>Tue, 02 Mar 2021 06:00:00 GMT</pubDate><podcast:transcript url="{host}/captivate/one.json"
      type="application/json" /></item>""",
    "podbean without namespaces": """<item><title>The mayor speaks</title><link>https://late.podbean.com/e/mayor/</link>
      <pubDate>Tue, 02 Mar 2021 06:00:00 -0500</pubDate><itunes:duration>1834</itunes:duration>
      <enclosure url="{host}/mf/web/042.m4a" length="1" type="audio/x-m4a"/>
      <podcast:transcript type="text/vtt" url="/podbean.vtt"/></item>""",
}


def feed_of(*items: str, host: str, channel: str = "Late Radio", namespaces: str = NAMESPACES) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {namespaces}><channel><title>{channel}</title>'
        f"<language>en-us</language><itunes:author>Somebody</itunes:author>"
        f"{''.join(items).replace('{host}', host)}</channel></rss>"
    )


def put_transcripts(site: Site) -> None:
    for name, body in (("vtt", VTT), ("srt", SRT), ("json", JSON)):
        for path in (
            "/1234/7891011/transcript",
            "/1fb2bb0e/transcript",
            "/simplecast/transcript",
            "/captivate/one",
            "/podbean",
        ):
            site.put(f"{path}.{name}", body, "text/plain")


@pytest.mark.parametrize("host", ITEMS, ids=list(ITEMS))
def test_an_episode_is_added_with_its_transcript_and_is_not_heard(
    host: str, add: Add, site: Site, store: Store
) -> None:
    put_transcripts(site)
    namespaces = "" if "without" in host else NAMESPACES
    feed = site.put("/feed", feed_of(ITEMS[host], host=site.base, namespaces=namespaces), "application/rss+xml")
    report = add(feed)
    (video,) = store.list_videos()
    ((_, track),) = store.list_tracks(video.id)

    assert (report.failures, report.without_captions) == ((), ())
    assert (video.title, video.channel, video.date, video.duration_ms, video.medium, video.kind) == (
        "The mayor speaks", "Late Radio", "2021-03-02", 1_834_000, "audio", "podcast",
    )  # fmt: skip
    assert (track.language[:2], track.origin) == ("en", "manual")
    assert not [path for path in site.paths() if path.endswith(("mp3", "m4a"))]


def test_the_best_transcript_of_an_episode_is_taken(add: Add, site: Site, store: Store) -> None:
    """JSON has the times of words most often; the others are not requested."""
    put_transcripts(site)
    add(site.put("/feed", feed_of(ITEMS["buzzsprout"], host=site.base), "text/xml"))

    assert [path for path in site.paths() if "transcript" in path] == ["/1234/7891011/transcript.json"]
    (video,) = store.list_videos()
    ((id_, _),) = store.list_tracks(video.id)
    assert "tunnel" in store.read_transcript(id_).text


TRANSCRIPTS = (
    '<podcast:transcript url="{host}/one.vtt" type="text/vtt"/><podcast:transcript url="{host}/one.srt" '
    'type="application/srt"/><podcast:transcript url="{host}/one" type="text/html"/>'
    '<podcast:transcript url="{host}/one.txt" type="text/plain"/></item>'
)
EPISODE = ITEMS["captivate"].partition("<podcast:")[0] + TRANSCRIPTS
HTML = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>A transcript</title></head><body><h1>Episode 42</h1>"
    "<cite>Kevin:</cite>\n<time>0:01</time>\n<p>I read <cite>The Ferry</cite>\n every day.</p>"
    "<cite>Alban :</cite><time>1:02:03</time><p>We never meant &amp; never tried to close it.</p></body></html>"
)


def add_transcripts(add: Add, site: Site, store: Store, **bodies: str | None) -> tuple[vidindex.AddReport, list[str]]:
    """Add an episode whose transcripts are *bodies*, None for one that is missing; also return what can be read."""
    for name, body in bodies.items():
        if body is not None:
            site.put("/one" if name == "html" else f"/one.{name}", body, "text/plain")
    report = add(site.put("/feed", feed_of(EPISODE, host=site.base), "application/rss+xml"))
    (video,) = store.list_videos()
    return report, [store.read_transcript(number).text for number, _ in store.list_tracks(video.id)]


@pytest.mark.parametrize(
    "vtt", [None, "<!DOCTYPE html><html>log in</html>", "WEBVTT\n", "WEBVTT\n\nx --> y\nz"],
    ids=["missing", "a page", "empty", "damaged"],
)  # fmt: skip
def test_a_transcript_that_cannot_be_read_leads_to_the_next(
    vtt: str | None, add: Add, site: Site, store: Store
) -> None:
    report, texts = add_transcripts(add, site, store, vtt=vtt, srt=SRT)

    assert (report.failures, texts) == ((), ["We never meant to close the ferry."])


def test_a_transcript_in_html_has_the_times_and_names_of_its_elements(add: Add, site: Site, store: Store) -> None:
    _, texts = add_transcripts(add, site, store, html=HTML)
    (video,) = store.list_videos()
    ((number, track),) = store.list_tracks(video.id)
    read = store.read_transcript(number)

    assert texts == ["I read The Ferry every day. We never meant & never tried to close it."]
    assert (track.format, read.starts_ms[0], read.starts_ms[6]) == ("html", 1000, 3_723_000)
    assert read.speakers == ((0, "Kevin"), (6, "Alban"))


def test_a_text_without_times_is_no_transcript(add: Add, site: Site, store: Store) -> None:
    report, texts = add_transcripts(
        add, site, store, html="<p>We never meant to close it.</p>", txt="We never meant to close it."
    )
    assert texts == []
    assert [failure.target.partition(" ")[2] for failure in report.failures] == ["(en-US, manual)"] * 2  # VTT and SRT
    assert len(report.without_captions) == 0  # nobody knows what those are


def test_a_text_with_times_is_a_transcript(add: Add, site: Site, store: Store) -> None:
    _, texts = add_transcripts(add, site, store, txt="[00:12:30] Kevin: We never meant it.\n[00:12:40] Nor to try.\n")
    assert texts == ["We never meant it. Nor to try."]


def test_an_episode_whose_transcripts_cannot_be_read_is_heard(
    add: Add, site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failures stay in the report."""
    heard: list[str] = []

    def hear(_storer: object, video: vidindex.Video, playback: PlaybackSource) -> None:
        heard.append(playback.url)

    monkeypatch.setattr(VideoStorer, "store_speech_track", hear)
    report, _ = add_transcripts(add, site, store, html="<p>We never meant to close it.</p>")
    assert heard == [site.url("/media/042.mp3")]
    assert len(report.failures) == 3

    add_transcripts(add, site, store, srt=SRT)
    add_transcripts(add, site, store, srt=None)
    assert len(heard) == 1


def test_an_episode_has_the_chapters_of_its_feed(add: Add, site: Site, store: Store) -> None:
    chapters = (
        '<psc:chapters version="1.2"><psc:chapter start="0" title="Hello"/><psc:chapter start="00:12:30.5" '
        'title="The &lt;b&gt;bridge"/><psc:chapter start="soon" title="x"/></psc:chapters></item>'
    )
    put_transcripts(site)
    namespaces = f'{NAMESPACES} xmlns:psc="http://podlove.org/simple-chapters"'
    item = ITEMS["captivate"].replace("</item>", chapters)
    add(site.put("/feed", feed_of(item, host=site.base, namespaces=namespaces), "application/rss+xml"))
    (video,) = store.list_videos()

    assert [(chapter.start_ms, chapter.title) for chapter in video.chapters] == [(0, "Hello"), (750_500, "The bridge")]


def test_an_episode_without_a_transcript_keeps_what_its_feed_says(
    add: Add, site: Site, store: Store, internet: Any, offline: Any
) -> None:
    item = ITEMS["captivate"].partition("<podcast:")[0] + "</item>"
    internet.put(site.url("/media/042.mp3"), b"ID3" + bytes(200))
    add(site.put("/feed", feed_of(item, host=site.base), "application/rss+xml"), resolver=offline)
    (video,) = store.list_videos()

    assert (video.title, video.channel, video.duration_ms) == ("The mayor speaks", "Late Radio", 1_834_000)


def test_a_json_feed_has_episodes(add: Add, site: Site, store: Store, internet: Any, offline: Any) -> None:
    attachment = {"url": site.url("/042.mp3"), "mime_type": "audio/mpeg", "duration_in_seconds": 1834}
    item = {"id": "1", "url": site.url("/page"), "title": "The mayor speaks", "attachments": [attachment]}
    data = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Late Radio", "items": [item]})
    internet.put(site.url("/042.mp3"), b"ID3" + bytes(200))
    feed = site.put("/feed.json", data, "application/feed+json")
    add(feed, resolver=offline)

    (video,) = store.list_videos()
    assert (video.title, video.channel, video.duration_ms) == ("The mayor speaks", "Late Radio", 1_834_000)
    assert [(entry.url, entry.feed) for entry in read_list(feed)] == [(site.url("/042.mp3"), feed)]


@pytest.mark.parametrize("name", ["feed", "feed.xml", "feed.rss", "feed.atom", "feed.txt", "feed.json"])
def test_a_feed_in_a_file_is_known_by_its_content(name: str, site: Site, tmp_path: Path) -> None:
    put_transcripts(site)
    path = tmp_path / name
    if name.endswith(".json"):
        attachment = {"url": site.url("/042.mp3"), "mime_type": "audio/mpeg"}
        feed = {"title": "Late", "items": [{"id": "1", "attachments": [attachment]}]}
        path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", **feed}), encoding="utf-8")
        site.put("/042.mp3", b"ID3" + bytes(200), "audio/mpeg")
    else:
        path.write_text(feed_of(ITEMS["captivate"], host=site.base), encoding="utf-8-sig")
    options = ResolveOptions(retries=0, allow_hosts=(site.base.partition("//")[2],))
    with vidindex.open(tmp_path / "index") as index:
        report = index.add(path, resolve=options)

        assert report.failures == ()
        assert [video.medium for video in index.videos()] == ["audio"]
        assert bool(index.search("we like the tunnel")) == (not name.endswith(".json"))


@pytest.mark.parametrize(
    "start",
    ['<?xml version="1.0"?>\n<!-- made by hand -->\n<rss version="2.0"><channel>', "<urlset>", "<opml version='2.0'>"],
    ids=["blog", "sitemap", "opml"],
)
def test_a_list_in_a_file_that_has_no_episodes_leads_to_batch(start: str, add: Add, tmp_path: Path) -> None:
    path = tmp_path / "list.xml"
    path.write_text(f"{start}<item><title>A</title><link>https://blog.example/a</link></item>", encoding="utf-8")
    (failure,) = add(path).failures

    assert f"run `vidindex batch {path}`" in failure.reason


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/octet-stream"])
def test_a_feed_of_the_web_is_known_by_its_content(content_type: str, add: Add, site: Site, store: Store) -> None:
    put_transcripts(site)
    assert add(site.put("/feed.xml", feed_of(ITEMS["captivate"], host=site.base), content_type)).failures == ()
    (video,) = store.list_videos()

    assert (video.title, len(store.list_tracks(video.id))) == ("The mayor speaks", 1)


def test_the_feed_of_an_article_is_not_followed(add: Add, site: Site, store: Store) -> None:
    site.put("/feed", feed_of(ITEMS["captivate"], host=site.base), "application/rss+xml")
    text = "<p>" + "It was a long evening, and nobody went home. " * 10 + "</p>"
    links = '<link rel="alternate" type="application/rss+xml" href="/feed"><a href="/feed">Our podcast</a>'
    add(site.put("/story", f"<article><h1>Story</h1>{text}{links}</article>"))

    assert (list(store.list_videos()), "/feed" in site.paths()) == ([], False)


def test_the_entries_of_a_podcast_are_its_files_and_those_of_a_blog_its_pages(site: Site, tmp_path: Path) -> None:
    feed = site.put("/feed", feed_of(ITEMS["transistor"], host=site.base), "application/rss+xml")
    blog = tmp_path / "blog.xml"
    item = (
        '<item><title>A</title><link>https://blog.example/a</link><enclosure url="https://blog.example/a.mp3"/></item>'
    )
    blog.write_text(f'<rss version="2.0"><channel><title>Blog</title>{item}</channel></rss>', encoding="utf-8")

    assert [(entry.url, entry.title, entry.date) for entry in read_list(feed)] == [
        (site.url("/1fb2bb0e/6f4ef9d3.mp3"), "The mayor speaks", "2021-03-02")
    ]
    assert [entry.url for entry in read_list(blog)] == ["https://blog.example/a"]


def test_a_batch_takes_the_transcripts_of_a_listed_feed(site: Site, tmp_path: Path) -> None:
    put_transcripts(site)
    feed = site.put("/feed", feed_of(ITEMS["buzzsprout"], host=site.base), "application/rss+xml")
    entries = list(read_list(feed))
    with vidindex.open(tmp_path / "index") as index:
        report = index.batch(*(entry.url for entry in entries), feeds={entry.url: entry.feed for entry in entries})
        (hit, *_) = index.search("we like the tunnel")

        assert report.new == 1
        assert (hit.speaker, hit.video.medium, hit.start_ms // 1000) == ("Mayor", "audio", 1)


def test_a_feed_of_the_web_names_no_private_addresses(add: Add, site: Site, store: Store) -> None:
    """The feed itself is given, so that its own host may be private; another host may not."""
    other = ITEMS["captivate"].replace("{host}", "http://127.0.0.2:1")
    report = add(site.put("/feed", feed_of(other, host=site.base), "application/rss+xml"))

    assert list(store.list_videos()) == []
    assert report.failures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1834", 1_834_000),
        ("30:34", 1_834_000),
        ("0:30:34", 1_834_000),
        ("", 0),
        ("soon", 0),
        ("1:2:3:4", 0),
        ("9" * 40, 0),
    ],
    ids=["seconds", "minutes", "hours", "empty", "word", "too many", "too long"],
)
def test_a_duration_is_read_in_each_form(text: str, expected: int) -> None:
    assert parse_duration_ms(text) == expected


def test_the_page_of_a_player_leads_to_the_file_and_its_transcript(add: Add, site: Site, store: Store) -> None:
    """The player is on the host of its provider, which a rule of the test's own server stands for."""
    from vidindex.ingest.audio_player import find_played_file
    from vidindex.model import Embed

    player = Embed("https://share.transistor.fm/s/1fb2bb0e", "transistor", "1fb2bb0e", "No questions", medium="audio")
    page = (
        '<script>window.episode = {"media_url": "https:\\/\\/media.transistor.fm\\/1fb2bb0e\\/6f4ef9d3.mp3?src=player",'
        '"transcript": "https:\\/\\/share.transistor.fm\\/s\\/1fb2bb0e\\/transcript.vtt"}</script>'
    )
    (found,) = find_played_file(player, [], page.encode(), player.url)

    assert (found.url, found.label) == ("https://media.transistor.fm/1fb2bb0e/6f4ef9d3.mp3?src=player", "No questions")
    assert [link.url for link in found.captions] == ["https://share.transistor.fm/s/1fb2bb0e/transcript.vtt"]
    several = page + '"https://media.transistor.fm/2fb2bb0e/7f4ef9d3.mp3"'
    assert find_played_file(player, [], several.encode(), player.url) == []
