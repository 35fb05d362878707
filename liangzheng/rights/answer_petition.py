"""办理异议、纠错、投诉: the agency sees them by their deadline, forwards and answers them; nobody answers about his own act."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from liangzheng.auditlog.append import append
from liangzheng.cases.models import ActOfficer
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.people.certificates import today_in_china
from liangzheng.people.sessions import Actor
from liangzheng.rights.models import Petition
from liangzheng.rights.petitions import LONGEST_LINE, LONGEST_TEXT, petition_event
from liangzheng.storage.tenancy import acting

OPEN = ("received", "forwarded")
OUTCOMES = {"upheld": "成立", "partly": "部分成立", "rejected": "不成立"}
MOST_LISTED = 200


def my_petitions(actor: Actor) -> list[Petition]:
    """List a holder's own, the newest first."""
    with acting(actor.scope):
        return list(Petition.objects.filter(holder=actor.holder).order_by("-id")[:MOST_LISTED])


def agency_petitions(actor: Actor, *, is_open: bool) -> list[Petition]:
    """List those of the officer's agency, the most urgent first. Their words are read one by one (`read_petition`)."""
    agency = _agency(actor)
    with acting(actor.scope):
        rows: QuerySet[Petition] = Petition.objects.filter(agency_id=agency)
        rows = rows.filter(state__in=OPEN) if is_open else rows.exclude(state__in=OPEN)
        return list(rows.order_by(*(("due_on", "id") if is_open else ("-id",)))[:MOST_LISTED])


def read_petition(actor: Actor, petition: UUID, now: datetime) -> Petition:
    """Read one with its words; logged, and seen by the person concerned."""
    with acting(actor.scope):
        row = _find(actor, petition)
        append([petition_event(row, "petition_read", actor, now)])
        return row


def forward_petition(actor: Actor, petition: UUID, to: str, reference: str, now: datetime) -> Petition:
    """Note that the matter went to the authority that can mend it, and by which letter."""
    with acting(actor.scope):
        row = _answerable(actor, petition)
        if not to.strip() or not reference.strip() or max(len(to), len(reference)) > LONGEST_LINE:
            raise Malformed("petition_unreadable", "请写明转往的机关和文书编号。")
        row.state, row.addressed_to = "forwarded", to.strip()
        row.forwarded_at, row.forward_reference = now, reference.strip()
        row.save(update_fields=["state", "addressed_to", "forwarded_at", "forward_reference"])
        append([petition_event(row, "petition_forwarded", actor, now)])
        return row


def answer_petition(actor: Actor, petition: UUID, outcome: str, answer: str, now: datetime) -> Petition:
    """Answer once, with reasons."""
    with acting(actor.scope):
        row = _answerable(actor, petition)
        if outcome not in OUTCOMES or not answer.strip() or len(answer) > LONGEST_TEXT:
            raise Malformed("petition_unreadable", f"请选择结论并写明理由，最多 {LONGEST_TEXT} 字。")
        row.state, row.outcome, row.answer = "answered", outcome, answer.strip()
        row.answered_by, row.answered_at = actor.user, now
        row.save(update_fields=["state", "outcome", "answer", "answered_by", "answered_at"])
        append([petition_event(row, "petition_answered", actor, now, f"{row.number},{outcome}")])
        return row


def withdraw_petition(actor: Actor, petition: UUID, now: datetime) -> Petition:
    """Take one's own back while it is open."""
    with acting(actor.scope):
        row = Petition.objects.select_for_update().filter(pk=petition, holder=actor.holder).first()
        if row is None:
            raise _unknown()
        _require_open(row)
        row.state = "withdrawn"
        row.save(update_fields=["state"])
        append([petition_event(row, "petition_withdrawn", None, now)])
        return row


def is_overdue(row: Petition, now: datetime) -> bool:
    """Say whether the answer came, or has still to come, after the last day."""
    return _day(row.answered_at or now) > row.due_on if row.state != "withdrawn" else False


def _day(moment: datetime) -> date:
    return today_in_china(moment)


def _answerable(actor: Actor, petition: UUID) -> Petition:
    """Lock it; refuse officers who took part in the act it is about."""
    row = _find(actor, petition, lock=True)
    _require_open(row)
    if row.act is not None and ActOfficer.objects.filter(act=row.act, officer=actor.user).exists():
        raise Refused("petition_own_act", "参加过该次检查的人员不能办理，请由其他人员办理。")
    return row


def _find(actor: Actor, petition: UUID, *, lock: bool = False) -> Petition:
    rows = Petition.objects.select_for_update() if lock else Petition.objects.all()
    row = rows.filter(pk=petition, agency_id=_agency(actor)).first()
    if row is None:
        raise _unknown()
    return row


def _require_open(row: Petition) -> None:
    if row.state not in OPEN:
        raise Refused("petition_closed", "已经办结，不能再改。")


def _agency(actor: Actor) -> UUID:
    if actor.role != "officer" or actor.agency is None:
        raise Refused("auxiliary_not_counted", "执法辅助人员不能办理。", rule="R03")
    return actor.agency


def _unknown() -> NotFound:
    return NotFound("petition_not_found", "没有这件申请，或者不归您办理。")
