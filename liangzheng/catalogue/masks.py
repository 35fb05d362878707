"""脱敏: how a personal value is shown when its full form is not needed. The full form stays behind a logged reveal. Pure."""

from __future__ import annotations

from liangzheng.catalogue.licence_types import Mask

_HEAD, _TAIL = 4, 4


def masked(value: str, mask: Mask) -> str:
    """`name` 张三丰 → 张**; `id` 3799**********0010; `phone` 138****1234; `address` up to the district or county, then ***."""
    match mask:
        case "none":
            return value
        case "name":
            return value[:1] + "*" * (len(value) - 1)
        case "id":
            return _middle(value, _HEAD, _TAIL)
        case "phone":
            return _middle(value, 3, 4)
        case "address":
            return _address(value)


def _middle(value: str, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        return value[:1] + "*" * (len(value) - 1)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]


def _address(value: str) -> str:
    cut = max((value.find(mark) for mark in ("区", "县", "市")), default=-1)
    return value[: cut + 1] + "***" if cut > 0 else value[:2] + "***"
