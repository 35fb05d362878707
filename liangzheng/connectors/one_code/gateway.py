"""The province's one-code gateway, as pieced together from public integration material; the live contract may differ.

Known of it: an acceptor number (acceptorgid), an area code, an access id and token (pinid, pintoken), an address for checking and
one for telling the holder; the scanned text goes in as `ymttoken`, identity, name, code and file numbers come back. Not known,
and therefore set by the operator: what the text looks like. Status words and further names here are the sandbox's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from liangzheng.codes.foreign import Asking, ForeignAnswer, ForeignHolder, Outcome
from liangzheng.connectors.bounded_http import Trouble, ask

_OUTCOMES: dict[str, Outcome] = {"1001": "expired", "1002": "unknown", "1003": "refused"}
_CODE_TYPES: dict[str, Literal["001", "111"]] = {"person": "111", "organisation": "001"}
_LONGEST = 200
_MOST_LICENCES = 50


@dataclass(frozen=True, slots=True)
class OneCodeGateway:
    """`pattern` fits the whole text of a code of this gateway."""

    label: str
    pattern: re.Pattern[str]
    verify_url: str
    message_url: str
    acceptor: str
    area: str
    pin_id: str
    pin_token: str

    def recognises(self, text: str) -> bool:
        """Say by its form whether this may be a code of the gateway."""
        return self.pattern.fullmatch(text) is not None

    def resolve(self, text: str, asking: Asking) -> ForeignAnswer:
        """Ask whose code it is."""
        try:
            answer = ask(self.verify_url, {**self._self(asking), "ymttoken": text})
        except Trouble as trouble:
            return ForeignAnswer(trouble.kind)
        if answer.get("code") != "0":
            return ForeignAnswer(_OUTCOMES.get(str(answer.get("code")), "unreadable"))
        return _read(answer.get("data"))

    def tell_holder(self, reference: str, asking: Asking) -> bool:
        """Have the gateway's message reach the holder."""
        try:
            answer = ask(self.message_url, {**self._self(asking), "reference": reference, "content": asking.purpose})
        except Trouble:
            return False
        return answer.get("code") == "0"

    def _self(self, asking: Asking) -> dict[str, object]:
        return {
            "acceptorgid": self.acceptor,
            "areacode": self.area,
            "pinid": self.pin_id,
            "pintoken": self.pin_token,
            "acceptor_name": asking.agency,
            "operator": asking.certificate_number,
            "event": asking.act_code,
            "reason": asking.purpose,
        }


def _read(data: object) -> ForeignAnswer:
    """Take an answer's content apart; anything unexpected makes it unreadable."""
    if not isinstance(data, dict):
        return ForeignAnswer("unreadable")
    texts = [data.get(name) for name in ("identity", "name", "certno", "reference")]
    if not all(isinstance(text, str) and 0 < len(text) <= _LONGEST for text in texts):
        return ForeignAnswer("unreadable")
    identity, name, code, reference = map(str, texts)
    licences = data.get("licences", [])
    if identity not in _CODE_TYPES or not isinstance(licences, list) or len(licences) > _MOST_LICENCES:
        return ForeignAnswer("unreadable")
    if not all(isinstance(item, str) and len(item) <= _LONGEST for item in licences):
        return ForeignAnswer("unreadable")
    return ForeignAnswer("resolved", ForeignHolder(_CODE_TYPES[identity], code, name, tuple(map(str, licences))), reference)
