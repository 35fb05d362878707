"""Key rotation while serving: a new data key, then every cell and object sealed anew in small batches, then the old key gone.

Every cell says under which key it lies, so readers open old and new ones at any moment, and a killed run is simply begun
again: what is done is not found any more. A cell that somebody writes meanwhile is left to him (compare and swap).
Once the old key is destroyed, every older copy of the cells (dumps, WAL, dead rows, replicas) is unreadable for good.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import LiteralString

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from liangzheng.errors import Refused
from liangzheng.storage.columns import EncryptedText, open_column, seal_column
from liangzheng.storage.keystore import changing_ring, keyring
from liangzheng.storage.objects import key_number, object_files, seal_anew
from liangzheng.storage.tenancy import keeping

BATCH = 500
STRAGGLERS = 15 * 60  # seconds: no request or job that sealed with the old key is still under way after that
_SIZE = {"sm4": 16, "aes": 32}
_SWAP: LiteralString = (
    "UPDATE {t} SET {c} = v.new FROM unnest(%s::{kind}[], %s::bytea[], %s::bytea[]) AS v (id, old, new)"
    " WHERE {t}.{k} = v.id AND {t}.{c} = v.old"
)
_MOST_KEYS = 255  # the number is one byte, 0 is none


@dataclass(frozen=True, slots=True)
class Column:
    """One encrypted column."""

    table: str
    key: str
    key_type: str
    name: str


def encrypted_columns() -> Iterator[Column]:
    """Give every encrypted column of every room."""
    for model in apps.get_models():
        meta = model._meta  # noqa: SLF001 - Django's public _meta
        for field in meta.concrete_fields:
            if isinstance(field, EncryptedText):
                yield Column(
                    meta.db_table, meta.pk.column or "id", meta.pk.db_type(connection) or "uuid", field.column or field.name
                )


def begin_rotation() -> int:
    """Make a new current key and give its number; while an older one is still there, that rotation goes on instead."""
    keyring()  # makes the first ring
    with changing_ring(bytes.fromhex(settings.MASTER_KEY)) as slot:
        ring = slot[0]
        if len(ring.data_keys) == 1:
            number = ring.current % _MOST_KEYS + 1
            key = secrets.token_bytes(_SIZE[settings.COLUMN_CIPHER])
            slot[0] = replace(ring, current=number, data_keys={**ring.data_keys, number: key}, since=int(time.time()))
    return keyring().current


def seal_cells_anew(on_batch: Callable[[int], None] = lambda _count: None) -> int:
    """Seal everything anew that lies under an older key; gives how many cells and objects. `on_batch` hears of each batch."""
    done = 0
    for column in encrypted_columns():
        last: object = None
        while True:
            last, found, changed = _batch(column, last)
            done += changed
            if not found:
                break
            on_batch(changed)
    for path in object_files():
        done += seal_anew(path)
    return done


def _batch(column: Column, last: object) -> tuple[object, int, int]:
    """Do one batch in a transaction of its own: the last key, the cells found, and those changed."""
    names = {"t": sql.Identifier(column.table), "k": sql.Identifier(column.key), "c": sql.Identifier(column.name)}
    beyond = sql.SQL("AND {k} > {last}").format(last=sql.Literal(last), **names) if last is not None else sql.SQL("")
    find = sql.SQL("SELECT {k}, {c} FROM {t} WHERE {old} {beyond} ORDER BY {k} LIMIT {n}").format(
        old=_is_older(column), beyond=beyond, n=sql.Literal(BATCH), **names
    )
    with keeping(), connection.cursor() as cursor:
        cursor.execute(find)
        rows = [(key, bytes(old)) for key, old in cursor.fetchall()]
        if not rows:
            return last, 0, 0
        new = [_anew(column, key, old) for key, old in rows]
        swap = sql.SQL(_SWAP).format(kind=sql.SQL(column.key_type), **names)
        cursor.execute(swap, [[key for key, _ in rows], [old for _, old in rows], new])
        return rows[-1][0], len(rows), cursor.rowcount


def _is_older(column: Column) -> sql.Composed:
    return sql.SQL("octet_length({c}) > 0 AND substring({c} FROM 1 FOR 1) <> {now}").format(
        c=sql.Identifier(column.name), now=sql.Literal(bytes([keyring().current]))
    )


def _anew(column: Column, key: object, old: bytes) -> bytes:
    return seal_column(column.table, column.name, key, open_column(column.table, column.name, key, old))


def cells_under_older_keys() -> int:
    """Count the cells and objects that still need another key than the current one."""
    count = 0
    with keeping(), connection.cursor() as cursor:
        for column in encrypted_columns():
            query = sql.SQL(
                "SELECT count(*) FROM {t} WHERE octet_length({c}) > 0 AND substring({c} FROM 1 FOR 1) <> {now}"
            ).format(t=sql.Identifier(column.table), c=sql.Identifier(column.name), now=sql.Literal(bytes([keyring().current])))
            cursor.execute(query)
            count += int(cursor.fetchone()[0])
    return count + sum(key_number(path) != keyring().current for path in object_files())


def retire_keys(now: float) -> int:
    """Destroy the keys that nothing needs; gives their number. Refused while something does, or may still be on its way."""
    if now - keyring().since < STRAGGLERS:
        raise Refused("keys_in_use", "新密钥启用不足 15 分钟，旧密钥暂不能销毁。")
    if left := cells_under_older_keys():
        raise Refused("keys_in_use", "仍有数据使用旧密钥，请先运行 keys rotate。", left=left)
    with changing_ring(bytes.fromhex(settings.MASTER_KEY)) as slot:
        ring = slot[0]
        gone = len(ring.data_keys) - 1
        slot[0] = replace(ring, data_keys={ring.current: ring.data_keys[ring.current]})
    return gone


def change_master_key(new: str) -> None:
    """Wrap the column keys with another master key (32 or 64 hex digits); no cell and no object is touched."""
    with changing_ring(bytes.fromhex(settings.MASTER_KEY), bytes.fromhex(new)):
        pass
