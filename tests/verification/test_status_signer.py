"""Who may speak for a licence: the organisation that its metadata names, else its issuer; nobody else, however new his list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from liangzheng.formats.status_list import Status
from liangzheng.verification import licence_checks
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Check, Result, Standing
from tests.verification.sealed_licence import METADATA, NOW, Authority, found_authority

PUBLISHER = "12370600MADEM0022B"
STRANGER = "11370600MADEM0033C"
NAMING = replace(METADATA, status_org=PUBLISHER)
EARLIER = NOW - timedelta(hours=2)
DOES_NOT_FIT = Check("status", Result.UNKNOWN, "status_unknown", "signer_does_not_fit")


@pytest.fixture(scope="module")
def issuer() -> Authority:
    return found_authority()


def status(issuer: Authority, data: bytes, *tokens: bytes) -> Check:
    verdict = judge_licence_file(data, TrustMaterial((issuer.root,), (issuer.crl(),), tokens), NOW).verdict
    assert {check.result for check in verdict.checks[:-1]} == {Result.PASS, Result.NOT_APPLICABLE}
    expected = {Result.PASS: Standing.VALID, Result.FAIL: Standing.INVALID, Result.UNKNOWN: Standing.CANNOT_CONFIRM}
    assert verdict.standing is expected[verdict.checks[-1].result]
    return verdict.checks[-1]


def test_another_seal_holder_under_the_root_cannot_clear_a_revoked_licence(
    issuer: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = issuer.neighbour(PUBLISHER)
    for metadata, right in ((METADATA, issuer), (NAMING, publisher)):
        data = issuer.licence(metadata)
        revoking, clearing = (
            right.status_token(Status.REVOKED, issued_at=EARLIER),
            issuer.neighbour(STRANGER).status_token(Status.VALID),
        )
        assert status(issuer, data, revoking, clearing) == Check("status", Result.FAIL, "revoked")
        assert status(issuer, data, clearing, revoking) == Check("status", Result.FAIL, "revoked")
        assert status(issuer, data, clearing) == DOES_NOT_FIT
        with monkeypatch.context() as without:  # control: nothing else stops that list
            without.setattr(licence_checks, "_may_speak", lambda _signer, _metadata: True)
            assert status(issuer, data, revoking, clearing) == Check("status", Result.PASS)


@pytest.mark.parametrize("said", [Status.VALID, Status.SUSPENDED])
def test_nobody_but_the_one_named_is_heard(issuer: Authority, said: Status) -> None:
    publisher, stranger = issuer.neighbour(PUBLISHER), issuer.neighbour(STRANGER)
    heard = Check("status", Result.PASS) if said is Status.VALID else Check("status", Result.FAIL, said.value)
    plain, naming = issuer.licence(METADATA), issuer.licence(NAMING)
    assert status(issuer, plain, issuer.status_token(said)) == heard
    assert status(issuer, naming, publisher.status_token(said)) == heard
    for data, others in ((plain, (publisher, stranger)), (naming, (issuer, stranger))):
        assert status(issuer, data, *(other.status_token(said) for other in others)) == DOES_NOT_FIT


def test_a_signer_or_a_licence_without_a_code_fits_nothing(issuer: Authority) -> None:
    nameless = issuer.neighbour("")
    assert status(issuer, issuer.licence(), nameless.status_token(Status.VALID)) == DOES_NOT_FIT
    for metadata in (replace(METADATA, status_org="X"), replace(METADATA, status_org=PUBLISHER[:-1])):
        odd = issuer.neighbour(metadata.status_org)
        assert status(issuer, issuer.licence(metadata), odd.status_token(Status.VALID)) == DOES_NOT_FIT
    unnamed = issuer.licence(replace(METADATA, issuer_code=""))
    report = judge_licence_file(unnamed, replace(issuer.trust(), status_tokens=(nameless.status_token(Status.VALID),)), NOW)
    assert report.verdict.checks[-1] == DOES_NOT_FIT


def test_the_code_counts_in_capitals_and_the_name_of_another_root_counts_for_nothing(issuer: Authority) -> None:
    data = issuer.licence(replace(METADATA, status_org=PUBLISHER.lower()))
    assert status(issuer, data, issuer.neighbour(PUBLISHER).status_token(Status.VALID)) == Check("status", Result.PASS)
    impostor = found_authority().neighbour(PUBLISHER)
    assert status(issuer, data, impostor.status_token(Status.VALID)).detail == "untrusted_root"


def test_a_stale_list_of_the_right_signer_is_called_stale_whatever_others_say(issuer: Authority) -> None:
    stale = issuer.status_token(Status.VALID, issued_at=NOW - timedelta(days=3))
    fresh = issuer.neighbour(STRANGER).status_token(Status.VALID)
    assert status(issuer, issuer.licence(), stale, fresh).reason == "status_stale"
