"""Asks the gateway of another system whose code it is. Outside of any transaction: the other side may take seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from liangzheng.codes.foreign import REASONS, Asking, ForeignGateway, ForeignHolder, code_number
from liangzheng.codes.models import UsedCode
from liangzheng.codes.signed import classify
from liangzheng.storage.ids import first_id_at

_NEAR_MIDNIGHT = timedelta(minutes=10)
_RANDOM_BITS = 74


@dataclass(frozen=True, slots=True)
class Answered:
    """What a gateway said. `reason` is "" when it knew the code, and then `holder` is there; `code` stands for the text."""

    label: str
    reason: str
    holder: ForeignHolder | None
    reference: str
    code: UUID
    earlier: UUID

    def was_used(self, verifier: UUID) -> bool:
        """Say whether this verifier has used the very code before; codes of yesterday's last minutes count."""
        return UsedCode.objects.filter(code__in={self.code, self.earlier}, verifier=verifier).exists()


def gateways() -> tuple[ForeignGateway, ...]:
    """Give the gateways this installation speaks with."""
    found: Callable[[], tuple[ForeignGateway, ...]] = import_string(settings.FOREIGN_GATEWAYS)
    return found()


def may_be_foreign(text: str) -> bool:
    """Say whether some gateway may know this text; nobody is asked."""
    return classify(text) == "foreign_code" and any(gateway.recognises(text) for gateway in gateways())


def ask_gateway(text: str, asking: Asking, now: datetime) -> Answered | None:
    """Ask the first gateway that recognises the text; None when none does."""
    for gateway in gateways():
        if gateway.recognises(text):
            answer = gateway.resolve(text, asking)
            is_known = answer.outcome == "resolved" and answer.holder is not None
            reason = "" if is_known else REASONS.get(answer.outcome, "gateway_unreadable")
            codes = (_key(text, now), _key(text, now - _NEAR_MIDNIGHT))
            return Answered(gateway.label, reason, answer.holder if is_known else None, answer.reference, *codes)
    return None


def tell_holder(label: str, reference: str, asking: Asking) -> bool:
    """Have the gateway of this label tell the holder of the use; False: try again later."""
    return all(gateway.tell_holder(reference, asking) for gateway in gateways() if gateway.label == label)


def _key(text: str, now: datetime) -> UUID:
    """Give a UUIDv7 of the day whose random bits stand for the text: used codes are kept by day."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tail = int.from_bytes(code_number(text), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return UUID(int=first_id_at(day).int | 7 << 76 | high << 64 | 2 << 62 | low)
