"""Write the state of embeds: of one embed, or of every embed with the same URL."""

from __future__ import annotations

import sqlite3

from ...model import ARCHIVED_COPY_REASON, EmbedState

REPLACED_CONDITION = f"(state = 'attached' OR state = 'done' AND reason = '{ARCHIVED_COPY_REASON}')"
"""True for an embed whose video was replaced: by hand, or by a copy from the web archive."""


def update_embed_state(
    sql: sqlite3.Connection,
    where: str,
    params: dict[str, str],
    *,
    state: EmbedState,
    reason: str = "",
    video: str = "",
) -> None:
    """Record the state of the embeds that match *where*, with its *params*, and the id of their *video*.

    If an embed changed, the tracks of *video* are marked pending.
    """
    row = sql.execute("SELECT id FROM video WHERE name = ?", (video,)).fetchone()
    video_id = row[0] if row else None
    new_reason = "CASE WHEN :state = 'dead' AND :reason = '' THEN reason ELSE :reason END"  # keep the archive's answer
    changed = sql.execute(
        f"UPDATE embed SET state = :state, reason = {new_reason}, video = coalesce(:video, video) WHERE {where} "
        f"AND (state, reason, video) IS NOT (:state, {new_reason}, coalesce(:video, video))",
        {"state": state, "reason": reason, "video": video_id, **params},
    ).rowcount
    if changed and video_id is not None:
        sql.execute("UPDATE track SET indexed = 0 WHERE video = ?", (video_id,))
