"""The five ways in which a request cannot be done; `server/problems.py` maps them to RFC 9457 problem JSON.

A negative verdict is not an error: it is a value and is stored (`verification/verdict.py`).
"""

from __future__ import annotations

from collections.abc import Mapping


class CannotDo(Exception):  # noqa: N818 - the families read as facts: `raise NotFound(...)`
    """Base of the five families: a stable lower_snake `code`, a sentence for people, and facts that help them on."""

    def __init__(self, code: str, message: str, /, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts: Mapping[str, object] = facts


class NotFound(CannotDo):
    """404: it does not exist, or not for the one who asks."""


class NotAllowed(CannotDo):
    """403: the one who asks may not do this."""


class Refused(CannotDo):
    """409: allowed in general, but a rule or the present state forbids it now."""


class Malformed(CannotDo):
    """422: the input cannot be read."""


class Unavailable(CannotDo):
    """503: something this needs is down; trying again may help."""
