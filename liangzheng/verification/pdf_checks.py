"""Judges a PDF (证照PDF文件核验) by the checks of any licence file, pure, with clock and trust as arguments.

Which bytes a signature covers and what changed afterwards is read by `formats.pdf`; whether it is good, `cms_checks` judges as
for any other file. A document timestamp (DocTimeStamp) is no signature: what it covers is judged, what it proves is not used yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from liangzheng.verification.cms_checks import judge_detached
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.licence_checks import judge_licence
from liangzheng.verification.seal_checks import JudgedSeal, worst_of
from liangzheng.verification.signer_checks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, SealFacts, TrustMaterial
from liangzheng.verification.verdict import Check, Mode, conclude

if TYPE_CHECKING:
    from liangzheng.formats.pdf.reading import PdfFile, PdfSignature

_DETACHED = frozenset({"/adbe.pkcs7.detached", "/ETSI.CAdES.detached"})


def judge_pdf(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a PDF as of `at` (aware). `kind` is `licence_pdf` when it describes a licence, else `pdf`. Raises PdfError."""
    from liangzheng.formats.pdf.reading import read_pdf  # pyHanko takes a while to load; who judges an OFD need not wait

    pdf = read_pdf(data)
    signatures = [item for item in pdf.signatures if not item.is_timestamp]
    licence_type = pdf.metadata.type_code or None if pdf.metadata else None
    judged = [_judge(item, data, trust, at, licence_type) for item in signatures]
    signed_by = [seal.facts.organisation_code for seal in judged if seal.protects_entry] if judged else None
    present, *others = judge_licence(pdf.metadata, signed_by=signed_by, trust=trust, at=at)
    checks = (
        Check("file_readable", PASS),
        *worst_of(judged),
        _coverage(pdf, signatures, [seal.facts.organisation_code for seal in judged]),
        replace(present, detail=pdf.metadata_source),
        *others,
    )
    return FileReport(
        kind="licence_pdf" if pdf.metadata else "pdf",
        verdict=conclude(checks, as_of=at, mode=Mode.FILE),
        seals=tuple(seal.facts for seal in judged),
        metadata=pdf.metadata,
    )


def _judge(item: PdfSignature, data: bytes, trust: TrustMaterial, at: datetime, licence_type: str | None) -> JudgedSeal:
    """Judge one signature: checks 2 to 9. The first ranges of all signatures begin at 0, so each covers what the licence says."""
    from liangzheng.formats.pdf.reading import Coverage

    protects_entry = item.coverage is not Coverage.PARTIAL
    if item.sub_filter not in _DETACHED:
        names = (check.id for check in worst_of([]))
        checks = tuple(Check(name, UNKNOWN, "unsupported_algorithm", item.sub_filter) for name in names)
        return JudgedSeal(SealFacts(item.name, "unsupported"), checks, protects_entry)
    content, claimed = item.signed_bytes(data), item.unverified_claimed_at
    facts, checks = judge_detached(item.contents, content, trust, at, licence_type=licence_type, claimed=claimed)
    signature = next(check for check in checks if check.id == "seal_signature")
    is_known = signature.result is PASS or signature.reason == "tampered_file"
    digests = replace(signature, id="file_digests", result=signature.result if is_known else UNKNOWN)
    return JudgedSeal(replace(facts, signature_id=item.name), (digests, *checks), protects_entry)


def _coverage(pdf: PdfFile, signatures: Sequence[PdfSignature], codes: Sequence[str]) -> Check:
    """10. Every signature covers a whole file, what was added later changes nothing, and the last one covers what is shown.

    A further signature may bring a picture, its own or that of a field left unsigned, which can lie over anything: only the
    organisation that signed first may show one.
    """
    from liangzheng.formats.pdf.reading import Coverage

    name, found = "coverage", {item.coverage: item.name for item in reversed(signatures)}
    if not signatures:
        return Check(name, NOT_APPLICABLE)
    for bad in (Coverage.CHANGED, Coverage.PARTIAL):
        if bad in found:
            return Check(name, FAIL, "uncovered_content", found[bad])
    if pdf.is_metadata_changed:
        return Check(name, FAIL, "uncovered_content", "metadata")
    if signatures[-1].coverage is Coverage.SIGNATURES:
        return Check(name, FAIL, "uncovered_content", "unsigned_field")
    if Coverage.UNCLEAR in found:
        return Check(name, UNKNOWN, "changes_unclear", found[Coverage.UNCLEAR])
    later = [(item, code) for item, code in zip(signatures, codes, strict=True) if not code or code != codes[0]]
    strangers = [item.name for item, _ in later if item is not signatures[0] and (item.is_visible or pdf.shows_unsigned_fields)]
    return Check(name, UNKNOWN, "changes_unclear", strangers[0]) if strangers else Check(name, PASS)
