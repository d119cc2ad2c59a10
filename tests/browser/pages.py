"""The pages of the tests of every page and of `make screenshots`, and how they are inspected; add new pages here."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlencode

from .library import REFRAIN, REPORT_URL, SAMPLES

ARTICLE = f"/article?{urlencode({'url': (SAMPLES / 'pages/vale-on-the-late-desk.html').absolute().as_uri()})}"
REPORT = f"/article?{urlencode({'url': REPORT_URL})}"

PAGES = {
    "landing": "/",
    "one hit": "/?q=nothing+left+to+sing+with",
    "near": "/?q=obviously+I+never+took+the+summers+off+and+the+light+never+asked",
    "a thousand hits": f"/?q={quote(REFRAIN)}",
    "filtered": f"/?q={quote(REFRAIN)}&channel=Harbour+Radio&sort=date&page=2",
    "no matches": "/?q=seven+purple+submarines+dissolved",
    "query error": "/?q=%22lamps+AND+(harbour",
    "Hebrew": f"/?q={quote('היה שקט מאוד')}",
    "Japanese": f"/?q={quote('あの夜の海は')}",
    "video": f"/video/youtube:lamps000003?t=80&q={quote(REFRAIN)}",
    "Arabic video": "/video/youtube:arabic00001?t=8",
    "article": ARTICLE,
    "report": REPORT,
    "articles": "/articles",
    "videos": "/videos",
    "channels": "/channels",
    "trend": "/trend?q=harbour&q=lamps",
    "clip": "/clip?video=youtube:lamps000003&from=80000&to=86000",
    "status": "/status",
    "not found": "/nowhere",
}
"""Pages that the server of the index in `library` has."""

WIDTHS = (320, 390, 1280, 2560)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

FIND_VIOLATIONS = """async (rules) => {
    const options = { resultTypes: ["violations"], ...(rules.length ? { runOnly: rules } : {}) };
    const { violations } = await axe.run(document, options);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200))}`);
}"""
"""A script that runs axe, or some of its rules, in a page that has `axe_script`, and lists what it finds."""


def axe_script() -> str:
    """Return the script of axe."""
    from axe_playwright_python.base import AXE_SCRIPT

    return str(AXE_SCRIPT)
