"""A licence that two seals cover: both are judged, and each alone can spoil the file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import Status
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Standing
from tests.verification.sealed_licence import METADATA, NOW, SEALED_AT, Authority, found_authority, repacked, unsealed


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


def sealed(authority: Authority) -> bytes:
    return seal_ofd(unsealed(METADATA), authority.seal, authority.signer_key, SEALED_AT)


def judged(authority: Authority, data: bytes) -> FileReport:
    trust = TrustMaterial((authority.root,), (authority.crl(),), (authority.status_token(Status.VALID),))
    return judge_licence_file(data, trust, NOW)


def test_a_licence_that_is_sealed_again_has_both_seals_judged(authority: Authority) -> None:
    once = sealed(authority)
    twice = seal_ofd(once, authority.seal, authority.signer_key, SEALED_AT + timedelta(days=1), boundary=(10, 10, 30, 30))
    report = judged(authority, twice)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.VALID, ())
    assert [seal.signature_id for seal in report.seals] == ["s001", "s003"]
    assert judged(authority, once).verdict.standing is Standing.VALID


def test_each_of_two_seals_can_spoil_the_file(authority: Authority) -> None:
    stranger = found_authority(issuer_code="91370602MADEM0011Y")
    twice = seal_ofd(sealed(authority), stranger.seal, stranger.signer_key, SEALED_AT)
    report = judged(authority, twice)
    assert (report.verdict.standing, report.verdict.reasons) == (Standing.CANNOT_CONFIRM, ("untrusted_root",))
    assert [seal.organisation_code for seal in report.seals] == [
        authority.signer.organisation_code,
        stranger.signer.organisation_code,
    ]
    own = seal_ofd(sealed(authority), authority.seal, authority.signer_key, SEALED_AT)
    assert judged(authority, own).verdict.standing is Standing.VALID  # the control
    for path in (f"Doc_0/Signs/{folder}/{name}" for folder in ("Sign_0", "Sign_1") for name in ("SignedValue.dat", "Seal.esl")):
        assert judged(authority, repacked(own, {path: b"0"})).verdict.standing is Standing.INVALID, path
