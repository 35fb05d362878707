"""Pages without log-in and without JavaScript: a receipt by its code, its print, petition and rating, paper forms, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import zxingcpp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from liangzheng.errors import CannotDo, Malformed, NotFound
from liangzheng.rights.answer_petition import OUTCOMES, is_overdue
from liangzheng.rights.issue_receipt import Issued, holding, open_receipt
from liangzheng.rights.models import Petition
from liangzheng.rights.petitions import LONGEST_LINE, LONGEST_TEXT, TERMS, NewPetition, file_with_receipt
from liangzheng.rights.ratings import LEAST, SCORES, redeem, token_with_receipt
from liangzheng.rules.notices import notices
from liangzheng.storage.ids import new_id

_STATES = dict(Petition._meta.get_field("state").choices or ())  # noqa: SLF001 - Django's public _meta
_SCORE_WORDS = ("很不满意", "不满意", "一般", "满意", "很满意")


@require_http_methods(["GET", "HEAD"])
def receipt_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show a receipt to whoever has its code."""
    return _page(request, code)


@require_GET
def receipt_print(request: HttpRequest, code: str) -> HttpResponse:
    """Show a receipt for a printer, A4 or a till roll."""
    try:
        issued = open_receipt(code, timezone.now())
    except NotFound as error:
        return _unknown(request, error)
    return _show(request, "rights/receipt_print.html", _told(issued, timezone.now()))


@require_GET
def receipt_file(_request: HttpRequest, code: str) -> HttpResponse:
    """Give the file that anyone can check."""
    try:
        issued = open_receipt(code, timezone.now())
    except NotFound as error:
        raise Http404 from error
    name = f'attachment; filename="{issued.content["number"]}.receipt.json"'
    return HttpResponse(issued.file, content_type="application/json", headers={"Content-Disposition": name})


@require_GET
def receipt_picture(_request: HttpRequest, code: str) -> HttpResponse:
    """Draw the receipt's link as a QR code."""
    try:
        issued = open_receipt(code, timezone.now())
    except NotFound as error:
        raise Http404 from error
    barcode = zxingcpp.create_barcode(issued.url, zxingcpp.BarcodeFormat.QRCode)
    return HttpResponse(barcode.to_svg(add_quiet_zones=True), content_type="image/svg+xml")


@require_POST
def receipt_petition(request: HttpRequest, code: str) -> HttpResponse:
    """File a petition as the bearer; a form sent twice files one."""
    try:
        kind = next((known for known in TERMS if known == request.POST.get("kind")), None)
        if kind is None:
            raise Malformed("petition_unreadable", "请选择异议、纠错或者投诉。")
        row = file_with_receipt(code, _read(request, kind), timezone.now())
    except NotFound as error:
        return _unknown(request, error)
    except CannotDo as error:
        return _page(request, code, problem=error.message)
    return _page(request, code, filed=row.number)


def _read(request: HttpRequest, kind: str) -> NewPetition:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed("petition_unreadable", "表格不完整，请刷新页面后重填。") from error
    texts = {name: request.POST.get(name, "") for name in ("text", "name", "contact")}
    return NewPetition(kind=kind, key=key, **texts)  # type: ignore[arg-type]  # one of TERMS


@require_POST
def receipt_token(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the bearer the token for rating; it stands in the answer only, never in an address."""
    try:
        token = token_with_receipt(code)
    except NotFound as error:
        return _unknown(request, error)
    except CannotDo as error:
        return _page(request, code, problem=error.message)
    return _rating(request, token)


@require_POST
def rating_page(request: HttpRequest) -> HttpResponse:
    """Count a rating; who is signed in is not looked at."""
    token, score = request.POST.get("token", ""), request.POST.get("score", "")
    try:
        redeem(token, int(score) if score.isdecimal() else 0, timezone.now())
    except CannotDo as error:
        return _rating(request, token, problem=error.message)
    return _rating(request, "", done=True)


@require_GET
def notice_page(request: HttpRequest, version: str) -> HttpResponse:
    """Show a notice as it was told, also long after."""
    notice = notices().get(version)
    if notice is None:
        raise Http404
    return _show(request, "rights/notice.html", {"notice": notice})


@require_GET
def paper_form(request: HttpRequest) -> HttpResponse:
    """Give the blank form for those who do not use a phone."""
    return _show(request, "rights/paper_form.html", {"terms": TERMS.values()})


def _show(request: HttpRequest, template: str, page: Mapping[str, object], status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, template, dict(page), status=status)


def _rating(request: HttpRequest, token: str, *, problem: str = "", done: bool = False) -> HttpResponse:
    scores = list(zip(SCORES, _SCORE_WORDS, strict=True))[::-1]
    page = {"token": token, "problem": problem, "done": done, "scores": scores, "least": LEAST}
    return _show(request, "rights/rating.html", page, status=HTTPStatus.CONFLICT if problem else HTTPStatus.OK)


def _page(request: HttpRequest, code: str, *, problem: str = "", filed: str = "") -> HttpResponse:
    now = timezone.now()
    try:
        issued = open_receipt(code, now)
        with holding(code) as row:
            petitions = list(Petition.objects.filter(entry=row.entry).order_by("-id"))
    except NotFound as error:
        return _unknown(request, error)
    page = _told(issued, now) | {
        "petitions": [_petition(row, now) for row in petitions],
        "problem": problem,
        "filed": filed,
        "kinds": TERMS.items(),
        "key": new_id(),
        "longest_text": LONGEST_TEXT,
        "longest_line": LONGEST_LINE,
    }
    return _show(request, "rights/receipt.html", page, status=HTTPStatus.CONFLICT if problem else HTTPStatus.OK)


def _unknown(request: HttpRequest, error: NotFound) -> HttpResponse:
    return _show(request, "rights/receipt_unknown.html", {"problem": error.message}, status=HTTPStatus.NOT_FOUND)


def _petition(row: Petition, now: datetime) -> dict[str, object]:
    """Number, state and term only: the words and the answer are for the party himself and on paper."""
    return {
        "number": row.number,
        "label": row.get_kind_display(),
        "state": _STATES[row.state],
        "outcome": OUTCOMES.get(row.outcome, ""),
        "due_on": row.due_on,
        "is_open": row.state in {"received", "forwarded"},
        "is_overdue": is_overdue(row, now),
        "addressed_to": row.addressed_to,
    }


def _told(issued: Issued, now: datetime) -> dict[str, object]:
    content = issued.content
    return {
        **content,
        "at": datetime.fromisoformat(str(content["at"])),
        "issued_at": datetime.fromisoformat(str(content["issued_at"])),
        "now": now,
        "code": issued.code,
        "bare": issued.row.code,
        "url": issued.url,
        "is_logged": bool(issued.log_proof),
        "is_demo": "演示" in str(content["agency"]),
    }
