"""Players of podcasts and radio are embeds of the medium `audio`; audio that belongs to the page alone is none."""

from __future__ import annotations

import json

import pytest

from vidindex.ingest.page_reader import select_embeds
from vidindex.model import Embed
from vidindex.pages.embeds import find_embeds
from vidindex.pages.providers import is_audio_file, media_file_id, recognize_url, strip_audio_prefix

PAGE = "https://news.example.org/2021/03/mayor.html"
EPISODE = "1f2e3d4c-5b6a-4789-8abc-def012345678"
SPOTIFY = "4YgbeKUzXdBNmTEP9vZ2WB"
FILE = "https://cdn.example.org/shows/late/042-the-mayor.mp3"


def audio_of(html: str) -> list[Embed]:
    embeds = find_embeds(f"<html><body><article><h1>The mayor speaks</h1>{html}</article></body></html>", PAGE)
    return [embed for embed in embeds if embed.medium == "audio"]


def frame(url: str) -> str:
    return f'<iframe src="{url}" width="100%" height="180" frameborder="0"></iframe>'


PLAYERS = {
    "soundcloud": frame(
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/123456789&amp;color=%23ff5500"
    ),
    "soundcloud permalink": frame("https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Flate%2Fmayor"),
    "spotify": frame(f"https://open.spotify.com/embed-podcast/episode/{SPOTIFY}"),
    "apple": frame("https://embed.podcasts.apple.com/us/podcast/late-radio/id123456789?i=1000456789012"),
    "megaphone": frame("https://playlist.megaphone.fm/?e=GLT1234567890&amp;light=true"),
    "simplecast": frame(f"https://player.simplecast.com/{EPISODE}?dark=false"),
    "libsyn": frame("//html5-player.libsyn.com/embed/episode/id/12345678/height/90/theme/custom/"),
    "buzzsprout": '<div id="b-1"></div><script src="https://www.buzzsprout.com/1234/episodes/7891011-mayor.js?'
    'container_id=b-1&amp;player=small" type="text/javascript"></script>',
    "audioboom": frame("https://embeds.audioboom.com/posts/7891011/embed/v4"),
    "acast": frame("https://embed.acast.com/late-radio/the-mayor-speaks"),
    "npr": frame("https://www.npr.org/player/embed/533198237/533198238"),
    "bbc": frame("https://www.bbc.co.uk/sounds/play/p0abc123"),
    "transistor": frame("https://share.transistor.fm/e/1fb2bb0e"),
    "captivate": frame(f"https://player.captivate.fm/episode/{EPISODE}"),
    "podbean": frame("https://www.podbean.com/player-v2/?i=abc12-d34567-pb&amp;square=1"),
    "spreaker": '<a class="spreaker-player" href="https://www.spreaker.com/episode/the-mayor--12345678"'
    ' data-resource="episode_id=12345678">Listen</a>',
    "omny": frame("https://omny.fm/shows/late-radio/the-mayor-speaks/embed"),
    "art19": frame(f"https://art19.com/shows/late-radio/episodes/{EPISODE}/embed"),
    "ausha": frame("https://player.ausha.co/index.html?podcastId=yAbCd3EfGh1I&amp;v=3"),
    "mixcloud": frame("https://www.mixcloud.com/widget/iframe/?hide_cover=1&amp;feed=%2Flate-radio%2Fmayor%2F"),
    "anchor": frame("https://anchor.fm/late-radio/embed/episodes/The-mayor-e1abcd2"),
    "amp": '<amp-soundcloud height="300" data-trackid="123456789"></amp-soundcloud>',
    "audio": f'<audio controls src="{FILE}"></audio>',
    "audio without controls": f'<div class="player"><audio preload="none"><source src="{FILE}"></audio></div>',
    "lazy audio": f'<noscript><audio controls><source src="{FILE}" type="audio/mpeg"></audio></noscript>',
    "attribute": f'<div class="podcast-player" data-src="{FILE}"></div>',
    "JSON in an attribute": f"<div data-audio='{json.dumps({'uid': '1', 'audioUrl': FILE})}'></div>",
    "flash": f'<object data="/player.swf"><param name="FlashVars" value="playerID=1&amp;soundFile={FILE}"></object>',
}


@pytest.mark.parametrize("markup", PLAYERS.values(), ids=PLAYERS.keys())
def test_a_player_is_one_embed_of_audio(markup: str) -> None:
    (embed,) = audio_of(f"<h2>She took no questions</h2>{markup}")

    assert embed.kind == "embed"


