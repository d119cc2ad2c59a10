"""Find the players that scripts create, and the video URLs in their code and data.

A call that creates a player is an embed.  A video in the page state (`__NEXT_DATA__`…), under the content of the
article, is an embed only if the page has no other player.  Any other video in a script is a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement

from ...model import CaptionLink
from ..providers import MEDIA_EXTENSIONS, recognize_url
from .document import EmbedCandidate, PageDocument
from .multi_key_players import brightcove_url, kaltura_url
from .nested_markup import MarkupFragment, unescape_markup, unescape_script
from .page_state import MAX_SCRIPT_CHARS, find_in_state, parse_state, read_stream_piece, walk_state
from .provider_attributes import aliased_video_url, with_vimeo_key

_SHORT_SCRIPT_CHARS, _LONG_SCRIPT_CHARS = 3_000, 20_000
_MAX_URLS = 300
_MAX_VIDEOS_OF_CODE = 4
_MAX_KEYED_PLAYERS = 20
_PLAYER_KEYWORDS = (
    "yt.player", "jwplayer", "videojs", "kwidget", "flowplayer", "swfobject", "ac_fl_runcontent",
    "ac_runactivecontent", "loadsource", "clappr", "bitmovin", "shaka", "dashjs", "mediaplayer", "plyr",
    "oo.player", "vimeo.player", "twitch.player", "twitch.embed", "dm.player", "dailymotion.createplayer", "wistia",
    "_wq", "mejs", "mediaelementplayer", "theoplayer", "radiantmp", "fluidplayer", "projekktor", "kalturaplayer",
    "brightcoveplayerloader", "catalog.getvideo", "addvariable", "embedswf", "initembed", "doloadmedia", "vidyard",
    "createplayer", "setupplayer", "loadplayer", "initplayer", "playerinstance", "html5player", "embedvideo",
    "playvid", "showvideo", "uppod", "playerjs", "hdplayer", "mediastreamplayer", "document.write", "artplayer",
    "dplayer", "xgplayer", "player(", "player.setup", "player.load", "player.src", "player.source", "player.init",
    "rumble(", "onyoutubeiframeapiready", "cuevideobyid", "loadvideobyid", "addplayer", "vidconfig", "videoplayer",
    "hls(", "ufo.create", "setplaylist(",
)  # fmt: skip
"""Strings, in lower case, that occur in scripts that create players."""
_PLAYER_CALLS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (provider, re.compile(pattern))
    for provider, pattern in (
        (
            "youtube",
            r"(?i)(?:video_?id|youtube_?id|yt_?id|youtube|yt_?video(?:_?id)?|data-videoid)[\"']?\s*[:=]\s*[\"']([\w-]{11})[\"']",
        ),
        (
            "youtube",
            r"(?:loadVideoById|cueVideoById|loadYouTube\w*|youtubeEmbed|playYouTube)\(\s*[\"']([\w-]{11})[\"']",
        ),
        ("youtube", r"src[\"']?\s*:\s*[\"']([\w-]{11})[\"']\s*,\s*[\"']?provider[\"']?\s*:\s*[\"']youtube"),
        ("vimeo", r"src[\"']?\s*:\s*[\"'](\d{5,})[\"']\s*,\s*[\"']?provider[\"']?\s*:\s*[\"']vimeo"),
        ("vimeo", r"Vimeo\.Player\([^;]{0,200}?\bid[\"']?\s*:\s*[\"']?(\d{5,})"),
        ("vimeo", r"(?i)vimeo_?(?:video_?)?id[\"']?\s*[:=]\s*[\"']?(\d{5,})"),
        (
            "dailymotion",
            r"(?:DM\.player|dailymotion\.createPlayer|DM\.Player)\([^;]{0,300}?\bvideo[\"']?\s*:\s*[\"']([a-zA-Z\d]{5,})[\"']",
        ),
        ("twitch", r"Twitch\.(?:Player|Embed)\([^;]{0,400}?\bvideo[\"']?\s*:\s*[\"']v?(\d{5,})[\"']"),
        (
            "wistia",
            r"(?:Wistia\.(?:embed|iframe|playlist|api)\(|_wq\.push\(\s*\{\s*[\"']?id[\"']?\s*:)\s*[\"'](\w{10})[\"']",
        ),
        ("ooyala", r"(?:OO\.Player\.create|OO\.ready|embedCode|embed_code)[^;]{0,120}?[\"'=]([\w-]{32})[\"'&]"),
        ("jwplayer", r"(?i)(?:mediaid|media_id|jw_?(?:video|media)_?id)[\"']?\s*[:=]\s*[\"']([a-zA-Z\d]{8})[\"']"),
        ("rumble", r"Rumble\(\s*[\"']play[\"'][^;]{0,300}?video[\"']?\s*:\s*[\"'](v?[\da-z]{4,})[\"']"),
        ("vidyard", r"(?i)vidyard[^;]{0,300}?uuid[\"']?\s*:\s*[\"']([\w-]{20,})[\"']"),
        ("mux", r"(?i)playback_?id[\"']?\s*[:=]\s*[\"']([\w-]{30,})[\"']"),
        ("mdstrm", r"(?:Mediastream\w*|MSPlayer)\([^;]{0,300}?\bid[\"']?\s*:\s*[\"']([\da-f]{24})[\"']"),
        ("3q", r"(?i)js3q\([^;]{0,300}?dataid[\"']?\s*:\s*[\"']([\da-f-]{36})[\"']"),
        ("facebook", r"(?i)facebook_?video_?id[\"']?\s*[:=]\s*[\"']?(\d{8,})"),
        ("streamable", r"(?i)streamable_?(?:id|code)[\"']?\s*[:=]\s*[\"'](\w{4,})[\"']"),
    )
)
_VIMEO_KEY = re.compile(r"(?i)\b(?:h|hash)[\"']?\s*[:=]\s*[\"']([\da-f]{6,40})[\"']")
_UNNAMED_PROVIDERS = frozenset(("youtube", "ooyala", "dailymotion", "jwplayer", "mux", "mdstrm"))
_TWITCH_CHANNEL = re.compile(r"Twitch\.(?:Player|Embed)\([^;]{0,400}?\bchannel[\"']?\s*:\s*[\"'](\w+)[\"']")
_KALTURA_ENTRY = re.compile(r"(?i)entry_?id[\"']?\s*[:=,]\s*[\"']?([01]_\w{8})")
_KALTURA_PARTNER = re.compile(r"(?i)(?:[\"']?(?:wid|partner_?id)[\"']?\s*[:=]\s*[\"']?_?|partner_id/|/p/)(\d{3,})")
_BRIGHTCOVE_VIDEO = re.compile(r"(?i)(?:video_?id|getVideo|videoPlayer)[\"']?\s*[:=(,]\s*[\"']?((?:ref:)?\d{9,})")
_BRIGHTCOVE_ACCOUNT = re.compile(
    r"(?i)(?:account_?id|account|publisher_?id|data-account)[\"']?\s*[:=,]\s*[\"']?(\d{6,})"
)
_LIMELIGHT_MEDIA = re.compile(r"(?i)(?:doLoadMedia|media_?id)[\"']?\s*[(:=]\s*[\"']([\da-f]{32})[\"']")
_URL_IN_CODE = re.compile(r"(?i)(?:https?:)?//[^\s\"'<>\\|`{}\[\]^]{6,1500}")
_MEDIA_FILE_IN_CODE = re.compile(
    rf"(?i)[\"'=]([^\"'\s<>()=,;{{}}]{{1,500}}\.(?:{'|'.join(MEDIA_EXTENSIONS)})(?:\?[^\"'\s<>\\]{{0,600}})?)[\"'&]"
)
_STRING_PIECES = re.compile(r"[\"']\s{0,9}\+[^\"'<>]{1,80}\+\s{0,9}[\"']")
_CUT_URL_ENDS = ("=", "+", "embed/", "watch?v=")
_CAPTION_TRACK = re.compile(
    r"(?i)\{[^{}]{0,400}?[\"']([^\"'\s{}]{3,300}\.(?:vtt|srt|ttml|dfxp)(?:\?[^\"'\s]*)?)[\"'][^{}]{0,400}\}"
)
_CAPTION_FILE = re.compile(
    r"(?i)(?:captions?(?:\.(?:file|files|url))?|subtitles?(?:\.file)?|captions?[\w-]{0,9}[\"']?\s{0,9}:\s{0,9}\{\s{0,9}[\"']?files?)"
    r"[\"']?\s{0,9}[:=,]\s{0,9}[\"']([^\"'\s<>{}]{3,300}\.(?:vtt|srt|ttml|dfxp|xml|sbv)(?:\?[^\"'\s<>]{0,300})?)[\"']"
)
"""The captions that the plug-ins of JW Player 4 and 5 get."""
_CAPTION_TRACK_FIELD = re.compile(r"(?i)[\"']?(label|srclang|language|lang)[\"']?\s*:\s*[\"']([^\"']{1,60})[\"']")
_EMBED_MARKUP = re.compile(
    r"(?i)<(?:iframe|video|object|embed|blockquote|amp-|lite-|figure|source|div\b[^<>]{0,300}\bpowa-)\b"
)
_EMBED_TAG_SPELLINGS = (
    "<iframe", "u003ciframe", "x3ciframe", "%3ciframe", "&lt;iframe", "<object", "<video", "u003cvideo",
    "u003cobject", "<embed", "<blockquote", "u003cblockquote", "<lite-", "<amp-", "&lt;video", "&lt;object",
    "%3cobject", "%3cvideo", "powa-",
)  # fmt: skip


def find_script_players(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the players that inline scripts create, and the videos in their data."""
    remaining_chars = MAX_SCRIPT_CHARS
    for script, text in _inline_scripts(page):
        if (remaining_chars := remaining_chars - len(text)) < 0:
            return
        state = parse_state(script, text)
        if state is not None:
            yield from find_in_state(script, state, page, in_content=_is_data_of_player(script, text))
            continue
        found = list(_find_in_code(script, unescape_script(text), page))
        if _is_outside_content(script) and len({candidate.url for candidate in found}) > _MAX_VIDEOS_OF_CODE:
            found = [replace(candidate, kind="meta") for candidate in found]  # those of a rail
        yield from found


