"""The same status list as JWT and as CWT, signed with SM2 and with ES256: one type, one judgement, and hostile CWTs."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.revocation import Crl, Revocation, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats import cose
from liangzheng.formats.cbor import CborKey, CborValue, encode
from liangzheng.formats.status_list import (
    CWT_TYPE,
    MalformedStatusList,
    Publication,
    Status,
    encode_status_list,
    encode_status_list_cwt,
    read_status_list,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
VALIDITY = (NOW - 100 * DAY, NOW + 100 * DAY)
URI = "https://liangzheng.example/status/370600/1"
STATUSES = {1: Status.REVOKED, 2: Status.SUSPENDED, 7: Status.SUPERSEDED, 8: Status.LOST}
Write = Callable[..., bytes]


def make_root() -> tuple[Certificate, SM2PrivateKey]:
    key = SM2PrivateKey.generate()
    encoded = issue_certificate(
        Subject("演示根 CA"), key.public_key, issuer=None, issuer_key=key, validity=VALIDITY, path_length=1
    )
    return read_certificate(encoded), key


ROOT, ROOT_KEY = make_root()
SM2_KEY = SM2PrivateKey.generate()
SM2_SIGNER = read_certificate(
    issue_certificate(Subject("状态签发（演示）"), SM2_KEY.public_key, issuer=ROOT, issuer_key=ROOT_KEY, validity=VALIDITY)
)


def make_es256() -> tuple[P256PrivateKey, Certificate, Certificate, Crl]:
    """A root and a signer on P-256, by another library, and the root's empty list."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示 ECDSA 根")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "状态签发（演示）")])

    def built(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_ca: bool) -> Certificate:
        builder = x509.CertificateBuilder(root_name, subject, public, x509.random_serial_number(), *VALIDITY)
        builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        return read_certificate(builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.DER))

    empty = x509.CertificateRevocationListBuilder(root_name, NOW - DAY, NOW + DAY).sign(root_key, hashes.SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    root, signer = built(root_name, root_key.public_key(), is_ca=True), built(name, key.public_key(), is_ca=False)
    return P256PrivateKey.from_pem(pem), signer, root, read_crl(empty.public_bytes(Encoding.DER))


ES256_KEY, ES256_SIGNER, ES256_ROOT, ES256_CRL = make_es256()


def sm2_crl(*revoked: Revocation) -> Crl:
    return read_crl(issue_crl(ROOT, ROOT_KEY, revoked, this_update=NOW - DAY, next_update=NOW + 9 * DAY, number=1))


SM2_CRL = sm2_crl()
SIGNERS = {"sm2": (SM2_KEY, SM2_SIGNER, ROOT, SM2_CRL), "es256": (ES256_KEY, ES256_SIGNER, ES256_ROOT, ES256_CRL)}
WRITERS: dict[str, Write] = {"jwt": encode_status_list, "cwt": encode_status_list_cwt}
every_form = pytest.mark.parametrize("form", WRITERS)
every_signer = pytest.mark.parametrize("signer", SIGNERS)


def written(form: str, signer: str, size: int = 100) -> bytes:
    key, certificate, _, _ = SIGNERS[signer]
    return WRITERS[form](STATUSES, size=size, publication=Publication(URI, NOW, NOW + DAY), key=key, chain=[certificate])


@every_form
@every_signer
def test_one_list_in_four_ways(form: str, signer: str) -> None:
    _, certificate, root, crl = SIGNERS[signer]
    read = read_status_list(written(form, signer))
    assert (read.uri, read.issued_at, read.expires_at, read.signer) == (URI, NOW, NOW + DAY, certificate)
    assert [read.status_at(index) for index in range(100)] == [STATUSES.get(index, Status.VALID) for index in range(100)]
    assert read.verify([root], [crl], NOW) == ""
    assert read.verify([root], [], NOW) == "revocation_unknown"
    assert read.verify([], [crl], NOW) == "untrusted_root"
    assert read.verify([root], [crl], NOW + timedelta(hours=25)) in {"status_stale", "revocation_unknown"}
    assert read.verify([root], [crl], NOW - timedelta(hours=1)) == "status_unknown"


@every_form
def test_a_revoked_signer_is_told(form: str) -> None:
    read = read_status_list(written(form, "sm2"))
    assert read.verify([ROOT], [sm2_crl(Revocation(SM2_SIGNER.serial, NOW - DAY))], NOW) == "cert_revoked"


@every_form
def test_the_chain_begins_with_the_signer(form: str) -> None:
    for key, chain in ((SM2_KEY, [ES256_SIGNER]), (ES256_KEY, [SM2_SIGNER]), (SM2_KEY, [])):
        with pytest.raises(ValueError, match="signer"):
            WRITERS[form]({}, size=1, publication=Publication(URI, NOW, NOW + DAY), key=key, chain=chain)


@every_signer
def test_every_flipped_bit_of_a_cwt_is_refused(signer: str) -> None:
    _, _, root, crl = SIGNERS[signer]
    encoded = written("cwt", signer, size=9)
    assert read_status_list(encoded).verify([root], [crl], NOW) == ""  # the negative control
    for bit in range(0, len(encoded) * 8, 3):
        mutant = bytearray(encoded)
        mutant[bit // 8] ^= 1 << bit % 8
        try:
            outcome = read_status_list(bytes(mutant)).verify([root], [crl], NOW)
        except MalformedStatusList:
            continue
        assert outcome == "bad_signature"


def claims(**changes: CborValue) -> dict[CborKey, CborValue]:
    names = {"sub": 2, "exp": 4, "iat": 6, "status_list": 65533}
    moment = int(NOW.timestamp())
    good: dict[str, CborValue] = {"sub": URI, "iat": moment, "exp": moment + 60, "status_list": lst(zlib.compress(bytes(10)))}
    return {names[name]: value for name, value in (good | changes).items()}


def lst(packed: CborValue, bits: CborValue = 4) -> dict[CborKey, CborValue]:
    return {"bits": bits, "lst": packed}


def signed(payload: bytes, **changes: CborValue) -> bytes:
    """Sign any claims well, so that only their content can be at fault."""
    headers: dict[str, CborValue] = {"type": CWT_TYPE, "x5chain": SM2_SIGNER.der, **changes}
    names = {"type": cose.TYPE, "x5chain": cose.X5CHAIN, "crit": cose.CRITICAL}
    return cose.write_sign1(payload, SM2_KEY, protected={names[name]: value for name, value in headers.items()})


GOOD = encode(claims())
HOSTILE = {
    "cut off": signed(GOOD)[:-1],
    "trailing": signed(GOOD) + b"\x00",
    "untagged": signed(GOOD)[1:],
    "another type": signed(GOOD, type="application/cwt"),
    "type as number": signed(GOOD, type=16),
    "no chain": signed(GOOD, x5chain=None),
    "empty chain": signed(GOOD, x5chain=()),
    "no certificate": signed(GOOD, x5chain=b"\x30\x00"),
    "nine certificates": signed(GOOD, x5chain=(SM2_SIGNER.der,) * 9),
    "critical": signed(GOOD, crit=(cose.TYPE,)),
    "no claims": signed(b""),
    "claims are no map": signed(encode((1, 2))),
    "a claim twice": signed(b"\xa2\x02\x61a\x02\x61b"),
    "trailing claims": signed(GOOD + b"\x00"),
    "no subject": signed(encode(claims(sub=None))),
    "subject as bytes": signed(encode(claims(sub=URI.encode()))),
    "subject that steers": signed(encode(claims(sub="https://a.example/\u202e"))),
    "time as float": signed(encode(claims(iat=1.5))),
    "time as boolean": signed(encode(claims(exp=True))),
    "time beyond time": signed(encode(claims(exp=2**60))),
    "no list": signed(encode(claims(status_list=None))),
    "three bits": signed(encode(claims(status_list=lst(zlib.compress(b""), 3)))),
    "bits as boolean": signed(encode(claims(status_list=lst(zlib.compress(b""), True)))),
    "list as text": signed(encode(claims(status_list=lst("eNrbuRgAAhcBXQ")))),
    "not zlib": signed(encode(claims(status_list=lst(b"not zlib")))),
    "cut-off zlib": signed(encode(claims(status_list=lst(zlib.compress(bytes(9))[:-1])))),
    "zlib bomb": signed(encode(claims(status_list=lst(zlib.compress(bytes(17 * 1024 * 1024)))))),
    "EdDSA": cose.write_sign1(GOOD, Ed25519PrivateKey.generate(), protected={cose.TYPE: CWT_TYPE, cose.X5CHAIN: SM2_SIGNER.der}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_cwts_are_malformed(name: str) -> None:
    assert read_status_list(signed(GOOD)).verify([ROOT], [SM2_CRL], NOW) == ""  # the negative control
    with pytest.raises(MalformedStatusList):
        read_status_list(HOSTILE[name])


def test_a_signer_of_another_kind_than_the_algorithm_says() -> None:
    swapped = cose.write_sign1(GOOD, ES256_KEY, protected={cose.TYPE: CWT_TYPE, cose.X5CHAIN: SM2_SIGNER.der})
    assert read_status_list(swapped).verify([ROOT], [SM2_CRL], NOW) == "bad_signature"


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_lists_of_other_sizes_are_read(bits: int) -> None:
    read = read_status_list(signed(encode(claims(status_list=lst(zlib.compress(bytes([0x01])), bits)))))
    assert read.status_at(0) is Status.REVOKED
    assert all(read.status_at(index) is Status.VALID for index in range(1, 8 // bits))
    assert read.status_at(8 // bits) is Status.UNKNOWN


@settings(max_examples=200)
@given(st.data())
def test_nothing_but_malformed_comes_out(data: st.DataObject) -> None:
    mutant = bytearray(signed(GOOD))
    for _ in range(data.draw(st.integers(1, 6))):
        mutant[data.draw(st.integers(0, len(mutant) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_status_list(bytes(mutant))
    except MalformedStatusList:
        return
    assert read.verify([ROOT], [], NOW) in {"bad_signature", "revocation_unknown"}
