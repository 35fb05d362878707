"""Judge an enforcement certificate by its dates and status, and describe it for a screen."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from liangzheng.people.checks import Delegated, delegation_problem
from liangzheng.people.models import Agency, EnforcementCertificate, Officer, PowerDelegation

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today_in_china(now: datetime) -> date:
    """Give the calendar day in Asia/Shanghai, in which validity dates are counted."""
    return now.astimezone(SHANGHAI).date()


def certificate_standing(certificate: EnforcementCertificate, now: datetime) -> str:
    """Give `valid`, or the status or date that forbids relying on it. The last day counts in full."""
    if certificate.status != "valid":
        return certificate.status
    today = today_in_china(now)
    if today < certificate.valid_from:
        return "not_yet_effective"
    if today > certificate.valid_to:
        return "expired"
    is_checked = certificate.checked_through is None or today <= certificate.checked_through
    return "valid" if is_checked else "annual_check_due"


def current_certificate(officer: Officer) -> EnforcementCertificate | None:
    """Give the officer's newest certificate, valid or not; an auxiliary has none (R03)."""
    if officer.is_auxiliary:
        return None
    return officer.certificates.order_by("-valid_to").first()


def selectable(officer: Officer, now: datetime) -> str:
    """Give "" when the officer may stand in an act, else the error code that says why not."""
    if officer.is_auxiliary:
        return "auxiliary_not_counted"
    certificate = current_certificate(officer)
    if certificate is None:
        return "certificate_not_valid"
    standing = certificate_standing(certificate, now)
    if standing == "valid":
        return _mandate_problem(officer.agency, today_in_china(now))
    return f"certificate_{standing}" if standing in {"expired", "suspended"} else "certificate_not_valid"


def _mandate_problem(agency: Agency, day: date) -> str:
    """Give "" for an agency with powers of its own; one that acts by delegation needs one that covers inspections (R04)."""
    if agency.basis != "delegated":
        return ""
    rows = PowerDelegation.objects.filter(delegate=agency)
    given = [
        Delegated(tuple(row.powers), row.sector, row.area_code, row.valid_from, row.valid_to, row.revoked_at is not None)
        for row in rows
    ]
    return delegation_problem(given, "inspection", agency.sector, agency.region_id, day)
