"""Forged codes: LZ1 of the platform, LZ2 with a credential and a proof, for either kind of key."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import cast
from uuid import UUID

from dev.vectors_offline import ACT, FACES, NOW, PACK, URI
from liangzheng.codes.offline_code import (
    CREDENTIAL_DOMAIN,
    PREFIX,
    Credential,
    CredentialKind,
    PrivateKey,
    Proof,
    StatusPlace,
    UnverifiedOfflineCode,
    key_id,
    make_credential,
    make_proof,
    read_offline_code,
)
from liangzheng.codes.signed import HOLDER_PREFIX, SignedCode, make_code, read_holder_text
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats import base45
from liangzheng.formats.cbor import CborValue, Tagged, decode, encode
from liangzheng.formats.trust_list import TrustEntry, TrustList, encode_trust_list
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification import code_texts, offline
from liangzheng.verification.field_pack import CodeKey
from liangzheng.verification.judge import judge as judge_any
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.signer_checks import TrustMaterial
from liangzheng.verification.verdict import Check, Result
from tests.mutants.campaign import UNREADABLE, Answer, Family, Parts, Patch, Subject, answer
from tests.mutants.controls import passing
from tests.mutants.tokens import any_cbor, members, signers
from tests.mutants.trees import bytewise, text_change
from tests.verification.sealed_licence import ISSUER_CODE, LONG
from tests.verification.sealed_licence import NOW as MOMENT

PAIRS = (("SM2", "ES256"), ("ES256", "SM2"))
CHALLENGE = bytes(range(16))


@dataclass(frozen=True, slots=True)
class Showing:
    """A good off-line code and all it is judged by; `gone` and `old` are keys the pack does not believe."""

    issuer: PrivateKey
    device: PrivateKey
    credential: Credential
    proof: Proof
    keys: Mapping[bytes, CodeKey]
    gone: PrivateKey
    text: str

    def judge(self, parts: Parts) -> Answer:
        text = parts[0].decode("utf-8", "replace")
        expect = Expect(audience=ACT, challenge=CHALLENGE)
        seen = {read_offline_code(self.text).showing[:-2] + "40"}  # the showing before this one
        report = judge_offline(
            text, replace(PACK, code_keys=self.keys), now=NOW, device=DeviceState(NOW - 90, 90, seen), expect=expect
        )
        return answer(report.verdict)

    def shown(self, credential: bytes, proof: bytes) -> Parts:
        return (write(credential, proof),)


def write(credential: bytes, proof: bytes, level: int = 9) -> bytes:
    return (PREFIX + base45.encode(zlib.compress(encode((2, credential, proof)), level))).encode()


def _key(algorithm: str) -> PrivateKey:
    return SM2PrivateKey.generate() if algorithm == "SM2" else P256PrivateKey.generate()


@cache
def showing(issuer: str, device: str) -> Showing:
    """Make a good showing once for a process."""
    key, device_key, gone = _key(issuer), _key(device), _key(issuer)
    credential = Credential(
        kind=CredentialKind.LICENCE,
        subject=UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
        issued_at=NOW - 86_400,
        expires_at=NOW + 6 * 86_400,
        device_key=device_key.public_key,
        face=FACES[CredentialKind.LICENCE],
        status=StatusPlace(URI, 0),
    )
    proof = Proof(issued_at=NOW - 5, counter=41, lifetime=30, audience=ACT, challenge=CHALLENGE)
    keys = {
        key_id(key.public_key): CodeKey(key.public_key, NOW - 10**7),
        key_id(gone.public_key): CodeKey(gone.public_key, NOW - 10**7, NOW - 10**5),
    }
    made = make_credential(credential, key)
    text = write(made, make_proof(proof, made, device_key)).decode()
    return Showing(key, device_key, credential, proof, keys, gone, text)


def content(parts: Parts) -> object:
    """Give what was signed: by which issuer's key, and what the device proved."""
    read = read_offline_code(parts[0].decode())
    return read.credential_message.signed_headers, read.credential_message.payload, read.proof_message.payload


def _other_credential(found: Showing, dice: Random) -> Credential:
    face = {**found.credential.face, "holder": text_change("张三丰", dice).strip() or "张"}
    return replace(found.credential, face=face, photo_digest=dice.randbytes(8))


def _proved(found: Showing, credential: bytes, dice: Random, **changes: object) -> Parts:
    proof = replace(found.proof, **{"counter": 42 + dice.randrange(10**6)} | changes)  # type: ignore[arg-type]
    return found.shown(credential, make_proof(proof, credential, found.device))


def _claims_changed(found: Showing, dice: Random) -> Parts:
    """The holder changes his credential under the issuer's old signature, and proves it with his own device."""
    good = members(read_offline_code(found.text).credential_bytes)
    other = members(make_credential(_other_credential(found, dice), found.issuer))
    return _proved(found, encode(Tagged(18, (*other[:3], good[3]))), dice)


