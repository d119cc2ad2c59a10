"""How an embed went, into its rows: one at a time, or wherever it is embedded."""

from __future__ import annotations

import sqlite3

from ...model import ARCHIVED_COPY_REASON

REPLACED_CONDITION = f"(state = 'attached' OR state = 'done' AND reason = '{ARCHIVED_COPY_REASON}')"
"""What tells an embed that has another video than its own: by hand, or from the web archive."""


def update_embed_state(
    sql: sqlite3.Connection, where: str, params: dict[str, str], *, state: str, reason: str = "", video: str = ""
) -> None:
    """Record how the embeds went that *where* names, with the values in *place*, and the id of their *video*.

    The passages of a video that is new to them are indexed again.
    """
    row = sql.execute("SELECT id FROM video WHERE name = ?", (video,)).fetchone()
    number = row[0] if row else None
    kept = "CASE WHEN :state = 'dead' AND :reason = '' THEN reason ELSE :reason END"  # what the archive said once
    changed = sql.execute(
        f"UPDATE embed SET state = :state, reason = {kept}, video = coalesce(:video, video) WHERE {where} "
        f"AND (state, reason, video) IS NOT (:state, {kept}, coalesce(:video, video))",
        {"state": state, "reason": reason, "video": number, **params},
    ).rowcount
    if changed and number is not None:
        sql.execute("UPDATE track SET indexed = 0 WHERE video = ?", (number,))
