"""SignedData as a structure: read in both vocabularies, refused when malformed, never a crash."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.signed_data import SignedData, UnsupportedSignature, read_signed_data
from tests.formats.seal_writers import GB_DATA, PKCS9, RFC_DATA, RFC_SIGNED, SM3_OID, attribute, attributes, signed_data

AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
KEY = SM2PrivateKey.from_scalar(577215)


def certificate() -> Certificate:
    validity = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
    return read_certificate(
        issue_certificate(Subject("演示签名人"), KEY.public_key, issuer=None, issuer_key=KEY, validity=validity, serial=77)
    )


SIGNER = certificate()


def written(**changes: Any) -> bytes:  # noqa: ANN401 - whatever the writer takes
    return signed_data(SIGNER, KEY, **({"signed_attributes": attributes(sm3(b"xml"), AT)} | changes))


def test_what_was_written_is_read() -> None:
    read = read_signed_data(written())
    assert (read.content, read.certificates, read.serial, read.digest_oid) == (None, (SIGNER.der,), 77, SM3_OID)
    assert read.names(SIGNER)
    assert read.attributes is not None
    assert (read.attributes.message_digest, read.attributes.signed_at) == (sm3(b"xml"), AT)
    assert KEY.public_key.verify(read.signature, read.attributes.encodings[0])
    assert read.timestamp is None


def test_a_signer_named_by_key_is_found() -> None:
    read = read_signed_data(written(by_key_id=True))
    assert (read.issuer, read.key_id) == (None, SIGNER.key_id)
    assert read.names(SIGNER)


def test_content_is_given_as_it_stands() -> None:
    read = read_signed_data(written(signed_attributes=None, content=b"c", message=b"c", kinds=(RFC_SIGNED, RFC_DATA)))
    assert (read.content, read.attributes) == (b"c", None)
    assert KEY.public_key.verify(read.signature, b"c")


def test_lists_and_attributes_that_are_not_read_do_no_harm() -> None:
    stamp = der.sequence(der.oid(f"{PKCS9}.16.2.14"), der.element(der.SET, der.sequence()))
    assert read_signed_data(written(unsigned=der.explicit(1, stamp))).timestamp
    other = der.sequence(der.oid("1.2.3"), der.element(der.SET, der.null() + der.null()))
    assert read_signed_data(written(unsigned=der.explicit(1, other))).timestamp is None


@pytest.mark.parametrize(
    "data",
    [
        written() + b"\x00",
        written()[:-1],
        b"",
        der.sequence(),
        der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.sequence())),
        der.sequence(der.oid(RFC_SIGNED), der.explicit(0, der.null())),
        der.sequence(der.oid(RFC_SIGNED)),
        der.sequence(der.oid(RFC_SIGNED), der.explicit(0, der.sequence()), der.null()),
        written(signed_attributes=[]),
        written(signed_attributes=[attribute("3", der.oid(GB_DATA))]),
        written(signed_attributes=attributes(b"d", AT, attribute("5", der.generalized_time(AT)))),
        written(signed_attributes=attributes(b"d", None, attribute("5", der.integer(1)))),
        written(signed_attributes=attributes(b"d", None, der.sequence(der.oid("1.2.3"), der.element(der.SET, b"")))),
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        read_signed_data(data)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"copies": 2}, "several_signers"),
        ({"copies": 0}, "no_signer"),
        ({"certificates": [SIGNER.der] * 17}, "too_many_certificates"),
        ({"certificates": [SIGNER.der] * 200}, "too_large"),
        ({"versions": (4, 1)}, "version 4"),
        ({"versions": (1, 2)}, "version 2"),
        ({"kinds": (RFC_SIGNED, "1.2.3")}, "1.2.3"),
        ({"signed_attributes": attributes(b"d", kind="1.2.4")}, "1.2.4"),
    ],
)
def test_what_is_not_judged_is_named(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(UnsupportedSignature, match=reason):
        read_signed_data(written(**changes))


def test_parameters_of_an_algorithm_are_not_overlooked() -> None:
    plain = der.sequence(der.oid(SM3_OID), der.null())
    assert written().count(plain) == 2
    for other in (der.sequence(der.oid(SM3_OID), b"\x04\x00"), der.sequence(der.oid(SM3_OID), b"\x0c\x00")):
        with pytest.raises(UnsupportedSignature, match="parameters"):
            read_signed_data(written().replace(plain, other))


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_reads_or_is_refused_but_never_crashes(place: int, other: int) -> None:
    data = bytearray(written())
    data[place % len(data)] = other
    with suppress(DerError, UnsupportedSignature):
        assert isinstance(read_signed_data(bytes(data)), SignedData)
