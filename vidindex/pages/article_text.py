"""Choose the blocks of a page that are its article, and write them as text.

The article is the smallest region that has almost all of the page's text, without navigation, comments and teasers.
Losing a part of an article is worse than keeping words around it: a quotation that is lost cannot be checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .text_blocks import BlockTree, Region, TextBlock, count_words, split_blocks

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_TEXT_CHARS = 400_000
_MIN_TEXT_CHARS = 200
_SIDE_TAGS = frozenset(("nav", "footer", "form"))
_SIDE_ROLES = frozenset(
    ("navigation", "complementary", "contentinfo", "banner", "search", "dialog", "alertdialog", "menu")
)
_MAIN_HINT = re.compile(
    r"(?i)(?:^|[\s_-])(?:(?:article|story|post|entry|content|page|main|news|body)[_-]?(?:body|content|text|copy|main)|"
    r"(?:body|main)|h-?entry|e-content|hentry|post|article|story|entry|instapaper_body|articlebody|post-?bodycopy)(?=$|[\s_-])"
)
_SIDE_HINT = re.compile(
    r"(?i)(?:^|[\s_-])(?:side-?bars?|side-?rail|right-?rail|left-?rail|rail|related\w*|recommend\w*|recirc\w*|promo\w*|cta|"
    r"advert\w*|ads?|sponsor\w*|footer|colophon|nav|navbar|navigation|menus?|trending|popular|most-?(?:read|viewed|popular)|outbrain\w*|"
    r"taboola\w*|read-?(?:more|next)|more-?(?:stories|from|news|on)|also-?(?:read|like|on)|you-?may\w*|up-?next|newsletter\w*|"
    r"subscribe\w*|subscription|breadcrumbs?|masthead|site-?header|widget-?area|widgets?|latest-?(?:news|posts)|teasers?|share|sharing|share-?(?:bar|box|tools?|links?|buttons?|this|icons?|count)|sharedaddy|addthis\w*|"
    r"social\w*|\w*cookie\w*|privacy|gdpr|consent|tags?|tag-?(?:list|cloud)|paywall|login|signup|sign-?up|skip\w*|pagination|pager|"
    r"byline\w*|author-?(?:bio|box|info)|disclaimer|copyright|print-?only|toolbar|editsection|mw-jump\w*)(?=$|[\s_-])"
)
_COMMENT_HINT = re.compile(
    r"(?i)(?:^|[\s_-])(?:comments?|comment-?\w+|comments-?\w+|commentlist|disqus\w*|respond|replies|discussion|reader-?comments|livefyre\w*)(?=$|[\s_-])"
)
_TEASER_LEAD = re.compile(
    r"(?i)\W{0,5}(?:(?:read|see|watch) (?:also|more|next|now)|also (?:read|see)|don[’']t miss|"
    r"(?:related|more|further reading|lire|voir)(?=\s{0,3}[:：|–—])|à (?:lire|voir)(?: aussi)?|(?:lire|voir) aussi|"
    r"lesen sie (?:auch|mehr|hier)|(?:lest|lies|siehe) auch|mehr (?:dazu|zum thema)|(?:lees|bekijk|zie) (?:ook|meer)|"
    r"le(?:a|e|ia|iam) (?:también|também|mais|más)|te puede interesar|ver más|veja (?:também|mais)|"
    r"leggi (?:anche|pure)|(?:guarda|vedi) anche|(?:читайте|смотрите|дивіться)(?: также| також| ещё)?(?: по теме)?|"
    r"(?:czytaj|zobacz|przeczytaj)(?: też| także| również| więcej)|(?:čtěte|přečtěte si) (?:také|též|i)|"
    r"(?:læs|les|läs|lue) (?:også|också|mer|mere|myös)|citește și|olvasta már|(?:ayrıca )?bakınız|"
    r"διαβάστε (?:επίσης|ακόμη)|"
    r"関連(?:記事)?|あわせて読みたい|相关阅读|相關閱讀|延伸閱讀|관련 ?기사|اقرأ أيضاً?|קראו גם)"
    r"\s{0,3}[:：–—|>»›]{0,2}\s{0,3}"
)
"""What stands before a link to another article."""
_MIN_TEASER_WORDS = 3
_SENTENCE = re.compile(r"[.!?…。！？,;:，、][\s”\"’»)]|[.!?…。！？][”\"’»)]?$")
_MIN_SHARE = 0.9
"""The share of the text of a region that the region inside has which replaces it."""
_MIN_TOTAL_SHARE = 0.8
_MIN_MAIN_SHARE = 0.4
_PARAGRAPH_TAGS = frozenset(("p", "li", "ul", "ol", "dl", "dd", "dt", "tr", "tbody", "blockquote", "figure", "pre"))
_MAX_SIDE_SHARE = 0.4
_MAX_LIST_SHARE = 0.1
_MIN_LIST_WORDS = 5
_LIST_TAGS = frozenset(("ul", "ol", "dl", "div", "table", "section", "aside"))
_MIN_REST_WORDS = 60


def extract_text(root: HtmlElement, *, title: str) -> str:
    """Return the text of the article in *root* without its *title*: paragraphs with blank lines between them.

    Headings start with `## `, each paragraph of a block quote with `> `, and lines of a program with four spaces.
    """
    tree = split_blocks(root)
    chosen = [block for block in ArticleChooser(tree).choose() if block.kind != "heading" or block.text != title]
    text = write_blocks(chosen)
    return text if len(text) >= _MIN_TEXT_CHARS else write_blocks(tree.blocks) or text


def extract_all_text(root: HtmlElement) -> str:
    """Return all of the text in *root*, as `extract_text` writes it."""
    return write_blocks(split_blocks(root).blocks)


def write_blocks(blocks: list[TextBlock]) -> str:
    """Write *blocks* as text, until it is long enough."""
    parts: list[str] = []
    chars, quote = 0, 0
    for block in blocks:
        if parts:
            parts.append("\n" if block.quote and block.quote == quote else "\n\n")
        parts.append(_write_block(block))
        chars += len(block.text)
        quote = block.quote
        if chars > _MAX_TEXT_CHARS:
            break
    return "".join(parts)


def _write_block(block: TextBlock) -> str:
    if block.kind == "code":
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    if block.quote:
        return "\n".join(f"> {line}" for line in block.text.splitlines())
    return f"## {block.text}" if block.kind == "heading" else block.text


class ArticleChooser:
    """Chooses the blocks of one page."""

    def __init__(self, tree: BlockTree) -> None:
        self._blocks, self._regions = tree.blocks, tree.regions
        self._scores = [_score(block) for block in tree.blocks]
        self._kept = [True] * len(tree.blocks)
        self._region_scores: list[float] = []

    def choose(self) -> list[TextBlock]:
        """Return the blocks of the article in order."""
        if not self._blocks:
            return []
        self._sum_scores()
        self._drop_sides()
        region = self._regions[self._find_container()]
        return [
            block
            for at, block in enumerate(self._blocks[region.start : region.end], region.start)
            if self._kept[at] and not _is_chrome(block)
        ]

    def _sum_scores(self) -> None:
        self._region_scores = [0.0] * len(self._regions)
        sums = [0.0]
        for score, kept in zip(self._scores, self._kept, strict=True):
            sums.append(sums[-1] + (score if kept else 0.0))
        for at, region in enumerate(self._regions):
            self._region_scores[at] = sums[region.end] - sums[region.start]

    def _drop_sides(self) -> None:
        """Drop regions that are beside the article by their names, unless they have too much of the text for that."""
        total = self._region_scores[0]
        dropped_until = 0
        for at, region in enumerate(self._regions):
            if region.start < dropped_until or region.start == region.end or self._blocks[region.start].quote:
                continue  # a footer of a block quote names its source
            own = self._region_scores[at]
            if (
                (_is_comments(region) and total - own >= _MIN_REST_WORDS)
                or (_is_side(region) and own <= _MAX_SIDE_SHARE * total)
                or (_is_link_list(region) and own <= _MAX_LIST_SHARE * total)
            ):
                self._kept[region.start : region.end] = [False] * (region.end - region.start)
                dropped_until = region.end
        self._sum_scores()

    def _find_container(self) -> int:
        """Return the smallest region that has almost all of the text, or that is named as the main one."""
        at, total = 0, self._region_scores[0]
        while True:
            region = self._regions[at]
            best = max(region.children, key=lambda child: self._region_scores[child], default=-1)
            if best < 0 or not self._replaces(best, at, total):
                return at
            at = best

    def _replaces(self, child: int, parent: int, total: float) -> bool:
        """Return whether the text of *parent* outside *child* can be left out."""
        region, score = self._regions[child], self._region_scores[child]
        if region.tag in _PARAGRAPH_TAGS:
            return False
        if score >= _MIN_SHARE * self._region_scores[parent] and score >= _MIN_TOTAL_SHARE * total:
            return True
        return (
            _is_main(region)
            and score >= _MIN_MAIN_SHARE * self._region_scores[parent]
            and not any(
                _is_main(self._regions[other]) and self._region_scores[other] > 0
                for other in self._regions[parent].children
                if other != child
            )
        )


def _score(block: TextBlock) -> float:
    free = block.words - block.linked_words
    if block.kind == "heading" or (free < 8 and not _SENTENCE.search(block.text)):
        return 0.0
    return float(free)


def _is_main(region: Region) -> bool:
    return (
        region.tag in ("article", "main")
        or region.role in ("main", "article")
        or "articlebody" in region.itemprop.lower()
        or _MAIN_HINT.search(region.hint) is not None
    )


def _is_comments(region: Region) -> bool:
    return region.tag not in ("html", "body", "main", "article") and _COMMENT_HINT.search(region.hint) is not None


def _is_side(region: Region) -> bool:
    if region.tag in ("html", "body", "main"):
        return False
    return (
        region.tag in _SIDE_TAGS
        or region.role in _SIDE_ROLES
        or region.hidden
        or (_SIDE_HINT.search(region.hint) is not None and region.tag != "article")
    )


def _is_link_list(region: Region) -> bool:
    return region.tag in _LIST_TAGS and region.words > _MIN_LIST_WORDS and region.linked_words > 0.7 * region.words


def _is_chrome(block: TextBlock) -> bool:
    """Return whether *block* is a link or a label rather than text, or a link to another article behind a label."""
    if block.kind == "heading" or block.quote:
        return False
    if block.linked_words >= _MIN_TEASER_WORDS and (lead := _TEASER_LEAD.match(block.text)):
        return block.linked_words >= count_words(block.text[lead.end() :])
    return block.linked_words == block.words and block.words < 12 and not _SENTENCE.search(block.text)
