"""Routes of rights: who looked, the receipt of it, petitions and their answers, ratings, delayed display, the notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Header

from liangzheng.auditlog.peers import read_peers
from liangzheng.auditlog.sealing import log_signer
from liangzheng.people.api import HolderSession, OfficerSession, signed_in
from liangzheng.people.certificates import today_in_china
from liangzheng.rights import shapes
from liangzheng.rights.answer_petition import (
    agency_petitions,
    answer_petition,
    forward_petition,
    my_petitions,
    read_petition,
    withdraw_petition,
)
from liangzheng.rights.display_delay import Wish, ask_for_delay, decide_delay, delays_to_decide
from liangzheng.rights.issue_receipt import receipt_for_scan, receipt_for_use
from liangzheng.rights.petitions import NewPetition, enter_petition, file_petition
from liangzheng.rights.ratings import redeem, sums_of, token_for_use
from liangzheng.rights.receipt_file import write_key
from liangzheng.rights.uses import Wanted, one_use, receipt_of_use, uses_of
from liangzheng.rules.notices import notice_on
from liangzheng.storage.keystore import receipt_keys

router = Router(tags=["rights"])
RequestKey: UUID = Header(..., alias="Idempotency-Key")


class SupervisorSession(HolderSession):
    """Who supervises the agencies of a region (司法行政部门)."""

    roles = ("supervisor",)


@router.get("/my/uses", response=list[shapes.UseOut], auth=HolderSession())
def my_uses(
    request: HttpRequest,
    before: UUID | None = None,
    action: str = "",
    act_code: str = "",
    agency: str = "",
    since: date | None = None,
    until: date | None = None,
) -> list[shapes.UseOut]:
    """List a page of who looked, when and why, the newest first; `before` is the last one of the page before."""
    wanted = Wanted(before, action, act_code, agency, since, until)
    return [shapes.UseOut.of(use) for use in uses_of(signed_in(request), timezone.now(), wanted)]


@router.get("/my/uses/{use}", response=shapes.UseOut, auth=HolderSession())
def my_use(request: HttpRequest, use: UUID) -> shapes.UseOut:
    """Give one look."""
    return shapes.UseOut.of(one_use(signed_in(request), use, timezone.now()))


@router.get("/my/uses/{use}/receipt", auth=HolderSession())
def my_use_receipt(request: HttpRequest, use: UUID) -> HttpResponse:
    """Give the proof that this look stands in the public log, as a file that anyone can check off-line (C2SP tlog-proof)."""
    receipt = receipt_of_use(signed_in(request), use, timezone.now())
    return HttpResponse(
        receipt.encoded,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{use}.tlog-proof"'},
    )


@router.post("/my/uses/{use}/signed-receipt", response=shapes.ReceiptOut, auth=HolderSession())
def my_signed_receipt(request: HttpRequest, use: UUID) -> shapes.ReceiptOut:
    """Issue the signed receipt of a look, or give the one that was issued."""
    return shapes.ReceiptOut.of(receipt_for_use(signed_in(request), use, timezone.now()))


@router.post("/acts/{act_id}/scans/{scan_id}/receipt", response=shapes.ReceiptOut, auth=OfficerSession())
def scan_receipt(request: HttpRequest, act_id: UUID, scan_id: UUID) -> shapes.ReceiptOut:
    """Issue the receipt of a scan, for the party to take along."""
    return shapes.ReceiptOut.of(receipt_for_scan(signed_in(request), act_id, scan_id, timezone.now()))


@router.get("/receipt-keys", response=shapes.ReceiptKeysOut, auth=None)
def read_receipt_keys(request: HttpRequest) -> shapes.ReceiptKeysOut:  # noqa: ARG001 - ninja's signature
    """Say what a receipt is held to, so that a browser can check one later without a connection."""
    witnesses = read_peers(Path(settings.LOG_PEERS) if settings.LOG_PEERS else None).witnesses
    return shapes.ReceiptKeysOut(
        keys=[write_key(key) for key in receipt_keys()],
        log=[key.vkey for key in log_signer().public],
        witnesses=[witness.key.vkey for witness in witnesses],
    )


@router.get("/notice", response=shapes.NoticeOut, auth=None)
def read_notice(request: HttpRequest) -> shapes.NoticeOut:  # noqa: ARG001 - ninja's signature
    """Give the notice in force today."""
    return shapes.NoticeOut.of(notice_on(today_in_china(timezone.now())))


@router.get("/my/petitions", response=list[shapes.PetitionOut], auth=HolderSession())
def list_my_petitions(request: HttpRequest) -> list[shapes.PetitionOut]:
    """List the own petitions with their answers."""
    return [shapes.PetitionOut.of(row, timezone.now()) for row in my_petitions(signed_in(request))]


@router.post("/my/petitions", response=shapes.PetitionOut, auth=HolderSession())
def create_petition(request: HttpRequest, body: shapes.PetitionIn, key: UUID = RequestKey) -> shapes.PetitionOut:
    """File an objection, an error report or a complaint about a look at one's own data."""
    now, new = timezone.now(), NewPetition(body.kind, body.text, key, field=body.field)
    return shapes.PetitionOut.of(file_petition(signed_in(request), body.use, new, now), now)


