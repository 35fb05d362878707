"""核对执法人员 by the number of the inspection: it does not begin at the officer's code, so no forger chooses the judge.

The number holds six random characters; whoever knows it sees what the officers' codes show anyway, and nothing of the party.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import standing_in_act
from liangzheng.cases.models import Act, ActOfficer
from liangzheng.onsite.badge import badge_event
from liangzheng.people.models import Agency
from liangzheng.storage.tenancy import Scope, acting

OPEN_FOR = timedelta(hours=24)
"""How long after the opening of an act its officers can be asked for."""
_NUMBER = re.compile(r"(\d{6})-\d{8}-[2-9A-HJ-NP-Z]{6}")
_LEAST_OFFICERS = 2  # 行政处罚法 (R01); text to be confirmed by the legal department


@dataclass(frozen=True, slots=True)
class CheckedOfficer:
    """One officer of the act. `state`: valid, not_shown, or the certificate's standing that forbids relying on it."""

    row: ActOfficer
    state: str


@dataclass(frozen=True, slots=True)
class CheckedAct:
    """An act with its officers; `is_enough`: two of them have valid certificates and have shown them."""

    act: Act
    officers: tuple[CheckedOfficer, ...]

    @property
    def is_enough(self) -> bool:
        """Say whether at least two officers of the act can be relied on."""
        return sum(officer.state == "valid" for officer in self.officers) >= _LEAST_OFFICERS


def normalise_number(text: str) -> str:
    """Write an act's number as it stands on the record: no blanks, capital letters, plain hyphens."""
    return re.sub(r"\s+", "", text).upper().translate(str.maketrans("\u2014\uff0d\u2013", "---"))[:32]


def check_act(number: str, now: datetime) -> CheckedAct | None:
    """Find the act and judge its officers now; None when there is no such act of the last day. Logged."""
    scope = _scope_of(number, now)
    if scope is None:
        return None
    with acting(scope):
        checked = _read(number, now)
        append([badge_event(item.row, "check_act", "party", None, now, item.state) for item in checked.officers])
        return checked


def acknowledge_act(number: str, now: datetime) -> CheckedAct | None:
    """Note that the party has looked at every officer who has shown a valid certificate (R02); once."""
    scope = _scope_of(number, now)
    if scope is None:
        return None
    with acting(scope):
        checked = _read(number, now)
        for item in checked.officers:
            if item.state == "valid" and item.row.acknowledged_at is None:
                item.row.acknowledged_at = now
                item.row.save(update_fields=["acknowledged_at"])
                append([badge_event(item.row, "open_badge", "party", None, now, "by_act_number")])
        return checked


def picture_of_officer(number: str, officer: UUID, now: datetime) -> str:
    """Give the digest of the picture of an officer of the act; "" when there is none."""
    scope = _scope_of(number, now)
    if scope is None:
        return ""
    with acting(scope):
        row = ActOfficer.objects.select_related("officer").filter(act__act_code=number, officer=officer).first()
        return row.officer.photo if row else ""


def _scope_of(number: str, now: datetime) -> Scope | None:
    """Find the agency whose act it is; acts are visible to their agency alone, and the number names only the region."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        return None
    for agency in Agency.objects.filter(region=found[1]).values_list("pk", flat=True):
        scope = Scope(agency=agency, region=found[1])
        with acting(scope):
            if Act.objects.filter(act_code=number, opened_at__gt=now - OPEN_FOR).exists():
                return scope
    return None


def _read(number: str, now: datetime) -> CheckedAct:
    act = Act.objects.select_related("agency").get(act_code=number)
    rows = act.officers.select_related("act", "officer__user", "certificate__agency", "agency").order_by("id")
    return CheckedAct(act, tuple(CheckedOfficer(row, _state(row, now)) for row in rows))


def _state(row: ActOfficer, now: datetime) -> str:
    standing = standing_in_act(row, now)
    return "not_shown" if standing == "valid" and row.shown_at is None else standing
