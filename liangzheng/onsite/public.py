"""The one page the party opens without log-in and without JavaScript: is this officer genuine?"""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from liangzheng.cases.documents import party_rights
from liangzheng.catalogue.read import subjects
from liangzheng.errors import CannotDo
from liangzheng.onsite.badge import OpenedBadge, badge_picture, open_badge
from liangzheng.storage.objects import read_object

STATE_WORDS = {
    "valid": "证件有效",
    "expired": "证件已过期",
    "suspended": "证件已暂扣",
    "cancelled": "证件已注销",
    "not_yet_effective": "证件尚未生效",
    "out_of_scope": "超出证件执法范围",
    "badge_expired": "二维码已失效",
    "badge_forged": "不是真的执法证件码",
}
OTHER_STATE = "证件不能用于执法"
"""For a status that the certificates' source has a word for and we do not."""


def badge_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the officer behind a badge code, or why it cannot be relied on."""
    now = timezone.now()
    try:
        opened = open_badge(token, now)
    except CannotDo as error:
        status = 410 if error.code == "badge_expired" else 404
        state = error.code if error.code in STATE_WORDS else "badge_forged"
        return render(request, "onsite/badge.html", _empty(state, error.message, now), status=status)
    return render(request, "onsite/badge.html", _context(opened, token, now))


def badge_photo(_request: HttpRequest, token: str) -> HttpResponse:
    """Give the officer's picture while the code lives."""
    try:
        digest = badge_picture(token, timezone.now())
    except CannotDo as error:
        raise Http404 from error
    if not digest:
        raise Http404
    return HttpResponse(read_object(digest), content_type="image/png")


def _empty(state: str, reason: str, now: datetime) -> dict[str, object]:
    told = party_rights()
    rights = [{"text": right.text, "article": right.article, "text_as_of": told.text_as_of} for right in told.rights]
    word = STATE_WORDS.get(state, OTHER_STATE)
    return {"state": state, "state_word": word, "reason": reason, "now": now, "rights": rights, "is_demo": False}


def _context(opened: OpenedBadge, token: str, now: datetime) -> dict[str, object]:
    row, certificate = opened.row, opened.row.certificate
    reason = "" if opened.state == "valid" else "该执法人员的证件现在不能用于执法，您可以拒绝检查。"
    return {
        **_empty(opened.state, reason, now),
        "officer_name": row.officer.user.name,
        "agency": row.agency.name,
        "number": certificate.number,
        "kind": certificate.kind,
        "fields": certificate.fields,
        "area": certificate.area,
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "photo_url": f"/b/{token}/photo" if row.officer.photo else "",
        "act_code": row.act.act_code,
        "assignment_number": row.act.assignment_number,
        "subject_label": subjects()[row.act.subject].label,
        "match_number": row.match_number,
        "supervision_phone": row.agency.supervision_phone,
        "is_demo": certificate.is_demo,
    }
