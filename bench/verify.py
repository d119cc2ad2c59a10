"""Measure the verdicts on quote claims: a table against the targets, the confusion of the verdicts, and their cost.

    python bench/verify.py CLAIMS_JSONL CAPTIONS_DIR [--speakers DIR] [--background DIR] [--index FOLDER] [--folds]
    python bench/verify.py --made CAPTIONS_DIR --language fr

CLAIMS_JSONL has one claim per line: `quote`, `who`, `video` (the name of its caption file without the extension),
`class` (genuine, altered, spliced, partial, invented, misattributed), `sub`, `tagged` (the captions in --speakers name
the speakers) and `heard`, the names of the caption folders that hold the words that decide.  --background is a folder
of other captions, against which the cost is measured; --index keeps the index between runs.  --folds also prints the
figures for five groups of calls, since the tables of words were written with some of the calls in view.

--made makes its own claims from a folder of captions in a language that has a table of words: runs of words as they
are, without their negation, with one more, and with another number.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import vidindex
from vidindex.verify.languages import word_table

Row = dict[str, Any]
ACCEPTED = ("verbatim", "faithful")
RIGHT = {
    "genuine": ACCEPTED,
    "altered": ("altered",),
    "spliced": ("spliced",),
    "partial": ("partial",),
    "invented": ("not_found",),
    "misattributed": ACCEPTED,
}
KINDS = ("verbatim", "faithful", "altered", "spliced", "partial", "not_found")
DECIDED = ("negation-added", "negation-dropped", "number")
ADDED_NEGATIONS = {"en": "not", "de": "nicht", "es": "no", "fr": "pas"}


def read_claims(path: Path) -> list[Row]:
    """Return the claims of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def add_captions(index: vidindex.Index, captions: Path, speakers: Path | None) -> None:
    """Add the captions, those with speakers in place of the others."""
    tagged = {path.name: path for path in speakers.glob("*.vtt")} if speakers else {}
    index.add(*(tagged.get(path.name, path) for path in sorted(captions.glob("*.vtt"))))


def verify_all(
    index: vidindex.Index, claims: Sequence[Row], *, scoped: bool
) -> tuple[list[vidindex.Verdict], list[float]]:
    """Return the verdicts of *claims* and the milliseconds of processor time that each took."""
    ids = {video.id.rpartition(":")[2].rpartition("/")[2]: video.id for video in index.videos()}
    asked = [
        {"quote": claim["quote"], "who": claim["who"], "video": ids[claim["video"]] if scoped else ""}
        for claim in claims
    ]
    verdicts, times_ms = [], []
    answers = index.verify(asked)
    for _ in asked:
        began = time.process_time()
        verdicts.append(next(answers))
        times_ms.append((time.process_time() - began) * 1000)
    return verdicts, times_ms


def share(rows: Sequence[tuple[Row, vidindex.Verdict]], is_right: Callable[[Row, vidindex.Verdict], bool]) -> str:
    """Return how many of *rows* are right."""
    right = sum(is_right(claim, verdict) for claim, verdict in rows)
    return f"{right:>4} of {len(rows):<4} {right / len(rows):.3f}" if rows else "     -"


def is_right(claim: Row, verdict: vidindex.Verdict) -> bool:
    """Return whether a claim of its class gets such a verdict."""
    return verdict.verdict in RIGHT[claim["class"]]


def print_targets(rows: Sequence[tuple[Row, vidindex.Verdict]], captions: str) -> None:
    """Print the figures that have a target."""

    def pick(kind: str, *, subs: Sequence[str] = (), others: Sequence[str] = ()) -> list[tuple[Row, vidindex.Verdict]]:
        return [
            (claim, verdict)
            for claim, verdict in rows
            if claim["class"] == kind
            and (not subs or claim["sub"] in subs)
            and claim["sub"] not in others
            and (kind != "altered" or captions in claim.get("heard", ()))
        ]

    tagged = [(claim, verdict) for claim, verdict in pick("misattributed") if claim["tagged"]]
    named = [(claim, verdict) for claim, verdict in pick("genuine") if claim["tagged"] and claim["who"]]
    table = [
        ("genuine accepted", "0.97, worse captions 0.95", share(pick("genuine"), is_right)),
        ("negation, number flagged, where heard", "0.95", share(pick("altered", subs=DECIDED), is_right)),
        ("other changes flagged, where heard", "0.90", share(pick("altered", others=DECIDED), is_right)),
        ("genuine flagged as altered", "at most 0.03", share(pick("genuine"), lambda _, v: v.verdict == "altered")),
        ("spliced", "0.90", share(pick("spliced"), is_right)),
        ("partial", "0.90", share(pick("partial"), is_right)),
        ("invented accepted", "at most 0.01", share(pick("invented"), lambda _, v: v.verdict != "not_found")),
        ("misattributed contradicted", "0.98", share(tagged, lambda _, v: v.speaker_check == "contradicted")),
        ("genuine speaker contradicted", "0", share(named, lambda _, v: v.speaker_check == "contradicted")),
        ("genuine speaker confirmed", "", share(named, lambda _, v: v.speaker_check == "confirmed")),
    ]
    for name, target, figure in table:
        print(f"{name:<40}{figure:<22} {target}")


