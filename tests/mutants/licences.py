"""Licences sealed in every generation, and what a forger makes of them: one thing changed, everything else mended.

Parts of a mutant: the file, and where it is on trial the status list or the revocation list it is judged by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

from liangzheng.crypto.certificates import BadCertificate
from liangzheng.crypto.revocation import Revocation, RevocationReason, issue_crl, read_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.package import ENTRY, read_ofd
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.status_list import Status
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification import cms_checks, file_checks, issuer_checks, licence_checks, seal_checks
from liangzheng.verification.file_checks import TrustMaterial, judge_licence_file
from liangzheng.verification.verdict import Check, Result
from tests.formats.seal_writers import flat_seal, flat_signature
from tests.mutants.campaign import UNREADABLE, Answer, Family, Parts, Patch, Subject, answer
from tests.mutants.trees import bytewise, der_change, xml_change
from tests.verification.sealed_licence import METADATA, NOW, SEALED_AT, Authority, found_authority, repacked, unsealed
from tests.verification.sealed_otherwise import SEAL, SIGNATURE_XML, SIGNED_VALUE, mended, sealed_otherwise
from tests.verification.test_seal_generations import first, seal_of, use_of
from tests.verification.test_signed_data import FORMS, signed
from tests.verification.time_authority import found_time_authority

Make = Callable[..., bytes]
"""Seals these bytes; `by` (an authority), `key`, `certificate`, `seal` put something else in the place of what is right."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One way of sealing; `has_seal`: with a 电子印章, else a signature alone."""

    name: str
    make: Make
    has_seal: bool = True


@cache
def authority() -> Authority:
    return found_authority()


@cache
def stranger() -> Authority:
    """Of the same names and codes, under a root of its own."""
    return found_authority()


@cache
def neighbour() -> Authority:
    """Of the same organisation, under the same root, but not named in the seal."""
    return authority().neighbour(METADATA.issuer_code)


def _flat(version: int) -> Make:
    """GB/T 38540-2020 (4) and GM/T 0031-2025 (5) have one layout."""

    def make(data: bytes, *, by: Authority | None = None, seal: dict[str, Any] | None = None, **use: Any) -> bytes:  # noqa: ANN401
        who = by or authority()
        made = seal_of(who, flat_seal, version=version, **(seal or {}))
        return sealed_otherwise(data, use_of(who, made, flat_signature, version=version, **use), made)

    return make


def _first(data: bytes, *, by: Authority | None = None, seal: dict[str, Any] | None = None, **use: Any) -> bytes:  # noqa: ANN401
    return first(by or authority(), data, seal or {}, **use)


def _cms(form: str) -> Make:
    def make(data: bytes, *, by: Authority | None = None, **use: Any) -> bytes:  # noqa: ANN401
        return signed(by or authority(), data, FORMS[form], **use)

    return make


GENERATIONS = (
    Generation("OFD, seal V1", _first),
    Generation("OFD, seal V4", _flat(4)),
    Generation("OFD, seal V5", _flat(5)),
    Generation("OFD, GB/T 35275", _cms("GB/T 35275, attributes"), has_seal=False),
    Generation("OFD, RFC 5652", _cms("RFC 5652, the digest"), has_seal=False),
)


@cache
def plain() -> bytes:
    """What every generation seals."""
    return authority().licence()


def judge(parts: Parts) -> Answer:
    """Judge a file with a status list and a revocation list."""
    data, token, crl = parts
    try:
        trust = TrustMaterial((authority().root,), (read_crl(crl),), (token,))
        return answer(judge_licence_file(data, trust, NOW).verdict)
    except (UnreadableFile, BadCertificate):  # the second is told of the list itself, where it is read
        return UNREADABLE


def content(parts: Parts) -> object:
    """What is relied upon: the protected files, who signed them and when, the metadata."""
    package = read_ofd(parts[0])
    report = judge_licence_file(parts[0], TrustMaterial((authority().root,)), NOW)
    own = {path for item in package.signatures for path in (item.path, item.value_path, item.seal_path, item.index_path)}
    files = {path: data for path, data in package.files.items() if path not in own}
    return files, report.metadata, [(seal.organisation_code, seal.signed_at) for seal in report.seals]


@cache
def good_lists() -> tuple[bytes, bytes]:
    return authority().status_token(Status.VALID), crl()


def crl(*revoked: Revocation) -> bytes:
    """The root's revocation list."""
    week = {"this_update": NOW - timedelta(days=1), "next_update": NOW + timedelta(days=6)}
    return issue_crl(authority().root, authority().root_key, revoked, **week, number=1)


