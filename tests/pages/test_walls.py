"""Consent, login and bot walls, and pages that only look like them."""

from __future__ import annotations

import pytest

from vidindex.pages.article import read_article
from vidindex.pages.walls import find_wall

ASKED = "https://www.kettle.example/2026/regatta.html"
STORY = (
    "The regatta began at dawn, when the first boats left the harbor. Crowds stood along the river. "
    "The kettle factory had closed for the day, and its workers rowed the largest boat. At noon the wind turned. "
    "Two boats collided near the old bridge, but nobody was hurt. The mayor gave the cup to the youngest crew. "
)


def wall_of(body: str, *, title: str = "", address: str = ASKED, head: str = "") -> str | None:
    html = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()
    return find_wall(read_article(html, url=address), html, address=address, asked=ASKED)


@pytest.mark.parametrize(
    ("address", "title", "body"),
    [
        ("https://consent.google.com/m?continue=https://www.kettle.example/", "Before you continue to Google",
         "<h1>Before you continue to Google</h1><p>We use cookies and data to</p><ul><li>Deliver and maintain Google"
         " services</li><li>Track outages and protect against spam, fraud, and abuse</li></ul>"
         "<p>If you choose to “Accept all,” we will also use cookies and data to</p><ul><li>Develop and improve new"
         " services</li><li>Deliver and measure the effectiveness of ads</li><li>Show personalized content,"
         " depending on"
         " your settings</li></ul><p>If you choose to “Reject all,” we will not use cookies for these additional"
         " purposes.</p><p>Select “More options” to see additional information, including details about managing your"
         " privacy settings.</p><form><button>Reject all</button><button>Accept all</button></form>"),
        ("https://consent.yahoo.com/v2/collectConsent?sessionId=1", "Yahoo is part of the Yahoo family of brands",
         "<form><h2>Your privacy is important to us</h2><p>We, and our partners, store and/or access information on a"
         " device through the use of cookies and similar technology, to display personalised ads and content,"
         " for ad and"
         " content measurement, audience insights and product development.</p><p>Your personal data that may be used:"
         " information about your device and internet connection, including your IP address; browsing and search"
         " activity while using Yahoo websites and apps; precise location.</p><p>To enable Yahoo and our partners to"
         " process your personal data select 'I agree', or select 'Manage settings' for more information and to manage"
         " your choices. You can change your choices at any time by visiting Your Privacy Controls.</p>"
         "<button>Accept all</button></form>"),
        ("https://www.kettle.example/zustimmung?url=x", "Kettle – Zustimmung",
         "<h1>Kettle mit Werbung</h1><p>Besuchen Sie Kettle wie gewohnt mit Werbung und Tracking. Ihre Zustimmung ist"
         " jederzeit widerrufbar.</p><button>Zustimmen und weiter</button>"),
        (ASKED, "Kettle", "<div id='didomi-host'><p>Avec votre accord, nous et nos 812 partenaires utilisons"
         " des cookies"
         " pour stocker des données.</p><button>Continuer sans accepter</button><button>Accepter &amp;"
         " Fermer</button></div>"),
        (ASKED, "", "<div id='onetrust-consent-sdk'></div><script"
         " src='https://cdn.cookielaw.org/otSDKStub.js'></script>"),
        (ASKED, "Kettle", "<script>window._sp_ = {config: {}}</script><div id='sp_message_container_1'></div>"),
        (ASKED, "We value your privacy", "<div id=usercentrics-root></div>"),
        ("https://myprivacy.dpgmedia.example/consent?siteKey=1", "DPG Media Privacy Gate",
         "<p>Wij en onze partners gebruiken cookies.</p><button>Akkoord</button>"),
        (ASKED, "Kettle", "<p>Antes de continuar</p><button>Aceptar y continuar</button>"),
        (ASKED, "Kettle", "<h1>Vi och våra partners</h1><button>Godkänn alla</button>"),
    ],
)  # fmt: skip
def test_a_request_for_consent_is_a_wall(address: str, title: str, body: str) -> None:
    assert wall_of(body, title=title, address=address) == "consent"


