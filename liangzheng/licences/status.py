"""Enter licence records and change their status: what a source says is added to the history, never written over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liangzheng.formats.status_list import Status
from liangzheng.licences.models import Licence, StatusChange
from liangzheng.licences.plates import plate_index_of

EXPIRED = "expired"
"""The one status of ours that a status list has no number for."""
_KNOWN = frozenset({*Status, EXPIRED})


@dataclass(frozen=True, slots=True)
class StatusNews:
    """What a source says: our word for it, the source's own code or word, since when (aware), and the decision behind it."""

    status: str
    source_status: str
    since: datetime
    note: str = ""


def enter_licence(licence: Licence, now: datetime) -> None:
    """Store a new record with the first line of its history, in a source's scope.

    What it supersedes gets that status, unless it had already ended. ValueError: it cannot be the next version of that one.
    """
    old = licence.supersedes
    if old is not None and not _follows(licence, old):
        raise ValueError(f"{licence.identifier} is not the next version of {old.identifier}")
    news = StatusNews(licence.status, licence.source_status, licence.status_at or now, licence.status_note)
    _check(news)
    licence.status_at = news.since
    licence.plate_index = plate_index_of(licence)
    licence.save(force_insert=True)
    _append(licence, news, now)
    if old is not None and old.status == Status.VALID:
        change_status(old, StatusNews(Status.SUPERSEDED, "", news.since, licence.identifier), now)


def change_status(licence: Licence, news: StatusNews, now: datetime) -> None:
    """Add what a source says to the history, in its scope and transaction.

    The record follows unless it already tells of something later: news may arrive out of order. ValueError: no word of ours.
    """
    _check(news)
    row = Licence.objects.select_for_update().get(pk=licence.pk)
    _append(row, news, now)
    if row.status_at is None or news.since >= row.status_at:
        row.status, row.source_status, row.status_at, row.status_note = news.status, news.source_status, news.since, news.note
        row.save(update_fields=["status", "source_status", "status_at", "status_note"])
    licence.refresh_from_db()


def _check(news: StatusNews) -> None:
    if news.status not in _KNOWN:
        raise ValueError(f"{news.status!r} is no status of ours")


def _follows(new: Licence, old: Licence) -> bool:
    same = (new.type_code, new.issuing_authority_code, new.holder_id) == (
        old.type_code,
        old.issuing_authority_code,
        old.holder_id,
    )
    return same and new.version.isdecimal() and old.version.isdecimal() and int(new.version) == int(old.version) + 1


def _append(licence: Licence, news: StatusNews, now: datetime) -> None:
    StatusChange.objects.create(
        licence=licence,
        status=news.status,
        source_status=news.source_status,
        since=news.since,
        note=news.note,
        recorded_at=now,
    )
