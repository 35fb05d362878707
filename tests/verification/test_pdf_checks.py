"""A licence as PDF: genuine, tampered with, added to, revoked, expired; every protection with its control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from liangzheng.crypto.revocation import Revocation
from liangzheng.formats.pdf import reading
from liangzheng.formats.pdf.errors import PdfError
from liangzheng.formats.status_list import Status
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.pdf_checks import judge_pdf
from liangzheng.verification.signer_checks import FAIL, TrustMaterial
from liangzheng.verification.verdict import Standing
from tests.formats.test_pdf_reading import empty_field, exchanged_text, note_in_info, overlay, with_ranges
from tests.verification.sealed_licence import ISSUER_CODE, METADATA, NOW, SEALED_AT
from tests.verification.signed_pdf import (
    KINDS,
    Field,
    PdfAuthority,
    face,
    found_pdf_authority,
    licence,
    second,
    sign,
    stamp,
    updated,
)

OTHER_CODE = "91370602MADEM0011Y"
VISIBLE = (10, 10, 60, 60)


@pytest.fixture(scope="module", params=KINDS)
def authority(request: pytest.FixtureRequest) -> PdfAuthority:
    return found_pdf_authority(request.param)


@pytest.fixture(scope="module")
def sm2() -> PdfAuthority:
    return found_pdf_authority("SM2")


@pytest.fixture(scope="module")
def trust(sm2: PdfAuthority) -> TrustMaterial:
    return sm2.trust()


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


def test_a_licence_is_valid_by_every_kind_of_key(authority: PdfAuthority) -> None:
    report = judge_pdf(licence(authority), authority.trust(), NOW)
    assert (report.kind, report.verdict.standing) == ("licence_pdf", Standing.VALID)
    (facts,) = report.seals
    assert (facts.signature_id, facts.kind, facts.organisation_code) == ("Seal1", "CMS", ISSUER_CODE)
    assert facts.signed_at == SEALED_AT
    assert report.metadata == METADATA
    assert result_of(report, "seal_identity") == ("not_applicable", "signature_without_seal")


@pytest.mark.parametrize("source", ["attachment", "xmp", "info"])
def test_where_the_licence_describes_itself_is_said(sm2: PdfAuthority, trust: TrustMaterial, source: str) -> None:
    report = judge_pdf(licence(sm2, source=source), trust, NOW)
    assert report.verdict.standing is Standing.VALID
    assert next(check.detail for check in report.verdict.checks if check.id == "metadata_present") == source


def test_the_report_has_the_shape_and_checks_of_any_file(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    from liangzheng.verification.file_checks import judge_licence_file
    from tests.verification.sealed_licence import found_authority

    sealed = found_authority()
    ofd = judge_licence_file(sealed.licence(), sealed.trust(), NOW)
    pdf = judge_pdf(licence(sm2), trust, NOW)
    assert [check.id for check in pdf.verdict.checks] == [check.id for check in ofd.verdict.checks]
    assert pdf.to_json().keys() == ofd.to_json().keys()


def test_changing_bytes_all_over_the_file_is_never_valid(authority: PdfAuthority) -> None:
    data, trust = licence(authority), authority.trust()
    assert judge_pdf(data, trust, NOW).verdict.standing is Standing.VALID  # the control
    # The signature's own value, part of which nothing covers, and the name of its kind: one that is not judged is not believed.
    kind = data.index(b"/adbe.pkcs7.detached")
    open_places = {*range(*reading.read_pdf(data).signatures[0].hole), *range(kind, kind + 20)}
    for place in range(7, len(data), 101):
        mutant = data[:place] + bytes((data[place] ^ 0x02,)) + data[place + 1 :]
        try:
            standing = judge_pdf(mutant, trust, NOW).verdict.standing
        except PdfError:
            standing = Standing.INVALID
        assert standing is Standing.INVALID or (standing is Standing.CANNOT_CONFIRM and place in open_places), place


def test_a_changed_word_is_a_tampered_file(authority: PdfAuthority) -> None:
    report = judge_pdf(licence(authority).replace(b"DEMO LICENCE", b"DEMO LICENSE"), authority.trust(), NOW)
    assert report.verdict.standing is Standing.INVALID
    assert "fail" in {result_of(report, "file_digests")[0], result_of(report, "seal_signature")[0]}
    assert result_of(report, "coverage") == ("pass", "")


@pytest.mark.parametrize("change", [overlay, exchanged_text])
def test_a_shadow_is_invalid_and_only_the_comparison_sees_it(
    sm2: PdfAuthority, trust: TrustMaterial, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    shadow = sign(licence(sm2), sm2.signing, second(), change=change)
    report = judge_pdf(shadow, trust, NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.INVALID, "uncovered_content")
    monkeypatch.setattr(reading, "_later", lambda *_: reading.Coverage.SIGNATURES)
    assert judge_pdf(shadow, trust, NOW).verdict.standing is Standing.VALID


def test_appended_content_without_a_signature_is_invalid(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    for change in (overlay, exchanged_text):
        assert judge_pdf(updated(licence(sm2), change), trust, NOW).verdict.reasons[0] == "uncovered_content"
    assert judge_pdf(updated(licence(sm2), note_in_info), trust, NOW).verdict.standing is Standing.VALID  # the control


def test_part_of_the_file_is_not_enough(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    """A signature over other ranges, by the authority's own key: good as a signature, not as that of the file."""
    data = with_ranges(licence(sm2), lambda ranges: [0, ranges[1], ranges[2], ranges[3] - 40])
    found = reading.read_pdf(data)
    start, end = found.signatures[0].hole
    resigned = sm2.signing.cms(data[:start] + data[end : len(data) - 40], SEALED_AT).hex().encode()
    data = data[: start + 1] + resigned.ljust(end - start - 2, b"0") + data[end - 1 :]
    report = judge_pdf(data, trust, NOW)
    assert result_of(report, "coverage") == ("fail", "uncovered_content")
    assert [check.id for check in report.verdict.checks if check.result is FAIL] == ["coverage", "issuer_matches"]


