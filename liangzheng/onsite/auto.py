"""The record's fields that come from the act itself: who, where, when, how the certificates were shown."""

from __future__ import annotations

from datetime import datetime

from liangzheng.cases.models import Act, ActOfficer
from liangzheng.catalogue.read import subjects
from liangzheng.onsite.trail import LEGAL_BASIS
from liangzheng.people.certificates import SHANGHAI


def in_china(moment: datetime) -> str:
    """Write a time as people read it here."""
    return f"{moment.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M}"


def shown_in_words(row: ActOfficer) -> str:
    """Say when the certificate was shown and what the party did."""
    if row.shown_at is None:
        return "尚未出示"
    shown = f"{in_china(row.shown_at)}在本人手机出示"
    if row.acknowledged_at:
        return f"{shown}，当事人于{in_china(row.acknowledged_at)}扫码查看"
    return f"{shown}，当事人拒绝查看" if row.declined_at else f"{shown}，当事人尚未查看"


def auto_values(act: Act) -> dict[str, str]:
    """Give the automatic fields by name."""
    rows = list(act.officers.select_related("officer__user", "certificate").order_by("id"))
    return {
        "agency": act.agency.name,
        "act_code": act.act_code,
        "subject": subjects()[act.subject].label,
        "place": act.place,
        "started_at": in_china(act.opened_at),
        "ended_at": in_china(act.recorded_at) if act.recorded_at else "",
        "officers": "；".join(f"{row.officer.user.name}（{row.certificate.number}）" for row in rows),
        "shown": "；".join(f"{row.officer.user.name}：{shown_in_words(row)}" for row in rows),
        "legal_basis": LEGAL_BASIS.get(act.agency.sector, "待法制机构确认"),
    }
