"""Which commits the commit log makes visible, without a cluster."""

from __future__ import annotations

import pytest

pytest.importorskip("opensearchpy")

from vidindex.engines.opensearch.commit_log import DEAD_COMMIT_TTL_S, LEASE_S, CommitLog
from vidindex.errors import EngineError


def test_a_commit_is_hidden_until_it_is_published() -> None:
    log = CommitLog().with_new_commit([1, 2], 0.0)
    assert (log.last, log.hidden_numbers) == (1, [1])
    shown = log.published(1, 1.0)
    assert shown.hidden_numbers == []
    assert [commit.tracks for commit in shown.published_commits] == [(1, 2)]
    assert shown.without_commit(1).commits == ()


def test_the_last_commit_to_publish_a_track_is_visible() -> None:
    log = CommitLog().with_new_commit([1, 2], 0.0).with_new_commit([2, 3], 0.0).published(2, 1.0).published(1, 2.0)
    assert {commit.number: commit.tracks for commit in log.published_commits} == {1: (1, 2), 2: (3,)}


def test_publishing_twice_changes_nothing() -> None:
    once = CommitLog().with_new_commit([1], 0.0).published(1, 1.0)
    assert once.published(1, 1.0) == once


@pytest.mark.parametrize("ending", [CommitLog.expired, lambda log, number, _: log.without_commit(number)])
def test_an_expired_commit_cannot_be_published(ending) -> None:  # type: ignore[no-untyped-def]  # two shapes of one step
    log = ending(CommitLog().with_new_commit([1], 0.0), 1, 1.0)
    with pytest.raises(EngineError, match="run it again"):
        log.published(1, 2.0)


def test_a_published_commit_cannot_expire() -> None:
    shown = CommitLog().with_new_commit([1], 0.0).published(1, 1.0)
    assert shown.expired(1, 2.0) == shown


def test_commit_numbers_are_never_reused() -> None:
    assert CommitLog().with_new_commit([1], 0.0).without_commit(1).with_new_commit([1], 0.0).last == 2


def test_a_commit_with_a_recent_heartbeat_is_not_stale() -> None:
    log = CommitLog().with_new_commit([1], 0.0)
    assert log.stale_commits(LEASE_S) == []
    assert [commit.number for commit in log.stale_commits(LEASE_S + 1)] == [1]
    assert log.with_heartbeat(1, 500.0).stale_commits(LEASE_S + 1) == []


def test_expired_commits_are_hidden_for_a_day() -> None:
    log = CommitLog().with_new_commit([1], 0.0).expired(1, 0.0)
    assert log.hidden_numbers == [1]
    assert log.stale_commits(DEAD_COMMIT_TTL_S) == []
    assert [commit.number for commit in log.stale_commits(DEAD_COMMIT_TTL_S + 1)] == [1]


def test_a_heartbeat_does_not_change_the_view() -> None:
    log = CommitLog().with_new_commit([1], 0.0)
    assert log.with_heartbeat(1, 5.0).view == log.view
    assert log.published(1, 5.0).view != log.view
