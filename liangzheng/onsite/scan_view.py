"""One scan as the officer sees it: the verdict, and of the licence only the fields the purpose allows, identifiers masked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import find_act
from liangzheng.cases.form import fields_for
from liangzheng.cases.models import Act, RecordValue
from liangzheng.catalogue.field_sets import field_names, field_set
from liangzheng.catalogue.licence_types import FaceField, LicenceType, Mask
from liangzheng.catalogue.masks import masked
from liangzheng.catalogue.usable import usable_type
from liangzheng.errors import Malformed, NotFound
from liangzheng.evidence.models import Exhibit
from liangzheng.licences.models import Licence
from liangzheng.onsite import shapes
from liangzheng.onsite.prefill import licence_values
from liangzheng.onsite.scan import find_scan, scans_beside
from liangzheng.onsite.trail import trail_of
from liangzheng.onsite.undone import undone_scans
from liangzheng.people.certificates import today_in_china
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan

# The officer compares the name with the person in front of him, so it is shown; identifiers are not needed for that.
HIDDEN = frozenset({"id", "phone", "address"})
OFFICER = "officer"
"""The role these answers are made for; auxiliaries stand in no act."""


def read_scan(actor: Actor, act_id: UUID, scan_id: UUID, now: datetime, *, first: bool) -> shapes.ScanOut:
    """Describe a scan. The first look is logged by the scan itself, every later one here."""
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        scan = find_scan(scan_id, act)
        licence, licence_type = licence_behind(scan)
        if licence is not None and not first:
            fields = field_names(licence_type, "inspection", actor.role) if licence_type else ()
            event = trail_of(actor, act).event(
                "read_scan", now, subject=("licence", licence.pk), holder=scan.holder, fields=fields, result=scan.standing
            )
            append([event])
        return _describe(act, scan, licence, licence_type)


def licence_behind(scan: Scan) -> tuple[Licence | None, LicenceType | None]:
    """Give the licence a scan opened, with its type as listed on the day of the scan."""
    licence = Licence.objects.select_related("holder").filter(pk=scan.licence).first() if scan.licence else None
    return licence, usable_type(licence.type_code, today_in_china(scan.at)) if licence else None


def _describe(act: Act, scan: Scan, licence: Licence | None, licence_type: LicenceType | None) -> shapes.ScanOut:
    filled = set(RecordValue.objects.filter(act=act, scan=scan.pk, kind="filled").values_list("field", flat=True))
    exhibit = Exhibit.objects.filter(act=act, licence=scan.licence).first() if scan.licence else None
    return shapes.ScanOut(
        id=scan.pk,
        act_id=act.pk,
        at=scan.at,
        method=scan.method,
        verdict=shapes.VerdictOut(**scan.verdict),
        licence=_licence(act, scan, licence, licence_type) if licence else None,
        fills=[field.label for field in fields_for(act.subject) if field.name in filled],
        exhibit_id=exhibit.pk if exhibit else None,
        photo_match=scan.photo_match,
        server_verdict=shapes.VerdictOut(**scan.server_verdict) if scan.server_verdict else None,
        undone=scan.pk in undone_scans(act.pk),
        also=scans_beside(scan),
        purpose=scan.purpose,
        legal_basis=scan.legal_basis,
    )


def _licence(act: Act, scan: Scan, licence: Licence, licence_type: LicenceType | None) -> shapes.LicenceOut:
    is_person = licence.holder.kind == "person"
    hide: Mask = "id" if is_person else "none"
    return shapes.LicenceOut(
        id=licence.pk,
        type_code=licence.type_code,
        type_label=licence.type_name,
        number_masked=masked(licence.number, hide if licence.number == licence.holder.code else "none"),
        holder_name=licence.holder.name,
        holder_code_masked=masked(licence.holder.code, hide),
        photo_url=f"/api/v1/acts/{act.pk}/scans/{scan.pk}/photo" if licence.holder.photo else None,
        issuing_authority=licence.issuing_authority,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        status_on=today_in_china(licence.status_at) if licence.status_at and licence.status != "valid" else None,
        status_note=licence.status_note if licence.status != "valid" else "",
        fields=_fields(licence, licence_type) if licence_type else [],
        algorithm="SM2",
        is_demo=licence.is_demo,
    )


def _fields(licence: Licence, licence_type: LicenceType) -> list[shapes.FaceFieldOut]:
    values = licence_values(licence)
    allowed = field_set(licence_type, "inspection", OFFICER)
    return [_field(field, values[field.name], licence) for field in allowed if values.get(field.name)]


def _field(field: FaceField, value: str, licence: Licence) -> shapes.FaceFieldOut:
    is_hidden = _is_hidden(field, value, licence)
    return shapes.FaceFieldOut(
        name=field.name, label=field.label, value=masked(value, _mask(field)) if is_hidden else value, masked=is_hidden
    )


def _mask(field: FaceField) -> Mask:
    return field.mask if field.mask in HIDDEN else "id"


def _is_hidden(field: FaceField, value: str, licence: Licence) -> bool:
    """An organisation's code is public; a licence number that is a citizen number is not, whatever its field says."""
    if licence.holder.kind != "person":
        return False
    return (field.personal and field.mask in HIDDEN) or value == licence.holder.code


def reveal(actor: Actor, act_id: UUID, scan_id: UUID, name: str, reason: str, now: datetime) -> str:
    """Give one full value, for a reason, logged before it is shown."""
    if not reason.strip():
        raise Malformed("reason_required", "查看完整信息须写明理由。", field=name)
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        scan = find_scan(scan_id, act)
        licence, licence_type = licence_behind(scan)
        if licence is None or licence_type is None or name not in field_names(licence_type, "inspection", actor.role):
            raise NotFound("value_unknown_field", "本次检查不能查看这一项。")
        event = trail_of(actor, act).event(
            "reveal", now, subject=("licence", licence.pk), holder=scan.holder, fields=(name,), result=reason.strip()[:200]
        )
        append([event])
        return licence_values(licence)[name]


def photo_of(actor: Actor, act_id: UUID, scan_id: UUID, now: datetime) -> str:
    """Give the digest of the holder's picture, logged."""
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        scan = find_scan(scan_id, act)
        licence, _ = licence_behind(scan)
        if licence is None or not licence.holder.photo:
            raise NotFound("photo_not_found", "没有照片。")
        append([trail_of(actor, act).event("read_photo", now, subject=("licence", licence.pk), holder=scan.holder)])
        return licence.holder.photo
