"""Embeds of a page: one for each video, in document order, with labels, without boilerplate."""

from __future__ import annotations

import json

import pytest

from vidindex import CaptionLink
from vidindex.pages.embeds import find_embeds

ONE, TWO, THREE = "aB3dE6gH9jK", "bC4eF7hI0kL", "cD5fG8iJ1lM"
UPLOAD = "1f2e3d4c-5b6a-4789-8abc-def012345678"
PAGE = "https://news.example.org/2009/09/15/story/"


def frame(video: str) -> str:
    return f'<iframe src="https://www.youtube.com/embed/{video}"></iframe>'


def labels(html: str) -> list[str]:
    return [embed.label for embed in find_embeds(html, PAGE)]


def test_embeds_come_in_the_order_of_the_article() -> None:
    html = (
        f'<script>jwplayer("a").setup({{file: "/one.mp4"}})</script><p>{frame(ONE)}</p><video src="/two.mp4"></video>'
    )

    assert [embed.id.rpartition("/")[2] for embed in find_embeds(html, PAGE)] == ["one.mp4", ONE, "two.mp4"]


def test_object_embed_and_fallback_are_one_embed() -> None:
    html = (
        f'<object data="http://www.youtube.com/v/{ONE}"><param name="movie" value="http://www.youtube.com/v/{ONE}&hl=en">'
        f'<embed src="http://www.youtube.com/v/{ONE}"></object><noscript>{frame(ONE)}</noscript>{frame(ONE)}'
    )

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE]


def test_a_link_to_an_embedded_video_is_not_a_second_embed() -> None:
    """The text of the link becomes the label, because it describes this video."""
    html = f'<p>See <a href="https://youtu.be/{ONE}">the famous interview</a> here</p><p>Much later:</p>{frame(ONE)}'
    (embed,) = find_embeds(html, PAGE)

    assert (embed.kind, embed.label) == ("embed", "the famous interview")


def test_sources_of_one_player_are_one_embed_with_its_captions() -> None:
    html = (
        '<base href="/media/"><video><source src="one.mp4"><source src="one.webm">'
        '<track kind="captions" src="one.en.vtt" srclang="en" label="English">'
        '<track kind="chapters" src="chapters.vtt"></video><a href="one.webm">Download</a>'
    )
    (embed,) = find_embeds(html, PAGE)

    assert embed.url == "https://news.example.org/media/one.mp4"
    assert embed.captions == (CaptionLink("https://news.example.org/media/one.en.vtt", "en", "English"),)


def test_captions_of_a_script_player_are_kept() -> None:
    tracks = '[{file:"/one.vtt",kind:"captions",label:"English"}]'
    html = f'<script>jwplayer("a").setup({{file:"/one.mp4",tracks:{tracks}}})</script>'
    (embed,) = find_embeds(html, PAGE)

    assert embed.captions == (CaptionLink("https://news.example.org/one.vtt", "", "English"),)


@pytest.mark.parametrize(
    ("markup", "label"),
    [
        ("<h3>JAY SPEAKS</h3><p>{}</p>", "JAY SPEAKS"),
        ("<p><strong>Jay speaks</strong></p><p>{}</p>", "Jay speaks"),
        ("<p>He spoke for an hour. And here is what Jay said:</p><p>{}</p>", "And here is what Jay said"),
        ("<figure>{}<figcaption>Jay on stage</figcaption></figure>", "Jay on stage"),
        ('<div class="player">{}<div class="video-title">Jay speaks</div></div>', "Jay speaks"),
        ("<b>Jay speaks</b><br>{}", "Jay speaks"),
        ("Jay speaks:<br><br>{}", "Jay speaks"),
        ('<div class="entry-title">Jay speaks</div><div class="float"><div>{}</div></div>', "Jay speaks"),
        ("<p>" + "It was a long day, and nobody there had anything to say about it at all. " * 4 + "</p>{}", ""),
    ],
)
def test_the_label_is_the_text_that_introduces_the_player(markup: str, label: str) -> None:
    assert labels("<article>" + markup.format(frame(ONE)) + "</article>") == [label]


