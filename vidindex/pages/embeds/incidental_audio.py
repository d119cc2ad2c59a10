"""Tell audio that is evidence of what somebody said from audio that only belongs to the page.

Voices of machines and of the author that read the article itself, sounds of the interface, background music, voice
messages, pronunciations, previews of songs and live radio are not evidence: nothing can be looked up in them, or it is
the text of the article again.
"""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from ...transcripts.lazy_pattern import lazy_pattern
from ..markup import element_text
from ..providers import is_filler_file

_READING_SERVICE = lazy_pattern(
    r"(?i)beyondwords|speechkit|spkt\.io|trinity-?(?:audio|player|media|tts)|trinityaudio|trinitymedia|elevenlabs|audio-?native|"
    r"\bplay\.?ht\b|ad-?auris|remixd|readspeaker|\brs(?:btn|kn)|responsivevoice|text-?to-?speech|(?<![a-z])tts(?![a-z])|"
    r"listen-?to-?(?:this-?)?(?:article|post|page|blog|content|text)|article-?(?:listen|narration|reader|to-?speech|speech|tts)|"
    r"(?:read|speak)-?aloud|narrat(?:ion|ed|or)|voice-?over|newsoveraudio|noa-?player|amazon-?polly|(?<![a-z])polly(?![a-z])|"
    r"gspeech|webreader|instaread|audio-?version|speechify|naturalreader|vorlese|lire-?article|spoken-?article|audio-?article-?tts"
)
"""Services and names of players that read the article aloud."""

_READS_ARTICLE = lazy_pattern(
    r"(?i)\b(?:listen to|hear|play) (?:this|the) (?:article|post|blog|page|column|essay|newsletter)\b|\baudio version\b|"
    r"\b(?:article|post|story) (?:narration|voice-?over|read aloud)|\bread (?:aloud|to me)\b|\btext[ -]to[ -]speech\b|"
    r"\b(?:article|audio|story|post|voice) (?:was |is )?(?:auto-?generated|generated|created|read|narrated|voiced) (?:by|using|with)\b|"
    r"\bauto(?:matically)?[ -]generated (?:audio|voice|speech)|\bAI[ -](?:generated )?(?:voice|audio|narrat\w+)|"
    r"\b(?:artikel|text) (?:an|vor)(?:hören|lesen)|\bvorlesen lassen|\baudioversion\b|"
    r"écoute[rz] (?:cet |l[’'])article|\bescuch(?:a|ar|e) (?:el |este |la |esta )?(?:art[ií]culo|nota|noticia)|"
    r"\bou(?:ça|vir|ve) (?:este |o |esta |a )?(?:artigo|conteúdo|texto|notícia|matéria)|\bascolta (?:questo |l[’'])articolo|"
    r"\bluister naar dit artikel|\bartikel (?:be)?luisteren|\blyssna på (?:artikeln|texten)|\blyt til artiklen|\blytt til (?:artikkelen|saken)|"
    r"\bkuuntele (?:juttu|artikkeli)|posłuchaj (?:tego )?artykułu|poslechnout článek|прослушать (?:статью|новость)|слушать статью|прослухати статтю|"
    r"(?:makaleyi|haberi|yazıyı) dinle|ακούστε το άρθρο|\bdengarkan (?:artikel|berita)|nghe (?:đọc )?bài|"
    r"記事を(?:音声で)?(?:聴く|聞く|読み上げ)|音声読み上げ|기사 (?:듣기|읽어)|본문 듣기|(?:收听|朗读|聆听|朗讀|收聽)(?:本文|文章|全文)|听新闻|語音朗讀|语音朗读|"
    r"استمع (?:إلى|الى) (?:المقال|الخبر)|(?:लेख|खबर|ख़बर) सुनें"
)
"""What stands beside a player that reads the article aloud.  `Listen to the story` of a radio station is not one."""

_MESSAGE_NAME = lazy_pattern(
    r"(?i)voice-?(?:note|message|comment|mail)|audio-?(?:message|comment)|pronunciation|pronounce|captcha|karaoke"
)
_EFFECT_NAME = lazy_pattern(
    r"(?i)(?:^|[\W_])(?:notif\w*|beeps?|ding|chime|alert\w*|alarm|sound-?(?:effect|fx)s?|sfx|ringtone|bells?|message-?sound|chat|swoosh|buzzer|"
    r"background-?(?:music|audio|sound)|bg-?(?:music|audio|sound|m)|ambient|typing|click-?sound|ui-?sound)(?=$|[\W_\d])"
)
_EFFECT_WORDS = frozenset((
    "click", "clicks", "beep", "ding", "dong", "chime", "alert", "alarm", "notification", "notify", "notice", "bell", "ring", "ringtone", "pop", "swoosh", "whoosh",
    "tick", "tap", "hover", "silence", "silent", "blank", "empty", "mute", "error", "wrong", "correct", "success", "fail", "buzzer", "win", "lose", "coin", "bgm", "music",
    "background", "message", "msg", "sound", "effect", "sfx", "incoming", "outgoing", "send",
))  # fmt: skip
_MAX_EFFECT_WORDS = 2
_PREVIEW_URL = lazy_pattern(
    r"(?i)mp3-preview|audio-ssl\.itunes|itunes-assets|(?:^|[./-])previews?\.dzcdn|cdnt?-preview"
)
_LIVE_URL = lazy_pattern(
    r"(?i)^(?:stream\w*|live\w*|icecast\w*|shoutcast\w*|icy|edge-audio|listen)\.|/;|/(?:live|stream|listen|radio)(?:\.\w{2,4})?$"
)
_PRONOUNCED_FILE = lazy_pattern(r"(?:LL-Q\d+|[A-Z][a-z]{1,2}-)(?!.*(?i:speech|interview|address|remarks))")
_RAIL_NAME = lazy_pattern(
    r"(?i)(?:^|[\s_-])(?:podcasts|(?:latest|recent|more|our|featured|all|other)-?(?:podcasts?|episodes?)|podcast-?(?:list|promo|rail|grid|"
    r"carousel|slider|feed)s?)(?=$|[\s_-])"
)
_RAIL_LINK = lazy_pattern(r"(?i)^(?:all|more|see all|view all|browse|alle|mehr|tous|toutes|todos|más|tutti|все)\b")
_MIN_RAIL_PLAYERS, _MAX_RAIL_TEXT_CHARS, _MAX_RAIL_ANCESTORS = 2, 1500, 8
_MAX_ANCESTORS = 5
_MAX_NEAR_CHARS = 200


