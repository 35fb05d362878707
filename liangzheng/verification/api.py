"""Routes of verification: the one table of words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from liangzheng.verification.words import words

router = Router(tags=["verification"])


@router.get("/reasons", response=dict[str, Any], auth=None)
def reasons(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - public
    """Give the wordings of checks, reasons, standings and errors."""
    return words()
