"""Recognize pages that a site shows instead of an article: a request for consent, a login, or a bot check.

A wall has no text of its own: what it says is about cookies, accounts or browsers.  An article with a cookie banner, or
about cookies, is not a wall.
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from ..model import Article
from ..net.bot_checks import BOT_CHECK_TEXT, BOT_CHECK_WIDGETS
from ..transcripts.lazy_pattern import lazy_pattern

WallKind = Literal["consent", "login", "bot check"]

_MAX_HTML_BYTES = 300_000
_MAX_TEXT_CHARS = 50_000
_MAX_BARE_WORDS = 12
_MAX_STRAY_WORDS = 20
_MAX_TEASER_WORDS = 40
_MAX_SHORT_WORDS = 60
_MAX_TITLE_WORDS = 10
_MIN_PHRASES = 2
_MIN_ADDRESS_SHARE = 0.4

_CONSENT_HOST = r"(?:consent|guce|cmp\d*|privacy|myprivacy|cookies?|cookiewall|zustimmung)\."
_CONSENT_PATH = (
    r"[^?]*/(?:zustimmung|consent\w*|collectconsent|cookie-?(?:wall|consent|notice|law)s?|cookies|gdpr|dsgvo|rgpd|tcf"
    r"|privacy-?(?:gate|wall|consent)|consentement|consentimiento)(?:[/?.]|$)"
)
_LOGIN_HOST = r"(?:log-?in|sign-?in|accounts?|auth|sso|konto|idp?|secure)\."
_LOGIN_PATH = (
    r"[^?]*/(?:log-?in|authwall|sign-?in|signup|sign-?up|sign_in|anmelden|anmeldung|einloggen|registrier\w+|connexion"
    r"|s-identifier"
    r"|iniciar-sesion|acceso|accedi|logga-in|inloggen|aanmelden|entrar|sso|authorize|paywall|subscribe|abonnement"
    r"|abonnieren|suscripcion)(?:[/?.]|$)"
)
_ADDRESSES: tuple[tuple[WallKind, re.Pattern[str]], ...] = (
    ("consent", lazy_pattern(rf"(?i){_CONSENT_HOST}|{_CONSENT_PATH}")),
    ("login", lazy_pattern(rf"(?i){_LOGIN_HOST}|{_LOGIN_PATH}")),
)

_PHRASES: tuple[tuple[WallKind, re.Pattern[str]], ...] = (
    ("bot check", BOT_CHECK_TEXT),
    ("login", lazy_pattern(
        r"(?i)(?:log|sign) ?in (?:(?:now|or [\w ]{2,30}) )?to (?:your account to )?"
        r"(?:read|continue|view|watch|access|see|unlock|keep)"
        r"|(?:subscribe|register|sign ?up) (?:now |today |for free |or [\w ]{2,20} )?to (?:continue|read|keep|unlock"
        r"|access|view)"
        r"|(?:for|to|are) subscribers? only|subscribers?.only|exclusive(?:ly)? (?:to|for) (?:our )?(?:subscribers"
        r"|members)"
        r"|(?:article|content|story|page) is (?:only )?(?:reserved )?(?:for|available (?:only )?(?:to"
        r"|for)) (?:our )?(?:\w+ )?"
        r"(?:subscribers|members)|already (?:a |an )?(?:subscriber|member|subscribed|registered|have an account)"
        r"|create (?:a |your |an )?(?:free )?account to|(?:reached|used) your (?:\w+ )?(?:limit|free articles)"
        r"|last free article|you (?:must|need to|have to) (?:be logged in|log ?in|sign ?in|subscribe|register)"
        r"|(?:anmelden|registrieren|einloggen|abonnieren),? um|um (?:weiterzulesen|den (?:ganzen )?artikel zu lesen)"
        r"|(?:melden sie sich|melde dich|loggen sie sich|logge dich) (?:bitte )?(?:an|ein)\b|nur für abonnent"
        r"|jetzt (?:weiterlesen|abonnieren)|(?:bereits|schon) (?:abonnent|registriert|ein (?:abo|konto)|kunde)"
        r"|exklusiv für abonnent|réservée? aux (?:abonnée?s|membres)|(?:connectez|identifiez|abonnez"
        r"|inscrivez)-vous pour"
        r"|déjà (?:abonnée?|inscrite?|un compte)|(?:inicia|inicie|iniciar) sesión para|suscríbe(?:te|se) para"
        r"|(?:solo|exclusivo) para suscriptores|ya (?:eres|es) (?:suscriptor|usuario)|accedi per|abbonati per"
        r"|riservato agli abbonati|(?:sei )?già abbonato|(?:inloggen|log in|abonneer(?:t)?(?: (?:je|u))?"
        r"|registreer je) om"
        r"|alleen (?:voor|toegankelijk voor) abonnees|(?:ben je )?al abonnee|(?:faça login|inicie sessão|entre"
        r"|assine) para"
        r"|(?:exclusivo|apenas) para assinantes|já é assinante|logga in för att|log(?:g)? in(?:d)? for (?:at|å)"
        r"|kun for abonnenter|(?:endast )?för prenumeranter|zaloguj się,? (?:aby|by|żeby)|tylko dla prenumerator"
        r"|masz już (?:konto|prenumeratę)|войдите,? чтобы|только для подписчиков|подпишитесь,? чтобы"
        r"|ログインして|会員限定|有料会員"
    )),
    ("consent", lazy_pattern(
        r"(?i)\bbefore you (?:continue|proceed|go)\b|we (?:value|respect|care about) your privacy|your privacy matters"
        r"|\bwe,? and our (?:[\d,.]{1,6} )?(?:\w+ ){0,3}partners|store and/or access information|\baccept all\b"
        r"|\breject all\b"
        r"|agree (?:and|&) (?:close|continue|proceed)|consent (?:and|to) continue|accept (?:and|&) (?:close|continue"
        r"|proceed)"
        r"|manage (?:my |your |privacy )?(?:options|settings|preferences|choices|cookies)|your (?:privacy"
        r"|cookie) choices"
        r"|legitimate interests?|to continue (?:reading|using|to)\b.{0,60}(?:accept|consent|agree)|we use cookies"
        r"|(?:accept|allow|agree to) (?:the |our |all )?cookies|we need your consent"
        r"|bevor (?:sie|du) (?:fortf|weiter|zu)|wir (?:schätzen|respektieren) ihre privatsphäre|(?:wir"
        r"|und) (?:und )?unsere "
        r"(?:[\d.]{1,6} )?partner|alle(?:s|m)? (?:akzeptieren|annehmen|ablehnen|zustimmen)|(?:akzeptieren"
        r"|zustimmen) und weiter"
        r"|(?:ihre|deine) (?:zustimmung|einwilligung)|(?:mit|ohne) werbung (?:weiter)?lesen|mit werbung (?:und|nutzen"
        r"|weiter)"
        r"|informationen auf einem gerät|wir (?:verwenden|nutzen) cookies|um der nutzung"
        r"|avant de (?:continuer|poursuivre)|nous (?:et nos|respectons votre)|tout (?:accepter|refuser)"
        r"|accepter (?:et|&) (?:fermer|continuer)|continuer sans accepter|votre consentement|nous utilisons des cookies"
        r"|antes de (?:continuar|ir a)|acept(?:ar|o) (?:todo|todas|y continuar|y cerrar)|rechazar tod"
        r"|(?:valoramos|respetamos) (?:tu|su) privacidad|nosotros y nuestros|(?:utilizamos|usamos) cookies"
        r"|prima di continuare|accett(?:a|o) (?:tutt|e continua|e chiudi)|rifiuta tutt|noi e (?:i nostri|terze parti)"
        r"|continua senza accettare|voordat (?:je|u) (?:verder|door)|all(?:es|e cookies) (?:accepteren|weigeren"
        r"|toestaan)"
        r"|wij en onze|akkoord (?:en (?:verder|doorgaan)|gaan)|jouw toestemming|uw toestemming"
        r"|aceitar (?:tudo|todos|e continuar)|rejeitar tud|nós e os nossos|valorizamos (?:a )?sua privacidade"
        r"|innan du fortsätter|(?:godkänn|acceptera|neka) alla|vi och våra|før du fortsætter|før du fortsetter"
        r"|accepter alle|godta alle|zanim przejdziesz|zaakceptuj wszystk|akceptuję i przechodzę|my i nasi"
        r"|cenimy (?:twoją|państwa) prywatność|прежде чем (?:продолжить|перейти)|принять все|отклонить все"
        r"|続行する前に|続ける前に|すべて(?:承認|同意|許可|拒否)"
    )),
)  # fmt: skip

_LOGIN_TITLE = lazy_pattern(
    r"(?i)(?:log ?in|sign ?in|anmeld\w+|einloggen|connexion|se connecter|iniciar sesión|acceso|accedi|login|inloggen"
    r"|aanmelden|logga in|log ind|logg inn|logowanie|zaloguj|entrar|вход|войти|ログイン)\b"
)
_PASSWORD_FIELD = re.compile(rb"""(?i)type\s{0,5}=\s{0,5}["']?password""")

