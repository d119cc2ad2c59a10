"""What a robots.txt says to vidindex, as RFC 9309 reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT_TOKEN = "vidindex"
"""The product token that groups of rules name: what the user agent of page fetches says, too."""

MAX_CRAWL_DELAY_S = 60.0
"""A site that wants more between two pages is a site that is broken."""

_ANY_AGENT = "*"
_RULE_LINE = re.compile(r"\s*([A-Za-z-]{1,40})\s*:([^#]*)")
_AGENT_TOKEN = re.compile(r"[A-Za-z_-]+")
_PERCENT_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SAFE_CHARS = "%/?#[]@!&'()+,;:=|~"
_UNRESERVED_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class RobotsRule:
    """One `Allow` or `Disallow` line; *parts* are what stands between the wildcards of its path."""

    line: str
    is_allow: bool
    parts: tuple[str, ...]
    is_anchored: bool

    @property
    def precedence(self) -> tuple[int, bool]:
        """The longest path wins, and of two as long the one that allows."""
        return sum(map(len, self.parts)) + len(self.parts) + self.is_anchored, self.is_allow

    def matches(self, path: str) -> bool:
        """Tell whether *path*, as `spell` spells it, is among those meant; each wildcard is looked for once."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.is_anchored or path == first
        at = len(first)
        for part in rest[:-1]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if self.is_anchored:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one site for vidindex, those that win first; *delay_s* is the pause that it asks for."""

    rules: tuple[RobotsRule, ...] = ()
    delay_s: float = 0.0

    def matching_disallow(self, url: str) -> str:
        """Give the line that forbids *url*, empty where none does."""
        path = extract_rule_path(url)
        if path == "/robots.txt":
            return ""
        rule = next((rule for rule in self.rules if rule.matches(path)), None)
        return "" if rule is None or rule.is_allow else rule.line


def parse_robots_txt(text: str) -> RobotsRules:
    """Read the rules for vidindex out of a robots.txt: those of all groups that name it, else those for everybody."""
    own, everybody = _RuleGroup(), _RuleGroup()
    named: set[str] = set()
    in_head = False
    for key, value in _split_lines(text):
        if key == "user-agent":
            named = {*(named if in_head else ()), _parse_agent(value)} & {PRODUCT_TOKEN, _ANY_AGENT}
            in_head = True
            own.is_named |= PRODUCT_TOKEN in named
        elif key in ("allow", "disallow", "crawl-delay"):
            in_head = False
            for group, name in ((own, PRODUCT_TOKEN), (everybody, _ANY_AGENT)):
                if name in named:
                    group.add_line(key, value)
    return (own if own.is_named else everybody).build_rules()


def extract_rule_path(url: str) -> str:
    """Give the part of *url* that rules are about, spelled as they are."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path or "/"
    return normalize_path(f"{path}?{parts.query}" if parts.query else path).replace("*", "%2A").replace("$", "%24")


def normalize_path(path: str) -> str:
    """Spell *path* in the one way in which two that mean the same are equal."""
    return _PERCENT_ESCAPE.sub(_normalize_escape, quote(path.encode("utf-8", "replace"), safe=_SAFE_CHARS + "*$"))


def _normalize_escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED_CHARS else match[0].upper()


class _RuleGroup:
    """The rules for one agent while they are read."""

    def __init__(self) -> None:
        self.is_named = False
        self._delay_s = 0.0
        self._rules: dict[tuple[str, str], RobotsRule] = {}

    def add_line(self, key: str, value: str) -> None:
        if key == "crawl-delay":
            self._delay_s = max(self._delay_s, _parse_delay(value))
        elif value:
            self._rules.setdefault((key, value), _parse_rule(key, value))

    def build_rules(self) -> RobotsRules:
        return RobotsRules(
            tuple(sorted(self._rules.values(), key=lambda rule: rule.precedence, reverse=True)), self._delay_s
        )


def _split_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        if match := _RULE_LINE.match(line):
            yield match[1].lower(), match[2].strip()


def _parse_agent(value: str) -> str:
    """Give the product token that a `User-agent` line names, its version left out."""
    if value.split()[:1] == [_ANY_AGENT]:
        return _ANY_AGENT
    match = _AGENT_TOKEN.match(value)
    return match[0].lower() if match else ""


def _parse_rule(key: str, value: str) -> RobotsRule:
    spelled = normalize_path(value)
    to_the_end = spelled.endswith("$")
    path = re.sub(r"\*+", "*", spelled.removesuffix("$"))
    parts = tuple(path.replace("$", "%24").split("*"))
    return RobotsRule(f"{key.capitalize()}: {value[:100]}", key == "allow", parts, to_the_end)


def _parse_delay(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return min(seconds, MAX_CRAWL_DELAY_S) if seconds > 0 else 0.0  # false for what is not a number, too
