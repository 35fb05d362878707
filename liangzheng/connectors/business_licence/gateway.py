"""The national e-business-licence service, as pieced together from public integration material; its code is called `qrid`.

One question (business type 005) gives the firm's name and credit code; the code is of one use and lives shortly. The caller's
signature (`sign`) is made by a means the material does not show: the operator sets a fixed word; a live service needs more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from liangzheng.codes.foreign import Asking, ForeignAnswer, ForeignHolder, Outcome
from liangzheng.connectors.bounded_http import Trouble, ask

_OUTCOMES: dict[str, Outcome] = {"1": "unknown", "2": "expired", "3": "refused"}
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class BusinessLicenceGateway:
    """`pattern` fits the whole text of a code of this service."""

    label: str
    pattern: re.Pattern[str]
    url: str
    system: str
    authorisation: str
    signature: str

    def recognises(self, text: str) -> bool:
        """Say by its form whether this may be a code of the service."""
        return self.pattern.fullmatch(text) is not None

    def resolve(self, text: str, asking: Asking) -> ForeignAnswer:
        """Ask whose code it is; the service's contract has no place for who asks, the system code stands for it."""
        del asking
        head = {
            "syscode": self.system,
            "authcode": self.authorisation,
            "businesstype": "005",
            "sign": self.signature,
            "version": "2",
        }
        content = {"qrid": text, "rettype": "5", "opertime": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")}
        try:
            answer = ask(self.url, {"message_header": head, "message_content": content})
        except Trouble as trouble:
            return ForeignAnswer(trouble.kind)
        return _read(answer)

    def tell_holder(self, reference: str, asking: Asking) -> bool:
        """The service tells the firm itself; nothing is to be done."""
        del reference, asking
        return True


def _read(answer: dict[str, object]) -> ForeignAnswer:
    head, content = answer.get("message_header"), answer.get("message_content")
    if not isinstance(head, dict):
        return ForeignAnswer("unreadable")
    if head.get("errorCode") != "0":
        return ForeignAnswer(_OUTCOMES.get(str(head.get("errorCode")), "unreadable"))
    name, code = (content.get("entname"), content.get("uniscid")) if isinstance(content, dict) else (None, None)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST or not isinstance(code, str):
        return ForeignAnswer("unreadable")
    if not _CREDIT_CODE.fullmatch(code):
        return ForeignAnswer("unreadable")
    return ForeignAnswer("resolved", ForeignHolder("001", code, name, ()))
