"""Changes that somebody with every right makes behind the log's back: to rows, to the order, to files."""

from __future__ import annotations

import random
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from liangzheng.auditlog.merkle import WIDTH
from liangzheng.auditlog.tile_paths import ENTRIES, tile_path

Cursor = psycopg.Cursor[Any]
TEXTS: tuple[LiteralString, ...] = (
    "actor_kind",
    "actor_number",
    "action",
    "subject_kind",
    "act_code",
    "region",
    "purpose",
    "legal_basis",
    "result",
)
UUIDS: tuple[LiteralString, ...] = ("actor", "subject", "act", "agency_id", "holder")


class Rows:
    """Changes by SQL; each leaves the database different from what was sealed."""

    def __init__(self, size: int, randomness: random.Random) -> None:
        self.size = size
        self.random = randomness

    def change(self, cursor: Cursor, number: int) -> str:
        """Make the n-th change, each kind once and then at random; gives its name."""
        kinds: Sequence[Callable[[Cursor], None]] = (
            self.text,
            self.text,
            self.uuid,
            self.time,
            self.fields,
            self.bit,
            self.bit,
            self.delete_row,
            self.insert_row,
            self.swap_rows,
            self.swap_leaves,
            self.delete_leaf,
            self.cut_tail,
            self.roll_back,
            self.head,
            self.empty_row,
            self.silent_erasure,
            self.redate_leaf,
        )
        kind = kinds[number] if number < len(kinds) else self.random.choice(kinds)
        kind(cursor)
        return kind.__name__

    def entry(self, cursor: Cursor) -> object:
        cursor.execute("SELECT entry FROM auditlog_leaf WHERE index = %s", [self.random.randrange(self.size)])
        row = cursor.fetchone()
        assert row
        return row[0]

    def set(self, cursor: Cursor, column: str, value: LiteralString, *parameters: object) -> None:
        statement = sql.SQL("UPDATE auditlog_logentry SET {} = {} WHERE id = %s")
        cursor.execute(statement.format(sql.Identifier(column), sql.SQL(value)), [*parameters, self.entry(cursor)])
        assert cursor.rowcount == 1

    def text(self, cursor: Cursor) -> None:
        column = self.random.choice(TEXTS)
        self.set(cursor, column, f"{column} || %s", self.random.choice((" ", "0", "。", "\u200b")))

    def uuid(self, cursor: Cursor) -> None:
        self.set(cursor, self.random.choice(UUIDS), "gen_random_uuid()")

    def time(self, cursor: Cursor) -> None:
        changes: tuple[LiteralString, ...] = (
            "at - interval '1 microsecond'",
            "at + interval '1 day'",
            "'infinity'",
            "'4713-01-01 BC'",
        )
        self.set(cursor, "at", self.random.choice(changes))

    def fields(self, cursor: Cursor) -> None:
        changes: tuple[LiteralString, ...] = ("fields[2:]", "fields || 'photo'::text", "ARRAY[fields[2], fields[1]]")
        self.set(cursor, "fields", self.random.choice(changes))

    def bit(self, cursor: Cursor) -> None:
        columns: tuple[LiteralString, ...] = ("salt", "commitment")
        column = self.random.choice(columns)
        self.set(cursor, column, f"set_bit({column}, %s, 1 - get_bit({column}, %s))", *[self.random.randrange(256)] * 2)

    def delete_row(self, cursor: Cursor) -> None:
        cursor.execute("DELETE FROM auditlog_logentry WHERE id = %s", [self.entry(cursor)])

    def insert_row(self, cursor: Cursor) -> None:
        """A look-up that never was, dated back under the head."""
        cursor.execute(
            "CREATE TEMP TABLE sly ON COMMIT DROP AS SELECT * FROM auditlog_logentry WHERE id = %s", [self.entry(cursor)]
        )
        cursor.execute("UPDATE sly SET id = overlay(id::text placing %s from 25)::uuid", [secrets.token_hex(6)])
        cursor.execute("INSERT INTO auditlog_logentry SELECT * FROM sly")

    def swap_rows(self, cursor: Cursor) -> None:
        """Exchange who was looked at in two entries."""
        one, two = self.entry(cursor), self.entry(cursor)
        while one == two:
            two = self.entry(cursor)
        cursor.execute(
            "UPDATE auditlog_logentry a SET act_code = b.act_code, salt = b.salt, commitment = b.commitment"
            " FROM auditlog_logentry b WHERE a.id IN (%s, %s) AND b.id IN (%s, %s) AND a.id <> b.id",
            [one, two, one, two],
        )

    def swap_leaves(self, cursor: Cursor) -> None:
        low, high = sorted(self.random.sample(range(self.size), 2))
        cursor.execute("DELETE FROM auditlog_leaf WHERE index IN (%s, %s) RETURNING index, entry", [low, high])
        rows: dict[Any, Any] = dict(cursor.fetchall())
        cursor.execute("INSERT INTO auditlog_leaf VALUES (%s, %s), (%s, %s)", [low, rows[high], high, rows[low]])

    def redate_leaf(self, cursor: Cursor) -> None:
        """Put an entry of the middle at the end."""
        index = self.random.randrange(self.size)
        cursor.execute("UPDATE auditlog_leaf SET index = %s WHERE index = %s", [self.size, index])

    def delete_leaf(self, cursor: Cursor) -> None:
        cursor.execute("DELETE FROM auditlog_leaf WHERE index = %s", [self.random.randrange(self.size)])

    def cut_tail(self, cursor: Cursor) -> None:
        keep = self.random.randrange(self.size)
        cursor.execute("DELETE FROM auditlog_logentry WHERE id IN (SELECT entry FROM auditlog_leaf WHERE index >= %s)", [keep])
        cursor.execute("DELETE FROM auditlog_leaf WHERE index >= %s", [keep])

    def roll_back(self, cursor: Cursor) -> None:
        """As if yesterday's backup had been put back, the head too."""
        self.cut_tail(cursor)
        cursor.execute("UPDATE auditlog_treehead SET size = (SELECT count(*) FROM auditlog_leaf), root = sha256(root)")

    def head(self, cursor: Cursor) -> None:
        changes: tuple[LiteralString, ...] = (
            "size = size + 1",
            "size = size - 1",
            "root = set_bit(root, 7, 1 - get_bit(root, 7))",
        )
        cursor.execute(sql.SQL("UPDATE auditlog_treehead SET {}").format(sql.SQL(self.random.choice(changes))))

    def empty_row(self, cursor: Cursor) -> None:
        self.set(cursor, "salt", "''")

    def silent_erasure(self, cursor: Cursor) -> None:
        """Erase a look-up as the law allows it, but without the entry that says so."""
        cursor.execute(
            "UPDATE auditlog_logentry SET at = 'epoch', actor_kind = '', actor = NULL, actor_number = '', action = '',"
            " subject_kind = '', subject = NULL, act = NULL, act_code = '', agency_id = NULL, region = '', holder = NULL,"
            " purpose = '', legal_basis = '', fields = '{}', result = '', salt = '' WHERE id = %s",
            [self.entry(cursor)],
        )


