"""A scanned code of another system: its gateway says whose it is, the platform's own records say what he holds.

One code may stand for several licences; each gets a scan of its own, and the code counts as used once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from liangzheng.cases.acts import asks_of, find_act, require_open
from liangzheng.cases.models import Act
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.codes.foreign import Asking
from liangzheng.codes.foreign_ask import Answered, ask_gateway, may_be_foreign
from liangzheng.codes.models import IssuedCode
from liangzheng.holders.models import Holder
from liangzheng.licences.models import Licence
from liangzheng.onsite.prefill import licence_values
from liangzheng.onsite.trail import PURPOSE, Trail, trail_of
from liangzheng.people.sessions import Actor
from liangzheng.storage.columns import index_value
from liangzheng.storage.tenancy import acting
from liangzheng.verification.verify import Judged, judge_foreign

MOST_LICENCES = 6


def ask_if_foreign(actor: Actor, act_id: UUID, text: str, now: datetime) -> Answered | None:
    """Ask the code's own gateway, when it has one; only for an officer of an open act."""
    if not may_be_foreign(text):
        return None
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        require_open(act, now)
        asking = asking_of(trail_of(actor, act))
    return ask_gateway(text, asking, now)


def asking_of(trail: Trail) -> Asking:
    """Say who asks: the unit, never more of the officer than his certificate's number."""
    return Asking(trail.act.agency.name, trail.number, trail.act.act_code, PURPOSE)


def judge_answered(answered: Answered, trail: Trail, now: datetime) -> list[Judged]:
    """Judge each licence the act asks for; one judgement without a licence when there is none to judge."""
    was_used = answered.was_used(trail.actor.user)
    found: list[Licence | None] = [] if answered.reason or was_used else [*_licences(answered, trail.act)]
    return [
        judge_foreign(answered.reason, _presented(answered, licence), licence, trail.act.region, now, was_used=was_used)
        for licence in found or [None]
    ]


def key_of(first: UUID, place: int) -> UUID:
    """Give the request key of the n-th scan of one request: the same request makes the same scans."""
    return uuid5(first, str(place)) if place else first


def _presented(answered: Answered, licence: Licence | None) -> IssuedCode | None:
    return IssuedCode(id=answered.code, kind="holder", licence=licence.pk, holder=licence.holder_id) if licence else None


def _licences(answered: Answered, act: Act) -> list[Licence]:
    """Choose of the holder's licences the kinds the act asks for, and those the gateway named; of a kind the one that fits."""
    given = answered.holder
    holder = Holder.objects.filter(code_index=index_value(given.code), code_type=given.code_type).first() if given else None
    if holder is None or given is None:
        return []
    needed = {item.licence_type for item in subjects()[act.subject].requirements}
    codes = [item.code for item in catalogue().licence_types if item.id in needed]
    mine = Licence.objects.select_related("holder").filter(holder=holder)
    of_kind = [list(mine.filter(type_code=code).order_by("-issued_on", "-id")) for code in sorted(codes)]
    chosen = [_fitting(rows, act) for rows in of_kind if rows]
    named = [row for row in mine.filter(identifier__in=given.licences) if row not in chosen]
    return [*chosen, *named][:MOST_LICENCES]


def _fitting(rows: Sequence[Licence], act: Act) -> Licence:
    """Of several of a kind (a firm's coaches) the one that carries what was asked at the opening, else the newest."""
    asked = {value for value in asks_of(act).values() if value}
    return next((row for row in rows if asked & set(licence_values(row).values())), rows[0])
