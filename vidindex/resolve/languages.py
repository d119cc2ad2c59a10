"""What sites and file names write for a language → its code, as BCP 47 spells it."""

from __future__ import annotations

import re

_LANGUAGE_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?:-.{0,40})?", re.IGNORECASE)
_AUTOMATIC_SUFFIX = re.compile(r"-(?:x-)?auto(?:gen|generated|matic)?\b|-asr\b", re.IGNORECASE)
_AUTOMATIC_WORDS = re.compile(r"auto(?:matically)?[- ]?gen|automatic|machine|\(auto\)", re.IGNORECASE)
_AUTOMATIC_LABEL = re.compile(r"auto(?:[- ]?gen(?:erated)?|matic(?:ally generated)?)?", re.IGNORECASE)

# ISO 639-1, and the old codes that YouTube still writes; one string, in which two letters are looked for.
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is "
    "it iu iw ja ji jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn "
    "mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se "
    "sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo "
    "wa wo xh yi yo za zh zu"
)
_ISO_639_2 = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da", "deu": "de",
    "dut": "nl", "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr",
    "fre": "fr", "ger": "de", "gle": "ga", "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu",
    "ind": "id", "isl": "is", "ita": "it", "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "msa": "ms",
    "nld": "nl", "nob": "nb", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru",
    "slk": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk",
    "vie": "vi", "zho": "zh", "yue": "yue", "fil": "fil", "cmn": "zh", "haw": "haw", "ast": "ast", "gsw": "gsw",
}  # fmt: skip
_LANGUAGE_NAMES = {
    "arabic": "ar", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs",
    "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi", "french": "fr",
    "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id",
    "italian": "it", "japanese": "ja", "korean": "ko", "norwegian": "no", "persian": "fa", "polish": "pl",
    "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl",
    "spanish": "es", "swedish": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
    "deutsch": "de", "français": "fr", "español": "es", "italiano": "it", "português": "pt", "nederlands": "nl",
    "svenska": "sv", "dansk": "da", "norsk": "no", "suomi": "fi", "polski": "pl", "čeština": "cs", "türkçe": "tr",
    "русский": "ru", "українська": "uk", "日本語": "ja", "한국어": "ko", "中文": "zh", "العربية": "ar", "עברית": "he",
}  # fmt: skip


def parse_caption_language(stated: str, name: str = "") -> tuple[str, bool]:
    """Read what a site states of a track's language, and whether it says that a machine wrote it."""
    plain = stated.strip().replace("_", "-")
    automatic = bool(_AUTOMATIC_SUFFIX.search(plain) or _AUTOMATIC_WORDS.search(f"{plain} {name}"))
    plain = _AUTOMATIC_SUFFIX.sub("", plain).removesuffix("-orig")
    if _AUTOMATIC_LABEL.fullmatch(plain):
        plain, automatic = "", True
    automatic = automatic or bool(_AUTOMATIC_LABEL.fullmatch(name.strip()))
    code = normalize_language(plain) or _code_from_name(plain) or _code_from_name(name)
    return code or ("" if plain.lower() in ("und", "none", "default") else plain[:40]), automatic


def normalize_language(text: str) -> str:
    """Spell *text* as a BCP 47 code, empty where it is none (`en_us` → `en-US`, `eng` → `en`)."""
    match = _LANGUAGE_TAG.fullmatch(text.strip().replace("_", "-"))
    if not match:
        return ""
    language, script, region = (part or "" for part in match.groups())
    language = language.lower()
    language = _ISO_639_2.get(language, language if language in _ISO_639_1 else "")
    if not language:
        return ""
    return "-".join(part for part in (language, script.title(), region.upper()) if part)


def _code_from_name(text: str) -> str:
    first = re.split(r"[\s(,/\[-]", text.strip().lower(), maxsplit=1)[0]
    return _LANGUAGE_NAMES.get(first, "")
