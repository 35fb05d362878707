"""Signatures without a seal before the checks: SignedData in both vocabularies, with and without attributes; bare values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Revocation
from liangzheng.crypto.sm2 import SM2PrivateKey, signature_to_raw
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.status_list import Status
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Standing
from tests.formats.seal_writers import (
    GB_DATA,
    GB_SIGNED,
    PKCS9,
    RFC_DATA,
    RFC_SIGNED,
    attribute,
    attributes,
    first_seal,
    signed_data,
    utc_time,
)
from tests.verification.sealed_licence import LONG, NOW, SEALED_AT, Authority, found_authority, repacked
from tests.verification.sealed_otherwise import SIGNED_VALUE, sealed_otherwise

UNSIGNED_STAMP = der.explicit(1, der.sequence(der.oid(f"{PKCS9}.16.2.14"), der.element(der.SET, der.sequence())))
KEYED_SM3 = "1.2.156.10197.1.401.2"
Form = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def licence(authority: Authority) -> bytes:
    return authority.licence()


def with_attributes(description: bytes) -> dict[str, Any]:
    """As real software signs licences: detached, the digest of the description among signed attributes."""
    return {"signed_attributes": attributes(sm3(description), SEALED_AT)}


def over_digest(description: bytes) -> dict[str, Any]:
    """As real software signs without attributes: the content is the digest of the description."""
    return {"content": sm3(description), "message": sm3(description)}


FORMS: dict[str, Form] = {
    "GB/T 35275, attributes": with_attributes,
    "RFC 5652, attributes": lambda xml: {
        "signed_attributes": attributes(sm3(xml), SEALED_AT, kind=RFC_DATA),
        "kinds": (RFC_SIGNED, RFC_DATA),
    },
    "both vocabularies in one": lambda xml: with_attributes(xml) | {"kinds": (GB_SIGNED, RFC_DATA)},
    "attributes in the order given": lambda xml: {
        "signed_attributes": attributes(sm3(xml), SEALED_AT)[::-1],
        "is_sorted": False,
    },
    "attributes over enclosed content": lambda xml: {"content": xml, "signed_attributes": attributes(sm3(xml))},
    "attributes over the enclosed digest": lambda xml: {
        "content": sm3(xml),
        "signed_attributes": attributes(sm3(sm3(xml))),
    },
    "GB/T 35275, the digest": over_digest,
    "RFC 5652, the digest": lambda xml: over_digest(xml) | {"kinds": (RFC_SIGNED, RFC_DATA)},
    "the digest, no ContentInfo": lambda xml: over_digest(xml) | {"kinds": None},
    "the description enclosed": lambda xml: {"content": xml, "message": xml},
    "the description, detached": lambda xml: {"message": xml},
    "the digest, detached": lambda xml: {"message": sm3(xml)},
    "signer named by key": lambda xml: with_attributes(xml) | {"by_key_id": True},
    "algorithm named by curve": lambda xml: with_attributes(xml) | {"algorithm": "1.2.156.10197.1.301.1"},
}


def signed(authority: Authority, licence: bytes, form: Form, change: Callable[[bytes], bytes] = bytes, **signer: Any) -> bytes:  # noqa: ANN401
    """The licence signed without a seal in this form."""

    def sign(description: bytes) -> bytes:
        facts: dict[str, Any] = {"certificate": authority.signer, "key": authority.signer_key}
        return signed_data(**(facts | form(description) | signer))

    return sealed_otherwise(licence, sign, None, change)


def judged(authority: Authority, data: bytes) -> FileReport:
    return judge_licence_file(data, authority.trust(), NOW)


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


@pytest.mark.parametrize("name", FORMS)
def test_signed_data_is_valid_and_the_missing_seal_is_said(authority: Authority, licence: bytes, name: str) -> None:
    report = judged(authority, signed(authority, licence, FORMS[name]))
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ("signature_without_seal",))
    (facts,) = report.seals
    assert (facts.kind, facts.signed_at, facts.seal_name) == ("CMS", SEALED_AT, "")
    assert facts.organisation_code == authority.signer.organisation_code
    assert facts.timestamp == "none"
    assert result_of(report, "signer_in_seal") == result_of(report, "seal_validity") == ("not_applicable", "")


def other(authority: Authority) -> Certificate:
    """A certificate of the same subject and root with another key."""
    key = SM2PrivateKey.from_scalar(161803)
    subject = Subject("烟台市交通运输局（演示）", organisation_code=authority.signer.organisation_code)
    issued = issue_certificate(subject, key.public_key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    return read_certificate(issued)


HOSTILE: dict[str, tuple[Form, str]] = {
    "a time stamp that is none": (lambda xml: with_attributes(xml) | {"unsigned": UNSIGNED_STAMP}, "timestamp_invalid"),
    "another key": (lambda xml: with_attributes(xml) | {"key": SM2PrivateKey.from_scalar(31415)}, "bad_signature"),
    "another key over the digest": (lambda xml: over_digest(xml) | {"key": SM2PrivateKey.from_scalar(31415)}, "bad_signature"),
    "another file's digest": (lambda _: with_attributes(b"another"), "tampered_signature_xml"),
    "another file's digest as content": (lambda _: over_digest(b"another"), "tampered_signature_xml"),
    "content right, signature not over it": (lambda xml: {"content": sm3(xml), "message": xml}, "bad_signature"),
    "attributes right, content another": (lambda xml: with_attributes(xml) | {"content": b"x"}, "tampered_signature_xml"),
    "attributes lie about the content": (
        lambda xml: {"content": xml, "signed_attributes": attributes(sm3(b"x"))},
        "tampered_signature_xml",
    ),
    "no digest in the attributes": (lambda _: {"signed_attributes": [attribute("3", der.oid(GB_DATA))]}, "bad_signature"),
    "no content type in the attributes": (
        lambda xml: {"signed_attributes": [attribute("4", der.octet_string(sm3(xml)))]},
        "bad_signature",
    ),
    "two digests in the attributes": (
        lambda xml: {"signed_attributes": attributes(b"x" * 32, None, attribute("4", der.octet_string(sm3(xml))))},
        "bad_signature",
    ),
    "made later than judged": (
        lambda xml: {"signed_attributes": attributes(sm3(xml), NOW + timedelta(hours=1))},
        "seal_not_yet_valid",
    ),
    "made before the certificate": (
        lambda xml: {"signed_attributes": attributes(sm3(xml), LONG[0] - timedelta(days=1))},
        "cert_expired_at_signing",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_fit_is_invalid(authority: Authority, licence: bytes, name: str) -> None:
    form, reason = HOSTILE[name]
    report = judged(authority, signed(authority, licence, form))
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, reason)


OPEN: dict[str, tuple[Form, str]] = {
    "keyed SM3": (lambda xml: with_attributes(xml) | {"digest": KEYED_SM3}, "unsupported_algorithm"),
    "SHA-256": (lambda xml: with_attributes(xml) | {"digest": "2.16.840.1.101.3.4.2.1"}, "unsupported_algorithm"),
    "ECDSA": (lambda xml: with_attributes(xml) | {"algorithm": "1.2.840.10045.4.3.2"}, "unsupported_algorithm"),
    "no certificate": (lambda xml: with_attributes(xml) | {"certificates": []}, "no_signer_certificate"),
    "rubbish for a certificate": (
        lambda xml: with_attributes(xml) | {"certificates": [der.sequence(der.integer(1))]},
        "no_signer_certificate",
    ),
    "another serial number": (lambda xml: with_attributes(xml) | {"serial": 7}, "no_signer_certificate"),
    "two signers": (lambda xml: with_attributes(xml) | {"copies": 2}, "unsupported_seal_version"),
    "no signer": (lambda xml: with_attributes(xml) | {"copies": 0}, "unsupported_seal_version"),
    "other versions": (lambda xml: with_attributes(xml) | {"versions": (3, 1)}, "unsupported_seal_version"),
    "other version of the signer": (lambda xml: with_attributes(xml) | {"versions": (1, 3)}, "unsupported_seal_version"),
    "content is a time stamp": (
        lambda xml: over_digest(xml) | {"kinds": (RFC_SIGNED, f"{PKCS9}.16.1.4")},
        "unsupported_seal_version",
    ),
    "content type is a time stamp": (
        lambda xml: {"signed_attributes": attributes(sm3(xml), kind=f"{PKCS9}.16.1.4")},
        "unsupported_seal_version",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_checked_is_never_valid(authority: Authority, licence: bytes, name: str) -> None:
    form, reason = OPEN[name]
    report = judged(authority, signed(authority, licence, form))
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.CANNOT_CONFIRM, reason)


def test_the_certificate_that_the_signer_names_counts_not_the_first(authority: Authority, licence: bytes) -> None:
    namesake = other(authority)
    both = [namesake.der, authority.signer.der]
    data = signed(authority, licence, with_attributes, certificates=both)
    assert judged(authority, data).verdict.standing is Standing.VALID
    data = signed(authority, licence, with_attributes, certificate=namesake, certificates=both)
    assert judged(authority, data).verdict.reasons[0] == "bad_signature"


def test_an_authority_in_between_may_come_along(authority: Authority, licence: bytes) -> None:
    between_key, key = SM2PrivateKey.from_scalar(1001), SM2PrivateKey.from_scalar(1002)
    root = {"issuer": None, "issuer_key": authority.root_key, "validity": LONG}
    root_der = issue_certificate(Subject("演示根"), authority.root_key.public_key, **root, path_length=1)  # type: ignore[arg-type]
    top = read_certificate(root_der)
    between = read_certificate(
        issue_certificate(
            Subject("演示中间"), between_key.public_key, issuer=top, issuer_key=authority.root_key, validity=LONG, path_length=0
        )
    )
    signer = read_certificate(
        issue_certificate(Subject("演示签名"), key.public_key, issuer=between, issuer_key=between_key, validity=LONG)
    )
    facts: dict[str, Any] = {"certificate": signer, "key": key}
    for certificates, expected in (([signer.der, between.der], "revocation_unknown"), ([signer.der], "untrusted_root")):
        data = signed(authority, licence, with_attributes, certificates=certificates, **facts)
        report = judge_licence_file(data, TrustMaterial((top,)), NOW)
        assert result_of(report, "issuer_not_revoked") == ("unknown", expected)


def test_revoked_and_strange_signers(authority: Authority, licence: bytes) -> None:
    data = signed(authority, licence, with_attributes)
    before = Revocation(authority.signer.serial, SEALED_AT - timedelta(days=2))
    report = judge_licence_file(data, authority.trust(Status.VALID, before), NOW)
    assert result_of(report, "issuer_not_revoked") == ("fail", "cert_revoked")
    report = judge_licence_file(data, found_authority().trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.CANNOT_CONFIRM, "untrusted_root")


def test_somebody_elses_signature_does_not_make_the_licence(authority: Authority, licence: bytes) -> None:
    neighbour = authority.neighbour("91370602MADEM0011Y")
    facts: dict[str, Any] = {"certificate": neighbour.signer, "key": neighbour.signer_key}
    report = judged(authority, signed(authority, licence, with_attributes, **facts))
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, "issuer_mismatch")


@pytest.mark.parametrize(
    ("stated", "expected"), [(b"2026-03-01 09:30:00", SEALED_AT), (b"20260301013000Z", SEALED_AT), (b"soon", None)]
)
def test_the_time_stands_in_the_description_where_no_attribute_says_it(
    authority: Authority, licence: bytes, stated: bytes, expected: object
) -> None:
    def change(description: bytes) -> bytes:
        return re.sub(rb"(<ofd:SignatureDateTime>)[^<]*", rb"\g<1>" + stated, description)

    report = judged(authority, signed(authority, licence, over_digest, change))
    assert report.seals[0].signed_at == expected
    assert report.verdict.reasons[0] == ("signature_without_seal" if expected else "signing_time_unknown")
    unknown = ("unknown", "signing_time_unknown")
    for name in ("issuer_trusted", "issuer_not_revoked"):
        assert result_of(report, name) == (("pass", "") if expected else unknown)


def test_a_seal_that_did_not_sign_is_not_believed(authority: Authority, licence: bytes) -> None:
    def sign(description: bytes) -> bytes:
        return signed_data(authority.signer, authority.signer_key, **with_attributes(description))

    for seal in (authority.seal.encoded, first_seal(authority.design, [], b"", authority.maker_key)):
        report = judged(authority, sealed_otherwise(licence, sign, seal))
        assert result_of(report, "seal_identity") == ("unknown", "unsupported_seal_version")
        assert report.verdict.standing is Standing.CANNOT_CONFIRM


def test_bytes_all_over_the_value_count(authority: Authority, licence: bytes) -> None:
    """Some parts of SignedData are not signed: a change there may leave things open, but never valid.

    Left out is the name that the signer's certificate is found by: case and string types do not count there (RFC 5280, 7.1).
    """
    trust = authority.trust()
    for form in (with_attributes, over_digest):
        data = signed(authority, licence, form)
        assert judge_licence_file(data, trust, NOW).verdict.standing is Standing.VALID  # the control
        value = read_ofd(data).files[SIGNED_VALUE]
        name = value.rindex(authority.signer.issuer.der)
        for place in (*range(0, name, 3), *range(name + len(authority.signer.issuer.der), len(value))):
            mutant = value[:place] + bytes((value[place] ^ (0x01, 0x02, 0x04, 0x80)[place % 4],)) + value[place + 1 :]
            report = judge_licence_file(repacked(data, {SIGNED_VALUE: mutant}), trust, NOW)
            assert report.verdict.standing is not Standing.VALID, place
        for broken in (value + b"\x00", value[:-1], value[1:]):
            report = judge_licence_file(repacked(data, {SIGNED_VALUE: broken}), trust, NOW)
            assert report.verdict.standing is Standing.INVALID


@pytest.mark.parametrize("is_raw", [False, True], ids=["DER", "raw"])
def test_a_bare_value_names_nobody_and_is_never_confirmed(authority: Authority, licence: bytes, is_raw: bool) -> None:  # noqa: FBT001
    def sign(description: bytes) -> bytes:
        value = authority.signer_key.sign(description)
        return signature_to_raw(value) if is_raw else value

    report = judged(authority, sealed_otherwise(licence, sign, None))
    assert report.verdict.standing is Standing.CANNOT_CONFIRM
    assert report.verdict.reasons[0] == "no_signer_certificate"
    assert report.seals[0].kind == "bare_SM2"
    for name in ("seal_signature", "signer_in_seal", "seal_validity", "issuer_trusted", "issuer_not_revoked"):
        assert result_of(report, name) == ("unknown", "no_signer_certificate")


@pytest.mark.parametrize(
    "value",
    [der.sequence(der.integer(0), der.integer(1)), der.sequence(der.integer(1), der.integer(-1)), bytes(64), b"\xff" * 64],
)
def test_a_bare_value_out_of_range_is_no_signature(authority: Authority, licence: bytes, value: bytes) -> None:
    report = judged(authority, sealed_otherwise(licence, lambda _: value, None))
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, "bad_signature")


def test_a_keyed_digest_of_the_files_is_never_valid(authority: Authority, licence: bytes) -> None:
    def change(description: bytes) -> bytes:
        return description.replace(b'CheckMethod="1.2.156.10197.1.401"', b'CheckMethod="%s"' % KEYED_SM3.encode())

    report = judged(authority, signed(authority, licence, with_attributes, change))
    assert result_of(report, "file_digests") == ("unknown", "unsupported_algorithm")
    assert report.verdict.standing is Standing.CANNOT_CONFIRM


def test_the_writer_writes_what_it_says() -> None:
    assert utc_time(SEALED_AT) == b"\x17\x0d260301013000Z"
