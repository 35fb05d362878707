"""Forged COSE messages, events of a device's queue, and field packs: manifest, parts, differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random
from uuid import UUID

from dev.vectors_offline import PACK
from liangzheng.crypto.digests import sha256
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats import cose
from liangzheng.formats.cbor import CborValue, Tagged, decode, encode
from liangzheng.formats.cose import MalformedSign1, UnverifiedSign1, read_sign1, write_sign1
from liangzheng.formats.device_event import EXTERNAL_DATA, FIRST, Happened, MalformedEvent, make_event, read_event
from liangzheng.verification import pack_wire
from liangzheng.verification.field_pack import Limits, Physical
from liangzheng.verification.pack_wire import MalformedPack, Manifest, Part, write_delta, write_manifest
from tests.mutants.campaign import UNREADABLE, Answer, Family, Parts, Patch, Subject
from tests.mutants.tokens import any_cbor, members
from tests.mutants.trees import bytewise, cbor_change, text_change

KEYS: Mapping[str, Callable[[], cose.PrivateKey]] = {
    "SM2": SM2PrivateKey.generate,
    "ES256": P256PrivateKey.generate,
    "EdDSA": Ed25519PrivateKey.generate,
}
_SIGNED_OFF: tuple[Patch, ...] = ((UnverifiedSign1, "is_signed_by", lambda *_parts, **_facts: True),)
_PART_OFF: tuple[Patch, ...] = ((pack_wire, "checked", lambda data, _digest: data),)


def _read_any(data: bytes, key: SM2PublicKey | P256PublicKey, **_newer_than: int) -> Manifest:
    return _READ_MANIFEST(data, key)


_READ_MANIFEST = pack_wire.read_manifest
_NUMBER_OFF: tuple[Patch, ...] = ((pack_wire, "read_manifest", _read_any),)
_WORDS: tuple[Physical, ...] = ("accepted", "required")
Make = Callable[[Random], bytes]


def _answer(*, is_valid: bool, check: str) -> Answer:
    return Answer(is_valid, () if is_valid else (check,))


def _signed_part(parts: Parts) -> object:
    message = read_sign1(parts[0])
    return message.signed_headers, message.payload


def _under(token: bytes, payload: bytes) -> bytes:
    """Another payload under the signature of this message."""
    headers, unprotected, _, signature = members(token)
    return encode(Tagged(18, (headers, unprotected, payload, signature)))


def _made(subject: Subject, check: str, forged: Mapping[str, Make], anyhow: Mapping[str, Make], share: float) -> list[Family]:
    """Families of one file each: forged ones, which the signature alone catches, and random ones."""
    families = [
        Family(subject, name, lambda dice, make=make: (make(dice),), check, _SIGNED_OFF)  # type: ignore[misc]
        for name, make in forged.items()
    ]
    return [
        *families,
        *(Family(subject, name, lambda dice, make=make: (make(dice),), "", (), share) for name, make in anyhow.items()),  # type: ignore[misc]
    ]


def cose_families(algorithm: str) -> list[Family]:
    """A message as this platform writes them: protected header, payload, purpose in the external data."""
    key, domain = KEYS[algorithm](), b"liangzheng demo v1"
    payload: dict[int | str | bytes, CborValue] = {1: "演示", 2: 7, 3: bytes(8), 4: (1, 2, {5: True})}
    good = write_sign1(encode(payload), key, protected={4: b"demo"}, external_data=domain)

    def judge(parts: Parts) -> Answer:
        try:
            message = read_sign1(parts[0])
        except MalformedSign1:
            return UNREADABLE
        return _answer(is_valid=message.is_signed_by(key.public_key, external_data=domain), check="message_signature")

    def changed(dice: Random) -> bytes:
        return encode({**payload, 2: dice.randrange(8, 10**6)})

    def signed(dice: Random, by: cose.PrivateKey, purpose: bytes) -> bytes:
        return write_sign1(changed(dice), by, protected={4: b"demo"}, external_data=purpose)

    subject = Subject(f"COSE_Sign1 ({algorithm})", (good,), judge, _signed_part)
    forged: dict[str, Make] = {
        "payload changed": lambda dice: _under(good, changed(dice)),
        "signed with another key": lambda dice: signed(dice, KEYS[algorithm](), domain),
        "signed for another purpose": lambda dice: signed(
            dice, key, dice.choice((b"", b"liangzheng pack v1", dice.randbytes(9)))
        ),
        "protected header changed": lambda dice: _other_header(good, dice),
    }
    anyhow = {"random: a member": lambda dice: any_cbor(good, dice), "random: bytes": lambda dice: bytewise(good, dice)}
    return _made(subject, "message_signature", forged, anyhow, 4)


def _other_header(token: bytes, dice: Random) -> bytes:
    headers, *rest = members(token)
    assert isinstance(headers, bytes)
    found = decode(headers)
    assert isinstance(found, Mapping)
    return encode(Tagged(18, (encode({**found, 4: dice.randbytes(4)}), *rest)))


def _other_event(scan: Happened, dice: Random) -> Happened:
    changes: tuple[dict[str, object], ...] = (
        {"counter": dice.randrange(3, 10**6)},
        {"previous": dice.randbytes(32)},
        {"at": scan.at + dice.randrange(1, 10**6)},
        {"elapsed": dice.randrange(10**3)},
        {"kind": dice.choice(("undo", "presence", "late_entry"))},
        {"act": UUID(int=dice.getrandbits(128))},
        {"device": UUID(int=dice.getrandbits(128))},
        {"body": {**scan.body, "verdict": text_change("{}", dice).encode()}},
    )
    return replace(scan, **dice.choice(changes))  # type: ignore[arg-type]


def event_families(algorithm: str) -> list[Family]:
    """An event that a phone signed without signal."""
    key = SM2PrivateKey.generate() if algorithm == "SM2" else P256PrivateKey.generate()
    scan = Happened(
        device=UUID("019391f0-0000-7000-8000-000000000001"), counter=2, previous=sha256(FIRST), at=1_795_400_000,
        server_time=1_795_399_000, elapsed=1000, kind="scan", act=UUID("019391f0-0000-7000-8000-000000000002"),
        body={"text": "LZ2:演示", "method": "camera", "verdict": b"{}", "pack": 7, "id": bytes(16)},
    )  # fmt: skip
    good = make_event(scan, key)

    def judge(parts: Parts) -> Answer:
        try:
            event = read_event(parts[0])
        except MalformedEvent:
            return UNREADABLE
        return _answer(is_valid=event.is_signed_by(key.public_key), check="event_signature")

    def for_another(dice: Random) -> bytes:
        payload = read_event(make_event(_other_event(scan, dice), key)).message.payload
        return write_sign1(
            payload, key, protected={}, external_data=dice.choice((b"", b"liangzheng pack v1", EXTERNAL_DATA + b" "))
        )

    subject = Subject(f"event of a phone ({algorithm})", (good,), judge, _signed_part)
    forged: dict[str, Make] = {
        "changed": lambda dice: _under(good, read_event(make_event(_other_event(scan, dice), key)).message.payload),
        "signed with another key": lambda dice: make_event(_other_event(scan, dice), KEYS[algorithm]()),
        "signed for another purpose": for_another,
    }
    anyhow = {"random: a member": lambda dice: any_cbor(good, dice), "random: bytes": lambda dice: bytewise(good, dice)}
    return _made(subject, "event_signature", forged, anyhow, 5)


@dataclass(frozen=True, slots=True)
class Pack:
    """A signed manifest with its parts as they travel: three deflated, and the status list as the difference to an older one."""

    key: SM2PrivateKey | P256PrivateKey
    manifest: Manifest
    plain: tuple[bytes, ...]
    older: bytes
    parts: Parts

    def judge(self, parts: Parts) -> Answer:
        """Read a pack as a phone does that has number 7 and the older status list."""
        try:
            manifest = pack_wire.read_manifest(parts[0], self.key.public_key, newer_than=7)
        except MalformedPack as error:
            return Answer(is_valid=False, caught=("pack_number" if "older" in str(error) else "pack_signature",))
        try:
            self._read(manifest, parts[1:])
        except MalformedPack:
            return Answer(is_valid=False, caught=("pack_parts",))
        return Answer(is_valid=len(manifest.parts) == len(parts) - 1)

    def _read(self, manifest: Manifest, parts: Parts) -> list[bytes]:
        found = []
        for named, data in zip(manifest.parts, parts, strict=False):
            if named.kind == pack_wire.STATUS:
                plain = pack_wire.apply_delta(self.older, data, named.digest)
            else:
                plain = pack_wire.checked(pack_wire.inflate(data), named.digest)
            _READERS[named.kind](plain)
            found.append(plain)
        return found

    def content(self, parts: Parts) -> object:
        manifest = pack_wire.read_manifest(parts[0], self.key.public_key)
        return read_sign1(parts[0]).payload, self._read(manifest, parts[1:])


_READERS: Mapping[str, Callable[[bytes], object]] = {
    pack_wire.TRUST: pack_wire.read_keys,
    pack_wire.STATUS: pack_wire.read_status,
    pack_wire.CATALOGUE: pack_wire.read_usable,
}


@cache
def pack(algorithm: str) -> Pack:
    """Make a good pack once for a process."""
    key = SM2PrivateKey.generate() if algorithm == "SM2" else P256PrivateKey.generate()
    (listed,) = PACK.statuses.values()
    older = pack_wire.write_status(replace(listed, packed=bytes(len(listed.packed))))
    plain = pack_wire.write_keys(PACK.code_keys), pack_wire.write_status(listed), pack_wire.write_usable(PACK.usable)
    kinds = (pack_wire.TRUST, pack_wire.STATUS, pack_wire.CATALOGUE)
    named = tuple(Part(kind, sha256(data), len(data), kind) for kind, data in zip(kinds, plain, strict=True))
    manifest = Manifest(7, PACK.issued_at, PACK.expires_at, PACK.beacon, named, Limits())
    travelling = zlib.compress(plain[0]), write_delta(older, plain[1]), zlib.compress(plain[2])
    return Pack(key, manifest, plain, older, (write_manifest(manifest, key), *travelling))


def _other_manifest(found: Pack, dice: Random, **facts: int) -> Manifest:
    changes = ({"number": dice.randrange(8, 10**6)}, {"expires_at": found.manifest.expires_at + dice.randrange(1, 10**7)})
    return replace(found.manifest, **(dice.choice(changes) | facts), beacon=dice.randrange(10**9))  # type: ignore[arg-type]


def _manifest_changed(found: Pack, dice: Random) -> Parts:
    payload = read_sign1(write_manifest(_other_manifest(found, dice), found.key)).payload
    return (_under(found.parts[0], payload), *found.parts[1:])


def _other_key(found: Pack, dice: Random) -> Parts:
    key = type(found.key).generate()
    return (write_manifest(_other_manifest(found, dice), key), *found.parts[1:])


def _rolled_back(found: Pack, dice: Random) -> Parts:
    return (write_manifest(_other_manifest(found, dice, number=dice.randrange(7)), found.key), *found.parts[1:])


def _with_part(found: Pack, place: int, part: bytes) -> Parts:
    return (*found.parts[: place + 1], part, *found.parts[place + 2 :])


def _part_changed(found: Pack, dice: Random) -> Parts:
    """Another key, place or type, well-formed again."""
    place = dice.randrange(3)
    if place == 0:
        keys = {dice.randbytes(8): item for item in PACK.code_keys.values()}
        return _with_part(found, 0, zlib.compress(pack_wire.write_keys(keys)))
    if place == 1:
        (listed,) = PACK.statuses.values()
        cleared = bytes(byte & dice.randrange(256) for byte in listed.packed[:-1]) + dice.randbytes(1)
        return _with_part(found, 1, write_delta(found.older, pack_wire.write_status(replace(listed, packed=cleared))))
    usable = {**PACK.usable, f"T{dice.randrange(10**6)}": dice.choice(_WORDS)}
    return _with_part(found, 2, zlib.compress(pack_wire.write_usable(usable)))


def _any_bytes(found: Pack, dice: Random) -> Parts:
    place = dice.randrange(3)
    return _with_part(found, place, bytewise(found.parts[place + 1], dice))


def _any_member(found: Pack, dice: Random) -> Parts:
    place = dice.choice((0, 2))
    return _with_part(found, place, zlib.compress(encode(cbor_change(decode(found.plain[place]), dice))))


def _deflated_otherwise(found: Pack, dice: Random) -> Parts:
    place = dice.choice((0, 2))
    return _with_part(found, place, zlib.compress(found.plain[place], dice.randrange(6)))


def pack_families(algorithm: str) -> list[Family]:
    """Every forgery of a field pack."""
    found = pack(algorithm)
    subject = Subject(f"field pack ({algorithm})", found.parts, found.judge, found.content)
    made: list[tuple[str, Callable[[Pack, Random], Parts], str, tuple[Patch, ...], float]] = [
        ("manifest changed", _manifest_changed, "pack_signature", _SIGNED_OFF, 1),
        ("signed with another key", _other_key, "pack_signature", _SIGNED_OFF, 1),
        ("an older number", _rolled_back, "pack_number", _NUMBER_OFF, 1),
        ("a part changed", _part_changed, "pack_parts", _PART_OFF, 1),
        ("random: a member of the manifest", lambda pack, dice: (any_cbor(pack.parts[0], dice), *pack.parts[1:]), "", (), 3),
        ("random: bytes of the manifest", lambda pack, dice: (bytewise(pack.parts[0], dice), *pack.parts[1:]), "", (), 3),
        ("random: a member of a part", _any_member, "", (), 3),
        ("random: bytes of a part", _any_bytes, "", (), 3),
        ("equal: deflated otherwise", _deflated_otherwise, "", (), 0.05),
    ]
    return [Family(subject, name, partial(make, found), check, off, share) for name, make, check, off, share in made]


def every() -> list[Family]:
    return [
        *(family for algorithm in KEYS for family in cose_families(algorithm)),
        *(family for algorithm in ("SM2", "ES256") for family in (*event_families(algorithm), *pack_families(algorithm))),
    ]
