"""Signatures that are a pair (r, s) of 256-bit numbers, SM2 and ECDSA on P-256: DER and raw r || s, both strict.

The two forms are never guessed: a caller says which one it holds.
"""

from __future__ import annotations

from liangzheng.crypto import der

_SCALAR = 32
_LONGEST = 72  # SEQUENCE of two INTEGERs of at most 33 bytes


def pair_to_raw(signature: bytes, order: int) -> bytes:
    """Turn a DER signature into r || s, 64 bytes; DerError unless it is strict DER with 0 < r, s < order."""
    if len(signature) > _LONGEST:
        raise der.DerError("too long for a signature")
    fields = der.read(signature).fields()
    r, s = fields.take(der.INTEGER).integer(), fields.take(der.INTEGER).integer()
    fields.end()
    if not (0 < r < order and 0 < s < order):
        raise der.DerError("r or s is out of range")
    return r.to_bytes(_SCALAR, "big") + s.to_bytes(_SCALAR, "big")


def pair_from_raw(raw: bytes, order: int) -> bytes:
    """Turn r || s (64 bytes) into DER; DerError unless 0 < r, s < order."""
    r, s = int.from_bytes(raw[:_SCALAR], "big"), int.from_bytes(raw[_SCALAR:], "big")
    if len(raw) != 2 * _SCALAR or not (0 < r < order and 0 < s < order):
        raise der.DerError("not a raw signature")
    return der.sequence(der.integer(r), der.integer(s))


def is_strict_pair(signature: bytes, order: int) -> bool:
    """Say whether this is a strict DER signature with both numbers in range."""
    try:
        pair_to_raw(signature, order)
    except der.DerError:
        return False
    return True
