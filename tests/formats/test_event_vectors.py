"""The table of queue events that Python and TypeScript share: what the phone writes, the server reads."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from dev import vectors_events
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats.device_event import FIRST, read_event

FILE = Path(__file__).parent.parent / "vectors" / "events.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_vectors_are_those_of_the_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == vectors_events.text()


def test_the_chain_is_read_as_it_was_told() -> None:
    key = P256PublicKey.from_point(bytes.fromhex(VECTORS["point"]))
    previous = FIRST
    for row in VECTORS["events"]:
        event = read_event(bytes.fromhex(row["event"]))
        told = event.happened
        assert event.is_signed_by(key)
        assert (told.device.bytes.hex(), told.counter, told.previous) == (VECTORS["device"], row["counter"], previous)
        assert (told.at, told.server_time, told.elapsed) == (row["at"], row["server_time"], row["elapsed"])
        assert (told.kind, told.act) == (row["kind"], UUID(row["act"]) if row["act"] else None)
        assert {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in told.body.items()} == row[
            "body"
        ]
        previous = event.digest
