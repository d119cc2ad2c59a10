"""What folding must keep to, whatever it is given."""

from __future__ import annotations

import time

from vidindex.fold import fold


def test_a_glued_word_of_many_numbers_folds_in_linear_time() -> None:
    """Numbers glued to one long word took time by the square of their count."""
    began = time.process_time()
    tokens, origins = fold(["".join(f"{{{at % 9 + 1}}}" for at in range(40_000))])

    assert time.process_time() - began < 5
    assert len(tokens) == len(origins) == 40_000
    assert tokens[:3] == ["one", "two", "three"]
