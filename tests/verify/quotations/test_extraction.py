"""The quotations of an article are found with their speakers, in the styles of many languages and keyboards."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.verify.quotations import Quotation, extract_quotations

Case = tuple[str, list[tuple[str, str]]]
"""An article, and its quotations with their speakers."""

SENTENCE_ENDS: list[Case] = [
    (
        "“It rained for a week,” said Omar Haddad. In May the road was closed.",
        [("It rained for a week,", "Omar Haddad")],
    ),
    (
        "“It rained for a week,” says Ms. Ivy Chen. When it stopped, nobody cheered.",
        [("It rained for a week,", "Ms. Ivy Chen")],
    ),
    ("“It rained for a week,” added J. R. Smith. Nobody laughed.", [("It rained for a week,", "J. R. Smith")]),
    (
        "“It rained for a week,” said Prof. Ana de la Cruz. Her book is out.",
        [("It rained for a week,", "Prof. Ana de la Cruz")],
    ),
    (
        "“It rained for a week,” said Martin Luther King Jr. The crowd cheered.",
        [("It rained for a week,", "Martin Luther King Jr.")],
    ),
    (
        "“Es hat eine Woche geregnet“, sagte Jan Weber. Die Straße blieb zu.",
        [("Es hat eine Woche geregnet", "Jan Weber")],
    ),
    ("“It rained for a week,” said Jean-Luc O’Brien. Then it snowed.", [("It rained for a week,", "Jean-Luc O’Brien")]),
]
ROLES: list[Case] = [
    ("“This takes years,” Maria Silva, a nurse from Porto, told reporters.", [("This takes years,", "Maria Silva")]),
    ("“This takes years,” explained team captain Omar Haddad after the game.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” said the head of the union, Omar Haddad.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” said Omar Haddad, head of the union.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” Omar Haddad of the dockers’ union said.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” a spokesman for Omar Haddad said.", [("This takes years,", "")]),
    ("“This takes years,” said a spokeswoman for the Ministry of Health.", [("This takes years,", "")]),
    ("“This takes years,” her lawyer, Omar Haddad, said on Friday.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” her lawyer Omar Haddad said on Friday.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” the chief of police of Boston said.", [("This takes years,", "")]),
    ("“This takes years,” police said.", [("This takes years,", "")]),
    ("“This takes years,” Sgt. Ivy Chen told the court.", [("This takes years,", "Sgt. Ivy Chen")]),
    ("“This takes years,” sighed the old man.", [("This takes years,", "")]),
    ("“This takes years,” Omar Haddad (the union’s head) said.", [("This takes years,", "Omar Haddad")]),
    ("“This takes years,” reads the letter.", [("This takes years,", "")]),
    ("“This takes years,” he said.", [("This takes years,", "")]),
    ("“This takes years,” Haddad has said.", [("This takes years,", "Haddad")]),
    (
        "“This takes years,” Haddad later told the magazine, “and nobody knows it.”",
        [("This takes years, … and nobody knows it.", "Haddad")],
    ),
    ("“This takes years,” chimed in Ivy Chen.", [("This takes years,", "Ivy Chen")]),
    ("“This takes years,” Ivy Chen shot back.", [("This takes years,", "Ivy Chen")]),
    ("“This takes years,” noted Chen, who runs the port.", [("This takes years,", "Chen")]),
    ("“This takes years!” yelled Ivy from the deck.", [("This takes years!", "Ivy")]),
    ("“Does this take years?” asked Ivy Chen.", [("Does this take years?", "Ivy Chen")]),
    ("“Does this take years?” Ivy Chen wondered.", [("Does this take years?", "Ivy Chen")]),
]
BEFORE: list[Case] = [
    ("Omar Haddad summed it up: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("As Omar Haddad put it, “nobody wins in the end.”", [("nobody wins in the end.", "Omar Haddad")]),
    ("Omar Haddad’s answer: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("Omar Haddad’s lawyer said: “Nobody wins in the end.”", [("Nobody wins in the end.", "")]),
    ("In the words of Omar Haddad: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("Then Omar Haddad told Ivy Chen: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("Ivy Chen was told by Omar Haddad: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    (
        "Omar Haddad, the head of the union, told Ivy Chen that “nobody wins in the end.”",
        [("nobody wins in the end.", "Omar Haddad")],
    ),
    ("According to Omar Haddad, “nobody wins in the end.”", [("nobody wins in the end.", "Omar Haddad")]),
    (
        "The head of the union, Omar Haddad, wrote: “Nobody wins in the end.”",
        [("Nobody wins in the end.", "Omar Haddad")],
    ),
    ("The union said in a statement: “Nobody wins in the end.”", [("Nobody wins in the end.", "")]),
    ("Ivy Chen praised Omar Haddad, who said: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("Omar Haddad shook his head and said, “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("Omar Haddad shrugged, saying “nobody wins in the end.”", [("nobody wins in the end.", "Omar Haddad")]),
    ("Omar Haddad had this to say: “Nobody wins in the end.”", [("Nobody wins in the end.", "Omar Haddad")]),
    ("A letter from the bank reads: “Nobody wins in the end.”", [("Nobody wins in the end.", "")]),
    ("Omar Haddad called it “a very bad day for all of us.”", [("a very bad day for all of us.", "Omar Haddad")]),
    ("Ms. Cho and Mr. Day said it was “a very bad day for all of us.”", [("a very bad day for all of us.", "")]),
    ("Police in Boston said “nobody wins in the end.”", [("nobody wins in the end.", "")]),
    ("Haddad: “Nobody wins in the end.”", [("Nobody wins in the end.", "Haddad")]),
    (
        "“I lost my keys,” Omar Haddad said, adding that “nobody helped me look for them.”",
        [("I lost my keys,", "Omar Haddad"), ("nobody helped me look for them.", "Omar Haddad")],
    ),
]
NEXT_SENTENCES: list[Case] = [
    ("Ivy Chen sang first. “Nobody wins in the end.” Omar Haddad then left.", [("Nobody wins in the end.", "")]),
    ("“Nobody wins in the end.” Omar Haddad, the head of the union, disagreed.", [("Nobody wins in the end.", "")]),
    ("“Nobody wins in the end.” Then Omar Haddad said it was late.", [("Nobody wins in the end.", "")]),
]
PRONOUNS: list[Case] = [
    (
        "“I lost my keys,” said Omar Haddad. “Nobody helped,” he added.",
        [("I lost my keys,", "Omar Haddad"), ("Nobody helped,", "Omar Haddad")],
    ),
    ("Omar Haddad came late. “I lost my keys,” he said.", [("I lost my keys,", "Omar Haddad")]),
    (
        "“I lost my keys,” said Omar Haddad.\nIvy Chen disagreed. “He did not lose them,” she said.",
        [("I lost my keys,", "Omar Haddad"), ("He did not lose them,", "")],
    ),
    (
        "“I lost my keys,” said Mr. Haddad. “They were in my bag,” she said.",
        [("I lost my keys,", "Mr. Haddad"), ("They were in my bag,", "")],
    ),
]
SIGNATURES: list[Case] = [
    ("“Nobody wins in the end.” — Omar Haddad, head of the union", [("Nobody wins in the end.", "Omar Haddad")]),
    ("“Nobody wins in the end.” -- Omar Haddad", [("Nobody wins in the end.", "Omar Haddad")]),
    ("“Nobody wins in the end.”\n— Omar Haddad", [("Nobody wins in the end.", "Omar Haddad")]),
    ("“Nobody wins in the end.” (Omar Haddad)", [("Nobody wins in the end.", "")]),
    (
        "> Nobody wins in the end, and we knew it.\n> – Omar Haddad, 2004",
        [("Nobody wins in the end, and we knew it.", "Omar Haddad")],
    ),
    (
        "<blockquote><p>Nobody wins in the end.</p><p>We knew it.</p><cite>Omar Haddad</cite></blockquote>",
        [("Nobody wins in the end. We knew it.", "Omar Haddad")],
    ),
    (
        "<blockquote>“Nobody wins in the end.”<footer>Omar Haddad, <cite>The Port</cite></footer></blockquote>",
        [("Nobody wins in the end.", "Omar Haddad")],
    ),
    (
        "<p>Omar Haddad wrote:</p><blockquote><p>Nobody wins in the end.</p></blockquote>",
        [("Nobody wins in the end.", "Omar Haddad")],
    ),
]
TRANSCRIPTS: list[Case] = [
    (
        "Q: Did it rain all week?\nA: It did, and the road was closed.\nQ: And then?\nA: Then it snowed, of course.",
        [
            ("Did it rain all week?", ""),
            ("It did, and the road was closed.", ""),
            ("And then?", ""),
            ("Then it snowed, of course.", ""),
        ],
    ),
    (
        "Ivy Chen: Did it rain all week?\nOmar Haddad: It did, and the road was closed.",
        [("Did it rain all week?", "Ivy Chen"), ("It did, and the road was closed.", "Omar Haddad")],
    ),
    (
        "HADDAD (laughing): It did, and the road was closed.\nCHEN: Really? Nobody told me.",
        [("It did, and the road was closed.", "HADDAD"), ("Really? Nobody told me.", "CHEN")],
    ),
    ("Note: The road is closed.\nPhoto: Omar Haddad", []),
    (
        "DR. WU: It did, and the road was closed.\nMS. O’BRIEN: Really? Nobody told me.",
        [("It did, and the road was closed.", "DR. WU"), ("Really? Nobody told me.", "MS. O’BRIEN")],
    ),
]
DIALOGUE: list[Case] = [
    (
        "— ¿Llovió toda la semana? —preguntó Omar Haddad.\n— Claro que sí —respondió Eva Cruz—. Nadie salió.",
        [("¿Llovió toda la semana?", "Omar Haddad"), ("Claro que sí … Nadie salió.", "Eva Cruz")],
    ),
    ("—Llovió toda la semana —dijo el alcalde, Omar Haddad.", [("Llovió toda la semana", "Omar Haddad")]),
    (
        "— Non lo sapevo, ha risposto Anna Riva.\n— Nemmeno io, disse Ugo Neri, e dormivo.",
        [("Non lo sapevo,", "Anna Riva"), ("Nemmeno io, … e dormivo.", "Ugo Neri")],
    ),
    (
        "— Nie wiedziałem — powiedział Jan Nowak. — Spałem.\n— Ja też nie — dodała Anna Kot.",
        [("Nie wiedziałem … Spałem.", "Jan Nowak"), ("Ja też nie", "Anna Kot")],
    ),
    ("— Я не знал, — сказал Иван Петров. — Я спал.", [("Я не знал, … Я спал.", "Иван Петров")]),
    ("— Oui, dit-il.\n— Non, répondit-elle.", [("Oui,", ""), ("Non,", "")]),
    ("— Eu não sabia — disse Rui Costa.", [("Eu não sabia", "Rui Costa")]),
    ("— the bridge\n— the ferry\n— the tunnel", []),
]
SINGLE_MARKS: list[Case] = [
    (
        "'It's raining in the workers' quarter,' said Ivy Chen. 'Don't go.'",
        [("It's raining in the workers' quarter,", "Ivy Chen"), ("Don't go.", "Ivy Chen")],
    ),
    ("Ivy Chen said: 'We can't win, and that's that.'", [("We can't win, and that's that.", "Ivy Chen")]),
    ("In the '90s the bands' bus was Tom's, and rock 'n' roll was king.", []),
    ("'Twas the night of the dogs' dinner and the cats' party.", []),
    ("‘It’s raining in the workers’ quarter,’ said Ivy Chen.", [("It’s raining in the workers’ quarter,", "Ivy Chen")]),
    ("‘I never saw it’, said Ivy Chen, ‘but I heard it.’", [("I never saw it … but I heard it.", "Ivy Chen")]),
]
SWEDISH: list[Case] = [
    (
        "”Det regnade hela veckan”, sade Eva Berg. ”Ingen gick ut.”",
        [("Det regnade hela veckan", "Eva Berg"), ("Ingen gick ut.", "Eva Berg")],
    ),
    ("»Det regnade hela veckan», säger borgmästare Eva Berg.", [("Det regnade hela veckan", "Eva Berg")]),
    ("”Koko viikon satoi”, sanoi Eeva Lahti.", [("Koko viikon satoi", "Eeva Lahti")]),
]
TEX: list[Case] = [
    (
        "``It rained all week,'' Omar Haddad said. ``Nobody went out.''",
        [("It rained all week,", "Omar Haddad"), ("Nobody went out.", "Omar Haddad")],
    ),
    ("''It rained all week,'' Omar Haddad said.", [("It rained all week,", "Omar Haddad")]),
]
NESTED: list[Case] = [
    (
        "\"She told me, 'Go home, it is late,' and I went,\" Omar Haddad said.",
        [("She told me, 'Go home, it is late,' and I went,", "Omar Haddad")],
    ),
    (
        "„Sie sagte: ‚Geh nach Hause‘, und ich ging“, sagte Jan Weber.",
        [("Sie sagte: ‚Geh nach Hause‘, und ich ging", "Jan Weber")],
    ),
    (
        "« Elle m’a dit “va-t’en”, et je suis parti », raconte Jean Morel.",
        [("Elle m’a dit “va-t’en”, et je suis parti", "Jean Morel")],
    ),
    ("“She said “go home” and I went,” Omar Haddad said.", [("She said “go home” and I went,", "Omar Haddad")]),
]
PARAGRAPHS: list[Case] = [
    (
        "Omar Haddad said: “It rained all week.\n“Nobody went out.\n“Then it snowed.”",
        [("It rained all week. Nobody went out. Then it snowed.", "Omar Haddad")],
    ),
    (
        '"It rained all week.\n"Nobody went out," said Omar Haddad.',
        [("It rained all week. Nobody went out,", "Omar Haddad")],
    ),
    ("«Llovió toda la semana.\n»Nadie salió», dijo Eva Cruz.", [("Llovió toda la semana. Nadie salió", "Eva Cruz")]),
]
LANGUAGES: list[Case] = [
    ("“Llovió toda la semana”, dijo a la prensa Eva Cruz.", [("Llovió toda la semana", "Eva Cruz")]),
    (
        "La ministra Eva Cruz aseguró que “llovió toda la semana y nadie salió”.",
        [("llovió toda la semana y nadie salió", "Eva Cruz")],
    ),
    ("Según Eva Cruz, “llovió toda la semana y nadie salió”.", [("llovió toda la semana y nadie salió", "Eva Cruz")]),
    (
        "«Llovió toda la semana», ha dicho el presidente del Gobierno, Pedro Gil.",
        [("Llovió toda la semana", "Pedro Gil")],
    ),
    (
        "«Ha piovuto tutta la settimana», racconta Anna Riva, sindaca di Torino.",
        [("Ha piovuto tutta la settimana", "Anna Riva")],
    ),
    ("Anna Riva ha detto: «Ha piovuto tutta la settimana».", [("Ha piovuto tutta la settimana", "Anna Riva")]),
    ("“Choveu a semana toda”, disse o prefeito Rui Costa.", [("Choveu a semana toda", "Rui Costa")]),
    ("O prefeito, Rui Costa, afirmou: “Choveu a semana toda”.", [("Choveu a semana toda", "Rui Costa")]),
    ("„Padało cały tydzień” – mówi Jan Kot, rybak z Gdańska.", [("Padało cały tydzień", "Jan Kot")]),
    ("Jak powiedział minister Jan Kot: „Padało cały tydzień”.", [("Padało cały tydzień", "Jan Kot")]),
    (
        "– Padało cały tydzień – powiedziała prezydent Anna Nowak. – Nikt nie wyszedł.",
        [("Padało cały tydzień … Nikt nie wyszedł.", "Anna Nowak")],
    ),
    (
        "« Il a plu toute la semaine », a expliqué la maire, Claire Petit.",
        [("Il a plu toute la semaine", "Claire Petit")],
    ),
    (
        "« Il a plu, explique Claire Petit, maire de Lyon, et personne n’est sorti. »",
        [("Il a plu, … et personne n’est sorti.", "Claire Petit")],
    ),
    (
        "« Il a plu toute la semaine, raconte-t-elle. Personne n’est sorti. »",
        [("Il a plu toute la semaine, … Personne n’est sorti.", "")],
    ),
    ("Selon Claire Petit, « il a plu toute la semaine ».", [("il a plu toute la semaine", "Claire Petit")]),
    ("« Il a plu toute la semaine », a-t-il déclaré.", [("Il a plu toute la semaine", "")]),
    (
        "„Es hat die ganze Woche geregnet“, so die Bürgermeisterin Anna Vogt.",
        [("Es hat die ganze Woche geregnet", "Anna Vogt")],
    ),
    (
        "„Es hat die ganze Woche geregnet“, erklärte Bürgermeisterin Anna Vogt am Montag.",
        [("Es hat die ganze Woche geregnet", "Bürgermeisterin Anna Vogt")],
    ),
    ("Anna Vogt sagte: „Es hat die ganze Woche geregnet.“", [("Es hat die ganze Woche geregnet.", "Anna Vogt")]),
    ("„Es hat die ganze Woche geregnet“, sagte die Sprecherin.", [("Es hat die ganze Woche geregnet", "")]),
    (
        "»Es hat geregnet«, sagt Jan Weber, »und niemand ging raus.«",
        [("Es hat geregnet … und niemand ging raus.", "Jan Weber")],
    ),
    ("„Es hat geregnet“, sagte der Chef des Hafens, Jan Weber.", [("Es hat geregnet", "Jan Weber")]),
    ("«Шёл дождь всю неделю», — сказал Иван Петров.", [("Шёл дождь всю неделю", "Иван Петров")]),
    ("‘Het regende de hele week’, zei burgemeester Jan de Vries.", [("Het regende de hele week", "Jan de Vries")]),
    ("山田さんは「一週間ずっと雨が降った」と語った。", [("一週間ずっと雨が降った", "山田さん")]),
    ("「一週間ずっと雨が降った」と山田市長は述べた。", [("一週間ずっと雨が降った", "山田市長")]),
    ("山田：「一週間ずっと雨が降りました。」", [("一週間ずっと雨が降りました。", "山田")]),
    ("彼は「一週間ずっと雨が降った」と言った。", [("一週間ずっと雨が降った", "")]),
    ("「雨の橋」という歌がある。", []),
    ("“雨下了整整一个星期，”李华说。", [("雨下了整整一个星期，", "李华")]),
    ("李华表示：“雨下了整整一个星期。”", [("雨下了整整一个星期。", "李华")]),
    ("「雨下了整整一個星期。」市長李華說。", [("雨下了整整一個星期。", "市長李華")]),
    ("他说：“雨下了整整一个星期。”", [("雨下了整整一个星期。", "")]),
]
SHORT: list[Case] = [
    ("“No,” said Ivy Chen.", [("No,", "Ivy Chen")]),
    ("“Yes We Can!” said Barack Obama.", [("Yes We Can!", "Barack Obama")]),
    ("“Never again,” Ivy Chen said.", [("Never again,", "Ivy Chen")]),
    ('" It rained all week , " Omar Haddad said .', [("It rained all week ,", "Omar Haddad")]),
    ("“ It rained all week , ” said Omar Haddad .", [("It rained all week ,", "Omar Haddad")]),
]
NO_QUOTATIONS = [
    "Note: The road is closed.\nPhoto: Omar Haddad",
    "— the bridge\n— the ferry\n— the tunnel",
    "In the '90s the bands' bus was Tom's, and rock 'n' roll was king.",
    "'Twas the night of the dogs' dinner and the cats' party.",
    "「雨の橋」という歌がある。",
    "He sang “Walking in the Rain with You” at the “Late Show”.",
    "The so-called “experts” had a “good time” at the “big party”.",
    "The song “we never go home again tonight” was a hit.",
    'Press git commit -m "fix the thing for good" and go.',
    'print("hello my big old world")',
    '<p>Set <code>NAME="a b c d e"</code> now.</p><pre><code>x = "one two three four five"</code></pre>',
    "<h2>“Nobody wins in the end”</h2><p>Omar Haddad left.</p>",
    "The film “Der Himmel über Berlin” and the book “Cien años de soledad” are old.",
    "She has a role in “The Marvelous Mrs. Maisel,” the show of the year.",
    "The 6'4\" guard and the 5'11\" guard left.",
    'The pipe is 5" wide and 12" long.',
    "Her album “Songs About Jane and Me” sold well, said Ivy Chen.",
]


def quotations_of(article: str) -> list[tuple[str, str]]:
    return [(each.text, each.attribution) for each in extract_quotations(article)]


@pytest.mark.parametrize(("article", "expected"), SENTENCE_ENDS, ids=range(len(SENTENCE_ENDS)))
def test_a_name_ends_with_its_sentence(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), ROLES, ids=range(len(ROLES)))
def test_a_role_is_no_part_of_the_name_and_no_name_by_itself(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), BEFORE, ids=range(len(BEFORE)))
def test_the_words_before_a_quotation_name_its_speaker(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), NEXT_SENTENCES, ids=range(len(NEXT_SENTENCES)))
def test_the_next_sentence_does_not_name_the_speaker(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), PRONOUNS, ids=range(len(PRONOUNS)))
def test_a_pronoun_leads_to_the_name_before_it_or_to_nobody(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), SIGNATURES, ids=range(len(SIGNATURES)))
def test_a_signature_names_the_speaker(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), TRANSCRIPTS, ids=range(len(TRANSCRIPTS)))
def test_the_lines_of_a_transcript_are_quotations(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), DIALOGUE, ids=range(len(DIALOGUE)))
def test_dialogue_after_dashes_is_quoted_without_the_words_of_the_article(
    article: str, expected: list[tuple[str, str]]
) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), SINGLE_MARKS, ids=range(len(SINGLE_MARKS)))
def test_single_marks_are_told_from_apostrophes(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), SWEDISH, ids=range(len(SWEDISH)))
def test_marks_that_both_close_enclose_a_quotation(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), TEX, ids=range(len(TEX)))
def test_marks_of_two_characters_enclose_a_quotation(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), NESTED, ids=range(len(NESTED)))
def test_the_outermost_marks_count(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), PARAGRAPHS, ids=range(len(PARAGRAPHS)))
def test_a_quotation_goes_on_in_the_next_paragraph(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), LANGUAGES, ids=range(len(LANGUAGES)))
def test_speakers_are_found_in_many_languages(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize(("article", "expected"), SHORT, ids=range(len(SHORT)))
def test_short_speech_is_a_quotation_where_it_is_attributed(article: str, expected: list[tuple[str, str]]) -> None:
    assert quotations_of(article) == expected


@pytest.mark.parametrize("article", NO_QUOTATIONS, ids=range(len(NO_QUOTATIONS)))
def test_titles_headings_scare_quotes_and_programs_are_no_quotations(article: str) -> None:
    assert quotations_of(article) == []


@pytest.mark.parametrize(
    "article",
    [
        "“Did it rain? he asked.\n“All week,” said Omar Haddad.",
        '"It rained all day, said Ivy Chen.\n"All week," said Omar Haddad.',
        "“It rained all day, said Ivy Chen. “All week,” said Omar Haddad.",
    ],
    ids=["pronoun", "straight", "one paragraph"],
)
def test_a_lost_mark_does_not_merge_two_speakers(article: str) -> None:
    assert quotations_of(article)[-1] == ("All week,", "Omar Haddad")


def test_a_pull_quote_and_a_repeated_quotation_count_once() -> None:
    article = "“Nobody wins”\n“Nobody wins,” said Ivy Chen.\n> Nobody wins."

    assert quotations_of(article)[-1][1] == "Ivy Chen"
    assert len(quotations_of(article)) == 1


def test_a_caption_between_paragraphs_does_not_end_a_quotation() -> None:
    article = "Ivy Chen said: “It rained all week.\nThe harbor (Image: AP)\n“Nobody went out.”"

    assert quotations_of(article) == [("It rained all week. Nobody went out.", "Ivy Chen")]


def test_a_list_of_terms_is_no_transcript() -> None:
    assert quotations_of("Road Blocks: Shops force you around.\nTouch Factor: Shops place things within reach.") == []


@pytest.mark.parametrize(
    "article",
    [
        "“" * 10_000,
        "‘a " * 10_000,
        "'a' " * 800,
        "Aa, " * 10_000 + "“a b c d,” said",
        "“a b c d,” said " * 2_000,
        "— a, dit B, c.\n" * 1_500,
        "A B: a b c?\n" * 2_000,
        "> a b c d\n" * 2_500,
        "“A b c d\n" * 2_000,
        "„a“ «b» " * 1_500,
        "`" * 10_000,
        "Omar Haddad came. “It rained,” he said. " * 800,
    ],
    ids=range(12),
)
def test_a_hostile_article_is_read_in_linear_time(article: str) -> None:
    check_linear_time(extract_quotations, article)


def test_the_parts_of_an_interrupted_quotation_are_kept() -> None:
    assert extract_quotations("“Obviously,” Ivy Chen said, “I deal with hurt.”") == [
        Quotation("Obviously, … I deal with hurt.", "Ivy Chen", ("Obviously,", "I deal with hurt."))
    ]
