"""Different spellings of the same speech give the same tokens."""

from __future__ import annotations

import random
from functools import partial

import pytest

from tests.clocks import cpu_seconds
from vidindex.transcripts import normalize
from vidindex.transcripts.normalize import normalize_words


def tokens(text: str) -> list[str]:
    """Return the tokens of *text*."""
    return normalize_words(text.split())[0]


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Self-evident, they said!", "self evident they said"),
        ("naïve café Ærø", "naive cafe aero"),
        ("it’s what I'm gonna do", "it is what I am going to do"),
        ("rock ’n’ roll", "rock and roll"),
        ("don't won't can't", "do not will not cannot"),
        ("OK, Okay.", "okay ok"),
        ("2009", "two thousand nine"),
        ("2009", "two thousand and nine"),
        ("2009", "twenty oh nine"),
        ("1984", "nineteen eighty-four"),
        ("2020", "twenty twenty"),
        ("$12 million", "twelve million dollars"),
        ("$1.5B", "one point five billion dollars"),
        ("25%", "twenty five percent"),
        ("25 per cent", "twenty-five percent"),
        ("123,456", "one hundred twenty three thousand four hundred fifty six"),
        ("100 times", "a hundred times"),
        ("105", "one hundred and five"),
        ("the 21st", "the twenty-first"),
        ("the 3rd", "the third"),
        ("um, I, uh, think", "I think"),
        ("a- a- a while", "a while"),
        ("Tur- turboprop aircraft", "turboprop aircraft"),
        ("the, the plan", "the plan"),
        ("U.S. at 5 p.m.", "US at five pm"),
        ("R&D", "R and D"),
        ("Q2, F-5 and star-one", "q two f five and star 1"),
        ("the 11th, 20th-century and 100th", "the eleventh twentieth century and one hundredth"),
        ("in the 1980s, the '80s", "in the nineteen eighties the eighties"),
        ("2.5 million, 2½ and 2.5", "two and a half million two and a half and two point five"),
        ("1.25 and 3.14", "one point twenty-five and three point fourteen"),
        ("$2 million cost", "two-million-dollar cost"),
        ("$3.2-billion, $5/share", "3.2 billion dollars five dollars share"),
        ("50¢ or $.50", "fifty cents or 0.50 dollars"),
        ("2020 third quarter", "2023rd quarter"),
        ("2020 third quarter", "twenty twenty third quarter"),
        ("2021", "twenty 21"),
        ("No. 1, #2", "number one number two"),
        ("'Cause we told ’em, wait 'til noon", "because we told them wait till noon"),
        ("The No 1 and Nos 2 and 3", "the number one and number two and three"),
        ("the no. 7 bus and the No. of buses", "the number seven bus and the number of buses"),
        ("the U. S., the U. S market", "the US the US market"),
        ("J.P. Morgan", "J. P. Morgan"),
    ],
)
def test_different_spellings_of_one_speech_are_the_same(written: str, heard: str) -> None:
    assert tokens(written) == tokens(heard)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("five two", "52"),
        ("no one", "no 1 more"),
        ("50 50", "50"),
        ("two two", "two"),
        ("19 84", "1984"),
        ("part B, C", "part bc"),
        ("vitamin C. I", "vitamin ci"),
        ("No. I did", "number I did"),
        ("No 2 of them", "number two of them"),
        ("No. One of them", "number one of them"),
        ("Nos vemos", "no vemos"),
        ("two and a half", "two and a"),
        (".5", "5"),
        ("のが", "のか"),
    ],
)
def test_different_speech_stays_different(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


def test_numbers_end_where_a_sentence_ends() -> None:
    assert tokens("It was twenty. Five came.") == ["it", "was", "twenty", "five", "came"]


def test_scripts_without_spaces_give_a_token_a_character() -> None:
    assert tokens("你好世界hello") == ["你", "好", "世", "界", "hello"]
    assert tokens("สวัสดี") == ["ส", "วั", "ส", "ดี"]
    assert tokens("がく") == ["が", "く"]


def test_scripts_with_spaces_give_a_token_a_word() -> None:
    assert tokens("Привет, мир! हिंदी में") == ["привет", "мир", "हिंदी", "में"]


def test_the_text_around_a_number_is_kept_in_every_script() -> None:
    assert tokens("大约有3000人参加了会议") == ["大", "约", "有", "3000", "人", "参", "加", "了", "会", "议"]
    assert tokens("5лет и 20%сахара") == ["five", "лет", "и", "twenty", "per", "cent", "сахара"]
    assert tokens("第3回は12時に") == ["第", "three", "回", "は", "twelve", "时", "に"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.000.000 Euro", "1,000,000 Euro"),
        ("1 000 000 euros", "1000000 euros"),
        ("1 250 000 людей", "1,250,000 людей"),
        ("CHF 1'000'000", "CHF 1000000"),
        ("3,14", "3.14"),
        ("1.234.567,89 €", "€1,234,567.89"),
        ("20€ und 20 €", "€20 und €20"),
        ("in 2000 and 19", "in 2019"),
        ("3½ cups, ½ cup", "three and a half cups, half cup"),
        ("٣٠٠٠ شخص", "3000 شخص"),
        ("१२३ लोग", "123 लोग"),
        ("３０００人", "3000人"),
        ("三千人", "3000人"),
        ("二〇二〇年、二○二○年", "2020年、2020年"),
        ("百二十万円", "120万円"),
        ("1万2000人", "12,000人"),
        ("1.5億人", "150,000,000人"),
        ("100만 명, 3만5천원", "1,000,000 명, 35,000원"),
        ("第三回", "第3回"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


def test_figures_that_are_no_number_together_stay_apart() -> None:
    assert tokens("1,2,3") == ["one", "two", "three"]
    assert tokens("call 555 123 4567") == ["call", "555", "123", "4567"]
    assert tokens("in 2019 000 was") == ["in", "2019", "000", "was"]
    assert tokens("in 2000 and 190") == ["in", "2000", "and", "190"]
    assert tokens("一" * 60) == ["一"] * 60


@pytest.mark.parametrize(
    "spellings",
    [
        "على علي علی",
        "كتاب کتاب ﻛﺘﺎﺏ كـتاب",
        "مدرسة مدرسه",
        "أحمد إحمد ٱحمد احمد آحمد",
        "हिन्दी हिंदी",
        "चाँद चांद",
        "সম্পর্ক সংপর্ক",
        "カタカナ かたかな ｶﾀｶﾅ",
        "漢語 汉语",
        "國學 国学",
        "澤 沢 泽",
        "ґанок ганок",
        "п'ять п’ять пʼять пять",
        "ёлка елка",
        "straße strasse STRASSE",
        "L’Été l'été l'ete",
        "O‘zbek Oʻzbek o'zbek",
    ],
)
def test_spellings_of_a_word_are_the_same(spellings: str) -> None:
    assert len({tuple(tokens(word)) for word in spellings.split()}) == 1


def test_an_elided_word_is_a_word_of_its_own() -> None:
    assert tokens("l'homme qu'il dell'arte d’accord") == ["l", "homme", "qu", "il", "dell", "arte", "d", "accord"]
    assert tokens("O'Reilly y'all o'clock I'd") == ["oreilly", "you", "all", "oclock", "i", "would"]


def test_korean_is_the_same_with_and_without_spaces() -> None:
    assert tokens("삼성 전자는 오늘") == tokens("삼성전자는 오늘")


def test_origins_say_in_which_word_a_token_starts() -> None:
    words = ["Um,", "it's", "$12", "million", "in", "twenty", "twenty"]
    assert list(zip(*normalize_words(words), strict=True)) == [
        ("it", 1),
        ("is", 1),
        ("12000000", 2),
        ("dollars", 3),
        ("in", 4),
        ("2020", 5),
    ]


def test_words_without_letters_give_nothing() -> None:
    assert normalize_words(["--", "…", "?!", ""]) == ([], [])


def test_any_words_fold_to_tokens_with_rising_origins() -> None:
    """Tokens never contain spaces: the store and the engines would take one for two."""
    chooser = random.Random(5)
    pieces = [
        "twenty",
        "$",
        "5",
        "and",
        "point",
        "oh",
        "-",
        "'",
        "’s",
        "million",
        "a",
        "a",
        "%",
        "é",
        "你",
        "ß",
        ".",
        ",",
        "th",
        "&",
        "_",
    ]
    for _ in range(3000):
        words = ["".join(chooser.choices(pieces, k=chooser.randint(1, 4))) for _ in range(chooser.randint(0, 9))]
        folded, origins = normalize_words(words)
        assert len(folded) == len(origins)
        assert origins == sorted(origins)
        assert all(0 <= origin < len(words) for origin in origins)
        assert all(token and token.split() == [token] and "+" not in token for token in folded)


def test_normalization_is_fast_for_ordinary_text() -> None:
    """Its time is compared with the time to split the same text, because machines differ."""
    text = (
        "so the thing about it is that we never really took any time off because there was one tour after the other "
        * 5000
    )
    words = text.split()
    normalize_words(words[:100])
    assert cpu_seconds(partial(normalize_words, words)) < 40 * cpu_seconds(text.split)
    assert tokens("x" * 100_000) == ["x" * 100_000]


@pytest.mark.parametrize(
    "mark",
    [
        "\u00ad",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u180e",
        "\u200e",
        "\u2063",
        "\u034f",
        "\ufe0f",
        "\u00ad\u200b",
    ],
)
def test_characters_without_width_part_no_word(mark: str) -> None:
    """In Latin letters, figures, contractions, and scripts with and without spaces."""
    words = ["river", "It's", "1,500", "café", "данные", "رودخانه", "नदी", "河水会", "แม่น้ำ"]

    for word in words:
        marked = mark.join(word) if word.isascii() else f"{mark}{word[0]}{mark}{word[1:]}{mark}"
        assert normalize_words([marked])[0] == normalize_words([word])[0], word
    assert normalize_words([mark])[0] == []


@pytest.mark.parametrize("word", ["tide", "TIDE!", '"tide,"', "(tide)", "[Tide]?", "don't", "Ten.", "um,", "a&b"])
def test_a_word_has_the_same_tokens_before_and_after_it_is_cached(word: str) -> None:
    normalize._word_cache.clear()
    cold = normalize_words([word])

    assert normalize_words([word]) == cold == ([*tokens(word.strip('()[]"!?.,').lower())], cold[1])
