"""OFD packages that would keep a trusting reader busy or fell it, made for `liangzheng verify`."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.markup import NAMESPACE

HEAD = f'xmlns="{NAMESPACE}"'
METADATA = '<CustomDatas><CustomData Name="ZZBH">1</CustomData>{}</CustomDatas>'
MEGABYTE = 2**20


def entry_xml(bodies: str) -> bytes:
    return f'<OFD {HEAD} Version="1.0">{bodies}</OFD>'.encode()


def body(info: str = "", signatures: str = "") -> str:
    return f"<DocBody><DocInfo>{info}</DocInfo><DocRoot>Doc.xml</DocRoot>{signatures}</DocBody>"


def ofd(xml: bytes, files: Mapping[str, bytes] | None = None) -> bytes:
    """A package whose files are packed, also such as are denser than `pack` would find good."""
    return pack({"OFD.xml": xml, "Doc.xml": f"<Document {HEAD}/>".encode(), **(files or {})})


def salted(xml: bytes) -> bytes:
    """The same XML with a comment that cannot be packed, so that it stays below a hundred times what it is packed in."""
    salt = base64.b64encode(noise(len(xml) // 70)).decode()
    return xml + f"<!--{salt}-->".encode("utf-16-le" if xml.startswith(b"\xff\xfe") else "ascii")


def padded(bomb: bytes) -> bytes:
    return ofd(salted(bomb))


@cache
def noise(size: int) -> bytes:
    state, parts = b"liangzheng", []
    for _ in range(size // 32 + 1):
        state = sm3(state)
        parts.append(state)
    return b"".join(parts)[:size]


def zipped(entries: Mapping[str, bytes], *, extra: bytes = b"", links: bool = False) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.extra = zipfile.ZIP_DEFLATED, extra
            info.create_system = 3
            info.external_attr = (0o120777 if links else 0o100644) << 16
            archive.writestr(info, content)
    return written.getvalue()


def unicode_path(shown: str, real: bytes) -> bytes:
    """Info-ZIP Unicode Path Extra Field (APPNOTE 4.6.9): some programs take this name for the entry's."""
    told = struct.pack("<BI", 1, zlib.crc32(real)) + shown.encode()
    return struct.pack("<HH", 0x7075, len(told)) + told


def quine_like(depth: int) -> bytes:
    """Archives in archives; only the outermost is opened."""
    data = zipped({"OFD.xml": bytes(MEGABYTE)})
    for _ in range(depth):
        data = zipped({"OFD.xml": entry_xml(body()), "inner.zip": data})
    return data


def overlapping(count: int) -> bytes:
    """Many directory entries for the same bytes, each of a megabyte."""
    good = zipped({"OFD.xml": bytes(MEGABYTE)})
    end = good.rfind(b"PK\x05\x06")
    start = struct.unpack_from("<I", good, end + 16)[0]
    record = good[start:end]
    records = b"".join(record.replace(b"OFD.xml", b"%07d" % number) for number in range(count))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(records), start, 0)
    return good[:start] + records + tail


def lying(place: int, value: int) -> bytes:
    """A directory that says another size than there is."""
    data = bytearray(zipped({"OFD.xml": entry_xml(body()) * 50}))
    start = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, start + place, value)
    return bytes(data)


def directory(count: int) -> bytes:
    """An archive that is all directory: empty files."""
    return zipped({f"{number:x}": b"" for number in range(count)})


def signature_xml(references: str, more: str = "") -> bytes:
    info = f'<SignedInfo><Provider ProviderName="x"/><References CheckMethod="SM3">{references}</References>{more}</SignedInfo>'
    return f"<Signature {HEAD}>{info}<SignedValue>/S/v</SignedValue></Signature>".encode()


def reference(path: str, content: bytes) -> str:
    return f'<Reference FileRef="/{path}"><CheckValue>{base64.b64encode(sm3(content)).decode()}</CheckValue></Reference>'


def signed_often(count: int, references: str, files: Mapping[str, bytes], *, bodies: int = 1, value: bytes = b"0") -> bytes:
    """One description of a signature, named by many entries of the list, and that by many documents."""
    entries = '<Signature ID="1" BaseLoc="/S/s.xml" Type="Seal"/>' * count
    index = f"<Signatures {HEAD}>{entries}</Signatures>".encode()
    xml = entry_xml(body(METADATA.format(""), "<Signatures>/S/i.xml</Signatures>") * bodies)
    return ofd(xml, {"S/i.xml": salted(index), "S/s.xml": salted(signature_xml(references)), "S/v": value, **files})


