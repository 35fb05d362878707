"""Forged certificates and revocation lists under one root, with SM2 and P-256.

One mutant is a path: leaf, the root's list, the intermediate's list, the intermediate, and what else is offered for the path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random

from liangzheng.crypto import chains, der
from liangzheng.crypto.certificates import (
    BadCertificate,
    Certificate,
    extension,
    issue_certificate,
    read_certificate,
)
from liangzheng.crypto.certificates import (
    Subject as Name,
)
from liangzheng.crypto.keys import SigningKey
from liangzheng.crypto.names import Name as X501Name
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.revocation import Crl, Revocation, RevocationReason, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.verification.issuer_checks import Setting, judge_issuer
from liangzheng.verification.signer_checks import TrustMaterial
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.verdict import Mode, conclude
from tests.mutants.campaign import UNREADABLE, Answer, Family, Parts, Patch, Subject, answer
from tests.mutants.controls import OFF
from tests.mutants.trees import bytewise, der_change, der_with, text_change
from tests.verification.sealed_licence import LONG, NOW

KINDS: dict[str, Callable[[], SigningKey]] = {"SM2": SM2PrivateKey.generate, "P-256": P256PrivateKey.generate}
GONE = 5005  # the serial number of a certificate that was revoked
_SIGNED_OFF: tuple[Patch, ...] = ((Certificate, "is_signed_by", lambda *_: True),)
_AUTHORITY_OFF: tuple[Patch, ...] = ((chains, "_authority_fault", lambda *_: ""),)
_LEAF_OFF: tuple[Patch, ...] = ((chains, "_leaf_fault", lambda *_: ""),)
_NAMES_OFF: tuple[Patch, ...] = ((X501Name, "matches", lambda *_: True),)
_CRL_OFF: tuple[Patch, ...] = ((Crl, "is_signed_by", lambda *_: True),)
_AGE_OFF: tuple[Patch, ...] = ((Crl, "speaks_of", lambda *_: True),)


@dataclass(frozen=True, slots=True)
class Ground:
    """A root, an authority under it (at most a leaf below), a leaf, their lists; and keys that nobody certified."""

    root: Certificate
    root_key: SigningKey
    between: Certificate
    between_key: SigningKey
    leaf_key: SigningKey
    thief_key: SigningKey
    gone_key: SigningKey
    parts: Parts

    def leaf(self, dice: Random, key: SigningKey | None = None, by: SigningKey | None = None, **facts: object) -> bytes:
        """Issue a leaf in another name, by default for the leaf's key by the authority's."""
        name = Name(text_change("签名（演示）", dice), organisation="演示")
        made = {"issuer": self.between, "issuer_key": by or self.between_key, "validity": LONG} | facts
        return issue_certificate(name, (key or self.leaf_key).public_key, **made)  # type: ignore[arg-type]

    def crl(
        self, *revoked: Revocation, days: float = 1, key: SigningKey | None = None, issuer: Certificate | None = None
    ) -> bytes:
        """Issue a list of the authority's, as old as that."""
        at = NOW - timedelta(days=days)
        until = at + timedelta(days=3)
        return issue_crl(issuer or self.between, key or self.between_key, revoked, this_update=at, next_update=until, number=1)

    def judge(self, parts: Parts) -> Answer:
        try:
            leaf, *offered = (read_certificate(part) for part in (parts[0], *parts[3:]))
            crls = tuple(map(read_crl, parts[1:3]))
        except BadCertificate:
            return UNREADABLE
        setting = Setting(resolve(TrustMaterial((self.root,), crls), NOW), None)
        issuer = judge_issuer(leaf, setting, claimed=NOW, intermediates=offered)
        return answer(conclude((issuer.trusted, issuer.not_revoked), as_of=NOW, mode=Mode.FILE))