_WIDGETS: tuple[tuple[WallKind, re.Pattern[bytes]], ...] = (
    ("bot check", BOT_CHECK_WIDGETS),
    ("consent", re.compile(
        rb"(?i)didomi|privacy-center\.org|onetrust|cookielaw\.org|usercentrics|sourcepoint|privacy-mgmt\.com|sp_message"
        rb"|cookiebot|qc-cmp|quantcast\.mgr|consensu\.org|trustarc|consentmanager|cmpbox|iubenda|trustcommander|axeptio"
        rb"|fundingchoices|cookieyes|osano\.com|borlabs|traffective|opencmp|cookiefirst|klaro|tarteaucitron"
    )),
    ("login", _PASSWORD_FIELD),
)  # fmt: skip

_WALL_WORDS = lazy_pattern(
    r"(?i)cookie|consent|privacy|partner|personal (?:data|information)|advertis|\bads?\b|tracking|purpose|preferenc"
    r"|accept"
    r"|reject|agree|terms|log(?:ged)? ?in|sign(?:ed)? ?(?:in|up)|subscri|account|password|e-?mail|regist|browser"
    r"|javascript"
    r"|captcha|robot|human|verif|security|cloudflare|ray id|continu|loading|redirect|forgot|remember me|member"
    r"|datenschutz|einwillig|zustimm|akzeptier|ablehn|werbung|personenbezogen|\babos?\b|anmeld|registr|konto|weiterlesen"
    r"|confidentialité|consentement|publicit|refus|données|abonn|connect|compte|mot de passe|privacidad|consentimiento"
    r"|acept|rechaz|socios|suscr|sesión|contraseña|consenso|pubblicità|accett|rifiut|abbon|acced|toestemming"
    r"|advertent|akkoord|weiger|inlog|wachtwoord|samtyck|godkänn|prenumer|zgod|ciasteczk|prywatno|reklam|zalog"
    r"|соглас|конфиденц|подпис|войти|クッキー|同意|ログイン|会員|プライバシー"
)
_READER_WORDS = lazy_pattern(
    r"(?i)\b(?:we|our|us|you|your|wir|uns|unsere\w?|sie|ihre?[nmrs]?|du|deine?[nmrs]?|nous|nos|notre|vous|vos|votre"
    r"|nosotros"
    r"|nuestr[oa]s?|usted|tus?|sus?|noi|nostr[oiae]|tu[oiae]?|wij|onze|je|jouw|uw|nós|noss[oa]s?|sua|você|vi|våra|din"
    r"|dina"
    r"|мы|наш\w*|вы|ваш\w*)\b"
)
_SENTENCE_END = lazy_pattern(r"(?<=[.!?。])\s+|\n+")
_APP_SHELL = re.compile(
    rb"""(?i)\bid\s{0,5}=\s{0,5}["']?(?:root|app|__next|__nuxt|svelte|gatsby-focus-wrapper)["'\s>]"""
)
_UNSEEN_START = lazy_pattern(r"(?i)<(script|style|template|svg)\b")
_TAG = lazy_pattern(r"<[^>]{0,2000}>")


