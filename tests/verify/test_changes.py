"""A difference between a quote and what was said is told from one that changes the meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt, write_manual_captions
from vidindex import Verdict

SAID = [
    "The tunnel is four point two kilometers long, and nobody wanted to dig it.",
    "It was minus five degrees when we climbed to the top of the mountain.",
    "It was eight degrees when the rescue team found the two skiers.",
    "We sold about one and a half million records in Japan that year.",
    "Half a million people marched through the capital on that day.",
    "The shop opens at half past nine every morning except on Sunday.",
    "The train leaves at a quarter to ten, and it is never on time.",
    "The mass begins at seven a.m. in the chapel behind the hospital.",
    "It was the nineteen seventies, and everybody wore enormous trousers.",
    "The merger will cost the bank a million and a half euros this summer.",
    "The cake needs one and a quarter cups of butter and three eggs.",
    "I have been married four times and divorced three times so far.",
    "Doctor Miller gave the medicine to Anna, and Peter watched from the door.",
    "We served cheese and bread to all the farmers of the valley.",
    "Germany attacked Poland first, and everybody else looked away for years.",
    "The minister resigned on Friday after a long night in the office.",
    "The treatment is harmless for patients who are older than sixty.",
    "He overestimated the price of the painting above our old fireplace.",
    "He failed to mention the accident in his letter to the insurance.",
    "Nobody in my family has ever voted for that party in an election.",
    "Without the help of my sister I would be lying in the street.",
    "They paid forty euros for a bottle of water at the airport bar.",
    "I voted for the socialists in the spring, and I regret it today.",
    "The election was free and fair according to the foreign observers.",
    "I am far from convinced that this bridge will ever carry a train.",
    "The court overturned the ruling that the mayor had celebrated loudly.",
    "The budget grew from 12 to 20 million after the merger of the banks.",
    "The register was written to 5.95 right after the program started.",
    "There are 12 direct block numbers that make it to 156 for this file.",
    "Roughly fifteen percent of our nurses will move abroad before winter.",
    "The harbor was rebuilt on April 13th, 2022 with the help of divers.",
    "She married the pianist on June 2nd of the following year.",
    "The flood destroyed the library in the 1980s when I was small.",
    "The charity collected 100,000 blankets and $2.2 billion in one winter.",
    "A ride on the old carousel costs $5 behind the railway station.",
    "There is little hope for the miners below the village.",
    "The rafts can carry up to forty people across the bay.",
    "A few doctors support the ban on cheap cigarettes.",
    "The judges met a few farmers near the frozen lake.",
    "I warned them about the rotten beams of the barn.",
    "You will resign if the audit finds any mistake here.",
    "The chairman would hesitate to sell the brewery to a cousin.",
    "The first major strike of the pilots began in August.",
    "The pharmacist was in Berlin when the wall came down.",
    "Our neighbors might be able to repair the windmill.",
    "I think the viaduct has been safe for all these years.",
    "The rent of the chapel rose by seven, seven percent in the autumn.",
    "Our choir was number one in Norway and number three in Sweden.",
    "The gardener has an orchard behind the cemetery wall.",
    "The blacksmith waited more than thirty hours for the boat.",
    "The avalanche buried about 200 goats above the monastery.",
    "Unemployment fell by 0.3 percentage points in the province.",
    "The blockade costs our dockers 70 million dollars a day.",
    "The puppet theater begins at half past three on the twenty-first of June.",
    "This fucking lighthouse was never painted by anybody.",
    "That s***ty ladder broke under the weight of the bishop.",
    "The recipe is at zebra dot org slash soup for all readers.",
    "The novices have to wash the carpets of the abbot.",
    "The shepherd would not sell his donkey to the circus.",
    "The smuggler cheated the customs officer near the lagoon.",
    "Mr. Jansen told Mrs. Johnson about the burnt pancakes.",
    "The wages of the bakers rose by half a percent in autumn.",
    "The lighthouse sank by three quarters of a meter in the storm.",
    "The cable car carries no more than twelve hikers at once.",
]


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> vidindex.Index:
    """Return an index of one track, of which nobody knows whether a person or a program wrote it."""
    folder = tmp_path_factory.mktemp("changes")
    (folder / "talk.en.vtt").write_text(webvtt(SAID))
    index = vidindex.open(folder / "index")
    index.add(folder / "talk.en.vtt")
    return index


NO_CHANGE = [
    "The blacksmith waited over 30 hours for the boat.",
    "The avalanche buried some 200 goats above the monastery.",
    "The avalanche buried 200 goats above the monastery.",
    "The blockade costs our dockers $70m per day.",
    "The blockade costs our dockers USD 70 million a day.",
    "The puppet theater begins at 3:30 on June 21.",
    "The puppet theater begins at 3.30 on 21 June.",
    "This f***ing lighthouse was never painted by anybody.",
    "This f—king lighthouse was never painted by anybody.",
    "That shitty ladder broke under the weight of the bishop.",
    "The recipe is at zebra.org/soup for all readers.",
    "The wages of the bakers rose by 0.5 percent in autumn.",
    "The lighthouse sank by 0.75 meters in the storm.",
    "The cable car carries up to 12 hikers at once.",
]


def verify(index: vidindex.Index, quote: str) -> Verdict:
    return next(iter(index.verify([{"quote": quote}])))


@pytest.mark.parametrize(
    "quote",
    [
        "The rent of the chapel rose by 7% in the autumn.",
        "Our choir was No 1 in Norway and No. 3 in Sweden.",
        "The tunnel is 4.2 kilometers long, and nobody wanted to dig it.",
        "It was -5 degrees when we climbed to the top of the mountain.",
        "It was −5 degrees when we climbed to the top of the mountain.",
        "We sold about 1.5 million records in Japan that year.",
        "500,000 people marched through the capital on that day.",
        "The shop opens at 9:30 every morning except on Sunday.",
        "The train leaves at 9:45, and it is never on time.",
        "The mass begins at 7:00 a.m. in the chapel behind the hospital.",
        "It was the 1970s, and everybody wore enormous trousers.",
        "The merger will cost the bank 1.5 million euros this summer.",
        "We sold about 1.5M records in Japan that year.",
        "The cake needs 1¼ cups of butter and three eggs.",
        "We served bread and cheese to all the farmers of the valley.",
        "The harbor was rebuilt on 13 April, 2022 with the help of divers.",
        "The harbor was rebuilt on Apr. 13, 2022 with the help of divers.",
        "The harbor was rebuilt on 13 April",
        "She married the pianist on the 2nd of June of the following year.",
        "The flood destroyed the library in the '80s when I was small.",
        "The flood destroyed the library in the eighties when I was small.",
        "The charity collected 100k blankets and $2.2 bn in one winter.",
        "The charity collected 100 thousand blankets and US$2.2bn in one winter.",
        "A ride on the old carousel costs 5 bucks behind the railway station.",
        "Roughly 15 pct. of our nurses will move abroad before winter.",
        "I think the viaduct was safe for all these years.",
    ],
)
def test_the_same_in_other_words_is_faithful(index: vidindex.Index, quote: str) -> None:
    found = verify(index, quote)
    assert found.verdict in ("verbatim", "faithful")
    assert found.changes == ()


@pytest.mark.parametrize(
    ("quote", "kind"),
    [
        ("The tunnel is 42 kilometers long, and nobody wanted to dig it.", "number"),
        ("It was 5 degrees when we climbed to the top of the mountain.", "number"),
        ("It was -8 degrees when the rescue team found the two skiers.", "number"),
        ("We sold about 2.5 million records in Japan that year.", "number"),
        ("The train leaves at 10:15, and it is never on time.", "number"),
        ("The mass begins at 7 p.m. in the chapel behind the hospital.", "direction"),
        ("The harbor was rebuilt on 14 April, 2022 with the help of divers.", "number"),
        ("The flood destroyed the library in the '70s when I was small.", "number"),
        ("The charity collected 10k blankets and $2.2 billion in one winter.", "number"),
        ("There is hope for the miners below the village.", "quantifier"),
        ("The rafts can carry more than forty people across the bay.", "direction"),
        ("They paid forty dollars for a bottle of water at the airport bar.", "number"),
        ("I have been married three times and divorced four times so far.", "number"),
        ("The budget grew from 20 to 12 million after the merger of the banks.", "number"),
        ("Doctor Miller gave the medicine to Peter, and Anna watched from the door.", "other"),
        ("Poland attacked Germany first, and everybody else looked away for years.", "other"),
        ("The minister resigned on Friday after a drunken fight and a long night in the office.", "other"),
        ("The treatment is harmful for patients who are older than sixty.", "negation"),
        ("He underestimated the price of the painting above our old fireplace.", "negation"),
        ("He mentioned the accident in his letter to the insurance.", "modality"),
        ("Everybody in my family has ever voted for that party in an election.", "negation"),
        ("With the help of my sister I would be lying in the street.", "negation"),
        ("I am convinced that this bridge will ever carry a train.", "negation"),
        ("The court upheld the ruling that the mayor had celebrated loudly.", "direction"),
    ],
)
def test_another_meaning_is_a_change(index: vidindex.Index, quote: str, kind: str) -> None:
    found = verify(index, quote)
    assert found.verdict == "altered"
    assert kind in [change.kind for change in found.changes if not change.undecided]


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        ("It was 5 degrees when we climbed to the top of the mountain.", "5", "minus five"),
        ("It was -8 degrees when the rescue team found the two skiers.", "-8", "eight"),
        ("It was minus 8 degrees when the rescue team found the two skiers.", "minus 8", "eight"),
        ("The charity collected 100,000 blankets and $2.2 million in one winter.", "$2.2 million", "$2.2 billion"),
    ],
)
def test_the_change_of_a_number_shows_its_sign_and_its_scale(
    index: vidindex.Index, quote: str, printed: str, said: str
) -> None:
    assert [(change.printed, change.said) for change in verify(index, quote).changes] == [(printed, said)]


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        ("I voted for the communists in the spring, and I regret it today.", "communists", "socialists"),
        ("The election was rigged according to the foreign observers.", "rigged", "free and fair"),
        ("The corrupt minister resigned on Friday after a long night in the office.", "corrupt", ""),
        ("Roughly 50 percent of our nurses will move abroad before winter.", "50", "fifteen"),
        ("The register was written to 595 right after the program started.", "595", "5.95"),
        ("There are 12 direct block numbers that make it 256 for this file.", "256", "to 156"),
    ],
)
def test_words_that_may_be_misheard_are_shown(index: vidindex.Index, quote: str, printed: str, said: str) -> None:
    found = verify(index, quote)
    assert [(change.printed, change.said, change.undecided) for change in found.changes] == [(printed, said, True)]
    assert found.verdict == "faithful"
    assert found.confidence < 0.8


@pytest.mark.parametrize(
    ("quote", "kind", "printed", "said"),
    [
        ("Few doctors support the ban on cheap cigarettes.", "quantifier", "Few", "A few"),
        ("The judges met few farmers near the frozen lake.", "quantifier", "", "a"),
        ("We warned them about the rotten beams of the barn.", "other", "We", "I"),
        ("You will resign because the audit finds any mistake here.", "other", "because", "if"),
        ("You did resign if the audit finds any mistake here.", "other", "did", "will"),
        ("The pharmacist is in Berlin when the wall came down.", "other", "is", "was"),
        ("The chairman will hesitate to sell the brewery to a cousin.", "modality", "will", "would"),
        ("The chairman would sell the brewery to a cousin.", "other", "", "hesitate to"),
        ("The first strike of the pilots began in August.", "other", "", "major"),
        ("Our neighbors will be able to repair the windmill.", "modality", "will", "might"),
        ("The gardener lacks an orchard behind the cemetery wall.", "other", "lacks", "has"),
    ],
)
def test_a_changed_small_word_is_shown(index: vidindex.Index, quote: str, kind: str, printed: str, said: str) -> None:
    found = [(change.kind, change.printed, change.said) for change in verify(index, quote).changes]
    assert found == [(kind, printed, said)]


def test_people_do_not_mishear_numbers_and_persons(tmp_path: Path) -> None:
    """Captions that people wrote decide what those of a program leave undecided."""
    write_manual_captions(tmp_path, SAID)
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path)
        quotes = [
            "Roughly 50 percent of our nurses will move abroad before winter.",
            "We warned them about the rotten beams of the barn.",
            "Few doctors support the ban on cheap cigarettes.",
        ]
        found = [verify(index, quote).verdict for quote in quotes]
    assert found == ["altered"] * 3


@pytest.mark.parametrize("quote", NO_CHANGE)
def test_other_ways_to_write_the_same_are_no_changes(index: vidindex.Index, quote: str) -> None:
    verdict = verify(index, quote)
    assert (verdict.verdict in ("verbatim", "faithful"), verdict.changes) == (True, ())


@pytest.mark.parametrize(
    ("quote", "kind", "printed", "said"),
    [
        ("The blacksmith waited 30 hours for the boat.", "direction", "", "more than"),
        ("The avalanche buried over 200 goats above the monastery.", "direction", "over", "about"),
        ("Unemployment fell by 0.3 percent in the province.", "number", "percent", "percentage points"),
        ("The novices wash the carpets of the abbot.", "modality", "", "have to"),
        ("The shepherd refused to sell his donkey to the circus.", "modality", "refused to", "would not"),
    ],
)
def test_a_changed_bound_unit_or_duty_is_shown(
    index: vidindex.Index, quote: str, kind: str, printed: str, said: str
) -> None:
    changes = verify(index, quote).changes
    assert [(change.kind, change.printed, change.said) for change in changes] == [(kind, printed, said)]


@pytest.mark.parametrize(
    "quote",
    [
        "The smuggler was cheated by the customs officer near the lagoon.",
        "Mrs. Johnson told Mr. Jansen about the burnt pancakes.",
    ],
)
def test_who_did_what_to_whom_is_shown(index: vidindex.Index, quote: str) -> None:
    assert "other" in [change.kind for change in verify(index, quote).changes]
