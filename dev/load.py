"""Puts the demo city into the database. A second call changes no row; it only signs the trust material anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from dev.city import people
from dev.city.authority import open_authority, write_trust
from dev.city.build import City, Officer, build_city
from dev.city.licences import Licence as CityLicence
from liangzheng.catalogue.usable import load_types
from liangzheng.formats.status_list import Status
from liangzheng.holders.models import Delegation, Holder
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import SHANGHAI
from liangzheng.people.models import Agency, EnforcementCertificate, Region, User
from liangzheng.people.models import Officer as OfficerRow
from liangzheng.storage.columns import index_value
from liangzheng.storage.objects import keep_object
from liangzheng.storage.tenancy import Scope, acting

SOURCE = Scope(is_source=True)


def load_city(folder: Path) -> bool:
    """Load the city into an empty database, or refresh its trust material; True when it was loaded now."""
    now = timezone.now()
    if Agency.objects.filter(is_demo=True).exists():
        _refresh_trust(folder, now)
        return False
    city = build_city(folder, now)
    objects = {key: keep_object(path.read_bytes()) for key, path in {**city.files, **city.photos}.items()}
    with acting(SOURCE):
        load_types(is_demo=True)
        Region.objects.get_or_create(code=city.region, defaults={"name": city.region_name})
        agencies = _agencies(city)
        holders = _holders(city, objects)
        _licences(city, holders, objects)
    for officer in city.officers:
        agency = agencies[officer.agency]
        with acting(Scope(agency=agency.pk, region=agency.region_id)):
            _officer(officer, agency, objects[officer.holder], city.password)
    return True


def _refresh_trust(folder: Path, now: datetime) -> None:
    with acting(SOURCE):
        rows = Licence.objects.exclude(status_index=None).values_list("status_index", "status")
        statuses = {index: Status(status) for index, status in rows if index is not None}
    write_trust(folder / "trust", open_authority(folder / "keys", people.authorities(), now), statuses, now)


def _agencies(city: City) -> dict[str, Agency]:
    return {
        agency.key: Agency.objects.create(
            name=agency.name,
            uscc=agency.uscc,
            region_id=agency.region,
            sector=agency.sector,
            sector_label=agency.sector_label,
            supervision_phone=agency.supervision_phone,
            is_demo=True,
        )
        for agency in city.agencies
    }


def _holders(city: City, objects: Mapping[str, str]) -> dict[str, Holder]:
    password = make_password(city.password)
    rows: dict[str, Holder] = {}
    for holder in city.holders:
        rows[holder.key] = row = Holder.objects.create(
            kind=holder.kind,
            name=holder.name,
            code=holder.code,
            code_type=holder.code_type,
            code_index=index_value(holder.code),
            region=holder.region,
            photo=objects.get(holder.key, ""),
            is_demo=True,
        )
        if holder.username:
            User.objects.create(
                username=holder.username, name=holder.name, role="holder", holder=row.pk, password=password, is_demo=True
            )
    for item in city.delegations:
        Delegation.objects.create(
            organisation=rows[item.organisation], person=rows[item.person], valid_from=item.valid_from, valid_to=item.valid_to
        )
    return rows


def _licences(city: City, holders: Mapping[str, Holder], objects: Mapping[str, str]) -> None:
    rows: dict[str, UUID] = {}
    for licence in sorted(city.licences, key=lambda item: item.supersedes is not None):
        rows[licence.key] = _licence(licence, holders[licence.holder.key], objects[licence.key], rows).pk


def _licence(licence: CityLicence, holder: Holder, file: str, rows: Mapping[str, UUID]) -> Licence:
    return Licence.objects.create(
        identifier=licence.identifier,
        type_code=licence.type_code,
        type_name=licence.type_name,
        holder=holder,
        number=licence.number,
        number_index=index_value(licence.number),
        version=licence.version,
        issuing_authority=licence.authority.name,
        issuing_authority_code=licence.authority.uscc,
        issued_on=licence.issued_on,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        face=json.dumps(dict(licence.face), ensure_ascii=False),
        status=licence.status,
        source_status=licence.source_status,
        status_at=datetime.combine(licence.status_on, time(), SHANGHAI),
        status_note=licence.status_note,
        status_index=licence.status_index,
        region=licence.region,
        supersedes_id=rows[licence.supersedes] if licence.supersedes else None,
        file=file,
        is_demo=True,
    )


def _officer(officer: Officer, agency: Agency, photo: str, password: str) -> None:
    user = User.objects.create_user(officer.username, password, name=officer.name, role=officer.role, agency=agency, is_demo=True)
    row = OfficerRow.objects.create(
        user=user, agency=agency, region=agency.region_id, is_auxiliary=officer.role == "auxiliary", photo=photo
    )
    certificate = officer.certificate
    if certificate is None:
        return
    EnforcementCertificate.objects.create(
        officer=row,
        agency=agency,
        region=agency.region_id,
        number=certificate.number,
        kind=certificate.kind,
        fields=list(certificate.fields),
        area=certificate.area,
        area_code=certificate.area_code,
        valid_from=certificate.valid_from,
        valid_to=certificate.valid_to,
        status=certificate.status,
        is_demo=True,
    )
