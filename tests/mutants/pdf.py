"""Forged licences as PDF, signed with SM2, ES256 and RSA: content, value, signer, time, ranges, later revisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from random import Random

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from liangzheng.crypto.certificates import Subject as Name
from liangzheng.crypto.certificates import issue_certificate, read_certificate
from liangzheng.crypto.digests import digest_of
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.revocation import Revocation, RevocationReason
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.pdf.reading import read_pdf
from liangzheng.formats.seals.signed_data import read_signed_data
from liangzheng.formats.status_list import Publication, Status, encode_status_list
from liangzheng.verification.signer_checks import TrustMaterial, certificate_of
from tests.formats.test_pdf_reading import cropped, empty_field, exchanged_text, overlay, page, replaced_text, with_ranges
from tests.mutants.campaign import READABLE, Answer, Family, Parts, Patch, Subject
from tests.mutants.controls import OFF
from tests.mutants.ofd_ground import BAD_PLACES, judged
from tests.mutants.trees import bytewise, der_change
from tests.verification.sealed_licence import ISSUER_CODE, LONG, METADATA, NOW, SEALED_AT, STATUS_URI
from tests.verification.signed_pdf import (
    KINDS,
    PdfAuthority,
    Signing,
    found_pdf_authority,
    licence,
    second,
    sign,
    stamp,
    updated,
)

_WORDS = (b"DEMO LICENCE", "鲁F00001".encode(), METADATA.number.encode(), METADATA.holder.encode(), METADATA.holder_code.encode())
Writer = IncrementalPdfFileWriter


@dataclass(frozen=True, slots=True)
class Ground:
    """An authority with one kind of key, its good licence, others under its root, a stranger with the same names."""

    authority: PdfAuthority
    data: bytes
    trust: TrustMaterial
    untrusted: tuple[Signing, ...]
    revoked: tuple[Signing, ...]
    others: tuple[Signing, ...]
    stranger: PdfAuthority

    def judge(self, parts: Parts) -> Answer:
        return judged(parts[0], self.trust)


@cache
def ground(kind: str) -> Ground:
    """Found everybody, once for a process."""
    authority, stranger = found_pdf_authority(kind), found_pdf_authority(kind)
    before, later = authority.neighbour(ISSUER_CODE), authority.neighbour(ISSUER_CODE)
    trust = authority.trust(
        Status.VALID,
        Revocation(before.certificate.serial, SEALED_AT - timedelta(days=2)),
        Revocation(later.certificate.serial, NOW - timedelta(hours=1), RevocationReason.KEY_COMPROMISE),
    )
    ended = authority.neighbour(ISSUER_CODE, (LONG[0], SEALED_AT - timedelta(seconds=1)))
    return Ground(
        authority,
        licence(authority),
        replace(trust, status_tokens=(_status(authority, kind),)),
        (stranger.signing, ended),
        (before, later),
        (authority.neighbour("91370602MADEM0011Y"), authority.neighbour("11370600MADEM0099X")),
        stranger,
    )


def _status(authority: PdfAuthority, kind: str) -> bytes:
    key = SM2PrivateKey.generate() if kind == "SM2" else P256PrivateKey.generate()
    name = Name("状态服务（演示）", organisation="演示", organisation_code=ISSUER_CODE)
    made = issue_certificate(name, key.public_key, issuer=authority.root, issuer_key=authority.root_key, validity=LONG)
    publication = Publication(uri=STATUS_URI, issued_at=NOW, expires_at=NOW + timedelta(days=1))
    return encode_status_list(BAD_PLACES, size=32, publication=publication, key=key, chain=[read_certificate(made)])


@cache
def hole(kind: str) -> tuple[int, int]:
    """Where the signature's place begins and ends, in the good licence and in all that keep its length."""
    return read_pdf(ground(kind).data).signatures[0].hole


@cache
def value_of(kind: str) -> bytes:
    return read_pdf(ground(kind).data).signatures[0].contents


def with_value(found: Ground, data: bytes, value: bytes) -> bytes:
    """Put another value into the place of the signature."""
    start, end = hole(found.authority.kind)
    return data[: start + 1] + value.hex().encode().ljust(end - start - 2, b"0")[: end - start - 2] + data[end - 1 :]


def signed_part(found: Ground, data: bytes, left: int = 0) -> bytes:
    """Give what a signature over this file covers, but for the last bytes that it leaves out."""
    start, end = hole(found.authority.kind)
    return data[:start] + data[end : len(data) - left]