def _is_outside_content(script: HtmlElement) -> bool:
    parent = script.getparent()
    return parent is None or parent.tag in ("head", "body", "html")


def _is_data_of_player(script: HtmlElement, text: str) -> bool:
    """Return whether *script* is short and stands where the player does, such as that of a lightbox of Webflow."""
    return len(text) < _SHORT_SCRIPT_CHARS and not _is_outside_content(script)


def find_script_markup(page: PageDocument) -> Iterator[MarkupFragment]:
    """Yield the markup that inline scripts write into the page or contain in strings."""
    for script, text in _inline_scripts(page):
        lowered = text[:MAX_SCRIPT_CHARS].lower()
        if not any(tag in lowered for tag in _EMBED_TAG_SPELLINGS):
            continue
        state = parse_state(script, text)
        if state is None:
            yield MarkupFragment(
                script,
                _extract_tags(unescape_markup(text[:MAX_SCRIPT_CHARS])),
                "embed" if len(text) < _LONG_SCRIPT_CHARS else "meta",
                weak="document.write" not in text and not _is_data_of_player(script, text),
            )
            continue
        for leaf in walk_state(state, in_content=_is_data_of_player(script, text)):
            if isinstance(leaf.value, str) and "<" in leaf.value and _EMBED_MARKUP.search(leaf.value):
                yield MarkupFragment(script, leaf.value, leaf.kind, weak=True)


