"""A licence file before the checks: what makes it valid, what leaves it open, what makes it fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from liangzheng.crypto.certificates import Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Revocation
from liangzheng.crypto.sm2 import signature_to_raw
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.seals.signature import read_signature, sign_with_seal
from liangzheng.formats.status_list import Status
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Mode, Result, Standing
from tests.verification.sealed_licence import (
    LONG,
    METADATA,
    NOW,
    SEALED_AT,
    STATUS_URI,
    Authority,
    found_authority,
    repacked,
    unsealed,
)

SIGNATURE_XML = "Doc_0/Signs/Sign_0/Signature.xml"
SIGNED_VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
SEAL = "Doc_0/Signs/Sign_0/Seal.esl"
ORDER = [
    "file_readable",
    "file_digests",
    "seal_identity",
    "seal_signature",
    "signer_in_seal",
    "seal_validity",
    "issuer_trusted",
    "issuer_not_revoked",
    "timestamp",
    "coverage",
    "metadata_present",
    "identifier",
    "issuer_matches",
    "in_validity",
    "status",
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def licence(authority: Authority) -> bytes:
    return authority.licence()


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


def resigned(authority: Authority, data: bytes, change: Callable[[bytes], bytes], **value: object) -> bytes:
    """The authority itself signs a changed description: everything fits but what was changed."""
    package = read_ofd(data)
    description = change(package.files[SIGNATURE_XML])
    facts: dict[str, object] = {"at": SEALED_AT, "data_hash": sm3(description), "property_info": f"/{SIGNATURE_XML}"} | value
    signed = sign_with_seal(authority.seal, authority.signer.der, authority.signer_key, **facts)  # type: ignore[arg-type]
    return repacked(data, {SIGNATURE_XML: description, SIGNED_VALUE: signed})


def test_a_sealed_licence_with_full_trust_is_valid(authority: Authority, licence: bytes) -> None:
    report = judge_licence_file(licence, authority.trust(), NOW)
    assert report.verdict.standing is Standing.VALID
    assert report.verdict.reasons == ()
    assert report.verdict.mode is Mode.FILE
    assert [check.id for check in report.verdict.checks] == ORDER
    assert {check.id for check in report.verdict.checks if check.result is not Result.PASS} == {"timestamp"}
    assert result_of(report, "timestamp") == ("not_applicable", "")
    assert report.metadata == METADATA
    assert report.kind == "licence_ofd"
    (seal,) = report.seals
    assert (seal.kind, seal.organisation_code, seal.signed_at) == ("SES_V4", METADATA.issuer_code, SEALED_AT)


@pytest.mark.parametrize(
    ("trust", "reasons"),
    [
        (lambda _: TrustMaterial(), ("untrusted_root", "status_unknown")),
        (lambda a: TrustMaterial((a.root,)), ("revocation_unknown", "status_unknown")),
        (lambda a: TrustMaterial((a.root,), (a.crl(),)), ("status_unknown",)),
        (lambda a: TrustMaterial((found_authority().root,), (a.crl(),)), ("untrusted_root", "status_unknown")),
    ],
    ids=["no trust", "root alone", "root and list", "another root"],
)
def test_what_nobody_vouches_for_cannot_be_confirmed(
    authority: Authority, licence: bytes, trust: Callable[[Authority], TrustMaterial], reasons: tuple[str, ...]
) -> None:
    report = judge_licence_file(licence, trust(authority), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, reasons)


@pytest.mark.parametrize("status", [status for status in Status if status not in {Status.VALID, Status.UNKNOWN}])
def test_every_other_status_makes_it_invalid(authority: Authority, licence: bytes, status: Status) -> None:
    report = judge_licence_file(licence, authority.trust(status), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, (status.value,))


def test_a_status_list_that_is_old_foreign_or_rubbish_says_nothing(authority: Authority, licence: bytes) -> None:
    stale = authority.status_token(Status.VALID, issued_at=NOW - timedelta(days=3))
    elsewhere = authority.status_token(Status.VALID, uri=STATUS_URI + "0")
    stranger = found_authority().status_token(Status.VALID)
    for tokens, reason in (
        ((stale,), "status_stale"),
        ((elsewhere,), "status_unknown"),
        ((stranger, b"rubbish"), "status_unknown"),
    ):
        trust = TrustMaterial((authority.root,), (authority.crl(),), tokens)
        report = judge_licence_file(licence, trust, NOW)
        assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, (reason,))


def test_the_newest_status_list_counts(authority: Authority, licence: bytes) -> None:
    older = authority.status_token(Status.VALID, issued_at=NOW - timedelta(hours=2))
    newer = authority.status_token(Status.SUSPENDED, issued_at=NOW - timedelta(hours=1))
    for tokens in ((older, newer), (newer, older)):
        trust = TrustMaterial((authority.root,), (authority.crl(),), tokens)
        assert judge_licence_file(licence, trust, NOW).verdict.reasons == ("suspended",)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "moment", "expected"),
    [
        (date(2026, 3, 10), date(2026, 3, 10), datetime(2026, 3, 9, 16, 0, tzinfo=UTC), ("pass", "")),
        (date(2026, 3, 10), date(2026, 3, 10), datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), ("pass", "")),
        (date(2026, 3, 10), date(2026, 3, 10), datetime(2026, 3, 10, 16, 0, tzinfo=UTC), ("fail", "expired")),
        (date(2026, 3, 10), None, datetime(2026, 3, 9, 15, 59, tzinfo=UTC), ("fail", "not_yet_effective")),
        (date(2026, 3, 10), None, datetime(2026, 3, 11, tzinfo=UTC), ("pass", "")),
    ],
    ids=["midnight in Shanghai", "last second", "next day", "the day before", "without end"],
)
def test_validity_counts_whole_days_in_shanghai(
    authority: Authority, valid_from: date, valid_to: date | None, moment: datetime, expected: tuple[str, str]
) -> None:
    data = authority.licence(replace(METADATA, valid_from=valid_from, valid_to=valid_to))
    assert result_of(judge_licence_file(data, authority.trust(), moment), "in_validity") == expected


@pytest.mark.parametrize("method", [b"1.2.156.10197.1.401.2", b"MD5", b"SHA256", b""])
def test_a_digest_that_is_not_sm3_is_never_valid(authority: Authority, licence: bytes, method: bytes) -> None:
    data = resigned(
        authority, licence, lambda xml: xml.replace(b'CheckMethod="1.2.156.10197.1.401"', b'CheckMethod="%s"' % method)
    )
    report = judge_licence_file(data, authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("unsupported_algorithm",))
    control = resigned(authority, licence, lambda xml: xml.replace(b'"1.2.156.10197.1.401"', b'"SM3"'))
    assert judge_licence_file(control, authority.trust(), NOW).verdict.standing is Standing.VALID


def test_a_signature_method_that_is_not_sm2_is_never_valid(authority: Authority, licence: bytes) -> None:
    data = resigned(authority, licence, lambda xml: xml.replace(b"1.2.156.10197.1.501", b"1.2.840.113549.1.1.11"))
    assert judge_licence_file(data, authority.trust(), NOW).verdict.reasons == ("unsupported_algorithm",)


def test_a_description_that_leaves_a_file_out_is_uncovered(authority: Authority, licence: bytes) -> None:
    def without_photo(xml: bytes) -> bytes:
        return re.sub(rb'<ofd:Reference FileRef="/Doc_0/Res/photo.png">.*?</ofd:Reference>', b"", xml)

    report = judge_licence_file(resigned(authority, licence, without_photo), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("uncovered_content",))


def test_a_raw_signature_as_one_province_writes_it_is_read(authority: Authority, licence: bytes) -> None:
    package = read_ofd(licence)
    value = read_signature(package.files[SIGNED_VALUE])
    raw = signature_to_raw(value.signature)
    ending = b"\x03" + bytes((len(value.signature) + 1, 0)) + value.signature
    assert package.files[SIGNED_VALUE].endswith(ending)
    shorter = package.files[SIGNED_VALUE][4 : -len(ending)] + b"\x03\x41\x00" + raw
    data = repacked(licence, {SIGNED_VALUE: b"\x30\x82" + len(shorter).to_bytes(2, "big") + shorter})
    assert judge_licence_file(data, authority.trust(), NOW).verdict.standing is Standing.VALID
    broken = data_with_flipped_end(data)
    assert judge_licence_file(broken, authority.trust(), NOW).verdict.standing is Standing.INVALID


def data_with_flipped_end(data: bytes) -> bytes:
    value = read_ofd(data).files[SIGNED_VALUE]
    return repacked(data, {SIGNED_VALUE: value[:-1] + bytes((value[-1] ^ 1,))})


@pytest.mark.parametrize(
    ("seal", "reason"),
    [
        ((LONG[0], SEALED_AT - timedelta(seconds=1)), "seal_expired"),
        ((SEALED_AT + timedelta(seconds=1), LONG[1]), "seal_not_yet_valid"),
    ],
)
def test_a_seal_used_outside_its_period_fails_where_its_maker_is_trusted(seal: tuple[datetime, datetime], reason: str) -> None:
    authority = found_authority(seal=seal)
    data = authority.licence()
    trusted = judge_licence_file(data, authority.trust(), NOW)
    assert (trusted.verdict.standing, result_of(trusted, "seal_validity")) == (Standing.INVALID, ("fail", reason))
    stranger = judge_licence_file(data, TrustMaterial(), NOW)
    assert (stranger.verdict.standing, result_of(stranger, "seal_validity")) == (Standing.CANNOT_CONFIRM, ("unknown", reason))


def test_sealed_in_the_future_is_not_valid_yet(authority: Authority) -> None:
    data = authority.licence(at=NOW + timedelta(hours=1))
    assert result_of(judge_licence_file(data, authority.trust(), NOW), "seal_validity") == ("fail", "seal_not_yet_valid")


def test_a_certificate_that_had_expired_or_was_revoked_fails(authority: Authority, licence: bytes) -> None:
    late = found_authority(certificates=(LONG[0], SEALED_AT - timedelta(days=1)))
    report = judge_licence_file(late.licence(), late.trust(), NOW)
    assert result_of(report, "issuer_trusted") == ("fail", "cert_expired_at_signing")
    before = Revocation(authority.signer.serial, SEALED_AT - timedelta(days=2))
    report = judge_licence_file(licence, authority.trust(Status.VALID, before), NOW)
    assert result_of(report, "issuer_not_revoked") == ("fail", "cert_revoked")
    assert report.verdict.standing is Standing.INVALID


def test_the_seal_of_another_authority_does_not_make_its_licence() -> None:
    other = found_authority(issuer_code="91370602MADEM0011Y")
    report = judge_licence_file(other.licence(), other.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("issuer_mismatch", "status_unknown"))
    nameless = found_authority(issuer_code="")
    report = judge_licence_file(nameless.licence(), nameless.trust(), NOW)
    assert result_of(report, "issuer_matches") == ("unknown", "issuer_mismatch")


def test_a_code_in_front_of_the_name_counts_as_shandong_writes_it() -> None:
    authority = found_authority(issuer_code="")
    key = authority.signer_key
    signer = issue_certificate(
        Subject("37060000000001", organisation=f"{METADATA.issuer_code}烟台市交通运输局（演示）"),
        key.public_key,
        issuer=authority.root,
        issuer_key=authority.root_key,
        validity=LONG,
    )
    named = replace(found_authority(listed=read_certificate(signer)), signer_key=key)
    data = seal_ofd(unsealed(), named.seal, key, SEALED_AT)
    assert result_of(judge_licence_file(data, TrustMaterial(), NOW), "issuer_matches") == ("pass", "")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (METADATA.identifier, ("pass", "")),
        (METADATA.identifier[:-1] + "A", ("pass", "check_digit_mismatch")),
        ("1.2.156.3005.2.062301.1101101102.0624_001.001.U", ("pass", "check_digit_mismatch")),
        ("", ("unknown", "metadata_missing")),
    ],
)
def test_a_wrong_identifier_warns_only(authority: Authority, identifier: str, expected: tuple[str, str]) -> None:
    data = authority.licence(replace(METADATA, identifier=identifier))
    assert result_of(judge_licence_file(data, authority.trust(), NOW), "identifier") == expected


def test_a_sealed_document_that_is_no_licence_cannot_be_confirmed(authority: Authority) -> None:
    entry = read_ofd(unsealed()).files["OFD.xml"]
    plain = repacked(unsealed(), {"OFD.xml": re.sub(rb"<ofd:CustomDatas>.*</ofd:CustomDatas>", b"", entry)})
    report = judge_licence_file(seal_ofd(plain, authority.seal, authority.signer_key, SEALED_AT), authority.trust(), NOW)
    assert (report.kind, report.verdict.standing, report.verdict.reasons) == (
        "ofd",
        Standing.CANNOT_CONFIRM,
        ("metadata_missing",),
    )


def test_a_date_that_cannot_be_read_is_not_without_end(authority: Authority) -> None:
    entry = read_ofd(unsealed()).files["OFD.xml"]
    for ending in (b"soon", b"20300230"):
        data = repacked(unsealed(), {"OFD.xml": entry.replace(b">20300228<", b">%s<" % ending)})
        report = judge_licence_file(seal_ofd(data, authority.seal, authority.signer_key, SEALED_AT), authority.trust(), NOW)
        assert result_of(report, "in_validity") == ("unknown", "metadata_missing")


def test_the_report_as_json_holds_no_bytes_and_no_words(authority: Authority, licence: bytes) -> None:
    facts = json.loads(json.dumps(judge_licence_file(licence, authority.trust(), NOW).to_json()))
    assert set(facts) == {"kind", "standing", "reasons", "checks", "as_of", "seals", "metadata"}
    assert facts["as_of"] == "2026-03-10T04:00:00Z"
    assert facts["seals"][0]["signed_at"] == "2026-03-01T01:30:00Z"
    assert facts["metadata"]["valid_to"] == "2030-02-28"
    assert facts["metadata"]["face"] == {"CLHP": "鲁F00001", "JYFW": "市际班车客运"}