def find_wall(article: Article, html: bytes, *, address: str, asked: str) -> WallKind | None:
    """Return which wall the page *html* is, at *address* after redirects from *asked*; None if it is a page.

    *article* is what was read from the page.  The caller has found no player in it.
    """
    text = article.text
    stray_words, total_words = _count_stray_words(text), len(text.split())
    if stray_words >= _MAX_TEASER_WORDS:
        return None
    head = html[:_MAX_HTML_BYTES]
    moved_to = _match_address(address) if _path_of(address) != _path_of(asked) else None
    titles = (article.title, _stated_title(head))
    marked = moved_to or next(filter(None, map(_match_title, titles)), None) or _match_login_form(titles, head)
    said = _match_phrase(text)
    demanded = marked or ("login" if said == "login" else None)
    if stray_words >= _MAX_STRAY_WORDS:  # the first sentences of an article, or a short page
        return demanded
    if total_words >= _MAX_SHORT_WORDS:
        if article.date or article.author or not _addresses_reader(text):
            return None
        return _match_several_phrases(text) or marked
    if demanded or (total_words >= _MAX_BARE_WORDS and not _addresses_reader(text)):
        return demanded
    return said or _match_phrase(_visible_text(head)) or _match_widget(head, total_words)


def _count_stray_words(text: str) -> int:
    """Return how many words are in sentences that walls do not have."""
    return sum(len(each.split()) for each in _split_sentences(text) if not _WALL_WORDS.search(each))