def test_each_of_several_players_has_its_own_heading() -> None:
    html = f"<h3>JAY SPEAKS</h3><p>{frame(ONE)}</p><h3>KAY SINGS</h3><p>{frame(TWO)}</p>"

    assert labels(html) == ["JAY SPEAKS", "KAY SINGS"]


@pytest.mark.parametrize(
    "html",
    [
        "<dl><dt>JAY SPEAKS</dt><dd>{}</dd><dt>KAY SINGS</dt><dd>{}</dd></dl>",
        "<table><tr><th>JAY SPEAKS</th><th>KAY SINGS</th></tr><tr><td>{}</td><td>{}</td></tr></table>",
        "<div><h4>JAY SPEAKS</h4>{}<h4>KAY SINGS</h4>{}</div>",
    ],
)
def test_players_that_share_a_box_do_not_share_its_first_title(html: str) -> None:
    assert labels(html.format(frame(ONE), frame(TWO))) == ["JAY SPEAKS", "KAY SINGS"]


def test_blocks_of_the_block_editor_keep_their_place_heading_and_caption() -> None:
    html = "".join(
        f'<h2>{title}</h2><!-- wp:embed {{"url":"https://youtu.be/{video}"}} {end}'
        for title, video, end in [
            ("First speech", ONE, "/-->"),
            (
                "Second speech",
                TWO,
                f"--><figure><div>https://youtu.be/{TWO}</div><figcaption>In Oslo</figcaption></figure>",
            ),
            ("Third speech", THREE, "/-->"),
        ]
    )

    assert [(embed.id, embed.label) for embed in find_embeds(f"<article>{html}</article>", PAGE)] == [
        (ONE, "First speech"),
        (TWO, "In Oslo"),
        (THREE, "Third speech"),
    ]


def test_titles_in_the_row_below_and_italics_below_a_player_are_labels() -> None:
    row = "<tr><td>In Oslo</td><td>In Rome</td></tr>"

    assert labels(f"<table><tr><td>{frame(ONE)}</td><td>{frame(TWO)}</td></tr>{row}</table>") == ["In Oslo", "In Rome"]
    assert labels(f"{frame(ONE)}<p><em>The mayor in Oslo</em></p>") == ["The mayor in Oslo"]
    assert labels(f"{frame(ONE)}<p>A text with <em>italics</em></p>") == [""]


def test_a_list_of_several_lines_introduces_no_player() -> None:
    tabs = "<ul><li>The clip of Oslo</li><li>The clip of Rome</li></ul>"

    assert labels(f"{tabs}<div>{frame(ONE)}</div><div>{frame(TWO)}</div>") == ["", ""]


def test_text_next_to_a_player_is_its_label_if_nothing_introduces_it() -> None:
    long = f"<p>{'It was a long day, and nobody there had anything to say. ' * 6}</p>"

    assert labels(f"{long}<center>{frame(ONE)}<br><i>Jay on stage</i></center>") == ["Jay on stage"]


def test_a_frame_whose_url_the_metadata_states_as_the_player_is_an_embed() -> None:
    html = '<meta name="twitter:player" content="https://news.example.org/e/1"><iframe src="{}"></iframe>'

    assert [embed.url for embed in find_embeds(html.format("/e/1"), PAGE)] == ["https://news.example.org/e/1"]
    assert find_embeds(html.format("/e/2"), PAGE) == []


def test_one_video_in_metadata_and_page_is_one_embed() -> None:
    meta = f'<meta property="og:video" content="http://www.youtube.com/v/{ONE}?version=3">'

    assert [(embed.id, embed.kind) for embed in find_embeds(meta + frame(ONE), PAGE)] == [(ONE, "embed")]


