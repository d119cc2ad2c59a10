"""The words that negate, in languages without a table of their own."""

from __future__ import annotations

from ...transcripts.normalize import normalize_words

_WORDS = {
    "ar": "لا لن لم ليس ليست لست لسنا ما غير بدون دون أبدا كلا",
    "bg": "не никога никой нищо няма без нито",
    "ca": "no mai ningú res cap sense tampoc ni",
    "cs": "ne není nejsou nikdy nikdo nic žádný žádná žádné bez ani nebyl nebyla nebude nebudou nemá nemám nemáme",
    "da": "ikke aldrig ingen intet ingenting uden hverken",
    "el": "δεν μην δε μη όχι ποτέ κανείς κανένας τίποτα χωρίς ούτε",
    "fa": "نه نیست نیستم نیستند نبود هیچ هرگز بدون",
    "fi": "ei en et emme ette eivät älä älkää koskaan ilman eikä",
    "he": "לא אין אל בלי ללא מעולם אף",
    "hi": "नहीं ना मत बिना कभी",
    "hr": "ne nije nisu nisam nismo nikad nikada nitko ništa bez niti neće nećemo neću",
    "hu": "nem ne nincs nincsenek soha senki semmi sem nélkül",
    "id": "tidak bukan jangan belum tanpa tak",
    "it": "non no mai nessuno nessuna nessun niente nulla senza né mica neanche nemmeno",
    "ko": "않 못 없 안 아니",
    "nb": "ikke aldri ingen intet ingenting uten verken",
    "nl": "niet geen nooit niemand niets nergens zonder noch nauwelijks",
    "pl": "nie nigdy nikt nic żaden żadna żadne bez ani nikogo niczego",
    "pt": "não nunca jamais ninguém nada nenhum nenhuma sem nem tampouco",
    "ro": "nu niciodată nimeni nimic niciun nicio fără nici",
    "ru": "не нет ни никогда никто ничего ничто нельзя без никакой никого никому нигде",
    "sk": "nie nikdy nikto nič žiadny žiadna žiadne bez ani nebol nebola nebude nebudú nemá nemám nemáme",
    "sl": "ne ni niso nisem nismo nikoli nihče nič brez niti",
    "sr": "ne nije nisu nisam nismo nikad nikada niko ništa bez niti neće нe није нису нисам никад никада нико ништа",
    "sv": "inte aldrig ingen inget inga ingenting utan varken ej",
    "tr": "değil yok hiç asla hayır olmadan",
    "uk": "не ні ніколи ніхто нічого немає без жоден",
    "vi": "không chẳng chưa đừng",
    "zh": "不 没 沒 無 无 未 非 勿 别 莫",
}

_SAME = {"no": "nb", "nn": "nb", "bs": "hr", "ms": "id"}
"""Languages with the negations of another one."""


def negation_tokens(language: str) -> frozenset[str]:
    """Return the negations of *language* as normalized tokens; none if they are not known."""
    words = _WORDS.get(_SAME.get(language, language), "").split()
    return frozenset(tokens[0] for word in words if len(tokens := normalize_words([word])[0]) == 1)