def _stranger_issues(found: Showing, dice: Random) -> Parts:
    """Signed with another key, named as the issuer's."""
    stranger = _key("SM2" if isinstance(found.issuer, SM2PrivateKey) else "ES256")
    headers, unprotected, payload, _ = members(make_credential(_other_credential(found, dice), found.issuer))
    to_sign = encode(("Signature1", headers, CREDENTIAL_DOMAIN, payload))
    return _proved(found, encode(Tagged(18, (headers, unprotected, payload, stranger.sign_raw(to_sign)))), dice)


def _distrusted(found: Showing, dice: Random) -> Parts:
    return _proved(found, make_credential(_other_credential(found, dice), found.gone), dice)


def _issued(changes: Callable[[Credential, Random], Credential], found: Showing, dice: Random) -> Parts:
    """The issuer itself signed another credential."""
    return _proved(found, make_credential(changes(_other_credential(found, dice), dice), found.issuer), dice)


def _with_face(credential: Credential, **face: str) -> Credential:
    return replace(credential, face={**credential.face, **face})


def _stolen(found: Showing, dice: Random) -> Parts:
    """The credential is somebody's; the proof is made by another device, or for another credential."""
    credential = make_credential(found.credential, found.issuer)
    if dice.random() < 0.5:
        thief = _key("SM2" if isinstance(found.device, SM2PrivateKey) else "ES256")
        return found.shown(credential, make_proof(found.proof, credential, thief))
    other = make_credential(_other_credential(found, dice), found.issuer)
    return found.shown(credential, make_proof(found.proof, other, found.device))


def _shown_again(found: Showing, dice: Random) -> Parts:
    """The showing before this one, with another time."""
    credential = read_offline_code(found.text).credential_bytes
    return _proved(found, credential, dice, counter=40, issued_at=NOW - dice.randrange(30), match_number=dice.randrange(10**6))


def _shown_otherwise(changes: Callable[[Random], dict[str, object]], found: Showing, dice: Random) -> Parts:
    """The device itself proves the good credential with another proof."""
    return _proved(found, read_offline_code(found.text).credential_bytes, dice, **changes(dice))


_STORIES: tuple[tuple[str, str, Callable[[Credential, Random], Credential]], ...] = (
    ("credential ended", "credential_validity", lambda made, dice: replace(made, expires_at=NOW - dice.randrange(1, 10**4))),
    ("credential not begun", "credential_validity", lambda made, dice: replace(made, issued_at=NOW + dice.randrange(61, 10**4))),
    (
        "another place in the status list",
        "status",
        lambda made, dice: replace(made, status=StatusPlace(URI, dice.choice((1, 2, 3, 4, 5, 6, 7, 8, 99)))),
    ),
    ("licence ended", "in_validity", lambda made, dice: _with_face(made, valid_to=f"2025-{dice.randrange(1, 13):02}-01")),
    ("type not on the list", "on_list", lambda made, dice: _with_face(made, type_code=f"T{dice.randrange(10**6)}")),
    ("another kind", "code_kind", lambda made, _: replace(made, kind=CredentialKind.OFFICER)),
)
_PROOFS: tuple[tuple[str, str, Callable[[Random], dict[str, object]]], ...] = (
    ("proof too old", "proof_fresh", lambda dice: {"issued_at": NOW - dice.randrange(91, 10**4)}),
    ("proof from the future", "proof_fresh", lambda dice: {"issued_at": NOW + dice.randrange(61, 10**4)}),
    ("for another act", "audience", lambda dice: {"audience": f"YT-2026-{dice.randrange(10**6)}"}),
    ("over another challenge", "challenge", lambda dice: {"challenge": dice.choice((b"", dice.randbytes(16)))}),
)


def _off(check: str) -> tuple[Patch, ...]:
    function = {
        "proof_fresh": "_fresh", "code_unused": "_unused", "credential_validity": "_credential_validity",
        "in_validity": "_in_validity", "code_kind": "_kind",
    }.get(check, f"_{check}")  # fmt: skip
    both = {"issuer_trusted": ("_issuer", "credential_signature"), "on_list": ("_list", "physical_required")}
    if check in both:
        name, second = both[check]
        return ((offline, name, lambda *_: (Check(second, Result.PASS), Check(check, Result.PASS))),)
    attributes = {"credential_signature": ("is_issued_by", lambda *_: True), "holder_proof": ("is_proved", True)}
    if check in attributes:
        return ((UnverifiedOfflineCode, *attributes[check]),)
    return ((offline, function, passing(check)),)


def offline_families(issuer: str, device: str) -> list[Family]:
    """Every forgery of an off-line code."""
    found = showing(issuer, device)
    subject = Subject(f"off-line code ({issuer}, {device})", (found.text.encode(),), found.judge, content)
    forged: list[tuple[str, str, Callable[[Showing, Random], Parts]]] = [
        ("credential changed", "credential_signature", _claims_changed),
        ("credential by another key", "credential_signature", _stranger_issues),
        ("credential by a distrusted key", "issuer_trusted", _distrusted),
        ("proof by another device, or of another credential", "holder_proof", _stolen),
        ("shown again", "code_unused", _shown_again),
    ]
    forged += [(name, check, partial(_issued, change)) for name, check, change in _STORIES]
    forged += [(name, check, partial(_shown_otherwise, change)) for name, check, change in _PROOFS]
    made = [Family(subject, name, partial(forge, found), check, _off(check)) for name, check, forge in forged]
    return [*made, *_random_families(found, subject)]


