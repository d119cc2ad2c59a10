"""Negations, numbers and directions are told from harmless differences, most surely in languages with tables."""

from __future__ import annotations

import pytest

import vidindex
from tests.conftest import webvtt

SAID = {
    "de": [
        "guten abend und herzlich willkommen in der neuen stadthalle",
        "wir haben die alte brücke im winter nie geschlossen",
        "der umsatz ist im letzten jahr um dreiundzwanzig prozent gestiegen",
        "ich glaube nicht dass die bürger das bezahlen werden",
        "einige der fahrgäste bekommen ihr geld zurück",
        "die mühle trägt bis zu vierzig säcke und ein wenig mehl",
        "das stadion kostete anderthalb millionen euro und drei jahre arbeit",
        "der zirkus bekam fünfzehntausend euro und 3 milliarden körner",
        "rund 40.000 störche flogen über den leuchtturm",
    ],
    "es": [
        "buenas noches, y bienvenidos a la reunión del puerto",
        "nunca cerramos el viejo puente durante el invierno",
        "las ventas subieron veintitrés por ciento el año pasado",
        "no creo que los vecinos vayan a pagar eso",
        "el molino produce al menos cuarenta sacos y un poco de aceite",
        "algunos de los pasajeros recibirán su dinero",
        "había treinta y siete barcos en el puerto aquella noche de mayo",
        "vendieron quince mil entradas para el circo de las pulgas",
    ],
    "fr": [
        "bonsoir et bienvenue à la réunion du port",
        "nous n'avons jamais fermé le vieux pont en hiver",
        "les ventes ont augmenté de vingt trois pour cent l'année dernière",
        "je ne crois pas que les habitants vont payer cela",
        "le moulin produit jusqu'à quarante sacs et un peu de farine",
        "certains passagers vont recevoir leur argent",
        "Est-ce que le boulanger a vraiment vendu le château à son cousin ?",
    ],
    "it": [
        "non ho mai detto che il governo vuole chiudere le scuole del paese",
        "Non credo che il sindaco possa vendere il castello a suo cugino.",
    ],
    "ru": ["мы не собираемся закрывать школу в нашей деревне этой зимой"],
    "zh": ["我们不会在今年冬天关闭这座老桥"],
    "tr": ["biz bu köprüyü yabancı bir şirkete satmayacağız dedi başkan"],
    "ar": ["لن نغلق الجسر القديم في هذا الشتاء مهما حدث في المدينة"],
}


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> vidindex.Index:
    folder = tmp_path_factory.mktemp("languages")
    for language, lines in SAID.items():
        (folder / f"talk-{language}.{language}.vtt").write_text(webvtt(lines), encoding="utf-8")
    index = vidindex.open(folder / "index")
    index.add(folder, languages=["all"])
    return index


