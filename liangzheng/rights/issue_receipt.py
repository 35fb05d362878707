"""回执: issue the signed receipt of one look, once; and open it by its code, without log-in."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.models import LogEntry
from liangzheng.auditlog.proofs import receipt_of
from liangzheng.cases.acts import find_act
from liangzheng.errors import CannotDo, NotFound
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import today_in_china
from liangzheng.people.models import Agency
from liangzheng.people.sessions import Actor
from liangzheng.rights.models import Receipt
from liangzheng.rights.receipt_file import Content, read_signed, sign_receipt
from liangzheng.rights.uses import JUDGED, action_word, field_words, find_use, result_word
from liangzheng.rules.notices import notice_on
from liangzheng.storage.keystore import receipt_keys
from liangzheng.storage.tenancy import Scope, acting
from liangzheng.verification.models import Scan

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without letters that are read as digits."""
CODE = 20  # characters: 99 bits
_GROUPED = re.compile(f"[{ALPHABET}]{{{CODE}}}")


@dataclass(frozen=True, slots=True)
class Issued:
    """A receipt with what it says. `log_proof` is empty while the look is not sealed."""

    row: Receipt
    content: Content
    log_proof: bytes

    @property
    def code(self) -> str:
        """The code in groups of four, as people read it."""
        return "-".join(self.row.code[start : start + 4] for start in range(0, CODE, 4))

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}/r/{self.row.code}"

    @property
    def file(self) -> bytes:
        """The receipt as a file (`receipt_file.py`)."""
        return read_signed(self.row.signed.encode()).encoded(self.log_proof)


def receipt_for_use(actor: Actor, use: UUID, now: datetime) -> Issued:
    """Give the holder the receipt of one look at his data."""
    with acting(actor.scope):
        return _issued(find_use(actor, use, now), now)


def receipt_for_scan(actor: Actor, act_id: UUID, scan_id: UUID, now: datetime) -> Issued:
    """Give an officer of the act the receipt of a scan, to be handed to the party; logged when it is issued."""
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        scan = Scan.objects.filter(pk=scan_id, act=act.pk).first()
        entry = _entry_of(scan) if scan else None
        if entry is None:
            raise NotFound("scan_not_found", "没有这次扫码记录。")
        if not Receipt.objects.filter(entry=entry.pk).exists():
            append([_event(entry, actor, now)])
        return _issued(entry, now)


def _entry_of(scan: Scan) -> LogEntry | None:
    """The entry of a scan is written with it, by the same officer into the same act, and its id is the next one."""
    written = LogEntry.objects.filter(act=scan.act, actor=scan.officer, action__in=JUDGED, id__gt=scan.pk)
    return written.filter(subject=scan.licence or scan.pk).order_by("id").first()


def _event(entry: LogEntry, actor: Actor, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind="officer",
        actor=actor.user,
        actor_number=entry.actor_number,
        action="issue_receipt",
        subject_kind=entry.subject_kind,
        subject=entry.subject,
        act=entry.act,
        act_code=entry.act_code,
        agency=entry.agency_id,
        region=entry.region,
        holder=entry.holder,
        purpose=entry.purpose,
        legal_basis=entry.legal_basis,
    )


def _issued(entry: LogEntry, now: datetime) -> Issued:
    row = Receipt.objects.filter(entry=entry.pk).first() or _issue(entry, now)
    return Issued(row, read_signed(row.signed.encode()).content, _proof(entry))


def _issue(entry: LogEntry, now: datetime) -> Receipt:
    """Sign and store. Of two requests at once the first one's row stays (`entry` is unique)."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))
    row = Receipt(
        entry=entry.pk,
        act=entry.act,
        agency_id=entry.agency_id,
        region=entry.region,
        holder=entry.holder,
        code=code,
        code_hash=_hash(code),
        signed=sign_receipt(_content(entry, now), receipt_keys()).encoded().decode(),
        issued_at=now,
    )
    Receipt.objects.bulk_create([row], ignore_conflicts=True)
    return Receipt.objects.get(entry=entry.pk)


def _content(entry: LogEntry, now: datetime) -> Content:
    """Names of fields, never their values, and nobody's name."""
    licence = Licence.objects.filter(pk=entry.subject).first() if entry.subject and entry.subject_kind == "licence" else None
    agency = Agency.objects.filter(pk=entry.agency_id).first() if entry.agency_id else None
    serial = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return {
        "number": f"HZ-{today_in_china(now):%Y%m%d}-{serial}",
        "commitment": bytes(entry.commitment).hex(),
        "log": settings.LOG_ORIGIN,
        "agency": agency.name if agency else "",
        "action": entry.action,
        "action_label": action_word(entry.action),
        "officer_certificate_number": entry.actor_number,
        "act_code": entry.act_code,
        "at": _utc(entry.at, "microseconds"),
        "purpose": entry.purpose,
        "legal_basis": entry.legal_basis,
        "licence_type": licence.type_name if licence else "",
        "fields": list(entry.fields),
        "field_labels": list(field_words(licence, entry.fields)),
        "result": entry.result,
        "result_label": result_word(entry.action, entry.result),
        "notice": notice_on(today_in_china(entry.at)).version,
        "issued_at": _utc(now, "seconds"),
    }


def _utc(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _proof(entry: LogEntry) -> bytes:
    try:
        return receipt_of(entry).encoded
    except CannotDo:  # not sealed yet, or its content was erased by law: the signatures stand without it
        return b""


def open_receipt(code: str, now: datetime) -> Issued:
    """Open a receipt by its code, as the one who holds it. NotFound tells nothing about whether another code exists."""
    with holding(code) as row:
        entry = LogEntry.objects.filter(pk=row.entry).first()
        if entry is None:
            raise _unknown()
        return _issued(entry, now)


@contextmanager
def holding(code: str) -> Iterator[Receipt]:
    """Act as the bearer of a receipt: find it by its code alone, then go on in the scope of the agency that looked."""
    bare = re.sub(r"[\s-]", "", code).upper()
    if not _GROUPED.fullmatch(bare):
        raise _unknown()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.receipt', %s, true)", [_hash(bare).hex()])
        row = Receipt.objects.filter(code_hash=_hash(bare)).first()
    if row is None:
        raise _unknown()
    with acting(Scope(agency=row.agency_id, region=row.region)):
        yield row


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _unknown() -> NotFound:
    return NotFound("receipt_not_found", "没有这份回执，请核对回执号。")
