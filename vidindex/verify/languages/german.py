"""The words of German that decide a meaning; as tokens, umlauts have no dots."""

from __future__ import annotations

from .word_table import make_table

_UNITS = ["null", "ein", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun"]
_TEENS = ["zehn", "elf", "zwolf", "dreizehn", "vierzehn", "funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
_TENS = ["zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_BELOW_100 = {name: value for value, name in enumerate((*_UNITS, *_TEENS)) if value} | {
    f"{unit}und{tens}" if unit else tens: 10 * ten + value
    for ten, tens in enumerate(_TENS, 2)
    for value, unit in enumerate(("", *_UNITS[1:]))
}
_BELOW_1000 = _BELOW_100 | {
    f"{unit}hundert{rest}": 100 * (value or 1) + _BELOW_100.get(rest, 0)
    for value, unit in enumerate(("", *_UNITS[1:]))
    for rest in ("", *_BELOW_100)
    if unit or rest  # `hundert` alone multiplies the number before it
}
_NUMBERS = (
    _BELOW_1000
    | {f"{name}tausend": 1000 * value for name, value in _BELOW_1000.items()}
    | {"null": 0, "eins": 1, "zwo": 2, "anderthalb": 5008}
)
_ORDINALS = ["erst", "zweit", "dritt", "viert", "funft", "sechst", "siebt", "acht", "neunt", "zehnt", "elft", "zwolft"]

TABLE = make_table(
    negations="nicht nichts kein keine keinen keinem keiner keines nie niemals niemand niemanden niemandem nirgends "
    "nirgendwo weder ohne kaum keinesfalls keineswegs",
    negating_prefixes="un nicht",
    opposite_beginnings="uber unter",
    opposite_endings="los voll,los reich",
    quantifiers={
        "all": "alle alles allen aller jeder jede jedes jeden jedem immer ganz ganze ganzen samtliche vollig komplett "
        "vollstandig stets",
        "most": "meist meisten meistens mehrheit uberwiegend haufig oft grosstenteils normalerweise",
        "many": "viele vielen vieler mehrere zahlreiche",
        "some": "einige einigen einiger manche manchen manchmal teilweise etwas gelegentlich",
        "few": "wenige wenigen weniger wenig selten minderheit",
        "only": "nur lediglich ausschliesslich bloss",
        "almost": "fast beinahe nahezu",
        "about": "etwa ungefahr circa rund",
        "large": "erheblich erhebliche deutlich deutliche stark starke massiv enorm gross grosse",
        "small": "leicht leichte gering geringe klein kleine geringfugig minimal",
        "minimum": "mindestens wenigstens",
        "maximum": "hochstens maximal",
    },
    modals={
        "will": "wird werden werde wirst werdet",
        "would": "wurde wurden wurdest",
        "may": "konnte konnten vielleicht moglicherweise eventuell womoglich",
        "can": "kann konnen kannst darf durfen",
        "must": "muss mussen musst zwingend verpflichtet",
        "should": "soll sollen sollte sollten",
        "certain": "sicher sicherlich bestimmt definitiv zweifellos gewiss",
        "likely": "wahrscheinlich vermutlich wohl",
        "unlikely": "unwahrscheinlich",
        "expect": "erwarte erwarten erwartet planen plant",
        "hope": "hoffe hoffen hofft",
        "think": "glaube glauben denke denken meine",
        "know": "weiss wissen",
    },
    strong="all most few only almost minimum maximum may must should certain likely unlikely",
    up="mehr hoher hohe hoch steigen steigt gestiegen stieg wachsen wachst gewachsen wachstum zunahme zunehmen "
    "zugenommen gewinn gewinne besser beste verbessern verbessert stark starker uber oben anstieg erhohen erhoht "
    "erhohung positiv gut schneller grosser",
    down="weniger niedriger niedrig sinken sinkt gesunken sank schrumpfen schrumpft geschrumpft ruckgang abnahme "
    "abnehmen abgenommen verlust verluste schlechter verschlechtern verschlechtert schwach schwacher unter unten "
    "senken gesenkt senkung negativ schlecht langsamer kleiner fallen gefallen fiel",
    opposites={
        "vor vorher fruher": "nach nachher spater",
        "erste ersten": "letzte letzten",
        "anfang beginn beginnen": "ende enden aufhoren",
        "kaufen gekauft kauf": "verkaufen verkauft verkauf",
        "offen offnen geoffnet": "geschlossen schliessen",
        "import importe": "export exporte",
        "fur": "gegen",
        "mit": "ohne",
        "innen": "aussen",
        "links": "rechts",
        "richtig": "falsch",
        "krieg": "frieden",
        "freund freunde": "feind feinde",
        "immer": "nie niemals",
        "mann manner": "frau frauen",
        "norden": "suden",
        "osten": "westen",
        "lang langer": "kurz kurzer",
        "einfach leicht": "schwer schwierig",
    },
    units={
        "euro": "euro euros eur",
        "dollar": "dollar dollars usd",
        "percent": "prozent cent",  # `%` is normalized to `per cent`
        "percentage_point": "prozentpunkt prozentpunkte prozentpunkten",
        "gramm": "gramm",
        "kilo": "kilo kilos kilogramm kg",
        "tonne": "tonne tonnen",
        "meter": "meter metern",
        "kilometer": "kilometer kilometern km",
        "meile": "meile meilen",
        "sekunde": "sekunde sekunden",
        "minute": "minute minuten",
        "stunde": "stunde stunden",
        "tag": "tag tage tagen",
        "woche": "woche wochen",
        "monat": "monat monate monaten",
        "jahr": "jahr jahre jahren",
    },
    numbers=_NUMBERS,
    scales={
        "hundert": 2,
        "tausend": 3,
        "million": 6,
        "millionen": 6,
        "milliarde": 9,
        "milliarden": 9,
        "billionen": 12,
        "mio": 6,
        "mrd": 9,
    },
    ordinals={
        f"{stem}{ending}": value for value, stem in enumerate(_ORDINALS, 1) for ending in ("e", "en", "er", "es", "em")
    }
    | {
        "halb": 5001,
        "halbe": 5001,
        "halben": 5001,
        "halfte": 5001,
        "doppelt": 5003,
        "zweimal": 5002,
        "viertel": 5005,
        "drittel": 5009,
    },
    persons=["ich mich mir", "wir uns unser unsere unserer unseren", "du dich dir", "er ihm ihn", "sie ihnen"],
    conjunctions=["und", "oder", "aber", "weil", "wenn falls", "obwohl", "bis"],
    tenses={
        "past": "war waren",
        "perfect": "hat haben habe",
        "past perfect": "hatte hatten",
        "present": "ist sind bin",
        "future": "wird werden",
    },
    hedges="ich glaube,ich denke,ich meine,ich hoffe",
    frames="glaube nicht,denke nicht,glaube nicht dass,denke nicht dass,sage nicht,sage nicht dass,stimmt nicht dass",
    doubts="bezweifle,bezweifle dass,zweifle dass",
    bounds={
        "more": "mehr als",
        "at least": "mindestens,wenigstens,nicht weniger als",
        "less": "weniger als",
        "at most": "bis zu,hochstens,nicht mehr als",
    },
    number_bounds={"more": "uber", "less": "unter", "about": "rund etwa ungefahr circa zirka ca"},
    articled="ein wenig",
    limiters="aber ausser wenn falls sofern obwohl wahrend allerdings jedoch trotz ausgenommen bis weil sondern "
    "solange nur nicht es",
    function_words="der die das den dem des ein eine einen einem einer eines und oder aber so in im an am auf bei fur "
    "mit von vom zu zum zur aus nach ist sind war waren sein bin bist ich du er sie es wir ihr uns mich mir dich dir "
    "ihm ihn ihnen sich dass als wie wer was wo wann da dann hier dort auch noch schon ja nein nicht kein doch mal nun "
    "haben hat hatte habe hatten hast wird werden wurde wenn weil man sehr",
    fillers="ah ahm hm ja also halt eben mal so na nun doch eigentlich sozusagen quasi und wirklich auch sehr einfach "
    "naturlich genau gut okay dann ich meine weisst du",
    forms={
        "sein": "sein ist sind war waren bin bist gewesen seid ware waren",
        "haben": "haben hat hatte habe hatten hast gehabt hatte",
        "werden": "werden wird wurde wurden werde worden geworden",
        "gehen": "gehen geht ging gegangen gehe",
        "kommen": "kommen kommt kam gekommen komme",
        "sehen": "sehen sieht sah gesehen sehe",
        "geben": "geben gibt gab gegeben gebe",
        "nehmen": "nehmen nimmt nahm genommen nehme",
        "sagen": "sagen sagt sagte gesagt sage",
        "machen": "machen macht machte gemacht mache",
        "der": "der die das den dem des",
        "ein": "ein eine einen einem einer eines",
        "dieser": "dieser diese dieses diesen diesem",
    },
    questions="wer was wann wo warum wie welche welcher wieso weshalb",
    auxiliaries="ist sind war hat haben kann konnen wird werden",
    filler_phrases="ich meine,weisst du,ich glaube,ich denke",
)
