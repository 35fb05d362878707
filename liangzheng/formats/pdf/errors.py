"""The error of this format."""

from __future__ import annotations

from liangzheng.formats.unreadable import UnreadableFile


class PdfError(UnreadableFile):
    """These bytes are not a PDF that may be read."""