def content(parts: Parts) -> object:
    """Give the bytes outside of the signatures' own places, and who signed what."""
    (data,) = parts
    found, rest, start = [], b"", 0
    for item in sorted(read_pdf(data).signatures, key=lambda item: item.hole):
        rest, start = rest + data[start : item.hole[0]], item.hole[1]
        value = read_signed_data(item.contents)
        signer = next(filter(value.names, filter(None, map(certificate_of, value.certificates))), None)
        found.append((signer and signer.der, value.attributes and value.attributes.encodings[1]))
    return rest + data[start:], found


def other_content(data: bytes, dice: Random) -> bytes:
    """Change a word that the page shows or the licence says of itself; the length stays."""
    word = dice.choice([word for word in _WORDS if word in data])
    digits = [place for place, byte in enumerate(word) if chr(byte).isalnum() and byte < 0x7B]
    letters = bytearray(word)
    for place in dice.sample(digits, dice.randrange(1, min(4, len(digits)))) if len(digits) > 1 else digits:
        letters[place] = dice.choice([other for other in b"2345678ABCDEFGH" if other != letters[place]])
    if bytes(letters) == word:
        letters[-6:-3] = "另".encode()
    return data.replace(word, bytes(letters))


def _changed(found: Ground, dice: Random) -> Parts:
    return (other_content(found.data, dice),)


def _digest_mended(found: Ground, dice: Random) -> Parts:
    changed = other_content(found.data, dice)
    oid = found.authority.signing.digest_oid
    old, new = (digest_of(oid, signed_part(found, data)) or b"" for data in (found.data, changed))
    return (with_value(found, changed, value_of(found.authority.kind).replace(old, new)),)


def _signed_by(signers: Callable[[Ground], Sequence[Signing]], found: Ground, dice: Random) -> Parts:
    changed = other_content(found.data, dice)
    return (with_value(found, changed, dice.choice(signers(found)).cms(signed_part(found, changed), SEALED_AT)),)


def _other_key(found: Ground) -> Sequence[Signing]:
    return (replace(found.authority.signing, sign=found.stranger.signing.sign),)


def _another_value(found: Ground, dice: Random) -> Parts:
    other = found.authority.signing.cms(signed_part(found, other_content(found.data, dice)), SEALED_AT)
    return (with_value(found, found.data, other),)


def _later(found: Ground, dice: Random) -> Parts:
    at = NOW + timedelta(minutes=6, seconds=dice.randrange(10**5))
    changed = other_content(found.data, dice)
    return (with_value(found, changed, found.authority.signing.cms(signed_part(found, changed), at)),)


def _bad_stamp(found: Ground, dice: Random) -> Parts:
    soon, late = SEALED_AT + timedelta(seconds=2), NOW + timedelta(minutes=6, seconds=dice.randrange(999))
    good, strange = stamps(found.authority.kind)
    unsigned = dice.choice(
        (
            lambda value: good(soon)(value + dice.randbytes(1)),
            strange(soon),
            good(late),
            good(SEALED_AT - timedelta(minutes=6)),
        )
    )
    changed = other_content(found.data, dice)
    return (with_value(found, changed, found.authority.signing.cms(signed_part(found, changed), SEALED_AT, unsigned)),)


Stamper = Callable[..., Callable[[bytes], bytes]]


@cache
def stamps(kind: str) -> tuple[Stamper, Stamper]:
    found = ground(kind)
    return partial(_stamped, found.authority), partial(_stamped, found.stranger)


def _stamped(authority: PdfAuthority, at: object) -> Callable[[bytes], bytes]:
    return stamp(authority, at)  # type: ignore[arg-type]  # a time


def _metadata(changes: Sequence[tuple[bytes, bytes]], found: Ground, dice: Random) -> Parts:
    """The authority itself signs other metadata, as long as before."""
    old, new = dice.choice(changes)
    changed = other_content(found.data, dice)
    assert old in changed, old
    changed = changed.replace(old, new)
    return (with_value(found, changed, found.authority.signing.cms(signed_part(found, changed), SEALED_AT)),)


_DATES = [(b'"ZZYXQJZRQ": "20300228"', b'"ZZYXQJZRQ": "2025%02d01"' % month) for month in range(1, 13)]
_DATES += [(b'"ZZYXQQSRQ": "20260301"', b'"ZZYXQQSRQ": "2027%02d01"' % month) for month in range(1, 13)]
_PLACES = [(b'"LZ_STATUS_IDX": "5"', b'"LZ_STATUS_IDX": "%s"' % place) for place in (b"8", b"9", b"x")]
_PLACES += [(STATUS_URI.encode(), STATUS_URI.encode()[:-1] + b"%d" % digit) for digit in range(2, 10)]


def _moved(change: Callable[[Writer], None], dice: Random) -> Callable[[Writer], None]:
    """The change, and a number of no meaning that makes each mutant another one."""

    def both(writer: Writer) -> None:
        change(writer)
        page(writer)[pdf_name("/Rotate")] = generic.NumberObject(90 * dice.randrange(4) + 360 * dice.randrange(10**6))

    return both


