"""Sites that refuse requests for now: how long each is left alone, and who asks it again.

The queue keeps one record, a dict, for each such site, in the note `PAUSES_NOTE`.  A site is *open* until it refuses a
request.  Then it is *paused*: no request is sent until a time that grows with each refusal.  After that, one task is
its *probe*: if the site serves it, the site is open again, and if not, the next pause is longer.

A site may refuse one link only, whatever the load.  A link that is refused again after the site has served others is
an *odd* one: it is an ordinary failure, and pauses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .tasks import SitePause

Record = dict[str, Any]

PAUSES_NOTE = "pauses"

MAX_SITE_PAUSE_S = 24 * 3600.0
"""Longer pauses are reduced to this one: then one request shows whether the site meant it."""

PAUSES_S = (60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 6 * 3600.0)
"""The pauses after a refusal without `Retry-After`, by the number of refusals in a row; each is lengthened at random
by up to a quarter."""

PROBE_LEASE_S = 900.0
"""How long a run may take for a probe.  If it dies, another one probes after that."""

_FORGOTTEN_AFTER_S = 7 * 86_400.0
_MAX_REFUSED_LINKS = 100
_MAX_NORMAL_ROUNDS = 2
"""In how many pauses of its site a link may have been refused before it is an odd one."""

_MAX_RECORDS = 10_000


def read_pauses(note: object) -> dict[str, Record]:
    """Return the valid records of a note, whoever wrote it."""
    if not isinstance(note, dict):
        return {}
    return {site: record for site, record in note.items() if isinstance(site, str) and _is_record(record)}


def refuse(
    record: Record | None, *, link: str, now: float, retry_after_s: float = 0.0, reason: str = "", probe: bool = False
) -> tuple[Record, bool]:
    """Record that the site refused *link*; return the new record, and whether this counts as a failure of *link*.

    *probe* means that *link* was the probe.
    """
    record = dict(record or _new_record())
    was_paused = record["until"] > now and not probe
    rounds = _count_refusal(record, link)
    if rounds > _MAX_NORMAL_ROUNDS and not was_paused:
        return (release_probe(record, now) if probe else record), True
    if was_paused:  # the request was sent before the pause began
        asked_until = now + min(retry_after_s, MAX_SITE_PAUSE_S)
        return record | {"until": max(record["until"], asked_until)}, False
    refusals = record["refusals"] + 1
    until = now + _pause_s(refusals, retry_after_s)
    record |= {"refusals": refusals, "until": until, "probing": False, "reason": reason[:300]}
    return record, probe and refusals > len(PAUSES_S)


def begin_probe(record: Record, now: float) -> Record | None:
    """Return the record while the caller probes the site; None if it is paused, or another run probes it."""
    return record | {"until": now + PROBE_LEASE_S, "probing": True} if record["until"] <= now else None


def release_probe(record: Record, now: float) -> Record:
    """Return the record after a probe that showed nothing: another one may follow at once."""
    return record | {"until": now, "probing": False}


def reopen(record: Record, link: str) -> Record | None:
    """Return the record after the site served *link*, its probe; None if there is nothing left to remember."""
    refused = {url: counts for url, counts in record["refused"].items() if url != link}
    if not refused:
        return None
    return record | {"refusals": 0, "until": 0.0, "probing": False, "refused": refused, "round": record["round"] + 1}


def is_paused(record: Record) -> bool:
    """Return whether the site has refused requests and not been probed successfully since."""
    return bool(record["refusals"])


def edit_site(site: str, edit: Callable[[Record | None], Record | None], now: float) -> Callable[[Any], Record]:
    """Return a function that edits the record of *site* in a note, and drops records that are out of date."""

    def edit_note(note: Any) -> Record:
        records = read_pauses(note)
        edited = edit(records.pop(site, None))
        kept = {name: each for name, each in records.items() if each["until"] > now - _FORGOTTEN_AFTER_S}
        newest = dict(list(kept.items())[-_MAX_RECORDS:])
        return newest if edited is None else newest | {site: edited}

    return edit_note


def list_pauses(note: object, open_tasks: Mapping[str, int], now: float) -> tuple[SitePause, ...]:
    """Return the sites of a note that are left alone now, the longest pause last, with their numbers of open tasks."""
    pauses = (
        SitePause(site, record["until"], record["refusals"], record["reason"], open_tasks.get(site, 0))
        for site, record in read_pauses(note).items()
        if is_paused(record) and (record["until"] > now or open_tasks.get(site))
    )
    return tuple(sorted(pauses, key=lambda pause: (pause.until, pause.site)))


def count_by_site(hosts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the numbers of tasks of the *hosts* of each site."""
    from ..net.traffic import site_of_host

    counts: dict[str, int] = {}
    for host, count in hosts:
        site = site_of_host(host)
        counts[site] = counts.get(site, 0) + count
    return counts


def _new_record() -> Record:
    return {"until": 0.0, "refusals": 0, "reason": "", "probing": False, "round": 0, "refused": {}}


def _count_refusal(record: Record, link: str) -> int:
    """Count a refusal of *link*, once in each round; return in how many rounds it was refused."""
    refused = dict(record["refused"])
    rounds, last_round = refused.pop(link, (0, -1))
    rounds += last_round != record["round"]
    refused[link] = [rounds, record["round"]]
    record["refused"] = dict(list(refused.items())[-_MAX_REFUSED_LINKS:])
    return int(rounds)


def _pause_s(refusals: int, retry_after_s: float) -> float:
    from random import uniform  # a search does not import it

    if retry_after_s > 0 and refusals == 1:
        grown = 0.0  # the site knows best, the first time
    else:
        grown = PAUSES_S[min(refusals - (retry_after_s > 0), len(PAUSES_S)) - 1] * uniform(1.0, 1.25)  # noqa: S311
    return min(max(retry_after_s, grown), MAX_SITE_PAUSE_S)


def _is_record(record: object) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("refused"), dict):
        return False
    numbers = all(isinstance(record.get(name), int | float) for name in ("until", "refusals", "round"))
    if not numbers or not 0 <= record["until"] < 1e12 or not isinstance(record.get("reason"), str):
        return False
    if not isinstance(record.get("probing"), bool):
        return False
    return all(
        isinstance(counts, list) and len(counts) == 2 and all(isinstance(count, int) for count in counts)
        for counts in record["refused"].values()
    )
