"""A phone with a device key of its own: enrolled, and able to do things without signal that it tells later."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.device_event import FIRST, BodyValue, EventKind, Happened, make_event
from liangzheng.people.devices import ENROL
from liangzheng.verification.verdict import Check, Mode, Result, conclude
from tests.journeys.phones import Json, Phone

DeviceKey = P256PrivateKey | SM2PrivateKey


def base64url(data: bytes) -> str:
    """Write bytes as the API has them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proof_of(phone: Phone, key: DeviceKey, **other: bytes) -> Json:
    """Make the request of enrolling; `other` puts something else in the place of what is right."""
    answer = phone.post("/devices/challenge")["challenge"]
    challenge = base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4))
    me = UUID(phone.get("/session")["me"]["id"])
    signature = key.sign_raw(other.get("signed", ENROL + challenge + me.bytes))
    return {
        "public_key": base64url(other.get("public_key", key.public_key.point)),
        "label": "演示手机",
        "challenge": base64url(other.get("challenge", challenge)),
        "signature": base64url(other.get("signature", signature)),
        "algorithm": "SM2" if isinstance(key, SM2PrivateKey) else "ES256",
    }


def enrol(phone: Phone, key: DeviceKey) -> str:
    """Enrol the phone and give the device's id."""
    return str(phone.post("/devices", proof_of(phone, key))["id"])


def seen_verdict(result: Result = Result.UNKNOWN, reason: str = "code_unknown") -> bytes:
    """A verdict as a phone without signal writes it."""
    checks = (Check("code_readable", Result.PASS), Check("code_kind", result, reason))
    return conclude(checks, as_of=datetime.now(UTC), mode=Mode.OFFLINE).canonical()


@dataclass(slots=True)
class Queue:
    """The queue of one enrolled phone: it chains and signs what happens, and uploads without a session."""

    phone: Phone
    key: DeviceKey
    device: str
    events: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, phone: Phone, key: DeviceKey | None = None) -> Queue:
        """Enrol the phone with a new key."""
        key = key or P256PrivateKey.generate()
        return cls(phone, key, enrol(phone, key))

    def happened(
        self, kind: EventKind, act: str | None, body: dict[str, BodyValue], *, counter: int | None = None, ago: int = 0
    ) -> Happened:
        """Describe what happens next, or happened some seconds ago."""
        now = int(time.time()) - ago
        return Happened(
            device=UUID(self.device),
            counter=counter or len(self.events) + 1,
            previous=sha256(self.events[-1]) if self.events else FIRST,
            at=now,
            server_time=now - 60,
            elapsed=60,
            kind=kind,
            act=UUID(act) if act else None,
            body=body,
        )

    def add(self, kind: EventKind, act: str | None, body: dict[str, BodyValue], *, ago: int = 0) -> bytes:
        """Let something happen."""
        self.events.append(make_event(self.happened(kind, act, body, ago=ago), self.key))
        return self.events[-1]

    def scan(self, act: str, text: str, verdict: bytes | None = None, *, ago: int = 0) -> bytes:
        """Scan without signal."""
        seen = verdict or seen_verdict()
        return self.add("scan", act, {"text": text, "method": "camera", "verdict": seen, "pack": 1, "id": uuid4().bytes}, ago=ago)

    def body(self, events: Sequence[bytes] | None = None) -> Json:
        """Write an upload."""
        return {"device": self.device, "events": [base64url(event) for event in (self.events if events is None else events)]}

    def upload(self, events: Sequence[bytes] | None = None) -> Json:
        """Upload all events, or these."""
        return Phone(str(self.phone.http.base_url)).post("/queue", self.body(events))
