"""What the subject must show, ticked off scan by scan: requirements, lawful exemptions, cross-checks between licences.

A requirement without an e-licence is `missing`, never a violation; what follows from it is the officers' decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from liangzheng.cases.acts import asks_of
from liangzheng.cases.models import Act
from liangzheng.catalogue.read import catalogue, subjects
from liangzheng.catalogue.subjects import CrossCheckResult, Exemption, Requirement, Subject
from liangzheng.licences.models import Licence
from liangzheng.onsite.prefill import licence_values
from liangzheng.verification.models import Scan

_STATES = {"valid": "met", "valid_offline": "met", "cannot_confirm": "cannot_confirm", "invalid": "invalid"}


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the checklist. state: missing, met, invalid, cannot_confirm, exempt, physical."""

    requirement: Requirement
    state: str
    scan: UUID | None
    reason: str
    basis: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines and the comparisons between what was read."""

    ticks: tuple[Tick, ...]
    cross_checks: tuple[CrossCheckResult, ...]


def checklist(act: Act, scans: Sequence[Scan], licences: Mapping[UUID, Licence]) -> Checklist:
    """Tick off the act's requirements; `scans` in the order of time."""
    subject = subjects()[act.subject]
    exempt = subject.exempted(asks_of(act))
    by_type = _by_type(subject, scans, licences)
    written = {row.requirement for row in act.physical_licences.all()}
    ticks = tuple(_tick(item, exempt.get(item.id), by_type.get(item.licence_type), written) for item in subject.requirements)
    verified = {
        item.id: licence_values(by_type[item.licence_type][1])
        for item in subject.requirements
        if item.licence_type in by_type and _counts(by_type[item.licence_type][0])
    }
    return Checklist(ticks, subject.compare(verified, asks_of(act), exempt))


def _by_type(subject: Subject, scans: Sequence[Scan], licences: Mapping[UUID, Licence]) -> dict[str, tuple[Scan, Licence]]:
    """Of each licence its newest scan counts; of several licences of a kind one that is good ticks the line.

    So a second driver's bad licence does not hide the first one's good one; both stand in the list of scans and the record.
    """
    ids = {item.code: item.id for item in catalogue().licence_types}
    needed = {item.licence_type for item in subject.requirements}
    newest = {scan.licence: (scan, licences[scan.licence]) for scan in scans if scan.licence}
    found: dict[str, tuple[Scan, Licence]] = {}
    for scan, licence in sorted(newest.values(), key=lambda pair: (_counts(pair[0]), pair[0].pk)):
        type_id = ids.get(licence.type_code)
        if type_id in needed:
            found[type_id or ""] = (scan, licence)
    return found


def _counts(scan: Scan) -> bool:
    return scan.counted_standing == "valid" and scan.photo_match is not False


def _tick(item: Requirement, exemption: Exemption | None, found: tuple[Scan, Licence] | None, written: set[str]) -> Tick:
    if found:
        scan = found[0]
        if scan.photo_match is False:
            return Tick(item, "cannot_confirm", scan.pk, "holder_differs", item.legal_basis)
        reasons = scan.counted_verdict["reasons"]
        return Tick(item, _STATES[scan.counted_standing], scan.pk, reasons[0] if reasons else "", item.legal_basis)
    if exemption:
        return Tick(item, "exempt", None, "", f"{exemption.basis}（{exemption.legal_basis}）")
    if item.id in written:
        return Tick(item, "physical", None, "", item.legal_basis)
    return Tick(item, "missing", None, "", item.legal_basis)