def passing(place: object, function: str, name: str) -> Patch:
    """Switch off one check that gives one result."""
    return (place, function, lambda *_, **__: Check(name, Result.PASS))


_SIGNATURE = (passing(seal_checks, "_seal_signature", "seal_signature"), passing(cms_checks, "_signature", "seal_signature"))
_SIGNED = ("seal_signature", _SIGNATURE)
_DIGESTS = (passing(seal_checks, "_file_digests", "file_digests"),)
_TRUST = (passing(issuer_checks, "_trusted", "issuer_trusted"), passing(issuer_checks, "_not_revoked", "issuer_not_revoked"))
_PROTECTED = tuple(sorted(path for path in read_ofd(unsealed(METADATA)).files if path != ENTRY))


def _changed(dice: Random, data: bytes) -> bytes:
    """The package with one protected file changed; nothing is mended yet."""
    files = read_ofd(data).files
    path = dice.choice(_PROTECTED)
    changed = xml_change(files[path], dice) if path.endswith(".xml") and dice.random() < 0.7 else bytewise(files[path], dice)
    return repacked(data, {path: changed if changed != files[path] else changed + b"\n"})


def _mended(dice: Random, made: bytes) -> bytes:
    """One protected file and its digest changed; what was signed is as it was."""
    files = read_ofd(_changed(dice, made)).files
    return pack({**files, SIGNATURE_XML: mended(files[SIGNATURE_XML], files)})


def families(generation: Generation) -> list[Family]:
    """All kinds of mutants of one generation."""
    made = generation.make(plain())
    token, revoked = good_lists()
    subject = Subject(generation.name, (made, token, revoked), judge, content)

    def family(
        name: str, make: Callable[[Random], bytes], check: str = "", off: tuple[Patch, ...] = (), share: float = 1
    ) -> Family:
        return Family(subject, name, lambda dice: (make(dice), token, revoked), check, off, share)

    def value(dice: Random) -> bytes:
        return repacked(made, {SIGNED_VALUE: der_change(read_ofd(made).files[SIGNED_VALUE], dice)})

    found = [
        family("bytes of the file", lambda dice: bytewise(made, dice), share=3),
        family("a protected file", lambda dice: _changed(dice, made), "file_digests", _DIGESTS, 3),
        family("a file and its digest", lambda dice: _mended(dice, made), "seal_signature", _SIGNATURE, 3),
        family(
            "signed with another key",
            lambda dice: generation.make(_changed(dice, plain()), key=_key(dice)),
            "seal_signature",
            _SIGNATURE,
        ),
        family("by a namesake", lambda dice: generation.make(_changed(dice, plain()), by=stranger()), "issuer_trusted", _TRUST),
        family("the signature's structure", value, share=6),
        family("one file more", lambda dice: _with_more(made, dice), "coverage", (passing(file_checks, "coverage", "coverage"),)),
        *_of_metadata(subject, generation),
        *_of_lists(subject),
    ]
    return [*found, *(_of_seals(subject, generation) if generation.has_seal else [])]


def _key(dice: Random) -> SM2PrivateKey:
    return SM2PrivateKey.from_scalar(dice.randrange(2, 2**250))


def _with_more(made: bytes, dice: Random) -> bytes:
    path = dice.choice(("Doc_0/Pages/Page_0/More.xml", "Extra.xml", "Doc_0/Res/more.png", "META/x.bin"))
    return pack(
        {**read_ofd(made).files, path.replace("more", f"more{dice.randrange(10**6)}"): dice.randbytes(dice.randrange(1, 60))}
    )


def _of_metadata(subject: Subject, generation: Generation) -> list[Family]:
    """The authority itself seals a licence that says something else."""
    _, token, revoked = subject.original

    def sealed(**changes: Any) -> Parts:  # noqa: ANN401
        fresh = seal_ofd(unsealed(replace(METADATA, **changes)), authority().seal, authority().signer_key, SEALED_AT)
        return generation.make(fresh), token, revoked

    def other_issuer(dice: Random) -> Parts:
        return sealed(issuer_code=f"11370600MADEM{dice.randrange(200):04d}B")

    def ended(dice: Random) -> Parts:
        return sealed(valid_to=(NOW - timedelta(days=dice.randrange(1, 9))).date())

    def begins(dice: Random) -> Parts:
        return sealed(valid_from=(NOW + timedelta(days=dice.randrange(2, 9))).date())

    matches = (passing(licence_checks, "_issuer_matches", "issuer_matches"), (licence_checks, "_may_speak", lambda *_: True))
    dates = (passing(licence_checks, "_in_validity", "in_validity"),)
    return [
        Family(subject, "of another issuer", other_issuer, "issuer_matches", matches, 0.05),
        Family(subject, "of the past", ended, "in_validity", dates, 0.05),
        Family(subject, "of the future", begins, "in_validity", dates, 0.05),
    ]


