"""What a phone did without signal: one event of its queue, signed by the device key and chained to the one before.

COSE_Sign1 (RFC 9052, tag 18) over a CBOR map in its deterministic encoding: 1 device, 2 counter, 3 SHA-256 of the event before
(zeros before the first), 4 device clock, 5 last server time it knew, 6 seconds since then by a clock that only runs forward,
7 kind, 8 act, 9 body. Read by `web/core` in the same form. Everything in an event is the device's word until `is_signed_by`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args
from uuid import UUID

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.keys import PublicKey
from liangzheng.formats.cbor import CborError, CborValue, decode, encode
from liangzheng.formats.cose import ALGORITHM, Algorithm, MalformedSign1, PrivateKey, UnverifiedSign1, read_sign1, write_sign1

EventKind = Literal["scan", "presence", "late_entry", "undo", "training_end"]
BodyValue: TypeAlias = str | int | bytes

EXTERNAL_DATA = b"liangzheng event v1"
FIRST = bytes(32)
"""What the first event of a device names as the event before."""
LARGEST = 32 * 1024
"""Bytes of one event."""

_MESSAGE_TAG = b"\xd2"
_DEVICE, _COUNTER, _PREVIOUS, _AT, _SERVER_TIME, _ELAPSED, _KIND, _ACT, _BODY = range(1, 10)
_LABELS = frozenset(range(1, 10))
_KINDS: tuple[EventKind, ...] = get_args(EventKind)
_ALGORITHMS = frozenset({Algorithm.ES256, Algorithm.SM2})
_UUID, _DIGEST = 16, 32
_MOST_ENTRIES = 32
_LARGEST_NUMBER = 2**53 - 1  # what a browser counts exactly


class MalformedEvent(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such an event."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What an event tells, before it is signed. Times are whole seconds, since 1970 or, `elapsed`, since `server_time`."""

    device: UUID
    counter: int
    previous: bytes
    at: int
    server_time: int
    elapsed: int
    kind: EventKind
    act: UUID | None
    body: Mapping[str, BodyValue]


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """An event as it was read; `encoded` are its very bytes."""

    happened: Happened
    message: UnverifiedSign1
    encoded: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole event: what the next one names as `previous`."""
        return sha256(self.encoded)

    def is_signed_by(self, key: PublicKey | None) -> bool:
        """Say whether this device key made the event."""
        return self.message.is_signed_by(key, external_data=EXTERNAL_DATA)


def make_event(happened: Happened, key: PrivateKey) -> bytes:
    """Sign an event with the device key. MalformedEvent when it could not be read back."""
    payload = encode(
        {
            _DEVICE: happened.device.bytes,
            _COUNTER: happened.counter,
            _PREVIOUS: happened.previous,
            _AT: happened.at,
            _SERVER_TIME: happened.server_time,
            _ELAPSED: happened.elapsed,
            _KIND: happened.kind,
            _ACT: happened.act.bytes if happened.act else b"",
            _BODY: cast("CborValue", dict(happened.body)),
        }
    )
    event = write_sign1(payload, key, protected={}, external_data=EXTERNAL_DATA)
    read_event(event)
    return event


def read_event(data: bytes) -> DeviceEvent:
    """Read an event, whoever signed it. MalformedEvent when anything is missing, more than asked for, or in another encoding."""
    if len(data) > LARGEST or data[:1] != _MESSAGE_TAG:
        raise MalformedEvent("too large, or not a tagged message")
    try:
        message = read_sign1(data)
        payload = decode(message.payload)
    except (MalformedSign1, CborError) as error:
        raise MalformedEvent(str(error)) from error
    if message.algorithm not in _ALGORITHMS or message.protected.keys() != {ALGORITHM} or message.unprotected:
        raise MalformedEvent("another algorithm, or another header than the algorithm")
    if not isinstance(payload, Mapping) or payload.keys() != _LABELS:
        raise MalformedEvent("not the nine members of an event")
    return DeviceEvent(_happened(cast("Mapping[int, CborValue]", payload)), message, bytes(data))


def _happened(payload: Mapping[int, CborValue]) -> Happened:
    act = _bytes(payload[_ACT], (0, _UUID))
    return Happened(
        device=UUID(bytes=_bytes(payload[_DEVICE], (_UUID,))),
        counter=_number(payload[_COUNTER], least=1),
        previous=_bytes(payload[_PREVIOUS], (_DIGEST,)),
        at=_number(payload[_AT], least=0),
        server_time=_number(payload[_SERVER_TIME], least=0),
        elapsed=_number(payload[_ELAPSED], least=0),
        kind=_kind(payload[_KIND]),
        act=UUID(bytes=act) if act else None,
        body=_body(payload[_BODY]),
    )


def _number(value: CborValue, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST_NUMBER:
        raise MalformedEvent("a number that is none or out of range")
    return value


def _bytes(value: CborValue, sizes: tuple[int, ...]) -> bytes:
    if not isinstance(value, bytes) or len(value) not in sizes:
        raise MalformedEvent("bytes of another length")
    return value


def _kind(value: CborValue) -> EventKind:
    found = next((kind for kind in _KINDS if kind == value), None)
    if found is None:
        raise MalformedEvent("another kind of event")
    return found


def _body(value: CborValue) -> Mapping[str, BodyValue]:
    if not isinstance(value, Mapping) or len(value) > _MOST_ENTRIES:
        raise MalformedEvent("a body that is no map, or too large a one")
    found: dict[str, BodyValue] = {}
    for name, item in value.items():
        if not isinstance(name, str) or isinstance(item, bool) or not isinstance(item, str | int | bytes):
            raise MalformedEvent("a body that is not text to text, number or bytes")
        found[name] = item if isinstance(item, str | bytes) else _number(item, least=-_LARGEST_NUMBER)
    return found