def test_a_wayback_machine_copy_has_the_embeds_of_the_original() -> None:
    html = f'<embed src="/web/2009oe_/http://www.youtube.com/v/{ONE}"><video src="clips/one.mp4"></video>'
    urls = [embed.url for embed in find_embeds(html, f"https://web.archive.org/web/20090915/{PAGE}")]

    assert urls == [f"https://www.youtube.com/watch?v={ONE}", f"{PAGE}clips/one.mp4"]


def test_an_uninformative_title_is_not_a_label() -> None:
    html = (
        f'<h2>Jay speaks</h2><iframe title="YouTube video player" src="https://www.youtube.com/embed/{ONE}"></iframe>'
    )

    assert labels(html) == ["Jay speaks"]


@pytest.mark.parametrize(
    "around",
    [
        "<aside>{}</aside>",
        '<div class="sidebar">{}</div>',
        '<div id="related-videos">{}</div>',
        "<footer>{}</footer>",
        '<div class="ad-slot"><div class="ads">{}</div></div>',
        '<ul class="recommended">{}</ul>',
    ],
)
def test_boilerplate_around_the_article_is_left_out(around: str) -> None:
    html = f"<article><p>{'A long story. ' * 20}</p>{frame(ONE)}</article>{around.format(frame(TWO))}"

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE]


def test_a_container_with_a_misleading_name_that_holds_the_article_is_not_left_out() -> None:
    html = f'<div class="has sidebar"><p>{"A long story. " * 20}</p>{frame(ONE)}</div>'

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE]


def test_markup_that_an_author_commented_out_is_not_found() -> None:
    code = f"<pre><code>&lt;iframe src='//www.youtube.com/embed/{TWO}'&gt;</code></pre>"
    html = f"<div><p>Text</p><!-- <p>old</p> {frame(ONE)} --></div>{code}"

    assert [embed for embed in find_embeds(html, PAGE) if embed.kind == "embed"] == []


def test_page_state_is_an_embed_only_if_the_page_has_no_player() -> None:
    state = f'<script type="application/json">{{"article":{{"body":[{{"provider":"youtube","id":"{TWO}"}}]}}}}</script>'

    assert [(e.id, e.kind) for e in find_embeds(state, PAGE)] == [(TWO, "embed")]
    assert [(e.id, e.kind) for e in find_embeds(frame(ONE) + state, PAGE)] == [(ONE, "embed"), (TWO, "meta")]


@pytest.mark.parametrize(("key", "kind"), [("relatedVideos", "link"), ("latest", "link"), ("feed", "meta")])
def test_related_videos_in_page_state_are_not_taken_even_if_there_is_no_other(key: str, kind: str) -> None:
    state = f'{{"{key}":[{{"content":{{"provider":"youtube","id":"{ONE}"}}}}]}}'
    html = f'<script type="application/json">{state}</script>'

    assert [embed.kind for embed in find_embeds(html, PAGE)] == [kind]


def test_values_of_nuxt_that_contain_each_other_come_to_an_end() -> None:
    payload = f'[["Reactive",1],{{"data":1,"body":2,"x":-1,"y":99}},[3,1],"https://youtu.be/{ONE}"]'
    html = f'<script type="application/json" id="__NUXT_DATA__">{payload}</script>'

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE]


def test_a_dead_provider_is_recorded_with_id_and_label() -> None:
    html = '<h3>JAY SPEAKS</h3><embed src="http://media.mtvnservices.com/mgid:uma:video:mtv.com:430000">'
    (embed,) = find_embeds(html, PAGE)

    assert (embed.dead, embed.provider, embed.id, embed.label) == (
        True,
        "mtv",
        "mgid:uma:video:mtv.com:430000",
        "JAY SPEAKS",
    )


