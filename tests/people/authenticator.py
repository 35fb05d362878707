"""An authenticator in software: makes and uses passkeys as a phone would, right or wrong in one way."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.formats.cbor import encode
from liangzheng.formats.strict_json import to_base64url

ORIGIN, HOST = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, ATTESTED, EXTENDED = 0x01, 0x04, 0x40, 0x80


@dataclass
class Authenticator:
    """One passkey. `origin`, `host`, `flags` and `count` can be set to what they must not be."""

    origin: str = ORIGIN
    host: str = HOST
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: P256PrivateKey = field(default_factory=P256PrivateKey.generate)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def client_data(self, kind: str, challenge: str, **more: object) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | more).encode()

    def head(self, flags: int = 0) -> bytes:
        digest = hashlib.sha256(self.host.encode()).digest()
        return digest + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def attestation(self, key: bytes | None = None, extensions: bytes = b"") -> bytes:
        point = self.key.public_key.point
        cose = encode({1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
        flags = ATTESTED | (EXTENDED if extensions else 0)
        named = len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self.head(flags) + bytes(16) + named + (cose if key is None else key) + extensions
        return encode({"fmt": "none", "attStmt": {}, "authData": data})

    def create(self, challenge: str) -> dict[str, str]:
        return {"client_data": text(self.client_data("webauthn.create", challenge)), "attestation": text(self.attestation())}

    def get(self, challenge: str) -> dict[str, str]:
        data, client = self.head(), self.client_data("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client).digest())
        parts = {"credential_id": self.credential_id, "client_data": client, "authenticator_data": data, "signature": signature}
        return {name: text(part) for name, part in parts.items()}


def text(data: bytes) -> str:
    return to_base64url(data).decode()
