"""The sandbox's people and their codes: random texts of one minute, kept in memory."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CODE_SECONDS = 60
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIXES = {"resident": "RC-SBX-", "enterprise": "EC-SBX-", "business_licence": "BL-SBX-"}
Front = Literal["resident", "enterprise", "business_licence"]
"""居民码 of a person, 企业码 or 电子营业执照 of a firm."""


@dataclass(frozen=True, slots=True)
class SandboxHolder:
    """One fictional holder. `licences` are identifiers."""

    key: str
    kind: Literal["person", "organisation"]
    name: str
    code: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Issued:
    holder: str
    expires_at: float


@dataclass(slots=True)
class Codes:
    """Who can show what, and what was shown. `told` holds the messages delivered to holders."""

    holders: Mapping[str, SandboxHolder]
    now: Callable[[], float] = time.monotonic
    told: list[dict[str, str]] = field(default_factory=list)
    _issued: dict[str, _Issued] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def show(self, key: str, front: Front) -> str:
        """Make a fresh code of this holder; KeyError when there is no such holder."""
        holder = self.holders[key]
        text = _PREFIXES[front] + "".join(secrets.choice(_ALPHABET) for _ in range(26))
        with self._lock:
            self._issued[text] = _Issued(holder.key, self.now() + CODE_SECONDS)
        return text

    def resolve(self, text: str) -> tuple[str, SandboxHolder | None]:
        """Give `0` and the holder, `1001` for an expired code, `1002` for one that was never shown."""
        with self._lock:
            issued = self._issued.get(text)
        if issued is None:
            return "1002", None
        if self.now() > issued.expires_at:
            return "1001", None
        return "0", self.holders[issued.holder]


def read_holders(file: Path) -> dict[str, SandboxHolder]:
    """Read the people the demo city wrote down; an absent file is a city without people."""
    if not file.is_file():
        return {}
    rows = json.loads(file.read_text(encoding="utf-8"))
    holders = [SandboxHolder(row["key"], row["kind"], row["name"], row["code"], tuple(row["licences"])) for row in rows]
    return {holder.key: holder for holder in holders}
