"""Routes an officer's phone calls during an inspection. Each hands over to one story and describes what came of it."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.files import UploadedFile
from ninja.params.functions import File, Header

from liangzheng.cases.acts import NewAct, find_act, rule_hits
from liangzheng.cases.models import Act
from liangzheng.errors import Malformed, NotFound
from liangzheng.evidence.models import Exhibit
from liangzheng.formats.pdf.mark import is_pdf
from liangzheng.onsite import shapes
from liangzheng.onsite.act_view import describe_act, exhibit_out, read_act_file, summary
from liangzheng.onsite.badge import record_declined, show_badge
from liangzheng.onsite.collect import LARGEST_UPLOAD, answer_photo, keep_scanned, keep_uploaded, open_exhibit
from liangzheng.onsite.finding import close_finding, findings_of
from liangzheng.onsite.queue import MOST_EVENTS, upload
from liangzheng.onsite.queue_view import finding_out, read_encoded, uploaded_out
from liangzheng.onsite.record_document import log_for_holders, write_record
from liangzheng.onsite.scan import ScanInput, scan_into_act
from liangzheng.onsite.scan_view import photo_of, read_scan, reveal
from liangzheng.onsite.writing import PhysicalInput, document_of, open_inspection, write_physical, write_value
from liangzheng.people.api import CertificateOut, OfficerSession, signed_in
from liangzheng.rules.evaluate import is_open
from liangzheng.storage.objects import read_object
from liangzheng.storage.tenancy import acting

router = Router(tags=["onsite"], auth=OfficerSession())
RequestKey: UUID = Header(..., alias="Idempotency-Key")
LicenceFile: UploadedFile = File(...)
LONGEST_CODE = 4096  # characters; a longer text is cut just above and so read as no code of anybody


class ActIn(Schema):
    """Opening an act."""

    subject: str
    place: str
    second_officer: UUID
    asks: dict[str, str] = Field(default_factory=dict)
    assignment_number: str = Field(default_factory=str, description="联合执法、指派执法的文书编号")


class DeclineIn(Schema):
    """The party would not look."""

    note: str = ""


class ScanIn(Schema):
    """A scanned or typed text."""

    code: str
    method: str = "camera"


class PhotoIn(Schema):
    """The officer's answer to the photo question."""

    match: bool


class RevealIn(Schema):
    """Which full value, and why."""

    field: str
    reason: str


class PhysicalIn(Schema):
    """A physical licence, read by eye."""

    requirement: str
    holder_name: str
    number: str
    valid_to: date | None = None
    note: str = ""


class ValueIn(Schema):
    """A value written by hand."""

    value: str
    reason: str = ""


class QueueIn(Schema):
    """Events of one device (base64url), in any order."""

    device: UUID
    events: list[str] = Field(min_length=1, max_length=MOST_EVENTS)


class CloseIn(Schema):
    """What was done about a finding."""

    note: str


def _act(request: HttpRequest, act_id: UUID, *, full: bool = False) -> shapes.ActOut:
    actor, now = signed_in(request), timezone.now()
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        if full:
            log_for_holders(actor, read_act_file(act), "read_record", act.pk, now)
        return describe_act(act, actor.user, now, full=full)


@router.get("/acts", response=list[shapes.ActSummary])
def list_acts(request: HttpRequest) -> list[shapes.ActSummary]:
    """List the newest acts this officer takes part in."""
    actor, now = signed_in(request), timezone.now()
    with acting(actor.scope):
        acts = Act.objects.filter(officers__officer=actor.user).order_by("-id")[:50]
        return [summary(act, gate_open=is_open(rule_hits(act, now))) for act in acts]


@router.post("/acts", response=shapes.ActOut)
def create_act(request: HttpRequest, body: ActIn, key: UUID = RequestKey) -> shapes.ActOut:
    """Open an inspection act with a second officer."""
    new = NewAct(body.subject, body.place, body.asks, body.second_officer, key, body.assignment_number)
    return _act(request, open_inspection(signed_in(request), new, timezone.now()))


