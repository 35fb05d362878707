"""The errors of this format."""

from __future__ import annotations


class OfdError(ValueError):
    """These bytes are not an OFD that may be read. `reason` is a stable lower_snake code, `detail` names the place."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class FaceError(ValueError):
    """This licence face cannot be drawn truthfully. `reason` is a stable code; nothing is ever left out silently."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
