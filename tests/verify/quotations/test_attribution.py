"""The speaker of a quotation is the person whom the words around it name as such."""

from __future__ import annotations

import pytest

from vidindex.verify.quotations import extract_quotations
from vidindex.verify.quotations.attribution import find_signature, find_speaker_after, find_speaker_before

AFTER = [
    ("“The roof leaked all winter,” reported Hugo Brandt. Under it, the pews rotted.", "Hugo Brandt"),
    ("“The roof leaked all winter,” said Rev. Hugo Brandt. Nobody mended it.", "Rev. Hugo Brandt"),
    ("“The roof leaked all winter,” said St. John Rivers. Nobody mended it.", "St. John Rivers"),
    ("“The roof leaked all winter,” Capt. Mary Dole, who commands the ship, told the inquiry.", "Capt. Mary Dole"),
    ("“The roof leaked all winter,” said former deputy prime minister Hugo Brandt.", "Hugo Brandt"),
    ("“The roof leaked all winter,” says the novelist and critic Zadie Moss in her essay.", "Zadie Moss"),
    ("“The roof leaked all winter,” according to parish records.", ""),
    ("“The roof leaked all winter,” according to Hugo Brandt, the sexton.", "Hugo Brandt"),
    ("“The roof leaked all winter,” Brandt, 54, said.", "Brandt"),
    ("“The roof leaked all winter,” Hugo Brandt wrote in an email on Monday.", "Hugo Brandt"),
    ("“The roof leaked all winter,” Hugo told his sister Mary.", "Hugo"),
    ("“The roof leaked all winter,” said one of the builders.", ""),
    ("“The roof leaked all winter,” the judge told Hugo Brandt.", ""),
    ("“The roof leaked all winter,” snapped Brandt.", "Brandt"),
    ("“The roof leaked all winter,” muttered Miss Havisham from behind the veil.", "Miss Havisham"),
    ("“The roof leaked all winter,” croaked Jim.", "Jim"),
    ("“The roof leaked all winter,” Mary Dole growled, slamming the door.", "Mary Dole"),
    ("“Who mended the roof?” demanded Inspector Cole.", "Inspector Cole"),
    ("“The roof leaked all winter.” That is what Hugo Brandt remembers.", ""),
    ("“We lost,” Oklahoma City coach Billy Donovan said.", "Billy Donovan"),
    ("“We lost,” said Oklahoma City coach Billy Donovan.", "Billy Donovan"),
    ("“We lost,” White House press secretary Josh Earnest told reporters.", "Josh Earnest"),
    ("“We lost,” said U.S. Attorney Nealy Cox.", "U.S. Attorney Nealy Cox"),
    ("“We lost,” said Lena Fox on Tuesday in Boston.", "Lena Fox"),
    ("“We lost,” said Lena Fox, whose husband Tom Ray was ill.", "Lena Fox"),
    ("“We lost,” said Lena Fox while Tom Ray slept.", "Lena Fox"),
    ("“We lost,” said Lena Fox after Tom Ray left.", "Lena Fox"),
    ("“We lost,” said Lena Fox, sitting beside Tom Ray.", "Lena Fox"),
    ("“We lost,” Lena Fox said as Tom Ray left.", "Lena Fox"),
    ("“We lost,” says Lena Fox, and Tom Ray nods.", "Lena Fox"),
    ("“We lost,” said Lena Fox to Tom Ray.", "Lena Fox"),
    ("“We lost,” she told Lena Fox.", ""),
    ("“We lost,” added the coach of Oklahoma City.", ""),
    ("“We lost,” remarks Lena Fox dryly.", "Lena Fox"),
    ("“We lost,” Lena Fox, now 81, remembers.", "Lena Fox"),
    ("“We lost,” Tottenham manager Lena Fox said after the game.", "Lena Fox"),
    ("“We lost,” Fox’s assistant Tom Ray said.", "Tom Ray"),
    ("“We lost,” said Fox’s assistant.", ""),
    ("“Hemos perdido”, dijo el entrenador del Betis, Luis Gil.", "Luis Gil"),
    ("“Hemos perdido”, dijo el entrenador Luis Gil.", "Luis Gil"),
]
BEFORE = [
    ("Hugo Brandt did not mince his words: “The roof leaked all winter.”", "Hugo Brandt"),
    ("Sexton Hugo Brandt explained it like this: “The roof leaked all winter.”", "Sexton Hugo Brandt"),
    ("Asked whether he had known, Hugo Brandt replied: “The roof leaked all winter.”", "Hugo Brandt"),
    ("Mary Dole visited Hugo Brandt, who told her: “The roof leaked all winter.”", "Hugo Brandt"),
    ("Mary Dole, whose father built it, says “the roof leaked all winter.”", "Mary Dole"),
    ("Mary Dole quoted Hugo Brandt as saying “the roof leaked all winter.”", "Hugo Brandt"),
    ("In a letter to Mary Dole, Hugo Brandt complained that “the roof leaked all winter.”", "Hugo Brandt"),
    ("On Tuesday Hugo Brandt admitted “the roof leaked all winter.”", "Hugo Brandt"),
    ("The sign on the door said “no entry for people with umbrellas.”", ""),
    ("Officials from the Church of England said “the roof leaked all winter.”", ""),
    ("Mary Dole looked up. “The roof leaked all winter.” Hugo Brandt shook his head.", ""),
    ("A spokesperson for the British Foreign Office said “we lost a great deal of time.”", ""),
    ("Fox’s assistant, Tom Ray, said: “We lost a great deal.”", "Tom Ray"),
    ("Former mayor Lena Fox, speaking to Tom Ray, said: “We lost a great deal.”", "Lena Fox"),
    ("Speaking to Tom Ray, Lena Fox said: “We lost a great deal.”", "Lena Fox"),
    ("When Tom Ray came in, Lena Fox said: “We lost a great deal.”", "Lena Fox"),
    ("Lena Fox, who married Tom Ray, said: “We lost a great deal.”", "Lena Fox"),
    ("Lena Fox and her husband said: “We lost a great deal.”", ""),
    ("Lena Fox never said “we lost a great deal of time.”", ""),
    ("It was Lena Fox who said: “We lost a great deal.”", "Lena Fox"),
    ("Wrote Lena Fox: “We lost a great deal.”", "Lena Fox"),
    ("Lena Fox on the bridge: “We lost a great deal.”", "Lena Fox"),
    ("The mayor’s message to Lena Fox: “We lost a great deal.”", ""),
    ("Said Lena Fox, “We lost a great deal.”", "Lena Fox"),
    ("Asked whether she would stay, Fox was more direct: “We lost a great deal.”", "Fox"),
    ("Fox had a message for the board: “We lost a great deal.”", "Fox"),
    ("Asked about the board, Ms. Fox gave a short answer: “We lost a great deal.”", "Ms. Fox"),
    ("The sign on the door was clear: “We lost a great deal.”", ""),
    ("The letter to Tom Ray had a warning: “We lost a great deal.”", ""),
    ("“We lost a great deal.” — Vice President Fox, remarks at a rally, Sept. 5", "Vice President Fox"),
    ("„Wir haben verloren“, sagt Bundestrainer Jogi Maier nach dem Spiel.", "Bundestrainer Jogi Maier"),
    ("„Wir haben verloren“, sagte die Trainerin des Vereins, Eva Braun.", "Eva Braun"),
    ("« On a perdu », a réagi l’entraîneur Luc Blanc.", "Luc Blanc"),
]
LANGUAGES = [
    ("“No sabíamos nada”, lamentó el portavoz del Ayuntamiento, Luis Gil, tras la reunión.", "Luis Gil"),
    ("“No sabíamos nada”, dijo.", ""),
    ("El alcalde Luis Gil declaró: “No sabíamos nada”.", "Luis Gil"),
    ("«Non sapevamo nulla», spiega il portavoce Ugo Neri.", "Ugo Neri"),
    ("Secondo Ugo Neri, «non sapevamo proprio nulla di questo».", "Ugo Neri"),
    ("“Não sabíamos de nada”, contou a moradora Rita Alves.", "Rita Alves"),
    ("„Nic nie wiedzieliśmy” – dodał rzecznik urzędu, Jan Kot.", "Jan Kot"),
    ("„Nic nie wiedzieliśmy” – powiedział.", ""),
    ("Anna Kot podkreśliła: „Nic nie wiedzieliśmy”.", "Anna Kot"),
    ("« Nous ne savions rien », assure le porte-parole de la mairie, Luc Blanc.", "Luc Blanc"),
    ("Luc Blanc a répondu : « Nous ne savions rien. »", "Luc Blanc"),
    ("« Nous ne savions rien, regrette Luc Blanc. Personne ne nous a prévenus. »", "Luc Blanc"),
    ("« Nous ne savions rien », a-t-elle ajouté.", ""),
    ("„Wir wussten nichts davon“, betonte Sprecher Karl Braun.", "Sprecher Karl Braun"),
    ("„Wir wussten nichts davon“, sagte er.", ""),
    ("Braun sprach von einer „Katastrophe für das ganze Land“.", "Braun"),
    ("La ministre Claire Petit est venue. « Nous ne savions rien », a-t-elle dit.", "Claire Petit"),
    ("Laut Karl Braun war es „die schlimmste Nacht seit zehn Jahren“.", "Karl Braun"),
    ("「何も知らなかった」と佐藤社長は話した。", "佐藤社長"),
    ("佐藤社長は会見で「何も知らなかったのです」と説明した。", "佐藤社長"),
    ("佐藤さん「何も知らなかったんです。」", ""),
    ("发言人张伟称：“我们什么都不知道。”", "发言人张伟"),
    ("“我们什么都不知道，”张伟告诉记者。", "张伟"),
    ("张伟在会上表示，“我们什么都不知道。”", "张伟"),
]