def _random_families(found: Showing, subject: Subject) -> list[Family]:
    read = read_offline_code(found.text)
    good, proof = cast("tuple[CborValue, bytes, bytes]", decode(_plain(found.text)))[1:]

    def field(dice: Random) -> Parts:
        if dice.random() < 0.5:
            return (write(any_cbor(good, dice), proof),)
        return (write(good, any_cbor(proof, dice)),)

    return [
        Family(subject, "random: a member", field, share=5),
        Family(
            subject, "random: a member, proved", lambda dice: _reproved(found, any_cbor(read.credential_bytes, dice)), share=5
        ),
        Family(subject, "random: bytes", lambda dice: (write(bytewise(good, dice), bytewise(proof, dice)),), share=3),
        Family(subject, "random: letters", lambda dice: (text_change(found.text, dice).encode(),), share=3),
        Family(subject, "equal: deflated otherwise", lambda dice: (write(good, proof, dice.randrange(9)),), share=0.05),
    ]


def _reproved(found: Showing, credential: bytes) -> Parts:
    return found.shown(credential, make_proof(found.proof, credential, found.device))


def _plain(text: str) -> bytes:
    return zlib.decompress(base45.decode(text.removeprefix(PREFIX)))


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform's key for LZ1 codes, named by a trust list."""

    key: SM2PrivateKey
    trust: TrustMaterial
    good: SignedCode

    def judge(self, parts: Parts) -> Answer:
        """What stands behind an on-line code only the platform can say: that check is left out."""
        try:
            return answer(judge_any(parts[0], self.trust, MOMENT).verdict, leave_out="licence_found")
        except UnreadableFile:
            return UNREADABLE


@cache
def platform() -> Platform:
    """Found it once for a process."""
    key, found = SM2PrivateKey.generate(), signers("SM2")
    entry = TrustEntry("code_key", "出示码签发（演示）", ISSUER_CODE, None, key.public_key, ("*",), LONG[0])
    listed = TrustList("https://trust.example/codes", 1, MOMENT, MOMENT + timedelta(days=1), (entry,))
    token = encode_trust_list(listed, key=found.good[1], signer=found.good[0])
    trust = TrustMaterial((), (), (), (found.good[0],), (token,))
    return Platform(key, trust, make_code("holder", _code_id(Random(7)), MOMENT - timedelta(seconds=5), 60, key))  # noqa: S311


def _code_id(dice: Random) -> UUID:
    value = dice.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62
    return UUID(int=value)


def _code_content(parts: Parts) -> object:
    return read_holder_text(parts[0].decode().strip()).payload


def online_families() -> list[Family]:
    """Every forgery of an on-line code."""
    found = platform()
    subject = Subject("on-line code", (found.good.holder_text().encode(),), found.judge, _code_content)
    signed_off: tuple[Patch, ...] = ((SignedCode, "is_signed_by", lambda *_: True),)
    fresh_off: tuple[Patch, ...] = ((code_texts, "_fresh", passing("code_fresh")),)

    def text(code: SignedCode) -> Parts:
        return (code.holder_text().encode(),)

    def changed(dice: Random) -> SignedCode:
        code = dice.choice(({"code_id": _code_id(dice)}, {"lifetime": 61 + dice.randrange(190)}))
        later = found.good.issued_at + timedelta(seconds=dice.randrange(1, 5))
        return replace(found.good, **(code | {"issued_at": later}))

    def aged(dice: Random) -> SignedCode:
        away = timedelta(seconds=dice.randrange(61, 10**7))
        return make_code("holder", _code_id(dice), MOMENT + dice.choice((-away, away)), 60, found.key)

    def stranger(dice: Random) -> SignedCode:
        made = make_code("holder", _code_id(dice), found.good.issued_at, 60, SM2PrivateKey.generate())
        return replace(made, key_id=found.good.key_id)

    def anything(dice: Random) -> Parts:
        return ((HOLDER_PREFIX + base45.encode(bytewise(found.good.payload + found.good.signature, dice))).encode(),)

    return [
        Family(subject, "changed", lambda dice: text(changed(dice)), "code_signature", signed_off, 3),
        Family(subject, "signed with another key", lambda dice: text(stranger(dice)), "code_signature", signed_off, 3),
        Family(subject, "too old, or from the future", lambda dice: text(aged(dice)), "code_fresh", fresh_off, 3),
        Family(subject, "random: bytes", anything, share=8),
        Family(subject, "random: letters", lambda dice: (text_change(subject.original[0].decode(), dice).encode(),), share=8),
    ]


def every() -> list[Family]:
    return [*online_families(), *(family for pair in PAIRS for family in offline_families(*pair))]