def is_incidental(element: HtmlElement, url: str) -> bool:
    """Return whether the audio at *url*, which *element* plays, is not evidence of what somebody said."""
    return is_incidental_file(url) or _is_effect(element, url) or _reads_article(element)


def is_in_podcast_rail(element: HtmlElement) -> bool:
    """Return whether *element* is one of the players of podcasts that a site shows beside each of its articles."""
    for node in islice(element.iterancestors(), _MAX_RAIL_ANCESTORS):
        if node.tag in ("body", "html", "main", "article"):
            return False
        if _RAIL_NAME.search(f"{node.get('class') or ''} {node.get('id') or ''}"[:400]) and _is_rail(node):
            return True
    return False


def _is_rail(node: HtmlElement) -> bool:
    if (
        sum(len(element_text(each, limit=_MAX_RAIL_TEXT_CHARS)) for each in islice(node.iter("p"), 50))
        > _MAX_RAIL_TEXT_CHARS
    ):
        return False
    players = sum(1 for _ in islice(node.iter("iframe", "audio"), _MIN_RAIL_PLAYERS))
    links = (element_text(link, limit=40) for link in islice(node.iter("a"), 50))
    return players >= _MIN_RAIL_PLAYERS or any(map(_RAIL_LINK.match, links))


def is_incidental_file(url: str) -> bool:
    """Return whether *url* alone shows that the audio is not evidence."""
    parts = urlsplit(url)
    host, name = (parts.hostname or "").lower(), unquote(parts.path.rpartition("/")[2])
    if host.endswith("wikimedia.org") and _PRONOUNCED_FILE.match(name):
        return True
    return (
        is_filler_file(url)
        or _PREVIEW_URL.search(f"{host}{parts.path}") is not None
        or _LIVE_URL.search(f"{host}{parts.path}") is not None
        or is_reading_service(url)
    )


def is_reading_service(url: str) -> bool:
    """Return whether *url* is that of a service that reads articles aloud."""
    parts = urlsplit(url)
    return _READING_SERVICE.search(f"{parts.hostname or ''}{parts.path}"[:1000]) is not None


def _is_effect(element: HtmlElement, url: str) -> bool:
    """Return whether *element* plays a sound of the interface, or music in the background."""
    has_controls = element.get("controls") is not None
    if element.get("loop") is not None and (element.get("autoplay") is not None or not has_controls):
        return True
    if has_controls:
        return False
    words = re.findall(r"[a-z]+", unquote(urlsplit(url).path.rpartition("/")[2]).rpartition(".")[0].lower()[:200])
    is_effect_file = 0 < len(words) <= _MAX_EFFECT_WORDS and not _EFFECT_WORDS.isdisjoint(words)
    return is_effect_file or _EFFECT_NAME.search(_names_of(element)) is not None


def _reads_article(element: HtmlElement) -> bool:
    """Return whether *element* reads the article aloud, by the names and the text around it; or plays a message."""
    if _READS_ARTICLE.search(f"{element.get('title') or ''} {element.get('aria-label') or ''}"[:300]):
        return True
    node = element
    for level, each in enumerate((element, *islice(element.iterancestors(), _MAX_ANCESTORS))):
        if each.tag in ("body", "html", "main", "article"):
            break
        names = _names_of(each)
        if _READING_SERVICE.search(names) or _MESSAGE_NAME.search(names):
            return True
        text = element_text(each, limit=_MAX_NEAR_CHARS + 1) if level else ""
        if len(text) <= _MAX_NEAR_CHARS:
            node = each
            if _READS_ARTICLE.search(text):
                return True
    before = node.getprevious()
    text = element_text(before, limit=_MAX_NEAR_CHARS + 1) if before is not None and isinstance(before.tag, str) else ""
    return 0 < len(text) <= _MAX_NEAR_CHARS and _READS_ARTICLE.search(text) is not None


def _names_of(element: HtmlElement) -> str:
    return f"{element.tag!s} {element.get('class') or ''} {element.get('id') or ''} {element.get('data-testid') or ''}"[
        :400
    ]