def test_two_lawful_signatures_are_both_judged(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    twice = sign(licence(sm2), sm2.signing, second())
    report = judge_pdf(twice, trust, NOW)
    assert (report.verdict.standing, len(report.seals)) == (Standing.VALID, 2)
    stranger = found_pdf_authority("SM2")
    report = judge_pdf(sign(licence(sm2), stranger.signing, second()), trust, NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.CANNOT_CONFIRM, "untrusted_root")


@pytest.mark.parametrize(("code", "standing"), [(ISSUER_CODE, Standing.VALID), (OTHER_CODE, Standing.CANNOT_CONFIRM)])
def test_a_later_picture_counts_only_from_who_signed_first(
    sm2: PdfAuthority, trust: TrustMaterial, code: str, standing: Standing
) -> None:
    """A visible signature can lie over what the licence says."""
    seen = sign(licence(sm2), sm2.neighbour(code), replace(second(), box=VISIBLE))
    report = judge_pdf(seen, trust, NOW)
    assert report.verdict.standing is standing
    assert ("changes_unclear" in report.verdict.reasons) is (code != ISSUER_CODE)
    hidden = sign(licence(sm2), sm2.neighbour(code), second())
    assert judge_pdf(hidden, trust, NOW).verdict.standing is Standing.VALID  # the control


def test_a_picture_in_a_field_that_stays_unsigned_is_the_signers_all_the_same(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    for code, standing in ((ISSUER_CODE, Standing.VALID), (OTHER_CODE, Standing.CANNOT_CONFIRM)):
        data = sign(licence(sm2), sm2.neighbour(code), second(), change=empty_field)
        assert judge_pdf(data, trust, NOW).verdict.standing is standing
    report = judge_pdf(updated(licence(sm2), empty_field), trust, NOW)
    assert (report.verdict.standing, result_of(report, "coverage")) == (Standing.INVALID, ("fail", "uncovered_content"))


def test_somebody_elses_signature_does_not_make_the_licence(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    report = judge_pdf(sign(face(), sm2.neighbour(OTHER_CODE)), trust, NOW)
    assert (report.verdict.standing, result_of(report, "issuer_matches")) == (Standing.INVALID, ("fail", "issuer_mismatch"))


def test_without_a_signature_it_is_invalid(trust: TrustMaterial) -> None:
    report = judge_pdf(face(), trust, NOW)
    assert (report.kind, report.verdict.standing, report.verdict.reasons[0]) == ("licence_pdf", Standing.INVALID, "no_signature")


def test_a_pdf_that_is_no_licence_is_said_so(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    report = judge_pdf(sign(face(None), sm2.signing), trust, NOW)
    assert (report.kind, report.verdict.standing) == ("pdf", Standing.CANNOT_CONFIRM)
    assert report.verdict.reasons[0] == "metadata_missing"


def test_a_signature_of_another_root_cannot_be_confirmed(sm2: PdfAuthority) -> None:
    report = judge_pdf(licence(sm2), found_pdf_authority("SM2").trust(), NOW)
    assert result_of(report, "issuer_trusted") == ("unknown", "untrusted_root")
    assert report.verdict.standing is Standing.CANNOT_CONFIRM


def test_a_revoked_signer_and_a_revoked_licence(sm2: PdfAuthority) -> None:
    revoked = Revocation(sm2.signing.certificate.serial, SEALED_AT - timedelta(days=1))
    report = judge_pdf(licence(sm2), sm2.trust(Status.VALID, revoked), NOW)
    assert (report.verdict.standing, result_of(report, "issuer_not_revoked")) == (Standing.INVALID, ("fail", "cert_revoked"))
    report = judge_pdf(licence(sm2), sm2.trust(Status.REVOKED), NOW)
    assert (report.verdict.standing, result_of(report, "status")) == (Standing.INVALID, ("fail", "revoked"))


def test_a_certificate_that_had_expired_when_signing(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    early = sm2.neighbour(ISSUER_CODE, (SEALED_AT - timedelta(days=30), SEALED_AT - timedelta(days=1)))
    report = judge_pdf(sign(face(), early), trust, NOW)
    assert result_of(report, "issuer_trusted") == ("fail", "cert_expired_at_signing")


def test_a_certificate_that_expired_since_needs_a_proven_time(authority: PdfAuthority) -> None:
    short = authority.neighbour(ISSUER_CODE, (SEALED_AT - timedelta(days=30), SEALED_AT + timedelta(days=1)))
    report = judge_pdf(sign(face(), short), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.CANNOT_CONFIRM, "signing_time_unproven")

    def stamped_at(moment: datetime) -> FileReport:
        stamped = sign(face(), short, cms=lambda content: short.cms(content, SEALED_AT, stamp(authority, moment)))
        return judge_pdf(stamped, authority.trust(), NOW)

    report = stamped_at(SEALED_AT + timedelta(minutes=2))
    assert (report.verdict.standing, report.seals[0].timestamp) == (Standing.VALID, "valid")
    assert result_of(report, "issuer_trusted") == ("pass", "valid_at_signing")
    late = stamped_at(SEALED_AT + timedelta(days=2))  # the control: it is the time that counts, not that there is a stamp
    assert late.verdict.standing is Standing.CANNOT_CONFIRM


def test_the_time_may_stand_beside_the_signature(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    """PAdES forbids the attribute: the entry /M says when, and the signature covers it."""
    report = judge_pdf(sign(face(), sm2.signing, replace(Field(), at=None)), trust, NOW)
    assert (report.verdict.standing, report.seals[0].signed_at) == (Standing.VALID, SEALED_AT)
    report = judge_pdf(sign(face(), sm2.signing, replace(Field(), at=None, claimed_at=None)), trust, NOW)
    assert report.verdict.standing is Standing.CANNOT_CONFIRM
    late = replace(Field(), at=None, claimed_at=NOW + timedelta(days=1))
    assert judge_pdf(sign(face(), sm2.signing, late), trust, NOW).verdict.standing is Standing.INVALID


def test_a_form_of_signature_that_is_not_judged_is_not_believed(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    data = licence(sm2).replace(b"/adbe.pkcs7.detached", b"/adbe.x509.rsa_sha1 ")
    report = judge_pdf(data, trust, NOW)
    assert result_of(report, "seal_signature") == ("unknown", "unsupported_algorithm")
    assert report.seals[0].kind == "unsupported"


@pytest.mark.parametrize("value", [b"", b"\x30\x00", b"\x30\x84\xff\xff\xff\xff", b"\x00" * 50, b"\x30\x80\x06\x00"])
def test_a_broken_value_is_invalid_or_not_believed(sm2: PdfAuthority, trust: TrustMaterial, value: bytes) -> None:
    report = judge_pdf(sign(face(), sm2.signing, cms=lambda _: value), trust, NOW)
    assert report.verdict.standing in {Standing.INVALID, Standing.CANNOT_CONFIRM}


def test_a_signature_of_another_file_is_worth_nothing(sm2: PdfAuthority, trust: TrustMaterial) -> None:
    other = sm2.signing.cms(b"another file", SEALED_AT)
    report = judge_pdf(sign(face(), sm2.signing, cms=lambda _: other), trust, NOW)
    assert report.verdict.standing is Standing.INVALID


@pytest.mark.parametrize(
    ("day", "days", "reason"),
    [
        (METADATA.valid_to, 0, "expired"),
        (METADATA.valid_to, 1, "expired"),
        (METADATA.valid_from, 0, "not_yet_effective"),
        (METADATA.valid_from, -1, "not_yet_effective"),
    ],
)
def test_the_dates_count_as_in_any_file(sm2: PdfAuthority, trust: TrustMaterial, day: date, days: int, reason: str) -> None:
    report = judge_pdf(licence(sm2), trust, datetime.combine(day + timedelta(days=days), time(4), UTC))
    assert (reason in report.verdict.reasons) is (days != 0)
