"""依职能查询: look somebody up who presents nothing, inside an open act of one's own; one licence the act asks for, one verdict.

The same path as a scan (`scan.py`): judged, filled into the record, stored with method `lookup` and logged in one transaction,
with the mandate beside it. There is no other way to a person's data by a number, and none without an act.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.cases.acts import find_act, require_open
from liangzheng.cases.models import Act
from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.errors import CannotDo, Malformed, Refused
from liangzheng.formats.identifiers import BadIdentifier, read_citizen_id, read_plate_key, read_uscc
from liangzheng.holders.models import Holder
from liangzheng.licences.models import Licence
from liangzheng.licences.plates import PLATE, index_plate
from liangzheng.mandates.models import LookUp
from liangzheng.mandates.quota import take_one, tally
from liangzheng.onsite.look_up_watch import METHOD, watch
from liangzheng.onsite.record import write_scan
from liangzheng.onsite.scan import ScanInput, known_scan, scan_row
from liangzheng.onsite.trail import trail_of
from liangzheng.people.certificates import today_in_china
from liangzheng.people.sessions import Actor
from liangzheng.rules.mandates import Ground, ground_of
from liangzheng.storage.columns import index_value
from liangzheng.storage.tenancy import acting
from liangzheng.verification.verify import judge_looked_up

OPEN_FOR = timedelta(hours=24)
"""How long after its opening an act carries look-ups."""
_NO_ACT = frozenset({"act_not_found", "officers_not_shown", "act_over"})
_CITY = 4  # digits of a region code that name province and city


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the officer enters: for which licence of the act (`requirement`), on which ground, and by what (`by`).

    Only the texts that belong to `by` are read: plate and colour, uscc, number, or name and id_number.
    """

    requirement: str
    ground: str
    by: str
    key: UUID
    plate: str = ""
    colour: str = ""
    uscc: str = ""
    number: str = ""
    name: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands behind the question. `person`: pseudonym of a natural person, also of one who was not found."""

    licence: Licence | None
    person: bytes | None
    region: str


def look_up_in_act(actor: Actor, act_id: UUID, asked: Asked, now: datetime) -> UUID:
    """Look up, judge and store; gives the scan's id, the same one for the same key. What is refused is counted and logged."""
    try:
        with acting(actor.scope):
            return _look_up(actor, act_id, asked, now)
    except CannotDo as refusal:
        _note_refusal(actor, act_id, refusal.code, now)
        raise


def _look_up(actor: Actor, act_id: UUID, asked: Asked, now: datetime) -> UUID:
    act = open_act_of(actor, act_id, now)
    known = known_scan(asked.key, actor)
    if known is not None:
        return known
    licence_type = wanted_type(act, asked)
    trail = replace(trail_of(actor, act), ground=_ground(asked.ground))
    access = take_one(actor, act.pk, now)
    found = _find(asked, licence_type)
    judged = judge_looked_up(found.licence, act.region, now)
    row = scan_row(trail, ScanInput("", METHOD, asked.key), judged, now)
    if not write_scan(row):
        raise Refused("look_up_repeated", "这次查询正在办理，请稍候。")
    LookUp.objects.create(
        at=now,
        day=today_in_china(now),
        officer=actor.user,
        agency_id=act.agency_id,
        region=act.region,
        act=act.pk,
        scan=row.scan.id,
        ground=asked.ground,
        by=asked.by,
        person=found.person,
        is_away=bool(found.region) and found.region[:_CITY] != act.region[:_CITY],
        break_glass=access,
    )
    watch(actor.user, act.agency_id, act.region, today_in_china(now), now)
    return row.scan.id


def open_act_of(actor: Actor, act_id: UUID, now: datetime) -> Act:
    """Find an act of the officer's own in which he may look up: both officers shown, opened within a day."""
    act = find_act(act_id, actor.user)
    require_open(act, now)
    if now - act.opened_at > OPEN_FOR:
        raise Refused("act_over", "这次检查开始已超过 24 小时，不能再查询；确需查询的，请开始新的检查。")
    return act


def _ground(ground: str) -> Ground:
    found = ground_of(ground)
    if found is None:
        raise Malformed("look_up_ground_unknown", "请从清单中选择查询理由。", field="ground")
    return found


def types_of(act: Act) -> dict[str, LicenceType]:
    """Give the licence types the act asks for, by requirement; nothing else can be looked up."""
    known = {item.id: item for item in catalogue().licence_types}
    return {item.id: known[item.licence_type] for item in subjects()[act.subject].requirements}


def ways(licence_type: LicenceType) -> tuple[str, ...]:
    """Say by what a licence of this type can be looked up: what names exactly one of them."""
    if PLATE in {field.name for field in licence_type.face_fields}:
        return ("plate", "number")
    return ("person", "number") if licence_type.holder_category == "person" else ("uscc", "number")


def wanted_type(act: Act, asked: Asked) -> LicenceType:
    """Give the type that is asked for."""
    licence_type = types_of(act).get(asked.requirement)
    if licence_type is None:
        raise Malformed("look_up_not_required", "只能查询本次检查需要核验的证照。", field="requirement")
    if asked.by not in ways(licence_type):
        raise Malformed("look_up_way_unknown", "这种证照不能用这种方式查询。", field="by")
    return licence_type


def _find(asked: Asked, licence_type: LicenceType) -> Found:
    """Find the newest version of the one licence that is named exactly; a wrong name finds as little as a wrong number."""
    of_type = Licence.objects.select_related("holder").filter(type_code=licence_type.code).order_by("-issued_on", "-id")
    try:
        match asked.by:
            case "plate":
                licence = of_type.filter(plate_index=index_plate(read_plate_key(asked.plate, asked.colour))).first()
                return _found(licence, None, "")
            case "uscc":
                code = read_uscc(asked.uscc)
                return _found(of_type.filter(holder__in=_holders(code.text)).first(), None, code.region)
            case "person":
                person = read_citizen_id(asked.id_number)
                named = [holder for holder in _holders(person.text) if holder.name == asked.name.strip()]
                return _found(of_type.filter(holder__in=named).first(), person.text, person.region)
    except BadIdentifier as error:
        raise Malformed("look_up_unreadable", "号码的格式不对，请核对后重新输入。", field=asked.by) from error
    number = asked.number.strip()
    if not number:
        raise Malformed("look_up_unreadable", "请输入证照编号。", field="number")
    return _found(of_type.filter(number_index=index_value(number)).first(), None, "")


def _holders(code: str) -> list[Holder]:
    return list(Holder.objects.filter(code_index=index_value(code)))


def _found(licence: Licence | None, person: str | None, region: str) -> Found:
    if licence is not None:
        region = licence.holder.region
        person = licence.holder.code if licence.holder.kind == "person" else None
    return Found(licence, index_value(f"look_up|{person}") if person else None, region)


def _note_refusal(actor: Actor, act_id: UUID, code: str, now: datetime) -> None:
    """Count and log what was not let through, and tell the supervisor, in a transaction of its own."""
    if code not in _NO_ACT and code != "quota_spent":
        return
    with acting(actor.scope):
        tally(actor, now, stopped=int(code == "quota_spent"), refused=int(code in _NO_ACT))
        refused = Event(
            at=now,
            actor_kind="officer",
            actor=actor.user,
            action="look_up_refused",
            subject_kind="act",
            subject=act_id,
            agency=actor.agency,
            region=actor.region,
            result=code,
        )
        append([refused])
        if actor.agency is not None:
            watch(actor.user, actor.agency, actor.region, today_in_china(now), now)