def test_a_saved_page_embeds_files_of_its_own_folder_only() -> None:
    html = (
        '<video src="clips/one.mp4"></video><video src="../../etc/two.mp4"></video>'
        '<iframe src="player.html" title="video"></iframe>'
    )

    urls = [embed.url for embed in find_embeds(html, "file:///home/reader/saved/page.html")]
    assert urls == ["file:///home/reader/saved/clips/one.mp4", "file:///home/reader/saved/player.html"]


@pytest.mark.parametrize("url", ["https://news.example.org/a", None])
def test_a_page_from_the_web_cannot_embed_local_files(url: str | None) -> None:
    html = '<base href="file:///etc/"><video src="one.mp4"></video><video src="file:///etc/two.mp4"></video>'

    assert not [embed for embed in find_embeds(html, url) if embed.url.startswith("file:")]


@pytest.mark.parametrize(
    "frame_html",
    [
        '<iframe src="https://maps.example.com/embed?x=1"></iframe>',
        '<iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>',
        '<iframe src="https://ads.example.com/ads/video.html" width="300" height="250"></iframe>',
        '<iframe src="https://w.soundcloud.com/player/?url=x"></iframe>',
        '<iframe src="https://player.simplecast.com/1"></iframe>',
        '<iframe src="https://www.npr.org/player/embed/1/2" title="NPR embedded audio player"></iframe>',
        '<iframe src="https://cdn.iframe.ly/embed.js"></iframe>',
        '<iframe src="https://player.speechkit.io/1"></iframe>',
        '<iframe src="https://charts.example.com/embed/1" width="560" height="560" allowfullscreen></iframe>',
        '<div class="w-background-video" data-video-urls="/bg.mp4,https://cdn.example.net/bg.webm"></div>',
        '<iframe src="https://www.kickstarter.com/projects/x/y/widget/card.html?v=2"></iframe>',
        '<iframe src="https://www.slideshare.net/slideshow/embed_code/1"></iframe>',
        '<video muted loop autoplay class="hero-background" src="/bg.mp4"></video>',
        '<video muted loop autoplay class="gif" src="/cat.mp4"></video>',
        '<iframe src="https://giphy.com/embed/l0HlNQ03J5JxX6lva" width="480" height="270" allowfullscreen></iframe>',
        '<iframe src="https://flo.uri.sh/visualisation/1/embed" width="640" height="360" allowfullscreen></iframe>',
        f'<iframe src="https://www.youtube.com/live_chat?v={ONE}&amp;embed_domain=news.example.org"></iframe>',
        f'<iframe src="https://www.youtube.com/embed/{ONE}?autoplay=1&amp;mute=1&amp;loop=1&amp;controls=0"></iframe>',
        '<iframe src="https://player.vimeo.com/video/218765432?background=1"></iframe>',
        f'<div data-vc-video-bg="https://www.youtube.com/watch?v={ONE}"></div>',
        f'<div class="jarallax" data-jarallax-video="https://www.youtube.com/watch?v={ONE}"></div>',
        f'<section data-settings=\'{{"background_video_link":"https://www.youtube.com/watch?v={ONE}"}}\'></section>',
    ],
)
def test_frames_without_a_video_are_not_embeds(frame_html: str) -> None:
    assert find_embeds(f"<article>{frame_html}</article>", PAGE) == []


@pytest.mark.parametrize(
    "html",
    [
        "",
        b"",
        "   ",
        "plain text",
        b"\0\0\0",
        "<!DOCTYPE html>",
        "<iframe>",
        "<video><source></video>",
        "<object><param></object>",
        "<script>[[[[</script>",
    ],
)
def test_an_empty_page_has_no_embeds(html: str | bytes) -> None:
    assert find_embeds(html, PAGE) == []


def test_old_encodings_keep_their_labels() -> None:
    html = f'<meta charset="utf-8"><h3>L’été à Zürich</h3>{frame(ONE)}'.encode("windows-1252")

    assert labels_of(html) == ["L’été à Zürich"]


