"""Tell a holder whose code of another system was read, through that system; it may be down, so it is tried again for a day."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from liangzheng.codes.foreign import Asking
from liangzheng.codes.foreign_ask import tell_holder

RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)
"""2, 4, 8 … seconds: a little over two hours in all."""


class NotDeliveredError(RuntimeError):
    """The other system did not take the message."""


@app.task(retry=RETRY)
def tell_foreign_holder(label: str, reference: str, agency: str, certificate_number: str, act_code: str, purpose: str) -> None:
    """Deliver one message."""
    if not tell_holder(label, reference, Asking(agency, certificate_number, act_code, purpose)):
        raise NotDeliveredError(label)
