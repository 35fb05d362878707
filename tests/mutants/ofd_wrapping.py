"""OFD files whose wrapping was tampered with (ZIP, XML), changes at random in every layer, and changes that change nothing."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from lxml import etree

from liangzheng.crypto import der
from liangzheng.formats.ofd import archive, metadata, package
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.markup import local_name
from tests.mutants.campaign import READABLE, Family, Parts, Patch
from tests.mutants.ofd_forgeries import good, mended, other_content, subject
from tests.mutants.ofd_ground import DESCRIPTION, INDEX, SEAL, VALUE, Use, described, ground, sealed, value_of
from tests.mutants.trees import bytewise, der_change, der_with, xml_change

_END = struct.Struct("<4s4H2IH")  # APPNOTE 4.3.16
_XML = ("OFD.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml", INDEX)


def plain_unpack(data: bytes) -> dict[str, bytes]:
    """Unpack as a trusting reader does: the last entry of a name counts."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def _plain_parse(data: bytes, place: str) -> etree._Element:
    del place
    return etree.fromstring(data)


def _plain_gather(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.strip().upper(): value.strip() for name, value in items}


def _plain_child(element: etree._Element, name: str, place: str) -> etree._Element | None:
    del place
    return next(iter([child for child in element if local_name(child) == name]), None)


def twice_named(generation: str, dice: Random) -> Parts:
    """The same name twice: a forged file in front, the good one behind it."""
    files = good(generation)
    path = dice.choice(list(files))
    stand_in = "~" * len(path)
    packed = pack({stand_in: bytewise(files[path], dice), **files})
    return (packed.replace(stand_in.encode(), path.encode()),)


def lying_header(generation: str, dice: Random) -> Parts:
    """In front of an entry's content stands another name or check sum than in the directory."""
    data = pack(good(generation))
    start = dice.choice([place for place in range(len(data)) if data.startswith(b"PK\x03\x04", place)])
    place = start + dice.choice((14, 15, 16, 17, 30, 31, 32))
    return (data[:place] + bytes((data[place] ^ 1 << dice.randrange(7),)) + data[place + 1 :],)


def another_in_front(generation: str, dice: Random) -> Parts:
    """A whole other package in front: readers that begin at the beginning see that one."""
    return (pack(other_content(good(generation), dice)) + pack(good(generation)),)


def _signed_xml(change: Callable[[bytes, Random], bytes], use: Use, dice: Random) -> Parts:
    """The authority itself signed a package that two readers could read in two ways."""
    path = "OFD.xml"
    return (sealed(replace(use, files={**use.files, path: change(use.files[path], dice)})),)


def _doctype(xml: bytes, dice: Random) -> bytes:
    end = xml.index(b"?>") + 2
    inside = dice.choice(
        (b"", b' [<!ENTITY a "%d">]' % dice.randrange(10**6), b' SYSTEM "http://example.org/%d"' % dice.randrange(10**6))
    )
    return xml[:end] + b"<!DOCTYPE OFD" + inside + b">" + xml[end:]


def _two_values(xml: bytes, dice: Random) -> bytes:
    other = b'<ofd:CustomData Name="%s">%d</ofd:CustomData>' % (dice.choice((b"ZZBH", b"zzbh", b"ZZMC")), dice.randrange(10**6))
    return xml.replace(b"<ofd:CustomDatas>", b"<ofd:CustomDatas>" + other)


def _two_titles(xml: bytes, dice: Random) -> bytes:
    return xml.replace(b"</ofd:Title>", b"</ofd:Title><ofd:Title>%d</ofd:Title>" % dice.randrange(10**6))


_UNREADABLE: tuple[tuple[str, Callable[[str, Random], Parts], tuple[Patch, ...]], ...] = (
    ("the same name twice", twice_named, ((package, "unpack", plain_unpack),)),
    ("a header that lies", lying_header, ((archive, "_check_layout", lambda *_: None),)),
    ("another package in front", another_in_front, ((archive, "_check_layout", lambda *_: None),)),
)
_AMBIGUOUS: tuple[tuple[str, Callable[[bytes, Random], bytes], tuple[Patch, ...]], ...] = (
    ("a DOCTYPE", _doctype, ((package, "parse", _plain_parse),)),
    ("metadata with two values", _two_values, ((metadata, "_gather", _plain_gather),)),
    ("an element twice", _two_titles, ((package, "child", _plain_child),)),
)


def _any_byte(generation: str, dice: Random) -> Parts:
    return (bytewise(pack(good(generation)), dice),)


def _any_file(generation: str, dice: Random) -> Parts:
    files = good(generation)
    path = dice.choice(list(files))
    return (pack({**files, path: bytewise(files[path], dice)}),)


