"""Electronic seals and their use (GB/T 38540): made, read back, read in the variants that exist, refused when malformed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto import der
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey, signature_to_raw
from liangzheng.formats.seals.seal import ESeal, SealDesign, SealPicture, make_seal, read_seal
from liangzheng.formats.seals.signature import read_signature, sign_with_seal
from liangzheng.formats.seals.signed_data import UnsupportedSignature
from liangzheng.formats.seals.signed_value import BareSignature, read_signed_value
from tests.formats.seal_writers import first_seal, first_signature, utc_time

FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, 16, tzinfo=UTC)
DESIGN = SealDesign("37060000000001", "演示专用章", SealPicture("PNG", b"\x89PNG", 40, 42), FROM, FROM, TO)
AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
MAKER, SIGNER = SM2PrivateKey.from_scalar(1234567), SM2PrivateKey.from_scalar(7654321)
EXTENSION = der.sequence(der.oid("1.2.3"), der.boolean(False), der.octet_string(b""))
CRITICAL = der.sequence(der.oid("1.2.4"), der.boolean(True), der.octet_string(b"x"))
BARE = der.sequence(der.oid("1.2.5"), der.octet_string(b""))


@pytest.fixture(scope="module")
def seal() -> ESeal:
    return make_seal(DESIGN, [b"certificate one", b"certificate two"], b"maker", MAKER)


def rebuilt(seal: ESeal, *more: bytes, **parts: bytes) -> bytes:
    """The seal's info with parts replaced or added, wrapped again without caring for the signature."""
    names = ("header", "seal_id", "properties", "picture")
    members = dict(zip(names, (node.encoded for node in der.read(seal.info).children()), strict=True)) | parts
    info = der.sequence(*members.values(), *more)
    return der.sequence(info, der.octet_string(b"maker"), der.oid("1.2.156.10197.1.501"), der.bit_string(b"s"))


def test_a_seal_says_what_its_design_said(seal: ESeal) -> None:
    assert read_seal(seal.encoded) == seal
    assert (seal.version, seal.seal_id, seal.name, seal.kind, seal.vendor) == (4, DESIGN.seal_id, DESIGN.name, 1, "liangzheng")
    assert (seal.created_at, seal.valid_from, seal.valid_to) == (FROM, FROM, TO)
    assert seal.certificates == (b"certificate one", b"certificate two")
    assert (seal.picture, seal.critical, seal.maker_certificate) == (DESIGN.picture, (), b"maker")
    assert MAKER.public_key.verify(seal.maker_signature, seal.info)


def test_a_use_of_the_seal_is_signed_and_read_back(seal: ESeal) -> None:
    data = sign_with_seal(seal, b"certificate one", SIGNER, at=AT, data_hash=sm3(b"xml"), property_info="/S.xml")
    read = read_signature(data)
    assert (read.version, read.signed_at, read.data_hash, read.property_info) == (4, AT, sm3(b"xml"), "/S.xml")
    assert (read.seal, read.certificate, read.timestamp) == (seal, b"certificate one", None)
    assert SIGNER.public_key.verify(read.signature, read.to_sign)
    stamped = der.sequence(*(node.encoded for node in der.read(data).children()), der.explicit(0, der.bit_string(b"token")))
    assert read_signature(stamped).timestamp


@pytest.mark.parametrize(
    ("extensions", "critical"),
    [
        (der.sequence(EXTENSION, BARE), ()),
        (der.explicit(0, der.sequence(EXTENSION, CRITICAL)), ("1.2.4",)),
        (der.explicit(0, EXTENSION + CRITICAL), ("1.2.4",)),
        (der.explicit(0, BARE), ()),
        (der.sequence(), ()),
    ],
    ids=["untagged", "explicit tag", "implicit tag", "implicit, one", "empty"],
)
def test_extensions_are_read_tagged_or_not(seal: ESeal, extensions: bytes, critical: tuple[str, ...]) -> None:
    assert read_seal(rebuilt(seal, extensions)).critical == critical


def test_a_list_of_digests_is_read(seal: ESeal) -> None:
    members = [node.encoded for node in der.read(der.read(seal.info).children()[2].encoded).children()]
    members[2] = der.integer(2)
    members[3] = der.sequence(der.sequence(der.printable("SM3"), der.octet_string(sm3(b"c"))))
    read = read_seal(rebuilt(seal, properties=der.sequence(*members)))
    assert (read.certificates, read.certificate_digests) == ((), (sm3(b"c"),))


def test_version_five_is_read_and_told_by_its_number(seal: ESeal) -> None:
    header = der.sequence(der.ia5("ES"), der.integer(5), der.ia5("v"))
    data = rebuilt(seal, header=header)
    stamped = der.sequence(*(node.encoded for node in der.read(data).children()), der.explicit(0, der.bit_string(b"t")))
    assert (read_seal(data).version, read_seal(stamped).version) == (5, 5)


def old_seal(**changes: object) -> bytes:
    facts: dict[str, Any] = {"design": DESIGN, "certificates": [b"one", b"two"], "maker": b"maker", "key": MAKER}
    return first_seal(**(facts | changes))


def old_signature(seal: bytes, **changes: object) -> bytes:
    facts: dict[str, Any] = {"certificate": b"one", "key": SIGNER, "data_hash": sm3(b"xml"), "property_info": "/S.xml"}
    return first_signature(seal, **({"at": utc_time(AT)} | facts | changes))


