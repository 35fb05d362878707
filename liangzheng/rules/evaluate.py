"""Which rules of procedure stop or warn an act. Pure: what happened comes in, rule hits go out.

R01 two officers · R02 certificates shown · R03 auxiliaries never count · R08 record made · R37 e-licences kept
R38 area and field. Not judged here: whether law allows a single officer in the case at hand ("法律另有规定的除外").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from liangzheng.rules.rulebook import Level, rules

NEEDED_OFFICERS = 2


@dataclass(frozen=True, slots=True)
class OfficerShown:
    """One person entered as officer of the act, and the showing of the certificate in that person's own session.

    `shown_at`: his session displayed a code for this act; then the party opened it (`acknowledged_at`) or declining was
    recorded (`declined_at`). All times are aware; None: it has not happened.
    """

    officer_id: str
    certificate_number: str
    kind: Literal["officer", "auxiliary"]
    certificate_standing: str
    in_area: bool
    in_field: bool
    shown_at: datetime | None
    acknowledged_at: datetime | None
    declined_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that stops (`block`) or warns, with what would lift it."""

    rule: str
    article: str
    text_as_of: date
    level: Level
    message_zh: str
    unblock_zh: str


def judge_opening(officers: Sequence[OfficerShown], *, is_assigned: bool = False) -> tuple[RuleHit, ...]:
    """Whether the act may go on to scanning. Empty: the gate is open without remark.

    `is_assigned`: the number of a joint-enforcement or assignment document was entered; then R38 only warns.
    """
    counted = [officer for officer in officers if officer.kind == "officer" and officer.certificate_standing == "valid"]
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("R01", lambda: not _enough(counted)),
        ("R02", lambda: not all(_has_shown(officer) for officer in officers if officer.kind == "officer") or not counted),
        ("R03", lambda: any(officer.kind == "auxiliary" for officer in officers)),
        ("R38", lambda: any(not (officer.in_area and officer.in_field) for officer in counted)),
    )
    hits = tuple(_hit(rule) for rule, stops in checks if stops())
    return tuple(replace(hit, level="warn") if hit.rule == "R38" and is_assigned else hit for hit in hits)


def judge_record(*, record_made: bool, valid_scans: int, exhibits: int) -> tuple[RuleHit, ...]:
    """What is still missing at the end of an act: R08 record, R37 verified licences that were not kept. Warnings only."""
    missing = (("R08", not record_made), ("R37", exhibits < valid_scans))
    return tuple(_hit(rule) for rule, is_missing in missing if is_missing)


def is_open(hits: Sequence[RuleHit]) -> bool:
    """True when nothing blocks."""
    return all(hit.level != "block" for hit in hits)


def _enough(counted: Sequence[OfficerShown]) -> bool:
    """Two persons AND two certificates: one person with two certificates is one, and so are two persons with one number."""
    persons = {officer.officer_id for officer in counted}
    numbers = {officer.certificate_number for officer in counted if officer.certificate_number}
    return min(len(persons), len(numbers)) >= NEEDED_OFFICERS


def _has_shown(officer: OfficerShown) -> bool:
    """Shown in his own session, and seen by the party or declined. No order is asked: a code that rotates is shown many times."""
    return officer.shown_at is not None and (officer.acknowledged_at is not None or officer.declined_at is not None)


def _hit(rule_id: str) -> RuleHit:
    rule = rules()[rule_id]
    return RuleHit(rule.id, rule.article, rule.text_as_of, rule.level, rule.message_zh, rule.unblock_zh)
