"""DER: what is written reads back, and every second spelling of the same value is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto import der


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100"), (-1, "0201ff"), (-128, "020180"), (-129, "0202ff7f")],
)
def test_integers_are_minimal(value: int, encoded: str) -> None:
    assert der.integer(value).hex() == encoded
    assert der.read(bytes.fromhex(encoded)).integer() == value


@given(st.integers(-(2**600), 2**600))
def test_integers_survive(value: int) -> None:
    assert der.read(der.integer(value)).integer() == value


def test_an_enumerated_is_no_integer() -> None:
    written = der.integer(5, tag=der.ENUMERATED)
    assert der.read(written).enumerated() == der.read(der.integer(5)).integer() == 5
    with pytest.raises(der.DerError):
        der.read(written).integer()
    with pytest.raises(der.DerError):
        der.read(der.integer(5)).enumerated()
    with pytest.raises(der.DerError):
        der.read(bytes.fromhex("0a020005")).enumerated()


@pytest.mark.parametrize(
    "dotted", ["1.2.156.10197.1.501", "2.5.4.3", "0.0", "1.39.1", "2.999.3", "2.25.329800735698586629295641978511506172918"]
)
def test_object_identifiers_survive(dotted: str) -> None:
    assert der.read(der.oid(dotted)).oid() == dotted


@given(st.binary(max_size=70_000))
def test_octets_survive_at_any_length(value: bytes) -> None:
    assert der.read(der.octet_string(value)).octets() == value


@pytest.mark.parametrize(
    ("tag", "encoded", "expected"),
    [
        (0x0C, "烟台".encode(), "烟台"),
        (0x13, b"CN", "CN"),
        (0x16, b"es", "es"),
        (0x13, "重庆".encode(), "重庆"),
        (0x1E, "德州".encode("utf-16-be"), "德州"),
    ],
)
def test_strings_of_every_type_are_read(tag: int, encoded: bytes, expected: str) -> None:
    assert der.read(der.element(tag, encoded)).text() == expected


@pytest.mark.parametrize(
    ("moment", "encoded"),
    [
        (datetime(2026, 11, 22, 8, 0, 5, tzinfo=UTC), b"\x17\x0d261122080005Z"),
        (datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), b"\x17\x0d491231235959Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), b"\x18\x0f20500101000000Z"),
    ],
)
def test_times_have_their_form(moment: datetime, encoded: bytes) -> None:
    assert der.time(moment) == encoded
    assert der.read(encoded).time() == moment


def test_generalized_times_may_have_fractions() -> None:
    node = der.read(der.element(der.GENERALIZED_TIME, b"20261122080005.25Z"))
    assert node.time() == datetime(2026, 11, 22, 8, 0, 5, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bits", "encoded"), [((), "030100"), ((0,), "03020780"), ((0, 1), "030206c0"), ((5, 6), "03020106"), ((8,), "0303070080")]
)
def test_named_bits(bits: tuple[int, ...], encoded: str) -> None:
    assert der.bit_flags(*bits).hex() == encoded
    assert der.read(bytes.fromhex(encoded)).flags() == frozenset(bits)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "02",
        "0201",
        "020200",
        "02010000",
        "0281017f",
        "02820001ff",
        "02800000",
        "0285000000000101",
        "1f010100",
        "0000",
        "30030201",
    ],
)
def test_bad_headers_are_refused(encoded: str) -> None:
    with pytest.raises(der.DerError):
        der.read(bytes.fromhex(encoded)).children()


@pytest.mark.parametrize(
    ("reader", "encoded"),
    [
        ("integer", "0200"),
        ("integer", "02020001"),
        ("integer", "0202ffff"),
        ("integer", "040100"),
        ("boolean", "010101"),
        ("boolean", "0100"),
        ("bits", "0300"),
        ("bits", "030101"),
        ("bits", "03020180"),
        ("flags", "0300"),
        ("flags", "03020881"),
        ("flags", "03020781"),
        ("flags", "030101"),
        ("octets", "0401"),
        ("oid", "0600"),
        ("oid", "060180"),
        ("oid", "06028001"),
        ("oid", "0616" + "ff" * 21 + "01"),
        ("text", "0c02c328"),
        ("text", "040161"),
        ("text", "1e0161"),
        ("time", "170b3236313132323038305a"),
        ("time", "170d3236313332323038303030355a"),
        ("time", "180f32303236313133323038303030355a"),
        ("time", "18113230323631313232303830303035" + "2e305a"),
        ("time", "181332303236313132323038303030352b30383030"),
        ("time", "0c00"),
        ("only_child", "3000"),
        ("only_child", "3006020101020101"),
        ("children", "020101"),
    ],
)
def test_bad_values_are_refused(reader: str, encoded: str) -> None:
    def read_value() -> object:
        return getattr(der.read(bytes.fromhex(encoded)), reader)()

    with pytest.raises(der.DerError):
        read_value()


def test_fields_are_taken_in_order_and_to_the_end() -> None:
    fields = der.read(der.sequence(der.integer(1), der.null())).fields()
    assert fields.take_if(der.NULL) is None
    assert fields.take(der.INTEGER).integer() == 1
    with pytest.raises(der.DerError):
        fields.end()
    assert fields.take_if(der.OID, der.NULL) is not None
    fields.end()
    assert fields.take_if(der.NULL) is None
    with pytest.raises(der.DerError):
        fields.take()


def test_deep_nesting_costs_nothing() -> None:
    nested = b""
    for _ in range(5_000):
        nested = der.element(der.SEQUENCE, nested)
    assert len(der.read(nested).children()) == 1


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_what_is_read_is_written_the_same_way(data: bytes) -> None:
    try:
        node = der.read(data)
    except der.DerError:
        return
    assert der.element(node.tag, node.content) == data == node.encoded


def test_a_crowd_of_elements_is_refused_before_it_costs_seconds() -> None:
    crowd = der.element(der.SEQUENCE, b"\x05\x00" * (der.MOST_MEMBERS + 1))
    assert len(der.read(der.element(der.SEQUENCE, b"\x05\x00" * der.MOST_MEMBERS)).children()) == der.MOST_MEMBERS
    with pytest.raises(der.DerError, match="more than"):
        der.read(crowd).children()
