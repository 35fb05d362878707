"""Routes of the auditor: the log of his area with filters, and the proof of each entry."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema

from liangzheng.auditlog.models import LogEntry
from liangzheng.people.api import HolderSession, signed_in
from liangzheng.people.models import Agency
from liangzheng.people.sessions import Actor
from liangzheng.supervision import shapes
from liangzheng.supervision.api import with_post
from liangzheng.supervision.explore_log import PAGE, Filters, explore, prove


class AuditorSession(HolderSession):
    """审计管理员; administers nothing."""

    roles = ("auditor",)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Ask for the post, too."""
        return with_post(super().authenticate(request, key), "auditor")


class LogQuery(Schema):
    """What entries are wanted; nothing means any."""

    action: str = ""
    actor: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None
    before: UUID | None = None


router = Router(tags=["audit"], auth=AuditorSession())


@router.get("/audit/entries", response=shapes.LogPage)
def log_entries(request: HttpRequest, query: Annotated[LogQuery, Query()]) -> shapes.LogPage:
    """Give a page of the log; the look itself is logged."""
    entries, places = explore(signed_in(request), Filters(**query.dict()), timezone.now())
    agencies = dict(Agency.objects.values_list("pk", "name"))
    found = [_entry(entry, agencies, places) for entry in entries]
    return shapes.LogPage(entries=found, next=found[-1].id if len(found) == PAGE else None)


@router.get("/audit/entries/{entry_id}/proof")
def log_proof(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Give the proof that the entry stands in the public log (C2SP tlog-proof)."""
    receipt = prove(signed_in(request), entry_id, timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="{entry_id}.tlog-proof"'}
    return HttpResponse(receipt.encoded, content_type="text/plain; charset=utf-8", headers=headers)


def _entry(entry: LogEntry, agencies: dict[UUID, str], places: dict[UUID, int]) -> shapes.LogEntryOut:
    names = [name for name in shapes.LogEntryOut.model_fields if name not in {"id", "agency", "concerns_somebody", "log_index"}]
    return shapes.LogEntryOut(
        id=entry.pk,
        agency=agencies.get(entry.agency_id, "") if entry.agency_id else "",
        concerns_somebody=entry.holder is not None,
        log_index=places.get(entry.pk),
        **{name: getattr(entry, name) for name in names},
    )
