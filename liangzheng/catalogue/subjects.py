"""检查对象: what an inspection of one kind asks, which licences it needs, what exempts from them, and what must agree. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import with_config

from liangzheng.catalogue.licence_types import STRICT

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Ask:
    """A question answered by hand when the act is opened; `record_field` is where the answer goes in the record."""

    name: str
    label: str
    type: Literal["text", "plate", "number", "choice"]
    required: bool
    record_field: str | None
    choices: tuple[str, ...] = ()


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Requirement:
    """One licence the subject must have, with its legal basis; `to_confirm`: the legal office has yet to confirm the article."""

    id: str
    licence_type: str
    label: str
    role: Literal["operator", "vehicle", "person", "premises"]
    legal_basis: str
    text_as_of: date
    to_confirm: bool


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on an answer: a number that is `at_most` the value (and above zero), or a text that `is` it."""

    ask: str
    op: Literal["at_most", "is"]
    value: str

    def holds(self, asks: Mapping[str, str]) -> bool:
        """An answer that is missing or no number never holds."""
        answer = plain(asks.get(self.ask, ""))
        if self.op == "is":
            return answer == plain(self.value)
        try:
            number = Decimal(answer)
        except InvalidOperation:
            return False
        return number.is_finite() and 0 < number <= Decimal(self.value)


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Exemption:
    """Law asks for no such licence when all conditions hold. Neutral: neither met nor missing."""

    id: str
    requirements: tuple[str, ...]
    when: tuple[Condition, ...]
    legal_basis: str
    text: str
    basis: str
    text_as_of: date
    to_confirm: bool


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class LicenceSide:
    requirement: str
    field: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class AskSide:
    ask: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class ValueSide:
    value: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Two values that must agree: `equal`; left `contains` right as a text; left `covers` every item of right's list."""

    id: str
    label: str
    left: LicenceSide
    right: LicenceSide | AskSide | ValueSide
    op: Literal["equal", "contains", "covers"]


@dataclass(frozen=True, slots=True)
class CrossCheckResult:
    """`detail` names both values when they disagree, otherwise it is empty."""

    id: str
    label: str
    result: Outcome
    detail: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Subject:
    kind: Literal["coach", "freight_vehicle", "guide", "entertainment_venue"]
    label: str
    icon: str
    sector: str
    asks: tuple[Ask, ...]
    requirements: tuple[Requirement, ...]
    exemptions: tuple[Exemption, ...]
    cross_checks: tuple[CrossCheck, ...]

    def exempted(self, asks: Mapping[str, str]) -> dict[str, Exemption]:
        """Which requirements fall away with these answers, by requirement id."""
        holding = [exemption for exemption in self.exemptions if all(condition.holds(asks) for condition in exemption.when)]
        return {requirement: exemption for exemption in holding for requirement in exemption.requirements}

    def compare(
        self, licences: Mapping[str, Mapping[str, str]], asks: Mapping[str, str], exempt: Collection[str] = ()
    ) -> tuple[CrossCheckResult, ...]:
        """Compare what was read. `licences`: requirement id → field name → value, only of licences that were verified."""
        return tuple(_compare(check, licences, asks, exempt) for check in self.cross_checks)


def plain(text: str) -> str:
    """Values are compared in one form: NFKC, no spaces, upper case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _compare(
    check: CrossCheck, licences: Mapping[str, Mapping[str, str]], asks: Mapping[str, str], exempt: Collection[str]
) -> CrossCheckResult:
    needed = {side.requirement for side in (check.left, check.right) if isinstance(side, LicenceSide)}
    left, right = (_value(side, licences, asks) for side in (check.left, check.right))
    if needed & set(exempt) or (isinstance(check.right, AskSide) and not plain(right)):
        return CrossCheckResult(check.id, check.label, "not_applicable", "")
    if not plain(left) or not plain(right):
        return CrossCheckResult(check.id, check.label, "unknown", "")
    if _agree(check.op, plain(left), plain(right)):
        return CrossCheckResult(check.id, check.label, "pass", "")
    return CrossCheckResult(check.id, check.label, "fail", f"{left}／{right}")


def _value(side: LicenceSide | AskSide | ValueSide, licences: Mapping[str, Mapping[str, str]], asks: Mapping[str, str]) -> str:
    match side:
        case LicenceSide():
            return licences.get(side.requirement, {}).get(side.field, "")
        case AskSide():
            return asks.get(side.ask, "")
        case ValueSide():
            return side.value


def _agree(op: Literal["equal", "contains", "covers"], left: str, right: str) -> bool:
    if op == "equal":
        return left == right
    if op == "contains":
        return right in left
    return _items(right) <= _items(left)


def _items(text: str) -> set[str]:
    """The items of a list as it stands on a licence face: parted by 、 , ; or full stop (after NFKC)."""
    for mark in ("、", ";", "。"):
        text = text.replace(mark, ",")
    return {item for item in text.split(",") if item}