def print_confusion(rows: Sequence[tuple[Row, vidindex.Verdict]]) -> None:
    """Print how many claims of each class got each verdict, with the mean confidence of right and wrong ones."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for claim, verdict in rows:
        counts[claim["class"]][verdict.verdict] += 1
    print(f"\n{'':<14}" + "".join(f"{kind:>11}" for kind in KINDS))
    for name in RIGHT:
        print(f"{name:<14}" + "".join(f"{counts[name][kind]:>11}" for kind in KINDS))
    for name, wanted in (("right", True), ("wrong", False)):
        rated = [v.confidence for claim, v in rows if is_right(claim, v) == wanted]
        if rated:
            print(f"mean confidence of {len(rated)} {name} verdicts: {statistics.mean(rated):.2f}")


def print_folds(rows: Sequence[tuple[Row, vidindex.Verdict]]) -> None:
    """Print the share of right verdicts for five groups of calls."""
    calls = sorted({claim["video"] for claim, _ in rows})
    for fold in range(5):
        group = [(claim, verdict) for claim, verdict in rows if calls.index(claim["video"]) % 5 == fold]
        by_class = {name: [(c, v) for c, v in group if c["class"] == name] for name in RIGHT}
        parts = [f"{name} {share(found, is_right)[-5:]}" for name, found in by_class.items()]
        print(f"calls {fold + 1}: {'  '.join(parts)}")


def print_cost(name: str, times_ms: Sequence[float]) -> None:
    """Print the processor time of a claim."""
    ordered = sorted(times_ms)
    print(f"{name}: {statistics.median(ordered):.1f} ms at the median, {ordered[int(len(ordered) * 0.95)]:.1f} ms p95")


def measure(args: argparse.Namespace) -> None:
    """Print the figures for a file of claims."""
    claims = read_claims(args.claims)
    with tempfile.TemporaryDirectory() as work, vidindex.open(args.index or Path(work, "index")) as index:
        if not index.video_count():
            add_captions(index, args.captions, args.speakers)
            if args.background:
                index.add(args.background)
        print(f"{index.stats().words:,} words, {index.engine}, {len(claims)} claims\n")
        verify_all(index, claims, scoped=True)  # the second run has warm caches, as a server has
        verdicts, times_ms = verify_all(index, claims, scoped=True)
        rows = list(zip(claims, verdicts, strict=True))
        print_targets(rows, args.captions.name)
        print_confusion(rows)
        if args.folds:
            print()
            print_folds(rows)
        print()
        print_cost("a claim with its video", times_ms)
        print_cost("a claim without a video", verify_all(index, claims, scoped=False)[1])


def make_claims(transcript: vidindex.Transcript, language: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield (kind, quote) made from the words of a transcript."""
    table = word_table(language)
    words = transcript.words
    for start in range(0, len(words) - 40, 37):
        run = list(words[start : start + rng.randint(10, 22)])
        plain = [word.strip(".,;:!?«»\"'()").casefold() for word in run]
        if any(word[:1] == "(" or word[-1:] in ":)]" for word in run):
            continue  # a sound or a speaker, which is not said
        inner = range(2, len(run) - 2)
        yield "unchanged", " ".join(run)
        negations = [at for at in inner if plain[at] in table.negations - {"personne", "non", "nada", "nichts"}]
        if negations:
            at = negations[0]
            yield "negation dropped", " ".join([*run[:at], *run[at + 1 :]])
        else:
            at = rng.choice(inner)
            yield "negation added", " ".join([*run[:at], ADDED_NEGATIONS[language], *run[at:]])
        numbers = [at for at in inner if plain[at].isdigit() and 1 < int(plain[at][:9]) < 10**9]
        if numbers:
            at = numbers[0]
            yield "number changed", " ".join([*run[:at], str(int(plain[at]) + 20), *run[at + 1 :]])


def measure_made(captions: Path, language: str) -> None:
    """Print how many made claims get the right verdict."""
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as work, vidindex.open(Path(work, "index")) as index:
        index.add(captions, languages=["all"])
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for video in index.videos():
            made = list(make_claims(index.transcript(video.id), language, rng))[:600]
            asked = [{"quote": quote, "video": video.id} for _, quote in made]
            for (kind, _), verdict in zip(made, index.verify(asked), strict=True):
                counts[kind][verdict.verdict] += 1
    for kind, found in counts.items():
        print(f"{kind:<18} {sum(found.values()):>5} claims  {dict(found.most_common())}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", type=Path, nargs="?")
    parser.add_argument("captions", type=Path, nargs="?")
    parser.add_argument("--speakers", type=Path)
    parser.add_argument("--background", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--made", type=Path, metavar="CAPTIONS_DIR")
    parser.add_argument("--language", default="fr")
    args = parser.parse_args()
    if args.made:
        measure_made(args.made, args.language)
    elif args.captions:
        measure(args)
    else:
        parser.error("give CLAIMS_JSONL and CAPTIONS_DIR, or --made")


if __name__ == "__main__":
    main()
