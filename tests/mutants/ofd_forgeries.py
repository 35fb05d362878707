"""Forged licences as OFD: each fits in everything but one thing, so that one check alone can catch it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from random import Random

from liangzheng.crypto import der
from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.seals.seal import SealDesign
from liangzheng.verification import file_checks
from liangzheng.verification.licence_checks import judge_licence
from liangzheng.verification.verdict import Check, Result
from tests.formats.seal_writers import utc_time
from tests.mutants.campaign import Family, Parts, Patch, Subject
from tests.mutants.controls import OFF
from tests.mutants.ofd_ground import (
    BAD_PLACES,
    COMPROMISED,
    DESCRIPTION,
    FOLDER,
    GENERATIONS,
    INDEX,
    PAGE,
    REVOKED,
    SEAL,
    VALUE,
    Holder,
    Use,
    content,
    described,
    edited,
    ground,
    seal_of,
    sealed,
    sealed_files,
)
from tests.mutants.trees import bytewise, der_at, der_paths, der_with, other_value, text_change
from tests.verification.sealed_licence import LONG, NOW, SEALED_AT
from tests.verification.time_authority import TimeAuthority, found_time_authority

Files = Mapping[str, bytes]
Forge = Callable[[Use, Random], Parts]
_TEXTS = (b"CZZT", b"CZZTDM", b"ZZBH", b"ZZMC", b"KZ_CLHP", b"KZ_JYFW", b"ZZBFJG")
_METADATA_OFF: tuple[Patch, ...] = (
    (
        file_checks,
        "judge_licence",
        lambda *parts, judge=judge_licence, **facts: (
            Check("metadata_present", Result.PASS),
            *judge(*parts, **facts)[1:],
        ),
    ),
)


@cache
def good(generation: str) -> Files:
    """The licence as it was issued, in this process."""
    return sealed_files(ground().use(generation))


NAMES = {
    name: name.replace("SES", "seal").replace("CMS, attributes", "GB/T 35275").replace("CMS, d", "GB/T 35275, d")
    for name in GENERATIONS
}


def subject(generation: str) -> Subject:
    return Subject(f"OFD, {NAMES[generation]}", (pack(good(generation)),), ground().judge, content)


def item(files: Files, name: bytes, text: bytes) -> dict[str, bytes]:
    """Write another value of one item of the metadata."""
    return edited(files, "OFD.xml", rb'(?<=Name="%s">)[^<]*' % name, text)


def other_content(files: Files, dice: Random) -> dict[str, bytes]:
    """Change what the licence says or shows: its metadata, the words of its face, its pictures and fonts, its layout."""
    kind = dice.randrange(4)
    if kind == 0:
        return item(files, dice.choice(_TEXTS), text_change("演示另一主体", dice).strip().encode())
    if kind == 1:
        return edited(files, PAGE, rb"(?<=>)[^<>\s]+(?=</ofd:TextCode>)", text_change("演示另一文字", dice).strip().encode())
    if kind == 2:
        path = dice.choice([path for path in files if "/Res/" in path])
        return {**files, path: bytewise(files[path], dice)}
    return edited(
        files, "Doc_0/Document.xml", rb"(?<=PhysicalBox>)[^<]*", b"0 0 %d %d" % (dice.randrange(10, 209), dice.randrange(10, 99))
    )


def repack(generation: str, change: Callable[[Files, Random], Files], dice: Random) -> Parts:
    return (pack(change(good(generation), dice)),)


def mended(use: Use, dice: Random) -> tuple[dict[str, bytes], bytes]:
    """Change the content and write the digests of the description anew; the signed value stays. Gives the description, too."""
    files = other_content({path: data for path, data in good(use.generation).items() if path not in {DESCRIPTION, VALUE}}, dice)
    description = described(files, use)
    return {**files, DESCRIPTION: description, VALUE: good(use.generation)[VALUE]}, description


def _digests_mended(use: Use, dice: Random) -> Parts:
    return (pack(mended(use, dice)[0]),)


def _hash_mended(use: Use, dice: Random) -> Parts:
    files, description = mended(use, dice)
    value = files[VALUE].replace(sm3(good(use.generation)[DESCRIPTION]), sm3(description))
    return (pack({**files, VALUE: value}),)


def _stranger_signs(use: Use, dice: Random) -> Parts:
    return (sealed(replace(use, files=other_content(use.files, dice), signer=(use.signer[0], SM2PrivateKey.generate()))),)


def _other_time(use: Use, dice: Random) -> Parts:
    files = good(use.generation)
    earlier = SEALED_AT - timedelta(seconds=dice.randrange(1, 10**7))
    write = der.generalized_time if use.is_ses and use.generation != "SES V1" else utc_time
    old, new = write(SEALED_AT), write(earlier)
    return (pack({**files, VALUE: files[VALUE].replace(old, new, 1)}),)


def _another_value(use: Use, dice: Random) -> Parts:
    """The value and seal of another licence of the same authority, the description mended."""
    other = sealed_files(replace(use, files=other_content(use.files, dice)))
    files = {path: data for path, data in good(use.generation).items() if path not in {DESCRIPTION, VALUE, SEAL}}
    files |= {SEAL: other[SEAL]} if use.is_ses else {}
    return (pack({**files, DESCRIPTION: described(files, use), VALUE: other[VALUE]}),)


def _other_signature(use: Use, dice: Random) -> Parts:
    """Another number in the signature, well-formed again."""
    files, value = good(use.generation), good(use.generation)[VALUE]
    holder = der.BIT_STRING if use.is_ses else der.OCTET_STRING
    path = [path for path in der_paths(value) if der_at(value, path)[0] == holder and _is_pair(value, path)][-1]
    inner = (*path, 0, dice.randrange(2))
    change = lambda element: der.integer(max(1, der.read(element).integer() ^ 1 << dice.randrange(240)))  # noqa: E731
    return (pack({**files, VALUE: der_with(value, inner, change)}),)


def _is_pair(data: bytes, path: tuple[int, ...]) -> bool:
    try:
        pair = der_at(data, (*path, 0))
    except (der.DerError, IndexError):
        return False
    return [node.tag for node in der.read(pair).children()] == [der.INTEGER, der.INTEGER]


def _seal_beside(use: Use, dice: Random) -> Parts:
    other = replace(use.design, seal_id=f"3706{dice.randrange(10**8):08}")
    return (sealed(replace(use, shown=seal_of(replace(use, design=other)))),)


def _listed_himself(use: Use, dice: Random) -> Parts:
    """A thief puts his certificate into the seal's list; the maker's signature stays."""
    thief = thieves()[dice.randrange(2)]
    path = (0, 2, 2 if use.generation == "SES V1" else 3, 0)
    spoil = partial(der_with, path=path, change=lambda _: der.octet_string(thief[0].der))
    return (sealed(replace(use, files=other_content(use.files, dice), signer=thief, spoil_seal=spoil)),)


def _field_of_seal(use: Use, dice: Random) -> Parts:
    """Another number, kind, name or picture; the maker's signature stays."""
    path = dice.choice(((0, 1), (0, 2, 0), (0, 2, 1), (0, 3, 1), (0, 3, 2), (0, 3, 3)))
    change = partial(_another_text if path in {(0, 1), (0, 2, 1)} else other_value, dice=dice)
    return (sealed(replace(use, spoil_seal=lambda seal: der_with(seal, path, change))),)