@pytest.mark.parametrize(
    "markup",
    [
        frame(f"https://open.spotify.com/embed/album/{SPOTIFY}"),
        frame(f"https://open.spotify.com/embed/track/{SPOTIFY}?utm_source=generator"),
        frame(f"https://embed.spotify.com/?uri=spotify%3Aplaylist%3A{SPOTIFY}"),
        frame("https://widget.deezer.com/widget/dark/album/12345678"),
        frame("https://bandcamp.com/EmbeddedPlayer/album=1234567890/size=large/tracklist=false/"),
        frame("https://8tracks.com/mixes/1234567/player_v3_universal"),
        frame("https://embed.music.apple.com/us/album/night-songs/1554604834"),
    ],
    ids=["album", "track", "playlist", "deezer", "bandcamp", "8tracks", "apple music"],
)
def test_a_player_of_music_is_known_as_such(markup: str) -> None:
    (embed,) = audio_of(markup)
    recognized = recognize_url(embed.url)

    assert recognized is not None
    assert recognized.is_music


def test_a_player_and_its_file_are_one_embed() -> None:
    """Hosts name the episode in both, or the file is on the host of the player."""
    pairs = [
        (PLAYERS["megaphone"], "https://traffic.megaphone.fm/GLT1234567890.mp3?updated=1"),
        (PLAYERS["megaphone"], "https://chtbl.com/track/1A/pdst.fm/e/traffic.megaphone.fm/GLT1234567890.mp3"),
        (PLAYERS["buzzsprout"], "https://www.buzzsprout.com/1234/7891011-mayor.mp3"),
        (PLAYERS["transistor"], "https://media.transistor.fm/1fb2bb0e/6f4ef9d3.mp3"),
        (PLAYERS["libsyn"], "https://traffic.libsyn.com/secure/late/042.mp3?dest-id=1"),
        (PLAYERS["podbean"], "https://mcdn.podbean.com/mf/web/abc/042.mp3"),
        (PLAYERS["simplecast"], f"https://injector.simplecastaudio.com/{EPISODE}/episodes/{EPISODE}/audio/128/a.mp3"),
    ]
    for player, file in pairs:
        markup = f'{player}<audio controls src="{file}"></audio><p><a href="{file}">Download</a></p>'
        assert len(audio_of(markup)) == 1, file


def test_two_files_and_a_player_of_another_episode_stay_apart() -> None:
    files = "".join(f'<audio controls src="https://traffic.libsyn.com/late/{name}.mp3"></audio>' for name in "ab")

    assert len(audio_of(files + PLAYERS["libsyn"])) == 3


def test_services_that_count_listeners_do_not_make_another_file() -> None:
    direct = "https://cdn.example.org/late/042.mp3"
    for prefix in (
        "https://dts.podtrac.com/redirect.mp3/",
        "https://op3.dev/e/https://",
        "https://chrt.fm/track/1/x.co/e/",
    ):
        wrapped = prefix + direct.removeprefix("https://")
        assert strip_audio_prefix(wrapped) == direct
        (embed,) = audio_of(f'<audio controls src="{wrapped}"></audio><audio controls src="{direct}"></audio>')
        assert (embed.id, embed.url) == (direct, wrapped)


@pytest.mark.parametrize("url", [FILE, "https://example.org/the.mayor.speaks/042.mp3", "https://example.org/a.com.mp3"])
def test_a_plain_file_has_no_service_before_it(url: str) -> None:
    assert strip_audio_prefix(url) == url
    assert is_audio_file(url)
    assert media_file_id(f"{url}?token=1") == url


