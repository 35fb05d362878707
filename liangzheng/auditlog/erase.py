"""删除: entries whose time is over are emptied with their salt; their place in the tree stays, and the log says it was done.

Without the salt the commitment says nothing about anybody. Only the owner of the tables can do it, and only row by row by name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.rows import NEVER, sealing
from liangzheng.auditlog.verify_rows import ERASED
from liangzheng.errors import Refused

_FIND = (
    "SELECT e.id, e.agency_id, e.region, l.index FROM auditlog_logentry e LEFT JOIN auditlog_leaf l ON l.entry = e.id"
    " WHERE e.holder = %s AND e.at < %s AND e.salt <> '' ORDER BY e.id"
)
_EMPTY = (
    "UPDATE auditlog_logentry SET at = %s, actor_kind = '', actor = NULL, actor_number = '', action = '', subject_kind = '',"
    " subject = NULL, act = NULL, act_code = '', agency_id = NULL, region = '', holder = NULL, purpose = '', legal_basis = '',"
    " fields = '{}', result = '', salt = '' WHERE id = ANY(%s)"
)


def erase_holder(holder: UUID, before: datetime, reason: str) -> int:
    """Erase the entries about a holder from before a moment; gives their number. Refused while one of them is not sealed."""
    now = datetime.now(UTC)
    with sealing() as cursor:
        cursor.execute(_FIND, [holder, before])
        rows = cursor.fetchall()
        if any(row[3] is None for row in rows):
            raise Refused("entry_not_sealed", "有记录还没有签发，请稍后再试。")
        append(
            Event(
                at=now,
                actor_kind="operator",
                action=ERASED,
                subject_kind="log_entry",
                subject=row[0],
                agency=row[1],
                region=row[2],
                purpose=reason,
            )
            for row in rows
        )
        cursor.execute(_EMPTY, [NEVER, [row[0] for row in rows]])
        return len(rows)
