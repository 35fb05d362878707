"""Codes of other systems: what their gateways answer, and what this system asks of whoever speaks with them. Pure.

居民码 and 企业码 stand for a holder's whole set of licences, 电子营业执照 for one. Their texts are opaque, of a form that is not
published, and change every minute; only their own gateway can say whose they are. A connector implements `ForeignGateway`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from liangzheng.crypto.digests import sm3

Outcome = Literal["resolved", "expired", "unknown", "refused", "unavailable", "unreadable"]
"""unknown: the gateway does not know the code. refused: it does not serve this unit. unreadable: its answer makes no sense."""

REASONS = {
    "expired": "code_expired",
    "unknown": "code_unknown",
    "refused": "gateway_refused",
    "unavailable": "gateway_unavailable",
    "unreadable": "gateway_unreadable",
}
"""Outcome → reason code of the verdict."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and what for; a gateway tells the holder."""

    agency: str
    certificate_number: str
    act_code: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ForeignHolder:
    """Whom the code belongs to, in the gateway's words. `licences` are identifiers (GB/T 36904), where it names some."""

    code_type: Literal["001", "111"]
    code: str
    name: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """One answer. `holder` is there when resolved; `reference` is the gateway's number of this use, for telling the holder."""

    outcome: Outcome
    holder: ForeignHolder | None = None
    reference: str = ""


class ForeignGateway(Protocol):
    """One outside system. `label` is what an officer calls its code."""

    @property
    def label(self) -> str: ...

    def recognises(self, text: str) -> bool:
        """Say by the text's form alone whether this gateway may know it."""
        ...

    def resolve(self, text: str, asking: Asking) -> ForeignAnswer:
        """Ask whose code this is, within seconds; never raises for what the other side does."""
        ...

    def tell_holder(self, reference: str, asking: Asking) -> bool:
        """Have the holder told of the use; False: not delivered, try again later."""
        ...


def code_number(text: str) -> bytes:
    """Give 16 bytes that stand for a foreign text: the same text is not used twice, and cannot be read back."""
    return sm3(b"liangzheng foreign code v1\x00" + text.encode())[:16]
