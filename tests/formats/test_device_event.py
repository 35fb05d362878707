"""A phone's event: read back as it was made, and nothing else is one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.cbor import CborKey, CborValue, decode, encode
from liangzheng.formats.cose import PrivateKey, write_sign1
from liangzheng.formats.device_event import EXTERNAL_DATA, FIRST, LARGEST, Happened, MalformedEvent, make_event, read_event

P256, SM2 = P256PrivateKey.generate(), SM2PrivateKey.generate()
SCAN = Happened(
    device=UUID("019391f0-0000-7000-8000-000000000001"),
    counter=1,
    previous=FIRST,
    at=1_795_400_000,
    server_time=1_795_399_000,
    elapsed=1000,
    kind="scan",
    act=UUID("019391f0-0000-7000-8000-000000000002"),
    body={"text": "LZ2:演示", "method": "camera", "verdict": b"{}", "pack": 7, "id": bytes(16)},
)


@pytest.mark.parametrize("key", [P256, SM2], ids=["ES256", "SM2"])
def test_an_event_is_read_back_as_it_was_made(key: PrivateKey) -> None:
    event = read_event(make_event(SCAN, key))
    assert event.happened == SCAN
    assert event.is_signed_by(key.public_key)
    assert len(event.digest) == 32


def test_another_key_and_another_algorithm_did_not_sign_it() -> None:
    event = read_event(make_event(SCAN, P256))
    assert not event.is_signed_by(P256PrivateKey.generate().public_key)
    assert not event.is_signed_by(SM2.public_key)
    assert not event.is_signed_by(None)


def test_a_signature_for_something_else_is_none_for_an_event() -> None:
    payload = read_event(make_event(SCAN, P256)).message.payload
    other = read_event(write_sign1(payload, P256, protected={}, external_data=b"liangzheng proof v1"))
    assert not other.is_signed_by(P256.public_key)
    control = read_event(write_sign1(payload, P256, protected={}, external_data=EXTERNAL_DATA))
    assert control.is_signed_by(P256.public_key)


def test_an_act_may_be_missing_and_numbers_of_a_body_may_be_negative() -> None:
    made = replace(SCAN, kind="training_end", act=None, body={"n": -3})
    assert read_event(make_event(made, P256)).happened == made


def members() -> dict[CborKey, CborValue]:
    payload = decode(read_event(make_event(SCAN, P256)).message.payload)
    assert isinstance(payload, dict)
    return payload


@pytest.mark.parametrize(
    ("label", "value"),
    [
        (1, bytes(15)),
        (1, "text"),
        (2, 0),
        (2, -1),
        (2, True),
        (2, 2**53),
        (2, 1.5),
        (3, b""),
        (3, bytes(31)),
        (4, -1),
        (5, None),
        (6, -1),
        (7, "Scan"),
        (7, 1),
        (8, bytes(8)),
        (8, None),
        (9, ("a",)),
        (9, {1: "a"}),
        (9, {"a": True}),
        (9, {"a": None}),
        (9, {"a": {"b": 1}}),
        (9, {"a": 1.5}),
        (9, {"a": 2**60}),
        (9, {str(number): number for number in range(33)}),
        (10, 1),
    ],
)
def test_a_member_of_another_form_is_refused(label: int, value: CborValue) -> None:
    payload = encode({**members(), label: value})
    with pytest.raises(MalformedEvent):
        read_event(write_sign1(payload, P256, protected={}, external_data=EXTERNAL_DATA))


@pytest.mark.parametrize("label", range(1, 10))
def test_a_missing_member_is_refused(label: int) -> None:
    payload = encode({name: value for name, value in members().items() if name != label})
    with pytest.raises(MalformedEvent):
        read_event(write_sign1(payload, P256, protected={}, external_data=EXTERNAL_DATA))


def test_other_messages_are_refused() -> None:
    payload = encode(members())
    good = write_sign1(payload, P256, protected={}, external_data=EXTERNAL_DATA)
    assert read_event(good).encoded == good, "control"
    for bad in (
        b"",
        good + b"\x00",
        b"\xd8\x3d" + good,  # under the CWT tag: a second text for the same event
        good[1:],
        write_sign1(payload, Ed25519PrivateKey.generate(), protected={}, external_data=EXTERNAL_DATA),
        write_sign1(payload, P256, protected={4: b"kid"}, external_data=EXTERNAL_DATA),
        write_sign1(payload, P256, protected={}, unprotected={4: b"kid"}, external_data=EXTERNAL_DATA),
        write_sign1(encode({**members(), 9: {"a": "x" * LARGEST}}), P256, protected={}, external_data=EXTERNAL_DATA),
    ):
        with pytest.raises(MalformedEvent):
            read_event(bad)
    with pytest.raises(MalformedEvent):
        make_event(replace(SCAN, counter=0), P256)


@given(st.data())
def test_a_changed_byte_never_passes_for_the_same_device(data: st.DataObject) -> None:
    good = make_event(SCAN, P256)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = good[:place] + bytes([good[place] ^ data.draw(st.integers(1, 255))]) + good[place + 1 :]
    try:
        event = read_event(bad)
    except MalformedEvent:
        return
    assert not event.is_signed_by(P256.public_key)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_event(data: bytes) -> None:
    for bad in (data, b"\xd2" + data, b"\xd2\x84" + data):
        with pytest.raises(MalformedEvent):
            read_event(bad)
