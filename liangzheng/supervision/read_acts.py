"""What a supervisor reads of his area: acts in one line each, and one act with its scans and its record, masked.

Holders and licences are out of his sight: row-level security shows him none, and no route asks for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.cases.form import FieldState, field_states
from liangzheng.cases.models import Act, ActOfficer, Document
from liangzheng.catalogue.masks import masked
from liangzheng.errors import NotFound
from liangzheng.mandates.area import supervising
from liangzheng.mandates.models import Alarm
from liangzheng.onsite.look_up_watch import METHOD
from liangzheng.people.sessions import Actor
from liangzheng.verification.models import Scan

PAGE = 50


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act in one line."""

    act: Act
    scans: int
    look_ups: int
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaskedValue:
    """A field of the record: what was filled from a licence, masked; of what people said only that something stands there."""

    label: str
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class ActFile:
    """One act as a supervisor sees it."""

    line: ActLine
    officers: Sequence[ActOfficer]
    scans: Sequence[Scan]
    values: tuple[MaskedValue, ...]
    documents: Sequence[Document]


def list_acts(actor: Actor, before: UUID | None = None, agency: UUID | None = None) -> list[ActLine]:
    """List the newest acts of the area, those older than `before` on the next page."""
    with supervising(actor):
        found = Act.objects.select_related("agency").order_by("-id")
        found = found.filter(pk__lt=before) if before else found
        found = found.filter(agency=agency) if agency else found
        return _lines(list(found[:PAGE]))


def read_act(actor: Actor, act_id: UUID, now: datetime) -> ActFile:
    """Read one act; logged for every holder whose licence was looked at in it."""
    with supervising(actor):
        act = Act.objects.select_related("agency").filter(pk=act_id).first()
        if act is None:
            raise NotFound("supervised_act_not_found", "没有这次检查，或者不在您的监督范围内。")
        scans = list(Scan.objects.filter(act=act.pk).order_by("id"))
        holders = sorted({scan.holder for scan in scans if scan.holder is not None})
        append([_event(actor, act, holder, now) for holder in holders] or [_event(actor, act, None, now)])
        states = field_states(act.subject, act.values.order_by("id"))
        return ActFile(
            line=_lines([act])[0],
            officers=list(act.officers.select_related("officer__user", "certificate").order_by("id")),
            scans=scans,
            values=tuple(_masked(state) for state in states if state.value is not None),
            documents=list(act.documents.order_by("version")),
        )


def _lines(acts: Sequence[Act]) -> list[ActLine]:
    keys = [act.pk for act in acts]
    scans: Counter[tuple[UUID, bool]] = Counter()
    scans.update((act, method == METHOD) for act, method in Scan.objects.filter(act__in=keys).values_list("act", "method"))
    alarms = list(Alarm.objects.filter(act__in=keys).values_list("act", "kind"))
    return [
        ActLine(act, scans[act.pk, False], scans[act.pk, True], tuple(kind for key, kind in alarms if key == act.pk))
        for act in acts
    ]


def _masked(state: FieldState) -> MaskedValue:
    field, newest = state.field, state.value
    text = newest.value if newest else ""
    if newest is None or newest.kind != "filled":
        return MaskedValue(field.label, "（已填写）" if text else "", newest.kind if newest else "")
    hidden = "*" if field.mask == "none" else masked(text, field.mask)
    return MaskedValue(field.label, hidden if field.personal else text, newest.kind)


def _event(actor: Actor, act: Act, holder: UUID | None, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind="supervisor",
        actor=actor.user,
        action="supervise_act",
        subject_kind="act",
        subject=act.pk,
        act=act.pk,
        act_code=act.act_code,
        agency=act.agency_id,
        region=act.region,
        holder=holder,
        purpose="行政执法监督",
        legal_basis="山东省行政执法监督条例（待法制机构确认）",
    )