@dataclass(frozen=True, slots=True)
class Files:
    """Changes to the files on which the published state rests."""

    folder: Path
    size: int
    random: random.Random

    def live(self) -> list[Path]:
        """The checkpoint, and every tile and bundle of the tree."""
        names = ["checkpoint"]
        level = 0
        while count := self.size >> (8 * level):
            for index in range(-(-count // WIDTH)):
                width = min(WIDTH, count - index * WIDTH)
                names += [tile_path(kind, index, width) for kind in ((level, ENTRIES) if level == 0 else (level,))]
            level += 1
        return [self.folder / name for name in names]

    @contextmanager
    def changed(self) -> Iterator[str]:
        """Change one file, or two, and put them back afterwards."""
        kind = self.random.choice((self.flip, self.flip, self.flip, self.cut, self.lengthen, self.delete, self.swap, self.copy))
        files = self.live()
        first, second = self.random.sample(files, 2)
        kept = {path: path.read_bytes() for path in (first, second)}
        try:
            kind(first, second)
            assert any(not path.exists() or path.read_bytes() != data for path, data in kept.items())
            yield f"{kind.__name__} {first.relative_to(self.folder)}"
        finally:
            for path, data in kept.items():
                path.write_bytes(data)

    def flip(self, first: Path, _second: Path) -> None:
        data = bytearray(first.read_bytes())
        data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        first.write_bytes(data)

    def cut(self, first: Path, _second: Path) -> None:
        data = first.read_bytes()
        first.write_bytes(data[: self.random.randrange(len(data))])

    def lengthen(self, first: Path, _second: Path) -> None:
        """Put bytes in between; what follows the last byte that counts is read by nobody."""
        data = first.read_bytes()
        place = self.random.randrange(len(data))
        first.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place:])

    def delete(self, first: Path, _second: Path) -> None:
        first.unlink()

    def swap(self, first: Path, second: Path) -> None:
        one, two = first.read_bytes(), second.read_bytes()
        first.write_bytes(two)
        second.write_bytes(one)

    def copy(self, first: Path, second: Path) -> None:
        shutil.copyfile(second, first)
