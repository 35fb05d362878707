"""Measure a field pack with the status of many licences: bytes to load, bytes of a daily delta, time to make and apply it.

`python -m dev.bench.pack [licences]`, a million by default. Places are drawn at random, the worst for compression: real lists
have runs, because licences of one issue end together. No public figure for withdrawn licences was found, so the shares bracket
what registers of transport and culture could show. Two lines go beyond: each licence shown on two phones, which makes two places
of it; and the limit of the format, every place drawn from all its values.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections.abc import Mapping

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.verification.field_pack import CodeKey, Limits, StatusSnapshot
from liangzheng.verification.offline import STATUS_REASONS
from liangzheng.verification.pack_wire import (
    CATALOGUE,
    STATUS,
    TRUST,
    Manifest,
    Part,
    apply_delta,
    inflate,
    read_status,
    write_delta,
    write_keys,
    write_manifest,
    write_status,
    write_usable,
)

NOW = 1_795_334_400
DAY = 86_400
SHARES = (1, 2, 1, 2, 2, 1, 1)  # of the seven bad values, most of them cancelled or suspended
MOST_WHOLE, MOST_DELTA = 2_000_000, 100_000  # bytes
RATES = ((0.005, 0.0002), (0.02, 0.001), (0.05, 0.002), (0.10, 0.005))
"""(not valid, changed in a day)."""
KEY = SM2PrivateKey.generate()


def drawn(places: int, share: float, draw: random.Random) -> bytearray:
    """A list in which this share of the places is not valid."""
    packed = bytearray(places // 2)
    put(packed, draw.sample(range(places), round(places * share)), draw)
    return packed


def put(packed: bytearray, places: list[int], draw: random.Random) -> None:
    """Let something happen at these places: a valid one ends, a bad one changes or is lifted."""
    values = draw.choices((0, *STATUS_REASONS), weights=(2, *SHARES), k=len(places))
    for place, value in zip(places, values, strict=True):
        shift = 4 * (place % 2)
        packed[place // 2] = packed[place // 2] & ~(15 << shift) | value << shift


def whole(listed: bytes | bytearray) -> tuple[int, bytes]:
    """Give the bytes of everything a phone loads first, and the plain status part."""
    status = write_status(StatusSnapshot(NOW, NOW + DAY, 4, bytes(listed)))
    others: Mapping[str, bytes] = {
        TRUST: write_keys({bytes((place,)) * 8: CodeKey(KEY.public_key, 0) for place in range(40)}),
        CATALOGUE: write_usable({f"11100000MB0187654XD{place:02d}": "accepted" for place in range(60)}),
    }
    plain = {STATUS: status, **others}
    parts = tuple(Part(name, sha256(data), len(data), name) for name, data in plain.items())
    manifest = write_manifest(Manifest(1, NOW, NOW + DAY // 2, NOW, parts, Limits()), KEY)
    return len(manifest) + sum(len(zlib.compress(data, 9)) for data in plain.values()), status


def measure(places: int, share: float, changes: float) -> tuple[int, int]:
    """Print one line; give the bytes of the whole and of the delta."""
    draw = random.Random(1)
    packed = drawn(places, share, draw)
    size, before = whole(packed)
    put(packed, draw.sample(range(places), round(places * changes)), draw)
    _, after = whole(packed)
    began = time.perf_counter()
    delta = write_delta(before, after)
    made = time.perf_counter()
    if apply_delta(before, delta, sha256(after)) != after:
        raise RuntimeError("the delta does not lead to the new part")
    applied = time.perf_counter()
    read_status(inflate(zlib.compress(after)))
    times = f"made in {1000 * (made - began):,.0f} ms, applied in {1000 * (applied - made):,.0f} ms"
    print(
        f"{places:>9,} places, {share:6.2%} not valid: whole {size:>9,} B"
        f" · {changes:6.2%} changed a day: delta {len(delta):>8,} B ({times})"
    )
    return size, len(delta)


def main() -> None:
    """Print the figures and hold those of realistic rates to the limits."""
    licences = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found = [measure(licences, share, changes) for share, changes in RATES]
    found.append(measure(2 * licences, *RATES[1]))  # each shown on two phones
    limit, _ = whole(random.Random(2).randbytes(licences // 2))
    print(f"{licences:>9,} places, all drawn at random (the format's limit): whole {limit:>9,} B")
    print(f"limits: whole {MOST_WHOLE:,} B, delta {MOST_DELTA:,} B")
    if limit > MOST_WHOLE or any(size > MOST_WHOLE or delta > MOST_DELTA for size, delta in found):
        sys.exit("a pack is larger than promised")


if __name__ == "__main__":
    main()