def _of_lists(subject: Subject) -> list[Family]:
    made, token, good = subject.original
    status = (passing(licence_checks, "_status", "status"),)

    def withdrawn(dice: Random) -> Parts:
        return (
            made,
            authority().status_token(dice.choice([item for item in Status if item not in {Status.VALID, Status.UNKNOWN}])),
            good,
        )

    def revoked(dice: Random) -> Parts:
        at = SEALED_AT - timedelta(days=dice.randrange(1, 300))
        return made, token, crl(Revocation(authority().signer.serial, at, RevocationReason.KEY_COMPROMISE))

    return [
        Family(subject, "status of another kind", withdrawn, "status", status, 0.2),
        Family(subject, "bytes of the status list", lambda dice: (made, bytewise(token, dice), good), "status", status),
        Family(subject, "signer revoked", revoked, "issuer_not_revoked", (*_TRUST, *status), 0.2),
        Family(subject, "structure of the revocation list", lambda dice: (made, token, der_change(good, dice)), "", ()),
    ]


def _of_seals(subject: Subject, generation: Generation) -> list[Family]:
    """What only a seal has: its list of signers, its period, its maker."""
    made, token, good = subject.original
    make = generation.make

    def family(name: str, build: Callable[[Random], bytes], check: str, *off: Patch, share: float = 0.3) -> Family:
        return Family(subject, name, lambda dice: (build(dice), token, good), check, off, share)

    def by_neighbour(dice: Random) -> bytes:
        return make(_changed(dice, plain()), certificate=neighbour().signer.der, key=neighbour().signer_key)

    def over(dice: Random) -> bytes:
        return make(_changed(dice, plain()), seal=_ended(dice))

    def unmade(dice: Random) -> bytes:
        return make(_changed(dice, plain()), seal={"key": _key(dice)})

    def seal_beside(dice: Random) -> bytes:
        return repacked(made, {SEAL: der_change(read_ofd(made).files[SEAL], dice)})

    identity = passing(seal_checks, "_seal_identity", "seal_identity")
    return [
        family(
            "signed by a colleague", by_neighbour, "signer_in_seal", passing(seal_checks, "_signer_in_seal", "signer_in_seal")
        ),
        family("a seal that was over", over, "seal_validity", passing(seal_checks, "_seal_validity", "seal_validity")),
        family("a seal nobody made", unmade, "seal_identity", identity),
        family(
            "another seal beside it",
            seal_beside,
            "seal_identity",
            identity,
            *_DIGESTS,
            share=2,
        ),
    ]


def _ended(dice: Random) -> dict[str, Any]:
    return {"design": replace(authority().design, valid_to=SEALED_AT - timedelta(seconds=dice.randrange(1, 10**6)))}


def stamped() -> list[Family]:
    """A licence whose signer's certificate is over: only the time stamp says that it was sealed before."""
    short = found_authority(certificates=(authority().design.valid_from, SEALED_AT + timedelta(days=4)))
    stamp = found_time_authority(short.root, short.root_key).stamp(SEALED_AT + timedelta(seconds=2))
    made = seal_ofd(unsealed(METADATA), short.seal, short.signer_key, SEALED_AT, stamp=stamp)
    speaker = short.neighbour(METADATA.issuer_code)
    trust = TrustMaterial((short.root,), (short.crl(),), (speaker.status_token(Status.VALID),))

    def judge_stamped(parts: Parts) -> Answer:
        try:
            return answer(judge_licence_file(parts[0], trust, NOW).verdict)
        except UnreadableFile:
            return UNREADABLE

    def told(parts: Parts) -> object:
        report = judge_licence_file(parts[0], trust, NOW)
        return report.metadata, [(seal.organisation_code, seal.signed_at, seal.proven_at) for seal in report.seals]

    def value(dice: Random) -> Parts:
        return (repacked(made, {SIGNED_VALUE: der_change(read_ofd(made).files[SIGNED_VALUE], dice)}),)

    subject = Subject("OFD, seal V4 with time stamp", (made,), judge_stamped, told)
    return [
        Family(subject, "bytes of the file", lambda dice: (bytewise(made, dice),)),
        Family(subject, "the signature's structure", value, "", (), 4),
    ]


def all_families() -> list[Family]:
    return [*(family for generation in GENERATIONS for family in families(generation)), *stamped()]
