"""Classify a video by the words around it: interview, performance, trailer…

The texts are searched from the most to the least reliable: the labels of the embeds, the title, the description, then
the captions.  In each text the first row of `KIND_PATTERNS` that matches wins.  Words that mean something else more
often than not decide nothing: a video without better ones is `other`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ..model import Transcript, Video
from ..pages.providers import recognize_url
from ..transcripts.heard_kind import hear_kind

KIND_PATTERNS: tuple[tuple[str, str], ...] = (
    ("trailer", r"(official |teaser |red band |final )?trailers?(?! park)|teaser (?:trailer|clip)|official teaser|sneak peek|official clip"),
    (
        "press conference",
        r"press (conference|briefing)|news (conference|briefing)|presser|briefs reporters|pressekonferenz|rueda de prensa"
        r"|conférence de presse|conferenza stampa|weigh-in",
    ),
    ("interview", ""),
    ("performance", ""),
    (
        "debate",
        r"(presidential|vice.presidential|gop|democratic|republican|leaders?.?|tv|primary|final|full) debates?"
        r"|debates? (with|between|on|over)|panel discussion|roundtable|town hall|streitgespräch",
    ),
    (
        "music video",
        r"(official )?(music|lyrics?) video|official (hd )?video|official audio|videoclip|video oficial|clip officiel"
        r"|visuali[sz]er|\(official\)|\bm/?v\b(?=\W|$)",
    ),
    (
        "speech",
        r"(keynote|acceptance|inaugural|farewell|victory|concession|commencement|wedding|campaign|full|first|best man) speech"
        r"|speech(es)? (to|at|on|by)|keynote|address(es)? (the|to) (the )?(nation|congress|troops|un\b|united nations|graduates|class|crowd"
        r"|delegates|parliament|national)|addresses (?=\w)|state of the union|commencement|sermon|delivers? remarks|full remarks|eulogy"
        r"|inaugural address|farewell address|antrittsrede|regierungserklärung",
    ),
    ("lecture", r"lectures?(?! hall)|tedx\w*|ted talks?|ted-ed|seminar|webinar|colloquium|vorlesung|talks at google|clase magistral"),
    (
        "hearing",
        r"(senate|house|congressional|confirmation|committee|court|impeachment|public) hearing|hearing (on|before|of the)"
        r"|testi(fies|fied|mony|fying)( (before|to|at|in|on|against))?|court hearing|trial of|council meeting|(public|royal) inquiry",
    ),
    (
        "news report",
        r"(bbc|abc|nbc|cbs|fox|sky|cnn|itv|pbs|euronews|vice|breaking|evening|nightly|world|local) news(?! (conference|briefing))"
        r"|news (report|bulletin|story)|special report|breaking news|newscast|tagesschau|journal télévisé|telediario",
    ),
    ("documentary", r"documentar(y|ies)|behind the scenes|making.of|docuseries|dokumentation|\bdoku\b|documental|documentaire"),
    ("podcast", r"podcasts?|(?<=#)\d+ podcast"),
    (
        "review",
        r"(movie|film|album|book|game|product|car|phone|full|honest|in-depth|tv|show|video|spoiler.free|quick|my|long.term) reviews?"
        r"|reviews?$|reviews? ?[!:|(\-–—]|unboxing|hands.on (with|review)",
    ),
    ("game", r"gameplay|walkthrough|let['’]?s play|speedrun|playthrough"),
    ("comedy", r"stand.?up (comedy|special)?|monologue|cold open|parody|bloopers?|\bprank|comedy (special|sketch)|\bsnl\b"),
    ("advert", r"(super bowl|tv|official|banned) commercials?|commercial \d{4}|adverti[sz]ement|\bad campaign|campaign (ad|spot)|werbespot"),
)  # fmt: skip
"""The kinds with a pattern for each; the more specific kinds come first.  `clip_words` has those that are empty."""

OTHER_KIND = "other"

_MAX_TEXT_CHARS = 500
_STATED_KINDS = ("interview", "podcast", "documentary", "lecture", "speech", "debate")
_MAX_DESCRIBING_TAGS = 5
_DESCRIBED_INTERVIEW = re.compile(
    r"(?i)\b(?:(?:sits?|sat) down with|in an? (?:exclusive |wide-ranging )?interview|interviews? (?:with )?[A-Z]|talks? (?:to|with) (?!you|us\b|me\b|about)"
    r"[\w’' ]{3,40} about|joins (?:us|\w+(?: \w+)?) to (?:talk|discuss)|(?:talks?|chats?) with (?:jimmy|stephen|ellen|conan|james|seth|graham|us) about)"
)
_DESCRIBED_PERFORMANCE = re.compile(
    r"(?i)\b(?:performs? [“\"'‘][^”\"'’]{2,60}[”\"'’]|performing (?:[“\"'‘]|live\b)|live performance of|musical guest [\w’' .&]{2,40} performs?|recorded live (?:at|in|from))"
)  # fmt: skip


def classify_clip(video: Video, labels: Iterable[str] = (), transcript: Transcript | None = None) -> str:
    """Return the kind of *video*, or `other`; *labels* are those of its embeds.

    Players of songs and albums are performances, whatever their titles say.
    """
    recognized = recognize_url(video.url)
    if recognized is not None and recognized.is_music:
        return "performance"
    for text in (*labels, video.title):
        if found := _match_kind(text, video.channel):
            return found
    if found := _match_tags(video):
        return found
    return _match_description(video.description[:_MAX_TEXT_CHARS]) or hear_kind(transcript) or OTHER_KIND


def _match_kind(text: str, channel: str = "") -> str:
    from .clip_words import is_interview, is_performance

    text = " ".join(text.split())[:_MAX_TEXT_CHARS]
    if not text:
        return ""
    folded = text.casefold()
    for kind, pattern in _compile_patterns():
        if kind == "interview":
            found = is_interview(text, channel)
        else:
            found = is_performance(text) if kind == "performance" else pattern.search(folded) is not None
        if found:
            return kind
    return ""


@cache
def _compile_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"(?:(?<!\w)|\b)(?:{words})(?!\w)")) for kind, words in KIND_PATTERNS)


def _match_tags(video: Video) -> str:
    """Return the kind that the categories and tags state.

    One of a few tags describes the video; many tags help it to be found.
    """
    categories = {category.casefold() for category in video.categories}
    tags = {tag.casefold() for tag in video.tags}
    stated = [kind for kind in _STATED_KINDS if kind in tags and len(tags) <= _MAX_DESCRIBING_TAGS]
    if len(stated) == 1:
        return stated[0]
    if "gaming" in categories and {"gameplay", "walkthrough", "let's play"} & tags:
        return "game"
    return "music video" if "music" in categories else ""


def _match_description(text: str) -> str:
    if _DESCRIBED_INTERVIEW.search(text):
        return "interview"
    return "performance" if _DESCRIBED_PERFORMANCE.search(text) else ""