def test_a_seal_of_version_one_says_what_its_design_said() -> None:
    read = read_seal(old_seal())
    assert (read.layout, read.version, read.seal_id, read.name) == (1, 1, DESIGN.seal_id, DESIGN.name)
    assert (read.created_at, read.valid_from, read.valid_to) == (FROM, FROM, TO)
    assert (read.certificates, read.certificate_digests, read.picture) == ((b"one", b"two"), (), DESIGN.picture)
    assert MAKER.public_key.verify(read.maker_signature, read.maker_signed)
    assert not MAKER.public_key.verify(read.maker_signature, read.info)
    assert read_seal(old_seal(extensions=der.sequence(EXTENSION, CRITICAL))).critical == ("1.2.4",)


@pytest.mark.parametrize(
    ("written", "moment", "is_stamp"),
    [
        (utc_time(AT), AT, False),
        (der.generalized_time(AT), AT, False),
        (b"2026-03-01 09:30:00", AT, False),
        (b"20260301013000Z", AT, False),
        (b"", None, False),
        (b"2026-13-01 09:30:00", None, False),
        (b"\xff\xfe", None, False),
        (der.sequence(der.oid("1.2.840.113549.1.7.2")), None, True),
    ],
)
def test_the_time_of_version_one_is_read_in_the_forms_in_use(written: bytes, moment: datetime | None, is_stamp: bool) -> None:  # noqa: FBT001
    for octets in (False, True):
        read = read_signature(old_signature(old_seal(), at=written, octets=octets))
        assert (read.signed_at, read.time_is_stamp) == (moment, is_stamp)
        assert (read.layout, read.version, read.data_hash, read.property_info) == (1, 1, sm3(b"xml"), "/S.xml")
        assert SIGNER.public_key.verify(read.signature, read.to_sign)


def test_layouts_do_not_pass_for_each_other(seal: ESeal) -> None:
    """A member moved, swapped, doubled or left out is another structure."""
    info, proof = (node.encoded for node in der.read(old_seal()).children())
    flat = [node.encoded for node in der.read(seal.encoded).children()]
    for broken in (
        der.sequence(proof, info),
        der.sequence(info, proof, proof),
        der.sequence(flat[0], der.sequence(*flat[1:])),
        der.sequence(info, *flat[1:]),
        der.sequence(flat[0], flat[2], flat[1], flat[3]),
        der.sequence(*flat, der.explicit(1, der.bit_string(b"t"))),
    ):
        with pytest.raises(DerError):
            read_seal(broken)
    for broken in (
        old_signature(old_seal(), swapped=True),
        old_signature(der.sequence(info)),
        old_signature(old_seal()) + b"\x00",
        der.sequence(der.read(old_signature(old_seal())).children()[0].encoded),
    ):
        with pytest.raises(DerError):
            read_signature(broken)


def test_kinds_are_told_apart_by_their_outer_form(seal: ESeal) -> None:
    value = sign_with_seal(seal, b"c", SIGNER, at=AT, data_hash=sm3(b"xml"), property_info="/S.xml")
    assert read_signed_value(value) == read_signature(value)
    older = old_signature(old_seal())
    assert read_signed_value(older) == read_signature(older)
    pair = SIGNER.sign(b"message")
    assert read_signed_value(pair) == read_signed_value(signature_to_raw(pair)) == BareSignature(pair)
    with pytest.raises(UnsupportedSignature, match="too_large"):
        read_signed_value(der.sequence(der.null() * 2**19))
    for broken in (b"", der.null(), der.sequence(), pair + b"\x00", pair[:-1], bytes(63), b"\x30\x3e" + bytes(62)):
        with pytest.raises(DerError):
            read_signed_value(broken)


@pytest.mark.parametrize(
    "change",
    [
        {"header": der.sequence(der.ia5("EX"), der.integer(4), der.ia5("v"))},
        {"header": der.sequence(der.ia5("ES"), der.integer(4))},
        {"seal_id": der.utf8("37")},
        {"picture": der.sequence(der.ia5("PNG"), der.octet_string(b""), der.integer(1))},
        {"properties": der.sequence(der.integer(1), der.utf8("n"), der.integer(3), der.sequence())},
    ],
)
def test_malformed_seals_are_refused(seal: ESeal, change: dict[str, bytes]) -> None:
    with pytest.raises(DerError):
        read_seal(rebuilt(seal, **change))


def test_trailing_bytes_are_refused(seal: ESeal) -> None:
    data = sign_with_seal(seal, b"c", SIGNER, at=AT, data_hash=sm3(b""), property_info="/")
    for broken in (data + b"\x00", data[:-1], b"", der.sequence(), der.sequence(der.oid("1.2.3"), der.null())):
        with pytest.raises(DerError):
            read_signature(broken)
    for broken in (seal.encoded + b"\x00", seal.encoded[:-1], b""):
        with pytest.raises(DerError):
            read_seal(broken)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_reads_or_is_refused_but_never_crashes(place: int, other: int) -> None:
    seal = make_seal(replace(DESIGN, picture=SealPicture("PNG", b"", 1, 1)), [b"c"], b"m", MAKER)
    value = bytearray(sign_with_seal(seal, b"c", SIGNER, at=AT, data_hash=sm3(b""), property_info="/"))
    value[place % len(value)] = other
    with suppress(DerError):
        read_signature(bytes(value))
    older = bytearray(old_signature(old_seal(design=replace(DESIGN, picture=SealPicture("PNG", b"", 1, 1)))))
    older[place % len(older)] = other
    with suppress(DerError, UnsupportedSignature):
        read_signed_value(bytes(older))