_SHADOWS = (overlay, exchanged_text, replaced_text, cropped)


def _shadow(found: Ground, dice: Random) -> Parts:
    return (updated(found.data, _moved(dice.choice(_SHADOWS), dice)),)


def _signed_shadow(found: Ground, dice: Random) -> Parts:
    """The shadow comes with a further signature of the same authority."""
    return (sign(found.data, found.authority.signing, second(), change=_moved(dice.choice(_SHADOWS), dice)),)


def _unsigned_field(found: Ground, dice: Random) -> Parts:
    def both(writer: Writer) -> None:
        empty_field(writer)
        writer.set_info(generic.DictionaryObject({pdf_name("/Title"): generic.pdf_string(f"演示{dice.randrange(10**6)}")}))

    return (updated(found.data, both),)


def _part_only(found: Ground, dice: Random) -> Parts:
    """A signature by the authority's own key over less than the file."""
    left = dice.randrange(1, 200)
    data = with_ranges(found.data, lambda ranges: [0, ranges[1], ranges[2], ranges[3] - left])
    value = found.authority.signing.cms(signed_part(found, data, left), SEALED_AT)
    return (with_value(found, data, value),)


def _appended(found: Ground, dice: Random) -> Parts:
    more = dice.choice((b"\n", b"%", b"\n%%EOF\n", b"4 0 obj\n<< /FORGED true >>\nendobj\n"))
    return (found.data + more * dice.randrange(1, 9) + b"%" + b"%d" % dice.randrange(10**6),)


def _any_byte(found: Ground, dice: Random) -> Parts:
    return (bytewise(found.data, dice),)


def _any_field(found: Ground, dice: Random) -> Parts:
    return (with_value(found, found.data, der_change(value_of(found.authority.kind), dice)),)


def _upper_case(found: Ground, dice: Random) -> Parts:
    """The signature's value in capital letters, or signed again: the place is the signature's own."""
    start, end = hole(found.authority.kind)
    if dice.random() < 0.1:
        return (found.data[:start] + found.data[start:end].upper() + found.data[end:],)
    return (with_value(found, found.data, found.authority.signing.cms(signed_part(found, found.data), SEALED_AT)),)


def families(kind: str) -> list[Family]:
    """Every forgery for one kind of key."""
    found = ground(kind)
    subject = Subject(f"PDF licence ({kind})", (found.data,), found.judge, content)
    part = OFF["coverage"] + OFF["issuer_matches"]  # what covers no whole file does not cover the licence either
    chosen: list[tuple[str, str, Callable[[Ground, Random], Parts], tuple[Patch, ...], float]] = [
        ("content changed", "seal_signature", _changed, (), 1),
        ("content changed, signed digest mended", "seal_signature", _digest_mended, (), 1),
        ("content changed, signed with another key", "seal_signature", partial(_signed_by, _other_key), (), 1),
        ("value of another licence", "seal_signature", _another_value, (), 1),
        ("signed by one who is not trusted", "issuer_trusted", partial(_signed_by, lambda found: found.untrusted), (), 1),
        ("signed by one who was revoked", "issuer_not_revoked", partial(_signed_by, lambda found: found.revoked), (), 1),
        ("signed by another body", "issuer_matches", partial(_signed_by, lambda found: found.others), (), 1),
        ("signed in the future", "seal_validity", _later, (), 1),
        ("a bad time stamp", "timestamp", _bad_stamp, (), 0.3),
        ("signed with other dates", "in_validity", partial(_metadata, _DATES), (), 0.5),
        ("signed with another place in the status list", "status", partial(_metadata, _PLACES), (), 0.5),
        ("a later revision changes the page", "coverage", _shadow, (), 0.3),
        ("a later signature changes the page", "coverage", _signed_shadow, (), 0.2),
        ("a later field shows what nobody signed", "coverage", _unsigned_field, (), 0.2),
        ("part of the file signed", "coverage", _part_only, part, 0.3),
    ]
    made = [
        Family(subject, name, partial(make, found), check, off or OFF[check], share) for name, check, make, off, share in chosen
    ]
    return [
        *made,
        Family(subject, "random: bytes behind the end", partial(_appended, found), "", (), 0.3),
        Family(subject, "random: bytes", partial(_any_byte, found), READABLE, (), 3),
        Family(subject, "random: a field of the value", partial(_any_field, found), "", (), 2),
        Family(subject, "equal: the signature's own place", partial(_upper_case, found), "", (), 0.1),
    ]


def every() -> list[Family]:
    return [family for kind in KINDS for family in families(kind)]
