"""Others' tools on our output, and ours on theirs: the openssl command and gmalg, a pure Python library."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import gmalg
import pytest
from gmalg.errors import GMError
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import DEFAULT_ID, SM2PrivateKey, SM2PublicKey, signature_from_raw, signature_to_raw

AUTHORITY, SIGNER = SM2PrivateKey.from_scalar(112358), SM2PrivateKey.from_scalar(132134)
YEARS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC))
VERIFY = ["-vfyopt", f"distid:{DEFAULT_ID.decode()}"]


def openssl(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def issued(tmp_path: Path) -> tuple[Certificate, Certificate]:
    root = read_certificate(
        issue_certificate(
            Subject("演示根"), AUTHORITY.public_key, issuer=None, issuer_key=AUTHORITY, validity=YEARS, path_length=0
        )
    )
    leaf = read_certificate(
        issue_certificate(
            Subject("演示签名人", "烟台演示局"), SIGNER.public_key, issuer=root, issuer_key=AUTHORITY, validity=YEARS
        )
    )
    (tmp_path / "root.pem").write_bytes(root.pem())
    (tmp_path / "leaf.pem").write_bytes(leaf.pem())
    return root, leaf


@pytest.mark.usefixtures("issued")
def test_openssl_verifies_a_chain_that_we_issued(tmp_path: Path) -> None:
    done = openssl("verify", *VERIFY, "-x509_strict", "-CAfile", "root.pem", "leaf.pem", folder=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "leaf.pem: OK"), done.stderr


def test_openssl_refuses_a_changed_one(tmp_path: Path, issued: tuple[Certificate, Certificate]) -> None:
    """The negative control: another signer id, another signature, another root."""
    wrong_id = openssl("verify", "-vfyopt", "distid:8765432187654321", "-CAfile", "root.pem", "leaf.pem", folder=tmp_path)
    assert wrong_id.returncode != 0
    root, leaf = issued
    stranger = SM2PrivateKey.from_scalar(31337)
    forged = issue_certificate(
        Subject("演示签名人", "烟台演示局"),
        SIGNER.public_key,
        issuer=root,
        issuer_key=stranger,
        validity=YEARS,
        serial=leaf.serial,
    )
    (tmp_path / "leaf.pem").write_bytes(read_certificate(forged).pem())
    assert openssl("verify", *VERIFY, "-CAfile", "root.pem", "leaf.pem", folder=tmp_path).returncode != 0


def test_openssl_reads_the_keys_we_write_and_we_read_its(tmp_path: Path) -> None:
    (tmp_path / "ours.pem").write_bytes(SIGNER.to_pem())
    text = openssl("pkey", "-in", "ours.pem", "-noout", "-text", folder=tmp_path)
    assert "SM2" in text.stdout
    made = openssl("genpkey", "-algorithm", "SM2", "-out", "theirs.pem", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert openssl("ec", "-in", "theirs.pem", "-out", "theirs-sec1.pem", folder=tmp_path).returncode == 0
    assert (
        openssl("pkey", "-in", "theirs.pem", "-pubout", "-outform", "DER", "-out", "theirs.der", folder=tmp_path).returncode == 0
    )
    theirs = SM2PrivateKey.from_pem((tmp_path / "theirs.pem").read_bytes())
    assert SM2PublicKey.from_spki((tmp_path / "theirs.der").read_bytes()) == theirs.public_key
    assert SM2PrivateKey.from_pem((tmp_path / "theirs-sec1.pem").read_bytes()).public_key == theirs.public_key


@given(st.binary(max_size=300))
def test_sm3_agrees_with_gmalg(data: bytes) -> None:
    theirs = gmalg.SM3()
    theirs.update(data)
    assert theirs.value() == sm3(data)


@settings(max_examples=8)
@given(
    st.binary(max_size=100), st.sampled_from([DEFAULT_ID, b"ALICE123@YAHOO.COM", "烟台演示局".encode()]), st.integers(1, 2**250)
)
def test_signatures_verify_in_both_libraries(message: bytes, signer_id: bytes, scalar: int) -> None:
    ours = SM2PrivateKey.from_scalar(scalar)
    theirs = gmalg.SM2(scalar.to_bytes(32, "big"), signer_id, ours.public_key.point)
    raw = signature_to_raw(ours.sign(message, signer_id=signer_id))
    assert theirs.verify(message, raw[:32], raw[32:])
    assert not theirs.verify(message + b"!", raw[:32], raw[32:])
    r, s = theirs.sign(message)
    signature = signature_from_raw(r.rjust(32, b"\x00") + s.rjust(32, b"\x00"))
    assert ours.public_key.verify(signature, message, signer_id=signer_id)
    assert not ours.public_key.verify(signature, message + b"!", signer_id=signer_id)
    assert not ours.public_key.verify(signature, message, signer_id=signer_id + b"!")


def test_both_libraries_refuse_the_same_signatures() -> None:
    message, order = b"demo", 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    theirs = gmalg.SM2(uid=DEFAULT_ID, pk=SIGNER.public_key.point)
    raw = signature_to_raw(SIGNER.sign(message))
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    for bad in ((0, s), (r, 0), (s, r), (order, s), (r, order), (r, order - s), (r ^ 1, s), (r, s ^ 1)):
        encoded = der.sequence(*(der.integer(number) for number in bad))
        assert not SIGNER.public_key.verify(encoded, message)
        assert not _accepts(theirs, message, *bad)
    assert _accepts(theirs, message, r, s)  # the negative control


def _accepts(library: gmalg.SM2, message: bytes, r: int, s: int) -> bool:
    try:
        return bool(library.verify(message, r.to_bytes(32, "big"), s.to_bytes(32, "big")))
    except GMError:
        return False