@pytest.mark.parametrize(("article", "speaker"), AFTER + BEFORE + LANGUAGES)
def test_a_speaker_is_named_or_nobody(article: str, speaker: str) -> None:
    assert [each.attribution for each in extract_quotations(article)] == [speaker]


def test_the_next_sentence_is_told_from_an_attribution() -> None:
    assert find_speaker_after(" Tom Ray then said nothing.", ended=True) is None
    assert find_speaker_after(" Tom Ray said.", ended=True) is not None
    assert find_speaker_before("Lena Fox spoke next. ") is None


def test_a_signature_is_a_dash_and_a_name() -> None:
    texts = ("— Ann Lee", "-- Ann Lee, mayor", "Ann Lee", "— no name")

    assert [find_signature(text) is not None for text in texts] == [True, True, False, False]


@pytest.mark.parametrize(
    ("article", "speaker"),
    [
        ("„Îi vom ajuta pe toți cei care și-au pierdut casa”, a spus primarul Ion Popescu.", "Ion Popescu"),
        ("„Ще помогнем на всички, които загубиха дома си“, каза кметът Иван Петров.", "Иван Петров"),
        ("„Pomôžeme všetkým, ktorí prišli o dom,“ povedal primátor Ján Kováč.", "Ján Kováč"),
        ("«Θα βοηθήσουμε όλους όσοι έχασαν το σπίτι τους», είπε ο δήμαρχος Γιώργος Παππάς.", "Γιώργος Παππάς"),
        ("«Ajudarem tots els que van perdre la casa», va dir Núria Puig.", "Núria Puig"),
        ("„Padėsime visiems, kurie neteko namų“, – sakė meras Jonas Kazlauskas.", "Jonas Kazlauskas"),
        ("„Aitame kõiki, kes kaotasid oma kodu,“ ütles linnapea Jaan Tamm.", "Jaan Tamm"),
        ("“Chúng tôi sẽ giúp tất cả những người mất nhà”, Nguyễn Văn An nói.", "Nguyễn Văn An"),
    ],
)
def test_speakers_in_languages_with_few_rules(article: str, speaker: str) -> None:
    assert [found.attribution for found in extract_quotations(article)] == [speaker]


@pytest.mark.parametrize(
    ("article", "speakers"),
    [
        ("Lena Fox said:\n\n“We never wanted it closed at all.”", ["Lena Fox"]),
        ("Lena Fox said:\n\n“We never wanted it closed,” Tom Ray wrote later.", ["Tom Ray"]),
        ("Lena Fox left.\n\n“We never wanted it closed at all.”", [""]),
        ("Lena Fox said:\n\nOn Monday, “we never wanted it closed” stood on the door.", [""]),
    ],
)
def test_the_paragraph_before_may_name_the_speaker(article: str, speakers: list[str]) -> None:
    assert [found.attribution for found in extract_quotations(article)] == speakers
