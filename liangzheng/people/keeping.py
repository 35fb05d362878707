"""Keep certificates and delegations of power: suspend, resume, cancel, check for the year; enter and revoke (R04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotAllowed, NotFound, Refused
from liangzheng.people.checks import LONGEST_DELEGATION_YEARS
from liangzheng.people.models import Agency, CertificateEvent, EnforcementCertificate, PowerDelegation
from liangzheng.people.posts import require_post
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting

_LONGEST_REASON = 200  # characters
_NEXT = {"suspend": ("valid", "suspended"), "resume": ("suspended", "valid"), "cancel": ("", "cancelled")}
_YEAR = 366  # days


def decide(actor: Actor, number: str, kind: str, reason: str, now: datetime) -> EnforcementCertificate:
    """Suspend, resume or cancel a certificate of the own agency; a cancelled one stays cancelled."""
    before, after = _NEXT[kind]
    with acting(actor.scope):
        row = _certificate(actor, number, reason)
        if row.status == after:
            return row
        if row.status == "cancelled" or (before and row.status != before):
            raise Refused("certificate_state", "执法证的现状不允许这样办理。", standing=row.status)
        row.status = after
        row.save(update_fields=["status"])
        _record(actor, row, kind, reason, now)
        return row


def check_for_year(actor: Actor, number: str, through: date, reason: str, now: datetime) -> EnforcementCertificate:
    """Enter that a certificate passed its yearly check (年审), covering days up to `through`, a year at most."""
    with acting(actor.scope):
        row = _certificate(actor, number, reason)
        days = (through - now.date()).days
        if not 0 <= days <= _YEAR or through > row.valid_to or row.status == "cancelled":
            raise Refused("certificate_state", "年审有效期应在今天起一年以内，且不超过证件有效期。", standing=row.status)
        row.checked_through = through
        row.save(update_fields=["checked_through"])
        _record(actor, row, "annual_check", reason, now, through)
        return row


def _certificate(actor: Actor, number: str, reason: str) -> EnforcementCertificate:
    require_post(actor, "data_admin")
    if not reason.strip():
        raise Malformed("reason_required", "须写明依据。", place="reason")
    row = EnforcementCertificate.objects.select_for_update(of=("self",)).filter(number=number, agency=actor.agency).first()
    if row is None:
        raise NotFound("certificate_not_found", "没有这个执法证，或者不归您管理。")
    if row.officer_id == actor.user:
        raise Refused("own_account", "不能办理本人的执法证，请由另一名管理员办理。")
    return row


def _record(
    actor: Actor, row: EnforcementCertificate, kind: str, reason: str, now: datetime, through: date | None = None
) -> None:
    CertificateEvent.objects.create(
        certificate=row,
        agency_id=row.agency_id,
        region=row.region,
        kind=kind,
        reason=reason.strip()[:_LONGEST_REASON],
        decided_by=actor.user,
        decided_at=now,
        checked_through=through,
    )
    append([_event(actor, f"certificate_{kind}", "certificate", row.pk, now)])


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """A written delegation as published. `delegate`: credit code of the organisation; whole days."""

    delegate: str
    powers: list[str]
    matters: list[str]
    area_code: str
    document_number: str
    published_at: str
    valid_from: date
    valid_to: date


def delegate_power(actor: Actor, new: NewDelegation, now: datetime) -> PowerDelegation:
    """Enter a delegation of the own agency. Refused: coercion, no matter, no end, an area beyond one's own."""
    require_post(actor, "legal_reviewer")
    if "coercion" in new.powers:
        raise Refused("coercion_not_delegable", "行政强制措施权不得委托。", rule="R04")
    agency = Agency.objects.get(pk=actor.agency) if actor.agency else None
    if agency is None:
        raise NotAllowed("post_needed", "只有执法机关的人员可以登记委托。")
    found = Agency.objects.filter(uscc=new.delegate, basis="delegated").exclude(pk=agency.pk).first()
    if found is None:
        raise NotFound("delegate_not_found", "没有这个受委托组织。")
    _check_delegation(new, agency)
    with acting(actor.scope):
        row = PowerDelegation.objects.create(
            agency=agency,
            region=actor.region,
            delegate=found,
            powers=new.powers,
            matters=[matter.strip() for matter in new.matters],
            sector=agency.sector,
            area_code=new.area_code,
            document_number=new.document_number.strip(),
            published_at=new.published_at,
            valid_from=new.valid_from,
            valid_to=new.valid_to,
            entered_by=actor.user,
        )
        append([_event(actor, "delegate_power", "delegation", row.pk, now)])
        return row


def _check_delegation(new: NewDelegation, agency: Agency) -> None:
    days = (new.valid_to - new.valid_from).days
    is_term = 0 <= days <= LONGEST_DELEGATION_YEARS * _YEAR
    is_written = bool(new.document_number.strip()) and new.published_at.startswith(("https://", "http://"))
    is_scope = bool(new.powers) and set(new.powers) <= {"inspection", "penalty"} and all(one.strip() for one in new.matters)
    if not (is_term and is_written and is_scope and new.matters):
        raise Refused("delegation_incomplete", "委托须有书面文号、公布地址、权限、事项和期限。", rule="R04")
    area = agency.region_id.rstrip("0")
    if not new.area_code.startswith(area):
        raise Refused("delegation_incomplete", "委托的区域不能超出本机关的区域。", rule="R04")


def revoke_power(actor: Actor, delegation: UUID, now: datetime) -> PowerDelegation:
    """Revoke a delegation of the own agency; a second time changes nothing."""
    require_post(actor, "legal_reviewer")
    with acting(actor.scope):
        row = PowerDelegation.objects.select_for_update(of=("self",)).filter(pk=delegation, agency=actor.agency).first()
        if row is None:
            raise NotFound("delegation_not_found", "没有这项委托，或者不归您管理。")
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            append([_event(actor, "revoke_power", "delegation", row.pk, now)])
        return row


def _event(actor: Actor, action: str, kind: str, subject: UUID, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind=kind,
        subject=subject,
        agency=actor.agency,
        region=actor.region,
        purpose="证件与委托管理",
    )
