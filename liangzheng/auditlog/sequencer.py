"""The sealer: puts the rows of the log into the tree, each second, and signs. There is one at a time.

Sequence (order of the leaves and the new head, one transaction) → integrate (tiles, on disk) → publish (signed checkpoint).
Nothing is signed before its order is durable, and every leaf is made anew from the stored row. Wherever it is killed, the next
one goes on from the last checkpoint of its own. Whatever does not fit stops it (`stopped.py`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

from liangzheng.auditlog.log_files import CHECKPOINT, LogFiles
from liangzheng.auditlog.merkle import EMPTY_ROOT, Growth, Tile, leaf_hash
from liangzheng.auditlog.note import (
    Checkpoint,
    Kind,
    MalformedNote,
    Note,
    NoteKey,
    key_of,
    read_checkpoint,
    read_note,
    sign,
)
from liangzheng.auditlog.rows import (
    Head,
    committed,
    has_rows_beyond,
    horizon_of,
    leaves_with_rows,
    read_head,
    rows_between,
    sealing,
)
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.crypto.keys import RawPrivateKey

_LOCK = 0x6C7A6C6F67  # the advisory lock of the one sealer
_MOST = 20_000
"""Rows of one step."""
_BACK = timedelta(seconds=5)
_PART = 65_536
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The log's name and keys."""

    origin: str
    keys: tuple[tuple[Kind, RawPrivateKey], ...]

    @property
    def public(self) -> list[NoteKey]:
        return [key_of(self.origin, kind, private.public_key) for kind, private in self.keys]

    def sign(self, size: int, root: bytes) -> Note:
        return sign(Checkpoint(self.origin, size, root).text, self.origin, self.keys)

    def read(self, data: bytes) -> Checkpoint:
        """Read a checkpoint of our own: all of our signatures have to be right. LogStopped."""
        try:
            note = read_note(data)
            checkpoint = read_checkpoint(note.text)
            signers = note.signed_by(self.public)
        except MalformedNote as error:
            raise LogStopped("files_damaged", f"checkpoint: {error}") from error
        if checkpoint.origin != self.origin:
            raise LogStopped("log_renamed", checkpoint.origin)
        if len(signers) != len(self.keys):
            raise LogStopped("files_damaged", "checkpoint: not signed by our keys")
        return checkpoint


