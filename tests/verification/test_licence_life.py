"""A sealed licence survives what lawfully happens to it: annotated, sealed again, outliving the certificate that signed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from liangzheng.crypto.certificates import Subject, issue_certificate, read_certificate
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.annotation import original_of
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.seals.seal import make_seal
from liangzheng.formats.status_list import Status
from liangzheng.verification import issuer_checks, seal_checks
from liangzheng.verification.file_checks import TrustMaterial
from liangzheng.verification.judge import judge
from liangzheng.verification.verdict import Standing
from tests.verification.annotating import found_platform
from tests.verification.sealed_licence import LONG, METADATA, NOW, SEALED_AT, Authority, found_authority, repacked, unsealed
from tests.verification.time_authority import found_time_authority

ANNUAL_CHECK = SEALED_AT + timedelta(days=2)
EXPIRY = SEALED_AT + timedelta(days=4)  # of the signing certificates; after both seals, before NOW
STAMPED_AT = SEALED_AT + timedelta(seconds=2)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


@pytest.fixture(scope="module")
def short_lived() -> Authority:
    return found_authority(certificates=(LONG[0], EXPIRY))


def second_seal(authority: Authority) -> Authority:
    """Another seal of the same body, with a key of its own: 年审专用章 beside 证照专用章."""
    key = SM2PrivateKey.generate()
    subject = Subject(
        "年审（演示）", organisation="烟台市交通运输局（演示）", organisation_code=authority.signer.organisation_code
    )
    signer = issue_certificate(subject, key.public_key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    design = replace(authority.design, seal_id="37060000000002", name="烟台市交通运输局（演示）年审专用章")
    seal = make_seal(design, [signer], authority.seal.maker_certificate, authority.maker_key)
    return replace(authority, signer=read_certificate(signer), signer_key=key, seal=seal)


def sealed_again(data: bytes, by: Authority, at: datetime = ANNUAL_CHECK) -> bytes:
    return seal_ofd(data, by.seal, by.signer_key, at, boundary=(110, 102, 40, 40))


def later_trust(authority: Authority) -> TrustMaterial:
    """The status list is signed by a neighbour of the same code whose certificate is long: only the seal is on trial."""
    speaker = authority.neighbour(authority.signer.organisation_code)
    return TrustMaterial((authority.root,), (authority.crl(),), (speaker.status_token(Status.VALID),))


def test_sealed_annotated_and_taken_out_again_byte_for_byte(authority: Authority) -> None:
    licence = authority.licence()
    copy = found_platform(authority).copy(licence)
    report = judge(copy, authority.trust(), NOW)
    assert report.verdict.standing is Standing.VALID
    assert report.inner == judge(licence, authority.trust(), NOW)
    taken_out = original_of(read_ofd(copy))
    assert taken_out == licence
    assert judge(taken_out or b"", authority.trust(), NOW).verdict.standing is Standing.VALID
    # The control: one byte less in the original, and neither the copy nor what is taken out of it is valid.
    damaged = repacked(licence, {"Doc_0/Res/code.png": read_ofd(licence).files["Doc_0/Res/code.png"][:-1]})
    report = judge(found_platform(authority).copy(damaged), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.INVALID, ("original_invalid",))
    assert report.inner
    assert report.inner.verdict.reasons == ("tampered_file",)


def test_sealed_again_and_both_seals_are_judged(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    data = sealed_again(authority.licence(), second_seal(authority))
    report = judge(data, authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ())
    assert [(seal.seal_id, seal.signed_at) for seal in report.seals] == [
        ("37060000000001", SEALED_AT),
        ("37060000000002", ANNUAL_CHECK),
    ]
    # The second seal changed the list of signatures, which the first one protects. Only that is excused, and only so.
    monkeypatch.setattr(seal_checks, "_is_countersigned", lambda *_: False)
    assert judge(data, authority.trust(), NOW).verdict.reasons == ("tampered_file",)


@pytest.mark.parametrize("number", [0, 1])
def test_each_seal_alone_can_spoil_the_file(authority: Authority, number: int) -> None:
    data = sealed_again(authority.licence(), second_seal(authority))
    path = f"Doc_0/Signs/Sign_{number}/SignedValue.dat"
    value = read_ofd(data).files[path]
    report = judge(repacked(data, {path: value[:-1] + bytes([value[-1] ^ 1])}), authority.trust(), NOW)
    assert report.verdict.standing is Standing.INVALID
    assert {"bad_signature", "tampered_file"} & set(report.verdict.reasons)


def test_a_second_seal_under_a_root_that_nobody_trusts_leaves_it_open(authority: Authority) -> None:
    report = judge(sealed_again(authority.licence(), found_authority()), authority.trust(), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("untrusted_root",))


def test_the_certificate_has_expired_and_the_stamp_still_proves_the_seal(
    short_lived: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = found_time_authority(short_lived.root, short_lived.root_key).stamp(STAMPED_AT)
    licence = seal_ofd(unsealed(METADATA), short_lived.seal, short_lived.signer_key, SEALED_AT, stamp=stamp)
    report = judge(licence, later_trust(short_lived), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ("valid_at_signing",))
    assert (report.seals[0].signed_at, report.seals[0].proven_at) == (SEALED_AT, STAMPED_AT)
    # The controls: without a stamp it stays open, and so it does when what the stamp proves is taken away.
    plain = judge(short_lived.licence(), later_trust(short_lived), NOW)
    assert (plain.verdict.standing, plain.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("signing_time_unproven",))
    monkeypatch.setattr(
        seal_checks,
        "judge_issuer",
        lambda signer, setting, **facts: issuer_checks.judge_issuer(signer, setting, claimed=facts["claimed"]),
    )
    blind = judge(licence, later_trust(short_lived), NOW)
    assert (blind.verdict.standing, blind.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("signing_time_unproven",))


def test_all_of_it_together(short_lived: Authority) -> None:
    """Stamped, annually checked, and annotated after the first certificate had expired: valid, and every step is told."""
    stamp = found_time_authority(short_lived.root, short_lived.root_key).stamp(STAMPED_AT)
    licence = seal_ofd(unsealed(METADATA), short_lived.seal, short_lived.signer_key, SEALED_AT, stamp=stamp)
    again = sealed_again(licence, second_seal(short_lived))
    # The maker's certificate is short-lived, too: when its seals without a stamp were made, nobody can prove.
    report = judge(again, later_trust(short_lived), NOW)
    assert (report.verdict.standing, report.verdict.reasons[0]) == (Standing.CANNOT_CONFIRM, "signing_time_unproven")
    stamped = found_time_authority(short_lived.root, short_lived.root_key).stamp(ANNUAL_CHECK + timedelta(seconds=2))
    other = second_seal(short_lived)
    again = seal_ofd(licence, other.seal, other.signer_key, ANNUAL_CHECK, stamp=stamped)
    report = judge(again, later_trust(short_lived), NOW)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ("valid_at_signing",))
    assert [seal.timestamp for seal in report.seals] == ["valid", "valid"]
