"""Write tests/vectors/codes.json, which Python and TypeScript read: presentation codes, SM2 signatures, Base45, short codes.

Run `python -m dev.vectors` after the format changed. Keys and nonces are fixed, so the file comes out the same byte for byte;
the keys protect nothing. Signing is done here by schoolbook arithmetic (GB/T 32918.2, 6.1), apart from the product's own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "codes.json"

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SIGNER_ID = b"1234567812345678"
DOMAIN = b"liangzheng code v1\x00"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
UUID7 = "019aa5e0-7c00-7a5b-8c3d-0123456789ab"
ISSUED = 1_795_334_400  # 2026-11-22T08:00:00Z
Point = tuple[int, int]


def add(one: Point | None, two: Point | None) -> Point | None:
    """Add two points; None is the point at infinity."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(scalar: int) -> Point:
    """Multiply the generator."""
    total, power = None, G
    while scalar:
        if scalar & 1:
            total = add(total, power)
        doubled = add(power, power)
        scalar >>= 1
        if doubled is not None:
            power = doubled
    if total is None:
        raise ValueError("the point at infinity")
    return total


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


@dataclass(frozen=True, slots=True)
class Key:
    """A demo key: its scalar is the digest of its name."""

    name: str

    @property
    def scalar(self) -> int:
        return int.from_bytes(hashlib.sha256(f"liangzheng demo key {self.name}".encode()).digest(), "big") % (N - 2) + 1

    @property
    def point(self) -> bytes:
        x, y = times(self.scalar)
        return b"\x04" + number(x) + number(y)

    @property
    def key_id(self) -> bytes:
        return sm3(self.point)[:4]

    def sign(self, message: bytes, signer_id: bytes = SIGNER_ID) -> tuple[int, int]:
        """Sign with a nonce that depends on key and message alone (fit for test vectors only)."""
        curve = number(A) + number(B) + number(G[0]) + number(G[1])
        identity = sm3((len(signer_id) * 8).to_bytes(2, "big") + signer_id + curve + self.point[1:])
        digest = sm3(identity + message)
        nonce = int.from_bytes(hashlib.sha256(number(self.scalar) + digest).digest(), "big") % (N - 1) + 1
        r = (int.from_bytes(digest, "big") + times(nonce)[0]) % N
        s = pow(1 + self.scalar, -1, N) * (nonce - r * self.scalar) % N
        return r, s

    def document(self) -> dict[str, str]:
        return {"scalar": number(self.scalar).hex(), "point": self.point.hex(), "key_id": self.key_id.hex()}


PLATFORM, OTHER = Key("platform"), Key("other")


