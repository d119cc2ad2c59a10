"""Find who is said to have said a quotation in Japanese, Chinese and Korean, which write no spaces around it."""

from __future__ import annotations

import re

from .names import Speaker

_HAN = r"[㐀-鿿々·・]"
_CHINESE_VERBS = (
    "说道|说|說道|說|表示|称|稱|指出|认为|認為|强调|強調|透露|解释|解釋|写道|寫道|坦言|补充|補充|回答|回应|回應"
    "|问道|问|問|告诉|告訴|感叹|坚称|宣布|介绍|道"
)  # fmt: skip
_CHINESE_ADVERBS = (
    r"(?:还|還|也|则|則|就|又|曾|再|随后|隨後|昨天|昨日|今天|今日|当天|當天|周.|星期.|接着|接著"
    r"|在[^，。]{1,10}[中上时時]|对[^，。]{1,8}|對[^，。]{1,8}|向[^，。]{1,8}|笑着|笑著)"
)
_CHINESE_BEFORE = re.compile(
    rf"(?:^|[，。！？；、\s：”」])(?:据|據)?{_CHINESE_ADVERBS}{{0,2}}(?P<who>{_HAN}{{1,10}}?){_CHINESE_ADVERBS}{{0,3}}"
    rf"(?:{_CHINESE_VERBS})(?:了|过)?[^。！？“”「」]{{0,20}}[：:，,]?\s*$"
)
_CHINESE_AFTER = re.compile(rf"^[，,。\s]{{0,2}}(?P<who>{_HAN}{{1,8}}?){_CHINESE_ADVERBS}{{0,3}}(?:{_CHINESE_VERBS})")
_JAPANESE_VERBS = (
    "述べ|語|話|言|云|いう|いい|説明|答え|コメント|強調|訴え|指摘|明か|振り返|叫|つぶや|呟|主張|発言|明言|返|尋ね|聞|書"
    "|投稿|ツイート|笑"
)
_JAPANESE_SAID = re.compile(rf"^\s*(?:など)?と[^。「」]{{0,20}}?(?:{_JAPANESE_VERBS})")
_JAPANESE_AFTER = re.compile(
    rf"^\s*(?:など)?と、?(?P<who>[^\s。、「」はが]{{2,12}})[はが][^。「」]{{0,20}}?(?:{_JAPANESE_VERBS})"
)
_JAPANESE_BEFORE = re.compile(
    r"(?:^|[。、！？\s」）])(?P<who>[^\s。、！？「」『』（）はが]{1,12})(?:は|が|も)[^。「」『』]{0,40}$"
)
_KOREAN_SAID = re.compile(r"^\s*(?:이?라고|고|며|이?라며|면서)(?![가-힣]{3})")
_KOREAN_BEFORE = re.compile(
    r"(?:^|[.,!?\s])(?P<who>[가-힣]{2,4}(?: [가-힣]{1,6}){0,1}?)\s?(?:은|는|이|가)\s[^.!?“”\"]{0,40}$"
)
_KOREAN_AFTER = re.compile(r"^\s*(?:이?라고|고) (?P<who>[가-힣]{2,4}(?: [가-힣]{1,6}){0,1}?)(?:은|는|이|가)\s")
_COLON = re.compile(r"(?:^|[。！？\s])(?P<who>[^\s。、，！？「」『』“”：:]{2,5})[：:]\s*$")
_PRONOUN = re.compile(r"^(?:他们|她们|他|她|我们|我|你|您|彼女|彼ら|彼|私|僕|俺|그녀|그들|그|나|저)(?:自己)?$")
_NO_NAME = re.compile(
    r"[它这這那的是了和与與被将將会會不可以们們前后後时時把也就很都没沒]|^(?:于|从|如|例|因|但|而|并|其|该|該)"
)
_TERM = re.compile(
    r"^\s*(?:という(?!こと)|といった|と呼|と題|の(?!で)|を|に(?!つ)|で(?!す)|や|とは|など(?!と)|等|一词|一詞|这个|這個|的)"
)
_WIDE = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_MAX_TERM_CHARS = 15


def is_wide(text: str) -> bool:
    """Return whether *text* is in a script of this module, mostly."""
    return 2 * len(_WIDE.findall(text)) > len("".join(text.split()))


def is_term(text: str, mark: str, behind: str) -> bool:
    """Return whether the marked *text* is the name of a work or a term: *behind* goes on with a particle."""
    if mark == "『" and not _JAPANESE_SAID.match(behind):
        return True
    return len(text) < _MAX_TERM_CHARS and _TERM.match(behind) is not None


def find_wide_speaker(before: str, behind: str) -> Speaker | None:
    """Return who the words *before* and *behind* a quotation say spoke, or None."""
    patterns = [(_COLON, before)]
    if _JAPANESE_SAID.match(behind):
        patterns = [(_JAPANESE_AFTER, behind), (_JAPANESE_BEFORE, before), (_COLON, before)]
    elif _KOREAN_SAID.match(behind):
        patterns = [(_KOREAN_AFTER, behind), (_KOREAN_BEFORE, before)]
    else:
        patterns = [(_CHINESE_BEFORE, before), (_CHINESE_AFTER, behind), (_COLON, before)]
    for pattern, text in patterns:
        matches = pattern.search(text)
        if matches:
            who = matches["who"]
            if not _PRONOUN.match(who) and _NO_NAME.search(who):
                return Speaker("role", "")
            return Speaker("pronoun" if _PRONOUN.match(who) else "name", who)
    return None
