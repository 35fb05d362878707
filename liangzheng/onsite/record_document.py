"""现场检查笔录 as a document: gathers the act, its record, verdicts and exhibits; `cases.documents` writes the PDF."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import lock_act, require_open
from liangzheng.cases.documents import (
    InspectionRecord,
    PartySigning,
    RecordCheck,
    RecordComparison,
    RecordExhibit,
    RecordGroup,
    RecordLine,
    RecordOfficer,
    party_rights,
    write_inspection_record,
)
from liangzheng.cases.form import FieldState, group_label
from liangzheng.cases.models import Act, Document, PhysicalLicence
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.crypto.digests import sm3
from liangzheng.onsite.act_view import ActFile, read_act_file
from liangzheng.onsite.auto import auto_values, in_china, shown_in_words
from liangzheng.onsite.checklist import checklist
from liangzheng.onsite.trail import trail_of
from liangzheng.people.sessions import Actor
from liangzheng.storage.objects import keep_object
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan
from liangzheng.verification.words import words

TITLE = "现场检查笔录"
KINDS = {"edited": "执法人员修改，理由：{}", "typed": "执法人员现场填写", "asked": "当事人口述，执法人员记录"}
RESULTS = {"pass": "一致", "fail": "不一致", "unknown": "未能核对", "not_applicable": "不适用"}
TICKS = {"missing": "未出示电子证照", "exempt": "依法无需此证", "physical": "查看实体证照并手工登记（未经电子核验）"}


def write_record(actor: Actor, act_id: UUID, key: UUID, now: datetime) -> Document:
    """Write the next version of the record; the same request key gives the document it wrote before."""
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        there = Document.objects.filter(request_key=key, act=act).first()
        if there is not None:
            return there
        require_open(act, now)
        act.recorded_at = now
        act.save(update_fields=["recorded_at"])
        version = act.documents.count() + 1
        file = read_act_file(act)
        pdf = write_inspection_record(gather_record(file, version, now))
        document = Document.objects.create(
            act=act,
            agency_id=act.agency_id,
            region=act.region,
            title=TITLE,
            number=f"{act.act_code}-BL{version:02d}",
            version=version,
            object=keep_object(pdf),
            sm3=sm3(pdf).hex(),
            by=actor.user,
            at=now,
            request_key=key,
        )
        log_for_holders(actor, file, "write_record", document.pk, now)
        return document


def log_for_holders(actor: Actor, file: ActFile, action: str, subject: UUID, now: datetime) -> None:
    """Log a reading or writing of the whole record once for every holder whose data stands in it."""
    named = {scan.holder for scan in file.scans if scan.holder and scan.counted_standing == "valid"}
    holders: list[UUID | None] = [*sorted(named)] or [None]
    trail = trail_of(actor, file.act)
    append([trail.event(action, now, subject=("document", subject), holder=holder) for holder in holders])


def gather_record(file: ActFile, version: int, now: datetime) -> InspectionRecord:
    """Gather everything the document says."""
    act = file.act
    return InspectionRecord(
        agency=act.agency.name,
        number=f"{act.act_code}-BL{version:02d}",
        version=version,
        act_code=act.act_code,
        subject=subjects()[act.subject].label,
        place=act.place,
        legal_basis=auto_values(act)["legal_basis"],
        started_at=act.opened_at,
        ended_at=act.recorded_at,
        created_at=now,
        officers=_officers(act),
        groups=_groups(file),
        checks=_checks(file),
        comparisons=tuple(
            RecordComparison(item.label, RESULTS[item.result])
            for item in checklist(act, file.counting, file.licences).cross_checks
        ),
        exhibits=tuple(
            RecordExhibit(f"证{exhibit.number}", exhibit.title, exhibit.sm3, exhibit.sha256)
            for exhibit in act.exhibits.order_by("number")
        ),
        rights=party_rights(),
        party=_party(file),
        is_demo=act.agency.is_demo,
    )


def _officers(act: Act) -> tuple[RecordOfficer, ...]:
    rows = act.officers.select_related("officer__user", "agency", "certificate").order_by("id")
    return tuple(
        RecordOfficer(row.officer.user.name, row.agency.name, row.certificate.number, shown_in_words(row)) for row in rows
    )


def _groups(file: ActFile) -> tuple[RecordGroup, ...]:
    written = [state for state in file.states if state.field.group != "basics" and (state.value or state.field.required)]
    by_group = groupby(written, key=lambda state: state.field.group)
    return tuple(RecordGroup(group_label(name), tuple(_line(state) for state in states)) for name, states in by_group)


def _line(state: FieldState) -> RecordLine:
    value = state.value
    if value is None:
        return RecordLine(state.field.label, "")
    if value.kind == "filled":
        licence_type = next((item for item in catalogue().licence_types if item.id == value.licence_type), None)
        name = licence_type.name if licence_type else ""
        return RecordLine(state.field.label, value.value, f"取自电子证照《{name}》，{in_china(value.at)}联机核验有效")
    return RecordLine(state.field.label, value.value, KINDS[value.kind].format(value.reason or ""))


def _checks(file: ActFile) -> tuple[RecordCheck, ...]:
    lines = [_scan_check(scan, file) for scan in file.scans if scan.licence]
    ticks = checklist(file.act, file.counting, file.licences).ticks
    physical = {row.requirement: row for row in file.act.physical_licences.order_by("id")}
    for tick in ticks:
        if tick.state == "physical":
            lines.append(_physical_check(tick.requirement.label, physical[tick.requirement.id]))
        elif tick.state in TICKS:
            lines.append(RecordCheck(tick.requirement.label, "", TICKS[tick.state], None, tick.basis))
    return tuple(lines)


def _physical_check(label: str, row: PhysicalLicence) -> RecordCheck:
    until = f"有效期至{row.unverified_valid_to.isoformat()}" if row.unverified_valid_to else ""
    remark = "；".join(part for part in (f"证号{row.unverified_number}", until, row.note) if part)
    return RecordCheck(label, row.unverified_holder_name, TICKS["physical"], row.at, remark)


def _scan_check(scan: Scan, file: ActFile) -> RecordCheck:
    licence = file.licences[scan.licence] if scan.licence else None
    table = words()
    counted = scan.counted_standing
    reasons = [table[reason]["zh"] for reason in scan.counted_verdict["reasons"] if reason in table]
    if scan.photo_match is False:
        reasons.append("现场人员与证照照片不一致")
    word = table["standing"][counted]["zh"] if counted != "invalid" or not reasons else reasons[0]
    if scan.server_standing:
        reasons.append(f"现场无网络，当时离线结论：{table['standing'][scan.standing]['zh']}；联网后复核")
    if scan.pk in file.undone:
        reasons.append("执法人员已撤回此次扫码，不作为依据")
    return RecordCheck(
        label=licence.type_name if licence else "",
        holder=licence.holder.name if licence else "",
        standing=word,
        as_of=scan.at,
        remark="；".join(reason for reason in reasons if reason != word),
    )


def _party(file: ActFile) -> PartySigning:
    values = {state.field.name: state.value.value for state in file.states if state.value}
    return PartySigning(name=values.get("person_name") or values.get("operator_name", ""), capacity=values.get("person_role", ""))