@router.post("/my/petitions/{petition}/withdraw", response=shapes.PetitionOut, auth=HolderSession())
def withdraw(request: HttpRequest, petition: UUID) -> shapes.PetitionOut:
    """Take an own petition back."""
    return shapes.PetitionOut.of(withdraw_petition(signed_in(request), petition, timezone.now()), timezone.now())


@router.get("/petitions", response=list[shapes.PetitionOut], auth=OfficerSession())
def list_petitions(request: HttpRequest, *, closed: bool = False) -> list[shapes.PetitionOut]:
    """List the agency's petitions without their words, the most urgent first."""
    now, rows = timezone.now(), agency_petitions(signed_in(request), is_open=not closed)
    return [shapes.PetitionOut.of(row, now, whole=False) for row in rows]


@router.post("/petitions", response=shapes.PetitionOut, auth=OfficerSession())
def create_paper_petition(request: HttpRequest, body: shapes.PaperPetitionIn, key: UUID = RequestKey) -> shapes.PetitionOut:
    """Write down what somebody handed in on paper."""
    now = timezone.now()
    new = NewPetition(body.kind, body.text, key, field=body.field, name=body.name, contact=body.contact)
    return shapes.PetitionOut.of(enter_petition(signed_in(request), body.receipt, new, now), now)


@router.get("/petitions/{petition}", response=shapes.PetitionOut, auth=OfficerSession())
def get_petition(request: HttpRequest, petition: UUID) -> shapes.PetitionOut:
    """Read a petition with its words; logged."""
    return shapes.PetitionOut.of(read_petition(signed_in(request), petition, timezone.now()), timezone.now())


@router.post("/petitions/{petition}/forward", response=shapes.PetitionOut, auth=OfficerSession())
def forward(request: HttpRequest, petition: UUID, body: shapes.ForwardIn) -> shapes.PetitionOut:
    """Note that a petition went to the authority that can mend it."""
    now = timezone.now()
    return shapes.PetitionOut.of(forward_petition(signed_in(request), petition, body.to, body.reference, now), now)


@router.post("/petitions/{petition}/answer", response=shapes.PetitionOut, auth=OfficerSession())
def answer(request: HttpRequest, petition: UUID, body: shapes.AnswerIn) -> shapes.PetitionOut:
    """Answer a petition."""
    now = timezone.now()
    return shapes.PetitionOut.of(answer_petition(signed_in(request), petition, body.outcome, body.answer, now), now)


@router.post("/my/uses/{use}/rating-token", response=shapes.TokenOut, auth=HolderSession())
def rating_token(request: HttpRequest, use: UUID) -> shapes.TokenOut:
    """Hand out the one token for rating the inspection a look belongs to."""
    return shapes.TokenOut(token=token_for_use(signed_in(request), use, timezone.now()))


@router.post("/ratings", response={204: None}, auth=None)
def rate(request: HttpRequest, body: shapes.RatingIn) -> tuple[int, None]:  # noqa: ARG001 - who asks must not matter
    """Count a rating. Without a session; the app sends no cookie along."""
    redeem(body.token, body.score, timezone.now())
    return 204, None


@router.get("/agencies/{agency}/ratings", response=list[shapes.SumsOut], auth=None)
def agency_ratings(request: HttpRequest, agency: UUID) -> list[shapes.SumsOut]:  # noqa: ARG001 - ninja's signature
    """Give an agency's ratings by month: months that are over, with five ratings or more."""
    return [shapes.SumsOut(month=one.month, ratings=one.ratings, scores=list(one.scores)) for one in sums_of(agency)]


@router.post("/acts/{act_id}/display-delays", response=shapes.DelayOut, auth=OfficerSession())
def request_delay(request: HttpRequest, act_id: UUID, body: shapes.DelayIn) -> shapes.DelayOut:
    """Ask a supervisor to delay what a party sees of this act."""
    wish = Wish(body.scan, body.days, body.basis, body.reason)
    return shapes.DelayOut.of(ask_for_delay(signed_in(request), act_id, wish, timezone.now()))


@router.get("/display-delays", response=list[shapes.DelayOut], auth=SupervisorSession())
def list_delays(request: HttpRequest) -> list[shapes.DelayOut]:
    """List what waits for a supervisor's decision."""
    return [shapes.DelayOut.of(row) for row in delays_to_decide(signed_in(request))]


@router.post("/display-delays/{delay}/decision", response=shapes.DelayOut, auth=SupervisorSession())
def decide(request: HttpRequest, delay: UUID, body: shapes.DecisionIn) -> shapes.DelayOut:
    """Approve or refuse a delay."""
    return shapes.DelayOut.of(decide_delay(signed_in(request), delay, timezone.now(), approve=body.approve))
