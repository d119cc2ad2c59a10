"""Generate plausible sentences that do not occur in any captions, to count the false alarms of a search.

    python bench/false_alarms.py [--count 500] [--seed 1] [--chain CAPTIONS_DIR]

Without --chain, a small grammar composes each sentence at random: an opening, a subject, a verb with its object, and
further clauses (why, when, where, with whom) until the sentence has 8 to 20 words.  With --chain, a first-order Markov
chain that is trained on the captions generates the sentences.  They are harder to tell from quotes because each pair of
words occurs in the captions.  Sentences with six consecutive words of the captions are discarded.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

SHORTEST, LONGEST = 8, 20
_MAX_COPIED_WORDS = 6  # a sentence with as many consecutive words of the captions counts as a quote

_OPENINGS = [
    "",
    "",
    "",
    "Honestly,",
    "I think",
    "Back then",
    "You know,",
    "Looking back,",
    "To be fair,",
    "Maybe",
    "And then",
    "Of course",
    "At some point",
    "Believe me,",
    "What surprised us is that",
    "Last year",
    "So",
]
_PEOPLE = [
    "I",
    "we",
    "they",
    "my brother",
    "the mayor",
    "our coach",
    "the teachers",
    "her neighbours",
    "the whole crew",
    "his lawyer",
    "the board",
    "nobody",
    "everybody in town",
    "the singer",
    "our customers",
    "the president",
    "two old friends",
    "the doctors",
    "my first producer",
    "the committee",
    "young people",
    "the engineers",
    "our investors",
    "the press",
]
_VERBS = [
    "carried",
    "forgot",
    "painted",
    "bought",
    "refused",
    "promised",
    "cooked",
    "lost",
    "rebuilt",
    "sold",
    "admired",
    "cancelled",
    "defended",
    "hid",
    "imagined",
    "invented",
    "measured",
    "noticed",
    "postponed",
    "praised",
    "questioned",
    "recorded",
    "repaired",
    "replaced",
    "tested",
    "took",
    "wanted",
    "wrote",
    "needed",
    "changed",
    "understood",
    "ignored",
]
_THINGS = [
    "the old piano",
    "a second contract",
    "every single ticket",
    "the blue jacket",
    "our summer house",
    "a letter of apology",
    "the wrong address",
    "three empty boats",
    "the entire budget",
    "a better question",
    "her mother's ring",
    "the new database",
    "those quarterly numbers",
    "a tiny orchestra",
    "the longest bridge",
    "his last performance",
    "the free software",
    "a dozen lemons",
    "the final chorus",
    "some very good advice",
    "the factory in the north",
    "an honest answer",
    "the stolen camera",
    "that ridiculous hat",
    "the security update",
    "a hundred candles",
    "the market share",
    "my favourite recipe",
    "the night train",
    "a complicated machine",
    "the rumours",
    "most of the furniture",
]
_MORE = [
    "because the weather was terrible",
    "before the elections",
    "without telling anyone",
    "in the middle of the night",
    "for almost eleven years",
    "while the cameras were rolling",
    "after a long winter",
    "with my grandfather's tools",
    "on the second floor",
    "and nobody complained",
    "but the judges disagreed",
    "so that the children could sleep",
    "even though it was expensive",
    "at the airport in Lisbon",
    "and I still feel proud of it",
    "as if nothing had happened",
    "until the music stopped",
    "right after the wedding",
    "to make room for the horses",
    "and that was a mistake",
    "when the lights went out",
    "despite the strong currency",
    "in front of two thousand people",
    "just to see what happens",
    "and the audience loved it",
    "because we had run out of paper",
    "long before the internet",
    "in a small village near the sea",
    "and it cost us a fortune",
    "with a broken microphone",
    "if the numbers are right",
    "during the first rehearsal",
]


def composed(count: int, *, seed: int = 1) -> list[str]:
    """Generate *count* sentences with the grammar."""
    chooser = random.Random(seed)
    return [_sentence(chooser, chooser.randint(SHORTEST, LONGEST)) for _ in range(count)]


def _sentence(chooser: random.Random, size: int) -> str:
    words = " ".join(map(chooser.choice, (_OPENINGS, _PEOPLE, _VERBS, _THINGS))).split()
    for clause in chooser.sample(_MORE, len(_MORE)):
        if len(words) >= size:
            break
        words += clause.split()
    while len(words) < SHORTEST:
        words.append("again")
    return " ".join(words[:LONGEST]).capitalize() + "."


def chained(words: list[str], count: int, *, seed: int = 1) -> list[str]:
    """Generate *count* sentences with a Markov chain of *words*, which are in spoken order."""
    chooser = random.Random(seed)
    follow: dict[str, list[str]] = defaultdict(list)
    for word, after in pairwise(words):
        follow[word].append(after)
    starts = [after for word, after in pairwise(words) if word.endswith((".", "?", "!"))]
    spoken = {hash(run) for run in _runs(words)}
    made: list[str] = []
    while len(made) < count:
        sentence = [chooser.choice(starts)]
        for _ in range(chooser.randint(SHORTEST, LONGEST) - 1):
            sentence.append(chooser.choice(follow[sentence[-1]] or starts))
        if not any(hash(run) in spoken for run in _runs(sentence)):
            made.append(" ".join(sentence))
    return made


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    plain = [word.lower().strip(".,?!") for word in words]
    return zip(*(plain[start:] for start in range(_MAX_COPIED_WORDS)), strict=False)


def words_of(folder: Path) -> list[str]:
    """Return the words of all captions in *folder*."""
    from vidindex import make_transcript, read_captions

    words: list[str] = []
    for path in sorted(folder.rglob("*.vtt")):
        words += make_transcript(read_captions(path.read_bytes(), name=path.name)).words
    return words


def main() -> None:
    """Print the sentences, one per line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", metavar="N", type=int, default=500, help="number of sentences (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers (default: 1)")
    parser.add_argument(
        "--chain", metavar="CAPTIONS_DIR", type=Path, help="generate with a Markov chain of these captions"
    )
    args = parser.parse_args()
    if args.chain:
        sentences = chained(words_of(args.chain), args.count, seed=args.seed)
    else:
        sentences = composed(args.count, seed=args.seed)
    print("\n".join(sentences))


if __name__ == "__main__":
    main()