def _any_xml(use: Use, dice: Random) -> Parts:
    """Change some element of the package, and mend digests, signed digest and signature as far as the dice say."""
    path, mending = dice.choice((*_XML, DESCRIPTION)), dice.randrange(3)
    files = dict(good(use.generation))
    files[path] = xml_change(files[path], dice)
    if path != DESCRIPTION and mending:
        files[DESCRIPTION] = described({name: data for name, data in files.items() if name not in {DESCRIPTION, VALUE}}, use)
    if mending == 2:
        stranger = replace(use, signer=(use.signer[0], ground().stranger.signer_key))
        files[VALUE] = value_of(stranger, files.get(SEAL, b""), files[DESCRIPTION])
    return (pack(files),)


def _any_field(generation: str, dice: Random) -> Parts:
    """Change some field of the signed value."""
    files = good(generation)
    return (pack({**files, VALUE: der_change(files[VALUE], dice)}),)


def _any_seal_field(use: Use, dice: Random) -> Parts:
    """Change some field of the seal; everything after that is right: the owner of the seal signs with it."""
    seal = good(use.generation)[SEAL]
    return (sealed(replace(use, spoil_seal=lambda _: der_change(seal, dice))),)


def _any_forgery(use: Use, dice: Random) -> Parts:
    """Other content with mended digests, and some field of the signed value changed."""
    files, _ = mended(use, dice)
    return (pack({**files, VALUE: der_change(files[VALUE], dice)}),)


def _comment(generation: str, dice: Random) -> Parts:
    """A comment at the end of the ZIP, other times of its entries: nothing that is signed."""
    data = pack(good(generation))
    comment = dice.randbytes(dice.randrange(1, 60)).replace(b"PK", b"pk")
    place = dice.choice([place for place in range(len(data)) if data.startswith(b"PK\x01\x02", place)])
    data = data[: place + 12] + dice.randbytes(2) + data[place + 14 :]
    return (data[:-2] + struct.pack("<H", len(comment)) + comment,)


def _stored(generation: str, dice: Random) -> Parts:
    """Packed by another program: in another order, not deflated."""
    written = io.BytesIO()
    files = list(good(generation).items())
    dice.shuffle(files)
    with zipfile.ZipFile(written, "w", dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as opened:
        for path, data in files:
            opened.writestr(zipfile.ZipInfo(path, (dice.randrange(1981, 2030), 1, 1, 0, 0, 0)), data)
    return (written.getvalue(),)


def _signed_again(use: Use, dice: Random) -> Parts:
    """The same seal on the same description, signed once more by its owner: other random numbers, perhaps a time stamp."""
    files = good(use.generation)
    moment = use.at + timedelta(seconds=dice.randrange(100))
    stamp = ground().stamps.stamp(moment) if use.generation != "SES V1" and dice.random() < 0.5 else None
    value = value_of(replace(use, stamp=stamp), files.get(SEAL, b""), files[DESCRIPTION])
    return (pack({**files, VALUE: value}),)


def _more_certificates(generation: str, dice: Random) -> Parts:
    """Further certificates come along in SignedData: they are material for the chain, nothing in them is signed or believed."""
    files, found = good(generation), ground()
    more = dice.sample([found.stranger.signer.der, found.stranger.root.der, found.authority.root.der], dice.randrange(1, 4))

    def change(bundle: bytes) -> bytes:
        return der.element(bundle[0], b"".join([*more, der.read(bundle).content]))

    return (pack({**files, VALUE: der_with(files[VALUE], (1, 0, 3), change)}),)


def families(generation: str) -> list[Family]:
    """Wrapping, random changes, and changes that change nothing, of one generation."""
    use, judged = ground().use(generation), subject(generation)
    found = [Family(judged, name, partial(make, generation), READABLE, off) for name, make, off in _UNREADABLE]
    found += [Family(judged, name, partial(_signed_xml, change, use), READABLE, off) for name, change, off in _AMBIGUOUS]
    anywhere: list[tuple[str, Callable[[Random], Parts]]] = [
        ("random: bytes of the package", partial(_any_byte, generation)),
        ("random: bytes of a file", partial(_any_file, generation)),
        ("random: an XML element", partial(_any_xml, use)),
        ("random: a field of the signed value", partial(_any_field, generation)),
        ("random: forged content and a field of the value", partial(_any_forgery, use)),
        *([("random: a field of the seal", partial(_any_seal_field, use))] if use.is_ses else []),
    ]
    found += [Family(judged, name, make, share=3) for name, make in anywhere]
    same: list[tuple[str, Callable[[Random], Parts]]] = [
        ("equal: comment and times of the ZIP", partial(_comment, generation)),
        ("equal: packed by another program", partial(_stored, generation)),
        ("equal: signed again by the same", partial(_signed_again, use)),
        *([] if use.is_ses else [("equal: more certificates", partial(_more_certificates, generation))]),
    ]
    return [*found, *(Family(judged, name, make, share=0.2) for name, make in same)]
