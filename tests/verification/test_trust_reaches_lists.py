"""Trust lists decide over status lists by themselves and over keys of codes, too; and a signer that is its own anchor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from liangzheng.codes.offline_code import key_id
from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.revocation import Revocation
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.status_list import Status
from liangzheng.formats.trust_list import TrustEntry, TrustList, encode_trust_list
from liangzheng.verification.field_pack import CodeKey
from liangzheng.verification.file_checks import FileReport, TrustMaterial
from liangzheng.verification.lone_files import judge_status_list
from liangzheng.verification.pack_trust import listed_code_keys, listed_statuses
from liangzheng.verification.trust_anchors import Trust, resolve
from liangzheng.verification.trust_overview import overview
from tests.verification.sealed_licence import LONG, NOW, STATUS_URI, Authority, found_authority
from tests.verification.test_trust_anchors import BEFORE, LIST_SIGNER, STALE, URI, certificate_of, entry, token

CODE_KEY = SM2PrivateKey.from_scalar(577215).public_key
KEY_ID = key_id(CODE_KEY)
STRANGER = SM2PrivateKey.from_scalar(662607)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found_authority()


def outcome(report: FileReport) -> tuple[str, tuple[str, ...]]:
    return report.verdict.standing.value, report.verdict.reasons


def trusting(authority: Authority, *tokens: bytes, roots: tuple[Certificate, ...] = ()) -> TrustMaterial:
    return replace(authority.trust(), roots=roots, list_signers=(LIST_SIGNER,), trust_lists=tokens)


def test_a_status_list_under_a_listed_authority_is_good(authority: Authority) -> None:
    data = authority.status_token(Status.VALID)
    assert outcome(judge_status_list(data, trusting(authority), NOW)) == ("cannot_confirm", ("untrusted_root", "not_reached"))
    assert outcome(judge_status_list(data, trusting(authority, token(entry(authority.root))), NOW)) == ("valid", ())


@pytest.mark.parametrize("who", ["root", "signer"])
def test_a_status_list_of_somebody_distrusted_is_not(authority: Authority, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = authority.status_token(Status.VALID)
    gone = authority.root if who == "root" else authority.signer
    trust = trusting(authority, token(entry(gone, since=BEFORE)), roots=(authority.root,))
    standing, reasons = outcome(judge_status_list(data, trust, NOW))
    assert standing != "valid"
    assert reasons[0] == ("issuer_distrusted" if who == "signer" else "untrusted_root")
    assert listed_statuses(resolve(trust, NOW)) == {}
    assert overview(trust, NOW).faults == {reasons[0]}
    monkeypatch.setattr(Trust, "first_distrust", lambda *_: None)  # the control
    assert outcome(judge_status_list(data, trust, NOW)) == ("valid", ())
    assert set(listed_statuses(resolve(trust, NOW))) == {STATUS_URI}


def test_of_two_status_lists_of_one_address_the_newer_counts_in_any_order(authority: Authority) -> None:
    old = authority.status_token(Status.VALID, issued_at=NOW - timedelta(hours=2))
    new = authority.status_token(Status.REVOKED, issued_at=NOW - timedelta(hours=1))
    for tokens in ((old, new), (new, old)):
        material = replace(authority.trust(), status_tokens=tokens)
        found = listed_statuses(resolve(material, NOW))[STATUS_URI]
        assert found.issued_at == int((NOW - timedelta(hours=1)).timestamp())


def code_entry(name: str = "码签发（演示）", **changes: object) -> TrustEntry:
    return replace(TrustEntry("code_key", name, "11370600MADEM0011A", None, CODE_KEY, ("*",), LONG[0]), **changes)  # type: ignore[arg-type]


def codes(*tokens: bytes) -> CodeKey | None:
    return listed_code_keys(resolve(TrustMaterial(list_signers=(LIST_SIGNER,), trust_lists=tokens), NOW)).get(KEY_ID)


def test_a_key_of_codes_follows_the_newest_list_and_every_distrust() -> None:
    def since_of(*tokens: bytes) -> int | None:
        found = codes(*tokens)
        assert found is not None
        return found.distrusted_since

    good, later = token(code_entry()), token(code_entry(distrusted_since=BEFORE), number=2)
    since = int(BEFORE.timestamp())
    assert since_of(good) is None
    assert since_of(good, later) == since
    assert codes(good, token(number=2)) is None, "an older issue does not bring a key back"
    assert codes(token(code_entry(), expires_at=STALE)) is None, "an overdue list lends no trust"
    listed = TrustList(URI, 9, NOW - timedelta(days=1), NOW + timedelta(days=1), (code_entry(distrusted_since=BEFORE),))
    strange = encode_trust_list(listed, key=STRANGER, signer=certificate_of(STRANGER))
    assert codes(strange) is None, "nobody pinned it"
    assert since_of(good, strange) == since, "but its distrust counts"
    assert codes(token(code_entry(trusted_from=NOW + timedelta(days=1)))) is None


def test_a_signer_that_is_its_own_root_is_judged_by_the_path_above_it(authority: Authority) -> None:
    signer, root = authority.signer, authority.root
    revoking = [authority.crl(Revocation(signer.serial, NOW - timedelta(days=1)))]
    assert judge_chain(signer, [signer], [], NOW).path == (signer,), "control: alone it is all there is"
    assert judge_chain(signer, [signer], revoking, NOW).result == "trusted"
    for roots in ([signer, root], [root, signer]):
        assert judge_chain(signer, roots, revoking, NOW).result == "cert_revoked"
        assert judge_chain(signer, roots, [], NOW).result == "revocation_unknown"
        assert judge_chain(signer, roots, [authority.crl()], NOW).path == (signer, root)


def test_a_root_by_itself_is_still_a_root(authority: Authority) -> None:
    plain = certificate_of(STRANGER)
    assert judge_chain(plain, [plain, authority.root], [], NOW).result == "trusted"
