"""Open an inspection act with two officers, find it again, and say whether it may go on (R01–R03)."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models.expressions import RawSQL

from liangzheng.cases.models import Act, ActOfficer
from liangzheng.catalogue.read import subjects
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.people.certificates import certificate_standing, current_certificate, selectable, today_in_china
from liangzheng.people.models import Agency, EnforcementCertificate, Officer
from liangzheng.rules.evaluate import OfficerShown, RuleHit, judge_opening

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFUSALS = {
    "auxiliary_not_counted": "执法辅助人员不能作为执法人员参加检查。",
    "certificate_expired": "执法证件已过期，不能参加检查。",
    "certificate_suspended": "执法证件已暂扣，不能参加检查。",
    "certificate_not_valid": "没有有效的执法证件，不能参加检查。",
    "delegation_not_valid": "所在单位没有有效的执法委托，不能实施检查。",
}
OUT_OF_SCOPE = "out_of_scope"
_ASSIGNMENT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]{0,60}")
"""A document number: up to 60 characters, none of them invisible."""


@dataclass(frozen=True, slots=True)
class NewAct:
    """What the officer enters. `asks` are the subject's questions by name; `assignment_number` as in the act."""

    subject: str
    place: str
    asks: dict[str, str]
    second_officer: UUID
    request_key: UUID
    assignment_number: str = ""


def open_act(first: UUID, new: NewAct, now: datetime) -> Act:
    """Open an act; the same request key gives the act it opened before."""
    again = Act.objects.filter(opened_by=first, request_key=new.request_key).first()
    if again is not None:
        return again
    if new.second_officer == first:
        raise Refused("same_officer_twice", "第二名执法人员不能是本人：行政检查不得少于两名执法人员。", rule="R01")
    assignment = new.assignment_number.strip()
    if not _ASSIGNMENT.fullmatch(assignment):
        raise Malformed("invalid_input", "文书编号最长 60 个字，不能含有看不见的字符。", place="assignment_number")
    officers = [_officer_for_act(officer, now) for officer in (first, new.second_officer)]
    agency = officers[0][0].agency
    if not assignment:
        _refuse_out_of_scope([certificate for _, certificate in officers], agency.region_id, new.subject)
    act = Act.objects.create(
        act_code=_act_code(agency, now),
        agency=agency,
        region=agency.region_id,
        subject=new.subject,
        place=new.place,
        asks=json.dumps(new.asks, ensure_ascii=False),
        opened_by=officers[0][0],
        opened_at=now,
        request_key=new.request_key,
        assignment_number=assignment,
    )
    for officer, certificate in officers:
        ActOfficer.objects.create(
            act=act,
            officer=officer,
            certificate=certificate,
            agency=agency,
            region=act.region,
            match_number=f"{secrets.randbelow(10_000):04d}",
        )
    return act


def _officer_for_act(officer_id: UUID, now: datetime) -> tuple[Officer, EnforcementCertificate]:
    officer = Officer.objects.select_related("agency").filter(pk=officer_id).first()
    if officer is None:
        raise Refused("second_officer_missing", "找不到第二名执法人员。", rule="R01")
    code = selectable(officer, now)
    certificate = current_certificate(officer)
    if code or certificate is None:
        rule = "R03" if code == "auxiliary_not_counted" else "R01"
        raise Refused(
            code or "certificate_not_valid", REFUSALS[code or "certificate_not_valid"], rule=rule, officer=str(officer_id)
        )
    return officer, certificate


def _refuse_out_of_scope(certificates: list[EnforcementCertificate], region: str, subject: str) -> None:
    for certificate in certificates:
        if not (is_in_area(certificate, region) and is_in_field(certificate, subject)):
            message = "本次检查超出执法证载明的区域或者类别；属于联合执法或者指派的，请填写文书编号。"
            raise Refused("certificate_out_of_scope", message, rule="R38", officer=str(certificate.officer_id))


def is_in_area(certificate: EnforcementCertificate, region: str) -> bool:
    """Say whether the certificate's area covers the region.

    GB/T 2260 codes: two digits each for province, city and county; trailing pairs of zeros stand for the whole of it.
    """
    return region.startswith(re.sub(r"(?:00)+$", "", certificate.area_code))


def is_in_field(certificate: EnforcementCertificate, subject: str) -> bool:
    """Say whether the certificate names the field the subject of the inspection belongs to."""
    labels = Agency.objects.filter(sector=subjects()[subject].sector).values_list("sector_label", flat=True)
    return bool(set(labels) & set(certificate.fields))


def standing_in_act(row: ActOfficer, now: datetime) -> str:
    """Give the certificate's standing, or `out_of_scope` when it is valid but not for this act and no document says otherwise."""
    standing, act = certificate_standing(row.certificate, now), row.act
    covers = is_in_area(row.certificate, act.region) and is_in_field(row.certificate, act.subject)
    return OUT_OF_SCOPE if standing == "valid" and not covers and not act.assignment_number else standing


def _act_code(agency: Agency, now: datetime) -> str:
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{agency.region_id}-{today_in_china(now):%Y%m%d}-{tail}"


def find_act(act_id: UUID, officer: UUID) -> Act:
    """Find an act this officer takes part in; another one's act does not exist for him.

    From here on the transaction is at work in this act: row-level security shows holders and licences to officers only then.
    """
    entered = RawSQL("set_config('app.act', cases_act.id::text, true)", [])
    act = Act.objects.annotate(entered=entered).select_related("agency").filter(pk=act_id, officers__officer=officer).first()
    if act is None:
        raise NotFound("act_not_found", "没有这次检查，或者您不是参加人员。")
    return act


def lock_act(act_id: UUID, officer: UUID) -> Act:
    """Find the act and hold it until the transaction ends, so that two phones do not number the same thing twice."""
    find_act(act_id, officer)
    return Act.objects.select_for_update(of=("self",)).select_related("agency").get(pk=act_id)


def asks_of(act: Act) -> dict[str, str]:
    """Give what was asked at the opening."""
    asks: dict[str, str] = json.loads(act.asks or "{}")  # emptied when its term was over
    return asks


def rule_hits(act: Act, now: datetime) -> tuple[RuleHit, ...]:
    """Judge the officers of the act by the rules of opening; the certificates are judged as of now."""
    rows = act.officers.select_related("certificate", "officer", "agency").order_by("id")
    return judge_opening([_shown(row, act, now) for row in rows], is_assigned=bool(act.assignment_number))


def _shown(row: ActOfficer, act: Act, now: datetime) -> OfficerShown:
    certificate = row.certificate
    return OfficerShown(
        officer_id=str(row.officer_id),
        certificate_number=certificate.number,
        kind="auxiliary" if row.officer.is_auxiliary else "officer",
        certificate_standing=certificate_standing(certificate, now),
        in_area=is_in_area(certificate, act.region),
        in_field=is_in_field(certificate, act.subject),
        shown_at=row.shown_at,
        acknowledged_at=row.acknowledged_at,
        declined_at=row.declined_at,
    )


def require_open(act: Act, now: datetime) -> None:
    """Refuse to go on before two valid officers have shown their certificates; the answer names the articles."""
    blocking = [hit for hit in rule_hits(act, now) if hit.level == "block"]
    if blocking:
        raise Refused(
            "officers_not_shown",
            blocking[0].message_zh,
            blocked=[{"rule": hit.rule, "article": hit.article, "message": hit.message_zh} for hit in blocking],
        )
