"""The rows held against the tree: every leaf has its row, every row its leaf, and what was erased was erased by name."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from liangzheng.auditlog.rows import committed, leaves_with_rows, sealing
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.verify_log import Report

ERASED = "erase_entry"
"""The action of the entry that tells of an erasure; its subject is the erased entry."""
_PART = 8192


def verify_rows(bundles: Iterable[tuple[int, list[bytes]]], size: int, root: bytes, report: Report) -> None:
    """Check all rows against the entries of the tree; consumes the bundles, which are checked along the way."""
    waiting: list[bytes] = []
    begin = 0
    with sealing() as cursor:
        for _index, entries in bundles:
            waiting += entries
            if len(waiting) >= _PART:
                _compare(cursor, begin, waiting, report)
                begin, waiting = begin + len(waiting), []
        _compare(cursor, begin, waiting, report)
        _count(cursor, size, root, report)


def _compare(cursor: CursorWrapper, begin: int, entries: list[bytes], report: Report) -> None:
    rows = {row[-1]: row for row in leaves_with_rows(cursor, begin, begin + len(entries))}
    for index, entry in enumerate(entries, start=begin):
        row = rows.get(index)
        if row is None or row[0] is None:
            report.add(f"entry {index}: its row is gone")
            continue
        try:
            fits = committed(row, may_be_erased=True) == entry
        except LogStopped:
            fits = False
        if not fits:
            report.add(f"entry {index}: its row {row[0]} was changed")


def _count(cursor: CursorWrapper, size: int, root: bytes, report: Report) -> None:
    cursor.execute("SELECT size, root, horizon::text FROM auditlog_treehead")
    heads = cursor.fetchall()
    if len(heads) != 1 or heads[0][0] < size or (heads[0][0] == size and bytes(heads[0][1]) != root):
        report.add("the head in the database is not that of the checkpoint")
        return
    cursor.execute("SELECT count(*) FROM auditlog_leaf")
    if cursor.fetchone()[0] != heads[0][0]:
        report.add("the number of leaves is not that of the head")
    cursor.execute(
        "SELECT e.id FROM auditlog_logentry e LEFT JOIN auditlog_leaf l ON l.entry = e.id"
        " WHERE l.index IS NULL AND e.written_in < %s::xid8 LIMIT 100",
        [heads[0][2]],
    )
    for row in cursor.fetchall():
        report.add(f"row {row[0]}: it has no place in the tree")
    cursor.execute(
        "SELECT l.index FROM auditlog_logentry e JOIN auditlog_leaf l ON l.entry = e.id LEFT JOIN auditlog_logentry t"
        " ON t.subject = e.id AND t.action = %s AND t.actor_kind = 'operator' AND t.salt <> ''"
        " WHERE e.salt = '' AND t.id IS NULL LIMIT 100",
        [ERASED],
    )
    for row in cursor.fetchall():
        report.add(f"entry {row[0]}: erased, and no entry says so")
