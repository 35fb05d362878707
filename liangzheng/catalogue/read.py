"""Reads the catalogue's data files into frozen values and refuses data that does not hang together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError, with_config

from liangzheng.catalogue.licence_types import STRICT, FaceField, LicenceType
from liangzheng.catalogue.subjects import AskSide, LicenceSide, Subject

__all__ = [
    "Catalogue",
    "CatalogueError",
    "LicenceType",
    "Subject",
    "catalogue",
    "licence_type_records",
    "read_catalogue",
    "read_licence_type",
    "read_subjects",
    "subjects",
]

T = TypeVar("T")
TYPE_CODE_LENGTH = 21  # GB/T 36904: USCC of the defining authority (18) and a sequence (3)


class CatalogueError(ValueError):
    """Data of the catalogue is wrong; the message names file, place and cause."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class DemoAuthority:
    name: str
    code: str
    note: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Catalogue:
    version: str
    demo_authority: DemoAuthority
    core_fields: tuple[FaceField, ...]
    licence_types: tuple[LicenceType, ...]

    def field(self, licence_type: LicenceType, name: str) -> FaceField:
        """The description of a face field or core field; KeyError when the type has none of that name."""
        known = {field.name: field for field in (*self.core_fields, *licence_type.face_fields)}
        return known[name]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Subjects:
    version: str
    subjects: tuple[Subject, ...]


@cache
def catalogue() -> Catalogue:
    """The shipped licence types."""
    return read_catalogue(_data("licence_types.json"))


@cache
def subjects() -> Mapping[str, Subject]:
    """The shipped inspection subjects by kind."""
    read = read_subjects(_data("subjects.json"), catalogue())
    return {subject.kind: subject for subject in read.subjects}


@cache
def licence_type_records() -> tuple[Mapping[str, object], ...]:
    """The raw records, as they are stored in the table of the usable list."""
    return tuple(json.loads(_data("licence_types.json"))["licence_types"])


def read_licence_type(record: Mapping[str, object]) -> LicenceType:
    """One raw record, e.g. from the table."""
    return _parse(LicenceType, json.dumps(record).encode(), "licence type")


def read_catalogue(data: bytes) -> Catalogue:
    """UTF-8 JSON → catalogue, or CatalogueError."""
    read = _parse(Catalogue, data, "licence_types.json")
    _once((item.id for item in read.licence_types), "licence_types.json", "id")
    _once((item.code for item in read.licence_types), "licence_types.json", "code")
    for item in read.licence_types:
        _check_type(item, {field.name for field in read.core_fields})
    return read


def read_subjects(data: bytes, types: Catalogue) -> Subjects:
    """UTF-8 JSON → subjects, or CatalogueError; every licence type, field and question they name must exist."""
    read = _parse(Subjects, data, "subjects.json")
    _once((subject.kind for subject in read.subjects), "subjects.json", "kind")
    for subject in read.subjects:
        _check_subject(subject, types)
    return read


def _data(name: str) -> bytes:
    return files("liangzheng.catalogue").joinpath("data", name).read_bytes()


def _parse(kind: type[T], data: bytes, name: str) -> T:
    try:
        return TypeAdapter(kind).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{name}: {place}: {first['msg']}") from error


def _need(condition: object, place: str, cause: str) -> None:
    if not condition:
        raise CatalogueError(f"{place}: {cause}")


def _once(values: Iterable[str], place: str, what: str) -> None:
    listed = list(values)
    _need(len(listed) == len(set(listed)), place, f"{what} twice")


def _check_type(item: LicenceType, core: set[str]) -> None:
    place = f"licence_types.json: {item.id}"
    _need((item.type_code is None) != (item.demo_type_code is None), place, "either a type code or a demo type code")
    _need(len(item.code) == TYPE_CODE_LENGTH, place, "type code is not 21 characters")
    if item.demo_type_code is not None:
        _need(item.demo_type_code.startswith("DEMO"), place, "a private code starts with DEMO")
    known = core | {field.name for field in item.face_fields}
    _need(all(field.name.startswith("KZ_") for field in item.face_fields), place, "face field without KZ_")
    for purpose, names in item.fields.items():
        _need(set(names) <= known, place, f"{purpose} names unknown fields {sorted(set(names) - known)}")
    allowed = set(item.fields.get("prefill", ()))
    _need(set(item.prefill) <= allowed, place, "prefill maps a field that is not listed for prefill")
    _need(item.physical_requirements, place, "no word on the physical document")
    for row in item.physical_requirements:
        _need((row.confirmed_by is None) == (row.confirmed_at is None), place, "confirmation needs both name and day")


def _check_subject(subject: Subject, types: Catalogue) -> None:
    place = f"subjects.json: {subject.kind}"
    by_id = {item.id: item for item in types.licence_types}
    asks = {ask.name for ask in subject.asks}
    needed = {requirement.id: requirement.licence_type for requirement in subject.requirements}
    for ask in subject.asks:
        _need((ask.type == "choice") == bool(ask.choices), place, f"{ask.name}: choices belong to a choice")
    for requirement in subject.requirements:
        _need(requirement.licence_type in by_id, place, f"{requirement.id}: unknown licence type {requirement.licence_type}")
    for exemption in subject.exemptions:
        _need(set(exemption.requirements) <= set(needed), place, f"{exemption.id}: unknown requirement")
        _need({condition.ask for condition in exemption.when} <= asks, place, f"{exemption.id}: unknown question")
    for check in subject.cross_checks:
        for side in (check.left, check.right):
            if isinstance(side, AskSide):
                _need(side.ask in asks, place, f"{check.id}: unknown question {side.ask}")
            if isinstance(side, LicenceSide):
                _need(side.requirement in needed, place, f"{check.id}: unknown requirement {side.requirement}")
                shown = by_id[needed[side.requirement]].fields.get("inspection", ())
                _need(side.field in shown, place, f"{check.id}: field {side.field} is not seen in an inspection")