def _another_text(element: bytes, dice: Random) -> bytes:
    return der.element(element[0], der.read(element).content + b"%d" % dice.randrange(10))


def _stranger_makes(use: Use, dice: Random) -> Parts:
    design = replace(use.design, name=text_change(use.design.name, dice))
    return (sealed(replace(use, design=design, maker=(use.maker[0], SM2PrivateKey.generate()))),)


def _other_version(use: Use, dice: Random) -> Parts:
    return (sealed(replace(use, version=dice.choice((2, 3, 6, 7, 4 if use.generation == "SES V1" else 1)))),)


def _shown_without_signing(use: Use, dice: Random) -> Parts:
    files = {**use.files, SEAL: seal_of(replace(use, generation="SES V4"))}
    shown = b"<Seal><BaseLoc>/%s</BaseLoc></Seal>" % SEAL.encode()
    named = lambda xml: xml.replace(b"</SignedInfo>", shown + b"</SignedInfo>")  # noqa: E731
    return (sealed(replace(use, files={**files, SEAL: bytewise(files[SEAL], dice)}, description=named)),)


def _not_in_list(use: Use, dice: Random) -> Parts:
    listed = dice.choice(((use.signer[0].der,), (), (use.maker[0].der,)))
    return (sealed(replace(use, files=other_content(use.files, dice), listed=listed, signer=thieves()[dice.randrange(2)])),)


