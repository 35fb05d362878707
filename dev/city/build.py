"""Builds the demo city in a folder: pictures, keys, sealed licence files, trust folder; and gives all of it as values.

`keys/` (kept and used again) · `trust/` (root, CRL, status and trust list) · `licences/` · `photos/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from dev.city import people, pictures
from dev.city.authority import open_authority, replace_file, write_trust
from dev.city.files import SHANGHAI, write_licence_files
from dev.city.licences import Licence, licences
from dev.city.people import Agency, Authority, Holder
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.status_list import Status

_DELEGATED = (timedelta(days=30), timedelta(days=365))  # since and for


@dataclass(frozen=True, slots=True)
class Certificate:
    """行政执法证 of an officer, as the register has it; `licence` is the key of its e-licence. Dates are whole days."""

    number: str
    kind: str
    fields: tuple[str, ...]
    sectors: tuple[str, ...]
    area: str
    area_code: str
    valid_from: date
    valid_to: date
    status: str
    licence: str


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer or auxiliary (`certificate` None). `agency` and `holder` are keys."""

    username: str
    name: str
    agency: str
    role: str
    holder: str
    photo: Path
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """The person (key) may show the organisation's (key) licences between two moments."""

    organisation: str
    person: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class City:
    """Everything a loader needs. `files` are paths by licence key, `photos` by holder key; all rows are demo rows."""

    region: str
    region_name: str
    password: str
    agencies: tuple[Agency, ...]
    authorities: tuple[Authority, ...]
    officers: tuple[Officer, ...]
    holders: tuple[Holder, ...]
    delegations: tuple[Delegation, ...]
    licences: tuple[Licence, ...]
    files: Mapping[str, Path]
    photos: Mapping[str, Path]
    trust: Path


def build_city(folder: Path, now: datetime, code_keys: Mapping[str, SM2PublicKey] = MappingProxyType({})) -> City:
    """Build everything as of `now` (aware). The same folder and moment give the same rows; keys already there are kept.

    `code_keys` are the platform's own, for the trust list.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a time zone")
    records = licences(now.astimezone(SHANGHAI).date())
    authority = open_authority(folder / "keys", people.authorities(), now)
    faces = {
        holder.key: pictures.face(holder.name, female=holder.sex == "女")
        for holder in people.holders()
        if holder.kind == "person"
    }
    photos = _write_photos(folder / "photos", faces)
    files = write_licence_files(folder / "licences", records, faces, authority)
    statuses = {record.status_index: Status(record.status) for record in records}
    write_trust(folder / "trust", authority, statuses, now, code_keys)
    since, until = _DELEGATED
    return City(
        region=people.REGION,
        region_name="烟台市",
        password=people.PASSWORD,
        agencies=people.agencies(),
        authorities=people.authorities(),
        officers=_officers(records, photos),
        holders=people.holders(),
        delegations=tuple(Delegation(item.organisation, item.person, now - since, now + until) for item in people.delegations()),
        licences=records,
        files=MappingProxyType(files),
        photos=MappingProxyType(photos),
        trust=folder / "trust",
    )


def _write_photos(folder: Path, faces: Mapping[str, bytes]) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for key, data in faces.items():
        replace_file(folder / f"{key}.png", data)
    return {key: folder / f"{key}.png" for key in faces}


def _officers(records: Sequence[Licence], photos: Mapping[str, Path]) -> tuple[Officer, ...]:
    badges = {record.holder.key: record for record in records if record.type_id == "enforcement_certificate"}
    sectors = {agency.key: agency.sector for agency in people.agencies()}
    return tuple(
        Officer(
            username=person.username,
            name=person.name,
            agency=person.agency,
            role=person.role,
            holder=person.holder,
            photo=photos[person.holder],
            certificate=_certificate(badges[person.holder], sectors[person.agency]) if person.role == "officer" else None,
        )
        for person in people.officers()
    )


def _certificate(badge: Licence, sector: str) -> Certificate:
    if badge.valid_to is None:
        raise ValueError(f"{badge.key}: an enforcement certificate has an end")
    return Certificate(
        number=badge.number,
        kind=badge.type_name,
        fields=(people.SECTORS[sector],),
        sectors=(sector,),
        area=badge.face["KZ_ZFQY"],
        area_code=people.REGION,
        valid_from=badge.valid_from,
        valid_to=badge.valid_to,
        status=badge.status,
        licence=badge.key,
    )