def _extract_tags(code: str) -> str:
    """Return the player tags in *code*, in order, without the JavaScript between them."""
    tags = re.findall(
        r"(?is)</?(?:iframe|video|source|track|object|param|embed|blockquote|a|lite-[\w-]+|amp-[\w-]+)\b[^<>]{0,3000}>",
        code[:MAX_SCRIPT_CHARS],
    )
    return _STRING_PIECES.sub("{{}}", "".join(tags[:400]))


def _inline_scripts(page: PageDocument) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the scripts with their code, and the streams of data that several scripts push piece by piece."""
    streamed: list[tuple[HtmlElement, str]] = []
    for script in page.elements_by_tag("script"):
        if (text := script.text or "") and (piece := read_stream_piece(text)):
            streamed.append((script, piece))
            continue
        script_type = (script.get("type") or "").lower()
        if (
            len(text) > 20
            and "ld+json" not in script_type
            and "template" not in script_type
            and "speculation" not in script_type
        ):
            yield script, text
    if streamed:
        yield streamed[0][0], "".join(piece for _, piece in streamed)


def _find_in_code(script: HtmlElement, code: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    lowered = code.lower()
    creates_player = any(word in lowered for word in _PLAYER_KEYWORDS)
    for url in _find_player_calls(code, lowered) if creates_player or "video" in lowered else ():
        yield EmbedCandidate(script, url, weak=not creates_player)
    media_urls: list[str] = []
    for reference in dict.fromkeys([*_URL_IN_CODE.findall(code)[:_MAX_URLS], *islice(_list_media_files(code), 50)]):
        url = page.absolute_url(reference.rstrip(").,;"))
        video = recognize_url(url) if url else None
        if video is None or url.endswith(_CUT_URL_ENDS):
            continue
        if video.provider == "html5":
            media_urls.append(url)
        else:
            yield EmbedCandidate(
                script, url, kind="embed" if creates_player else "meta", weak=len(code) > _LONG_SCRIPT_CHARS
            )
    if media_urls:
        yield EmbedCandidate(
            script,
            media_urls[0],
            kind="embed" if creates_player else "meta",
            captions=tuple({link.url: link for link in reversed([*_find_caption_links(code, page)])}.values())[::-1],
            alternate_urls=tuple(media_urls[1:]),
            weak=len(code) > _LONG_SCRIPT_CHARS,
        )


def _list_media_files(code: str) -> Iterator[str]:
    """Yield the media files that *code* names, without the pieces of strings that it joins with `+`."""
    for match in _MEDIA_FILE_IN_CODE.finditer(code):
        before, after = code[max(0, match.start() - 8) : match.start()], code[match.end() : match.end() + 8]
        if not (before.rstrip().endswith("+") or after.lstrip().startswith("+")):
            yield match[1]


def _find_player_calls(code: str, lowered: str) -> Iterator[str]:
    """Yield the URLs of the players that calls in *code* create from ids; *lowered* is *code* in lower case."""
    for provider, pattern in _PLAYER_CALLS:
        for match in (
            islice(pattern.finditer(code), 30) if provider in lowered or provider in _UNNAMED_PROVIDERS else ()
        ):
            if url := aliased_video_url(provider, match[1]):
                key = _VIMEO_KEY.search(code[match.end() : match.end() + 200].partition("}")[0])
                yield with_vimeo_key(url, key[1]) if key else url
    for match in islice(_TWITCH_CHANNEL.finditer(code), 5):
        yield f"https://player.twitch.tv/?channel={match[1]}"
    yield from _find_keyed_players(code, lowered)


def _find_keyed_players(code: str, lowered: str) -> Iterator[str]:
    """Yield the URLs of players that need more than one id, such as an account and a video."""
    if "kwidget" in lowered or "kaltura" in lowered:
        partner = _KALTURA_PARTNER.search(code)
        for match in islice(_KALTURA_ENTRY.finditer(code), _MAX_KEYED_PLAYERS):
            yield kaltura_url(partner[1] if partner else "", match[1])
    if "brightcove" in lowered or "catalog.getvideo" in lowered:
        account = _BRIGHTCOVE_ACCOUNT.search(code)
        for match in islice(_BRIGHTCOVE_VIDEO.finditer(code), _MAX_KEYED_PLAYERS):
            yield brightcove_url(account[1] if account else "", match[1])
    if "limelight" in lowered or "delve" in lowered:
        for match in islice(_LIMELIGHT_MEDIA.finditer(code), _MAX_KEYED_PLAYERS):
            yield f"https://video.limelight.com/player/loader.swf?mediaId={match[1]}"


def _find_caption_links(code: str, page: PageDocument) -> Iterator[CaptionLink]:
    for match in list(_CAPTION_TRACK.finditer(code))[:40]:
        fields = {name.lower(): value for name, value in _CAPTION_TRACK_FIELD.findall(match[0])}
        if (url := page.absolute_url(match[1])) and "thumbnail" not in match[0].lower():
            yield CaptionLink(
                url,
                fields.get("srclang") or fields.get("language") or fields.get("lang") or "",
                fields.get("label") or "",
            )
    for match in islice(_CAPTION_FILE.finditer(code), 5):
        if url := page.absolute_url(match[1]):
            yield CaptionLink(url)
