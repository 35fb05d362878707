"""Judges an OFD, an annotated copy (加注件) included: its own seal, its period, and in full the original inside. Pure.

A copy is never better than the original in it. A copy in a copy is refused: whoever made the outer one would hide that the inner
one has an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.annotation import Annotation, original_of, read_annotation
from liangzheng.formats.ofd.package import MAX_SIGNATURES, OfdPackage, read_ofd
from liangzheng.formats.pdf.mark import is_pdf
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.file_checks import FileReport, coverage, judge_package
from liangzheng.verification.pdf_checks import judge_pdf
from liangzheng.verification.seal_checks import JudgedSeal, judge_seal, worst_of
from liangzheng.verification.signer_checks import FAIL, PASS, UNKNOWN, TrustMaterial, is_in_future, utc_text
from liangzheng.verification.verdict import Check, Mode, Standing, conclude

_ORIGINALS = {
    Standing.VALID: Check("original_valid", PASS),
    Standing.CANNOT_CONFIRM: Check("original_valid", UNKNOWN, "original_unconfirmed"),
}


def judge_ofd(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge an OFD as of `at` (aware): a licence, any other document, or an annotated copy. Raises OfdError."""
    package = read_ofd(data)
    annotation = read_annotation(package.custom_items)
    if annotation is None:
        return judge_package(package, trust, at)
    if annotation.original_sm3:
        return _judge_copy(package, annotation, trust, at)
    report = judge_package(package, trust, at)
    if report.metadata is None:
        return _judge_copy(package, annotation, trust, at)
    # Made elsewhere, by writing the annotation into the licence itself: a licence that has one end more.
    checks = (*report.verdict.checks, _in_time(annotation, at))
    return replace(report, verdict=conclude(checks, as_of=at, mode=Mode.FILE), annotation=annotation)


def _judge_copy(package: OfdPackage, annotation: Annotation, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge the copy; whoever annotates must be trusted for the kind of licence that the original says it is."""
    original = original_of(package)
    inner, standing = _judge_original(original, trust, at, MAX_SIGNATURES - len(package.signatures))
    licence_type = inner.metadata.type_code or None if inner and inner.metadata else None
    judged = [judge_seal(package, index, trust, at, licence_type) for index in range(len(package.signatures))]
    checks = (
        Check("file_readable", PASS),  # 1
        *worst_of(judged),  # 2 to 9
        coverage(package),  # 10
        _signed(annotation, judged),  # 11
        _in_time(annotation, at),  # 12
        _bound(annotation, original),  # 13
        standing,  # 14
    )
    return FileReport(
        kind="annotated_copy",
        verdict=conclude(checks, as_of=at, mode=Mode.FILE),
        seals=tuple(seal.facts for seal in judged),
        metadata=None,
        annotation=annotation,
        inner=inner,
    )


def _signed(annotation: Annotation, judged: Sequence[JudgedSeal]) -> Check:
    """11. Somebody signed the annotation: whom it names as its maker. Names are written in many ways: open, not false."""
    name = "annotation_signed"
    makers = {seal.facts.organisation for seal in judged if seal.protects_entry}
    if not makers:
        return Check(name, FAIL, "annotation_unsealed")
    if not annotation.purpose:
        return Check(name, UNKNOWN, "metadata_missing", "JZJZZSY")
    is_named = bool(annotation.creator) and annotation.creator in makers
    return Check(name, PASS) if is_named else Check(name, UNKNOWN, "annotator_differs", annotation.creator)


def _in_time(annotation: Annotation, at: datetime) -> Check:
    """12. The copy is used within its period; without a readable period nobody knows."""
    name, made, until = "annotation_in_time", annotation.created_at, annotation.expires_at
    if until and at > until:
        return Check(name, FAIL, "annotation_expired", utc_text(until))
    if made and is_in_future(made, at):
        return Check(name, FAIL, "annotation_not_yet_made", utc_text(made))
    if not made or not until:
        return Check(name, UNKNOWN, "metadata_missing", "JZJZZSJ" if until else "JZJYXQJZSJ")
    return Check(name, PASS, "", utc_text(until))


def _bound(annotation: Annotation, original: bytes | None) -> Check:
    """13. The original inside is the one that was annotated: its digest stands in what the maker signed."""
    if original is None or not annotation.original_sm3:
        return Check("original_bound", FAIL, "original_missing")
    if sm3(original).hex() != annotation.original_sm3:
        return Check("original_bound", FAIL, "original_swapped")
    return Check("original_bound", PASS)


def _judge_original(original: bytes | None, trust: TrustMaterial, at: datetime, most: int) -> tuple[FileReport | None, Check]:
    """14. The original itself, by all the checks of its own kind; copy and original have no more signatures than one file may."""
    if original is None:
        return None, Check("original_valid", UNKNOWN, "original_missing")
    try:
        if is_pdf(original):
            report = judge_pdf(original, trust, at)
        else:
            package = read_ofd(original)
            if read_annotation(package.custom_items):
                return None, Check("original_valid", FAIL, "annotated_twice")
            if len(package.signatures) > most:
                return None, Check("original_valid", FAIL, "original_unreadable", "too_many_signatures")
            report = judge_package(package, trust, at)
    except UnreadableFile as error:
        return None, Check("original_valid", FAIL, "original_unreadable", error.reason)
    return report, _ORIGINALS.get(report.verdict.standing, Check("original_valid", FAIL, "original_invalid"))
