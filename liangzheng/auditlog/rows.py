"""The rows of the log as the sealer and the verifier read them: each commitment is made anew from the stored columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from liangzheng.auditlog.append import SALT_BYTES
from liangzheng.auditlog.commitment import Entry, commit, entry_bytes
from liangzheng.auditlog.stopped import LogStopped

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of an erased row."""
# Times come without zone, because Django's reader of those with one is slow, and within the years Python knows: one that was
# moved beyond them fits no commitment either.
_AT = "least(greatest(e.at, '0001-01-01Z'), '9999-12-31Z') AT TIME ZONE 'UTC'"
_COLUMNS = (
    f"e.id, {_AT}, e.actor_kind, e.actor, e.actor_number, e.action, e.subject_kind, e.subject, e.act, e.act_code, e.agency_id,"
    " e.region, e.holder, e.purpose, e.legal_basis, e.fields, e.result, e.salt, e.commitment"
)
_PART = 8192
_HEAD = "SELECT origin, size, root, horizon::text::bigint, at FROM auditlog_treehead"


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as the database knows it: all rows of transactions below `horizon` are in it."""

    origin: str
    size: int
    root: bytes
    horizon: int
    at: datetime


@contextmanager
def sealing() -> Iterator[CursorWrapper]:
    """Open a transaction that may read every row of the log; gives its cursor."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sealer', 'on', true)")
        yield cursor


def read_head(cursor: CursorWrapper) -> Head | None:
    """Read the head and keep others from writing it until the transaction ends."""
    cursor.execute(f"{_HEAD} FOR UPDATE")
    rows = cursor.fetchall()
    if len(rows) > 1:
        raise LogStopped("log_renamed", ", ".join(row[0] for row in rows))
    return Head(rows[0][0], rows[0][1], bytes(rows[0][2]), rows[0][3], rows[0][4]) if rows else None


def horizon_of(cursor: CursorWrapper, beyond: int, most: int) -> int:
    """Give a transaction number up to which everything is over, with about `most` rows between `beyond` and it."""
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    over = int(cursor.fetchone()[0])
    if over < beyond:
        raise LogStopped("database_of_another_cluster", f"{over} < {beyond}")
    cursor.execute(
        "SELECT e.written_in::text::bigint FROM auditlog_logentry e WHERE e.written_in >= %s::text::xid8"
        " AND e.written_in < %s::text::xid8 ORDER BY e.written_in OFFSET %s LIMIT 1",
        [beyond, over, most],
    )
    row = cursor.fetchone()
    return min(over, max(int(row[0]), beyond + 1)) if row else over


def has_rows_beyond(cursor: CursorWrapper, horizon: int) -> bool:
    """Say whether committed rows wait beyond the horizon: a transaction that began before them is still open somewhere."""
    cursor.execute("SELECT EXISTS (SELECT FROM auditlog_logentry WHERE written_in >= %s::text::xid8)", [horizon])
    return bool(cursor.fetchone()[0])


def rows_between(cursor: CursorWrapper, low: int, high: int) -> tuple[list[UUID], list[bytes]]:
    """Read the rows of these transactions in their order: ids and commitments, each made anew."""
    cursor.execute(
        f"SELECT {_COLUMNS} FROM auditlog_logentry e WHERE e.written_in >= %s::text::xid8 AND e.written_in < %s::text::xid8"  # noqa: S608 - the columns are a constant
        " ORDER BY e.written_in, e.id",
        [low, high],
    )
    rows = cursor.fetchall()
    return [row[0] for row in rows], [committed(row) for row in rows]


def leaves_with_rows(cursor: CursorWrapper, low: int, high: int) -> list[tuple[Any, ...]]:
    """Read the leaves of these places with their rows; the last column is the index, the first None where the row is gone."""
    cursor.execute(
        f"SELECT {_COLUMNS}, l.index FROM auditlog_leaf l LEFT JOIN auditlog_logentry e ON e.id = l.entry"  # noqa: S608
        " WHERE l.index >= %s AND l.index < %s ORDER BY l.index",
        [low, high],
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def export_rows(cursor: CursorWrapper) -> Iterator[str]:
    """Give every row for an auditor's own program: index, id, salt, commitment (hex) and the canonical entry, with tabs between.

    The first line is the head: size and root. A row that should be in the tree and is not has no index; what waits is left out.
    """
    cursor.execute("SELECT size, root, horizon::text FROM auditlog_treehead")
    for size, root, horizon in cursor.fetchall():
        yield f"head\t{size}\t{bytes(root).hex()}"
        cursor.execute(
            f"SELECT {_COLUMNS}, l.index FROM auditlog_logentry e FULL JOIN auditlog_leaf l ON e.id = l.entry"  # noqa: S608
            " WHERE l.index IS NOT NULL OR e.written_in < %s::xid8 ORDER BY l.index",
            [horizon],
        )
        while rows := cursor.fetchmany(_PART):
            for row in rows:
                index = "" if row[-1] is None else row[-1]
                if row[0] is None:
                    yield f"{index}\t\t\t\t"
                else:
                    salt, commitment = bytes(row[17]).hex(), bytes(row[18]).hex()
                    yield f"{index}\t{row[0]}\t{salt}\t{commitment}\t{entry_bytes(entry_of(row)).decode()}"


def committed(row: Sequence[Any], *, may_be_erased: bool = False) -> bytes:
    """Make the commitment anew from the columns; an erased row has its stored one only. LogStopped when the two differ."""
    salt, stored = row[17], row[18]
    if may_be_erased and not bytes(salt) and _is_blank(row):
        return bytes(stored)
    if len(bytes(salt)) != SALT_BYTES:
        raise LogStopped("row_changed", str(row[0]))
    found = commit(bytes(salt), entry_of(row))
    if found != bytes(stored):
        raise LogStopped("row_changed", str(row[0]))
    return found


def _is_blank(row: Sequence[Any]) -> bool:
    """Say whether an erased row says nothing any more: what no commitment binds may not stand there."""
    return row[1] == NEVER.replace(tzinfo=None) and not any(row[2:17])


def entry_of(row: Sequence[Any]) -> Entry:
    """Give the columns as an entry."""
    return Entry(
        id=row[0],
        at=row[1].replace(tzinfo=UTC),
        actor_kind=row[2],
        actor=row[3],
        actor_number=row[4],
        action=row[5],
        subject_kind=row[6],
        subject=row[7],
        act=row[8],
        act_code=row[9],
        agency=row[10],
        region=row[11],
        holder=row[12],
        purpose=row[13],
        legal_basis=row[14],
        fields=tuple(row[15]),
        result=row[16],
    )
