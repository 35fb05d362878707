"""The demo city's trust list: each authority for the types it issues, the platform's keys, and what that list prevents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dev.city.authority import DemoAuthority, open_authority, write_trust
from dev.city.build import City
from dev.city.files import metadata
from dev.city.licences import ISSUERS
from dev.city.people import authorities
from liangzheng.catalogue.read import catalogue
from liangzheng.crypto.revocation import Revocation, issue_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import read_status_list
from liangzheng.formats.trust_list import EVERY_TYPE, read_trust_list
from liangzheng.server.trust_command import main as trust_command
from liangzheng.server.verify_many import read_trust
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.trust_anchors import Trust, resolve
from liangzheng.verification.verdict import Standing
from tests.dev.conftest import NOW
from tests.verification.sealed_licence import unsealed


@pytest.fixture(scope="module")
def authority(city: City) -> DemoAuthority:
    return open_authority(city.trust.parent / "keys", authorities(), NOW)


def outcome(report: FileReport) -> tuple[Standing, tuple[str, ...]]:
    return report.verdict.standing, report.verdict.reasons


def result_of(report: FileReport, name: str) -> tuple[str, str]:
    found = next(check for check in report.verdict.checks if check.id == name)
    return found.result.value, found.reason


def of_another_kind(city: City, authority: DemoAuthority) -> bytes:
    """The tourism bureau seals a road transport permit in its own name."""
    permit = next(item for item in city.licences if item.key == "haiyun-permit")
    signer = authority.signers["tourism"]
    said = replace(metadata(permit), issuer=signer.certificate.organisation, issuer_code=signer.certificate.organisation_code)
    return seal_ofd(unsealed(said), authority.seals["tourism"], signer.key, NOW)


def test_each_authority_is_listed_for_what_it_issues_and_all_say_demo(city: City) -> None:
    listed = read_trust_list((city.trust / "trust-list.jwt").read_bytes())
    types = {item.id: item.code for item in catalogue().licence_types}
    for item in authorities():
        entry = next(entry for entry in listed.unverified.entries if entry.organisation_code == item.uscc)
        assert set(entry.licence_types) == {types[kind] for kind, key in ISSUERS.items() if key == item.key}
        assert EVERY_TYPE not in entry.licence_types
        assert "演示" in entry.name
    assert listed.verify(read_trust([city.trust]).list_signers, NOW) == ""


def test_an_issuer_of_other_types_is_not_believed_although_the_root_is(
    city: City, authority: DemoAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, trust = of_another_kind(city, authority), read_trust([city.trust])
    report = judge_licence_file(data, trust, NOW)
    assert outcome(report) == (Standing.CANNOT_CONFIRM, ("issuer_not_for_kind",))
    assert result_of(report, "issuer_trusted") == ("unknown", "issuer_not_for_kind")
    without = replace(trust, trust_lists=())
    assert outcome(judge_licence_file(data, without, NOW)) == (Standing.VALID, ()), "control: the list alone says for what"
    monkeypatch.setattr(Trust, "bars", lambda *_: False)
    assert outcome(judge_licence_file(data, trust, NOW)) == (Standing.VALID, ()), "control: the rule alone keeps it out"


def test_a_doubtful_list_bars_but_does_not_open(city: City, authority: DemoAuthority) -> None:
    full = read_trust([city.trust])
    data, good = of_another_kind(city, authority), city.files["haiyun-permit"].read_bytes()
    unpinned = replace(full, list_signers=())
    assert result_of(judge_licence_file(data, unpinned, NOW), "issuer_trusted") == ("unknown", "issuer_not_for_kind")
    assert judge_licence_file(good, unpinned, NOW).verdict.standing is Standing.VALID
    listed_alone = replace(unpinned, roots=())
    assert result_of(judge_licence_file(good, listed_alone, NOW), "issuer_trusted") == ("unknown", "trust_list_invalid")


def test_whom_the_operator_laid_down_himself_no_list_bars(city: City, authority: DemoAuthority) -> None:
    full = read_trust([city.trust])
    own = replace(full, roots=(*full.roots, authority.signers["tourism"].certificate))
    assert outcome(judge_licence_file(of_another_kind(city, authority), own, NOW)) == (Standing.VALID, ())


def test_a_listed_signer_that_the_root_revoked_is_revoked(city: City, authority: DemoAuthority) -> None:
    full, root, permit = read_trust([city.trust]), authority.root, city.files["haiyun-permit"].read_bytes()
    gone = authority.signers["road"].certificate
    crl = issue_crl(
        root.certificate,
        root.key,
        [Revocation(gone.serial, gone.not_before)],
        this_update=full.crls[0].this_update,
        next_update=NOW.replace(year=2030),
        number=1,
    )
    (city.trust.parent / "revoked.crl").write_bytes(crl)
    revoking = replace(full, crls=read_trust([city.trust.parent / "revoked.crl"]).crls)
    kind = next(item.type_code for item in city.licences if item.key == "haiyun-permit")
    assert gone in resolve(full, NOW).roots_for(kind), "it is an anchor itself"
    assert result_of(judge_licence_file(permit, revoking, NOW), "issuer_not_revoked") == ("fail", "cert_revoked")
    pinned_alone = replace(revoking, roots=())  # control: where nobody knows the authority above, the pin is all there is
    assert result_of(judge_licence_file(permit, pinned_alone, NOW), "issuer_not_revoked")[1] != "cert_revoked"


def test_both_forms_of_the_status_list_say_the_same(city: City) -> None:
    jwt, cwt = (read_status_list((city.trust / f"status-list.{suffix}").read_bytes()) for suffix in ("jwt", "cwt"))
    assert (jwt.uri, jwt.packed, jwt.signer) == (cwt.uri, cwt.packed, cwt.signer)
    full = read_trust([city.trust])
    for token in full.status_tokens:
        one = replace(full, status_tokens=(token,))
        assert judge_licence_file(city.files["haiyun-permit"].read_bytes(), one, NOW).verdict.standing is Standing.VALID
        assert judge_licence_file(city.files["ma-driver"].read_bytes(), one, NOW).verdict.reasons == ("revoked",)


def test_the_platforms_keys_are_listed(tmp_path: Path, authority: DemoAuthority) -> None:
    keys = {"在线码（演示）": SM2PrivateKey.generate().public_key, "离线凭证（演示）": SM2PrivateKey.generate().public_key}
    write_trust(tmp_path, authority, {}, NOW, keys)
    trust: TrustMaterial = read_trust([tmp_path])
    assert {entry.name: entry.public_key for entry in resolve(trust, NOW).code_keys} == keys


def test_distrust_is_still_there_after_the_next_start(tmp_path: Path, authority: DemoAuthority) -> None:
    keys = {"在线码（演示）": SM2PrivateKey.generate().public_key}
    write_trust(tmp_path, authority, {}, NOW, keys)
    signer = authority.list_signer
    (tmp_path / "s.pem").write_bytes(signer.key.to_pem())
    (tmp_path / "s.cer").write_bytes(signer.certificate.pem())
    listed = tmp_path / "trust-list.jwt"
    for who in ("烟台市司法局（演示）电子签章", "在线码（演示）"):
        named = ["--key", str(tmp_path / "s.pem"), "--cert", str(tmp_path / "s.cer"), "--at", NOW.isoformat()]
        assert trust_command(["distrust", str(listed), who, "--since", "2026-01-01", "--reason", "演练", *named]) == 0
    write_trust(tmp_path, authority, {}, NOW + timedelta(days=1), keys)
    found = read_trust_list(listed.read_bytes())
    assert {entry.name for entry in found.unverified.entries if entry.distrusted_since} == {
        "烟台市司法局（演示）电子签章",
        "在线码（演示）",
    }
    assert found.unverified.number == int((NOW + timedelta(days=1)).timestamp())
