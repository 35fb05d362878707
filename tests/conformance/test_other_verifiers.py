"""Other people's libraries judge what we sign: PyJWT the status list, cwt the credential, the proof and the list as CWT.

They accept ours and refuse every altered byte; so a phone of anybody's making can check us. SM2 is not among what they know
(tests/crypto/test_peers.py has gmalg for that).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from cwt import COSE, COSEKey, CWTError

from dev.vectors_offline import plain
from liangzheng.codes.offline_code import (
    CREDENTIAL_DOMAIN,
    CredentialKind,
    Proof,
    key_id,
    make_credential,
    make_proof,
    proof_domain,
)
from liangzheng.crypto.certificates import Certificate, read_certificate
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.formats.cbor import decode
from liangzheng.formats.status_list import Publication, Status, encode_status_list, encode_status_list_cwt

NOW = datetime.now(UTC).replace(microsecond=0)
URI = "https://liangzheng.example/s/1"
STATUSES = {1: Status.REVOKED, 2: Status.SUSPENDED, 7: Status.LOST}
PACKED = b"\x10\x02\x00\xe0"
PUBLICATION = Publication(URI, NOW - timedelta(minutes=5), NOW + timedelta(days=1))


def signer() -> tuple[P256PrivateKey, Certificate, bytes]:
    """A key of the platform, its certificate, and the public key as PEM for the others."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "状态签发（演示）")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    ours = P256PrivateKey.from_pem(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return ours, read_certificate(made.public_bytes(Encoding.DER)), pem


KEY, CERTIFICATE, PEM = signer()
OTHER_PEM = signer()[2]
KEY_ID = key_id(KEY.public_key)
DEVICE, _, DEVICE_PEM = signer()
CASE = plain(CredentialKind.LICENCE, "ES256", "ES256")
CREDENTIAL = make_credential(replace(CASE.credential, device_key=DEVICE.public_key), KEY)
PROOF = make_proof(Proof(issued_at=1, counter=1, lifetime=60, audience="370600-20261125-K7QF29"), CREDENTIAL, DEVICE)
LIST_JWT = encode_status_list(STATUSES, size=8, publication=PUBLICATION, key=KEY, chain=(CERTIFICATE,))
LIST_CWT = encode_status_list_cwt(STATUSES, size=8, publication=PUBLICATION, key=KEY, chain=(CERTIFICATE,))


def altered(data: bytes) -> Iterator[bytes]:
    """The same with one bit of one byte turned, for every byte."""
    for place, byte in enumerate(data):
        yield data[:place] + bytes((byte ^ 1 << place % 8,)) + data[place + 1 :]


# --- PyJWT -----------------------------------------------------------------------------------------------------------------


def read_jwt(token: bytes, pem: bytes = PEM) -> dict[str, object] | None:
    try:
        claims: dict[str, object] = jwt.decode(token.decode("latin-1"), pem, algorithms=["ES256"])
    except jwt.InvalidTokenError:
        return None
    return claims


def test_pyjwt_accepts_our_status_list_and_reads_the_same_standing() -> None:
    claims = read_jwt(LIST_JWT)
    assert claims is not None
    listed = claims["status_list"]
    assert isinstance(listed, dict)
    assert (claims["sub"], listed["bits"]) == (URI, 4)
    assert zlib.decompress(base64.urlsafe_b64decode(listed["lst"] + "==")) == PACKED
    header = jwt.get_unverified_header(LIST_JWT.decode())
    assert (header["typ"], header["alg"]) == ("statuslist+jwt", "ES256")


def test_pyjwt_refuses_every_altered_byte_another_key_and_no_algorithm() -> None:
    segments = [base64.urlsafe_b64decode(part + b"==") for part in LIST_JWT.split(b".")]
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")  # noqa: E731 - a name for one line
    count = 0
    for place, segment in enumerate(segments):
        for changed in altered(segment):
            parts = [changed if number == place else part for number, part in enumerate(segments)]
            assert read_jwt(b".".join(map(encode, parts))) is None
            count += 1
    assert count == sum(map(len, segments)) > 500
    assert read_jwt(LIST_JWT, OTHER_PEM) is None
    unsigned = jwt.encode({"sub": URI}, "", algorithm="none")
    assert read_jwt(unsigned.encode()) is None


# --- cwt -------------------------------------------------------------------------------------------------------------------


def read_cose(data: bytes, pem: bytes, external: bytes) -> bytes | None:
    key = COSEKey.from_pem(pem, alg="ES256", kid=KEY_ID if data.find(KEY_ID) >= 0 else b"")
    try:
        decoded = COSE.new().decode(data, key, external_aad=external)
    except (CWTError, ValueError, TypeError, KeyError):
        return None  # its own errors, and those of the CBOR library beneath it
    assert isinstance(decoded, bytes)
    return decoded


MESSAGES: dict[str, tuple[bytes, bytes, bytes]] = {
    "credential": (CREDENTIAL, PEM, CREDENTIAL_DOMAIN),
    "proof": (PROOF, DEVICE_PEM, proof_domain(CREDENTIAL)),
    "status list": (LIST_CWT, PEM, b""),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_cwt_accepts_ours_and_not_under_another_key_or_for_another_purpose(name: str) -> None:
    data, pem, external = MESSAGES[name]
    payload = read_cose(data, pem, external)
    assert payload is not None
    assert decode(payload, sorted_keys=False)
    assert read_cose(data, OTHER_PEM, external) is None
    assert read_cose(data, pem, b"liangzheng event v1") is None


@pytest.mark.parametrize("name", MESSAGES)
def test_cwt_refuses_every_altered_byte(name: str) -> None:
    data, pem, external = MESSAGES[name]
    payload = read_cose(data, pem, external)
    assert payload is not None, "control: unaltered it is accepted"
    assert [changed for changed in altered(data) if read_cose(changed, pem, external) is not None] == []


def test_cwt_reads_the_list_as_we_do() -> None:
    payload = read_cose(LIST_CWT, PEM, b"")
    assert payload is not None
    claims = decode(payload, sorted_keys=False)
    assert isinstance(claims, dict)
    assert claims[2] == URI
    assert zlib.decompress(claims[65533]["lst"]) == PACKED
