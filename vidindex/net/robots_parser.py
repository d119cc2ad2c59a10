"""Parse robots.txt as RFC 9309 defines it, for the rules that apply to vidindex."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT_TOKEN = "vidindex"  # noqa: S105 - not a password
"""The product token under which groups of rules name this program; it is part of the user agent too."""

MAX_CRAWL_DELAY_S = 60.0
"""Longer delays are reduced to this one, because a site that asks for more is probably misconfigured."""

_ANY_AGENT = "*"
_RULE_LINE = re.compile(r"\s*([A-Za-z-]{1,40})\s*:([^#]*)")
_AGENT_TOKEN = re.compile(r"[A-Za-z_-]+")
_PERCENT_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SAFE_CHARS = "%/?#[]@!&'()+,;:=|~"
_UNRESERVED_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class RobotsRule:
    """One `Allow` or `Disallow` line; *parts* are the texts between the wildcards of its path."""

    line: str
    is_allow: bool
    parts: tuple[str, ...]
    is_anchored: bool

    @property
    def precedence(self) -> tuple[int, bool]:
        """The sort key of rules: the longest path wins, and of two paths of equal length the one that allows."""
        return sum(map(len, self.parts)) + len(self.parts) + self.is_anchored, self.is_allow

    def matches(self, path: str) -> bool:
        """Return whether the rule applies to *path*, normalized by `normalize_path`, in linear time."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.is_anchored or path == first
        position = len(first)
        for part in rest[:-1]:
            start = path.find(part, position)
            if start < 0:
                return False
            position = start + len(part)
        if self.is_anchored:
            return len(path) - len(rest[-1]) >= position and path.endswith(rest[-1])
        return path.find(rest[-1], position) >= 0


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one site for vidindex, by precedence; *delay_s* is the delay between requests that it asks for."""

    rules: tuple[RobotsRule, ...] = ()
    delay_s: float = 0.0

    def matching_disallow(self, url: str) -> str:
        """Return the line that disallows *url*, or an empty string if it is allowed."""
        path = extract_rule_path(url)
        if path == "/robots.txt":
            return ""
        rule = next((rule for rule in self.rules if rule.matches(path)), None)
        return "" if rule is None or rule.is_allow else rule.line


def parse_robots_txt(text: str) -> RobotsRules:
    """Parse a robots.txt: return the rules of all groups that name vidindex, otherwise the rules for all agents."""
    own_group, default_group = _RuleGroup(), _RuleGroup()
    agents: set[str] = set()
    in_group_head = False
    for key, value in _split_lines(text):
        if key == "user-agent":
            agents = {*(agents if in_group_head else ()), _parse_agent(value)} & {PRODUCT_TOKEN, _ANY_AGENT}
            in_group_head = True
            own_group.is_named |= PRODUCT_TOKEN in agents
        elif key in ("allow", "disallow", "crawl-delay"):
            in_group_head = False
            for group, agent in ((own_group, PRODUCT_TOKEN), (default_group, _ANY_AGENT)):
                if agent in agents:
                    group.add_line(key, value)
    return (own_group if own_group.is_named else default_group).build_rules()


def extract_rule_path(url: str) -> str:
    """Return the path and query of *url*, normalized for comparison with rules."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path or "/"
    return normalize_path(f"{path}?{parts.query}" if parts.query else path).replace("*", "%2A").replace("$", "%24")


def normalize_path(path: str) -> str:
    """Return the canonical percent-encoding of *path*, so that equivalent paths are equal."""
    return _PERCENT_ESCAPE.sub(_normalize_escape, quote(path.encode("utf-8", "replace"), safe=_SAFE_CHARS + "*$"))


def _normalize_escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED_CHARS else match[0].upper()


class _RuleGroup:
    """Collects the rules for one agent."""

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
    """Return the product token of a `User-agent` line in lower case, without its version."""
    if value.split()[:1] == [_ANY_AGENT]:
        return _ANY_AGENT
    match = _AGENT_TOKEN.match(value)
    return match[0].lower() if match else ""


def _parse_rule(key: str, value: str) -> RobotsRule:
    normalized = normalize_path(value)
    is_anchored = normalized.endswith("$")
    path = re.sub(r"\*+", "*", normalized.removesuffix("$"))
    parts = tuple(path.replace("$", "%24").split("*"))
    return RobotsRule(f"{key.capitalize()}: {value[:100]}", key == "allow", parts, is_anchored)


def _parse_delay(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return min(seconds, MAX_CRAWL_DELAY_S) if seconds > 0 else 0.0  # NaN is not greater than 0
