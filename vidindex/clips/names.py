"""Names of files that every system accepts, made of titles that anyone may have written."""

from __future__ import annotations

import re
import unicodedata

_MAX_TITLE_BYTES = 100
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f]+')
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def safe_name(text: str) -> str:
    """Return *text* as the start of a file name: at most 100 bytes, without characters that some system refuses.

    It is never empty, hidden, an option, a reserved name of Windows, or the path of another folder.
    """
    composed = unicodedata.normalize("NFC", text[:2000])
    visible = "".join(" " if unicodedata.category(each) in _INVISIBLE else each for each in composed)
    name = " ".join(_FORBIDDEN.sub(" ", visible).split())
    name = _shorten(name).strip(" .-_")
    if not name:
        return "clip"
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def _shorten(text: str) -> str:
    """Return the characters of *text* that fit, with the marks that belong to them."""
    cut = text.encode("utf-8")[:_MAX_TITLE_BYTES].decode("utf-8", "ignore")
    rest = text[len(cut) : len(cut) + 1]
    if rest and unicodedata.combining(rest):
        cut = cut.rstrip("".join(each for each in cut[-8:] if unicodedata.combining(each)) or " ")[:-1]
    return cut