@router.get("/acts/{act_id}", response=shapes.ActOut)
def read_act(request: HttpRequest, act_id: UUID, *, full: bool = False) -> shapes.ActOut:
    """Read the act; `full` shows the record's personal values and is logged for every person concerned."""
    return _act(request, act_id, full=full)


@router.post("/acts/{act_id}/badge", response=shapes.BadgeOut)
def create_badge(request: HttpRequest, act_id: UUID) -> shapes.BadgeOut:
    """Make this officer's own badge code for the act."""
    badge = show_badge(signed_in(request), act_id, timezone.now())
    return shapes.BadgeOut(
        url=f"{settings.PUBLIC_URL}/b/{badge.code.signed.badge_token()}",
        expires_at=badge.code.expires_at,
        lifetime=badge.code.signed.lifetime,
        match_number=badge.row.match_number,
        certificate=CertificateOut.of(badge.row.certificate),
        act_code=badge.row.act.act_code,
    )


@router.post("/acts/{act_id}/officers/{officer_id}/declined", response=shapes.ActOut)
def decline_badge(request: HttpRequest, act_id: UUID, officer_id: UUID, body: DeclineIn) -> shapes.ActOut:
    """Write down that the party would not look at a certificate that was shown."""
    record_declined(signed_in(request), act_id, officer_id, body.note, timezone.now())
    return _act(request, act_id)


@router.post("/acts/{act_id}/scans", response=shapes.ScanOut)
def scan(request: HttpRequest, act_id: UUID, body: ScanIn, key: UUID = RequestKey) -> shapes.ScanOut:
    """Judge a code and store the verdict, whatever it is."""
    actor, now = signed_in(request), timezone.now()
    if body.method not in {"camera", "photo", "typed", "wedge"}:
        raise Malformed("invalid_input", "没有这种扫码方式。", place="method")
    scan_id = scan_into_act(actor, act_id, ScanInput(body.code[: LONGEST_CODE + 1], body.method, key), now)
    return read_scan(actor, act_id, scan_id, now, first=True)


@router.get("/acts/{act_id}/scans/{scan_id}", response=shapes.ScanOut)
def get_scan(request: HttpRequest, act_id: UUID, scan_id: UUID) -> shapes.ScanOut:
    """Read a scan again; logged."""
    return read_scan(signed_in(request), act_id, scan_id, timezone.now(), first=False)


@router.get("/acts/{act_id}/scans/{scan_id}/photo", include_in_schema=False)
def scan_photo(request: HttpRequest, act_id: UUID, scan_id: UUID) -> HttpResponse:
    """Give the holder's picture; logged."""
    digest = photo_of(signed_in(request), act_id, scan_id, timezone.now())
    return HttpResponse(read_object(digest), content_type="image/png")


@router.post("/acts/{act_id}/scans/{scan_id}/photo-match", response=shapes.ScanOut)
def match_photo(request: HttpRequest, act_id: UUID, scan_id: UUID, body: PhotoIn) -> shapes.ScanOut:
    """Answer whether the person is the one on the photo."""
    actor, now = signed_in(request), timezone.now()
    answer_photo(actor, act_id, scan_id, now, is_match=body.match)
    return read_scan(actor, act_id, scan_id, now, first=True)


@router.post("/acts/{act_id}/scans/{scan_id}/reveal", response=shapes.RevealOut)
def reveal_field(request: HttpRequest, act_id: UUID, scan_id: UUID, body: RevealIn) -> shapes.RevealOut:
    """Give one full value for a reason; logged."""
    value = reveal(signed_in(request), act_id, scan_id, body.field, body.reason, timezone.now())
    return shapes.RevealOut(field=body.field, value=value)


@router.post("/acts/{act_id}/scans/{scan_id}/exhibit", response=shapes.ExhibitOut)
def keep_licence(request: HttpRequest, act_id: UUID, scan_id: UUID) -> shapes.ExhibitOut:
    """Keep the licence's original file as an exhibit; the same file is kept once."""
    return _exhibit(request, keep_scanned(signed_in(request), act_id, scan_id, timezone.now()))


