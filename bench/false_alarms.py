"""Count the false alarms of a search: sentences that were never said in the captions of an index and find something.

    python bench/false_alarms.py [--count 500] [--seed 1] [--chain CAPTIONS_DIR] [--sentences CAPTIONS_DIR]
        [--index FOLDER] [--words 20 7 6 5]

With --index, the sentences are searched in that index, cut to so many words, and the shares that find something are
printed; otherwise the sentences are printed.  With --sentences, they are real ones, from captions of other recordings
than those of the index: the hardest kind, because everybody uses their phrases.  Without --chain and --sentences, a
small grammar composes each sentence at random: an opening, a subject, a verb with its object, and further clauses (why,
when, where, with whom) until the sentence has 8 to 20 words.  With --chain, a first-order Markov chain that is trained
on the captions generates the sentences.  They are harder to tell from quotes because each pair of words occurs in the
captions.  Sentences with six consecutive words of the captions are discarded.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

SHORTEST, LONGEST = 8, 20
_NO_WORD = re.compile(r"[^\w',. ]+|--+")
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


def spoken_sentences(folder: Path, count: int, *, seed: int = 1) -> list[str]:
    """Return *count* sentences of 8 to 20 words from the captions in *folder*, in lower case and each once."""
    from vidindex import CaptionError, make_transcript, read_captions

    found: dict[str, None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            text = " ".join(make_transcript(read_captions(path.read_bytes(), name=path.name)).words)
        except CaptionError:
            continue
        sentences = re.split(r"(?<=[.?!])\s+", text.lower())
        plain = (_NO_WORD.sub(" ", each) for each in sentences)  # no operators
        found |= dict.fromkeys(each for each in plain if SHORTEST <= len(each.split()) <= LONGEST)
    return random.Random(seed).sample(list(found), min(count, len(found)))


def count_alarms(folder: Path, sentences: Sequence[str], sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each of *sizes* with the number of *sentences*, cut to so many words, that find something."""
    import vidindex

    with vidindex.open(folder) as index:
        stats = index.stats()
        print(f"{stats.engine}, {stats.words:,} words, {len(sentences)} sentences")
        for size in sizes:
            cut = [" ".join(sentence.split()[:size]) for sentence in sentences]
            yield size, sum(bool(index.search(sentence, limit=1)) for sentence in cut)


def words_of(folder: Path) -> list[str]:
    """Return the words of all captions in *folder*."""
    from vidindex import make_transcript, read_captions

    words: list[str] = []
    for path in sorted(folder.rglob("*.vtt")):
        words += make_transcript(read_captions(path.read_bytes(), name=path.name)).words
    return words


def main() -> None:
    """Print the sentences, one per line, or how many of them find something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", metavar="N", type=int, default=500, help="number of sentences (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers (default: 1)")
    parser.add_argument(
        "--chain", metavar="CAPTIONS_DIR", type=Path, help="generate with a Markov chain of these captions"
    )
    parser.add_argument("--sentences", metavar="CAPTIONS_DIR", type=Path, help="take real sentences of these captions")
    parser.add_argument("--index", metavar="FOLDER", type=Path, help="search for the sentences in this index")
    parser.add_argument("--words", type=int, nargs="*", default=[LONGEST], help="lengths to cut them to (default: 20)")
    args = parser.parse_args()
    if args.sentences:
        sentences = spoken_sentences(args.sentences, args.count, seed=args.seed)
    elif args.chain:
        sentences = chained(words_of(args.chain), args.count, seed=args.seed)
    else:
        sentences = composed(args.count, seed=args.seed)
    if not args.index:
        print("\n".join(sentences))
        return
    for size, alarms in count_alarms(args.index, sentences, args.words):
        print(f"at most {size:2} words: {alarms:4} find something, {alarms / len(sentences):.3f}", flush=True)


if __name__ == "__main__":
    main()