@pytest.mark.parametrize(
    ("language", "quote", "outcome"),
    [
        ("de", "Wir haben die alte Brücke im Winter nie geschlossen.", "verbatim"),
        ("de", "Wir hatten die alte Brücke im Winter nie geschlossen.", "faithful"),
        ("de", "Wir haben die alte Brücke im Winter geschlossen.", "negation"),
        ("de", "Der Umsatz ist im letzten Jahr um 23 Prozent gestiegen.", "same number"),
        ("de", "Der Umsatz ist im letzten Jahr um 32 Prozent gestiegen.", "number"),
        ("de", "Der Umsatz ist im letzten Jahr um dreiundzwanzig Prozent gesunken.", "direction"),
        ("de", "Ich glaube, dass die Bürger das bezahlen werden.", "negation"),
        ("de", "Alle der Fahrgäste bekommen ihr Geld zurück.", "quantifier"),
        ("de", "Das Stadion kostete 1,5 Millionen Euro und drei Jahre Arbeit.", "same number"),
        ("de", "Das Stadion kostete 2,5 Millionen Euro und drei Jahre Arbeit.", "number"),
        ("de", "Die Mühle trägt mehr als vierzig Säcke und ein wenig Mehl.", "direction"),
        ("es", "El molino produce como máximo cuarenta sacos y un poco de aceite.", "direction"),
        ("fr", "Le moulin produit plus de quarante sacs et un peu de farine.", "direction"),
        ("es", "Nunca cerramos el viejo puente durante el invierno.", "verbatim"),
        ("es", "Cerramos el viejo puente durante el invierno.", "negation"),
        ("es", "Las ventas subieron 23 por ciento el año pasado.", "same number"),
        ("es", "Las ventas subieron 43 por ciento el año pasado.", "number"),
        ("es", "Creo que los vecinos vayan a pagar eso.", "negation"),
        ("es", "Todos de los pasajeros recibirán su dinero.", "quantifier"),
        ("es", "Había 37 barcos en el puerto aquella noche de mayo.", "same number"),
        ("fr", "Nous n’avons jamais fermé le vieux pont en hiver.", "verbatim"),
        ("fr", "Nous avons fermé le vieux pont en hiver.", "negation"),
        ("fr", "Les ventes ont augmenté de 23 pour cent l’année dernière.", "same number"),
        ("fr", "Les ventes ont augmenté de 33 pour cent l’année dernière.", "number"),
        ("fr", "Les ventes ont diminué de vingt-trois pour cent l’année dernière.", "direction"),
        ("fr", "Je crois que les habitants vont payer cela.", "negation"),
        ("it", "Ho detto che il governo vuole chiudere le scuole del paese.", "negation"),
        ("it", "Credo che il sindaco possa vendere il castello a suo cugino.", "negation"),
        ("de", "Der Zirkus bekam 15.000 Euro und 3 Mrd. Körner.", "same number"),
        ("de", "Der Zirkus bekam 50.000 Euro und 3 Mrd. Körner.", "number"),
        ("de", "Rund vierzigtausend Störche flogen über den Leuchtturm.", "same number"),
        ("de", "Der Umsatz ist im letzten Jahr um 23 % gestiegen.", "same number"),
        ("es", "Vendieron 15.000 entradas para el circo de las pulgas.", "same number"),
        ("es", "Vendieron 15.500 entradas para el circo de las pulgas.", "number"),
        ("ru", "Мы собираемся закрывать школу в нашей деревне этой зимой.", "negation"),
        ("zh", "我们会在今年冬天关闭这座老桥", "negation"),
    ],
)
def test_a_quote_is_judged_in_its_language(index: vidindex.Index, language: str, quote: str, outcome: str) -> None:
    video = next(video.id for video in index.videos() if f"talk-{language}" in video.id)
    verdict = next(index.verify([{"quote": quote, "video": video}]))
    if outcome in ("verbatim", "faithful"):
        assert verdict.verdict == outcome
    elif outcome == "same number":
        assert verdict.verdict in ("verbatim", "faithful")
    else:
        assert (verdict.verdict, [change.kind for change in verdict.changes]) == ("altered", [outcome])


@pytest.mark.parametrize(
    ("language", "quote", "kind"),
    [
        ("tr", "Biz bu köprüyü yabancı bir şirkete satacağız dedi başkan.", "other"),
        ("ar", "نغلق الجسر القديم في هذا الشتاء مهما حدث في المدينة", "negation"),
        ("de", "Die Mühle trägt bis zu vierzig Säcke und wenig Mehl.", "quantifier"),
        ("de", "Ich haben die alte Brücke im Winter nie geschlossen.", "other"),
        ("es", "El molino produce al menos cuarenta sacos y poco de aceite.", "quantifier"),
        ("fr", "Le moulin produit jusqu'à quarante sacs et peu de farine.", "quantifier"),
    ],
    ids=["negation within a word", "no capital letters", "article", "person", "article es", "article fr"],
)
def test_a_difference_that_nobody_can_judge_is_shown(
    index: vidindex.Index, language: str, quote: str, kind: str
) -> None:
    video = next(video.id for video in index.videos() if f"talk-{language}" in video.id)
    verdict = next(index.verify([{"quote": quote, "video": video}]))
    assert [(change.kind, change.undecided) for change in verdict.changes] == [(kind, True)]
    assert verdict.verdict == "faithful"


def test_another_person_is_shown_in_german(index: vidindex.Index) -> None:
    video = next(video.id for video in index.videos() if "talk-de" in video.id)
    verdict = next(index.verify([{"quote": "Sie haben die alte Brücke im Winter nie geschlossen.", "video": video}]))
    assert [(change.printed, change.said) for change in verdict.changes] == [("Sie", "wir")]


def test_a_french_question_has_a_space_before_its_mark(index: vidindex.Index) -> None:
    quotes = [
        "Le boulanger a vraiment vendu le château à son cousin.",
        "Est-ce que le boulanger a vraiment vendu le château à son cousin ?",
    ]
    video = next(video.id for video in index.videos() if "talk-fr" in video.id)
    statement, question = index.verify([{"quote": quote, "video": video} for quote in quotes])
    assert [(change.kind, change.undecided) for change in statement.changes] == [("modality", True)]
    assert question.verdict == "verbatim"
