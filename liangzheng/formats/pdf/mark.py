"""How a PDF is known, without loading anything that reads one."""

from __future__ import annotations


def is_pdf(data: bytes) -> bool:
    """Say whether these bytes claim to be a PDF (ISO 32000-1, 7.5.2)."""
    return data.startswith(b"%PDF-")
