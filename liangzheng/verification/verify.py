"""Judge what an officer scanned: gather the facts from the rooms below, let the pure checks decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.usable import usable_type
from liangzheng.codes.find import Presented, find_presented
from liangzheng.codes.models import IssuedCode
from liangzheng.errors import NotFound
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.pdf.mark import is_pdf
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import today_in_china
from liangzheng.storage.objects import read_object
from liangzheng.verification.annotated_checks import judge_ofd
from liangzheng.verification.checks import CodeFacts, LicenceFacts, ListFacts, judge_scan
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.pdf_checks import judge_pdf
from liangzheng.verification.trust import trust_material
from liangzheng.verification.verdict import Check, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement. `licence` is given only when the code opened it: signed, fresh, unused."""

    verdict: Verdict
    presented: Presented
    licence: Licence | None
    licence_type: LicenceType | None


def verify_code(
    text: str, verifier: UUID, region: str, now: datetime, *, act_code: str = "", beside: frozenset[UUID] | None = None
) -> Judged:
    """Judge a scanned or typed text for this verifier, by the list that is in force today in the region.

    A code that was shown for one act is unknown in another. `beside`: the officers of the act, each of whom may use a showing
    once; one that somebody else has used cannot be confirmed, for one of the two saw a copy. None: that is not asked.
    """
    presented = find_presented(text, verifier, now, act_code)
    is_reused = beside is not None and bool(presented.used_by - beside)
    code = CodeFacts(
        presented.kind,
        presented.is_signed,
        presented.issued is not None,
        presented.expires_at,
        was_used=presented.was_used,
        is_reused=is_reused,
    )
    return _judge_licence(code, presented, None if is_reused else _opened(presented, now), region, now)


def _judge_licence(code: CodeFacts, presented: Presented, licence: Licence | None, region: str, now: datetime) -> Judged:
    today = today_in_china(now)
    if licence is None:
        return Judged(judge_scan(code, None, None, None, now, today), presented, None, None)
    licence_type = usable_type(licence.type_code, today)
    report = judge_original(licence, now)
    verdict = judge_scan(
        code,
        LicenceFacts(licence.valid_from, licence.valid_to, licence.status, _status_day(licence), _compared(licence, report)),
        {check.id: check for check in report.verdict.checks} if report else None,
        _list_facts(licence_type, region, today),
        now,
        today,
    )
    return Judged(verdict, presented, licence, licence_type)


def judge_foreign(
    reason: str, issued: IssuedCode | None, licence: Licence | None, region: str, now: datetime, *, was_used: bool
) -> Judged:
    """Judge a licence behind another system's code. `reason`: why its gateway did not know the code, "" when it did."""
    presented = Presented(
        "foreign_code", is_signed=True, code=issued.pk if issued else None, issued=issued, expires_at=None, was_used=was_used
    )
    code = CodeFacts(
        "foreign_code", is_signed=True, is_known=licence is not None, expires_at=None, was_used=was_used, gateway=reason
    )
    return _judge_licence(code, presented, licence, region, now)


def judge_looked_up(licence: Licence | None, region: str, now: datetime) -> Judged:
    """Judge a licence that was looked up by function: nobody presented it, so only the record and its file speak."""
    presented = Presented("look_up", is_signed=False, code=None, issued=None, expires_at=None, was_used=False)
    code = CodeFacts("look_up", is_signed=False, is_known=licence is not None, expires_at=None, was_used=False)
    return _judge_licence(code, presented, licence, region, now)


def _opened(presented: Presented, now: datetime) -> Licence | None:
    is_open = presented.is_signed and presented.expires_at is not None and now <= presented.expires_at and not presented.was_used
    if not is_open or presented.issued is None or presented.issued.licence is None:
        return None
    return Licence.objects.select_related("holder").filter(pk=presented.issued.licence).first()


def judge_original(licence: Licence, now: datetime) -> FileReport | None:
    """Judge the licence's original file; None when there is none or it cannot be read."""
    try:
        return judge_document(read_object(licence.file), now) if licence.file else None
    except (NotFound, UnreadableFile):
        return None


def judge_document(data: bytes, now: datetime) -> FileReport:
    """Judge a licence file as what it is, OFD or PDF, by the trust of this installation. Raises UnreadableFile."""
    return (judge_pdf if is_pdf(data) else judge_ofd)(data, trust_material(), now)


def _compared(licence: Licence, report: FileReport | None) -> Mapping[str, tuple[str, str]]:
    sealed = report.metadata if report else None
    if sealed is None:
        return {}
    return {
        "identifier": (licence.identifier, sealed.identifier),
        "type_code": (licence.type_code, sealed.type_code),
        "number": (licence.number, sealed.number),
        "holder": (licence.holder.name, sealed.holder),
        "holder_code": (licence.holder.code, sealed.holder_code),
        "issuer_code": (licence.issuing_authority_code, sealed.issuer_code),
        **_dates(licence, sealed),
    }


def _status_day(licence: Licence) -> date | None:
    return today_in_china(licence.status_at) if licence.status_at else None


def _dates(licence: Licence, sealed: LicenceMetadata) -> Mapping[str, tuple[str, str]]:
    return {
        "valid_from": (str(licence.valid_from), str(sealed.valid_from)),
        "valid_to": (str(licence.valid_to), str(sealed.valid_to)),
    }


def _list_facts(licence_type: LicenceType | None, region: str, today: date) -> ListFacts | None:
    if licence_type is None:
        return None
    rule = licence_type.physical_requirement(region, today)
    return ListFacts(
        is_listed=licence_type.is_listed(region, today),
        physical=rule.policy if rule else "",
        is_physical_confirmed=rule is not None and rule.is_confirmed,
    )


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """Give the stored form: the canonical verdict as a JSON value."""
    return {
        "standing": verdict.standing.value,
        "reasons": list(verdict.reasons),
        "checks": [check_json(check) for check in verdict.checks],
        "as_of": verdict.as_of.isoformat(),
        "mode": verdict.mode.value,
    }


def check_json(check: Check) -> dict[str, str]:
    """Give one check as a JSON value."""
    return {"id": check.id, "result": check.result.value, "reason": check.reason, "detail": check.detail}
