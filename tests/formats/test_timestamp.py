"""Time-stamp tokens: issued, read, judged; broken in every part; against openssl as authority and as judge."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto import der
from liangzheng.crypto.certificates import TIME_STAMPING, Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import SHA256_OID, SM3_OID, sha256, sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats import timestamp
from liangzheng.formats.seals.signed_data import UnsupportedSignature
from liangzheng.formats.timestamp import (
    BROKEN,
    MalformedTimestamp,
    issue_timestamp,
    read_timestamp,
    token_of_response,
)
from tests.formats.timestamp_writer import algorithm, attribute, info, named, token
from tests.verification.sealed_licence import LONG
from tests.verification.time_authority import KINDS, POLICY, TimeAuthority, found_root, found_time_authority

DATA = "签名值".encode()
AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
ROOT = found_root()
TSA = found_time_authority(ROOT.certificate, ROOT.key)
KEY = TSA.key


def token_by(authority: TimeAuthority = TSA) -> bytes:
    return authority.stamp(AT)(DATA)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_issued_is_read_back_and_good_for_these_bytes_alone(kind: str) -> None:
    root = found_root(kind)
    authority = found_time_authority(root.certificate, root.key, kind=kind)
    issued = issue_timestamp(
        DATA, authority.key, authority.certificate, AT, serial=2**70, policy=POLICY, authorities=[root.certificate]
    )
    read = read_timestamp(issued)
    assert (read.unverified_time, read.serial, read.policy, read.accuracy) == (AT, 2**70, POLICY, timedelta())
    assert (read.signer, set(read.certificates)) == (authority.certificate, {authority.certificate, root.certificate})
    assert read.verify(DATA) == ""
    assert read.verify(DATA + b"\x00") == "other_content"


def test_a_certificate_of_another_key_is_not_issued_with() -> None:
    with pytest.raises(ValueError, match="another key"):
        issue_timestamp(DATA, SM2PrivateKey.generate(), TSA.certificate, AT, serial=1, policy=POLICY)


def certificate_for(*purposes: str) -> Certificate:
    return found_like(TSA.certificate, purposes)


def found_like(model: Certificate, purposes: tuple[str, ...]) -> Certificate:
    """A certificate for the authority's own key, with other purposes."""
    issued = issue_certificate(
        Subject(model.common_name), KEY.public_key, issuer=ROOT.certificate, issuer_key=ROOT.key, validity=LONG, purposes=purposes
    )
    return read_certificate(issued)


NO_PURPOSE, TWO_PURPOSES = certificate_for(), certificate_for(TIME_STAMPING, "1.3.6.1.5.5.7.3.4")
TWIN = certificate_for(TIME_STAMPING)
STRANGER = SM2PrivateKey.from_scalar(31415)
SHA1_OID = "1.3.14.3.2.26"
INFO = info(DATA, AT)
OTHER_NAME = der.explicit(0, der.element(der.context(4), ROOT.certificate.subject.der))
OWN_NAME = der.explicit(0, der.element(der.context(4), TSA.certificate.subject.der))


def serial_of(certificate: Certificate, serial: int) -> bytes:
    return der.sequence(der.sequence(der.element(der.context(4), certificate.issuer.der)), der.integer(serial))


def extensions(*, is_critical: bool) -> bytes:
    item = der.sequence(der.oid("1.2.3.4"), der.boolean(True) if is_critical else b"", der.octet_string(b"x"))
    return der.element(der.context(1), item)


def v1(digest: bytes) -> bytes:
    return attribute("16.2.12", der.sequence(der.sequence(der.sequence(der.octet_string(digest)))))


def v2(value: bytes) -> tuple[bytes]:
    return (attribute("16.2.47", value),)


