"""Routes of the supervisor: his area, read-only and masked; alarms, reviews, inquiries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Header

from liangzheng.catalogue.read import subjects
from liangzheng.mandates.area import area_of, supervising
from liangzheng.mandates.break_glass import review_break_glass
from liangzheng.mandates.models import Alarm, BreakGlass
from liangzheng.people.api import HolderSession, signed_in
from liangzheng.people.certificates import certificate_standing, today_in_china
from liangzheng.people.posts import require_post
from liangzheng.people.sessions import Actor
from liangzheng.supervision import shapes
from liangzheng.supervision.describe import Names, accesses_of, alarms_of, count_area, names_of
from liangzheng.supervision.inquiries import Question, close_alarm, close_inquiry, open_inquiry
from liangzheng.supervision.models import Inquiry
from liangzheng.supervision.read_acts import ActFile, ActLine, list_acts, read_act


def with_post(actor: Actor | None, post: str) -> Actor | None:
    """Give the actor when he holds the post; NotAllowed when he does not."""
    if actor is not None:
        require_post(actor, post)
    return actor


class SupervisorSession(HolderSession):
    """执法监督 of a justice bureau: the account's side and the post, which a second person has approved."""

    roles = ("supervisor",)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Ask for the post, too."""
        return with_post(super().authenticate(request, key), "supervisor")


router = Router(tags=["supervision"], auth=SupervisorSession())
RequestKey: UUID = Header(..., alias="Idempotency-Key")


@router.get("/supervision/overview", response=shapes.Overview)
def overview(request: HttpRequest) -> shapes.Overview:
    """Give the area at a glance."""
    actor = signed_in(request)
    counts = count_area(actor, timezone.now())
    names = [name for name in shapes.Overview.model_fields if name not in {"region", "agencies"}]
    return shapes.Overview(
        region=area_of(actor),
        agencies=[shapes.AgencyOut(id=agency.pk, name=agency.name) for agency in counts.agencies],
        **{name: getattr(counts, name) for name in names},
    )


@router.get("/supervision/acts", response=list[shapes.SupervisedActLine])
def supervised_acts(
    request: HttpRequest, before: UUID | None = None, agency: UUID | None = None
) -> list[shapes.SupervisedActLine]:
    """List the newest acts of the area."""
    return [_act_line(line) for line in list_acts(signed_in(request), before, agency)]


@router.get("/supervision/acts/{act_id}", response=shapes.SupervisedAct)
def supervised_act(request: HttpRequest, act_id: UUID) -> shapes.SupervisedAct:
    """Read one act, masked; logged, and seen by the holders concerned."""
    now = timezone.now()
    return _act(read_act(signed_in(request), act_id, now), now)


@router.get("/supervision/alarms", response=list[shapes.AlarmOut])
def supervised_alarms(request: HttpRequest, kind: str = "", *, closed: bool = False) -> list[shapes.AlarmOut]:
    """List the area's alarms, the newest first."""
    alarms, names = alarms_of(signed_in(request), kind, is_open=not closed)
    return [_alarm(alarm, names) for alarm in alarms]


@router.post("/supervision/alarms/{alarm_id}/close", response={204: None})
def close_supervised_alarm(request: HttpRequest, alarm_id: UUID, body: shapes.NoteIn) -> tuple[int, None]:
    """Close an alarm with a note."""
    close_alarm(signed_in(request), alarm_id, body.note, timezone.now())
    return 204, None


@router.get("/supervision/break-glass", response=list[shapes.AccessOut])
def supervised_accesses(request: HttpRequest) -> list[shapes.AccessOut]:
    """List the area's emergency accesses."""
    accesses, used, names = accesses_of(signed_in(request))
    return [_access(access, used[access.pk], names, timezone.now()) for access in accesses]


@router.post("/supervision/break-glass/{access_id}/review", response={204: None})
def review_access(request: HttpRequest, access_id: UUID, body: shapes.ReviewIn) -> tuple[int, None]:
    """Review an emergency access; final."""
    actor = signed_in(request)
    with supervising(actor):
        review_break_glass(actor, access_id, body.note, timezone.now(), is_accepted=body.accepted)
    return 204, None


@router.get("/supervision/inquiries", response=list[shapes.InquiryOut])
def supervised_inquiries(request: HttpRequest) -> list[shapes.InquiryOut]:
    """List the area's inquiries, the newest first."""
    with supervising(signed_in(request)):
        return inquiries_out(timezone.now())


