"""The one error of every file reader: these bytes are not a file of that kind that may be read."""

from __future__ import annotations


class UnreadableFile(ValueError):  # noqa: N818 - a statement about the file, not a fault of the program
    """`reason` is a stable lower_snake code, `detail` names the place."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
