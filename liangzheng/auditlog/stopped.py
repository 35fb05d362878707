"""Why the log stopped. Nothing is signed any more until a person has looked; rows are still written, and wait."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "clock_went_back",
    "config_unreadable",
    "database_of_another_cluster",
    "database_rolled_back",
    "file_missing",
    "files_damaged",
    "log_renamed",
    "row_changed",
    "sealed_by_another",
    "witness_differs",
    "witness_is_ahead",
    "witnesses_silent",
]


class LogStopped(Exception):  # noqa: N818 - reads as the fact it is
    """`reason` is a stable word, `detail` names the row, file or witness; it holds no personal data."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail
