"""Cues that have nothing but times and text, as columns: those of most files, which need not be made one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from ..model import Cue


class PlainCues(Sequence[Cue]):
    """Cues without speakers, highlights and times of words; a `Cue` is made where one is read.

    It is equal to any sequence of the same cues.
    """

    __slots__ = ("_cues", "ends_ms", "starts_ms", "texts")
    __hash__ = None  # type: ignore[assignment] # its columns are lists

    def __init__(
        self, starts_ms: list[int], ends_ms: list[int], texts: list[str], cues: Sequence[Cue] | None = None
    ) -> None:
        self.starts_ms = starts_ms
        self.ends_ms = ends_ms
        self.texts = texts
        self._cues = cues  # the same cues, if they were made before

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Cue]:
        return map(Cue, self.starts_ms, self.ends_ms, self.texts) if self._cues is None else iter(self._cues)

    @overload
    def __getitem__(self, at: int) -> Cue: ...

    @overload
    def __getitem__(self, at: slice) -> PlainCues: ...

    def __getitem__(self, at: int | slice) -> Cue | PlainCues:
        if isinstance(at, slice):
            cues = None if self._cues is None else self._cues[at]
            return PlainCues(self.starts_ms[at], self.ends_ms[at], self.texts[at], cues)
        return Cue(self.starts_ms[at], self.ends_ms[at], self.texts[at]) if self._cues is None else self._cues[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


def join_batches(batches: Sequence[Sequence[Cue]]) -> Sequence[Cue]:
    """Return the cues of all *batches*, as columns if all of them are."""
    plain = [batch for batch in batches if isinstance(batch, PlainCues)]
    if len(plain) < len(batches):
        return [cue for batch in batches for cue in batch]
    joined = PlainCues([], [], [])
    for batch in plain:
        joined.starts_ms += batch.starts_ms
        joined.ends_ms += batch.ends_ms
        joined.texts += batch.texts
    return joined


def replace_runs(cues: Sequence[Cue], runs: Iterable[tuple[int, int, Sequence[Cue]]]) -> Sequence[Cue]:
    """Return *cues* with other cues in the place of each of *runs*: its start, its end, and what to put there.

    The result is the same object if there are no runs.
    """
    batches: list[Sequence[Cue]] = []
    done = 0
    for start, end, replacement in runs:
        batches += (cues[done:start], to_columns(replacement) if isinstance(cues, PlainCues) else replacement)
        done = end
    return join_batches([*batches, cues[done:]]) if done else cues


def to_columns(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Return *cues* as columns if they have nothing but times and text."""
    if isinstance(cues, PlainCues) or any(cue.speaker or cue.words or cue.highlight for cue in cues):
        return cues
    return PlainCues([cue.start_ms for cue in cues], [cue.end_ms for cue in cues], [cue.text for cue in cues], cues)


def start_column(cues: Sequence[Cue]) -> Sequence[int]:
    """Return the starts of *cues*."""
    return cues.starts_ms if isinstance(cues, PlainCues) else [cue.start_ms for cue in cues]


def text_column(cues: Sequence[Cue]) -> Sequence[str]:
    """Return the texts of *cues*."""
    return cues.texts if isinstance(cues, PlainCues) else [cue.text for cue in cues]


def has_timed_words(cues: Sequence[Cue]) -> bool:
    """Check whether any of *cues* has words with times."""
    return not isinstance(cues, PlainCues) and any(cue.words for cue in cues)
