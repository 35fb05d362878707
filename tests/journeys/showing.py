"""A holder's phone that shows licences without signal: a device key, credentials, and a counter of its showings."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from liangzheng.codes.offline_code import Proof, make_proof, write_offline_code
from liangzheng.crypto.p256 import P256PrivateKey
from tests.journeys.devices import enrol
from tests.journeys.phones import Phone


@dataclass(slots=True)
class Showing:
    """A holder's phone that can show without signal."""

    phone: Phone
    key: P256PrivateKey
    device: str
    credentials: dict[str, bytes]
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, phone: Phone) -> Showing:
        """Enrol the phone and fetch its credentials, by licence id."""
        key = P256PrivateKey.generate()
        device = enrol(phone, key)
        answer = phone.post(f"/devices/{device}/credentials")["credentials"]
        return cls(phone, key, device, {item["licence"]: read_base64url(item["credential"]) for item in answer})

    def licence(self, type_label: str, *, delegated: bool = False) -> str:
        """Find a licence by its type."""
        mine = [item for item in self.phone.get("/my/licences") if bool(item["on_behalf_of"]) is delegated]
        return next(str(item["id"]) for item in mine if item["type_label"] == type_label or delegated)

    def text(self, licence: str, *, ago: int = 0, audience: str = "", credential: bytes = b"") -> str:
        """Show a licence now, or some seconds ago."""
        shown = credential or self.credentials[licence]
        proof = Proof(issued_at=int(time.time()) - ago, counter=next(self.counter), lifetime=60, audience=audience)
        return write_offline_code(shown, make_proof(proof, shown, self.key))


def read_base64url(text: str) -> bytes:
    """Read bytes as the API has them."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
