"""Puts the demo city into the database. A second call changes no row; it only signs the trust material anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from dev.city import people
from dev.city.authority import open_authority, write_trust
from dev.city.build import City, Officer, build_city
from dev.city.licences import Licence as CityLicence
from liangzheng.catalogue.usable import load_types
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.status_list import Status
from liangzheng.holders.models import Delegation, Holder
from liangzheng.licences.models import Licence
from liangzheng.licences.status import StatusNews, change_status, enter_licence
from liangzheng.people.certificates import SHANGHAI
from liangzheng.people.models import Agency, EnforcementCertificate, OutsideIdentity, PostGrant, Region, User
from liangzheng.people.models import Officer as OfficerRow
from liangzheng.people.outside import subject_index
from liangzheng.storage.columns import index_value
from liangzheng.storage.keystore import credential_key, platform_key
from liangzheng.storage.objects import keep_object
from liangzheng.storage.tenancy import Scope, acting

SOURCE = Scope(is_source=True)


def load_city(folder: Path) -> bool:
    """Load the city into an empty database, or refresh its trust material; True when it was loaded now."""
    now = timezone.now()
    if Agency.objects.filter(is_demo=True).exists():
        _refresh_trust(folder, now)
        return False
    city = build_city(folder, now, _code_keys())
    write_sandbox(folder / "sandbox", city)
    objects = {key: keep_object(path.read_bytes()) for key, path in {**city.files, **city.photos}.items()}
    with acting(SOURCE):
        load_types(is_demo=True)
        Region.objects.get_or_create(code=city.region, defaults={"name": city.region_name})
        agencies = _agencies(city)
        holders = _holders(city, objects)
        _licences(city, holders, objects, now)
    for officer in city.officers:
        agency = agencies[officer.agency]
        with acting(Scope(agency=agency.pk, region=agency.region_id)):
            _officer(officer, agency, objects[officer.holder], city.password)
    _staff(agencies, city.password, now)
    _link_identities(now)
    return True


def write_sandbox(folder: Path, city: City) -> None:
    """Write down whom the sandbox of the other systems knows: everybody of the city who has licences."""
    held: dict[str, list[str]] = {}
    for licence in city.licences:
        held.setdefault(licence.holder.key, []).append(licence.identifier)
    rows = [
        {"key": one.key, "kind": one.kind, "name": one.name, "code": one.code, "licences": held[one.key]}
        for one in city.holders
        if one.key in held
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "holders.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    names = {subject_of(one.username): one.name for one in city.officers}
    names |= {subject_of(one.username): one.name for one in city.holders if one.username}
    stranger = {subject_of("stranger"): "未关联账号的人（演示）"}
    (folder / "people.json").write_text(json.dumps(names | stranger, ensure_ascii=False), encoding="utf-8")


def subject_of(username: str) -> str:
    """Who somebody is at the sandbox's sign-in provider; unlike his log-in here, as in life."""
    return f"SBX-{username}-0001"


def _link_identities(now: datetime) -> None:
    """The demo's administrator has linked everybody already."""
    for user in User.objects.filter(is_demo=True):
        OutsideIdentity.objects.create(
            user=user, provider="sandbox", subject_index=subject_index("sandbox", subject_of(user.username)), linked_at=now
        )


def _refresh_trust(folder: Path, now: datetime) -> None:
    with acting(SOURCE):
        rows = Licence.objects.exclude(status_index=None).values_list("status_index", "status")
        statuses = {index: Status(status) for index, status in rows if index is not None}
    write_trust(folder / "trust", open_authority(folder / "keys", people.authorities(), now), statuses, now, _code_keys())


def _code_keys() -> Mapping[str, SM2PublicKey]:
    return {"亮证平台在线码签发（演示）": platform_key().public_key, "亮证平台离线凭证签发（演示）": credential_key().public_key}


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


def _staff(agencies: Mapping[str, Agency], password: str, now: datetime) -> None:
    bureau = people.bureau()
    names = ("name", "uscc", "sector", "sector_label", "supervision_phone")
    row = Agency.objects.create(region_id=bureau.region, is_demo=True, **{name: getattr(bureau, name) for name in names})
    every = {**agencies, bureau.key: row}
    for one in people.staff():
        values = {"name": one.name, "role": one.role, "agency": every[one.agency], "is_demo": True}
        user = User.objects.create_user(one.username, password, **values)
        PostGrant.objects.create(user=user, post=one.post, reason="演示城市", proposed_at=now, approved_at=now)


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


def _licences(city: City, holders: Mapping[str, Holder], objects: Mapping[str, str], now: datetime) -> None:
    """Every licence was issued valid; how it ended is news that came later."""
    rows: dict[str, Licence] = {}
    for licence in sorted(city.licences, key=lambda item: item.supersedes is not None):
        rows[licence.key] = row = _licence(licence, holders[licence.holder.key], objects[licence.key], rows)
        enter_licence(row, now)
        if licence.status != "valid":
            since = datetime.combine(licence.status_on, time(), SHANGHAI)
            change_status(row, StatusNews(licence.status, licence.source_status, since, licence.status_note), now)


def _licence(licence: CityLicence, holder: Holder, file: str, rows: Mapping[str, Licence]) -> Licence:
    return Licence(
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
        status="valid",
        source_status="有效",
        status_at=datetime.combine(licence.issued_on, time(), SHANGHAI),
        status_index=licence.status_index,
        region=licence.region,
        supersedes=rows[licence.supersedes] if licence.supersedes else None,
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