@cache
def founded(kind: str) -> Ground:
    """Found everything once for a process."""
    root_key, between_key, leaf_key, thief_key, gone_key = (KINDS[kind]() for _ in range(5))
    name = Name("演示根", organisation="演示")
    root = read_certificate(
        issue_certificate(name, root_key.public_key, issuer=None, issuer_key=root_key, validity=LONG, path_length=3)
    )
    between = read_certificate(
        issue_certificate(
            Name("演示中间", organisation="演示"),
            between_key.public_key,
            issuer=root,
            issuer_key=root_key,
            validity=LONG,
            path_length=0,
        )
    )
    found = Ground(root, root_key, between, between_key, leaf_key, thief_key, gone_key, ())
    parts = (found.leaf(Random(1)), found.crl(key=root_key, issuer=root), found.crl(), between.der)  # noqa: S311 - a name
    return Ground(root, root_key, between, between_key, leaf_key, thief_key, gone_key, parts)


def content(parts: Parts) -> object:
    """Give what the authorities signed: certificates and lists."""
    return [read_certificate(part).tbs for part in (parts[0], *parts[3:])], [read_crl(part).tbs for part in parts[1:3]]


Forge = Callable[[Ground, Random], Parts]


def _other_leaf(found: Ground, dice: Random) -> Parts:
    """Another key, name, period or serial number in the leaf; the signature stays."""
    changes = (
        ((0, 6), found.thief_key.public_key.spki),
        ((0, 5), Name(text_change("签名（演示）", dice), organisation="演示").encode()),
        ((0, 4, 1), der.time(LONG[1] + timedelta(seconds=dice.randrange(1, 10**7)))),
        ((0, 1), der.integer(dice.randrange(1, 10**9))),
    )
    path, element = dice.choice(changes)
    return (der_with(found.parts[0], path, lambda _: element), *found.parts[1:])


def _thief_signs(found: Ground, dice: Random) -> Parts:
    return (found.leaf(dice, by=found.thief_key), *found.parts[1:])


def _thief_between(found: Ground, dice: Random) -> Parts:
    """An authority of the same name that the thief made for himself, and what it issues and lists."""
    name, key = Name("演示中间", organisation="演示"), found.thief_key
    own = issue_certificate(name, key.public_key, issuer=found.root, issuer_key=key, validity=LONG, path_length=0)
    between = read_certificate(own)
    return found.leaf(dice, by=key, issuer=between), found.parts[1], found.crl(key=key, issuer=between), own


def _leaf_issues(found: Ground, dice: Random) -> Parts:
    """The owner of a good leaf issues another one below it."""
    leaf = read_certificate(found.parts[0])
    return found.leaf(dice, found.thief_key, by=found.leaf_key, issuer=leaf), *found.parts[1:], found.parts[0]


def _longer_path(found: Ground, dice: Random) -> Parts:
    """The authority, which may issue leaves alone, issues another authority."""
    name, key = Name("演示下级", organisation="演示"), found.thief_key
    below = issue_certificate(
        name, key.public_key, issuer=found.between, issuer_key=found.between_key, validity=LONG, path_length=0
    )
    issuer = read_certificate(below)
    return found.leaf(dice, by=key, issuer=issuer), *found.parts[1:], below


def _not_for_signing(found: Ground, dice: Random) -> Parts:
    return (found.leaf(dice, path_length=0), *found.parts[1:])


def _critical(found: Ground, dice: Random) -> Parts:
    """A critical extension that nobody here knows, signed by the authority."""
    more = extension(f"1.2.3.{dice.randrange(10**6)}", b"\x05\x00", critical=True)
    leaf = der_with(found.leaf(dice), (0, 7, 0, 0), lambda first: first + more)
    return (_signed_again(leaf, found.between_key), *found.parts[1:])


def _signed_again(certificate: bytes, key: SigningKey) -> bytes:
    tbs = der.read(certificate).children()[0].encoded
    return der_with(certificate, (2,), lambda _: der.bit_string(key.sign(tbs)))


def _out_of_period(found: Ground, dice: Random) -> Parts:
    away = timedelta(seconds=dice.randrange(1, 10**7))
    return (found.leaf(dice, validity=dice.choice(((LONG[0], NOW - away), (NOW + away, LONG[1])))), *found.parts[1:])


def _other_issuer_name(found: Ground, dice: Random) -> Parts:
    """The authority's key signed a certificate that names another issuer."""
    name = Name(text_change("另一机构（演示）", dice), organisation="演示").encode()
    return (_signed_again(der_with(found.leaf(dice), (0, 3), lambda _: name), found.between_key), *found.parts[1:])