@router.post("/acts/{act_id}/files", response=shapes.ExhibitOut)
def keep_file(request: HttpRequest, act_id: UUID, file: UploadedFile = LicenceFile) -> shapes.ExhibitOut:
    """Judge an uploaded licence file and keep it with its honest verdict."""
    data = file.read(LARGEST_UPLOAD + 1)
    return _exhibit(request, keep_uploaded(signed_in(request), act_id, file.name or "", data, timezone.now()))


def _exhibit(request: HttpRequest, exhibit: Exhibit) -> shapes.ExhibitOut:
    with acting(signed_in(request).scope):
        return exhibit_out(exhibit)


@router.get("/acts/{act_id}/exhibits/{exhibit_id}/file", include_in_schema=False)
def exhibit_file(request: HttpRequest, act_id: UUID, exhibit_id: UUID) -> HttpResponse:
    """Give an exhibit's original bytes; logged."""
    exhibit = open_exhibit(signed_in(request), act_id, exhibit_id, timezone.now())
    data = read_object(exhibit.sha256)
    ending = "pdf" if is_pdf(data) else "ofd"
    name = quote(f"证{exhibit.number}-{exhibit.title}.{ending}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HttpResponse(data, content_type=f"application/{ending}", headers=headers)


@router.post("/acts/{act_id}/physical", response=shapes.ActOut)
def create_physical(request: HttpRequest, act_id: UUID, body: PhysicalIn, key: UUID = RequestKey) -> shapes.ActOut:
    """Write down a physical licence, unverified."""
    given = PhysicalInput(body.requirement, body.holder_name, body.number, body.valid_to, body.note, key)
    write_physical(signed_in(request), act_id, given, timezone.now())
    return _act(request, act_id)


@router.put("/acts/{act_id}/values/{field}", response=shapes.ActOut)
def put_value(request: HttpRequest, act_id: UUID, field: str, body: ValueIn) -> shapes.ActOut:
    """Write one field of the record by hand."""
    write_value(signed_in(request), act_id, field, body.value, body.reason, timezone.now())
    return _act(request, act_id, full=True)


@router.post("/acts/{act_id}/record", response=shapes.ActOut)
def create_record(request: HttpRequest, act_id: UUID, key: UUID = RequestKey) -> shapes.ActOut:
    """Write 现场检查笔录 as the next numbered PDF."""
    write_record(signed_in(request), act_id, key, timezone.now())
    return _act(request, act_id)


@router.get("/acts/{act_id}/documents/{document_id}.pdf", include_in_schema=False)
def read_document(request: HttpRequest, act_id: UUID, document_id: UUID) -> HttpResponse:
    """Give a document's PDF; logged for every person concerned."""
    actor, now = signed_in(request), timezone.now()
    with acting(actor.scope):
        document = document_of(actor, act_id, document_id)
        if document is None:
            raise NotFound("document_not_found", "没有这份文书。")
        log_for_holders(actor, read_act_file(document.act), "read_record", document.pk, now)
    return HttpResponse(read_object(document.object), content_type="application/pdf")


@router.post("/queue", response=shapes.QueueOut, auth=None)
def upload_queue(request: HttpRequest, body: QueueIn) -> shapes.QueueOut:  # noqa: ARG001 - each event proves itself
    """Take in what a phone did without signal; without a session, so that a revoked phone can hand in what it has, too."""
    return uploaded_out(upload(body.device, read_encoded(body.events), timezone.now()))


@router.get("/findings", response=list[shapes.FindingOut])
def list_findings(request: HttpRequest, *, closed: bool = False) -> list[shapes.FindingOut]:
    """List what the server judged otherwise in my acts."""
    return [finding_out(row) for row in findings_of(signed_in(request), is_open=not closed)]


@router.post("/findings/{finding_id}/close", response=shapes.FindingOut)
def close(request: HttpRequest, finding_id: UUID, body: CloseIn) -> shapes.FindingOut:
    """Close a finding with a note."""
    return finding_out(close_finding(signed_in(request), finding_id, body.note, timezone.now()))
