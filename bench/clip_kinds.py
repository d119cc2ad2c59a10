"""Measure how well the kinds of clips are told by their titles.

    python bench/clip_kinds.py CLIPS.jsonl [--verbose]

CLIPS.jsonl has one clip per line: `title`, `channel`, `categories`, `tags`, and `kind`, which somebody who read the
title chose, or a list of kinds if several are right.  Precision and recall of interviews and performances are printed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from vidindex.ingest.clip_kind import classify_clip
from vidindex.model import Video

_MEASURED_KINDS = ("interview", "performance")


def main() -> None:
    """Classify the clips of the file that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", metavar="CLIPS.jsonl", type=Path, help="file of labeled clips")
    parser.add_argument("--verbose", action="store_true", help="also print each mistake")
    args = parser.parse_args()
    clips = [json.loads(line) for line in args.clips.read_text(encoding="utf-8").splitlines()]
    found = [_classify(clip) for clip in clips]
    print(f"{len(clips)} clips\n{'':12} labeled precision recall")
    for kind in _MEASURED_KINDS:
        _measure(kind, clips, found, verbose=args.verbose)


def _classify(clip: dict[str, Any]) -> str:
    video = Video(
        "youtube:x",
        "",
        title=clip["title"],
        channel=clip.get("channel", ""),
        categories=tuple(clip.get("categories", ())),
        tags=tuple(clip.get("tags", ())),
    )
    return classify_clip(video)


def _measure(kind: str, clips: list[dict[str, Any]], found: list[str], *, verbose: bool) -> None:
    right = wrong = missed = 0
    for clip, one in zip(clips, found, strict=True):
        kinds = clip["kind"] if isinstance(clip["kind"], list) else [clip["kind"]]
        is_sure = kinds == [kind]
        right += is_sure and one == kind
        missed += is_sure and one != kind
        wrong += kind not in kinds and one == kind
        if verbose and ((is_sure and one != kind) or (kind not in kinds and one == kind)):
            print(f"  {one} instead of {', '.join(kinds)}: {clip['title'][:90]}")
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    print(f"{kind:12} {right + missed:7} {precision:9.3f} {recall:6.3f}")


if __name__ == "__main__":
    main()
