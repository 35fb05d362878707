"""Routes of look-ups by function. No request names a field: what is seen follows from type, purpose and role."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.params.functions import Header
from pydantic import ConfigDict

from liangzheng.catalogue.read import subjects
from liangzheng.mandates.break_glass import Wish, open_break_glass
from liangzheng.mandates.quota import BREAK_GLASS_LOOK_UPS, allowance
from liangzheng.onsite import shapes
from liangzheng.onsite.look_up import Asked, look_up_in_act, open_act_of, types_of, ways
from liangzheng.onsite.scan_view import read_scan
from liangzheng.onsite.trail import trail_of
from liangzheng.people.api import OfficerSession, signed_in
from liangzheng.people.sessions import Actor
from liangzheng.rules.mandates import Ground, mandate_book
from liangzheng.storage.tenancy import acting

router = Router(tags=["look-ups"], auth=OfficerSession())
RequestKey: UUID = Header(..., alias="Idempotency-Key")


class LookUpIn(Schema):
    """What is looked up; only the texts that belong to `by` are read. Anything else in the body is refused."""

    model_config = ConfigDict(extra="forbid")

    requirement: str = Field(max_length=64)
    ground: str = Field(max_length=64)
    by: Literal["plate", "uscc", "number", "person"]
    plate: str = Field(default="", max_length=16)
    colour: str = Field(default="", max_length=8)
    uscc: str = Field(default="", max_length=32)
    number: str = Field(default="", max_length=64)
    name: str = Field(default="", max_length=64)
    id_number: str = Field(default="", max_length=32)


class BreakGlassIn(Schema):
    """Why more look-ups are needed than the day's, and for how many minutes (at most 60)."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=500)
    minutes: int = Field(ge=1, le=60)


class GroundOut(Schema):
    """A ground of the catalogue, with the gist of its articles."""

    id: str
    title: str
    article: str
    text: str
    text_as_of: date
    confirmed: str

    @classmethod
    def of(cls, ground: Ground) -> GroundOut:
        """Describe a ground."""
        return cls(**{name: getattr(ground, name) for name in cls.model_fields})


class WayOut(Schema):
    """A licence the act asks for, and by what it can be looked up."""

    requirement: str
    label: str
    ways: list[str]


class AllowanceOut(Schema):
    """What is left today. `emergency_until`: an emergency access is open, with so many more look-ups."""

    quota: int
    used: int
    emergency_until: datetime | None
    emergency_left: int
    emergency_gives: int


class LookUpOptions(Schema):
    """Everything the form needs."""

    grounds: list[GroundOut]
    ways: list[WayOut]
    allowance: AllowanceOut


@router.get("/acts/{act_id}/look-ups", response=LookUpOptions)
def look_up_options(request: HttpRequest, act_id: UUID) -> LookUpOptions:
    """Say what may be looked up in this act, on which grounds, and how often still today."""
    actor, now = signed_in(request), timezone.now()
    with acting(actor.scope):
        act = open_act_of(actor, act_id, now)
        types = types_of(act)
        labels = {item.id: item.label for item in subjects()[act.subject].requirements}
        return LookUpOptions(
            grounds=[GroundOut.of(ground) for ground in mandate_book().grounds],
            ways=[WayOut(requirement=key, label=labels[key], ways=list(ways(kind))) for key, kind in types.items()],
            allowance=_allowance(actor, act_id, now),
        )


@router.post("/acts/{act_id}/look-ups", response=shapes.ScanOut)
def look_up(request: HttpRequest, act_id: UUID, body: LookUpIn, key: UUID = RequestKey) -> shapes.ScanOut:
    """Look one licence up by function; judged, filled in, counted and logged like a scan."""
    actor, now = signed_in(request), timezone.now()
    scan = look_up_in_act(actor, act_id, Asked(key=key, **body.dict()), now)
    return read_scan(actor, act_id, scan, now, first=True)


@router.post("/acts/{act_id}/break-glass", response=AllowanceOut)
def break_glass(request: HttpRequest, act_id: UUID, body: BreakGlassIn, key: UUID = RequestKey) -> AllowanceOut:
    """Open an emergency access: more look-ups for an hour at most, reviewed by a supervisor within a day."""
    actor, now = signed_in(request), timezone.now()
    with acting(actor.scope):
        act = open_act_of(actor, act_id, now)
        number = trail_of(actor, act).number
        open_break_glass(actor, number, Wish(act.pk, act.act_code, act.agency_id, body.reason, body.minutes, key), now)
        return _allowance(actor, act_id, now)


def _allowance(actor: Actor, act_id: UUID, now: datetime) -> AllowanceOut:
    left = allowance(actor, act_id, now)
    return AllowanceOut(
        quota=left.quota,
        used=left.used,
        emergency_until=left.emergency.expires_at if left.emergency else None,
        emergency_left=left.emergency_left,
        emergency_gives=BREAK_GLASS_LOOK_UPS,
    )
