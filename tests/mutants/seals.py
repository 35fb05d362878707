"""Forged electronic seals (.esl) of every version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from random import Random

from liangzheng.crypto import der
from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.seal import read_seal
from tests.mutants.campaign import Family, Parts, Subject
from tests.mutants.controls import OFF
from tests.mutants.ofd_forgeries import revoked, stranger_stamps, untrusted
from tests.mutants.ofd_ground import Use, ground, seal_of
from tests.mutants.trees import bytewise, der_change, der_with, other_value, text_change
from tests.verification.sealed_licence import NOW

VERSIONS = ("SES V1", "SES V4", "SES V5")


@cache
def good(version: str) -> bytes:
    return seal_of(ground().use(version))


def content(parts: Parts) -> object:
    """Give what the maker signed, by which certificate."""
    seal = read_seal(parts[0])
    return seal.maker_signed, seal.maker_certificate


def _field(version: str, dice: Random) -> Parts:
    """Another number, kind or picture; the maker's signature stays."""
    path = dice.choice(((0, 2, 0), (0, 3, 1), (0, 3, 2), (0, 3, 3)))
    return (der_with(good(version), path, partial(other_value, dice=dice)),)


def _text(use: Use, dice: Random) -> Parts:
    """Another name; made with another key."""
    design = replace(use.design, name=text_change(use.design.name, dice))
    return (seal_of(replace(use, design=design, maker=(use.maker[0], SM2PrivateKey.generate()))),)


def _other_list(version: str, dice: Random) -> Parts:
    thief = untrusted()[dice.randrange(2)][0]
    path = (0, 2, 2 if version == "SES V1" else 3, 0)
    return (der_with(good(version), path, lambda entry: entry * dice.randrange(2) + der.octet_string(thief.der)),)


def _borrowed(use: Use, dice: Random) -> Parts:
    """The maker's signature from another seal."""
    design = replace(use.design, name=text_change(use.design.name, dice))
    return (der_with(seal_of(replace(use, design=design)), (0,), lambda _: der.read(good(use.generation)).children()[0].encoded),)


def _period(use: Use, dice: Random) -> Parts:
    away = timedelta(seconds=dice.randrange(1, 10**6))
    design = use.design
    changed = dice.choice((replace(design, valid_to=NOW - away), replace(design, valid_from=NOW + away)))
    return (seal_of(replace(use, design=changed)),)


def _strange_maker(use: Use, dice: Random) -> Parts:
    stranger = ground().stranger
    maker = dice.choice(((read_certificate(stranger.seal.maker_certificate), stranger.maker_key), *untrusted()[:3]))
    return (seal_of(replace(use, design=replace(use.design, name=text_change(use.design.name, dice)), maker=maker)),)


def _ended_maker(use: Use, dice: Random) -> Parts:
    """Made before the maker's certificate began."""
    design = replace(use.design, created_at=use.design.created_at - timedelta(days=dice.randrange(3, 999)))
    return (seal_of(replace(use, design=design)),)


def _revoked_maker(use: Use, dice: Random) -> Parts:
    made = NOW - timedelta(hours=dice.randrange(2, 24))
    design = replace(use.design, name=text_change(use.design.name, dice), created_at=made)
    return (seal_of(replace(use, design=design, maker=dice.choice(revoked()))),)


def _stamped(use: Use, dice: Random) -> Parts:
    """A bad time stamp over the maker's signature."""
    soon, late = use.design.created_at + timedelta(seconds=2), NOW + timedelta(days=1)
    seal = good(use.generation)
    signature = der.read(der.read(seal).children()[3].encoded).bits()
    stamps = ground().stamps
    token = dice.choice(
        (
            stamps.stamp(soon)(signature + dice.randbytes(1)),
            stranger_stamps().stamp(soon)(signature),
            stamps.stamp(late)(signature),
        )
    )
    members = [node.encoded for node in der.read(seal).children()]
    return (der.sequence(*members, der.explicit(0, der.bit_string(token))),)


def families(version: str) -> list[Family]:
    """Every forgery of one version."""
    use = ground().use(version)
    subject = Subject(f"seal {version[4:]} (.esl)", (good(version),), ground().judge, content)
    chosen: list[tuple[str, str, Callable[[Random], Parts]]] = [
        ("a field changed", "seal_identity", partial(_field, version)),
        ("made with another key", "seal_identity", partial(_text, use)),
        ("another list of signers", "seal_identity", partial(_other_list, version)),
        ("the maker's signature of another seal", "seal_identity", partial(_borrowed, use)),
        ("outside of its period", "seal_validity", partial(_period, use)),
        ("made by one who is not trusted", "issuer_trusted", partial(_strange_maker, use)),
        ("made before the maker's certificate", "issuer_trusted", partial(_ended_maker, use)),
        ("made by one who was revoked", "issuer_not_revoked", partial(_revoked_maker, use)),
    ]
    if version == "SES V5":
        chosen.append(("a bad time stamp", "timestamp", partial(_stamped, use)))
    found = [Family(subject, name, make, check, OFF[check]) for name, check, make in chosen]
    found.append(Family(subject, "random: a field", lambda dice: (der_change(good(version), dice),), share=6))
    found.append(Family(subject, "random: bytes", lambda dice: (bytewise(good(version), dice),), share=6))
    return found