@cache
def thieves() -> tuple[Holder, ...]:
    """Others whom the same root issued a certificate with the authority's name and code."""
    return ground().holder(), ground().holder()


def _out_of_period(use: Use, dice: Random) -> Parts:
    seconds = timedelta(seconds=dice.randrange(1, 10**6))
    if not use.is_ses or dice.random() < 0.3:
        return (sealed(replace(use, at=NOW + timedelta(minutes=6) + seconds / 4)),)
    design = use.design
    ended: SealDesign = replace(design, valid_to=use.at - seconds)
    not_begun: SealDesign = replace(design, valid_from=use.at + seconds)
    return (sealed(replace(use, design=dice.choice((ended, not_begun)))),)


@cache
def untrusted() -> tuple[Holder, ...]:
    """Under the same names: a stranger's root, a copied certificate with another key, an authority's, an ended one."""
    found, key = ground(), SM2PrivateKey.generate()
    true = found.authority.signer.der
    copied = read_certificate(der_with(true, (0, 6), lambda _: key.public_key.spki))
    stranger = found.stranger
    ended = LONG[0], SEALED_AT - timedelta(seconds=1)
    return (
        (stranger.signer, stranger.signer_key),
        (copied, key),
        found.holder(path_length=0),
        found.holder(validity=ended),
        found.holder(validity=(SEALED_AT + timedelta(seconds=1), LONG[1])),
    )


def signed_by(holders: Callable[[], tuple[Holder, ...]], use: Use, dice: Random) -> Parts:
    """Another content, sealed with a seal of its own by one of these, whom it lists; the maker is the true one."""
    holder = dice.choice(holders())
    return (sealed(replace(use, files=other_content(use.files, dice), signer=holder, listed=(holder[0].der,))),)


def _strange_maker(use: Use, dice: Random) -> Parts:
    stranger = ground().stranger
    maker = read_certificate(stranger.seal.maker_certificate), stranger.maker_key
    return (sealed(replace(use, design=replace(use.design, name=text_change(use.design.name, dice)), maker=maker)),)


@cache
def revoked() -> tuple[Holder, ...]:
    return ground().holder(serial=REVOKED), ground().holder(serial=COMPROMISED)


@cache
def other_bodies() -> tuple[Holder, ...]:
    return tuple(ground().holder(code=code) for code in ("91370602MADEM0011Y", "11370600MADEM0099X"))


def _added(files: Files, dice: Random) -> Files:
    name = dice.choice(("Doc_0/Annots/Page_0/Annotation.xml", f"{FOLDER}/more.xml", "note.txt", "Doc_0/Attachs/a.ofd"))
    return {**files, name.replace("more", f"more{dice.randrange(999)}"): dice.randbytes(dice.randrange(200))}


def _left_out(use: Use, dice: Random) -> Parts:
    """The description leaves out one file, and is signed like that."""
    path = dice.choice([path for path in use.files if path not in {"OFD.xml", INDEX}])

    def without(xml: bytes) -> bytes:
        start = xml.index(f'<Reference FileRef="/{path}"'.encode())
        end = xml.index(b"</Reference>", start) + len(b"</Reference>")
        return xml[:start] + xml[end:]

    return (sealed(replace(use, description=without, files=use.files)),)


def _item_changed(changes: Callable[[Random], tuple[bytes, bytes]], use: Use, dice: Random) -> Parts:
    """The authority itself signs other metadata."""
    return (sealed(replace(use, files=item(use.files, *changes(dice)))),)


def _day(dice: Random) -> tuple[bytes, bytes]:
    number = dice.randrange(1, 29)
    return dice.choice(
        (
            (b"ZZYXQJZRQ", b"2025%02d%02d" % (dice.randrange(1, 13), number)),
            (b"ZZYXQQSRQ", b"2027%02d%02d" % (dice.randrange(1, 13), number)),
            (b"ZZYXQJZRQ", b"203013%02d" % number),
        )
    )


