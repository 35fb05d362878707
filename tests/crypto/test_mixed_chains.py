"""Paths of certificates with ECDSA, RSA and Ed25519 keys, made by another library, alone and together with SM2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from liangzheng.crypto import der
from liangzheng.crypto.certificates import BadCertificate, Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.chains import ChainResult, judge_chain
from liangzheng.crypto.revocation import Crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Digest = hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None

KEYS: dict[str, tuple[Key, Digest]] = {
    "p256": (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()),
    "rsa": (rsa.generate_private_key(65537, 2048), hashes.SHA256()),
    "rsa512": (rsa.generate_private_key(65537, 3072), hashes.SHA512()),
    "ed25519": (ed25519.Ed25519PrivateKey.generate(), None),
}
P384, RSA_1024 = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)  # noqa: S505 - must be refused


@dataclass(frozen=True, slots=True)
class Party:
    name: x509.Name
    key: Key
    digest: Digest
    certificate: Certificate

    def crl(self, *serials: int) -> Crl:
        builder = x509.CertificateRevocationListBuilder(self.name, AT - DAY, AT + DAY)
        for serial in serials:
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, AT - DAY).build())
        return read_crl(builder.sign(self.key, self.digest).public_bytes(Encoding.DER))


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage_of(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(not is_ca, False, False, False, False, is_ca, is_ca, False, False)


def issue(text: str, key: Key, digest: Digest, issuer: Party | None, *, is_ca: bool) -> Party:
    """Issue a certificate for `key`; `issuer` None makes it self-signed."""
    signer, with_digest = (issuer.key, issuer.digest) if issuer else (key, digest)
    built = (
        x509.CertificateBuilder()
        .subject_name(named(text))
        .issuer_name(issuer.name if issuer else named(text))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - 100 * DAY)
        .not_valid_after(AT + 100 * DAY)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(usage_of(is_ca=is_ca), critical=True)
        .sign(signer, with_digest)
    )
    return Party(named(text), key, digest, read_certificate(built.public_bytes(Encoding.DER)))


ROOTS = {kind: issue(f"演示根 {kind}", key, digest, None, is_ca=True) for kind, (key, digest) in KEYS.items()}


def leaf_of(kind: str, issuer: Party) -> Party:
    return issue("签名人（演示）", *KEYS[kind], issuer, is_ca=False)


def judge(leaf: Certificate, root: Party, *crls: Crl) -> ChainResult:
    return judge_chain(leaf, [root.certificate], crls, AT).result


@pytest.mark.parametrize("below", KEYS)
@pytest.mark.parametrize("above", KEYS)
def test_every_pair_of_algorithms_makes_a_path(above: str, below: str) -> None:
    root = ROOTS[above]
    leaf = leaf_of(below, root).certificate
    assert judge(leaf, root, root.crl()) == "trusted"
    assert judge(leaf, root) == "revocation_unknown"
    assert judge(leaf, root, root.crl(leaf.serial)) == "cert_revoked"
    for other, stranger in ROOTS.items():
        if other != above:
            assert judge(leaf, stranger, root.crl()) == "untrusted_root"


@pytest.mark.parametrize("kind", KEYS)
def test_a_changed_certificate_and_a_changed_list_are_refused(kind: str) -> None:
    root = ROOTS[kind]
    leaf, crl = leaf_of(kind, root).certificate, root.crl()
    assert judge(leaf, root, crl) == "trusted"  # the negative control
    renamed = leaf.der.replace("签名人".encode(), "冒名人".encode())
    assert judge(read_certificate(renamed), root, crl) == "untrusted_root"
    younger = crl.der.replace(b"261119", b"261120", 1)
    assert younger != crl.der
    assert judge(leaf, root, read_crl(younger)) == "revocation_unknown"


def test_sm2_stands_in_one_path_with_the_others() -> None:
    root, key = ROOTS["rsa"], SM2PrivateKey.generate()
    middle = issue("演示 ECDSA CA", *KEYS["p256"], root, is_ca=True)
    other = SM2PrivateKey.generate()
    authority = read_certificate(
        issue_certificate(
            Subject("演示 SM2 CA"), other.public_key, issuer=None, issuer_key=other, validity=(AT - DAY, AT + DAY), path_length=0
        )
    )
    sm2_leaf = read_certificate(
        issue_certificate(
            Subject("签章人（演示）"), key.public_key, issuer=authority, issuer_key=other, validity=(AT - DAY, AT + DAY)
        )
    )
    assert judge_chain(sm2_leaf, [authority], [], AT).result == "revocation_unknown"
    leaf = leaf_of("ed25519", middle).certificate
    verdict = judge_chain(leaf, [root.certificate], [root.crl(), middle.crl()], AT, intermediates=[middle.certificate, authority])
    assert (verdict.result, len(verdict.path)) == ("trusted", 3)
    assert (sm2_leaf.public_key, leaf.public_key) == (key.public_key, None)  # seals and codes see SM2 keys only


@pytest.mark.parametrize(("key", "digest"), [(P384, hashes.SHA384()), (RSA_1024, hashes.SHA256())], ids=["P-384", "RSA 1024"])
def test_keys_that_are_not_accepted(key: Key, digest: Digest) -> None:
    odd = issue("别的根（演示）", key, digest, None, is_ca=True)
    assert odd.certificate.key is None
    assert judge(leaf_of("p256", odd).certificate, odd, odd.crl()) == "untrusted_root"
    below = issue("签名人（演示）", key, digest, ROOTS["p256"], is_ca=False)
    assert judge(below.certificate, ROOTS["p256"], ROOTS["p256"].crl()) == "bad_certificate"


def test_an_algorithm_named_twice_differently_is_refused() -> None:
    leaf = leaf_of("p256", ROOTS["p256"]).certificate
    ecdsa = der.sequence(der.oid("1.2.840.10045.4.3.2"))
    start = leaf.der.rfind(ecdsa)
    mixed = leaf.der[:start] + ecdsa.replace(b"\x02", b"\x03") + leaf.der[start + len(ecdsa) :]
    with pytest.raises(BadCertificate):
        read_certificate(mixed)
