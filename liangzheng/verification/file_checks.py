"""Judges a licence file (证照文件核验): fourteen numbered checks over one OFD, pure, with clock and trust as arguments.

Checks 2 to 8 are those of each seal (`seal_checks`); coverage, metadata, dates and status are added to them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from liangzheng.crypto.certificates import Certificate
from liangzheng.formats.identifiers import CHECK_DIGIT, BadIdentifier, is_uscc_form, read_licence_identifier
from liangzheng.formats.ofd.metadata import VALID_FROM, VALID_TO, LicenceMetadata, read_metadata
from liangzheng.formats.ofd.package import OfdPackage, read_ofd
from liangzheng.formats.status_list import MalformedStatusList, Status, UnverifiedStatusList, read_status_list
from liangzheng.verification.seal_checks import JudgedSeal, judge_seal, worst_of
from liangzheng.verification.signer_checks import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    SealFacts,
    TrustMaterial,
    organisation_code_of,
    utc_text,
)
from liangzheng.verification.verdict import Check, Mode, Verdict, conclude

__all__ = ["FileReport", "SealFacts", "TrustMaterial", "judge_licence_file"]

_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class FileReport:
    """The judgement of one file. `kind` is `licence_ofd` when the file describes a licence, else `ofd`."""

    kind: str
    verdict: Verdict
    seals: tuple[SealFacts, ...]
    metadata: LicenceMetadata | None

    def to_json(self) -> dict[str, object]:
        """Give the report without words, as `liangzheng verify --json` prints it."""
        return {
            "kind": self.kind,
            "standing": self.verdict.standing.value,
            "reasons": list(self.verdict.reasons),
            "checks": [
                {"id": check.id, "result": check.result.value, "reason": check.reason, "detail": check.detail}
                for check in self.verdict.checks
            ],
            "as_of": utc_text(self.verdict.as_of),
            "seals": [seal.to_json() for seal in self.seals],
            "metadata": self.metadata.to_json() if self.metadata else None,
        }


def judge_licence_file(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a licence file as of `at` (aware). Raises OfdError when the bytes are no OFD that may be read."""
    package = read_ofd(data)
    metadata = read_metadata(package.custom_items)
    judged = [judge_seal(package, index, trust, at) for index in range(len(package.signatures))]
    checks = (
        Check("file_readable", PASS),  # 1
        *worst_of(judged),  # 2 to 8
        _coverage(package),  # 9
        Check("metadata_present", PASS) if metadata else Check("metadata_present", UNKNOWN, "metadata_missing"),  # 10
        _identifier(metadata),  # 11
        _issuer_matches(metadata, judged),  # 12
        _in_validity(metadata, at),  # 13
        _status(metadata, trust, at),  # 14
    )
    return FileReport(
        kind="licence_ofd" if metadata else "ofd",
        verdict=conclude(checks, as_of=at, mode=Mode.FILE),
        seals=tuple(seal.facts for seal in judged),
        metadata=metadata,
    )


def _coverage(package: OfdPackage) -> Check:
    """9. Nothing lies in the package that no signature protects; every signature is judged, so each of them has to be good.

    Left out: the signatures' own three files, and the list of signatures, which every further signature changes and many
    programs do not protect; each entry of that list is judged here anyway.
    """
    if not package.signatures:
        return Check("coverage", NOT_APPLICABLE)
    protected = {reference.path for item in package.signatures for reference in item.references}
    own = {path for item in package.signatures for path in (item.path, item.value_path, item.seal_path, item.index_path)}
    if open_paths := sorted(set(package.files) - protected - own):
        return Check("coverage", FAIL, "uncovered_content", open_paths[0])
    return Check("coverage", PASS)


