"""The form 现场检查笔录 as data, and its present values with their provenance."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from liangzheng.cases.models import RecordValue
from liangzheng.catalogue.licence_types import Mask


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field. `kind`: auto (from the act), filled (from licences), asked (only the party can say), typed (by the officer)."""

    name: str
    label: str
    group: str
    kind: str
    subjects: tuple[str, ...]
    editable: bool
    multiline: bool
    personal: bool
    mask: Mask
    required: bool
    hint: str


@dataclass(frozen=True, slots=True)
class FieldState:
    """The newest value of a field, what it replaced, and other licences' differing values, which somebody must decide on."""

    field: RecordField
    value: RecordValue | None
    previous: RecordValue | None
    conflicts: tuple[RecordValue, ...]


@cache
def _form() -> tuple[dict[str, str], tuple[RecordField, ...]]:
    data = json.loads(files("liangzheng.cases").joinpath("data/inspection_record.json").read_text(encoding="utf-8"))
    groups = {group["name"]: group["label"] for group in data["groups"]}
    return groups, tuple(RecordField(**{**field, "subjects": tuple(field["subjects"])}) for field in data["fields"])


def group_label(name: str) -> str:
    """Give a group's heading."""
    return _form()[0][name]


def fields_for(subject: str) -> tuple[RecordField, ...]:
    """Give the fields that a subject kind's record has, in order."""
    return tuple(field for field in _form()[1] if subject in field.subjects)


def field_states(subject: str, values: Iterable[RecordValue]) -> tuple[FieldState, ...]:
    """Lay the values (in the order of time) over the form."""
    by_field: dict[str, list[RecordValue]] = defaultdict(list)
    for value in values:
        by_field[value.field].append(value)
    return tuple(_state(field, by_field[field.name]) for field in fields_for(subject))


def _state(field: RecordField, history: list[RecordValue]) -> FieldState:
    if not history:
        return FieldState(field, None, None, ())
    newest = history[-1]
    decided = newest.kind in {"edited", "typed", "asked"}
    # Newest per licence type: two licences that say different things are a conflict until an officer has decided.
    filled = {value.licence_type: value for value in history if value.kind == "filled"}
    conflicts = tuple(value for value in filled.values() if value.value != newest.value and not decided)
    previous = next((value for value in reversed(history[:-1]) if value.value != newest.value), None)
    return FieldState(field, newest, previous, conflicts)
