"""Keep an original as an exhibit of an act: object first, then the row; the same bytes once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.cases.models import Act
from liangzheng.crypto.digests import sm3
from liangzheng.evidence.models import Exhibit
from liangzheng.storage.objects import keep_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file on its way into evidence. `report` is the JSON text of its verification; `standing` its verdict, never improved."""

    data: bytes
    kind: str
    title: str
    standing: str
    report: str
    is_demo: bool
    scan: UUID | None = None
    licence: UUID | None = None


def keep_exhibit(act: Act, original: Original, officer: UUID, now: datetime) -> tuple[Exhibit, bool]:
    """Keep the file; the act is locked by the caller. Gives the exhibit and whether it is new."""
    digest = keep_object(original.data)
    there = Exhibit.objects.filter(act=act, sha256=digest).first()
    if there is not None:
        return there, False
    exhibit = Exhibit.objects.create(
        act=act,
        agency_id=act.agency_id,
        region=act.region,
        number=Exhibit.objects.filter(act=act).count() + 1,
        kind=original.kind,
        title=original.title,
        scan=original.scan,
        licence=original.licence,
        size=len(original.data),
        sm3=sm3(original.data).hex(),
        sha256=digest,
        standing=original.standing,
        report=original.report,
        is_demo=original.is_demo,
        kept_by=officer,
        kept_at=now,
    )
    return exhibit, True
