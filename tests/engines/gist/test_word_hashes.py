"""The hashes that stand for the words of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from vidindex.engines.gist import word_hashes  # noqa: E402 - it needs the library
from vidindex.engines.gist.word_hashes import hash_list, hash_words  # noqa: E402

_WORDS = st.text(st.sampled_from("abc\0é日\U0001f600\udcff"), max_size=6)


@given(st.lists(_WORDS, min_size=1), st.integers(24, 60))
def test_words_have_equal_hashes_if_they_are_equal_wherever_they_are(words: list[str], piece_bytes: int) -> None:
    expected = hash_list(words).hashes.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_hashes, "_PIECE_BYTES", piece_bytes)
        hashed = hash_words(" ".join(words), " ")
    assert hashed.hashes.tolist() == expected
    assert hashed.spell(np.arange(len(words))) == words
    assert len(set(zip(words, expected, strict=True))) == len(set(words)) == len(set(expected))


def test_empty_words_in_place_of_others_are_spelled_so() -> None:
    hashed = hash_list(["one", "", "two", "", "three"])
    without = hashed.without([0, 2])
    assert without.hashes.tolist() == [*hashed.hashes[[1, 1, 1, 1]].tolist(), hashed.hashes[4]]
    assert without.spell(np.arange(5)) == ["", "", "", "", "three"]
    assert hashed.spell(np.arange(5))[0] == "one"
    assert hash_list([]).hashes.tolist() == []


def test_a_very_long_word_is_known_by_its_start() -> None:
    words = ["a", "日" * 70_000, "日" * 80_000, "b" * 200_000, "c"]
    hashed = hash_list(words)
    assert len(hashed.hashes) == 5
    assert hashed.hashes[1] == hashed.hashes[2]
    spelled = hashed.spell(np.arange(5))
    assert all(
        word.startswith(start) and len(start) > 20_000 for word, start in zip(words[1:4], spelled[1:4], strict=True)
    )
    assert (spelled[0], spelled[4]) == ("a", "c")
