"""Routes of an agency's head: answers to inquiries, and the roster."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from liangzheng.people.api import HolderSession, signed_in
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting
from liangzheng.supervision import shapes
from liangzheng.supervision.api import inquiries_out, with_post
from liangzheng.supervision.inquiries import answer_inquiry
from liangzheng.supervision.roster import enter_roster


class HeadSession(HolderSession):
    """An agency's head; officers do not answer for it about themselves."""

    roles = ("officer",)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Ask for the post, too."""
        return with_post(super().authenticate(request, key), "agency_head")


router = Router(tags=["supervision"], auth=HeadSession())


@router.get("/inquiries", response=list[shapes.InquiryOut])
def my_inquiries(request: HttpRequest) -> list[shapes.InquiryOut]:
    """List what the agency was asked."""
    with acting(signed_in(request).scope):
        return inquiries_out(timezone.now())


@router.post("/inquiries/{inquiry_id}/answers", response=list[shapes.InquiryOut])
def answer(request: HttpRequest, inquiry_id: UUID, body: shapes.AnswerIn) -> list[shapes.InquiryOut]:
    """Answer; gives the list anew."""
    answer_inquiry(signed_in(request), inquiry_id, body.text, timezone.now())
    return my_inquiries(request)


@router.post("/roster", response=shapes.RosterOut)
def write_roster(request: HttpRequest, body: shapes.RosterIn) -> shapes.RosterOut:
    """Enter turns of the agency's officers."""
    turns = [(shift.officer, shift.starts_at, shift.ends_at) for shift in body.shifts]
    return shapes.RosterOut(entered=enter_roster(signed_in(request), turns, timezone.now()))