def big_file_often() -> bytes:
    """Fifty signatures each name the same forty megabytes two thousand times, truthfully: a hundred gigabytes to digest."""
    big = noise(40 * MEGABYTE)
    return signed_often(50, reference("big", big) * 2000, {"big": big})


def large_file_named(count: int) -> bytes:
    big = noise(40 * MEGABYTE)
    return signed_often(10, reference("big", big) * count, {"big": big})


def own_list_often() -> bytes:
    """Signatures that name their own list with a wrong digest again and again: each has to look for a later one."""
    return signed_often(50, reference("S/i.xml", b"wrong") * 2000, {})


def holders(count: int) -> bytes:
    """One licence with very many holders, whose names become one text."""
    return padded(entry_xml(body(METADATA.format('<CustomData Name="CZZT">张三丰演示</CustomData>' * count))))


def attributes(count: int) -> str:
    return " ".join(f'a{number}=""' for number in range(count))


def namespaces(count: int) -> str:
    return " ".join(f'xmlns:a{number}="u{number}"' for number in range(count))


def entities() -> bytes:
    levels = "".join(f'<!ENTITY l{level} "' + f"&l{level - 1};" * 10 + '">' for level in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE OFD [<!ENTITY l0 "ha">{levels}]><OFD {HEAD}>&l11;</OFD>'.encode()


def outside(system: str) -> bytes:
    return f'<!DOCTYPE OFD [<!ENTITY x SYSTEM "{system}">]><OFD {HEAD}>&x;</OFD>'.encode()


PACKAGES: Mapping[str, Callable[[], bytes]] = {
    "zip: a hundred megabytes of nothing": lambda: zipped({"OFD.xml": bytes(100 * MEGABYTE)}),
    "zip: fifty entries of a megabyte of nothing": lambda: zipped({f"{n}": bytes(MEGABYTE) for n in range(50)}),
    "zip: 45 MB that cannot be packed": lambda: ofd(entry_xml(body(METADATA.format(""))), {"big": noise(45 * MEGABYTE)}),
    "zip: archives in archives": lambda: quine_like(6),
    "zip: thirty thousand entries over the same bytes": lambda: overlapping(30_000),
    "zip: two thousand entries over the same bytes": lambda: overlapping(2_000),
    "zip: sixty thousand empty files": lambda: directory(60_000),
    "zip: two thousand empty files": lambda: directory(2_000),
    "zip: says it inflates to 4 GB": lambda: lying(24, 0xFFFFFFF0),
    "zip: says it inflates to nothing": lambda: lying(24, 1),
    "zip: says it is packed in 4 GB": lambda: lying(20, 0xFFFFFFF0),
    "zip: begins 4 GB further on": lambda: lying(42, 0xFFFFFFF0),
    "zip: links": lambda: zipped({"OFD.xml": b"/etc/passwd"}, links=True),
    "zip: climbs out": lambda: zipped({"../../OFD.xml": b"x"}),
    "zip: the same name in other letters": lambda: zipped({"OFD.xml": entry_xml(body()), "ofd.XML": b"x"}),
    "zip: a second name in an extra field": lambda: zipped(
        {"OFD.xml": entry_xml(body())}, extra=unicode_path("other.xml", b"OFD.xml")
    ),
    "zip: names of thirty thousand letters": lambda: zipped({f"{n}{'a' * 30_000}": b"" for n in range(900)}),
    "zip: only the mark": lambda: b"PK\x03\x04",
    "zip: the mark of a directory twenty million times": lambda: b"PK\x03\x04" + b"PK\x01\x02" * 12_000_000,
    "zip: the mark of an end ten million times": lambda: b"PK\x03\x04" + b"PK\x05\x06" * 12_000_000,
    "xml: entities that multiply": lambda: ofd(entities()),
    "xml: an entity that is a file": lambda: ofd(outside("file:///etc/passwd")),
    "xml: an entity on the network": lambda: ofd(outside("http://127.0.0.1:9/x")),
    "xml: a million elements": lambda: padded(entry_xml("<a/>" * 1_000_000)),
    "xml: twelve million elements": lambda: padded(entry_xml("<a/>" * 12_000_000)),
    "xml: four million elements with attribute and text": lambda: padded(entry_xml('<a b="">c</a>' * 3_600_000)),
    "xml: elements written in UTF-7": lambda: padded(
        b'<?xml version="1.0" encoding="UTF-7"?><OFD>' + b"+ADw-a/+AD4-" * 3_500_000 + b"</OFD>"
    ),
    "xml: elements written in UTF-16": lambda: padded(
        ('<?xml version="1.0" encoding="UTF-16"?><OFD>' + "<a/>" * 6_000_000 + "</OFD>").encode("utf-16")
    ),
    "xml: half a million attributes": lambda: padded(
        f"<OFD {HEAD} {attributes(500_000)}/>".encode()
    ),
    "xml: elements with attributes, four million of them": lambda: padded(
        entry_xml(f"<a {attributes(400)}/>" * 10_000)
    ),
    "xml: half a million namespaces": lambda: padded(
        f"<OFD {HEAD} {namespaces(250_000)}/>".encode()
    ),
    "xml: namespaces looked up again and again": lambda: padded(
        f"<OFD {HEAD} {namespaces(60_000)}>{'<a0:b/>' * 400_000}</OFD>".encode()
    ),
    "xml: a hundred thousand levels": lambda: ofd(entry_xml("<a>" * 100_000 + "</a>" * 100_000)),
    "xml: two hundred levels, a hundred thousand times": lambda: padded(entry_xml(("<a>" * 200 + "</a>" * 200) * 10_000)),
    "xml: a text of forty megabytes": lambda: padded(entry_xml("x" * (40 * MEGABYTE))),
    "xml: four million comments in a text": lambda: padded(entry_xml(body("<Title>" + "a<!---->" * 4_000_000 + "</Title>"))),
    "xml: eight million characters by number": lambda: padded(entry_xml(body("<Title>" + "&#65;" * 8_000_000 + "</Title>"))),
    "xml: CDATA a million times": lambda: padded(entry_xml(body("<Title>" + "<![CDATA[a]]>" * 3_000_000 + "</Title>"))),
    "ofd: a million documents": lambda: padded(entry_xml("<DocBody/>" * 1_000_000)),
    "ofd: half a million custom items": lambda: padded(
        entry_xml(body(METADATA.format("".join(f'<CustomData Name="{n}"/>' for n in range(500_000)))))
    ),
    "ofd: elements up to the limit": lambda: padded(entry_xml("<a/>" * 490_000)),
    "ofd: attributes up to the limit": lambda: padded(f"<OFD {HEAD} {attributes(490_000)}/>".encode()),
    "ofd: seven hundred holders of twenty thousand letters": lambda: padded(
        entry_xml(body(METADATA.format(f'<CustomData Name="CZZT">{"演示" * 10_000}</CustomData>' * 700)))
    ),
    "ofd: signatures and references up to the limit": lambda: signed_often(
        50, "".join(f'<Reference FileRef="/S/../x"><CheckValue>{n}</CheckValue></Reference>' for n in range(399)), {"x": b"x"}
    ),
    "ofd: many references to one large file": lambda: large_file_named(1_900),
    "ofd: three hundred thousand holders": lambda: holders(300_000),
    "ofd: sixty thousand holders": lambda: holders(60_000),
    "ofd: a thousand signatures of one description": lambda: signed_often(
        50, reference("x", b"x") * 2_000, {"x": b"x"}, bodies=20
    ),
    "ofd: a hundred thousand signatures": lambda: signed_often(100_000, "", {}),
    "ofd: a hundred thousand references": lambda: signed_often(1, reference("x", b"x") * 100_000, {"x": b"x"}),
    "ofd: forty megabytes digested a hundred thousand times": big_file_often,
    "ofd: signatures that name their own list": own_list_often,
    "ofd: references without end in their path": lambda: signed_often(
        1, "".join('<Reference FileRef="' + "a/../" * 4_000 + f'{n}"/>' for n in range(1_900)), {"noise": noise(MEGABYTE)}
    ),
}  # fmt: skip