def _identifier(metadata: LicenceMetadata | None) -> Check:
    """11. The licence identifier (GB/T 36904) has its form and check digit. Lawful ones break both: it only warns."""
    if metadata is None:
        return Check("identifier", NOT_APPLICABLE)
    if not metadata.identifier:
        return Check("identifier", UNKNOWN, "metadata_missing", "ZZBS")
    try:
        identifier = read_licence_identifier(metadata.identifier)
    except BadIdentifier:
        return Check("identifier", PASS, "check_digit_mismatch", "malformed")
    if CHECK_DIGIT in identifier.warnings:
        return Check("identifier", PASS, "check_digit_mismatch", identifier.expected_check)
    return Check("identifier", PASS)


def _issuer_matches(metadata: LicenceMetadata | None, judged: Sequence[JudgedSeal]) -> Check:
    """12. A seal of the authority that the licence names as its issuer protects what the licence says (both by credit code)."""
    if metadata is None or not judged:
        return Check("issuer_matches", NOT_APPLICABLE)
    named = metadata.issuer_code.upper()
    codes = [seal.facts.organisation_code for seal in judged if seal.protects_entry]
    if named and named in codes:
        return Check("issuer_matches", PASS)
    if not is_uscc_form(named) or not all(codes):
        return Check("issuer_matches", UNKNOWN, "issuer_mismatch", "no_credit_code")
    return Check("issuer_matches", FAIL, "issuer_mismatch", named)


def _in_validity(metadata: LicenceMetadata | None, at: datetime) -> Check:
    """13. The day is within the period of validity: whole days of Asia/Shanghai, the last one included."""
    if metadata is None:
        return Check("in_validity", NOT_APPLICABLE)
    today = at.astimezone(_CHINA).date()
    if metadata.valid_from and today < metadata.valid_from:
        return Check("in_validity", FAIL, "not_yet_effective", metadata.valid_from.isoformat())
    if metadata.valid_to and today > metadata.valid_to:
        return Check("in_validity", FAIL, "expired", metadata.valid_to.isoformat())
    if open_dates := {VALID_FROM, VALID_TO}.intersection(metadata.unreadable):
        return Check("in_validity", UNKNOWN, "metadata_missing", min(open_dates))
    return Check("in_validity", PASS)


def _status(metadata: LicenceMetadata | None, trust: TrustMaterial, at: datetime) -> Check:
    """14. The status list that the licence names says that it is valid. The newest list that may be relied upon counts.

    A list of the right address that somebody else signed is not looked at, however new: a seal holder under the same root could
    otherwise clear a revoked licence.
    """
    if metadata is None:
        return Check("status", NOT_APPLICABLE)
    if not metadata.status_uri or metadata.status_index is None:
        return Check("status", UNKNOWN, "status_unknown", "not_named")
    lists = _status_lists(trust.status_tokens, metadata.status_uri)
    own = [found for found in lists if _may_speak(found.signer, metadata)]
    if not own:
        return Check("status", UNKNOWN, "status_unknown", "signer_does_not_fit" if lists else metadata.status_uri)
    judged = [(found, found.verify(trust.roots, trust.crls, at)) for found in own]
    good = [found for found, distrust in judged if not distrust]
    if not good:
        is_stale = any(distrust == "status_stale" for _, distrust in judged)
        return Check("status", UNKNOWN, "status_stale" if is_stale else "status_unknown", judged[0][1])
    status = max(good, key=lambda found: found.issued_at).status_at(metadata.status_index)
    if status is Status.VALID:
        return Check("status", PASS)
    return Check("status", UNKNOWN if status is Status.UNKNOWN else FAIL, status.value)


def _may_speak(signer: Certificate, metadata: LicenceMetadata) -> bool:
    """Say whether this certificate belongs to the organisation that the licence names for its status, else to its issuer."""
    named = (metadata.status_org or metadata.issuer_code).upper()
    return is_uscc_form(named) and organisation_code_of(signer) == named


def _status_lists(tokens: Sequence[bytes], uri: str) -> list[UnverifiedStatusList]:
    """Read the lists of one address; what is no list is left out."""
    found: list[UnverifiedStatusList] = []
    for token in tokens:
        with suppress(MalformedStatusList):
            found.append(read_status_list(token))
    return [item for item in found if item.uri == uri]