def labels_of(html: bytes) -> list[str]:
    return [embed.label for embed in find_embeds(html, PAGE)]


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fyoutu.be%2FaB3dE6gH9jK"></iframe>',
        '<iframe src="https://www.youtube.com/subscribe_embed?channelid=UCabcdefghijklmnopqrstuv"></iframe>',
        '<div class="fb-like" data-href="https://youtu.be/aB3dE6gH9jK"></div>',
        '<div class="share-buttons"><a data-url="https://youtu.be/aB3dE6gH9jK"></a></div>',
        '<amp-social-share type="facebook" data-param-app_id="128964814603"></amp-social-share>',
        '<div class="gallery" data-description="a" data-image-id="post_pinterest_description"></div>',
        '<div id="_ytid_34233" class="__youtube_prefs__"></div>',
        '<div class="youtube" data-video-id="1521523341391282176"></div>',
        '<img src="https://cdn.jwplayer.com/v2/media/sQjsLOFH/poster.jpg?width=320">',
        '<video src="/plugins/player/blank.mp4"></video>',
        '<div class="AdEngine-module__adPlayer"><video src="/one.mp4"></video></div>',
        '<div class="af-seealso-block"><video src="/one.mp4"></video></div>',
        '<video data-url="https://news.example.org/story.html"></video>',
        '<script type="text/html"><video><source src="{{ data.model.src }}" type="video/mp4"></video></script>',
        '<video src="/files/{name}.mp4"></video>',
        "<script>$('#p').html(\"<video><source src='/files/\" + name + \".mp4'></video>\");</script>",
        "<script>player.src = '/files/' + name + '_hd.mp4'</script>",
        f'<div class="native-audio-embed" data-attrs="{{&quot;mediaUploadId&quot;:&quot;{UPLOAD}&quot;}}"></div>',
    ],
)
def test_buttons_templates_and_pieces_of_addresses_are_no_embeds(html: str) -> None:
    assert find_embeds(html, PAGE) == []


def test_the_tracks_of_a_wordpress_playlist_are_embeds_under_their_titles() -> None:
    tracks = [
        {"src": f"https://e.org/{name}.mp4", "type": "video/mp4", "title": name.upper()} for name in ("one", "two")
    ]
    script = f'<script type="application/json">{json.dumps({"type": "video", "tracks": tracks})}</script>'
    html = f'<h2>All of it</h2><div class="wp-playlist"><video></video>{script}</div><h2>Later</h2>{frame(ONE)}'

    assert labels(html) == ["ONE", "TWO", "Later"]


@pytest.mark.parametrize(
    "flashvars", ["file=/one.flv&captions.file=/one.srt", "file=%2Fone.flv&captions=%2Fone.srt&plugins=captions-1"]
)
def test_the_captions_that_flashvars_name_belong_to_their_video(flashvars: str) -> None:
    (embed,) = find_embeds(f'<embed src="/player.swf" flashvars="{flashvars}">', PAGE)

    assert [link.url for link in embed.captions] == ["https://news.example.org/one.srt"]


@pytest.mark.parametrize("folder", ["shared", "charts", "radio"])
def test_the_folder_of_a_saved_page_does_not_hide_its_frames(folder: str) -> None:
    page = f"file:///home/x/{folder}/page.html"
    html = "".join(f'<iframe src="page_files/{name}.html" allowfullscreen></iframe>' for name in ("aB3dE6gH9jK", "ads"))

    assert [embed.url for embed in find_embeds(html, page)] == [f"file:///home/x/{folder}/page_files/aB3dE6gH9jK.html"]