INCIDENTAL = {
    "a service": f'<div class="beyondwords-player"><audio controls src="{FILE}"></audio></div>',
    "the host of a service": '<audio controls src="https://storage.beyondwords.io/a/1.mp3"></audio>',
    "the text beside it": f'<div><span>Listen to this article</span><audio controls src="{FILE}"></audio></div>',
    "the text before it": f'<p>Artikel anhören</p><audio controls src="{FILE}"></audio>',
    "its title": f'<audio controls title="Escuchar este artículo" src="{FILE}"></audio>',
    "a note after it": f'<div><audio controls src="{FILE}"></audio><small>Audio generated by AI</small></div>',
    "a sound": '<audio id="ding" src="/sounds/notification.mp3" preload="auto"></audio>',
    "a named sound": f'<audio class="chat-sound-effect" src="{FILE}"></audio>',
    "background music": f'<audio autoplay loop src="{FILE}"></audio>',
    "silence": '<audio src="/js/silence.mp3"></audio>',
    "a voice message": f'<div class="voice-message"><audio controls src="{FILE}"></audio></div>',
    "a comment": f'<div id="comments"><audio controls src="{FILE}"></audio></div>',
    "a pronunciation": '<audio controls src="https://upload.wikimedia.org/wikipedia/commons/1/1a/En-us-mayor.ogg"></audio>',
    "live radio": '<audio controls src="https://stream.radio.example/live"></audio>',
    "a preview of a song": '<audio controls src="https://p.scdn.co/mp3-preview/abcdef.mp3"></audio>',
    "a station": frame("https://tunein.com/embed/player/s12345/"),
    "no address": "<audio controls></audio>",
    "a template": '<audio controls src="{{ episode.url }}"></audio>',
    "the icon of a social network": '<a class="share" href="https://soundcloud.com/late-radio"><img src="/sc.png"></a>',
    "the artist": '<a href="https://open.spotify.com/artist/4YgbeKUzXdBNmTEP9vZ2WB">Spotify</a>',
    "the show": '<a href="https://podcasts.apple.com/us/podcast/late-radio/id123456789">Apple Podcasts</a>',
    "a button": f'<button data-share-audio="{FILE}">Share</button>',
    "the audio of an article": '<script type="application/ld+json">'
    + json.dumps({"@type": "NewsArticle", "audio": {"@type": "AudioObject", "contentUrl": FILE}})
    + "</script>",
    "a rail": f'<div class="site-podcasts"><a href="/podcasts/">All podcasts</a>{PLAYERS["soundcloud"]}</div>',
    "a list of songs": '<div class="wp-playlist"><script type="application/json">'
    + json.dumps({"type": "audio", "tracks": [{"src": FILE, "type": "audio/mpeg", "title": "A song"}]})
    + "</script></div>",
}


@pytest.mark.parametrize("markup", INCIDENTAL.values(), ids=INCIDENTAL.keys())
def test_audio_that_belongs_to_the_page_is_no_embed(markup: str) -> None:
    assert audio_of(f"<p>The mayor spoke for an hour.</p>{markup}<p>Nobody asked.</p>") == []


@pytest.mark.parametrize("text", ["Listen to the story", "4-Minute Listen", "Beitrag hören", "Hear the interview"])
def test_the_story_of_a_station_is_an_embed(text: str) -> None:
    assert len(audio_of(f'<div><b>{text}</b><audio controls src="{FILE}"></audio></div>')) == 1


def test_a_link_to_audio_is_a_link() -> None:
    """The link beside a player leads to the same file."""
    assert [embed.kind for embed in audio_of(f'<p>Hear it <a href="{FILE}">here</a>.</p>')] == ["link"]
    both = f'<audio controls src="{FILE}"></audio><a href="{FILE}?dl=1">Download</a>'
    assert [embed.kind for embed in audio_of(both)] == ["embed"]


def test_audio_in_the_metadata_counts_if_nothing_plays() -> None:
    data = {
        "@type": "PodcastEpisode",
        "name": "No questions",
        "associatedMedia": {"@type": "MediaObject", "contentUrl": FILE},
    }
    meta = f'<meta property="og:audio" content="{FILE}">'
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    video = '<iframe src="https://www.youtube.com/embed/aB3dE6gH9jK"></iframe>'
    assert [embed.kind for embed in audio_of(meta)] == ["meta"]
    assert [embed.medium for embed in select_embeds(find_embeds(meta + video, PAGE), links=False)] == ["video"]
    assert [embed.label for embed in audio_of(script)] == ["No questions"]


def test_a_player_of_audio_does_not_hide_the_video_of_the_metadata() -> None:
    html = f'<meta property="og:video" content="https://news.example.org/a.mp4">{PLAYERS["spotify"]}'

    media = [embed.medium for embed in select_embeds(find_embeds(html, PAGE), links=False)]
    assert sorted(media) == ["audio", "video"]


def test_the_tracks_of_audio_are_its_captions() -> None:
    (embed,) = audio_of(f'<audio controls src="{FILE}"><track kind="captions" src="042.vtt" srclang="en"></audio>')

    assert [(link.url, link.language) for link in embed.captions] == [
        ("https://news.example.org/2021/03/042.vtt", "en")
    ]
