"""Routes of the log: who signs it, and proofs that it only grew."""

from __future__ import annotations

import base64
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from liangzheng.auditlog.proofs import log_names, prove_growth

router = Router(tags=["log"])
Size = Annotated[int, Query(ge=1, le=2**53 - 1)]


class LogOut(Schema):
    """The log's name, the keys it signs with (C2SP vkeys), its state, and how many entries of the tree are in it."""

    origin: str
    keys: list[str]
    witness: str
    size: int
    checkpoint: str


class ConsistencyOut(Schema):
    """Hashes (base64) that show the tree of `old` entries to be the beginning of that of `new`."""

    old: int
    new: int
    proof: list[str]


@router.get("/log", response=LogOut)
def log(request: HttpRequest) -> LogOut:  # noqa: ARG001 - ninja's signature
    """Say which log this is, by which keys it is signed, and where it stands."""
    return LogOut(**log_names())


@router.get("/log/consistency", response=ConsistencyOut)
def consistency(request: HttpRequest, old: Size, new: Size) -> ConsistencyOut:  # noqa: ARG001 - ninja's signature
    """Prove that a larger tree contains a smaller one (RFC 6962, 2.1.2)."""
    return ConsistencyOut(old=old, new=new, proof=[base64.b64encode(step).decode() for step in prove_growth(old, new)])