def _addresses_reader(text: str) -> bool:
    """Return whether most of *text* speaks to you; news about cookies and accounts does not."""
    speaking = sum(len(each.split()) for each in _split_sentences(text) if _READER_WORDS.search(each))
    return speaking >= _MIN_ADDRESS_SHARE * len(text[:_MAX_TEXT_CHARS].split())


def _match_several_phrases(text: str) -> WallKind | None:
    for kind, pattern in _PHRASES:
        if len({match[0].lower() for match in pattern.finditer(text)}) >= _MIN_PHRASES:
            return kind
    return None


def _match_title(title: str) -> WallKind | None:
    return _match_phrase(title) if len(title.split()) <= _MAX_TITLE_WORDS else None


def _split_sentences(text: str) -> list[str]:
    return [each for each in _SENTENCE_END.split(text[:_MAX_TEXT_CHARS]) if each.strip()]


def _match_phrase(text: str) -> WallKind | None:
    return next((kind for kind, pattern in _PHRASES if pattern.search(text)), None)


def _match_login_form(titles: Iterable[str], html: bytes) -> WallKind | None:
    named = any(_LOGIN_TITLE.match(title.strip()) for title in titles)
    return "login" if named and _PASSWORD_FIELD.search(html) else None


def _match_address(address: str) -> WallKind | None:
    host_and_path = address.partition("://")[2]
    return next((kind for kind, pattern in _ADDRESSES if pattern.match(host_and_path)), None)


def _match_widget(html: bytes, total_words: int) -> WallKind | None:
    if total_words >= _MAX_BARE_WORDS or _APP_SHELL.search(html):  # a page that a script fills may be anything
        return None
    return next((kind for kind, pattern in _WIDGETS if pattern.search(html)), None)


def _path_of(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")
    except ValueError:
        return "", ""


def _stated_title(html: bytes) -> str:
    start = html.lower().find(b"<title")
    stated = html[start : start + 1000].partition(b">")[2].partition(b"<")[0] if start >= 0 else b""
    return html_module.unescape(stated.decode("utf-8", "replace")).strip()


def _visible_text(html: bytes) -> str:
    """Return about the text that a browser shows, with buttons and without scripts and styles."""
    seen = " ".join(_seen_parts(html.decode("utf-8", "replace")))
    return " ".join(html_module.unescape(_TAG.sub(" ", seen)).split())


def _seen_parts(text: str) -> Iterator[str]:
    at, lowered = 0, text.lower()
    while (start := _UNSEEN_START.search(text, at)) is not None:
        yield text[at : start.start()]
        at = lowered.find(f"</{start[1].lower()}", start.end())
        if at < 0:
            return
    yield text[at:]