class Sequencer:
    """The one sealer while a `with` lasts. Raises LogStopped wherever the log does not fit together.

    `confirm` is shown the last published checkpoint, and how many entries the tree in the database has, before anything new is
    signed; it stops the log by raising LogStopped.
    """

    def __init__(self, signer: LogSigner, files: LogFiles, confirm: Callable[[Note, int], None] | None = None) -> None:
        self.signer = signer
        self.files = files
        self.confirm = confirm
        self.head = Head("", 0, EMPTY_ROOT, 0, datetime.min.replace(tzinfo=UTC))
        self.tree = Growth()
        self.note = Note(b"", ())

    def __enter__(self) -> Self:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
                if not cursor.fetchone()[0]:
                    raise LogStopped("sealed_by_another")  # noqa: TRY301 - the one way out closes the session
            self._take_up()
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._unlock()

    @staticmethod
    def _unlock() -> None:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        connection.close()  # in whatever state the session is, the lock goes with it

    def _take_up(self) -> None:
        with sealing() as cursor:
            self.head = head = read_head(cursor) or self._begin(cursor)
        if head.origin != self.signer.origin:
            raise LogStopped("log_renamed", head.origin)
        data = self.files.read(CHECKPOINT)
        own = self.signer.read(data)
        if own.size > head.size:
            raise LogStopped("database_rolled_back", f"{head.size} < {own.size}")
        self.tree, self.note = self.files.growth(own.size), read_note(data)
        if self.tree.root() != own.root:
            raise LogStopped("files_damaged", f"tiles of {own.size}")
        if self.confirm:
            self.confirm(self.note, head.size)
        self._catch_up(own, head)

    def _catch_up(self, own: Checkpoint, head: Head) -> None:
        """Publish what the database took into the tree before a crash kept it from the files."""
        with sealing() as cursor:
            entries = _contiguous(own.size, head.size, cursor)
        if entries:
            tree = self.tree.copy()
            full = list(tree.append(map(leaf_hash, entries)))
            if tree.root() != head.root:
                raise LogStopped("row_changed", f"between {own.size} and {head.size}")
            self._integrate(entries, full, tree)
            self._publish()
        elif own.root != head.root:
            raise LogStopped("files_damaged", "the head in the database")

    def _begin(self, cursor: CursorWrapper) -> Head:
        """Begin a log: an empty tree is signed first, so that a missing checkpoint later on is always a loss."""
        try:
            own = self.signer.read(self.files.read(CHECKPOINT))
        except LogStopped as stopped:
            if stopped.reason != "file_missing":
                raise
            self.files.replace(CHECKPOINT, self.signer.sign(0, EMPTY_ROOT).encoded)
        else:
            if own.size:
                raise LogStopped("database_rolled_back", f"0 < {own.size}")
        head = Head(self.signer.origin, 0, EMPTY_ROOT, 0, datetime.now(UTC))
        cursor.execute(
            "INSERT INTO auditlog_treehead (origin, size, root, horizon, at) VALUES (%s, 0, %s, '0', %s)",
            [head.origin, head.root, head.at],
        )
        return head

    def seal(self, *, most: int = _MOST) -> int:
        """Put what waits into the tree and publish; give how many entries that were."""
        now = datetime.now(UTC)
        with sealing() as cursor:
            if read_head(cursor) != self.head:
                raise LogStopped("sealed_by_another", "the head changed")
            if now < self.head.at - _BACK:
                raise LogStopped("clock_went_back", self.head.at.isoformat())
            horizon = horizon_of(cursor, self.head.horizon, most)
            ids, entries = rows_between(cursor, self.head.horizon, horizon)
            if not ids:
                return 0
            tree = self.tree.copy()
            full = list(tree.append(map(leaf_hash, entries)))
            head = replace(self.head, size=tree.size, root=tree.root(), horizon=horizon, at=now)
            _write(cursor, self.head.size, ids, head)
        self.head = head
        self._integrate(entries, full, tree)
        self._publish()
        return len(entries)

    def seal_all(self, *, most: int = _MOST, patience: float = 10.0) -> int:
        """Seal until nothing waits; entries behind a transaction that is still open are waited for so many seconds."""
        count, end = 0, time.monotonic() + patience
        while (sealed := self.seal(most=most)) or (self._is_held_up() and time.monotonic() < end):
            count += sealed
            if not sealed:
                time.sleep(_PAUSE)
        return count

    def _is_held_up(self) -> bool:
        with sealing() as cursor:
            return has_rows_beyond(cursor, self.head.horizon)

    def _integrate(self, entries: Sequence[bytes], full: Sequence[Tile], tree: Growth) -> None:
        self.files.write_tree(full, tree, entries, self.tree.size)
        self.tree = tree

    def _publish(self) -> None:
        self.note = self.signer.sign(self.head.size, self.head.root)
        self.files.replace(CHECKPOINT, self.note.encoded)


def _write(cursor: CursorWrapper, first: int, ids: Iterable[UUID], head: Head) -> None:
    cursor.execute(
        "INSERT INTO auditlog_leaf (index, entry) SELECT %s + n - 1, e FROM unnest(%s::uuid[]) WITH ORDINALITY AS t (e, n)",
        [first, list(ids)],
    )
    cursor.execute(
        "UPDATE auditlog_treehead SET size = %s, root = %s, horizon = %s::text::xid8, at = %s",
        [head.size, head.root, head.horizon, head.at],
    )


def _contiguous(low: int, high: int, cursor: CursorWrapper) -> list[bytes]:
    """Read the leaves that were given their order and are not in the published tree yet. LogStopped where one is missing."""
    entries: list[bytes] = []
    for start in range(low, high, _PART):
        for row in leaves_with_rows(cursor, start, min(high, start + _PART)):
            if row[-1] != low + len(entries) or row[0] is None:
                raise LogStopped("row_changed", f"leaf {low + len(entries)}")
            entries.append(committed(row, may_be_erased=True))
    if low + len(entries) != high:
        raise LogStopped("row_changed", f"leaf {low + len(entries)}")
    return entries
