"""The errors of this format."""

from __future__ import annotations

from liangzheng.formats.unreadable import UnreadableFile


class OfdError(UnreadableFile):
    """These bytes are not an OFD that may be read."""


class FaceError(ValueError):
    """This licence face cannot be drawn truthfully. `reason` is a stable code; nothing is ever left out silently."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
