"""Certificates, revocation lists and paths: a small authority, and every way in which a path must not be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto import der, libcrypto
from liangzheng.crypto.certificates import (
    BadCertificate,
    Certificate,
    Subject,
    extension,
    issue_certificate,
    read_certificate,
    read_certificates,
    signed,
    to_pem,
)
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.names import read_name
from liangzheng.crypto.revocation import Crl, Revocation, RevocationReason, issue_crl, read_crl, read_crls
from liangzheng.crypto.sm2 import SM2PrivateKey

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2036, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNER = Subject("烟台市交通运输局（演示）", "烟台市交通运输局（演示）", "11370600MADEM0011A")


@dataclass(frozen=True, slots=True)
class Party:
    """A certificate with its key."""

    certificate: Certificate
    key: SM2PrivateKey

    def issue(
        self, subject: Subject, *, path_length: int | None = None, validity: tuple[datetime, datetime] = (START, END)
    ) -> Party:
        key = SM2PrivateKey.generate()
        encoded = issue_certificate(
            subject,
            key.public_key,
            issuer=self.certificate,
            issuer_key=self.key,
            validity=validity,
            path_length=path_length,
        )
        return Party(read_certificate(encoded), key)

    def crl(self, *revoked: Revocation, since: datetime = NOW - DAY, until: datetime = NOW + DAY) -> Crl:
        return read_crl(issue_crl(self.certificate, self.key, revoked, this_update=since, next_update=until, number=1))


def make_root(name: str = "演示根 CA", path_length: int = 2, validity: tuple[datetime, datetime] = (START, END)) -> Party:
    key = SM2PrivateKey.generate()
    encoded = issue_certificate(
        Subject(name), key.public_key, issuer=None, issuer_key=key, validity=validity, path_length=path_length
    )
    return Party(read_certificate(encoded), key)


ROOT = make_root()
MIDDLE = ROOT.issue(Subject("演示签发 CA", "演示电子认证机构"), path_length=0)
LEAF = MIDDLE.issue(SIGNER)
CRLS = (ROOT.crl(), MIDDLE.crl())


def judge(leaf: Certificate = LEAF.certificate, crls: tuple[Crl, ...] = CRLS, at: datetime = NOW) -> str:
    return judge_chain(leaf, [ROOT.certificate], crls, at, intermediates=[MIDDLE.certificate]).result


def test_a_certificate_says_what_was_written() -> None:
    leaf = LEAF.certificate
    assert (leaf.common_name, leaf.organisation, leaf.organisation_code) == (
        SIGNER.common_name,
        SIGNER.organisation,
        SIGNER.organisation_code,
    )
    assert (leaf.not_before, leaf.not_after) == (START, END)
    assert leaf.public_key == LEAF.key.public_key
    assert leaf.issuer.matches(MIDDLE.certificate.subject)
    assert (leaf.is_ca, leaf.digital_signature, leaf.cert_sign, leaf.crl_sign) == (False, True, False, False)
    ca = MIDDLE.certificate
    assert (ca.is_ca, ca.path_length, ca.digital_signature, ca.cert_sign, ca.crl_sign) == (True, 0, False, True, True)
    assert str(leaf.subject) == "C=CN, O=烟台市交通运输局（演示）, serialNumber=11370600MADEM0011A, CN=烟台市交通运输局（演示）"


def test_another_reader_reads_the_same_certificate() -> None:
    other = x509.load_der_x509_certificate(LEAF.certificate.der)
    assert other.serial_number == LEAF.certificate.serial
    assert other.tbs_certificate_bytes == LEAF.certificate.tbs
    assert other.signature_algorithm_oid.dotted_string == "1.2.156.10197.1.501"
    usage = other.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    key_id = other.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert key_id.digest == LEAF.certificate.key_id
    above = other.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert above.key_identifier == MIDDLE.certificate.key_id


def test_another_reader_reads_the_same_revocation_list() -> None:
    crl = ROOT.crl(Revocation(77, NOW - DAY, RevocationReason.KEY_COMPROMISE, NOW - 2 * DAY))
    other = x509.load_der_x509_crl(crl.der)
    entry = other.get_revoked_certificate_by_serial_number(77)
    assert entry is not None
    assert entry.revocation_date_utc == NOW - DAY
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert other.next_update_utc == crl.next_update


def test_pem_and_bundles_are_read() -> None:
    pem = LEAF.certificate.pem() + MIDDLE.certificate.pem()
    assert read_certificates(pem) == (LEAF.certificate, MIDDLE.certificate)
    assert read_certificates(LEAF.certificate.der) == (LEAF.certificate,)
    assert read_certificate(b"Subject: anything\n" + pem) == LEAF.certificate
    assert read_crl(to_pem("X509 CRL", CRLS[0].der)).tbs == CRLS[0].tbs
    bundle = b"".join(to_pem("X509 CRL", crl.der) for crl in CRLS)
    assert [crl.der for crl in read_crls(bundle)] == [crl.der for crl in CRLS]
    assert [crl.der for crl in read_crls(CRLS[0].der)] == [CRLS[0].der]


def test_a_bundle_is_read_whole_or_not_at_all() -> None:
    good = LEAF.certificate.pem()
    for bad in (good[:-3], good[:60], good.replace(b"M", b"!", 1), to_pem("X509 CRL", CRLS[0].der), b"-----BEGIN CERT"):
        with pytest.raises(BadCertificate):
            read_certificates(good + bad)
    revoking = to_pem("X509 CRL", CRLS[0].der)
    for bad in (revoking[:-3], revoking[:60], good):
        with pytest.raises(BadCertificate):
            read_crls(revoking + bad)


def test_a_good_path_is_trusted() -> None:
    verdict = judge_chain(LEAF.certificate, [ROOT.certificate], CRLS, NOW, intermediates=[MIDDLE.certificate])
    assert verdict.result == "trusted"
    assert verdict.path == (LEAF.certificate, MIDDLE.certificate, ROOT.certificate)


def test_a_certificate_trusted_itself_needs_no_path() -> None:
    assert judge_chain(LEAF.certificate, [LEAF.certificate], [], NOW).result == "trusted"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - timedelta(seconds=1), "cert_expired_at_signing"),
        (START, "trusted"),
        (END, "trusted"),
        (END + timedelta(seconds=1), "cert_expired_at_signing"),
    ],
)
def test_validity_includes_both_ends(at: datetime, expected: str) -> None:
    crls = (ROOT.crl(until=END + 2 * DAY), MIDDLE.crl(until=END + 2 * DAY))
    assert judge(crls=crls, at=at) == expected


def test_an_expired_authority_ends_the_path_too() -> None:
    root = make_root(validity=(START, NOW - DAY))
    leaf = root.issue(SIGNER)
    assert judge_chain(leaf.certificate, [root.certificate], [root.crl()], NOW).result == "cert_expired_at_signing"


def test_a_root_counts_by_its_bytes_not_by_its_name() -> None:
    impostor = make_root()
    leaf = impostor.issue(SIGNER)
    assert judge_chain(leaf.certificate, [ROOT.certificate], CRLS, NOW).result == "untrusted_root"
    assert judge_chain(leaf.certificate, [impostor.certificate], [impostor.crl()], NOW).result == "trusted"


def test_intermediates_are_not_trusted() -> None:
    impostor = make_root("冒名 CA")
    leaf = impostor.issue(SIGNER)
    found = judge_chain(leaf.certificate, [ROOT.certificate], [impostor.crl()], NOW, intermediates=[impostor.certificate])
    assert found.result == "untrusted_root"


def test_a_missing_intermediate_leaves_the_root_out_of_reach() -> None:
    assert judge_chain(LEAF.certificate, [ROOT.certificate], CRLS, NOW).result == "untrusted_root"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(LEAF.certificate.der) * 8 - 1))
def test_a_changed_certificate_is_never_trusted(bit: int) -> None:
    mutant = bytearray(LEAF.certificate.der)
    mutant[bit // 8] ^= 1 << bit % 8
    try:
        leaf = read_certificate(bytes(mutant))
    except BadCertificate:
        return
    assert judge(leaf) != "trusted"


def test_a_leaf_that_may_not_sign_is_bad() -> None:
    assert judge(replace(LEAF.certificate, digital_signature=False)) == "bad_certificate"
    assert judge(MIDDLE.certificate) == "bad_certificate"


def test_a_leaf_without_an_accepted_key_or_with_an_unknown_critical_extension_is_bad() -> None:
    assert judge(replace(LEAF.certificate, key=None)) == "bad_certificate"
    assert judge(replace(LEAF.certificate, unhandled_critical=("2.5.29.30",))) == "bad_certificate"


def test_a_signing_certificate_cannot_issue() -> None:
    below = LEAF.issue(Subject("冒签（演示）"))
    verdict = judge_chain(below.certificate, [ROOT.certificate], CRLS, NOW, intermediates=[LEAF.certificate, MIDDLE.certificate])
    assert verdict.result == "bad_certificate"


def test_path_length_is_kept() -> None:
    deep = MIDDLE.issue(Subject("多一级 CA（演示）"), path_length=0)
    leaf = deep.issue(SIGNER)
    verdict = judge_chain(
        leaf.certificate,
        [ROOT.certificate],
        [*CRLS, deep.crl()],
        NOW,
        intermediates=[deep.certificate, MIDDLE.certificate],
    )
    assert verdict.result == "bad_certificate"
    roomy = ROOT.issue(Subject("宽 CA（演示）"), path_length=1)
    lower = roomy.issue(Subject("下级 CA（演示）"), path_length=0)
    good = judge_chain(
        lower.issue(SIGNER).certificate,
        [ROOT.certificate],
        [ROOT.crl(), roomy.crl(), lower.crl()],
        NOW,
        intermediates=[lower.certificate, roomy.certificate],
    )
    assert good.result == "trusted"


@pytest.mark.parametrize(("authorities", "expected"), [(7, "trusted"), (8, "untrusted_root")])
def test_a_path_has_at_most_eight_certificates(authorities: int, expected: str) -> None:
    top = make_root(path_length=10)
    chain = [top]
    for number in range(1, authorities):
        chain.append(chain[-1].issue(Subject(f"第 {number} 级 CA（演示）"), path_length=10 - number))
    leaf = chain[-1].issue(SIGNER)
    verdict = judge_chain(
        leaf.certificate,
        [top.certificate],
        [party.crl() for party in chain],
        NOW,
        intermediates=[party.certificate for party in chain[1:]],
    )
    assert verdict.result == expected


def test_cross_signed_authorities_do_not_multiply_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [SM2PrivateKey.generate() for _ in range(6)]
    name = Subject("互签 CA（演示）")
    seed = make_root("互签 CA（演示）")
    mesh = [
        read_certificate(
            issue_certificate(
                name,
                below.public_key,
                issuer=seed.certificate,
                issuer_key=above,
                validity=(START, END),
                path_length=9,
            )
        )
        for above in keys
        for below in keys
    ]
    leaf = issue_certificate(
        SIGNER, keys[0].public_key, issuer=mesh[0], issuer_key=keys[0], validity=(START, END), path_length=None
    )
    tried: list[bytes] = []
    verify = libcrypto.verify_digest

    def counted(key: libcrypto.Handle, signature: bytes, digest: bytes) -> bool:
        tried.append(digest)
        return verify(key, signature, digest)

    monkeypatch.setattr(libcrypto, "verify_digest", counted)
    assert judge_chain(read_certificate(leaf), [ROOT.certificate], CRLS, NOW, intermediates=mesh).result == "untrusted_root"
    assert 6 < len(tried) <= 64


def test_no_list_no_knowledge() -> None:
    assert judge(crls=()) == "revocation_unknown"
    assert judge(crls=(ROOT.crl(),)) == "revocation_unknown"
    assert judge(crls=(MIDDLE.crl(),)) == "revocation_unknown"


def test_an_overdue_list_clears_nobody_but_still_revokes() -> None:
    overdue = MIDDLE.crl(since=NOW - 3 * DAY, until=NOW - DAY)
    assert judge(crls=(ROOT.crl(), overdue)) == "revocation_unknown"
    listed = MIDDLE.crl(Revocation(LEAF.certificate.serial, NOW - 4 * DAY), since=NOW - 3 * DAY, until=NOW - DAY)
    assert judge(crls=(ROOT.crl(), listed)) == "cert_revoked"


@pytest.mark.parametrize(
    ("revocation", "expected"),
    [
        (Revocation(LEAF.certificate.serial, NOW - DAY), "cert_revoked"),
        (Revocation(LEAF.certificate.serial, NOW), "cert_revoked"),
        (Revocation(LEAF.certificate.serial, NOW + timedelta(seconds=1)), "trusted"),
        (
            Revocation(LEAF.certificate.serial, NOW + DAY, RevocationReason.KEY_COMPROMISE, NOW - DAY),
            "cert_revoked",
        ),
        (Revocation(LEAF.certificate.serial, NOW + DAY, RevocationReason.KEY_COMPROMISE), "revocation_unknown"),
        (Revocation(LEAF.certificate.serial, NOW + DAY, RevocationReason.SUPERSEDED), "trusted"),
        (Revocation(LEAF.certificate.serial + 1, NOW - DAY), "trusted"),
    ],
)
def test_revocation_counts_from_its_time(revocation: Revocation, expected: str) -> None:
    assert judge(crls=(ROOT.crl(), MIDDLE.crl(revocation))) == expected


def test_a_revoked_authority_takes_its_certificates_along() -> None:
    crls = (ROOT.crl(Revocation(MIDDLE.certificate.serial, NOW - DAY)), MIDDLE.crl())
    assert judge(crls=crls) == "cert_revoked"


def test_the_newest_list_decides() -> None:
    held = MIDDLE.crl(Revocation(LEAF.certificate.serial, NOW - 2 * DAY, RevocationReason.CERTIFICATE_HOLD), since=NOW - 2 * DAY)
    assert judge(crls=(ROOT.crl(), held)) == "cert_revoked"
    assert judge(crls=(ROOT.crl(), held, MIDDLE.crl())) == "trusted"


def test_a_list_signed_by_somebody_else_says_nothing() -> None:
    impostor = make_root("演示签发 CA")
    forged = read_crl(issue_crl(MIDDLE.certificate, impostor.key, [], this_update=NOW - DAY, next_update=NOW + DAY, number=9))
    assert judge(crls=(ROOT.crl(), forged)) == "revocation_unknown"


def test_an_issuer_that_may_not_sign_lists_says_nothing() -> None:
    assert MIDDLE.crl().is_signed_by(MIDDLE.certificate)
    assert not MIDDLE.crl().is_signed_by(replace(MIDDLE.certificate, crl_sign=False))


def test_partial_and_delta_lists_say_nothing() -> None:
    whole = MIDDLE.crl()
    members = der.read(whole.tbs).children()
    for oid in ("2.5.29.27", "2.5.29.28"):
        extensions = der.explicit(0, der.sequence(extension(oid, der.sequence(), critical=True)))
        partial = read_crl(signed(der.sequence(*(member.encoded for member in members[:-1]), extensions), MIDDLE.key))
        assert partial.unhandled_critical == (oid,)
        assert judge(crls=(ROOT.crl(), partial)) == "revocation_unknown"


def test_a_list_younger_than_the_certificate_must_say_that_it_keeps_expired_ones() -> None:
    leaf = MIDDLE.issue(SIGNER, validity=(START, NOW - 10 * DAY))
    signing_time = NOW - 20 * DAY
    kept = MIDDLE.crl()
    assert judge(leaf.certificate, crls=(ROOT.crl(), kept), at=signing_time) == "trusted"
    dropped = replace(kept, expired_since=None)
    assert judge(leaf.certificate, crls=(ROOT.crl(), dropped), at=signing_time) == "revocation_unknown"


def test_names_compare_without_case_and_spaces_but_in_order() -> None:
    def name(*values: str) -> bytes:
        return der.sequence(*(der.set_of(der.sequence(der.oid("2.5.4.3"), der.utf8(value))) for value in values))

    one = read_name(der.read(name("Demo  CA", "b")))
    assert one.matches(read_name(der.read(name(" demo ca", "B"))))
    assert not one.matches(read_name(der.read(name("b", "Demo CA"))))
    assert not one.matches(read_name(der.read(name("DemoCA", "b"))))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_hostile_bytes_raise_nothing_but_bad_certificate(data: st.DataObject) -> None:
    source = bytearray(data.draw(st.sampled_from([LEAF.certificate.der, CRLS[0].der, MIDDLE.certificate.pem()])))
    for _ in range(data.draw(st.integers(1, 8))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(source[: data.draw(st.integers(0, len(source)))]) if data.draw(st.booleans()) else bytes(source)
    for read in (read_certificate, read_crl):
        try:
            read(cut)
        except BadCertificate:
            continue


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x00", b"\x30\x80\x00\x00", bytes(70_000), b"\x30\x84\xff\xff\xff\xff"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(BadCertificate):
        read_certificate(data)
    with pytest.raises(BadCertificate):
        read_crl(data)