def _gone(found: Ground, dice: Random) -> tuple[bytes, Revocation]:
    """A leaf that was revoked, and the entry that says so."""
    since = NOW - timedelta(seconds=dice.randrange(1, 10**6))
    entry = Revocation(GONE, since, dice.choice((RevocationReason.UNSPECIFIED, RevocationReason.SUPERSEDED)))
    return found.leaf(dice, found.gone_key, serial=GONE), entry


def _revoked(found: Ground, dice: Random) -> Parts:
    leaf, entry = _gone(found, dice)
    return leaf, found.parts[1], found.crl(entry), found.parts[3]


def _entry_removed(found: Ground, dice: Random) -> Parts:
    """The entry is taken out of the list, or made another one's; the signature stays."""
    leaf, entry = _gone(found, dice)
    changed = dice.choice((b"", der.sequence(der.sequence(der.integer(GONE + 1), der.time(entry.revoked_at)))))
    return leaf, found.parts[1], der_with(found.crl(entry), (0, 5), lambda _: changed), found.parts[3]


def _thief_lists(found: Ground, dice: Random) -> Parts:
    leaf, _ = _gone(found, dice)
    return leaf, found.parts[1], found.crl(key=found.thief_key), found.parts[3]


def _old_list(found: Ground, dice: Random) -> Parts:
    """A list from before the revocation, overdue by now."""
    leaf, _ = _gone(found, dice)
    return leaf, found.parts[1], found.crl(days=3.01 + 100 * dice.random()), found.parts[3]


def _other_list(found: Ground, dice: Random) -> Parts:
    """Another authority's list in place of this one's."""
    leaf, _ = _gone(found, dice)
    return leaf, found.parts[1], found.parts[1], found.parts[3]


def _any(change: Callable[[bytes, Random], bytes], found: Ground, dice: Random) -> Parts:
    place = dice.randrange(len(found.parts))
    return (*found.parts[:place], change(found.parts[place], dice), *found.parts[place + 1 :])


_FORGERIES: tuple[tuple[str, str, Forge, tuple[Patch, ...]], ...] = (
    ("leaf changed", "issuer_trusted", _other_leaf, _SIGNED_OFF),
    ("leaf signed with another key", "issuer_trusted", _thief_signs, _SIGNED_OFF),
    ("an authority of the same name", "issuer_trusted", _thief_between, _SIGNED_OFF),
    ("issued by a leaf", "issuer_trusted", _leaf_issues, _AUTHORITY_OFF + OFF["issuer_not_revoked"]),
    ("a path longer than allowed", "issuer_trusted", _longer_path, _AUTHORITY_OFF + OFF["issuer_not_revoked"]),
    ("not for signatures", "issuer_trusted", _not_for_signing, _LEAF_OFF),
    ("an unknown critical extension", "issuer_trusted", _critical, _LEAF_OFF),
    ("outside of its period", "issuer_trusted", _out_of_period, OFF["issuer_trusted"]),
    ("another issuer named", "issuer_trusted", _other_issuer_name, _NAMES_OFF),
    ("revoked", "issuer_not_revoked", _revoked, OFF["issuer_not_revoked"]),
    ("revoked, entry taken out", "issuer_not_revoked", _entry_removed, _CRL_OFF),
    ("revoked, list by another key", "issuer_not_revoked", _thief_lists, _CRL_OFF),
    ("revoked, an old list", "issuer_not_revoked", _old_list, _AGE_OFF),
    ("revoked, another one's list", "issuer_not_revoked", _other_list, _NAMES_OFF + _CRL_OFF),
)


def families(kind: str) -> list[Family]:
    """Every forgery for one kind of key."""
    found = founded(kind)
    subject = Subject(f"certificates and CRLs ({kind})", found.parts, found.judge, content)
    made = [
        Family(subject, name, lambda dice, forge=forge: forge(found, dice), check, off)  # type: ignore[misc]
        for name, check, forge, off in _FORGERIES
    ]
    return [
        *made,
        Family(subject, "random: a field", lambda dice: _any(der_change, found, dice), share=5),
        Family(subject, "random: bytes", lambda dice: _any(bytewise, found, dice), share=5),
    ]