def _place(dice: Random) -> tuple[bytes, bytes]:
    bad = b"%d" % dice.choice((*BAD_PLACES, 32, 10**8))
    return dice.choice(
        ((b"LZ_STATUS_IDX", bad), (b"LZ_STATUS_IDX", b"x"), (b"LZ_STATUS_URI", b"https://other.example/%d" % dice.randrange(99)))
    )


def _no_metadata(use: Use, dice: Random) -> Parts:
    del dice
    return (sealed(replace(use, files=edited(use.files, "OFD.xml", rb"<ofd:CustomDatas>.*</ofd:CustomDatas>", b""))),)


def _bad_stamp(use: Use, dice: Random) -> Parts:
    found = ground()
    soon, late = use.at + timedelta(seconds=2), NOW + timedelta(minutes=6, seconds=dice.randrange(999))
    stamps, strange = found.stamps, stranger_stamps()
    stamp = dice.choice(
        (
            lambda value: stamps.stamp(soon)(value + dice.randbytes(1)),
            strange.stamp(soon),
            stamps.stamp(late),
            stamps.stamp(use.at - timedelta(minutes=6)),
            lambda _: der.sequence(der.integer(dice.randrange(10**6))),
        )
    )
    return (sealed(replace(use, stamp=stamp)),)


@cache
def stranger_stamps() -> TimeAuthority:
    stranger = ground().stranger
    return found_time_authority(stranger.root, stranger.root_key)


_EVERY: tuple[tuple[str, str, Forge], ...] = (
    ("content changed, digests mended", "seal_signature", _digests_mended),
    ("content changed, digests and signed digest mended", "seal_signature", _hash_mended),
    ("content changed, signed with another key", "seal_signature", _stranger_signs),
    ("value of another licence", "seal_signature", _another_value),
    ("another number in the signature", "seal_signature", _other_signature),
    ("used outside of its period", "seal_validity", _out_of_period),
    ("sealed by one who is not trusted", "issuer_trusted", partial(signed_by, untrusted)),
    ("sealed by one who was revoked", "issuer_not_revoked", partial(signed_by, revoked)),
    ("sealed by another body", "issuer_matches", partial(signed_by, other_bodies)),
    ("a file left out of the digests", "coverage", _left_out),
    ("sealed with other dates", "in_validity", partial(_item_changed, _day)),
    ("sealed with another place in the status list", "status", partial(_item_changed, _place)),
)
_WITH_SEAL: tuple[tuple[str, str, Forge], ...] = (
    ("another seal beside the signature", "seal_identity", _seal_beside),
    ("thief listed in the seal", "seal_identity", _listed_himself),
    ("a field of the seal", "seal_identity", _field_of_seal),
    ("seal made with another key", "seal_identity", _stranger_makes),
    ("seal of another version", "seal_identity", _other_version),
    ("signer not in the seal's list", "signer_in_seal", _not_in_list),
    ("seal made by a stranger", "issuer_trusted", _strange_maker),
)


def families(generation: str) -> list[Family]:
    """Every forgery of one generation."""
    use, judged = ground().use(generation), subject(generation)
    chosen = [
        *_EVERY,
        *(_WITH_SEAL if use.is_ses else (("a seal shown that did not sign", "seal_identity", _shown_without_signing),)),
    ]
    if generation != "CMS, digest":
        chosen.append(("another time of signing", "seal_signature", _other_time))
    if generation != "SES V1":
        chosen.append(("a bad time stamp", "timestamp", _bad_stamp))
    found = [Family(judged, name, partial(forge, use), check, OFF[check]) for name, check, forge in chosen]
    found.append(Family(judged, "metadata left out", partial(_no_metadata, use), "metadata_present", _METADATA_OFF, share=0.02))
    found.append(
        Family(judged, "content changed", partial(repack, generation, other_content), "file_digests", OFF["file_digests"])
    )
    found.append(Family(judged, "a file added", partial(repack, generation, _added), "coverage", OFF["coverage"]))
    return found