SHA1 = hashlib.sha1(TSA.certificate.der, usedforsecurity=False).digest()
OWN = sm3(TSA.certificate.der)
FORMS: dict[str, bytes] = {
    "plain": token(INFO, KEY, TSA.certificate),
    "named by version 1": token(INFO, KEY, TSA.certificate, naming=(v1(SHA1),)),
    "named by both": token(INFO, KEY, TSA.certificate, naming=(v1(SHA1), *v2(named(OWN)))),
    "named with issuer and serial": token(
        INFO, KEY, TSA.certificate, naming=v2(named(OWN, serial_of(TSA.certificate, TSA.certificate.serial)))
    ),
    "SHA-256 as default": token(INFO, KEY, TSA.certificate, naming=v2(named(sha256(TSA.certificate.der), before=b""))),
    "SHA-256 written": token(
        INFO, KEY, TSA.certificate, naming=v2(named(sha256(TSA.certificate.der), before=algorithm(SHA256_OID)))
    ),
    "GB/T 35275 names": token(INFO, KEY, TSA.certificate, outer="1.2.156.10197.6.1.4.2.2", versions=(1, 1)),
    "SM2 named by its curve": token(INFO, KEY, TSA.certificate, signature_oid="1.2.156.10197.1.301.1"),
    "accuracy": token(info(DATA, AT, ending=der.sequence(der.integer(2), der.integer(5, tag=0x80))), KEY, TSA.certificate),
    "ordering, nonce, name, extension": token(
        info(DATA, AT, ending=der.boolean(True) + der.integer(99) + OWN_NAME + extensions(is_critical=False)),
        KEY,
        TSA.certificate,
    ),
    "SHA-256 imprint": token(info(DATA, AT, digest_oid=SHA256_OID, imprint=sha256(DATA)), KEY, TSA.certificate),
}
FAULTS: dict[str, tuple[bytes, str]] = {
    "another key": (token(INFO, STRANGER, TSA.certificate), "bad_signature"),
    "digest of other content": (token(INFO, KEY, TSA.certificate, message_digest=sm3(b"x")), "bad_attributes"),
    "digest cut short": (token(INFO, KEY, TSA.certificate, message_digest=sm3(INFO)[:31]), "bad_attributes"),
    "imprint of other content": (token(info(b"x", AT), KEY, TSA.certificate), "other_content"),
    "imprint cut short": (token(info(DATA, AT, imprint=sm3(DATA)[:20]), KEY, TSA.certificate), "other_content"),
    "imprint empty": (token(info(DATA, AT, imprint=b""), KEY, TSA.certificate), "other_content"),
    "no certificate named": (token(INFO, KEY, TSA.certificate, naming=()), "bad_attributes"),
    "an empty list named": (token(INFO, KEY, TSA.certificate, naming=v2(der.sequence(der.sequence()))), "bad_attributes"),
    "nonsense named": (token(INFO, KEY, TSA.certificate, naming=v2(der.null())), "bad_attributes"),
    "another certificate named": (token(INFO, KEY, TSA.certificate, naming=v2(named(sm3(TWIN.der)))), "other_certificate"),
    "another one by version 1": (token(INFO, KEY, TSA.certificate, naming=(v1(bytes(20)),)), "other_certificate"),
    "right by 2, wrong by 1": (token(INFO, KEY, TSA.certificate, naming=(v1(bytes(20)), *v2(named(OWN)))), "other_certificate"),
    "another serial": (
        token(INFO, KEY, TSA.certificate, naming=v2(named(OWN, serial_of(TSA.certificate, 1)))),
        "other_certificate",
    ),
    "another issuer": (
        token(INFO, KEY, TSA.certificate, naming=v2(named(OWN, serial_of(TSA.certificate, TSA.certificate.serial ^ 1)))),
        "other_certificate",
    ),
    "another authority's name": (token(info(DATA, AT, ending=OTHER_NAME), KEY, TSA.certificate), "other_certificate"),
    "keyed SM3": (token(INFO, KEY, TSA.certificate, digest_oid=f"{SM3_OID}.2"), "unsupported_algorithm"),
    "SHA-1 imprint": (
        token(info(DATA, AT, digest_oid=SHA1_OID, imprint=bytes(20)), KEY, TSA.certificate),
        "unsupported_algorithm",
    ),
    "SM2 with another digest": (
        token(INFO, KEY, TSA.certificate, digest_oid=SHA256_OID, message_digest=sha256(INFO)),
        "unsupported_algorithm",
    ),
    "no certificate came along": (token(INFO, KEY, TSA.certificate, certificates=[]), "no_signer_certificate"),
    "only another one came along": (token(INFO, KEY, TSA.certificate, certificates=[TWIN.der]), "no_signer_certificate"),
    "no authority for stamps": (token(INFO, KEY, NO_PURPOSE), "not_a_timestamp_authority"),
    "an authority for other things, too": (token(INFO, KEY, TWO_PURPOSES), "not_a_timestamp_authority"),
    "a critical extension": (
        token(info(DATA, AT, ending=extensions(is_critical=True)), KEY, TSA.certificate),
        "critical_extension",
    ),
    "open and broken": (token(info(b"x", AT, ending=extensions(is_critical=True)), KEY, NO_PURPOSE), "other_content"),
}
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no token": der.sequence(der.integer(1)),
    "trailing bytes": FORMS["plain"] + b"\x00",
    "cut off": FORMS["plain"][:-1],
    "TSTInfo of version 2": token(info(DATA, AT, version=2), KEY, TSA.certificate),
    "a time of another kind": token(info(DATA, AT, time=der.time(AT)), KEY, TSA.certificate),
    "a time with a zone": token(
        info(DATA, AT, time=der.element(der.GENERALIZED_TIME, b"20260301093000+0800")), KEY, TSA.certificate
    ),
    "a time beyond all times": token(
        info(DATA, AT, time=der.element(der.GENERALIZED_TIME, b"99991231235959Z")), KEY, TSA.certificate
    ),
    "accuracy of years": token(info(DATA, AT, ending=der.sequence(der.integer(2**62))), KEY, TSA.certificate),
    "negative accuracy": token(info(DATA, AT, ending=der.sequence(der.integer(-1))), KEY, TSA.certificate),
    "a thousand milliseconds": token(info(DATA, AT, ending=der.sequence(der.integer(1000, tag=0x80))), KEY, TSA.certificate),
    "ordering written as false": token(info(DATA, AT, ending=der.boolean(False)), KEY, TSA.certificate),
    "members in another order": token(info(DATA, AT, ending=der.integer(9) + der.sequence()), KEY, TSA.certificate),
    "more behind TSTInfo": token(INFO + b"\x00", KEY, TSA.certificate),
    "no signed attributes": token(INFO, KEY, TSA.certificate, unsigned_attributes=True),
    "a broken certificate": token(INFO, KEY, TSA.certificate, certificates=[der.sequence(der.integer(1))]),
    "another outer type": token(INFO, KEY, TSA.certificate, outer="1.2.3"),
}
OPEN: dict[str, bytes] = {
    "plain data": token(INFO, KEY, TSA.certificate, kind="1.2.840.113549.1.7.1"),
    "attributes of plain data": token(INFO, KEY, TSA.certificate, attribute_kind="1.2.840.113549.1.7.1"),
    "two signers": token(INFO, KEY, TSA.certificate, copies=2),
    "no signer": token(INFO, KEY, TSA.certificate, copies=0),
    "another version": token(INFO, KEY, TSA.certificate, versions=(5, 1)),
    "another version of the signer": token(INFO, KEY, TSA.certificate, versions=(3, 3)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_lawful_form_is_good(name: str) -> None:
    read = read_timestamp(FORMS[name])
    assert (read.verify(DATA), read.unverified_time) == ("", AT)
    assert read.accuracy == (timedelta(seconds=2, milliseconds=5) if name == "accuracy" else timedelta())


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_named(name: str) -> None:
    data, expected = FAULTS[name]
    assert read_timestamp(data).verify(DATA) == expected


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_token_is_malformed(name: str) -> None:
    with pytest.raises(MalformedTimestamp):
        read_timestamp(MALFORMED[name])


@pytest.mark.parametrize("name", OPEN)
def test_what_may_be_one_of_another_kind_is_unsupported(name: str) -> None:
    with pytest.raises(UnsupportedSignature):
        read_timestamp(OPEN[name])


@pytest.mark.parametrize(
    ("guard", "name"),
    [
        ("_imprint_fault", "imprint of other content"),
        ("_attribute_fault", "digest of other content"),
        ("_certificate_fault", "another certificate named"),
        ("_signature_fault", "another key"),
    ],
)
def test_each_guard_alone_stops_its_fault(guard: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the guard the very same token is good."""
    data, _ = FAULTS[name]
    assert read_timestamp(data).verify(DATA) in BROKEN
    monkeypatch.setattr(timestamp, guard, lambda *_: "")
    assert read_timestamp(data).verify(DATA) == ""


def judged(data: bytes) -> str:
    try:
        return read_timestamp(data).verify(DATA)
    except (MalformedTimestamp, UnsupportedSignature) as error:
        return f"refused: {error}"


def test_no_byte_of_a_token_can_be_changed() -> None:
    """Left out: the issuer's name that the certificate is found by; case does not count there (RFC 5280, 7.1)."""
    good = token_by()
    assert judged(good) == ""  # the control
    bundle = good.index(TSA.certificate.der)
    behind = bundle + len(TSA.certificate.der)
    name = good.index(TSA.certificate.issuer.der, behind)
    for place in (*range(bundle), *range(behind, name), *range(name + len(TSA.certificate.issuer.der), len(good))):
        for flip in (0x01, 0x20, 0x80):
            mutant = good[:place] + bytes((good[place] ^ flip,)) + good[place + 1 :]
            assert judged(mutant) != "", (place, flip)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    assert judged(noise).startswith("refused")


@given(st.integers(0, 10**6), st.integers(1, 40), st.binary(max_size=12))
def test_a_piece_taken_out_or_put_in_is_noticed(place: int, size: int, piece: bytes) -> None:
    good = FORMS["plain"]
    start = place % len(good)
    changed = good[:start] + piece + good[start + size :]
    assert changed == good or judged(changed) != ""


@pytest.mark.parametrize(
    "response",
    [
        b"",
        der.sequence(),
        der.sequence(der.sequence(der.integer(2))),
        der.sequence(der.sequence(der.integer(0))),
        der.sequence(der.sequence(der.integer(2)), FORMS["plain"]),
        der.sequence(der.sequence(der.integer(0)), FORMS["plain"], der.null()),
        der.sequence(der.sequence(), FORMS["plain"]),
    ],
)
def test_a_response_that_was_not_granted_has_no_token(response: bytes) -> None:
    assert token_of_response(der.sequence(der.sequence(der.integer(0)), FORMS["plain"])) == FORMS["plain"]  # the control
    with pytest.raises(MalformedTimestamp):
        token_of_response(response)


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_openssl_finds_our_token_good_and_a_changed_one_bad(tmp_path: Path) -> None:
    root = found_root("P-256")
    issued = found_time_authority(root.certificate, root.key, kind="P-256").stamp(AT)(DATA)
    for name, content in (("data", DATA), ("other", b"x"), ("token", issued), ("root.pem", root.certificate.pem())):
        (tmp_path / name).write_bytes(content)
    verify = ("ts", "-verify", "-in", "token", "-token_in", "-CAfile", "root.pem", "-attime", str(int(AT.timestamp())))
    assert "Verification: OK" in openssl(tmp_path, *verify, "-data", "data")
    assert "Verification: FAILED" in openssl(tmp_path, *verify, "-data", "other")


CONFIG = """
[tsa]
default_tsa = stamping
[stamping]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
signer_digest = %s
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = demo
[extensions]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""
AUTHORITIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "RSA, SHA-256": ("sha256", ("rsa:2048",)),
    "RSA, SHA-384": ("sha384", ("rsa:2048",)),
    "RSA, SHA-512": ("sha512", ("rsa:2048",)),
    "P-256": ("sha256", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
}


@pytest.mark.parametrize("name", AUTHORITIES)
@pytest.mark.parametrize("imprint", ["sha256", "sha512"])
def test_the_tokens_of_openssl_are_good(name: str, imprint: str, tmp_path: Path) -> None:
    digest, key = AUTHORITIES[name]
    (tmp_path / "config").write_text(CONFIG % digest, encoding="utf-8")
    (tmp_path / "serial").write_text("1001", encoding="ascii")
    (tmp_path / "data").write_bytes(DATA)
    request = ("req", "-x509", "-config", "config", "-newkey", *key, "-nodes", "-keyout", "key.pem", "-out", "cert.pem")
    reply = (
        "ts",
        "-reply",
        "-config",
        "config",
        "-queryfile",
        "query",
        "-signer",
        "cert.pem",
        "-inkey",
        "key.pem",
        "-out",
        "reply",
    )
    steps: tuple[Callable[[], str], ...] = (
        lambda: openssl(tmp_path, *request),
        lambda: openssl(tmp_path, "ts", "-query", "-data", "data", f"-{imprint}", "-cert", "-out", "query"),
        lambda: openssl(tmp_path, *reply),
    )
    said = [step() for step in steps]
    assert (tmp_path / "reply").exists(), said
    read = read_timestamp(token_of_response((tmp_path / "reply").read_bytes()))
    assert (read.verify(DATA), read.verify(b"x")) == ("", "other_content")
    assert (read.serial, read.accuracy) == (0x1002, timedelta(seconds=1, milliseconds=500))
