"""Routes of rights: who looked at my data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from liangzheng.people.api import HolderSession, signed_in
from liangzheng.rights.uses import receipt_of_use, uses_of
from liangzheng.verification.words import words

router = Router(tags=["rights"])


class UseOut(Schema):
    """One look at the holder's data, in plain words. `log_index` is its place in the public log, null until it is sealed."""

    id: UUID
    at: datetime
    action: str
    action_label: str
    agency: str
    officer_certificate_number: str
    act_code: str
    purpose: str
    legal_basis: str
    licence_type_label: str
    fields: list[str]
    result_label: str
    log_index: int | None


@router.get("/my/uses", response=list[UseOut], auth=HolderSession())
def my_uses(request: HttpRequest) -> list[UseOut]:
    """List who looked, when and why, the newest first."""
    uses = uses_of(signed_in(request))
    names = [name for name in UseOut.model_fields if name != "result_label"]
    return [UseOut(result_label=_label(use.action, use.result), **{name: getattr(use, name) for name in names}) for use in uses]


@router.get("/my/uses/{use}/receipt", auth=HolderSession())
def my_use_receipt(request: HttpRequest, use: UUID) -> HttpResponse:
    """Give the proof that this look stands in the public log, as a file that anyone can check off-line (C2SP tlog-proof)."""
    receipt = receipt_of_use(signed_in(request), use)
    return HttpResponse(
        receipt.encoded,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{use}.tlog-proof"'},
    )


def _label(action: str, result: str) -> str:
    if action not in {"scan", "read_scan"}:
        return ""
    table, codes = words(), result.split(",")
    decisive = codes[1] if codes[0] == "invalid" and len(codes) > 1 else ""
    return str(table[decisive]["zh"] if decisive in table else table["standing"][codes[0]]["zh"])
