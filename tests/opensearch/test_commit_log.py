"""What the ledger of commits lets be seen, without a cluster."""

from __future__ import annotations

import pytest

pytest.importorskip("opensearchpy")

from vidindex.engines.opensearch.commit_log import DEAD_COMMIT_TTL_S, LEASE_S, CommitLog
from vidindex.errors import EngineError


def test_a_commit_is_hidden_until_it_is_published() -> None:
    ledger = CommitLog().with_new_commit([1, 2], 0.0)
    assert (ledger.last, ledger.hidden_numbers) == (1, [1])
    shown = ledger.published(1, 1.0)
    assert shown.hidden_numbers == []
    assert [commit.tracks for commit in shown.published_commits] == [(1, 2)]
    assert shown.without_commit(1).commits == ()


def test_the_last_to_publish_a_track_is_seen() -> None:
    ledger = CommitLog().with_new_commit([1, 2], 0.0).with_new_commit([2, 3], 0.0).published(2, 1.0).published(1, 2.0)
    assert {commit.number: commit.tracks for commit in ledger.published_commits} == {1: (1, 2), 2: (3,)}


def test_publishing_twice_changes_nothing() -> None:
    once = CommitLog().with_new_commit([1], 0.0).published(1, 1.0)
    assert once.published(1, 1.0) == once


@pytest.mark.parametrize("ending", [CommitLog.expired, lambda ledger, number, _: ledger.without_commit(number)])
def test_what_was_given_up_cannot_be_published(ending) -> None:  # type: ignore[no-untyped-def]  # two shapes of one step
    ledger = ending(CommitLog().with_new_commit([1], 0.0), 1, 1.0)
    with pytest.raises(EngineError, match="run it again"):
        ledger.published(1, 2.0)


def test_what_is_published_cannot_be_given_up() -> None:
    shown = CommitLog().with_new_commit([1], 0.0).published(1, 1.0)
    assert shown.expired(1, 2.0) == shown


def test_numbers_are_never_given_twice() -> None:
    assert CommitLog().with_new_commit([1], 0.0).without_commit(1).with_new_commit([1], 0.0).last == 2


def test_a_writer_that_says_it_lives_is_left_alone() -> None:
    ledger = CommitLog().with_new_commit([1], 0.0)
    assert ledger.stale_commits(LEASE_S) == []
    assert [commit.number for commit in ledger.stale_commits(LEASE_S + 1)] == [1]
    assert ledger.with_heartbeat(1, 500.0).stale_commits(LEASE_S + 1) == []


def test_the_dead_are_hidden_for_a_day() -> None:
    ledger = CommitLog().with_new_commit([1], 0.0).expired(1, 0.0)
    assert ledger.hidden_numbers == [1]
    assert ledger.stale_commits(DEAD_COMMIT_TTL_S) == []
    assert [commit.number for commit in ledger.stale_commits(DEAD_COMMIT_TTL_S + 1)] == [1]


def test_a_sign_of_life_changes_nothing_that_is_seen() -> None:
    ledger = CommitLog().with_new_commit([1], 0.0)
    assert ledger.with_heartbeat(1, 5.0).view == ledger.view
    assert ledger.published(1, 5.0).view != ledger.view
