"""What a robots.txt says to vidindex, as RFC 9309 reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT = "vidindex"
"""The product token that groups of rules name: what the user agent of page fetches says, too."""

MOST_DELAY_S = 60.0
"""A site that wants more between two pages is a site that is broken."""

_EVERYBODY = "*"
_LINE = re.compile(r"\s*([A-Za-z-]{1,40})\s*:([^#]*)")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_KEPT = "%/?#[]@!&'()+,;:=|~"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Rule:
    """One `Allow` or `Disallow` line; *parts* are what stands between the wildcards of its path."""

    line: str
    allows: bool
    parts: tuple[str, ...]
    to_the_end: bool

    @property
    def rank(self) -> tuple[int, bool]:
        """The longest path wins, and of two as long the one that allows."""
        return sum(map(len, self.parts)) + len(self.parts) + self.to_the_end, self.allows

    def matches(self, path: str) -> bool:
        """Tell whether *path*, as `spell` spells it, is among those meant; each wildcard is looked for once."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.to_the_end or path == first
        at = len(first)
        for part in rest[:-1]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if self.to_the_end:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site for vidindex, those that win first; *delay_s* is the pause that it asks for."""

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def forbidding(self, url: str) -> str:
        """Give the line that forbids *url*, empty where none does."""
        path = path_of(url)
        if path == "/robots.txt":
            return ""
        rule = next((rule for rule in self.rules if rule.matches(path)), None)
        return "" if rule is None or rule.allows else rule.line


def read_rules(text: str) -> Rules:
    """Read the rules for vidindex out of a robots.txt: those of all groups that name it, else those for everybody."""
    own, everybody = _Group(), _Group()
    named: set[str] = set()
    in_head = False
    for key, value in _lines(text):
        if key == "user-agent":
            named = {*(named if in_head else ()), _agent(value)} & {PRODUCT, _EVERYBODY}
            in_head = True
            own.named |= PRODUCT in named
        elif key in ("allow", "disallow", "crawl-delay"):
            in_head = False
            for group, name in ((own, PRODUCT), (everybody, _EVERYBODY)):
                if name in named:
                    group.take(key, value)
    return (own if own.named else everybody).rules()


def path_of(url: str) -> str:
    """Give the part of *url* that rules are about, spelled as they are."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path or "/"
    return spell(f"{path}?{parts.query}" if parts.query else path).replace("*", "%2A").replace("$", "%24")


def spell(path: str) -> str:
    """Spell *path* in the one way in which two that mean the same are equal."""
    return _ESCAPE.sub(_escape, quote(path.encode("utf-8", "replace"), safe=_KEPT + "*$"))


def _escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


class _Group:
    """The rules for one agent while they are read."""

    def __init__(self) -> None:
        self.named = False
        self._delay_s = 0.0
        self._rules: dict[tuple[str, str], Rule] = {}

    def take(self, key: str, value: str) -> None:
        if key == "crawl-delay":
            self._delay_s = max(self._delay_s, _seconds(value))
        elif value:
            self._rules.setdefault((key, value), _rule(key, value))

    def rules(self) -> Rules:
        return Rules(tuple(sorted(self._rules.values(), key=lambda rule: rule.rank, reverse=True)), self._delay_s)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        if match := _LINE.match(line):
            yield match[1].lower(), match[2].strip()


def _agent(value: str) -> str:
    """Give the product token that a `User-agent` line names, its version left out."""
    if value.split()[:1] == [_EVERYBODY]:
        return _EVERYBODY
    match = _TOKEN.match(value)
    return match[0].lower() if match else ""


def _rule(key: str, value: str) -> Rule:
    spelled = spell(value)
    to_the_end = spelled.endswith("$")
    path = re.sub(r"\*+", "*", spelled.removesuffix("$"))
    parts = tuple(path.replace("$", "%24").split("*"))
    return Rule(f"{key.capitalize()}: {value[:100]}", key == "allow", parts, to_the_end)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return min(seconds, MOST_DELAY_S) if seconds > 0 else 0.0  # false for what is not a number, too
