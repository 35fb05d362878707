"""使用记录: who looked at my data, when, why, in which act. Read from the log, which every look writes before it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.models import LogEntry
from liangzheng.auditlog.proofs import places_of, receipt_of
from liangzheng.auditlog.receipt import Receipt
from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.read import catalogue
from liangzheng.errors import NotFound
from liangzheng.licences.models import Licence
from liangzheng.people.models import Agency
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting

ACTIONS = {
    "scan": "扫码核验",
    "prefill": "填入检查笔录",
    "reveal": "查看完整信息",
    "keep_exhibit": "存档为证据",
    "photo_compared": "核对照片",
    "read_photo": "查看照片",
    "read_scan": "再次查看核验结果",
    "read_record": "查看检查笔录",
    "write_record": "写入检查笔录文书",
    "read_exhibit": "打开存档证据",
    "offline_finding": "离线核验后联网复核，结果不同",
}
LATEST = 200


@dataclass(frozen=True, slots=True)
class Use:
    """One look at my data."""

    id: UUID
    at: datetime
    action: str
    action_label: str
    agency: str
    officer_certificate_number: str
    act_code: str
    purpose: str
    legal_basis: str
    licence_type_label: str
    fields: tuple[str, ...]
    result: str
    log_index: int | None


def uses_of(actor: Actor) -> list[Use]:
    """List the newest looks at this holder's data, own showing of codes left out."""
    with acting(actor.scope):
        entries = list(LogEntry.objects.filter(holder=actor.holder, action__in=ACTIONS).order_by("-id")[:LATEST])
        agencies = dict(Agency.objects.filter(pk__in={entry.agency_id for entry in entries}).values_list("pk", "name"))
        licences = {licence.pk: licence for licence in Licence.objects.filter(holder=actor.holder)}
        places = places_of([entry.pk for entry in entries])
    return [_use(entry, agencies, licences, places.get(entry.pk)) for entry in entries]


def receipt_of_use(actor: Actor, use: UUID) -> Receipt:
    """Give the receipt of one look at this holder's data. NotFound for the looks of others."""
    with acting(actor.scope):
        entry = LogEntry.objects.filter(pk=use, holder=actor.holder, action__in=ACTIONS).first()
        if entry is None:
            raise NotFound("use_not_found", "没有这条使用记录。")
        return receipt_of(entry)


def _use(entry: LogEntry, agencies: Mapping[UUID, str], licences: Mapping[UUID, Licence], log_index: int | None) -> Use:
    licence = licences.get(entry.subject) if entry.subject else None
    licence_type = next((item for item in catalogue().licence_types if licence and item.code == licence.type_code), None)
    return Use(
        id=entry.pk,
        at=entry.at,
        action=entry.action,
        action_label=ACTIONS[entry.action],
        agency=agencies.get(entry.agency_id, "") if entry.agency_id else "",
        officer_certificate_number=entry.actor_number,
        act_code=entry.act_code,
        purpose=entry.purpose,
        legal_basis=entry.legal_basis,
        licence_type_label=licence.type_name if licence else "",
        fields=tuple(_label(licence_type, name) for name in entry.fields),
        result=entry.result,
        log_index=log_index,
    )


def _label(licence_type: LicenceType | None, name: str) -> str:
    try:
        return catalogue().field(licence_type, name).label if licence_type else name
    except KeyError:
        return name
