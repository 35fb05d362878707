"""Forged status lists (JWT, CWT) and trust lists, with SM2 and ES256; and a revoked licence shown with a forged status list."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import cast

from liangzheng.crypto.certificates import Certificate, issue_certificate, read_certificate
from liangzheng.crypto.certificates import Subject as Name
from liangzheng.crypto.chains import ChainVerdict
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.revocation import Revocation
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats import cose, status_list
from liangzheng.formats.cbor import CborKey, CborValue, Tagged, decode, encode
from liangzheng.formats.jws import PrivateKey
from liangzheng.formats.status_list import CWT_TYPE, MEDIA_TYPE, read_status_list
from liangzheng.formats.strict_json import to_base64url
from liangzheng.formats.trust_list import MEDIA_TYPE as TRUST_TYPE
from liangzheng.formats.trust_list import TrustEntry, TrustList, encode_trust_list, read_trust_list
from liangzheng.verification import licence_checks, lone_files
from liangzheng.verification.signer_checks import TrustMaterial
from tests.mutants.campaign import Answer, Family, Parts, Patch, Subject
from tests.mutants.ofd_forgeries import item
from tests.mutants.ofd_ground import Ground, ground, judged, sealed
from tests.mutants.trees import bytewise, cbor_change, json_change
from tests.verification.sealed_licence import ISSUER_CODE, LONG, NOW, STATUS_URI

FORMS = tuple((form, algorithm) for form in ("JWT", "CWT") for algorithm in ("SM2", "ES256"))
KEYS: Mapping[str, Callable[[], PrivateKey]] = {"SM2": SM2PrivateKey.generate, "ES256": P256PrivateKey.generate}
REVOKED_PLACE, PLACES = 9, 64
Json = dict[str, object]
Holder = tuple[Certificate, PrivateKey]
SIGNATURE_OFF: tuple[Patch, ...] = tuple((kind, "verify_raw", lambda *_: True) for kind in (SM2PublicKey, P256PublicKey))
CHAIN_OFF: tuple[Patch, ...] = ((status_list, "judge_chain", lambda *_parts, **_facts: ChainVerdict("trusted")),)


def _report_without(*reasons: str) -> tuple[Patch, ...]:
    def report(kind: str, reason: str, *rest: object, of: Callable[..., object] = lone_files._list_report) -> object:
        return of(kind, "" if reason in reasons else reason, *rest)

    return ((lone_files, "_list_report", report),)


AGE_OFF = _report_without("status_stale", "status_unknown", "trust_list_stale")
PIN_OFF = _report_without("untrusted_signer")


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may sign lists with one kind of key, and who may not."""

    good: Holder
    revoked: Holder
    untrusted: tuple[Holder, ...]
    other_body: Holder
    trust: TrustMaterial


def _holder(found: Ground, algorithm: str, code: str = ISSUER_CODE, **facts: object) -> Holder:
    key, name = KEYS[algorithm](), "状态服务（演示）"
    made = {"issuer": found.authority.root, "issuer_key": found.authority.root_key, "validity": LONG} | facts
    certificate = issue_certificate(Name(name, organisation=name, organisation_code=code), key.public_key, **made)  # type: ignore[arg-type]
    return read_certificate(certificate), key


@cache
def signers(algorithm: str) -> Signers:
    """Found them once for a process."""
    found = ground()
    good, bad, body = (_holder(found, algorithm, code) for code in (ISSUER_CODE, ISSUER_CODE, "91370602MADEM0011Y"))
    stranger = {"issuer": found.stranger.root, "issuer_key": found.stranger.root_key}
    ended = {"validity": (LONG[0], NOW - timedelta(days=1))}
    untrusted = tuple(_holder(found, algorithm, **facts) for facts in (stranger, ended, {"path_length": 0}))
    crl = found.authority.crl(Revocation(bad[0].serial, NOW - timedelta(hours=1)))
    return Signers(good, bad, untrusted, body, TrustMaterial((found.authority.root,), (crl,), (), (good[0],)))


