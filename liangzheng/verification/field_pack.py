"""What a phone judges by without signal, as values: keys, status, the usable list, limits, and how old all of it may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey

Physical = Literal["required", "accepted", "unconfirmed"]


@dataclass(frozen=True, slots=True)
class CodeKey:
    """A key that signs credentials, from and until when (seconds since 1970)."""

    key: SM2PublicKey | P256PublicKey
    trusted_from: int
    distrusted_since: int | None = None


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """A verified status list as it was at `issued_at`; `packed` holds `bits` a place, the first in the low bits of its byte."""

    issued_at: int
    expires_at: int
    bits: int
    packed: bytes

    def value_at(self, index: int) -> int | None:
        """Give the number at a place; None outside of the list."""
        in_a_byte = 8 // self.bits
        if not 0 <= index < len(self.packed) * in_a_byte:
            return None
        return self.packed[index // in_a_byte] >> self.bits * (index % in_a_byte) & (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: how old status data may be, and by how much clocks may differ."""

    officer_status_max_age: int = 8 * 3600
    licence_status_max_age: int = 24 * 3600
    clock_tolerance: int = 60


@dataclass(frozen=True, slots=True)
class FieldPack:
    """One issue. `beacon` is the server's time when it was delivered; `code_keys` are found by key id, statuses by URI."""

    number: int
    issued_at: int
    expires_at: int
    beacon: int
    code_keys: Mapping[bytes, CodeKey] = field(default_factory=dict)
    statuses: Mapping[str, StatusSnapshot] = field(default_factory=dict)
    usable: Mapping[str, Physical] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
