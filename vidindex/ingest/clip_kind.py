"""Classify a video by the words around it: interview, performance, trailer…

The texts are searched from the most to the least reliable: the labels of the embeds, the title, the categories and
tags, the description.  In each text the first row of `KIND_PATTERNS` that matches wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ..model import Transcript, Video

KIND_PATTERNS: tuple[tuple[str, str], ...] = (
    ("trailer", r"trailers?|teaser|first look|sneak peek|official clip"),
    (
        "interview",
        r"interview(s|ed|ing|er)?|(sits?|sat) down with|talks? (to|with)|q ?& ?a|one.on.one|in conversation"
        r"|opens up|entrevista|entretien|intervista",
    ),
    ("press conference", r"press (conference|briefing)|news conference|presser|briefs reporters|pressekonferenz"),
    ("debate", r"debates?|panel( discussion)?|roundtable|town hall"),
    (
        "performance",
        r"perform(s|ed|ing|ance|ances)?|live (at|on|from|in)|live session|sings?|sang|concert|acoustic|unplugged"
        r"|medley|on ?stage|auftritt",
    ),
    ("music video", r"(music|lyric|official|hd) video|official audio|videoclip|clip officiel|visuali[sz]er"),
    (
        "speech",
        r"speech(es)?|keynote|address(es)? (the|to)|state of the union|commencement|sermon|remarks|eulogy"
        r"|acceptance|inaugural|rede|discours|discurso",
    ),
    ("lecture", r"lectures?|lesson|talk at|ted ?x?( talk)?|seminar|webinar|tutorial|how to|explained"),
    ("hearing", r"hearing|testi(fies|fied|mony)|trial|court (case|hearing)|inquiry|council meeting|committee"),
    ("news report", r"news|report(s|ed|er)?|breaking|headlines|correspondent|anchor|bulletin"),
    ("documentary", r"documentar(y|ies)|behind the scenes|making of|the story of|docuseries"),
    ("podcast", r"podcast|episode \d+|ep\.? ?\d+"),
    ("review", r"reviews?|unboxing|hands.on|reaction|reacts"),
    ("game", r"gameplay|walkthrough|let'?s play|speedrun|match highlights"),
    ("comedy", r"stand.?up|sketch|monologue|parody|roast|blooper|prank"),
    ("advert", r"commercials?|advert(isement)?|promo|campaign spot"),
)
"""The kinds with a pattern for each; the more specific kinds come first."""

OTHER_KIND = "other"

_KIND_BY_CATEGORY = {"music": "music video", "news & politics": "news report", "gaming": "game", "comedy": "comedy"}
"""YouTube categories that decide the kind if no words do."""


def classify_clip(video: Video, labels: Iterable[str] = (), transcript: Transcript | None = None) -> str:
    """Return the kind of *video*, or `other`; *labels* are those of its embeds."""
    for text in (*labels, video.title, " ".join((*video.categories, *video.tags))):
        if found := _match_kind(text):
            return found
    for category in video.categories:
        if found := _KIND_BY_CATEGORY.get(category.casefold(), ""):
            return found
    return _match_kind(video.description[:300]) or _detect_performance(transcript) or OTHER_KIND


def _match_kind(text: str) -> str:
    folded = text.casefold()[:500]
    return next((kind for kind, pattern in _compile_patterns() if pattern.search(folded)), "")


@cache
def _compile_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in KIND_PATTERNS)


def _detect_performance(transcript: Transcript | None) -> str:
    """Return `performance` if at least one word in twenty is a musical note, else ""."""
    if transcript is None or not transcript.sounds:
        return ""
    notes = sum(1 for at in transcript.sounds if transcript.words[at].strip("[]()") in {"♪", "♫", "♩", "♬"})
    return "performance" if notes >= 4 and notes * 20 >= len(transcript.words) else ""