@pytest.mark.parametrize(
    ("address", "title", "body"),
    [
        (ASKED, "The regatta", "<p>Subscribe to continue reading.</p><p>Already a subscriber? Sign in</p>"),
        (ASKED, "The regatta", "<p>The regatta began at dawn, when the first boats left the harbor.</p>"
         "<p>Log in to read the whole article.</p>"),
        (ASKED, "Die Regatta", "<h2>Jetzt weiterlesen</h2><p>Sie haben bereits ein Abo? Melden Sie sich an.</p>"),
        (ASKED, "La régate", "<p>Cet article est réservé aux abonnés.</p><button>Je m’abonne</button>"),
        (ASKED, "Regata", "<p>Inicia sesión para seguir leyendo</p>"),
        ("https://login.kettle.example/?return=x", "Kettle", "<form><input name=user><input type=password></form>"),
        ("https://www.kettle.example/account/login?next=x", "Welcome back", "<p>Enter your e-mail address</p>"),
        ("https://www.kettle.example/authwall?trk=x", "Kettle", "<p>Join the kettle community</p>"),
        (ASKED, "Sign in | Kettle", "<p>Welcome to the kettle, the community of all who row boats or watch them,"
         " since the first regatta.</p><form>Name <input> <input type=password></form>"),
        (ASKED, "", "<form>User <input name=u> Password <input type='password'></form>"),
    ],
)  # fmt: skip
def test_a_login_is_a_wall(address: str, title: str, body: str) -> None:
    assert wall_of(body, title=title, address=address) == "login"


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
        ("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>"),
        ("kettle.example", "<script src='https://ct.captcha-delivery.com/c.js'></script>"
         "<p>Please enable JS and disable any ad blocker</p>"),
        ("Robot or human?", "<p>Activate and hold the button to confirm that you’re human.</p>"),
        ("", "<iframe src='/_Incapsula_Resource?x=1'>Request unsuccessful. Incapsula incident ID: 1</iframe>"),
    ],
)  # fmt: skip
def test_a_bot_check_is_a_wall(title: str, body: str) -> None:
    assert wall_of(body, title=title) == "bot check"


BANNER = (
    "<div id='onetrust-consent-sdk'><p>We value your privacy. We and our 812 partners store and/or access"
    " information on"
    " a device.</p><button>Accept all</button><button>Reject all</button></div>"
    "<script src='https://cdn.cookielaw.org/otSDKStub.js'></script>"
)
ABOUT_CONSENT = (
    "<p>Cookie banners annoy readers, a survey of privacy researchers says. Most people click “Accept all” because"
    " “Reject all” is hidden.</p><p>The court ruled that consent must be as easy to refuse as to give. Publishers said"
    " that advertising pays for journalism, and that subscriptions do not.</p><p>The regulator fined two"
    " companies whose"
    " partners tracked visitors without consent. Lawyers expect more cases about cookie walls, legitimate interests and"
    " personal data.</p><p>Browsers may soon send the preferences of their users automatically, so that no banner needs"
    " to ask. The advertising industry rejects the plan, and the commission will present its terms in March. Accounts"
    " with passwords could replace cookies, some fear.</p>"
)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("The regatta", f"<p>{STORY}</p>{BANNER}"),
        ("The regatta", f"{BANNER}<article><p>{STORY}</p></article><form>Log in <input type=password></form>"),
        ("Why cookie banners annoy", ABOUT_CONSENT),
        ("Before you continue: how to read a cookie banner", f"<h1>Before you continue</h1><p>{STORY}</p>"),
        ("Just a moment: the regatta in pictures", f"<p>{STORY}</p>"),
        ("The regatta", "<p>The boats, the harbor and the crowds along the river in twenty pictures by our"
         " reporter.</p>"),
        ("The regatta", ""),
        ("Banners", "<p>Most people click “Accept all” because “Reject all” is hidden, the researchers say.</p>"),
        ("Kettle", "<div id='root'></div><script src='https://cdn.cookielaw.org/otSDKStub.js'></script>"),
        ("The login", f"<p>{STORY}</p><p>Log in to read the comments.</p>"),
    ],
)  # fmt: skip
def test_a_page_is_not_a_wall(title: str, body: str) -> None:
    assert wall_of(body, title=title) is None


def test_news_about_consent_that_moved_to_such_an_address_is_not_a_wall() -> None:
    address = "https://www.kettle.example/news/cookie-consent"
    assert wall_of(ABOUT_CONSENT, title="Why cookie banners annoy", address=address) is None


@pytest.mark.parametrize("noise", ["<script", "<style>", "<a ", "<", "we and our ", "cookie ", "id=", "Accept all. "])
def test_hostile_pages_are_judged_in_linear_time(noise: str) -> None:
    html = (noise * 50_000).encode()
    article = read_article(b"<title>x</title>", url=ASKED)
    find_wall(article, html, address=ASKED, asked=ASKED)