def packed(changes: Mapping[int, int]) -> bytes:
    """Places of four bits; one is revoked, unless the changes say otherwise."""
    places = bytearray(PLACES // 2)
    for index, value in {REVOKED_PLACE: 1, **changes}.items():
        places[index // 2] |= value << 4 * (index % 2)
    return bytes(places)


def claims(list_bytes: bytes, *, days: float = 1, uri: str = STATUS_URI, ago: float = 0) -> Json:
    issued = int((NOW - timedelta(days=ago)).timestamp())
    return {
        "sub": uri,
        "iat": issued,
        "exp": issued + int(days * 86400),
        "status_list": {"bits": 4, "lst": to_base64url(zlib.compress(list_bytes, 9)).decode()},
    }


def jwt(payload: object, holder: Holder, typ: str = MEDIA_TYPE, **header: object) -> bytes:
    """Sign as whoever holds this key under the name of that certificate: the two need not fit."""
    certificate, key = holder
    algorithm = "SM2SM3" if isinstance(key, SM2PrivateKey) else "ES256"
    head = {"alg": algorithm, "typ": typ, "x5c": [base64.b64encode(certificate.der).decode()]} | header
    parts = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in (head, payload))
    signing_input = b".".join(map(to_base64url, parts))
    return signing_input + b"." + to_base64url(key.sign_raw(signing_input))


def cwt(payload: Json, holder: Holder) -> bytes:
    """The same list as a CWT."""
    certificate, key = holder
    listed = cast("Mapping[str, object]", payload["status_list"])
    lst = base64.urlsafe_b64decode(str(listed["lst"]) + "==")
    written = {2: payload["sub"], 6: payload["iat"], 4: payload["exp"], 65533: {"bits": listed["bits"], "lst": lst}}
    protected: Mapping[CborKey, CborValue] = {cose.TYPE: CWT_TYPE, cose.X5CHAIN: certificate.der}
    return cose.write_sign1(encode(cast("CborValue", written)), key, protected=protected)


def write(form: str, payload: Json, holder: Holder) -> bytes:
    return jwt(payload, holder) if form == "JWT" else cwt(payload, holder)


def content(parts: Parts) -> object:
    listed = read_status_list(parts[0])
    return listed.signer.der, listed.signing_input


def _other_claims(dice: Random) -> Json:
    """Another list: a place set or cleared, another address, a later end."""
    cleared = packed({REVOKED_PLACE: 0, dice.randrange(PLACES): dice.randrange(16)})
    changed = [
        claims(cleared),
        claims(packed({}), days=1 + dice.random()),
        claims(packed({}), uri=f"{STATUS_URI}{dice.randrange(10**6)}"),
        claims(packed({}), ago=dice.random() / 2),
    ]
    return dice.choice(changed)


def _keeping(token: bytes, other: bytes, form: str) -> bytes:
    """The changed list under the signature of the good one."""
    if form == "JWT":
        return other.rpartition(b".")[0] + b"." + token.rpartition(b".")[2]
    signature = cose.read_sign1(token).signature
    headers, unprotected, payload, _ = members(other)
    return encode(Tagged(18, (headers, unprotected, payload, signature)))


def members(token: bytes) -> tuple[CborValue, CborValue, CborValue, CborValue]:
    found = decode(token, tags=frozenset({18}), sorted_keys=False)
    assert isinstance(found, Tagged)
    return cast("tuple[CborValue, CborValue, CborValue, CborValue]", found.value)


def any_json(token: bytes, dice: Random) -> bytes:
    """Change some member of header or payload; the signature stays."""
    parts = token.split(b".")
    place = dice.randrange(2)
    value = json.loads(base64.urlsafe_b64decode(parts[place] + b"=="))
    parts[place] = to_base64url(json.dumps(json_change(value, dice), ensure_ascii=False, separators=(",", ":")).encode())
    return b".".join(parts)


def any_cbor(token: bytes, dice: Random) -> bytes:
    """Change some member of the message, of its protected header or of its payload; the signature stays."""
    found = list(members(token))
    place = dice.choice((0, 2, 2, -1))
    if place < 0:
        return encode(cbor_change(Tagged(18, tuple(found)), dice))
    inner = found[place]
    assert isinstance(inner, bytes)
    found[place] = encode(cbor_change(decode(inner, sorted_keys=False), dice))
    return encode(Tagged(18, tuple(found)))


def _outside(token: bytes, dice: Random) -> Parts:
    """Another unprotected header, or the tag of a CWT: neither is signed, neither is read."""
    headers, _, payload, signature = members(token)
    unprotected: CborValue = {100 + dice.randrange(10**6): dice.randbytes(3)}
    message = Tagged(18, (headers, unprotected, payload, signature))
    return (encode(Tagged(61, message) if dice.random() < 0.5 else message),)


def status_families(form: str, algorithm: str) -> list[Family]:
    """Every forgery of a status list by itself."""
    found = signers(algorithm)
    good = write(form, claims(packed({})), found.good)
    subject = Subject(f"status list ({form}, {algorithm})", (good,), lambda parts: judged(parts[0], found.trust), content)
    other_key = (found.good[0], KEYS[algorithm]())
    anything = any_json if form == "JWT" else any_cbor

    def other_claims(dice: Random) -> bytes:
        return _keeping(good, write(form, _other_claims(dice), found.good), form)

    def other_signer(dice: Random) -> bytes:
        return write(form, _other_claims(dice), other_key)

    made: list[tuple[str, str, Callable[[Random], bytes], tuple[Patch, ...], float]] = [
        ("changed", "token_signature", other_claims, SIGNATURE_OFF, 1),
        ("signed with another key", "token_signature", other_signer, SIGNATURE_OFF, 1),
        (
            "signed by one who is not trusted",
            "issuer_trusted",
            lambda dice: write(form, _other_claims(dice), dice.choice((*found.untrusted, found.revoked))),
            CHAIN_OFF,
            1,
        ),
        (
            "overdue, or not yet issued",
            "list_fresh",
            lambda dice: write(form, claims(packed({}), ago=dice.choice((1.01, -0.01)) * (1 + dice.random())), found.good),
            AGE_OFF,
            1,
        ),
        ("random: a member", "", lambda dice: anything(good, dice), (), 4),
        ("random: bytes", "", lambda dice: bytewise(good, dice), (), 4),
    ]
    families = [Family(subject, name, _single(make), check, off, share) for name, check, make, off, share in made]
    if form == "CWT":
        families.append(Family(subject, "equal: unprotected header", partial(_outside, good), "", (), 0.2))
    return families


def _single(make: Callable[[Random], bytes]) -> Callable[[Random], Parts]:
    return lambda dice: (make(dice),)


def licence_families() -> list[Family]:
    """A revoked licence, sealed as it should be, shown with a forged status list that clears it."""
    found, use = signers("SM2"), ground().use("SES V4")
    good_licence, licence = (
        sealed(replace(use, files=item(use.files, b"LZ_STATUS_IDX", b"%d" % place))) for place in (1, REVOKED_PLACE)
    )
    good = jwt(claims(packed({})), found.good)

    def judge(parts: Parts) -> Answer:
        return judged(parts[0], replace(found.trust, status_tokens=parts[1:], crls=(*ground().trust.crls, *found.trust.crls)))

    def cleared(dice: Random, **facts: float) -> Json:
        return claims(packed({REVOKED_PLACE: 0, 10 + dice.randrange(50): dice.randrange(16)}), **facts)  # type: ignore[arg-type]

    subject = Subject("licence with status list", (good_licence, good), judge, lambda parts: parts)
    other_key = (found.good[0], SM2PrivateKey.generate())
    forged: list[tuple[str, Callable[[Random], bytes], tuple[Patch, ...]]] = [
        ("list changed", lambda dice: _keeping(good, jwt(cleared(dice), found.good), "JWT"), SIGNATURE_OFF),
        ("list signed with another key", lambda dice: jwt(cleared(dice), other_key), SIGNATURE_OFF),
        ("list signed by one who is not trusted", lambda dice: jwt(cleared(dice), dice.choice(found.untrusted)), CHAIN_OFF),
        (
            "list signed by another body",
            lambda dice: jwt(cleared(dice), found.other_body),
            ((licence_checks, "_may_speak", lambda *_: True),),
        ),
    ]
    names = "status"
    made = [Family(subject, name, lambda dice, make=make: (licence, make(dice)), names, off) for name, make, off in forged]  # type: ignore[misc]
    stale = Family(subject, "an older list", lambda dice: (licence, jwt(cleared(dice, ago=2), found.good)), names)
    beside = Family(
        subject, "forged list beside the good", lambda dice: (licence, good, forged[dice.randrange(4)][1](dice)), names
    )
    return [*made, stale, beside]


def trust_families(algorithm: str) -> list[Family]:
    """Every forgery of a trust list."""
    found, root = signers(algorithm), ground().stranger.root
    entry = TrustEntry("issuer", "烟台市交通运输局（演示）", ISSUER_CODE, root, None, ("*",), LONG[0])
    listed = TrustList("https://trust.example/list", 7, NOW, NOW + timedelta(days=1), (entry,))
    good = encode_trust_list(listed, key=found.good[1], signer=found.good[0])
    payload: Json = json.loads(base64.urlsafe_b64decode(good.split(b".")[1] + b"=="))
    other_key = (found.good[0], KEYS[algorithm]())

    def changed(dice: Random, **times: int) -> Json:
        body = cast("dict[str, list[Json]]", payload["trust_list"])
        first = {
            **body["entries"][0],
            **dice.choice(({"licence_types": [f"T{dice.randrange(10**6)}"]}, {"name": f"演示{dice.random()}"})),
        }
        return {**payload, "trust_list": {"number": 7 + dice.randrange(9), "entries": [first]}, **times}

    def late(dice: Random) -> Json:
        away = dice.randrange(10**4, 10**7)
        now = int(NOW.timestamp())
        return changed(dice, **dice.choice(({"iat": now - away - 1, "exp": now - away}, {"iat": now + away})))

    def signed(told: Json) -> bytes:
        return jwt(told, found.good, TRUST_TYPE)

    subject = Subject(f"trust list ({algorithm})", (good,), lambda parts: judged(parts[0], found.trust), _trust_content)
    made: list[tuple[str, str, Callable[[Random], bytes], tuple[Patch, ...], float]] = [
        ("changed", "token_signature", lambda dice: _keeping(good, signed(changed(dice)), "JWT"), SIGNATURE_OFF, 1),
        ("signed with another key", "token_signature", lambda dice: jwt(changed(dice), other_key, TRUST_TYPE), SIGNATURE_OFF, 1),
        (
            "signed by one who is not pinned",
            "issuer_trusted",
            lambda dice: jwt(changed(dice), dice.choice((found.other_body, found.revoked, *found.untrusted)), TRUST_TYPE),
            PIN_OFF,
            1,
        ),
        ("overdue, or not yet issued", "list_fresh", lambda dice: signed(late(dice)), AGE_OFF, 1),
        ("random: a member", "", lambda dice: any_json(good, dice), (), 4),
        ("random: bytes", "", lambda dice: bytewise(good, dice), (), 4),
    ]
    return [Family(subject, name, _single(make), check, off, share) for name, check, make, off, share in made]


def _trust_content(parts: Parts) -> object:
    token = read_trust_list(parts[0].strip()).token
    return token.signer.der, token.signing_input


def every() -> list[Family]:
    found = [family for form, algorithm in FORMS for family in status_families(form, algorithm)]
    return [*found, *licence_families(), *(family for algorithm in KEYS for family in trust_families(algorithm))]