def der_integer(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes((2, len(content))) + content


def der_pair(r: int, s: int) -> bytes:
    content = der_integer(r) + der_integer(s)
    return bytes((0x30, len(content))) + content


def base45(data: bytes) -> str:
    text = ""
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text += BASE45[digit]
    return text


def wide(text: str) -> str:
    """Write ASCII in its full-width forms."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a code, so that a vector can differ in one of them."""

    kind: int = 1
    version: int = 1
    key: Key = PLATFORM
    uuid: str = UUID7
    issued: int = ISSUED
    lifetime: int = 60
    domain: bytes = DOMAIN

    def payload(self) -> bytes:
        head = bytes((self.version, self.kind)) + self.key.key_id + bytes.fromhex(self.uuid.replace("-", ""))
        return head + self.issued.to_bytes(4, "big") + bytes((self.lifetime,))

    def signed(self) -> bytes:
        r, s = self.key.sign(self.domain + self.payload())
        return self.payload() + number(r) + number(s)

    def expected(self, *, signed: bool = True) -> dict[str, object]:
        return {
            "kind": {1: "holder", 2: "badge"}[self.kind],
            "key_id": self.key.key_id.hex(),
            "code_id": self.uuid,
            "issued_at": self.issued,
            "expires_at": self.issued + self.lifetime,
            "lifetime": self.lifetime,
            "signed": signed,
        }


def holder(data: bytes) -> str:
    return "LZ1:" + base45(data)


def forgeries() -> list[tuple[str, bytes]]:
    """List codes that say what a good one says, badly signed."""
    plain = Parts()
    payload, signature = plain.payload(), plain.signed()[27:]
    return [
        ("r and s swapped", payload + signature[32:] + signature[:32]),
        ("signature of another code", payload + Parts(issued=ISSUED + 1).signed()[27:]),
        ("signed for another purpose", Parts(domain=b"liangzheng code v2\x00").signed()),
        ("signature of zeros", payload + bytes(64)),
        ("signature out of range", payload + b"\xff" * 64),
        ("another key under the platform's key id", payload + b"".join(number(part) for part in OTHER.sign(DOMAIN + payload))),
    ]


def good_codes() -> list[dict[str, object]]:
    """List codes that read, well signed or not; `signed` is judged with the platform's key alone."""
    plain, badge = Parts(), Parts(kind=2, lifetime=45)
    early, late = Parts(issued=0, lifetime=1), Parts(issued=0xFFFFFFFF, lifetime=255)
    changed = bytearray(plain.signed())
    changed[26] = 61
    return [
        {"name": "holder", "form": "holder", "text": holder(plain.signed()), "expect": plain.expected()},
        {"name": "badge", "form": "badge", "text": base64url(badge.signed()), "expect": badge.expected()},
        {
            "name": "badge in an address",
            "form": "badge",
            "text": f"https://liangzheng.example/b/{base64url(badge.signed())}",
            "expect": badge.expected(),
        },
        {"name": "earliest time, shortest life", "form": "holder", "text": holder(early.signed()), "expect": early.expected()},
        {"name": "latest time, longest life", "form": "holder", "text": holder(late.signed()), "expect": late.expected()},
        {
            "name": "key nobody trusts",
            "form": "holder",
            "text": holder(Parts(key=OTHER).signed()),
            "expect": Parts(key=OTHER).expected(signed=False),
        },
        {
            "name": "lifetime lengthened after signing",
            "form": "holder",
            "text": holder(bytes(changed)),
            "expect": Parts(lifetime=61).expected(signed=False),
        },
        *(unsigned(name, data) for name, data in forgeries()),
    ]


def unsigned(name: str, data: bytes) -> dict[str, object]:
    return {"name": name, "form": "holder", "text": holder(data), "expect": Parts().expected(signed=False)}


def bad_codes() -> list[dict[str, object]]:
    """List texts that are no such code, with the reason."""
    good, badge = Parts().signed(), Parts(kind=2).signed()
    text, token = holder(good), base64url(badge)
    loose = token[:-1] + chr(ord(token[-1]) + 1)  # the last character carries two bits and four zeros
    texts = [
        ("holder", "empty", "", "code_unreadable"),
        ("holder", "prefix alone", "LZ1:", "code_unreadable"),
        ("holder", "lower case", "LZ1:" + text[4:].lower(), "code_unreadable"),
        ("holder", "lower-case prefix", text.lower(), "foreign_code"),
        ("holder", "cut off", text[:-1], "code_unreadable"),
        ("holder", "one character more", text + "0", "code_unreadable"),
        ("holder", "trailing line feed", text + "\n", "code_unreadable"),
        ("holder", "leading space", " " + text, "foreign_code"),
        ("holder", "group beyond two bytes", text[:4] + ":::" + text[7:], "code_unreadable"),
        ("holder", "full-width letter", text[:5] + wide(text[5]) + text[6:], "code_unreadable"),
        ("holder", "version 2", holder(Parts(version=2).signed()), "code_unreadable"),
        ("holder", "version 0", holder(Parts(version=0).signed()), "code_unreadable"),
        ("holder", "kind 0", holder(Parts(kind=0).signed()), "code_unreadable"),
        ("holder", "kind 3", holder(Parts(kind=3).signed()), "code_unreadable"),
        ("holder", "badge in holder's clothes", holder(badge), "wrong_code_kind"),
        ("holder", "id is a UUIDv4", holder(Parts(uuid="8c3d4e5f-0123-4567-89ab-cdef01234567").signed()), "code_unreadable"),
        ("holder", "id of another variant", holder(Parts(uuid=UUID7.replace("-8c3d-", "-cc3d-")).signed()), "code_unreadable"),
        ("holder", "lifetime 0", holder(Parts(lifetime=0).signed()), "code_unreadable"),
        ("holder", "90 bytes", holder(good[:-1]), "code_unreadable"),
        ("holder", "92 bytes", holder(good + b"\x00"), "code_unreadable"),
        ("holder", "a badge", token, "wrong_code_kind"),
        ("holder", "a short code", "K7QF-29XM", "wrong_code_kind"),
        ("holder", "somebody else's code", "https://example.com/qr?id=1", "foreign_code"),
        ("badge", "empty", "", "code_unreadable"),
        ("badge", "padding", token + "==", "foreign_code"),
        ("badge", "cut off", token[:-1], "foreign_code"),
        ("badge", "unused bits set", loose, "code_unreadable"),
        ("badge", "holder's code in badge's clothes", base64url(good), "wrong_code_kind"),
        ("badge", "a holder's code", text, "wrong_code_kind"),
        ("badge", "version 2", base64url(Parts(kind=2, version=2).signed()), "code_unreadable"),
        ("badge", "another path", f"https://liangzheng.example/c/{token}", "foreign_code"),
        ("badge", "with a query", f"https://liangzheng.example/b/{token}?x=1", "foreign_code"),
    ]
    return [{"name": name, "form": form, "text": text, "expect": {"reason": reason}} for form, name, text, reason in texts]


def forms() -> list[dict[str, str]]:
    """List texts with what `classify` calls them."""
    token = base64url(Parts(kind=2).signed())
    rows = [
        (holder(Parts().signed()), "holder_code"),
        ("LZ1:", "holder_code"),
        (token, "badge_code"),
        (f"/b/{token}", "badge_code"),
        (f"http://127.0.0.1:8000/b/{token}", "badge_code"),
        (f"https://user@liangzheng.example/b/{token}#x", "foreign_code"),
        ("K7QF-29XM", "short_code"),
        ("k7qf29xm", "short_code"),
        (f" {wide('K7QF-29XM')} ", "short_code"),
        ("K7QF-29X", "foreign_code"),
        ("K7QF-29XU", "foreign_code"),
        ("https://example.com/", "foreign_code"),
        ("LZ2:ABC", "foreign_code"),
        ("中文", "foreign_code"),
        ("", "unreadable"),
        ("   ", "unreadable"),
        ("a\u0000b", "unreadable"),
        ("a\u202eb", "unreadable"),
        ("x" * 4096, "foreign_code"),
        ("x" * 4097, "unreadable"),
    ]
    return [{"text": text, "form": form} for text, form in rows]


def signatures() -> list[dict[str, object]]:
    """List DER signatures over a message, good and bad."""
    message = "现场检查".encode()
    r, s = PLATFORM.sign(message)
    custom = PLATFORM.sign(message, b"ALICE123@YAHOO.COM")
    good = der_pair(r, s)
    rows = [
        ("good", good, SIGNER_ID, True),
        ("good, another signer id", der_pair(*custom), b"ALICE123@YAHOO.COM", True),
        ("signer id exchanged", der_pair(*custom), SIGNER_ID, False),
        ("r is 0", der_pair(0, s), SIGNER_ID, False),
        ("s is 0", der_pair(r, 0), SIGNER_ID, False),
        ("r is n", der_pair(N, s), SIGNER_ID, False),
        ("r plus n", der_pair(r + N, s), SIGNER_ID, False),
        ("s plus n", der_pair(r, s + N), SIGNER_ID, False),
        ("swapped", der_pair(s, r), SIGNER_ID, False),
        ("s mirrored", der_pair(r, N - s), SIGNER_ID, False),
        ("trailing byte", good + b"\x00", SIGNER_ID, False),
        ("cut off", good[:-1], SIGNER_ID, False),
        ("empty", b"", SIGNER_ID, False),
        ("long-form length", good[:1] + b"\x81" + good[1:], SIGNER_ID, False),
        ("raw", number(r) + number(s), SIGNER_ID, False),
    ]
    return [
        {
            "name": name,
            "key": "platform",
            "signer_id": signer.hex(),
            "message": message.hex(),
            "signature": data.hex(),
            "good": good_one,
        }
        for name, data, signer, good_one in rows
    ]


def document() -> dict[str, object]:
    """Put everything together."""
    plain = [b"", b"\x00", b"\xff", b"AB", b"Hello!!", b"base-45", b"ietf!", bytes(range(256))]
    return {
        "about": "Written by `python -m dev.vectors`; do not edit. Keys for tests only. Times are Unix seconds, bytes are hex.",
        "keys": {key.name: key.document() for key in (PLATFORM, OTHER)},
        "codes": [*good_codes(), *bad_codes()],
        "forms": forms(),
        "signatures": signatures(),
        "base45": [{"bytes": data.hex(), "text": base45(data)} for data in plain],
        "base45_bad": ["A", ":::", "GGX", "::", "ZZ ", "bb8", "a1", "中文字"],
        "short_codes": [
            {"typed": typed, "code": "K7QF29XM", "shown": "K7QF-29XM"}
            for typed in ("K7QF-29XM", "k7qf29xm", "K7QF 29XM", " k7qf–29xm ", wide("K7QF-29XM"))
        ]
        + [{"typed": "oIl0-1234", "code": "01101234", "shown": "0110-1234"}],
        "short_codes_bad": ["", "K7QF-29X", "K7QF-29XMM", "K7QF-29XU", "K7QF_29XM", "K7QF-29X中", "K" * 40],
        "short_codes_drawn": [
            {"bytes": "0000000000", "code": "00000000"},
            {"bytes": "ffffffffff", "code": "ZZZZZZZZ"},
            {"bytes": "0123456789", "code": "04HMASW9"},
        ],
    }


def text() -> str:
    """Write the file's text."""
    return json.dumps(document(), ensure_ascii=True, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(TARGET)