@pytest.mark.parametrize(
    ("markup", "label"),
    [
        ("<h2>2016</h2>{}", "2016"),
        ("<h2>Watch: Jay speaks</h2>{}", "Watch: Jay speaks"),
        (
            "<h2>Jay speaks</h2>{}<p><a href='/one.mp4'>HD MP4 (120 MB)</a> | <a href='/one.mp3'>MP3</a></p>",
            "Jay speaks",
        ),
        ("<h2>Jay speaks</h2><p><strong>Lea: <a href='/x'>El consejo aborda la venta</a></strong></p>{}", "Jay speaks"),
        ("<h2>Jay speaks</h2><p>Lire aussi : <a href='https://other.example/x'>Le conseil</a></p>{}", "Jay speaks"),
        ("<h2>Jay speaks</h2><p><a href='/x'>Another story of the same day, not this one</a></p>{}", "Jay speaks"),
        (
            "<figure class='has-caption'>{}<span class='time'>0:00 / 1:04</span><figcaption>Jay</figcaption></figure>",
            "Jay",
        ),
        ("<h2>Jay speaks</h2>{}<p><a href='https://youtu.be/bC4eF7hI0kL'>Kay sings</a></p>", "Jay speaks"),
    ],
)
def test_words_that_name_no_video_or_another_one_are_no_label(markup: str, label: str) -> None:
    assert labels("<article>" + markup.format(frame(ONE)) + "</article>")[0] == label


def test_an_attribute_that_repeats_a_link_makes_no_player_of_it() -> None:
    html = f'<p>Seen <a href="https://youtu.be/{ONE}" data-original-href="https://youtu.be/{ONE}">here</a> today</p>'

    assert [embed.kind for embed in find_embeds(html, PAGE)] == ["link"]


def test_a_long_list_of_videos_in_the_data_of_a_page_is_not_the_article() -> None:
    """A short one is: pages that a script builds have their videos there."""

    def kinds(count: int) -> list[str]:
        blocks = [{"videoUrl": f"https://youtu.be/aB3dE6gH9j{at}"} for at in range(count)]
        state = json.dumps({"article": {"body": blocks}, "text": "x" * 300})
        return [embed.kind for embed in find_embeds(f'<script type="application/json">{state}</script>', PAGE)]

    assert kinds(2) == ["embed"] * 2
    assert kinds(9) == ["meta"] * 9


def test_a_video_that_plays_beside_the_article_is_not_its_video_in_the_data_of_the_page() -> None:
    state = json.dumps({"article": {"videoUrl": f"https://youtu.be/{ONE}"}, "text": "x" * 300})
    html = f'<aside>{frame(ONE)}</aside><script type="application/json">{state}</script>'

    assert [embed.kind for embed in find_embeds(html, PAGE)] == ["meta"]


def test_short_articles_that_lead_from_a_long_one_to_others_are_outside() -> None:
    teaser = '<article><a href="/x"><h3>Other</h3></a><iframe src="https://youtu.be/bC4eF7hI0k{}"></iframe></article>'
    text = f"<article><p>{'It was a long day in town. ' * 80}</p>{frame(ONE)}</article>"
    html = text + "".join(map(teaser.format, "LMN"))

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE]


def test_a_link_that_the_data_of_the_page_repeats_stays_a_link() -> None:
    state = json.dumps({"article": {"body": f"https://youtu.be/{ONE}"}, "text": "x" * 300})
    html = f'<p>Seen <a href="https://youtu.be/{ONE}">here</a></p><script type="application/json">{state}</script>'

    assert [embed.kind for embed in find_embeds(html, PAGE)] == ["link"]


def test_a_click_counter_on_a_link_makes_no_player_of_it() -> None:
    counter = json.dumps({"outgoingURL": f"https://youtu.be/{ONE}"}).replace('"', "&quot;")
    html = f'<p>Seen <a href="https://youtu.be/{ONE}" data-event-click="{counter}">here</a> today</p>'

    assert [embed.kind for embed in find_embeds(html, PAGE)] == ["link"]


def test_a_script_outside_the_content_that_lists_many_videos_only_mentions_them() -> None:
    videos = ",".join(f'{{videoId: "aB3dE6gH9j{at}"}}' for at in range(8))
    html = f"<body><p>Text</p><script>loadPlayer([{videos}])</script></body>"

    assert {embed.kind for embed in find_embeds(html, PAGE)} == {"meta"}


