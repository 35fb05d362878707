"""保存期限: what is over its term is deleted each night, unless it is held. Terms are data (`data/retention.json`).

The deleting is done by functions of the owner role, which read the terms themselves: whoever has the app role can ask for it
at any time and still deletes nothing that is younger, or held.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db import connection

from liangzheng.errors import NotFound
from liangzheng.storage.models import LegalHold, RetentionTerm
from liangzheng.storage.objects import object_files

_DATA = Path(__file__).parent / "data" / "retention.json"
_ACTS_AT_ONCE, _OBJECTS_AT_ONCE = 200, 1000
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class of data: what it is, how many days it is kept when nobody has set another term, and why."""

    id: str
    label: str
    days: int
    what: str
    basis: str


@dataclass(frozen=True, slots=True)
class Due:
    """What a run would delete of a class, and what it may not because it is held."""

    kind: DataClass
    days: int
    basis: str
    due: int
    held: int


@cache
def data_classes() -> tuple[DataClass, ...]:
    """Read the classes."""
    return tuple(DataClass(**item) for item in json.loads(_DATA.read_bytes())["classes"])


def due_now() -> list[Due]:
    """Say what is over its term, without deleting anything."""
    terms = {term.pk: term for term in RetentionTerm.objects.all()}
    return [_due(kind, terms[kind.id]) for kind in data_classes() if kind.id in terms]


def _due(kind: DataClass, term: RetentionTerm) -> Due:
    if kind.id == "object":
        return Due(kind, term.days, term.basis, sum(1 for _ in _unnamed(term.days)), 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT due, held FROM liangzheng_count_due(%s)", [kind.id])
        due, held = cursor.fetchone()
    return Due(kind, term.days, term.basis, due, held)


def delete_due() -> dict[str, int]:
    """Delete everything that is over its term; gives how many acts, rows or files of each class. Repeating it does no harm."""
    done = {kind.id: _delete(kind.id) for kind in data_classes() if kind.id != "object"}
    done["object"] = _sweep(RetentionTerm.objects.get(pk="object").days)
    return done


def _delete(kind: str) -> int:
    done = 0
    with connection.cursor() as cursor:
        while True:  # in small transactions of their own, so that nobody waits
            cursor.execute("SELECT liangzheng_delete_due(%s, %s)", [kind, _ACTS_AT_ONCE])
            number = int(cursor.fetchone()[0])
            done += number
            if number < _ACTS_AT_ONCE:
                return done


def _unnamed(days: int) -> Iterator[Path]:
    """Give the files of objects that no row names, and that nobody has stored within the term."""
    before = time.time() - days * _DAY
    old = [path for path in object_files() if path.stat().st_mtime < before]
    for start in range(0, len(old), _OBJECTS_AT_ONCE):
        some = {path.name: path for path in old[start : start + _OBJECTS_AT_ONCE]}
        with connection.cursor() as cursor:
            cursor.execute("SELECT liangzheng_unnamed_objects(%s)", [list(some)])
            for (digest,) in cursor.fetchall():
                yield some[digest]


def _sweep(days: int) -> int:
    return sum(_remove(path, time.time() - days * _DAY) for path in _unnamed(days))


def _remove(path: Path, before: float) -> bool:
    """Take a file away first and look then: whoever stores the same bytes now either touched it before, or finds it gone."""
    aside = path.with_name(f".{path.name}.swept")
    path.replace(aside)
    if aside.stat().st_mtime >= before:
        aside.replace(path)
        return False
    aside.unlink()
    return True


def set_term(kind: str, days: int, basis: str, now: datetime) -> None:
    """Put another term in force; by the owner role only. NotFound for an unknown class."""
    if not RetentionTerm.objects.filter(pk=kind).update(days=days, basis=basis, changed_at=now):
        raise NotFound("retention_unknown", "没有这一类数据。")


def place_hold(act: UUID | None, holder: UUID | None, reason: str, now: datetime) -> UUID:
    """Hold an act, or everything about a holder; by the owner role only."""
    return LegalHold.objects.create(act=act, holder=holder, reason=reason, placed_at=now).pk


def lift_hold(hold: UUID, now: datetime) -> None:
    """Lift a hold. NotFound for one that is not in force."""
    if not LegalHold.objects.filter(pk=hold, lifted_at=None).update(lifted_at=now):
        raise NotFound("retention_unknown", "没有这项留存，或者它已解除。")
