"""Captions in two languages: a sentence of either one runs across cues."""

from __future__ import annotations

import pytest

from vidindex.model import Cue
from vidindex.transcripts.build import make_transcript

ENGLISH = ["we never thought that", "the river would rise", "so quickly in that night", "nobody had told us"]
TRANSLATIONS = {
    "zh": ["我们从没想过", "河水会涨得", "那天夜里这么快", "没有人告诉我们"],
    "ja": ["私たちは考えもしなかった", "川が", "あの夜にこんなに早く", "誰も教えてくれなかった"],
    "ko": ["우리는 생각하지 못했다", "강물이", "그날 밤 그렇게 빨리", "아무도 말해 주지 않았다"],
    "ru": ["мы никогда не думали", "что река поднимется", "так быстро той ночью", "никто нам не сказал"],
    "fr": [
        "nous n'avions pas cru que",
        "la rivière et les eaux",
        "monteraient dans la nuit",
        "personne ne nous avait dit",
    ],
    "es": ["no pensamos nunca que", "el río y las aguas", "crecerían en una noche", "nadie nos lo dijo"],
    "de": ["wir dachten nicht dass", "der Fluss und das Wasser", "in der Nacht so schnell", "und uns hat es nicht"],
}


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("english_first", [True, False])
@pytest.mark.parametrize("own_cues", [True, False])
def test_a_sentence_runs_across_cues_in_both_languages(language: str, english_first: bool, own_cues: bool) -> None:
    cues = []
    for at, lines in enumerate(zip(ENGLISH, TRANSLATIONS[language], strict=True)):
        ordered = lines if english_first else lines[::-1]
        texts = ordered if own_cues else ["\n".join(ordered)]
        cues += [Cue(at * 2000, at * 2000 + 2000, text) for text in texts]

    said = " ".join(make_transcript(cues).words)

    assert " ".join(ENGLISH) in said
    assert " ".join(TRANSLATIONS[language]) in said
    assert len(said) == len(" ".join([*ENGLISH, *TRANSLATIONS[language]]))


def test_the_first_language_keeps_its_times_and_the_second_is_never_far() -> None:
    lines = [(f"word{at}", f"слово{'абвгдежзик'[at % 10]}") for at in range(60)]
    cues = [Cue(at * 2000, at * 2000 + 2000, "\n".join(pair)) for at, pair in enumerate(lines)]

    transcript = make_transcript(cues)

    assert sorted(transcript.words) == sorted(word for pair in lines for word in pair)
    starts = dict(zip(transcript.words, transcript.starts_ms, strict=True))
    assert [starts[f"word{at}"] for at in range(60)] == list(range(0, 120_000, 2000))
    cyrillic = [word.start_ms for word in transcript if not word.text.isascii()]
    assert all(abs(start - at * 2000) <= 30_000 for at, start in enumerate(cyrillic))


def test_two_lines_in_one_language_stay_together() -> None:
    cues = [Cue(at * 2000, at * 2000 + 2000, f"{ENGLISH[at]}\nand {ENGLISH[-at]} to us") for at in range(4)]

    assert " ".join(make_transcript(cues).words) == " ".join(" ".join(cue.text.split()) for cue in cues)


def test_a_few_lines_in_another_language_stay_in_their_place() -> None:
    cues = [Cue(at * 2000, at * 2000 + 2000, f"line {at} alone\nand more") for at in range(9)]
    cues[4] = Cue(8000, 10_000, "Привет!\n(hello)")

    assert " ".join(make_transcript(cues).words).find("Привет! (hello)") > 0
