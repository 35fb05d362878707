"""A program of its own on a migrated data folder: fills, rotates slowly so that it can be killed, writes and reads meanwhile."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from uuid import UUID

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangzheng.server.settings")
    django.setup()

from django.conf import settings
from django.db import connection

from liangzheng.crypto.envelope import SealBroken
from liangzheng.errors import Refused
from liangzheng.holders.models import Holder
from liangzheng.storage import rotation
from liangzheng.storage.columns import index_value, open_column, seal_column
from liangzheng.storage.ids import new_id
from liangzheng.storage.objects import keep_object, read_object
from liangzheng.storage.tenancy import Scope, acting, keeping

SOURCE = Scope(is_source=True)
FILL = 5000
CELLS = "SELECT id::text, encode(name, 'hex') FROM holders_holder ORDER BY id"


def say(what: object) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def name_of(number: int) -> str:
    """A fictional name that tells its row."""
    return f"演示人{number}"


def fill(rows: int) -> None:
    """Make holders, their numbers in their codes."""
    for start in range(0, rows, FILL):
        numbers = range(start, min(rows, start + FILL))
        with acting(SOURCE):
            Holder.objects.bulk_create(
                Holder(
                    id=new_id(), kind="person", name=name_of(number), code=str(number), code_type="999",
                    code_index=index_value(f"row {number}"), region="370600", is_demo=True,
                )
                for number in numbers
            )  # fmt: skip
    for number in range(20):
        keep_object(f"演示文件{number}".encode())


def rotate(batch: int, pause: float) -> None:
    """Rotate with small batches, and say after each that it is done."""
    rotation.BATCH = batch
    say(f"key {rotation.begin_rotation()}")

    def told(_count: int) -> None:
        say("batch")
        time.sleep(pause)

    while rotation.seal_cells_anew(told):
        pass


def work(stop: Path) -> None:
    """Read any row and write some of them until the file is there; print how many were read, written, unreadable, lost."""
    draw = random.Random(7)  # noqa: S311 - an order that can be repeated
    with acting(SOURCE):
        keys = list(Holder.objects.values_list("pk", flat=True)[:2000])
    written: dict[UUID, str] = {}
    read = unreadable = lost = 0
    while not stop.exists():
        key = draw.choice(keys)
        try:
            with acting(SOURCE):
                row = Holder.objects.get(pk=key)
                lost += key in written and row.name != written[key]
                row.name = f"{row.name.partition('改')[0]}改{read}"
                row.save(update_fields=["name"])
            written[key] = row.name
        except SealBroken:
            unreadable += 1
        read += 1
    with acting(SOURCE):
        lost += sum(Holder.objects.get(pk=key).name != name for key, name in written.items())
    say(json.dumps({"read": read, "written": len(written), "unreadable": unreadable, "lost": lost}))


def check() -> None:
    """Open every cell and object."""
    readable = 0
    with acting(SOURCE):
        for row in Holder.objects.iterator(FILL):
            readable += row.name.startswith(name_of(int(row.code)))
    objects = [path.name for path in Path(settings.OBJECTS_FOLDER).glob("*/*/*")]
    say(json.dumps({"readable": readable, "objects": sum("演示文件" in read_object(name).decode() for name in objects)}))


def retire(later: float) -> None:
    """Destroy the old keys, as of some seconds from now."""
    try:
        say(rotation.retire_keys(time.time() + later))
    except Refused as refused:
        say(refused.code)


def dump() -> None:
    """Print every name as it lies in the table: the older copy somebody may have."""
    with acting(SOURCE), connection.cursor() as cursor:
        cursor.execute(CELLS)
        say(json.dumps(cursor.fetchall()))


def recover(file: Path) -> None:
    """Try to open the cells of a dump with all keys there are."""
    opened = 0
    for key, cell in json.loads(file.read_text(encoding="utf-8")):
        try:
            opened += open_column("holders_holder", "name", key, bytes.fromhex(cell)).startswith("演示人")
        except (SealBroken, KeyError):
            continue
    say(opened)


def slip(how: str) -> None:
    """Let somebody write between the reading and the writing of a batch; print what stands there in the end.

    `how` is "blind": the comparing is taken out of the statement.
    """
    column = next(item for item in rotation.encrypted_columns() if (item.table, item.name) == ("holders_holder", "name"))
    rotation.begin_rotation()
    anew, slipped = rotation._anew, list[UUID]()
    other = connection.copy()

    def slow(column: rotation.Column, key: UUID, old: bytes) -> bytes:
        sealed = anew(column, key, old)
        if not slipped:
            slipped.append(key)
            with other.cursor() as cursor:
                cursor.execute("SELECT set_config('app.keeper', 'on', false)")
                fresh = seal_column(column.table, column.name, key, "新名")
                cursor.execute("UPDATE holders_holder SET name = %s WHERE id = %s", [fresh, key])
        return sealed

    rotation._anew = slow  # type: ignore[assignment]
    if how == "blind":
        rotation._SWAP = rotation._SWAP.partition(" AND ")[0]
    rotation._batch(column, None)
    with keeping():
        say(Holder.objects.get(pk=slipped[0]).name)


if __name__ == "__main__":
    command, *given = sys.argv[1:]
    match command:
        case "fill":
            fill(int(given[0]))
        case "rotate":
            rotate(int(given[0]), float(given[1]))
        case "work" | "recover":
            {"work": work, "recover": recover}[command](Path(given[0]))
        case "slip":
            slip("".join(given))
        case "retire":
            retire(float(given[0]))
        case _:
            {"check": check, "dump": dump}[command]()
