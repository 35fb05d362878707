"""Write tests/vectors/events.json: events of a phone's queue, as the phone must write them and the server reads them.

Run `python -m dev.vectors_events`. The device key is fixed and protects nothing; ES256 is signed deterministically (RFC 6979).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from dev.vectors_primitives import p256_key, p256_pair
from liangzheng.crypto.digests import sha256
from liangzheng.formats.cbor import CborKey, CborValue, Tagged, encode

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "events.json"
DEVICE = UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab")
ACT = UUID("019aa5e0-7c00-7a5b-8c3d-ba9876543210")
AT = 1_795_334_400  # 2026-11-22T08:00:00Z
HEADERS = encode({1: -7})

Body = Mapping[str, str | int | bytes]
EVENTS: list[tuple[str, UUID | None, Body]] = [
    (
        "scan",
        ACT,
        {"text": "LZ2:6BF亮", "method": "camera", "verdict": b'{"standing":"valid_offline"}', "pack": 7, "id": DEVICE.bytes},
    ),
    ("undo", ACT, {"of": 1, "reason": "扫错了人"}),
    ("late_entry", ACT, {"reason": "手机没电，补录", "requirement": "driver_qualification"}),
    ("presence", ACT, {"own": b"\x01" * 70, "party": b"\x02" * 70, "match": 42}),
    ("training_end", None, {}),
]


def signed(payload: bytes) -> bytes:
    r, s = p256_pair(encode(("Signature1", HEADERS, b"liangzheng event v1", payload)))
    return encode(Tagged(18, (HEADERS, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big"))))


def plain(body: Body) -> dict[str, object]:
    """JSON has no bytes: they stand as {"hex": …}."""
    return {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in body.items()}


def text() -> str:
    """Give the file's text: a chain of events from one device."""
    rows: list[dict[str, object]] = []
    previous = bytes(32)
    for counter, (kind, act, body) in enumerate(EVENTS, start=1):
        act_bytes = act.bytes if act else b""
        content: dict[CborKey, CborValue] = {name: value for name, value in body.items()}  # noqa: C416 - widens the types
        told: list[CborValue] = [DEVICE.bytes, counter, previous, AT + counter, AT - 60, 60 + counter, kind, act_bytes, content]
        event = signed(encode(dict(enumerate(told, start=1))))
        rows.append(
            {
                "counter": counter,
                "previous": previous.hex(),
                "at": AT + counter,
                "server_time": AT - 60,
                "elapsed": 60 + counter,
                "kind": kind,
                "act": act_bytes.hex(),
                "body": plain(body),
                "event": event.hex(),
            }
        )
        previous = sha256(event)
    shown = p256_key().public_key().public_numbers()
    point = b"\x04" + shown.x.to_bytes(32, "big") + shown.y.to_bytes(32, "big")
    return json.dumps({"device": DEVICE.bytes.hex(), "point": point.hex(), "events": rows}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
