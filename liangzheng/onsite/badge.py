"""亮证执法: an officer shows his certificate for an act; the party opens it with any camera, or declines.

Only the officer's own session makes his code, so a borrowed phone shows its own owner. The code is bound to the act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.cases.acts import REFUSALS, find_act, standing_in_act
from liangzheng.cases.models import ActOfficer
from liangzheng.codes.issue import FreshCode, issue_badge_code
from liangzheng.codes.models import IssuedCode
from liangzheng.codes.signed import MalformedCode, read_badge_token
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.people.certificates import selectable
from liangzheng.people.sessions import Actor
from liangzheng.storage.keystore import platform_key
from liangzheng.storage.tenancy import Scope, acting


@dataclass(frozen=True, slots=True)
class Badge:
    """A fresh badge code and the row it belongs to."""

    code: FreshCode
    row: ActOfficer


@dataclass(frozen=True, slots=True)
class OpenedBadge:
    """What the party's page shows. `state`: valid, or the certificate's standing that forbids relying on it."""

    state: str
    row: ActOfficer


def _row(act_id: UUID, officer: UUID) -> ActOfficer:
    row = ActOfficer.objects.select_related("act", "officer__user", "certificate__agency", "agency").filter(
        act=act_id, officer=officer
    )
    found = row.first()
    if found is None:
        raise NotFound("act_not_found", "没有这次检查，或者您不是参加人员。")
    return found


def badge_event(row: ActOfficer, action: str, actor_kind: str, actor: UUID | None, now: datetime, result: str = "") -> Event:
    """Describe what happened to an officer's certificate in an act, for the log."""
    return Event(
        at=now,
        actor_kind=actor_kind,
        actor=actor,
        action=action,
        subject_kind="enforcement_certificate",
        subject=row.certificate_id,
        act=row.act_id,
        agency=row.agency_id,
        region=row.region,
        purpose="亮证执法",
        result=result,
    )


def show_badge(actor: Actor, act_id: UUID, now: datetime) -> Badge:
    """Make the signed-in officer's badge code for the act and note that he has shown his certificate."""
    with acting(actor.scope):
        row = _row(act_id, actor.user)
        refusal = selectable(row.officer, now)
        if refusal:
            raise Refused(refusal, REFUSALS[refusal], rule="R01")
        code = issue_badge_code(row.act_id, actor.user, row.agency_id, row.region, now)
        if row.shown_at is None:
            row.shown_at = now
            row.save(update_fields=["shown_at"])
            append([badge_event(row, "show_badge", "officer", actor.user, now)])
        return Badge(code, row)


def _issued(token: str, now: datetime) -> IssuedCode:
    try:
        code = read_badge_token(token)
    except MalformedCode as error:
        raise Malformed("badge_forged", "二维码不是本系统的执法证件码，请勿相信。") from error
    key = platform_key().public_key
    if not code.is_signed_by({key.key_id: key}):
        raise Malformed("badge_forged", "二维码不是本系统的执法证件码，请勿相信。")
    if now > code.expires_at:
        raise Refused("badge_expired", "二维码已过期，请让执法人员出示刷新后的二维码。")
    issued = IssuedCode.objects.filter(pk=code.code_id, kind="badge").first()
    if issued is None or issued.act is None or issued.officer is None:
        raise Refused("badge_expired", "二维码已过期，请让执法人员出示刷新后的二维码。")
    return issued


def open_badge(token: str, now: datetime) -> OpenedBadge:
    """Open a badge code as the party, without log-in; noting that it was opened is the party's acknowledgement (R02)."""
    issued = _issued(token, now)
    with acting(Scope(agency=issued.agency_id, region=issued.region)):
        row = _row(issued.act or issued.pk, issued.officer or issued.pk)
        state = standing_in_act(row, now)
        if row.acknowledged_at is None and state == "valid":
            row.acknowledged_at = now
            row.save(update_fields=["acknowledged_at"])
        append([badge_event(row, "open_badge", "party", None, now, state)])
        return OpenedBadge(state, row)


def badge_picture(token: str, now: datetime) -> str:
    """Give the digest of the officer's picture for a live badge code, without noting anything."""
    issued = _issued(token, now)
    with acting(Scope(agency=issued.agency_id, region=issued.region)):
        return _row(issued.act or issued.pk, issued.officer or issued.pk).officer.photo


def record_declined(actor: Actor, act_id: UUID, officer: UUID, note: str, now: datetime) -> None:
    """Write down that the party would not look at an officer's certificate, which he has shown (R02)."""
    with acting(actor.scope):
        find_act(act_id, actor.user)
        row = _row(act_id, officer)
        if row.shown_at is None:
            raise Refused("officers_not_shown", "该执法人员还没有在自己的手机上出示证件，不能记为当事人拒绝查看。", rule="R02")
        if row.acknowledged_at is None and row.declined_at is None:
            row.declined_at, row.decline_note = now, note
            row.save(update_fields=["declined_at", "decline_note"])
            append([badge_event(row, "badge_declined", "officer", actor.user, now)])
