"""NIST PKITS, issued anew with SM2: names, validity, basic constraints, key usage, path length, unknown extensions.

The public certificates carry RSA keys, which are not judged here. Each is rebuilt with an SM2 key in place of its RSA key and
signed by the SM2 key that stands for its signer; whatever else it says stays as it was. Each authority gets its own list.
Left out: revocation (4.4, 4.14, 4.15: the lists are not among the public files), DSA, and policies (4.8 to 4.12), not judged.
"""

from __future__ import annotations

import functools
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from liangzheng.crypto import der
from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate, signed
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.revocation import Revocation, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID, SM2PrivateKey

CORPORA = Path(os.environ.get("LIANGZHENG_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
PKITS = CORPORA / "x509-pkits"
AT = datetime(2026, 11, 22, tzinfo=UTC)
SECTIONS = ("4.1.", "4.2.", "4.3.", "4.5.", "4.6.", "4.7.", "4.13.", "4.16.")
CRITICAL_NAME_CONSTRAINTS = "4.13."
REVOKED = ("4.5.2 ", "4.5.5 ", "4.5.7 ")  # invalid because their lists name the leaf; here an own list does

pytestmark = pytest.mark.skipif(not PKITS.is_dir(), reason=f"PUBLIC VECTORS ABSENT: {PKITS}; set LIANGZHENG_CORPORA")


class Case(TypedDict):
    Name: str
    CertPath: list[str]
    ShouldValidate: bool


def cases() -> list[Case]:
    path = PKITS / "vectors.json"
    if not path.is_file():
        return []
    rows: list[Case] = json.loads(path.read_text(encoding="utf-8"))
    return [row for row in rows if row["Name"].startswith(SECTIONS) and "DSA" not in row["Name"]]


@functools.cache
def original(name: str) -> x509.Certificate:
    return x509.load_der_x509_certificate((PKITS / "nist-pkits" / "certs" / name).read_bytes())


@functools.cache
def key_for(modulus: int) -> SM2PrivateKey:
    return SM2PrivateKey.from_scalar(modulus % (1 << 255) + 1)


def key_of(certificate: x509.Certificate) -> SM2PrivateKey:
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    return key_for(public.public_numbers().n)


def signer_of(certificate: x509.Certificate, path: list[str]) -> SM2PrivateKey:
    """Find whose RSA key signed it; a broken signature is signed by nobody in the path."""
    for name in path:
        public = original(name).public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        assert certificate.signature_hash_algorithm is not None
        try:
            public.verify(
                certificate.signature,
                certificate.tbs_certificate_bytes,
                padding.PKCS1v15(),
                certificate.signature_hash_algorithm,
            )
        except InvalidSignature:
            continue
        return key_of(original(name))
    return SM2PrivateKey.generate()


def rebuilt(name: str, path: list[str]) -> Certificate:
    """Issue a PKITS certificate anew: only its key, its algorithm and its signature change."""
    certificate = original(name)
    members = [member.encoded for member in der.read(certificate.tbs_certificate_bytes).children()]
    members[2] = der.sequence(der.oid(SM2_WITH_SM3_OID))
    members[6] = key_of(certificate).public_key.spki
    return read_certificate(signed(der.sequence(*members), signer_of(certificate, path)))


def judge(path: list[str], *, leaf_is_revoked: bool) -> str:
    try:
        chain = [rebuilt(name, path) for name in path]
    except BadCertificate:
        return "bad_certificate"
    revoked = [Revocation(chain[-1].serial, AT - timedelta(days=2))] if leaf_is_revoked else []
    crls = [
        read_crl(
            issue_crl(
                issuer,
                key_of(original(name)),
                revoked,
                this_update=AT - timedelta(days=1),
                next_update=AT + timedelta(days=1),
                number=1,
            )
        )
        for issuer, name in zip(chain, path, strict=True)
    ]
    return judge_chain(chain[-1], chain[:1], crls, AT, intermediates=chain[1:-1]).result


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["Name"])
def test_pkits(case: Case) -> None:
    result = judge(case["CertPath"], leaf_is_revoked=case["Name"].startswith(REVOKED))
    if case["Name"].startswith(CRITICAL_NAME_CONSTRAINTS) and case["ShouldValidate"]:
        assert result in {"trusted", "bad_certificate"}  # name constraints are refused, not judged
    else:
        assert (result == "trusted") is case["ShouldValidate"], result