@router.post("/supervision/inquiries", response=list[shapes.InquiryOut])
def create_inquiry(request: HttpRequest, body: shapes.InquiryIn, key: UUID = RequestKey) -> list[shapes.InquiryOut]:
    """Open an inquiry; gives the list anew."""
    question = Question(body.agency, body.question, body.days, body.alarm, body.act, key)
    open_inquiry(signed_in(request), question, timezone.now())
    return supervised_inquiries(request)


@router.post("/supervision/inquiries/{inquiry_id}/close", response={204: None})
def close_supervised_inquiry(request: HttpRequest, inquiry_id: UUID) -> tuple[int, None]:
    """Close an inquiry."""
    close_inquiry(signed_in(request), inquiry_id, timezone.now())
    return 204, None


def inquiries_out(now: datetime) -> list[shapes.InquiryOut]:
    """Describe the inquiries that the scope shows."""
    found = list(Inquiry.objects.prefetch_related("answers").order_by("-asked_at")[:200])
    names = names_of([one.agency_id for one in found], [], [one.act for one in found])
    return [
        shapes.InquiryOut(
            **{name: getattr(one, name) for name in ("alarm", "act", "question", "asked_at", "due_on", "closed_at")},
            id=one.pk,
            agency=names.agencies.get(one.agency_id, ""),
            act_code=names.acts.get(one.act, "") if one.act else "",
            is_late=one.closed_at is None and one.due_on < today_in_china(now) and not one.answers.all(),
            answers=[shapes.AnswerOut(text=answer.text, at=answer.at) for answer in one.answers.all()],
        )
        for one in found
    ]


def _act_line(line: ActLine) -> shapes.SupervisedActLine:
    act = line.act
    return shapes.SupervisedActLine(
        **{name: getattr(act, name) for name in ("act_code", "agency_id", "opened_at")},
        id=act.pk,
        agency=act.agency.name,
        subject_label=subjects()[act.subject].label,
        is_recorded=act.recorded_at is not None,
        scans=line.scans,
        look_ups=line.look_ups,
        alarms=list(line.alarms),
    )


def _act(file: ActFile, now: datetime) -> shapes.SupervisedAct:
    names = ("at", "method", "purpose", "legal_basis")
    return shapes.SupervisedAct(
        act=_act_line(file.line),
        officers=[
            shapes.SupervisedOfficer(
                **{name: getattr(row, name) for name in ("shown_at", "acknowledged_at", "declined_at")},
                name=row.officer.user.name,
                certificate_number=row.certificate.number,
                certificate_standing=certificate_standing(row.certificate, now),
            )
            for row in file.officers
        ],
        scans=[
            shapes.SupervisedScan(
                standing=scan.counted_standing,
                reasons=list(scan.counted_verdict["reasons"]),
                **{name: getattr(scan, name) for name in names},
            )
            for scan in file.scans
        ],
        values=[shapes.SupervisedValue(label=value.label, value=value.value, kind=value.kind) for value in file.values],
        documents=[
            shapes.SupervisedDocument(title=one.title, version=one.version, at=one.at, sha256=one.object)
            for one in file.documents
        ],
    )


def _alarm(alarm: Alarm, names: Names) -> shapes.AlarmOut:
    return shapes.AlarmOut(
        **{name: getattr(alarm, name) for name in ("kind", "at", "agency_id", "act", "facts", "closed_at", "note")},
        id=alarm.pk,
        agency=names.agencies.get(alarm.agency_id, ""),
        officer=names.officers.get(alarm.officer, "") if alarm.officer else "",
        certificate_number=names.numbers.get(alarm.officer, "") if alarm.officer else "",
        act_code=names.acts.get(alarm.act, "") if alarm.act else "",
    )


def _access(access: BreakGlass, look_ups: int, names: Names, now: datetime) -> shapes.AccessOut:
    review = getattr(access, "review", None)
    return shapes.AccessOut(
        **{name: getattr(access, name) for name in ("act", "reason", "opened_at", "expires_at", "review_due")},
        id=access.pk,
        agency=names.agencies.get(access.agency_id, ""),
        officer=names.officers.get(access.officer, ""),
        certificate_number=names.numbers.get(access.officer, ""),
        act_code=names.acts.get(access.act, ""),
        is_late=review is None and now > access.review_due,
        look_ups=look_ups,
        reviewed_at=review.at if review else None,
        is_accepted=review.is_accepted if review else None,
        review_note=review.note if review else "",
    )
