"""Decide which words beside a player name its video: not those of its controls, of links to files or other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from ..markup import element_text

MAX_LABEL_CHARS = 220
_UNINFORMATIVE_LABEL = re.compile(
    r"(?i)^(?:(?:the|this|a|zum|das|hier|le|la|el|il|lo|ver|voir|see|watch|view|play|guarda|assista|im|new)?\s*"
    r"(?:(?:embedded|youtube|vimeo|dailymotion|brightcove|html5|flash|external|wistia|twitch|facebook|media|jw|kaltura|online|full|our)\s*)*"
    r"(?:video|vidéo|vídeo|media|player|embed|content|clip|film|movie|trailer|iframe|youtube|vimeo)?s?(?:\s*(?:player|embed|iframe|content|here|now|below|clip))?"
    r"|media playback is (?:un|not )\w+.*|(?:video )?(?:überspringen|not available|unavailable|nicht verfügbar)|(?:video )?(?:anzeige|werbung|publicidad|publicidade|"
    r"publicité|pubblicità|advertisement|reklama?|annons|广告|広告).*|continua depois da publicidade|(?:externer |externen )?inhalt(?:e)? (?:anzeigen|laden).*|"
    r"youtube direkt|twitter tweet|(?:alle )?details|empty|chapters|back to top|view price.*|このニュースをシェア|自动播放.*|(?:facebook|twitter|rss|vk|youtube|"
    r"instagram|whatsapp|email|e-mail|print|\W)+|\d+ (?:years?|months?|days?|hours?|minutes?) ago|nan.*|your browser .*|this video .*|"
    r"(?:by|von|par|por)\s?[^\d:]{2,40} \d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*|(?:(?:mon|tues?|wed(?:nes)?|thurs?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
    r"(?:[a-zäéûç]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? [a-zäéûç]{3,9}\.? \d{4}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?:,? (?:at |um |à )?\d{1,2}[:.h]\d\d.{0,12})?"
    r"|featured videos?(?: view all)?|\d[\d.,]* (?:comments?|kommentare|commentaires|comentarios|views|shares|likes|retweets)|(?:[\w-]+\.){1,4}(?:com|org|net|de|fr|es|it|pl|ru|uk|io|tv|ms|co|edu|gov|eu|nl|br|cz|ch|at|jp|cn|info)"
    r"|.{0,40}\b\d{1,2}[./]\d{1,2}[./]\d{2,4},? .{0,12}\d{1,2}[h:]\d{2}.*|(?:\d{1,2}\.? )?[a-zäéûç]{3,9} \d{4} (?:von|par|por|di) .{2,40}"
    r"|(?:subscribe (?:to|now|here)|subscribe|abonnie(?:re|ren sie)|abonnez-vous|suscr[íi]bete|inscreva-se|iscriviti|follow us (?:on|at)|folgen sie|s[íi]guenos|suivez-nous|seguici)\b.*"
    r"|(?:additional reporting|photo|photos|foto|fotos|image|bild|crédit|credit|quelle|fuente|fonte)(?: (?:by|von|par|por|credit))?\s?[:©].*|additional reporting by .*"
    r"|\W*|x|t|here|this|link|click here|click to (?:play|watch).*|via|source|share|tweet|download(?: video)?|"
    r"loading.*|(?:https?:)?//\S+|www\.\S+|"
    r"lazy loaded component|advertisement|image|none|null|undefined|untitled|\d+)[.:!\s]*$"
)
_CONTROL_WORDS = re.compile(
    r"(?i)(?:[\W\d_]|\b(?:mp[34]|m4[av]|m3u8?|web[mp]|og[gv]|mov|wmv|flv|avi|mkv|pdf|html?5?|srt|vtt|torrent|quicktime|real|windows|media|"
    r"ipod|ipad|iphone|audio|video|file|hi|lo|high|low|res(?:olution)?|medium|small|large|full|hd|sd|uhd|[248]k|hq|lq|definition|quality|"
    r"download(?:s|en)?|descargar?|télécharger|herunterladen|baixar|scarica(?:re)?|pobierz|ladda ner|downloade|скачать|下载|ダウンロード|"
    r"stream|embed(?: code)?|code|permalink|transcript|captions?|subtitles?|full ?screen|fullscreen|share|tweet|like|mute|unmute|pause|play(?:back)?|"
    r"replay|volume|settings|speed|[kmg]i?b|fps|or|and|und|ou|et|y|o|e|as|in|this|the|it|to|for|en|formato?|format|version|"
    r"click|here|clic|aquí|aqui|ici|hier|qui|klik|klick|här|her|tutaj|kliknij|cliquez|clique|haga|haz|pulse|klicken|sie|klikk|link|"
    r"watch|view|see|on|youtube|vimeo|dailymotion|facebook|open|new|window|tab|ver|voir|guarda|bekijk|se|assistir|ansehen|zobacz|смотреть|"
    r"здесь|тут|こちら|这里|点击)\b|(?<=\d)(?:p|i|k|px|min|secs?|mins?|[kmg]b(?:ps)?|fps|x|h|m|s)\b)++\Z"
)
"""Labels that name a file, a button or nothing; what is left of a title must have another word."""
_OTHER_ARTICLE = re.compile(
    r"(?i)^\W*(?:read(?:\s+(?:more|also|next|this|related|the full (?:story|article)))?(?=\s*[:|–—>-])|"
    r"(?:see|read|watch) also\b|also (?:read|see|on)\b|read more\b|more(?: on this| stories| from| about| news)?\s*:|related(?: \w+)?\s*[:|–—-]|"
    r"(?-i:R(?:elated|ELATED) ?(?=[A-Z]))|related (?:articles?|stories|story|posts?|content|videos?|links?|news|topics?|reading)\b|recommended(?: \w+)?\s*[:|-]|you (?:may|might) (?:also )?like|"
    r"don[’']t miss\b|next up\b|"
    r"l[ée]a(?: (?:tambi[ée]n|adem[áa]s|m[áa]s))?\s*[:|]|l(?:ee|ea|eer|eia) (?:tambi[ée]n|m[áa]s|adem[áa]s|tamb[ée]m|mais)\b|lee\s*:|"
    r"(?:le[íi]ste|sigue leyendo)\b|(?:ver|vea|mira|mire) (?:tambi[ée]n|adem[áa]s)\b|"
    r"(?:te|le) (?:puede|podr[íi]a) interesar|(?:puede|podr[íi]a) interesarle|m[áa]s (?:informaci[óo]n|noticias|sobre)\b|(?:nota|noticia|art[íi]culo)s? relacionad[ao]s?|"
    r"relacionad[ao]s?\b|de inter[ée]s\s*:|"
    r"veja (?:tamb[ée]m|mais)\b|saiba mais\b|leia(?: (?:tamb[ée]m|mais))?\s*:|confira tamb[ée]m\b|"
    r"(?:[àa] )?lire\s*[:|–-]|(?:[àa] )?(?:lire|voir) (?:aussi|[ée]galement)\b|lisez (?:aussi|notre)|sur le m[êe]me (?:sujet|th[èe]me)|"
    r"leggi (?:anche|pure|di pi[ùu])|(?:guarda|vedi) anche\b|ti potrebbe interessare|per approfondire|articoli correlati|"
    r"(?:lesen sie|lies|siehe|sehen sie|schauen sie)(?: \w+)? (?:auch|mehr|dazu)\b|mehr (?:zum thema|dazu|lesen|infos)|auch interessant|lesetipp|das könnte sie|zum thema\s*:|weiterlesen|"
    r"lees (?:ook|meer|verder)\b|zie ook\b|bekijk ook\b|läs (?:också|även|mer)\b|se (?:också|även|også)\b|les (?:også|mer|mere)\b|læs (?:også|mere)\b|lue (?:myös|lisää)\b|"
    r"(?:czytaj|przeczytaj|zobacz|sprawdź|obejrzyj)(?: (?:też|także|również|więcej))|(?:čtěte|přečtěte si)(?: (?:také|i|též|více))|prečítajte si|olvassa el|"
    r"kapcsolódó|citește (?:și|mai)|прочетете|pročitajte|опширније|(?:читайте|смотрите)(?: (?:также|ещё|еще))|читай также|по теме\s*:|читайте (?:також|ще)|див\. також|"
    r"bunu da|ayrıca|ilgili haber|διαβάστε|δείτε (?:επίσης|ακόμα)|baca juga|xem thêm|اقرأ|إقرأ|شاهد أيضا|קראו גם|"
    r"関連(?:記事|ニュース)?|あわせて読みたい|こちらも|延伸阅读|延伸閱讀|相关(?:阅读|新闻|文章|推荐)|相關(?:閱讀|新聞|文章|報導)|推荐阅读|推薦閱讀|更多|관련 ?기사|더 ?보기|함께 보면)"
)
"""How a line starts that leads to another article."""
_CONTROL_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:vjs-(?!poster|title)|mejs|plyr__|jw-(?:controls?|controlbar|icon|text|display|dock|time|slider|tooltip)|jwplayer-controls|"
    r"kg-video-(?:player|overlay|current|time|duration|play|large|playback|seek|mute|unmute|volume)|flowplayer-ui|fp-(?:ui|controls)|op-controls|"
    r"(?:video|player|media)-?(?:controls?|time|duration|progress|buttons?|toolbar|overlay-controls)|controls?|control-bar|duration|timecode|"
    r"screen-?reader-text|sr-only|visually-?hidden|share|sharing|social|tooltip)"
)
_CONTROL_TAGS = frozenset((
    "script", "style", "noscript", "template", "textarea", "iframe", "object", "svg", "video", "audio", "button", "input", "select", "canvas",
))  # fmt: skip
_BLOCK_TAGS = frozenset(
    (
        "p",
        "div",
        "li",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "span",
        "figcaption",
        "section",
    )
)
_MAX_NODES = 2000


def clean_label(text: str, *, is_heading: bool = False) -> str:
    """Normalize a label; return "" if it does not describe the video.  A heading may be a number, such as a year."""
    text = " ".join(text.split())[:MAX_LABEL_CHARS].strip()
    if is_heading and text.isdecimal() and len(text) < 5:
        return text
    if _UNINFORMATIVE_LABEL.match(text) or (not is_heading and _CONTROL_WORDS.match(text)):
        return ""
    return text.rstrip(" :").lstrip("•|-– ")


def leads_elsewhere(text: str) -> bool:
    """Return whether *text* starts as a line that leads to another article."""
    return _OTHER_ARTICLE.match(text[:80]) is not None


def caption_text(element: HtmlElement) -> str:
    """Return the visible text of *element* without the controls of a player."""
    return " ".join("".join(_caption_parts(element)).split())[:MAX_LABEL_CHARS]


def _caption_parts(element: HtmlElement) -> Iterator[str]:
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in islice(walker, _MAX_NODES):
        if event == "end":
            if node.tag in _BLOCK_TAGS:
                yield " "
            if node is not element and node.tail:
                yield node.tail
        elif not isinstance(node.tag, str) or node.tag in _CONTROL_TAGS or _is_control(node, element):
            walker.skip_subtree()
        elif node.text:
            yield node.text


def _is_control(node: HtmlElement, element: HtmlElement) -> bool:
    return node is not element and _CONTROL_CLASS.search(node.get("class") or "") is not None


def is_teaser(element: HtmlElement, text: str) -> bool:
    """Return whether *text*, that of *element*, leads to another article: it says so, or consists of such a link."""
    if leads_elsewhere(text):
        return True
    links = list(islice(element.iter("a"), 3))
    hrefs = [link.get("href") or "" for link in links]
    if not links or not all(href.startswith("/") and not href.startswith("//") for href in hrefs):
        return False
    linked = sum(len(element_text(link)) for link in links)
    return len(text) > 24 and linked * 10 > len(text) * 9 and not any(map(_VIDEO_PATH.search, hrefs))


_VIDEO_PATH = re.compile(r"(?i)video|watch|clip|film|media|embed|play|episode|tv/")
