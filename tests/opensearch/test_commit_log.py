"""What the ledger of commits lets be seen, without a cluster."""

from __future__ import annotations

import pytest

pytest.importorskip("opensearchpy")

from vidindex.engines.opensearch.commit_log import BURIAL_S, LEASE_S, Ledger
from vidindex.errors import EngineError


def test_a_commit_is_hidden_until_it_is_published() -> None:
    ledger = Ledger().began([1, 2], 0.0)
    assert (ledger.last, ledger.hidden) == (1, [1])
    shown = ledger.flipped(1, 1.0)
    assert shown.hidden == []
    assert [commit.tracks for commit in shown.published] == [(1, 2)]
    assert shown.without(1).commits == ()


def test_the_last_to_publish_a_track_is_seen() -> None:
    ledger = Ledger().began([1, 2], 0.0).began([2, 3], 0.0).flipped(2, 1.0).flipped(1, 2.0)
    assert {commit.number: commit.tracks for commit in ledger.published} == {1: (1, 2), 2: (3,)}


def test_publishing_twice_changes_nothing() -> None:
    once = Ledger().began([1], 0.0).flipped(1, 1.0)
    assert once.flipped(1, 1.0) == once


@pytest.mark.parametrize("ending", [Ledger.buried, lambda ledger, number, _: ledger.without(number)])
def test_what_was_given_up_cannot_be_published(ending) -> None:  # type: ignore[no-untyped-def]  # two shapes of one step
    ledger = ending(Ledger().began([1], 0.0), 1, 1.0)
    with pytest.raises(EngineError, match="run it again"):
        ledger.flipped(1, 2.0)


def test_what_is_published_cannot_be_given_up() -> None:
    shown = Ledger().began([1], 0.0).flipped(1, 1.0)
    assert shown.buried(1, 2.0) == shown


def test_numbers_are_never_given_twice() -> None:
    assert Ledger().began([1], 0.0).without(1).began([1], 0.0).last == 2


def test_a_writer_that_says_it_lives_is_left_alone() -> None:
    ledger = Ledger().began([1], 0.0)
    assert ledger.forgotten(LEASE_S) == []
    assert [commit.number for commit in ledger.forgotten(LEASE_S + 1)] == [1]
    assert ledger.beaten(1, 500.0).forgotten(LEASE_S + 1) == []


def test_the_dead_are_hidden_for_a_day() -> None:
    ledger = Ledger().began([1], 0.0).buried(1, 0.0)
    assert ledger.hidden == [1]
    assert ledger.forgotten(BURIAL_S) == []
    assert [commit.number for commit in ledger.forgotten(BURIAL_S + 1)] == [1]


def test_a_sign_of_life_changes_nothing_that_is_seen() -> None:
    ledger = Ledger().began([1], 0.0)
    assert ledger.beaten(1, 5.0).view == ledger.view
    assert ledger.flipped(1, 5.0).view != ledger.view
