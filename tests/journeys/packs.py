"""An officer's or a holder's phone with its field pack, loaded over HTTP as the web app loads it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import psycopg

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.verification.field_pack import FieldPack
from liangzheng.verification.pack_wire import (
    Manifest,
    apply_delta,
    checked,
    inflate,
    read_keys,
    read_manifest,
    read_status,
    read_usable,
)
from tests.journeys.phones import Phone


@dataclass(slots=True)
class Shift:
    """An officer's phone with its pack: plain parts by name."""

    manifest: Manifest
    parts: dict[str, bytes]

    @property
    def pack(self) -> FieldPack:
        """Put the parts together."""
        statuses = {name[7:]: read_status(data) for name, data in self.parts.items() if name.startswith("status:")}
        keys, usable = read_keys(self.parts["trust"]), read_usable(self.parts["catalogue"])
        told = self.manifest
        return FieldPack(told.number, told.issued_at, told.expires_at, told.beacon, keys, statuses, usable, told.limits)


def pinned(phone: Phone) -> SM2PublicKey:
    """Fetch the key that is pinned at enrolment."""
    text = phone.get("/pack/key")["public_key"]
    return SM2PublicKey.from_point(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def start_shift(phone: Phone, before: Shift | None = None) -> Shift:
    """Load the pack, as deltas where the phone has an older one."""
    answer = phone.send("GET", "/pack")
    manifest = read_manifest(answer.content, pinned(phone), newer_than=before.manifest.number if before else 0)
    assert answer.headers["etag"] == f'"{manifest.number}"'
    parts: dict[str, bytes] = {}
    for part in manifest.parts:
        old = before.parts[part.name] if before else b""
        since = f"?since={sha256(old).hex()}" if before else ""
        answer = phone.send("GET", f"/pack/parts/{part.digest.hex()}{since}")
        answer.raise_for_status()
        is_delta = answer.headers["x-pack-encoding"] == "delta"
        plain = apply_delta(old, answer.content, part.digest) if is_delta else checked(inflate(answer.content), part.digest)
        assert len(plain) == part.size
        parts[part.name] = plain
    return Shift(manifest, parts)


def age(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Let ten minutes pass."""
    connection.execute("UPDATE verification_packissue SET issued_at = issued_at - interval '10 minutes'")