def test_the_uploads_of_a_channel_are_an_embed_only_alone() -> None:
    uploads = '<iframe src="https://www.youtube.com/embed/videoseries?list=UU_M1ek8fhnDkz5C2zfkTxpg"></iframe>'

    assert [embed.kind for embed in find_embeds(uploads, PAGE)] == ["embed"]
    assert [embed.kind for embed in find_embeds(frame(ONE) + uploads, PAGE)] == ["embed", "meta"]


def test_the_files_that_one_video_element_names_are_one_embed() -> None:
    settings = json.dumps([{"url": f"https://e.org/{rate}.mp4"} for rate in (2250, 3400)]).replace('"', "&quot;")
    html = f'<video src="https://e.org/2250.mp4" data-one="https://e.org/3400.mp4" data-settings="{settings}"></video>'

    assert [embed.url for embed in find_embeds(html, PAGE)] == ["https://e.org/2250.mp4"]


def test_a_short_article_with_the_headline_is_no_teaser() -> None:
    main = f"<article><h1>The film of the day</h1><a href='/'>Home</a>{frame(ONE)}</article>"
    others = "<article><a href='/x'><h3>Other</h3></a></article>" * 4
    comments = f"<div><p>{'It was a long day in town. ' * 80}</p></div>"

    assert [embed.id for embed in find_embeds(main + others + comments, PAGE)] == [ONE]


@pytest.mark.parametrize("playlist", ["auto", "cl-cv4xtjbiozzn"])
def test_playlists_that_a_site_chooses_are_no_videos_of_the_article(playlist: str) -> None:
    html = f'<glomex-integration integration-id="40599w1tl63c" playlist-id="{playlist}"></glomex-integration>'

    assert find_embeds(html, PAGE) == []


def test_videos_that_a_saved_player_suggests_are_no_embeds() -> None:
    """A browser that saves a page saves the frame of the player, too, with the links in it."""
    player = f'<a href="https://www.youtube.com/watch?v={ONE}">Title</a><a href="https://youtu.be/{TWO}">Next</a>'
    saved = player.replace('"', "&quot;").replace("<", "&lt;")

    for source in ("", f'src="https://www.youtube.com/embed/{ONE}"'):
        embeds = find_embeds(f'<iframe {source} srcdoc="{saved}"></iframe>', PAGE)
        assert [embed.id for embed in embeds if embed.kind == "embed"] == [ONE]


def test_a_list_of_videos_in_one_attribute_is_one_embed_each() -> None:
    tabs = [
        {"type": "youtube", "youtube_url": f"https://www.youtube.com/watch?v={ONE}", "vimeo_url": ""},
        {"type": "vimeo", "youtube_url": f"https://youtu.be/{TWO}", "vimeo_url": "https://vimeo.com/218765432"},
    ]
    settings = json.dumps({"tabs": tabs}).replace('"', "&quot;")
    html = f'<div class="elementor-widget-video-playlist" data-settings="{settings}"></div>'

    assert [embed.id for embed in find_embeds(html, PAGE)] == [ONE, "218765432"]


def test_a_video_of_another_type_in_the_settings_of_a_player_is_not_taken() -> None:
    settings = json.dumps({"video_type": "hosted", "youtube_url": f"https://www.youtube.com/watch?v={ONE}"})
    html = f"<div data-settings='{settings}'><video controls src='/speech.mp4'></video></div>"

    assert [embed.url for embed in find_embeds(html, PAGE)] == ["https://news.example.org/speech.mp4"]


def test_related_videos_in_the_data_of_nuxt_are_not_taken() -> None:
    data = f'{{article:{{body:"x"}},related:[{{provider:"youtube",id:"{ONE}"}}]}}'

    assert [e.kind for e in find_embeds(f"<script>window.__NUXT__={{data:[{data}]}}</script>", PAGE)] == ["link"]
