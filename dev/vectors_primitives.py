"""Write tests/vectors/primitives.json, which Python and TypeScript read: SM3, SM2 and ES256 signatures, CBOR, bounded zlib.

Run `python -m dev.vectors_primitives`. Everything comes from fixed seeds, so the file comes out the same byte for byte. CBOR is
good by the way it was made; a mutant carries the Python reader's answer, whose own tests hold it to RFC 8949.
"""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from dev.vectors import PLATFORM, N, number, sm3
from liangzheng.formats.cbor import CborError, CborKey, CborValue, decode, encode

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "primitives.json"
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MESSAGES = (b"", b"abc", "亮证".encode(), bytes(range(256)), b"x" * 1_000)


def digests() -> list[dict[str, str]]:
    """Lengths around every border of the padding."""
    return [{"message": data.hex(), "sm3": sm3(data).hex()} for data in (b"abc" * 30, *(b"\xa5" * size for size in range(131)))]


def spoiled(r: int, s: int, order: int) -> list[tuple[str, int, int]]:
    """Pairs that are no signature; the last is out of range but equal modulo the order."""
    return [
        ("r and s swapped", s, r),
        ("r + 1", (r + 1) % order, s),
        ("s + 1", r, (s + 1) % order),
        ("r = 0", 0, s),
        ("s = 0", r, 0),
        ("r = order", order, s),
        ("s = order", r, order),
        ("zeros", 0, 0),
        ("s = order - r", r, (order - r) % order),
        ("r out of range", (1 << 256) - 1, s),
    ]


def sm2_pairs(message: bytes) -> tuple[int, int]:
    return PLATFORM.sign(message)


def p256_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(PLATFORM.scalar % P256_N, ec.SECP256R1())


def p256_pair(message: bytes) -> tuple[int, int]:
    return decode_dss_signature(p256_key().sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))


def signatures() -> list[dict[str, object]]:
    """Good and spoiled pairs of both kinds; negating s keeps an ECDSA signature good and breaks an SM2 one."""
    shown = p256_key().public_key().public_numbers()
    points = {"SM2": PLATFORM.point, "ES256": b"\x04" + number(shown.x) + number(shown.y)}
    rows: list[dict[str, object]] = []
    for algorithm, pair_of, order in (("SM2", sm2_pairs, N), ("ES256", p256_pair, P256_N)):
        for message in MESSAGES:
            r, s = pair_of(message)
            cases = [("good", r, s), ("s negated", r, order - s), *spoiled(r, s, order)]
            good = {"good", "s negated"} if algorithm == "ES256" else {"good"}
            rows.extend(
                {
                    "name": f"{algorithm} {name}, {len(message)} bytes",
                    "algorithm": algorithm,
                    "point": points[algorithm].hex(),
                    "message": message.hex(),
                    "signature": (number(one) + number(two)).hex(),
                    "good": name in good,
                }
                for name, one, two in cases
            )
    return rows


NUMBERS = (0, 1, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**64 - 1)
TEXTS = ("", "a", "亮证", "𠅤", "x" * 24, "\u0000", "e\u0301")
KEYS: tuple[CborKey, ...] = (1, 2, 24, -1, -70_001, "a", "name", "b")


def random_value(dice: random.Random, depth: int) -> CborValue:
    """One value of the kinds both readers know."""
    leaves: tuple[CborValue, ...] = (
        dice.choice(NUMBERS),
        -1 - dice.choice(NUMBERS),
        dice.randbytes(dice.choice((0, 1, 23, 24, 60))),
        dice.choice(TEXTS),
        dice.choice((True, False, None)),
        dice.randrange(-1_000, 1_000),
    )
    kind = dice.randrange(len(leaves) + 2 if depth else len(leaves))
    if kind < len(leaves):
        return leaves[kind]
    if kind == len(leaves):
        return tuple(random_value(dice, depth - 1) for _ in range(dice.randrange(5)))
    return {dice.choice(KEYS): random_value(dice, depth - 1) for _ in range(dice.randrange(5))}


def mutants(dice: random.Random, good: bytes) -> list[bytes]:
    """Change, cut, lengthen."""
    at = dice.randrange(len(good))
    flipped = good[:at] + bytes((good[at] ^ (1 << dice.randrange(8)),)) + good[at + 1 :]
    return [flipped, good[:-1], good + b"\x00", good[:at] + dice.randbytes(1) + good[at:]]


def has_python_only(value: CborValue) -> bool:
    """Floats and bytes as keys are read in Python alone: no format of the phone has one."""
    if isinstance(value, float):
        return True
    if isinstance(value, tuple):
        return any(map(has_python_only, value))
    if isinstance(value, dict):
        return any(isinstance(key, bytes) or has_python_only(item) for key, item in value.items())
    return False


def cbor_rows() -> list[dict[str, object]]:
    """Good values, then their mutants with the Python reader's answer."""
    dice, rows = random.Random(20_261_123), list[dict[str, object]]()
    for _ in range(150):
        good = encode(random_value(dice, 4))
        rows.append({"hex": good.hex(), "good": True})
        for mutant in mutants(dice, good):
            try:
                read = decode(mutant)
            except CborError:
                rows.append({"hex": mutant.hex(), "good": False})
                continue
            if not has_python_only(read):
                rows.append({"hex": mutant.hex(), "good": True})
    return rows


def zlib_rows() -> list[dict[str, object]]:
    """Streams with a limit on what may come out."""
    plain = bytes(random.Random(7).choices(b"liangzheng", k=2_000))
    good = zlib.compress(plain, 9)
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    bare = raw.compress(plain) + raw.flush()
    with_dictionary = zlib.compressobj(9, zdict=b"liangzheng")
    asking = with_dictionary.compress(plain) + with_dictionary.flush()
    gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
    rows = [
        ("exactly the limit", good, 2_000, True),
        ("empty content", zlib.compress(b""), 0, True),
        ("stored", zlib.compress(plain, 0), 2_000, True),
        ("one byte too many", good, 1_999, False),
        ("a bomb", zlib.compress(bytes(10_000_000), 9), 4_096, False),
        ("trailing byte", good + b"\x00", 2_000, False),
        ("two streams", good + good, 4_000, False),
        ("cut off", good[:-1], 2_000, False),
        ("without checksum", good[:-4], 2_000, False),
        ("wrong checksum", good[:-1] + bytes((good[-1] ^ 1,)), 2_000, False),
        ("bare deflate", bare, 2_000, False),
        ("gzip", gzip.compress(plain) + gzip.flush(), 2_000, False),
        ("asks for a dictionary", asking, 2_000, False),
        ("empty", b"", 2_000, False),
    ]
    return [{"name": name, "data": data.hex(), "largest": largest, "good": is_good} for name, data, largest, is_good in rows]


def text() -> str:
    """Give the file's text."""
    document = {"sm3": digests(), "signatures": signatures(), "cbor": cbor_rows(), "zlib": zlib_rows()}
    return json.dumps(document, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
