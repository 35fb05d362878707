"""Public keys of P-256 and SM2 by their x and the parity of their y (SEC 1, 2.3.3 and 2.3.4; GB/T 32918.1, 4.2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey

# p and b of y² = x³ - 3x + b: SP 800-186, 3.2.1.3; GB/T 32918.5-2017, clause 2. Both p are 3 modulo 4.
_CURVES: Mapping[type[P256PublicKey | SM2PublicKey], tuple[int, int]] = {
    P256PublicKey: (
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    SM2PublicKey: (
        0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
        0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    ),
}
_FIELD = 32


def compress(key: P256PublicKey | SM2PublicKey) -> tuple[bytes, bool]:
    """Give x (32 bytes) and whether y is odd."""
    return key.point[1 : 1 + _FIELD], bool(key.point[-1] & 1)


def decompress(kind: type[P256PublicKey | SM2PublicKey], x: bytes, *, is_odd: bool) -> P256PublicKey | SM2PublicKey:
    """Give the key of this curve with this x and parity; BadKey when there is none."""
    p, b = _CURVES[kind]
    number = int.from_bytes(x, "big")
    y = pow(number**3 - 3 * number + b, (p + 1) // 4, p)
    if bool(y & 1) is not is_odd:
        y = p - y
    # `from_point` refuses what is off the curve: a square root that is none, an x out of range.
    if len(x) != _FIELD or y == p:
        raise BadKey("not the x of a point")
    return kind.from_point(b"\x04" + x + y.to_bytes(_FIELD, "big"))
