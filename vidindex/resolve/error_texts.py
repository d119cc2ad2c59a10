"""Rules for the texts of errors: what sites say themselves, and what the extractors of yt-dlp say for them.

The rules are general, because yt-dlp has more than a thousand such texts and passes on those of sites.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..transcripts.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from ..model import FailureClass

UPGRADE_HINT = "upgrade with `pip install -U yt-dlp`, then try again"
LOGIN_HINT = "log in with a browser and use --cookies-from-browser"

_NO_VIDEO = f"yt-dlp finds no video at this address: check the link, or {UPGRADE_HINT}"
_GONE = "the video is no longer available"
_WAIT_FOR_SITE = "the site has a problem for now: try again later"
_NOT_YET = "the video is not published yet: wait until it is"
_PROXY_ELSEWHERE = "use --proxy with a server in a country where it is available"
_OVER = "the live stream is over: wait for its recording"

# (text, failure class, next step); the first rule that matches decides.
_TEXT_RULES: tuple[tuple[str, FailureClass, str], ...] = (
    # The request is the problem
    (r"not a bot|captcha|unusual traffic|client challenge|considered .{1,40} automated", "later",
     f"the site suspects an automated request: wait, or {LOGIN_HINT}"),
    (r"failed to extract any player response", "later",
     f"the site returned no video data: wait, {LOGIN_HINT}, install deno, or {UPGRADE_HINT}"),
    (r"rate.?limit|too many requests|try again later|play limit|wait and try", "later",
     "too many requests: wait, and use --sleep"),
    (r"embed-only|cannot be played here|only .{0,40}from the webpage where it is embedded|setting a referer"
     r"|(?:embedd?ing|playback on other (?:web)?sites).{0,40}(?:disabled|not allowed|forbidden)", "blocked",
     "the video plays only on the page that embeds it: add the URL of that page"),
    (r"tls fingerprint|cloudflare|impersonat", "blocked", "the site blocks automated requests: wait, or use --proxy"),
    (r"(?:known to use|protected (?:by|with)|uses?|is) drm|\bdrm\b", "drm",
     "the video is encrypted, so that it cannot be added"),
    # The viewer is in another country
    (r"\b(?:countr(?:y|ies)|regions?|territor(?:y|ies)|location)\b.{0,60}(?:available|allow|block|restrict|permit"
     r"|accessib)"
     r"|(?:available|allow|block|restrict|permit|accessib).{0,60}\b(?:countr(?:y|ies)|regions?|territor(?:y|ies)"
     r"|location)\b"
     r"|\b(?:in|from|to|for|outside) (?:of )?(?:your|this|the) (?:current )?(?:country|region|location|territor|area\b)"
     r"|geo.?(?:restrict|block|lock|fenc)|available (?:only )?in [\w' -]{2,40} only\b"
     r"|only (?:be )?(?:available|accessible|viewable|watched|viewed|played) (?:in|from|within|inside) (?!hd"
     r"|your browser)"
     r"|available only (?:in|from|within|inside) (?!hd|your browser)|(?:available|accessible) outside (?:of )?\w"
     r"|not licensed"
     r"|your ip address is (?:outside|not in)|(?:dans|hors de) (?:votre|ton) pays|in (?:deinem|ihrem|diesem) land"
     r"|en (?:su|tu|este) país|(?:em|no) (?:seu|teu) país|nel (?:tuo|suo|vostro) paese|in (?:jouw|uw) land"
     r"|(?:вашей|твоей) стране|вашем регионе|w (?:twoim|tym) kraju|お住まいの", "geo", _PROXY_ELSEWHERE),
    (r"(?:account|user|channel) does(?:n't| not) have any", "unsupported", _NO_VIDEO),
    # The viewer has no access
    (r"confirm your age|age.?restrict|age.?verif|adult verif|sensitive content setting|nsfw", "needs-login",
     f"the video is age-restricted: {LOGIN_HINT}"),
    (r"invalid (?:user ?name|email)|(?:expired?|invalid|invalidated|fresh|refresh|required|needed?|lost"
     r"|not valid).{0,60}"
     r"\b(?:tokens?|cookies?|sessions?|credentials?|authori[sz]ation)\b"
     r"|\b(?:tokens?|cookies?|sessions?|credentials?|authori[sz]ation)\b.{0,60}"
     r"(?:expired|invalid|needed|required|not valid|not found|lost)", "needs-login", LOGIN_HINT),
    (r"members?.only|join this channel|(?:subscriber|supporter|patron|follower|friend)s?.only|premium|purchase|\bpaid\b"
     r"|rental|\bvip\b|subscri(?:be|bers|ption)|not subscribed|tickets? (?:to|for)|participating tv providers"
     r"|(?:do|does)(?:n[o']t| not) have (?:access|permission|tickets)|no access to|not authori[sz]ed|unauthori[sz]ed"
     r"|permission|requires? (?:an? )?(?:account|payment)|unverified account|opted in"
     r"|only for registered", "needs-login",
     LOGIN_HINT),
    (r"password|passcode", "needs-login", "the video needs a password: use --yt-dlp-option video-password=…"),
    (r"private show", "live", "the stream is not public now: try again later"),
    (r"premieres? in|will (?:begin|start|be (?:available|released|live|published))|upcoming|not (?:yet )?started"
     r"|scheduled|(?:not|isn't) (?:yet )?(?:been )?(?:available|released|published|aired|downloadable) ?yet"
     r"|not yet (?:been )?(?:available|released|published|aired|live)|release date|coming soon"
     r"|(?:only )?available (?:after|from|starting|on|at) (?:\d|\{)|noch nicht (?:verfügbar|gestartet)"
     r"|pas encore disponible|aún no (?:está )?disponible", "later", _NOT_YET),
    (r"may still be|(?:is|being|still) (?:being )?(?:process|upload|encod|transcod|convert|prepar)|available shortly",
     "later", "the site is still preparing the video: try again later"),
    (r"private|protected (?:tweet|post|account)|dashboard-only", "needs-login", f"the video is private: {LOGIN_HINT}"),
    # The video is a live stream
    (r"no archive|replay is disabled|vod is not available|neither archive|has not been made available", "gone", _GONE),
    (r"live event has ended|recording is not available|(?:is|currently|now) offline|not (?:currently )?live\b"
     r"|(?:live ?stream|stream|live|event|broadcast|space) (?:has |is |was )?(?:ended|over|finished|concluded)"
     r"|no active streams?", "live", _OVER),
    # The site has a problem
    (r"temporar|maintenance|currently (?:unavailable|not available)|(?:internal|server)(?:[ -]side)? error"
     r"|(?:error|problem) (?:on|with|at) (?:the )?server|server.{0,20}(?:overload|busy|down\b)|service unavailable"
     r"|something went wrong|please try again|timed? ?out|an error occurred|unexpected error|derzeit nicht verfügbar"
     r"|momentan nicht verfügbar|vorübergehend", "later", _WAIT_FOR_SITE),
    (r"use --cookies|--username and --password|--netrc", "needs-login", LOGIN_HINT),  # yt-dlp asks for a login
    # The video is gone
    (r"removed|no longer (?:available|exists?|valid|accessible|online|hosted)|(?:does(?:n't| not)|no longer) exist"
     r"|deleted|terminated|suspended|banned|taken down|took down|withdrawn|discontinued|deactivated|copyright|dmca"
     r"|broken link|dead link|is gone\b|not (?:published|online|archived)|(?:video|media|content|clip|stream|song"
     r"|track|file) (?:is |has been )?(?:disabled|blocked)"
     r"|rights .{0,20}expired|\bexpired\b|\bexpiry\b|unplayable|not (?:currently )?playable"
     r"|(?:cannot|can't|could(?:n't| not)) be (?:found|played)|cannot find (?:the )?(?:video|clip|content)"
     r"|\bunavailable\b|(?:not|isn't|aren't|no longer|is no|nor) (?:made )?available"
     r"|\bno such (?:video|clip|episode|item|content|file|post|user|channel|page|media|podcast|audition|\w+$)"
     r"|no (?:nintendo direct|video|clip|episode|item|content|media|post) with (?:the |this |that )?id"
     r"|(?:is|was|has been) unpublished|gelöscht|entfernt|abgelaufen|nicht gefunden|nicht (?:mehr )?(?:verfügbar"
     r"|abrufbar)"
     r"|existiert nicht|introuvable|n'existe (?:pas|plus)|n'est (?:pas|plus) disponible|supprimée?|expirée?"
     r"|no (?:se ha )?encontrad[oa]|no existe|(?:ya )?no (?:está )?disponible|eliminad[oa]|caducad[oa]|non trovat[oa]"
     r"|non (?:è )?(?:più )?disponibile|rimoss[oa]|scadut[oa]|niet gevonden|niet (?:meer )?beschikbaar|verwijderd"
     r"|verlopen|não (?:foi )?encontrad[oa]|não (?:está )?(?:mais )?disponível|removid[oa]|nie znaleziono|nie istnieje"
     r"|usunięt|niedostępn|не найден|недоступ|удал[её]н|не существует|見つかりません|削除|存在しません|配信は終了",
     "gone", _GONE),
    (r"\bnot found\b(?! in (?:the )?(?:web ?page|page|response|data|api|html|json|url|code))|\b404\b", "gone", _GONE),
    # The rest of what needs a login or is refused
    (r"log.?in|sign.?in\b|logged|authentica|--cookies|registered users|credentials|no access|is locked|account",
     "needs-login", LOGIN_HINT),
    (r"your ip|ip address|(?:request|access).{0,40}(?:blocked|denied|rejected|forbidden)"
     r"|(?:blocked|denied|rejected|forbidden) (?:by|from)|access forbidden|\bforbidden\b|is restricted"
     r"|can(?:'t|not) be accessed", "blocked",
     f"the site refuses the request: wait, use --proxy, or {LOGIN_HINT}"),
    # There is no video
    (r"unsupported url|no suitable extractor|not a valid url|unsupported url scheme|invalid url"
     r"|\bno (?:\w+[ /]){0,2}(?:videos?|media|audio|songs?|episodes?|tracks?|sources?|streams?)\b"
     r"|not an? (?:\w+[ /]){0,2}(?:video|audio|media|file|podcast)|(?:does(?:n't| not)|not) (?:contain|have|include) "
     r"(?:(?:an?|any)\b.{0,20})?(?:video|audio|media|track)|no longer supported|(?:website|site|url"
     r"|type) is not supported|not supported"
     r"|unsupported|has no (?:video|audio|media)", "unsupported", _NO_VIDEO),
)  # fmt: skip
NEXT_STEPS = frozenset(step for _, _, step in _TEXT_RULES)
_TEXT_PATTERNS = tuple((lazy_pattern(text, re.IGNORECASE), verdict, step) for text, verdict, step in _TEXT_RULES)

_PARSE_FAILURE = lazy_pattern(
    r"(?i)^(?:\w+ )?(?:unable|failed|could ?n[o']t|cannot|can ?not|can't|did not) (?:to )?(?:extract|parse|find|get"
    r"|obtain"
    r"|decode|decrypt|identify|recognize|resolve|calculate|retrieve|solve|construct|fetch|load|read|convert|determine"
    r"|download (?:js|format))"
    r"|^(?:missing|unexpected|unknown|unrecognized|invalid (?!user|email)|unsupported|no auth|no \w+ (?:host|token"
    r"|id)\b)"
    r"|failed to parse|tokens? found\b|not found (?:in|even)|\bids? (?:was |were )?not found|(?:data|info"
    r"|information|parameters?|url|object"
    r"|element|key|tiles?) (?:was |were )?not found|returned empty|sent the wrong|extractor error|token not generated"
)
"""What extractors say when they cannot read a page, unless yt-dlp marks the error as expected."""

_SITE_STATEMENT = lazy_pattern(r"(?i)\b(?:said|says|returned (?:an )?error|api error|reason given)\b")
_HTTP_STATUS = lazy_pattern(r"(?i)\bHTTP Error \d{3}(?::? [A-Z][A-Za-z' -]{1,40})?")
_DOWNLOAD_NOTE = lazy_pattern(r"(?i)\bunable to (?:download|fetch|load)\b[^:]{0,60}:?")
_STATUS_NUMBER = lazy_pattern(r"(?i)\b(?:http|status|code|error)\b\D{0,12}\b([45]\d\d)\b")
_INSTALLATION = lazy_pattern(r"(?i)(?:phantomjs|pycryptodomex?|websockets|ffmpeg)\b.{0,20}not found|please install")
_CODE_PARTS = lazy_pattern(r"_|(?<=[a-z])(?=[A-Z])")


def match_text(text: str) -> tuple[FailureClass, str] | None:
    """Return the failure class of an error with *text*, and the next step; None if no rule knows it."""
    if _INSTALLATION.search(text):
        return "failed", "yt-dlp needs another program or package for this site: install it"
    # The class of a status follows from its number, and a code such as VIDEO_NOT_FOUND or VideoNotFound is a text.
    stated = _CODE_PARTS.sub(" ", _DOWNLOAD_NOTE.sub("", _HTTP_STATUS.sub("", text))).replace("’", "'")
    for pattern, verdict, step in _TEXT_PATTERNS:
        if pattern.search(stated):
            return verdict, step
    return None


def find_status(text: str) -> int:
    """Return the HTTP status that *text* names, or 0."""
    found = _STATUS_NUMBER.search(text)
    return int(found[1]) if found else 0


def is_parse_failure(text: str) -> bool:
    """Return whether *text* says that an extractor could not read a page, and not what a site says itself."""
    return not is_site_statement(text) and bool(_PARSE_FAILURE.search(text))


def is_site_statement(text: str) -> bool:
    """Return whether *text* passes on what a site says."""
    return bool(_SITE_STATEMENT.search(text))


_MAX_HEAD_CHARS, _MAX_TAIL_CHARS = 1400, 500
_ESCAPE_SEQUENCE = lazy_pattern(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_CONTROL = lazy_pattern(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_PREFIX = lazy_pattern(r"^(?:ERROR: )?(?:\[[^\]]{1,60}\] )?")
_BUG_REPORT = lazy_pattern(r"[;,]?\s{0,3}\bplease report this issue on\b.{0,300}?(?:yt-dlp -U\b|$)", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Return the text of an error on one line: without control characters, and what yt-dlp adds to all texts.

    The middle of a very long text is left out.
    """
    plain = " ".join(_CONTROL.sub(" ", _ESCAPE_SEQUENCE.sub("", text[:100_000])).split())
    plain = _BUG_REPORT.sub("", _PREFIX.sub("", plain)).strip()
    if plain.endswith(")"):
        plain = plain.partition("(caused by ")[0].strip()
    if len(plain) > _MAX_HEAD_CHARS + _MAX_TAIL_CHARS:
        plain = f"{plain[:_MAX_HEAD_CHARS].rstrip()} … {plain[-_MAX_TAIL_CHARS:].lstrip()}"
    return plain.rstrip(" .:") or "unknown error"
