"""The page on which the party types the number of the inspection. Without log-in and without JavaScript."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from liangzheng.cases.documents import party_rights
from liangzheng.onsite.check_act import (
    CheckedAct,
    CheckedOfficer,
    acknowledge_act,
    check_act,
    normalise_number,
    picture_of_officer,
)
from liangzheng.onsite.public import OTHER_STATE, STATE_WORDS
from liangzheng.storage.objects import read_object

_WORDS = STATE_WORDS | {"not_shown": "还没有出示证件"}


def check_page(request: HttpRequest) -> HttpResponse:
    """Ask for the number, or show the officers of that inspection; a POST notes that the party has checked them."""
    now = timezone.now()
    number = normalise_number(request.POST.get("act", "") or request.GET.get("act", ""))
    is_done = request.method == "POST"
    checked = (acknowledge_act if is_done else check_act)(number, now) if number else None
    told = party_rights()
    page = {
        "now": now,
        "number": number,
        "assignment_number": checked.act.assignment_number if checked else "",
        "is_done": is_done and checked is not None,
        "is_found": checked is not None,
        "officers": [_officer(item) for item in checked.officers] if checked else [],
        "agency": checked.act.agency.name if checked else "",
        "phone": checked.act.agency.supervision_phone if checked else "",
        "is_demo": checked.act.agency.is_demo if checked else False,
        "tone": _tone(number, checked),
        "is_enough": bool(checked and checked.is_enough),
        "rights": [{"text": right.text, "article": right.article, "text_as_of": told.text_as_of} for right in told.rights],
    }
    return render(
        request, "onsite/check.html", page, status=HTTPStatus.NOT_FOUND if number and checked is None else HTTPStatus.OK
    )


def check_photo(request: HttpRequest, officer: UUID) -> HttpResponse:
    """Give the picture of an officer of the inspection with this number."""
    digest = picture_of_officer(normalise_number(request.GET.get("act", "")), officer, timezone.now())
    if not digest:
        raise Http404
    return HttpResponse(read_object(digest), content_type="image/png")


def _tone(number: str, checked: CheckedAct | None) -> str:
    if not number:
        return "plain"
    if checked is None:
        return "bad"
    return "ok" if checked.is_enough else "warn"


def _officer(item: CheckedOfficer) -> dict[str, object]:
    certificate = item.row.certificate
    return {
        "id": item.row.officer_id,
        "name": item.row.officer.user.name,
        "state": item.state,
        "state_word": _WORDS.get(item.state, OTHER_STATE),
        "number": certificate.number,
        "kind": certificate.kind,
        "fields": certificate.fields,
        "area": certificate.area,
        "valid_to": certificate.valid_to,
        "match_number": item.row.match_number if item.state == "valid" else "",
        "has_photo": bool(item.row.officer.photo),
    }
