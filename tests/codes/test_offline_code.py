"""Off-line codes: what was made reads back, every other form is refused, and no changed byte keeps both signatures."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.vectors_offline import plain
from liangzheng.codes.offline_code import (
    CREDENTIAL_DOMAIN,
    LONGEST_TEXT,
    PREFIX,
    Credential,
    CredentialKind,
    Grant,
    MalformedOfflineCode,
    PrivateKey,
    Proof,
    TextTooLong,
    key_id,
    make_credential,
    make_proof,
    proof_domain,
    proof_payload,
    read_credential,
    read_offline_code,
    write_offline_code,
)
from liangzheng.crypto.compressed_points import compress, decompress
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats import base45
from liangzheng.formats.cbor import CborKey, CborValue, decode, encode
from liangzheng.formats.cose import KEY_ID, write_sign1

KEYS: Mapping[str, PrivateKey] = {"SM2": SM2PrivateKey.generate(), "ES256": P256PrivateKey.generate()}
HEADERS: Mapping[CborKey, CborValue] = {KEY_ID: key_id(KEYS["SM2"].public_key)}
BAD_FACES: tuple[CborValue, ...] = ({}, {0: "x"}, {12: "x"}, {"holder": "x"}, {3: ""}, {3: "x" * 401}, {3: 7}, (1,))
CASE = plain(CredentialKind.LICENCE, "SM2", "ES256")
CREDENTIAL = make_credential(replace(CASE.credential, device_key=KEYS["ES256"].public_key), KEYS["SM2"])
PROOF = Proof(issued_at=1_795_334_395, counter=7, lifetime=30)
TEXT = write_offline_code(CREDENTIAL, make_proof(PROOF, CREDENTIAL, KEYS["ES256"]))


def text_of(credential: bytes, proof: bytes, version: CborValue = 2) -> str:
    return PREFIX + base45.encode(zlib.compress(encode((version, credential, proof))))


def is_believed(text: str) -> bool:
    try:
        read = read_offline_code(text)
    except MalformedOfflineCode:
        return False
    return read.is_issued_by(KEYS["SM2"].public_key) and read.is_proved


@pytest.mark.parametrize("kind", list(CredentialKind))
@pytest.mark.parametrize(("issuer", "device"), [("SM2", "ES256"), ("ES256", "ES256"), ("SM2", "SM2"), ("ES256", "SM2")])
def test_what_was_made_reads_back(kind: CredentialKind, issuer: str, device: str) -> None:
    told = replace(plain(kind, issuer, device).credential, device_key=KEYS[device].public_key, photo_digest=b"\x01" * 8)
    credential = make_credential(told, KEYS[issuer])
    proof = replace(PROOF, audience="YT-2026-1122-000012", challenge=bytes(range(16)), match_number=4711)
    read = read_offline_code(write_offline_code(credential, make_proof(proof, credential, KEYS[device])))
    assert (read.credential, read.proof) == (told, proof)
    assert read.key_id == key_id(KEYS[issuer].public_key)
    assert read.is_issued_by(KEYS[issuer].public_key)
    assert read.is_proved


def test_a_proof_is_bound_to_its_credential_and_to_its_device() -> None:
    other = make_credential(replace(CASE.credential, device_key=KEYS["ES256"].public_key, issued_at=1), KEYS["SM2"])
    borrowed = read_offline_code(write_offline_code(other, make_proof(PROOF, CREDENTIAL, KEYS["ES256"])))
    assert not borrowed.is_proved
    stolen = read_offline_code(write_offline_code(CREDENTIAL, make_proof(PROOF, CREDENTIAL, P256PrivateKey.generate())))
    assert not stolen.is_proved
    assert is_believed(TEXT)


def test_a_signature_made_for_another_purpose_counts_for_nothing() -> None:
    """The control: under its own domain the same signature counts."""
    payload, headers = decode_payload(CREDENTIAL), HEADERS
    for domain, counts in ((CREDENTIAL_DOMAIN, True), (b"", False), (b"liangzheng event v1", False)):
        credential = write_sign1(payload, KEYS["SM2"], protected=headers, external_data=domain)
        proof = make_proof(PROOF, credential, KEYS["ES256"])
        assert read_offline_code(write_offline_code(credential, proof)).is_issued_by(KEYS["SM2"].public_key) is counts
    for domain, counts in ((proof_domain(CREDENTIAL), True), (b"", False), (proof_domain(b""), False)):
        proof = write_sign1(proof_payload(PROOF), KEYS["ES256"], protected={}, external_data=domain)
        assert read_offline_code(write_offline_code(CREDENTIAL, proof)).is_proved is counts


def decode_payload(credential: bytes) -> bytes:
    return read_credential(credential)[1].payload


def test_a_face_too_large_for_the_camera_is_refused_when_it_is_made() -> None:
    with pytest.raises(TextTooLong):
        make_credential(
            replace(
                CASE.credential, face={"type_code": "T", "holder": "".join(chr(0x4E00 + 37 * place) for place in range(150))}
            ),
            KEYS["SM2"],
        )
    assert len(TEXT) <= LONGEST_TEXT


CLAIMS = cast("Mapping[CborKey, CborValue]", decode(decode_payload(CREDENTIAL)))


def put(claim: CborKey, value: CborValue) -> Callable[[dict[CborKey, CborValue]], object]:
    return lambda claims: claims.update({claim: value})


def drop(claim: CborKey) -> Callable[[dict[CborKey, CborValue]], object]:
    return lambda claims: claims.pop(claim)


POINT = KEYS["ES256"].public_key.point


@pytest.mark.parametrize(
    "spoil",
    [
        *map(drop, (2, 4, 6, 8, -70001, -70002)),
        put(2, b"short"),
        put(2, "019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
        *(put(claim, value) for claim in (4, 6) for value in (-1, True, "1", 1.5, 253_402_300_800, 2**64 - 1)),
        *(put(-70001, value) for value in (0, 4, True, "1", 3)),
        *(put(-70002, value) for value in BAD_FACES),
        put(-70003, bytes(15)),
        put(-70004, bytes(9)),
        put(-70005, {1: "firm", 2: "purpose", 3: 1}),
        put(65535, {}),
        put(65535, {"status_list": {"idx": -1, "uri": "x"}}),
        put(65535, {"status_list": {"idx": 1, "uri": ""}}),
        put(65535, {"status_list": {"idx": 1, "uri": "x", "more": 1}}),
        put(8, {1: {1: 2, -1: 1, -2: POINT[1:33], -3: POINT[33:]}}),
        put(8, {1: {1: 2, -1: 1, -2: POINT[1:32], -3: True}}),
        put(8, {1: {1: 2, -1: 2, -2: POINT[1:33], -3: True}}),
        put(8, {1: {1: 3, -1: 1, -2: POINT[1:33], -3: True}}),
        put(8, {1: {1: 2, -1: 1, -2: b"\xff" * 32, -3: True}}),
        put(8, {1: {1: 2, -1: True, -2: POINT[1:33], -3: True}}),
        put(1, "issuer"),
        put("extra", 1),
    ],
)
def test_a_claim_of_another_form_spoils_the_credential(spoil: Callable[[dict[CborKey, CborValue]], object]) -> None:
    claims = dict(CLAIMS)
    spoil(claims)
    credential = write_sign1(encode(claims), KEYS["SM2"], protected=HEADERS, external_data=CREDENTIAL_DOMAIN)
    with pytest.raises(MalformedOfflineCode):
        read_offline_code(text_of(credential, make_proof(PROOF, credential, KEYS["ES256"])))


@pytest.mark.parametrize(
    "members",
    [
        (1, 1, 1, 30, "", b""),
        (1, 1, 1, 30, "", b"", 0, 0),
        (2, 1, 1, 30, "", b"", 0),
        (True, 1, 1, 30, "", b"", 0),
        (1, -1, 1, 30, "", b"", 0),
        (1, 1, 2**53, 30, "", b"", 0),
        (1, 1, 1, 0, "", b"", 0),
        (1, 1, 1, 61, "", b"", 0),
        (1, 1, 1, 30, "x" * 25, b"", 0),
        (1, 1, 1, 30, b"", b"", 0),
        (1, 1, 1, 30, "", b"1234567", 0),
        (1, 1, 1, 30, "", b"1" * 17, 0),
        (1, 1, 1, 30, "", b"", "0"),
    ],
)
def test_a_proof_of_another_form_is_refused(members: tuple[CborValue, ...]) -> None:
    proof = write_sign1(encode(members), KEYS["ES256"], protected={}, external_data=proof_domain(CREDENTIAL))
    with pytest.raises(MalformedOfflineCode):
        read_offline_code(text_of(CREDENTIAL, proof))


def test_the_algorithm_cannot_be_talked_round() -> None:
    payload, key = decode_payload(CREDENTIAL), Ed25519PrivateKey.generate()
    bad: tuple[Mapping[CborKey, CborValue], ...] = ({}, {KEY_ID: b"1234567"}, {KEY_ID: b"12345678", 16: "x"})
    for headers in bad:
        with pytest.raises(MalformedOfflineCode):
            read_credential(write_sign1(payload, KEYS["SM2"], protected=headers))
    with pytest.raises(MalformedOfflineCode):
        read_credential(write_sign1(payload, key, protected={KEY_ID: b"12345678"}))
    with pytest.raises(MalformedOfflineCode):
        read_credential(write_sign1(payload, KEYS["SM2"], protected={KEY_ID: b"12345678"}, unprotected={7: b""}))


@pytest.mark.parametrize("version", [1, 3, True, "2", b"2"])
def test_another_version(version: CborValue) -> None:
    with pytest.raises(MalformedOfflineCode):
        read_offline_code(text_of(CREDENTIAL, make_proof(PROOF, CREDENTIAL, KEYS["ES256"]), version))


def hostile_texts() -> list[str]:
    plain_bytes = zlib.decompress(base45.decode(TEXT.removeprefix(PREFIX)))
    packed = zlib.compress(plain_bytes)
    bomb = zlib.compress(bytes(4_097))
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    twice = encode((2, CREDENTIAL, CREDENTIAL, CREDENTIAL))
    datas = [b"", bomb, packed + b"\x00", packed[:-1], packed[2:-4], raw.compress(plain_bytes) + raw.flush(), plain_bytes]
    datas += [
        zlib.compress(data) for data in (b"", b"\x80", plain_bytes + b"\x00", plain_bytes[:-1], twice, encode({}), encode(2))
    ]
    return ["", PREFIX, TEXT[4:], TEXT.lower(), TEXT + " ", " " + TEXT, "LZ1:" + TEXT[4:], PREFIX + "A" * 897] + [
        PREFIX + base45.encode(data) for data in datas
    ]


@pytest.mark.parametrize("text", hostile_texts())
def test_hostile_texts(text: str) -> None:
    with pytest.raises(MalformedOfflineCode):
        read_offline_code(text)


@given(st.integers(0, len(CREDENTIAL) - 1), st.integers(0, 255))
def test_no_changed_byte_of_a_credential_is_believed(at: int, byte: int) -> None:
    changed = CREDENTIAL[:at] + bytes((byte,)) + CREDENTIAL[at + 1 :]
    text = text_of(changed, make_proof(PROOF, changed, KEYS["ES256"]))
    assert is_believed(text) is (changed == CREDENTIAL)


@given(st.integers(0, 200), st.integers(0, 255))
def test_no_changed_byte_of_a_proof_is_believed(at: int, byte: int) -> None:
    proof = make_proof(PROOF, CREDENTIAL, KEYS["ES256"])
    changed = bytearray(proof)
    changed[at % len(proof)] = byte
    assert is_believed(text_of(CREDENTIAL, bytes(changed))) is (bytes(changed) == proof)


@given(st.text(alphabet=base45.ALPHABET, max_size=200))
def test_any_text(text: str) -> None:
    assert not is_believed(PREFIX + text)


@pytest.mark.parametrize("kind", [P256PublicKey, SM2PublicKey])
def test_points_survive_compression(kind: type[P256PublicKey | SM2PublicKey]) -> None:
    for _ in range(20):
        key = (P256PrivateKey if kind is P256PublicKey else SM2PrivateKey).generate().public_key
        x, is_odd = compress(key)
        assert decompress(kind, x, is_odd=is_odd) == key
        assert decompress(kind, x, is_odd=not is_odd) != key
    for x in (b"\xff" * 32, bytes(31), b"", bytes(33)):
        with pytest.raises(BadKey):
            decompress(kind, x, is_odd=True)


def test_a_grant_belongs_to_a_delegated_showing_alone() -> None:
    grant = Grant("烟台海云客运有限公司（演示）", "道路运输检查", 9)
    spoilt: list[Credential] = [
        replace(CASE.credential, grant=grant),
        replace(CASE.credential, kind=CredentialKind.DELEGATED),
        replace(CASE.credential, kind=CredentialKind.DELEGATED, grant=grant, status=None),
    ]
    for credential in spoilt:
        with pytest.raises(MalformedOfflineCode):
            make_credential(credential, KEYS["SM2"])
