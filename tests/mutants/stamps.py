"""Forged time stamps over a signature's value, by authorities with SM2 and P-256."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random

from liangzheng.crypto import der
from liangzheng.crypto.certificates import TIME_STAMPING
from liangzheng.crypto.keys import SigningKey
from liangzheng.formats import timestamp
from liangzheng.formats.timestamp import issue_timestamp, read_timestamp
from liangzheng.verification import timestamp_checks
from liangzheng.verification.issuer_checks import Setting
from liangzheng.verification.timestamp_checks import judge_timestamp
from liangzheng.verification.trust_anchors import resolve
from tests.mutants.campaign import READABLE, Answer, Family, Parts, Patch, Subject
from tests.mutants.ofd_ground import ground
from tests.mutants.trees import bytewise, der_at, der_change, der_with
from tests.verification.sealed_licence import LONG, NOW, SEALED_AT
from tests.verification.time_authority import TimeAuthority, found_time_authority

KINDS = ("SM2", "P-256")
STAMPED = b"the value of a signature (demo)"
_INFO = (1, 0, 2, 1, 0, 0)  # TSTInfo, through [0], SignedData, encapContentInfo, [0], the OCTET STRING
_SIGNER = (1, 0, 4, 0)
_ATTRIBUTES, _SIGNATURE = (*_SIGNER, 3), (*_SIGNER, 5)
_FAULTS = ("_imprint_fault", "_attribute_fault", "_certificate_fault", "_signature_fault")
_OFF: dict[str, tuple[Patch, ...]] = {name: ((timestamp, name, lambda *_: ""),) for name in _FAULTS}
_AUTHORITY_OFF: tuple[Patch, ...] = ((timestamp_checks, "_authority", lambda *_: None),)
_FUTURE_OFF: tuple[Patch, ...] = ((timestamp_checks, "is_in_future", lambda *_: False),)
_SLACK_OFF: tuple[Patch, ...] = ((timestamp_checks, "CLOCK_SLACK", timedelta(days=9999)),)


@dataclass(frozen=True, slots=True)
class Ground:
    """A good authority, one with the same name under a stranger's root, one that ended, and one for anything but stamps."""

    good: TimeAuthority
    untrusted: tuple[TimeAuthority, ...]
    without_purpose: TimeAuthority
    token: bytes


@cache
def founded(kind: str) -> Ground:
    """Found them once for a process."""
    authority, stranger = ground().authority, ground().stranger
    good = found_time_authority(authority.root, authority.root_key, kind=kind)
    ended = LONG[0], SEALED_AT - timedelta(seconds=1)
    untrusted = (
        found_time_authority(stranger.root, stranger.root_key, kind=kind),
        found_time_authority(authority.root, authority.root_key, kind=kind, validity=ended),
    )
    other = found_time_authority(authority.root, authority.root_key, kind=kind, purposes=("1.3.6.1.5.5.7.3.4", TIME_STAMPING))
    return Ground(good, untrusted, other, stamped(good, SEALED_AT + timedelta(seconds=2)))


def stamped(authority: TimeAuthority, at: datetime, data: bytes = STAMPED, serial: int = 7) -> bytes:
    return issue_timestamp(data, authority.key, authority.certificate, at, serial=serial, policy="1.2.3")


def judge(parts: Parts) -> Answer:
    """Judge a token over the value, which was made when the licence was sealed."""
    stamp = judge_timestamp(parts[0], STAMPED, Setting(resolve(ground().trust, NOW), None), claimed=SEALED_AT)
    if stamp.state == "valid":
        return Answer(is_valid=True)
    return Answer(is_valid=False, caught=(READABLE if stamp.check.detail == "malformed" else "timestamp",))


def content(parts: Parts) -> object:
    token = read_timestamp(parts[0])
    return token.info, token.signer and token.signer.der


def _time(dice: Random) -> datetime:
    return SEALED_AT + timedelta(seconds=dice.randrange(3, 10**5))


def _other_info(token: bytes, dice: Random) -> bytes:
    """Another time, serial number or policy in TSTInfo."""
    place, element = dice.choice(
        (
            (4, der.generalized_time(_time(dice))),
            (3, der.integer(dice.randrange(8, 10**6))),
            (1, der.oid(f"1.2.{dice.randrange(4, 99)}")),
        )
    )
    return der_with(token, (*_INFO, place), lambda _: element)


def _mended(found: Ground, dice: Random, digest: Callable[[bytes], bytes]) -> bytes:
    """The digest of TSTInfo among the signed attributes is mended, too."""
    token = _other_info(found.token, dice)
    old, new = digest(der_at(found.token, _INFO)), digest(der_at(token, _INFO))
    return token.replace(old, new)


def _signed_again(token: bytes, key: SigningKey) -> bytes:
    attributes = der.element(der.SET, der.read(der_at(token, _ATTRIBUTES)).content)
    return der_with(token, _SIGNATURE, lambda _: der.octet_string(key.sign(attributes)))


def _names_another(found: Ground, dice: Random) -> bytes:
    """A token of this key that names another certificate of it, signed by that key itself."""
    token = stamped(found.good, _time(dice), serial=dice.randrange(10**6))
    digest = timestamp._digest(_digest_oid(token), found.good.certificate.der)
    return _signed_again(token.replace(digest, dice.randbytes(32)), found.good.key)


def _digest_oid(token: bytes) -> str:
    return read_timestamp(token).digest_oid


def families(kind: str) -> list[Family]:
    """Every forgery for one kind of key."""
    found = founded(kind)
    good, token = found.good, found.token
    digest = partial(timestamp._digest, _digest_oid(token))
    strangers_key = found.untrusted[0].key
    made: list[tuple[str, Callable[[Random], bytes], tuple[Patch, ...], float]] = [
        ("over other bytes", lambda dice: stamped(good, _time(dice), STAMPED + dice.randbytes(4)), _OFF["_imprint_fault"], 1),
        ("TSTInfo changed", lambda dice: _other_info(token, dice), _OFF["_attribute_fault"], 1),
        ("TSTInfo changed, digest mended", lambda dice: _mended(found, dice, digest), _OFF["_signature_fault"], 1),
        (
            "signed with another key",
            lambda dice: _signed_again(stamped(good, _time(dice)), strangers_key),
            _OFF["_signature_fault"],
            1,
        ),
        ("another certificate named", lambda dice: _names_another(found, dice), _OFF["_certificate_fault"], 1),
        (
            "by one not made for time stamps",
            lambda dice: stamped(found.without_purpose, _time(dice)),
            _OFF["_signature_fault"],
            1,
        ),
        ("by one who is not trusted", lambda dice: stamped(dice.choice(found.untrusted), _time(dice)), _AUTHORITY_OFF, 1),
        ("of a time to come", lambda dice: stamped(good, NOW + timedelta(seconds=dice.randrange(400, 10**5))), _FUTURE_OFF, 1),
        (
            "of a time before the signature",
            lambda dice: stamped(good, SEALED_AT - timedelta(seconds=dice.randrange(400, 10**6))),
            _SLACK_OFF,
            1,
        ),
        ("random: a field", lambda dice: der_change(token, dice), (), 5),
        ("random: bytes", lambda dice: bytewise(token, dice), (), 5),
    ]
    subject = Subject(f"time stamp ({kind})", (token,), judge, content)
    return [
        Family(subject, name, lambda dice, make=make: (make(dice),), "timestamp" if off else "", off, share)  # type: ignore[misc]
        for name, make, off, share in made
    ]
