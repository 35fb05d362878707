"""The act as one answer for the officer's phone: gate, checklist, record, scans, exhibits, documents.

Polled often, so it shows personal values masked; the full record is read with a log entry (`full=True`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.cases.acts import asks_of, rule_hits
from liangzheng.cases.form import FieldState, field_states, group_label
from liangzheng.cases.models import Act, ActOfficer, Document
from liangzheng.catalogue.api import RequirementOut
from liangzheng.catalogue.masks import masked
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.evidence.models import Exhibit
from liangzheng.licences.models import Licence
from liangzheng.onsite import shapes
from liangzheng.onsite.auto import auto_values
from liangzheng.onsite.checklist import checklist
from liangzheng.onsite.late_entry import late_entry_until
from liangzheng.onsite.undone import undone_scans
from liangzheng.people.api import CertificateOut
from liangzheng.people.models import User
from liangzheng.rules.evaluate import RuleHit
from liangzheng.verification.models import Scan


@dataclass(frozen=True, slots=True)
class ActFile:
    """Everything of an act, read once."""

    act: Act
    scans: Sequence[Scan]
    licences: dict[UUID, Licence]
    states: tuple[FieldState, ...]
    undone: frozenset[UUID]

    @property
    def counting(self) -> Sequence[Scan]:
        """The scans nobody has taken back; those that were stay in `scans`."""
        return [scan for scan in self.scans if scan.pk not in self.undone]


def read_act_file(act: Act) -> ActFile:
    """Read the act's scans, the licences behind them and the record's values."""
    scans = list(Scan.objects.filter(act=act.pk).order_by("id"))
    keys = {scan.licence for scan in scans if scan.licence}
    licences = {licence.pk: licence for licence in Licence.objects.select_related("holder").filter(pk__in=keys)}
    undone = undone_scans(act.pk)
    # What came from the licence of somebody else than the person present, or was taken back, does not stand in the record.
    rejected = {scan.pk for scan in scans if scan.photo_match is False} | undone
    values = [value for value in act.values.order_by("id") if value.scan not in rejected]
    return ActFile(act, scans, licences, field_states(act.subject, values), undone)


def state_of(act: Act, *, gate_open: bool) -> str:
    """Give opened, inspecting or recorded."""
    if act.recorded_at:
        return "recorded"
    return "inspecting" if gate_open else "opened"


def describe_act(act: Act, me: UUID, now: datetime, *, full: bool = False) -> shapes.ActOut:
    """Describe the act for one of its officers."""
    file = read_act_file(act)
    hits = rule_hits(act, now)
    blocked = [_hit(hit) for hit in hits if hit.level == "block"]
    listed = checklist(act, file.counting, file.licences)
    return shapes.ActOut(
        **summary(act, gate_open=not blocked).dict(),
        asks=asks_of(act),
        assignment_number=act.assignment_number,
        late_entry_until=late_entry_until(act),
        officers=[
            _officer(row, me)
            for row in act.officers.select_related("officer__user", "certificate__agency", "agency").order_by("id")
        ],
        gate=shapes.GateOut(open=not blocked, blocked=blocked),
        warnings=[_hit(hit) for hit in hits if hit.level == "warn"],
        checklist=[
            shapes.TickOut(
                requirement=RequirementOut(**asdict(tick.requirement)),
                state=tick.state,
                scan_id=tick.scan,
                reason=tick.reason,
                basis=tick.basis,
            )
            for tick in listed.ticks
        ],
        cross_checks=[shapes.CrossCheckOut(**asdict(check)) for check in listed.cross_checks],
        values=record_values(file, full=full),
        scans=[_scan_line(scan, file) for scan in file.scans],
        exhibits=[exhibit_out(exhibit) for exhibit in act.exhibits.order_by("number")],
        documents=[document_out(document) for document in act.documents.order_by("version")],
    )


def summary(act: Act, *, gate_open: bool) -> shapes.ActSummary:
    """Describe an act in one line."""
    return shapes.ActSummary(
        id=act.pk,
        act_code=act.act_code,
        subject=act.subject,
        subject_label=subjects()[act.subject].label,
        place=act.place,
        opened_at=act.opened_at,
        state=state_of(act, gate_open=gate_open),
    )


def _hit(hit: RuleHit) -> shapes.RuleHitOut:
    return shapes.RuleHitOut(
        rule=hit.rule, article=hit.article, text_as_of=hit.text_as_of, message=hit.message_zh, unblock=hit.unblock_zh
    )


def _officer(row: ActOfficer, me: UUID) -> shapes.ActOfficerOut:
    return shapes.ActOfficerOut(
        id=row.officer_id,
        name=row.officer.user.name,
        agency=row.agency.name,
        certificate=CertificateOut.of(row.certificate),
        is_me=row.officer_id == me,
        shown_at=row.shown_at,
        acknowledged_at=row.acknowledged_at,
        declined_at=row.declined_at,
        match_number=row.match_number,
    )


def _scan_line(scan: Scan, file: ActFile) -> shapes.ScanLine:
    licence = file.licences.get(scan.licence) if scan.licence else None
    is_person = licence is not None and licence.holder.kind == "person"
    return shapes.ScanLine(
        id=scan.pk,
        at=scan.at,
        licence_type_label=licence.type_name if licence else "",
        holder_name_masked=masked(licence.holder.name, "name" if is_person else "none") if licence else "",
        standing=scan.standing,
        reasons=scan.verdict["reasons"],
        server_standing=scan.server_standing,
        undone=scan.pk in file.undone,
    )


def record_values(file: ActFile, *, full: bool) -> list[shapes.ValueOut]:
    """Lay out the record's fields; `full` shows personal values unmasked and must be logged by the caller."""
    auto = auto_values(file.act)
    return [_value(state, auto.get(state.field.name, ""), full=full) for state in file.states]


