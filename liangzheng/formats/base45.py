"""Base45 (RFC 9285): bytes as the 45 characters that a QR code stores most tightly."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


class Base45Error(ValueError):
    """This text is not Base45."""


def encode(data: bytes) -> str:
    """Write two bytes as three characters, a last single byte as two."""
    text: list[str] = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text.append(ALPHABET[digit])
    return "".join(text)


def decode(text: str) -> bytes:
    """Read Base45 strictly: upper case, no stray character, no group beyond its bytes."""
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        try:
            value = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
        except KeyError as error:
            raise Base45Error("a character outside the alphabet") from error
        size = len(group) - 1
        if size == 0 or value >> 8 * size:
            raise Base45Error("a group that stands for no bytes")
        data += value.to_bytes(size, "big")
    return bytes(data)
