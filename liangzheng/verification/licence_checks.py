"""Judges what a licence says of itself (证照信息核验), whatever file carries it: five checks, pure, numbered as in a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from liangzheng.crypto.certificates import Certificate
from liangzheng.formats.identifiers import CHECK_DIGIT, BadIdentifier, is_uscc_form, read_licence_identifier
from liangzheng.formats.ofd.metadata import VALID_FROM, VALID_TO, LicenceMetadata
from liangzheng.formats.status_list import MalformedStatusList, Status, UnverifiedStatusList, read_status_list
from liangzheng.verification.signer_checks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, TrustMaterial, organisation_code_of
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.verdict import Check

_CHINA = timezone(timedelta(hours=8))


def judge_licence(
    metadata: LicenceMetadata | None, *, signed_by: Sequence[str] | None, trust: TrustMaterial, at: datetime
) -> tuple[Check, ...]:
    """Give metadata_present, identifier, issuer_matches, in_validity, status as of `at` (aware).

    `signed_by`: the credit codes of those whose signatures cover the metadata, "" for a signer without one, empty when no
    signature does; None when the file bears none at all. A file without metadata is judged no further.
    """
    return (
        Check("metadata_present", PASS) if metadata else Check("metadata_present", UNKNOWN, "metadata_missing"),
        _identifier(metadata),
        _issuer_matches(metadata, signed_by),
        _in_validity(metadata, at),
        _status(metadata, trust, at),
    )


def _identifier(metadata: LicenceMetadata | None) -> Check:
    """12. The licence identifier (GB/T 36904) has its form and check digit. Lawful ones break both: it only warns."""
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


def _issuer_matches(metadata: LicenceMetadata | None, signed_by: Sequence[str] | None) -> Check:
    """13. The authority that the licence names as its issuer signed what the licence says (both by credit code)."""
    if metadata is None or signed_by is None:
        return Check("issuer_matches", NOT_APPLICABLE)
    named = metadata.issuer_code.upper()
    if named and named in signed_by:
        return Check("issuer_matches", PASS)
    if not is_uscc_form(named) or not all(signed_by):
        return Check("issuer_matches", UNKNOWN, "issuer_mismatch", "no_credit_code")
    return Check("issuer_matches", FAIL, "issuer_mismatch", named)


def _in_validity(metadata: LicenceMetadata | None, at: datetime) -> Check:
    """14. The day is within the period of validity: whole days of Asia/Shanghai, the last one included."""
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
    """15. The status list that the licence names says that it is valid. The newest list that may be relied upon counts.

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
    believed = resolve(trust, at)
    roots = believed.roots_for(metadata.type_code or None)
    judged = [(found, believed.status_list_fault(found, roots)) for found in own]
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