def _value(state: FieldState, auto: str, *, full: bool) -> shapes.ValueOut:
    field, newest = state.field, state.value

    def shown(text: str) -> str:
        return text if full or not field.personal else masked(text, field.mask)

    return shapes.ValueOut(
        field=field.name,
        group=group_label(field.group),
        label=field.label,
        value=shown(newest.value) if newest else auto,
        kind=newest.kind if newest else ("auto" if auto else "empty"),
        source=_source(state),
        previous=shown(state.previous.value) if state.previous and newest and newest.kind == "edited" else None,
        reason=newest.reason or None if newest else None,
        conflict=[
            shapes.ConflictOut(value=shown(value.value), licence_type_label=_type_label(value.licence_type))
            for value in state.conflicts
        ],
        editable=field.editable,
        multiline=field.multiline,
        required=field.required,
        hint=field.hint,
    )


def _source(state: FieldState) -> shapes.SourceOut | None:
    value = state.value
    if value is None or value.kind != "filled" or value.scan is None:
        return None
    return shapes.SourceOut(
        licence_type_label=_type_label(value.licence_type),
        licence_field=_field_label(value.licence_type, value.licence_field),
        scan_id=value.scan,
        standing=value.standing,
        at=value.at,
        mode="online",
    )


def _type_label(type_id: str) -> str:
    return next((item.name for item in catalogue().licence_types if item.id == type_id), "")


def _field_label(type_id: str, name: str) -> str:
    found = next((item for item in catalogue().licence_types if item.id == type_id), None)
    return catalogue().field(found, name).label if found else name


def exhibit_out(exhibit: Exhibit) -> shapes.ExhibitOut:
    """Describe an exhibit."""
    report = json.loads(exhibit.report)
    judged = report.get("scan") or report.get("file") or {}
    return shapes.ExhibitOut(
        id=exhibit.pk,
        number=exhibit.number,
        title=exhibit.title,
        kind=exhibit.kind,
        size=exhibit.size,
        sm3=exhibit.sm3,
        sha256=exhibit.sha256,
        standing=exhibit.standing,
        reasons=judged.get("reasons", []),
        checks=judged.get("checks", []),
        kept_at=exhibit.kept_at,
        kept_by=_name(exhibit.kept_by),
        file_url=f"/api/v1/acts/{exhibit.act_id}/exhibits/{exhibit.pk}/file",
        is_demo=exhibit.is_demo,
    )


def _name(user: UUID) -> str:
    found = User.objects.filter(pk=user).first()
    return found.name if found else ""


def document_out(document: Document) -> shapes.DocumentOut:
    """Describe a document."""
    return shapes.DocumentOut(
        id=document.pk,
        number=document.number,
        version=document.version,
        title=document.title,
        created_at=document.at,
        url=f"/api/v1/acts/{document.act_id}/documents/{document.pk}.pdf",
        sha256=document.object,
        sm3=document.sm3,
    )
