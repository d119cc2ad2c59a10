"""Names in captions that are all in capitals."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.model import Transcript
from vidindex.transcripts.casing import restore_case
from vidindex.transcripts.name_case import learn_names, name_key

ARTICLE = "On Monday the host met Jay Leno in New York. NBC had moved him, and O'Reilly asked McCain's people why."


def restore(captions: str, *texts: str, language: str = "en") -> str:
    words = tuple(captions.split())
    transcript = Transcript(words, tuple(range(len(words))), tuple(range(1, len(words) + 1)))
    return restore_case(transcript, texts, language=language).text


@pytest.mark.parametrize(
    ("captions", "text", "restored"),
    [
        ("THEN JAY LENO WENT TO NEW YORK FOR NBC", ARTICLE, "Then Jay Leno went to New York for NBC"),
        ("AND LENO'S OWN HOST WAS JAY", ARTICLE, "And Leno's own host was Jay"),
        ("HE ASKED “OREILLY” AND MCCAIN, TOO", ARTICLE, "He asked “O'Reilly” and McCain, too"),
        ("IM BILL OREILLY AND THATS ALL FOLKS", "Bill O'Reilly Speaks", "I'm Bill O'Reilly and that's all folks"),
        ("BILL OREILLY SPOKE. OREILLY DIDNT SIT", "A Bill O'Reilly Show", "Bill O'Reilly spoke. O'Reilly didn't sit"),
        ("WE LOST THE WAR AND BEST BREAD", "How We Lost the War for Best Hats", "We lost the war and best bread"),
        ("MY OWN IPHONE RANG AND RANG AGAIN", "She said an iPhone rang.", "My own iPhone rang and rang again"),
        ("THE WEST WIND BLEW ALL NIGHT", "It came from the west. Out west, West said.", "The west wind blew all night"),
        ("THERE WERE NO NAMES AT ALL IN THIS", "", "There were no names at all in this"),
        ("THE WORDS ARE IN A TITLE OF CAPITALS", "THE WORDS ARE IN IT", "The words are in a title of capitals"),
    ],
)  # fmt: skip
def test_names_are_written_as_the_texts_write_them(captions: str, text: str, restored: str) -> None:
    assert restore(captions, text) == restored


def test_contractions_get_apostrophes_only_in_english_captions_that_have_none() -> None:
    assert restore("I KNOW THAT HE DIDNT AND SHE DIDNT", language="en-US").endswith("he didn't and she didn't")
    assert restore("WIR SIND IM HAUS UND IM GARTEN GEWESEN", language="de").endswith(
        "im Haus und im Garten gewesen".lower()
    )
    assert "im at" in restore("I DIDN'T KNOW WHAT IM AT NOW IS CALLED")
    assert restore("I KNOW WHERE IM AT AND WHAT IT IS", language="").startswith("I know where I'm at and")
    assert restore("SIE WAR IM HAUS UND DANN IM GARTEN", language="").endswith("und dann im garten")


def test_captions_in_mixed_case_stay_as_they_are() -> None:
    assert restore("jay leno met nobody at all today, he said", ARTICLE) == "jay leno met nobody at all today, he said"


def test_a_name_is_looked_up_without_marks() -> None:
    assert [name_key(word) for word in ("“O’Reilly’s,", "McCain?", "AT&T", "♪")] == ["oreilly", "mccain", "att", ""]


@pytest.mark.parametrize("piece", ["Jay Leno ", "a.", "\n", "O'", "Aa. ", "“", "a-"])
def test_names_are_learned_in_linear_time(piece: str) -> None:
    check_linear_time(lambda text: learn_names([text, text.title()], ["JAY", "LENO"]), piece * (200_000 // len(piece)))
