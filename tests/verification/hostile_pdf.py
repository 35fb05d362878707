"""PDF files that would keep a trusting reader busy for hours, or fell it. Most have a few hundred bytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
MANY = 200_000


def pdf(objects: Sequence[bytes] = (), *, root: bytes = CATALOG, trailer: bytes = b"") -> bytes:
    """A PDF of one page; `objects` are numbered from 4."""
    parts, offsets = [b"%PDF-1.7\n"], []
    for number, content in enumerate((root, PAGES, PAGE, *objects), start=1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = sum(map(len, parts))
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(offsets) + 1, entries)
    parts += [table, b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, trailer, start)]
    return b"".join(parts)


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def bomb(size: int) -> bytes:
    return stream(zlib.compress(b" " * size, 9), b"/Filter /FlateDecode /Type /Metadata /Subtype /XML")


def form(fields: bytes, *objects: bytes) -> bytes:
    return pdf(objects, root=b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields %s >> >>" % fields)


def xrefs(body: bytes) -> bytes:
    """A file whose cross-references are whatever `body` says."""
    return b"%PDF-1.7\n" + body + b"\nstartxref\n9\n%%EOF\n"


def xref_stream(content: bytes, entries: bytes) -> bytes:
    return xrefs(b"1 0 obj\n" + stream(content, b"/Type /XRef /Root 2 0 R " + entries) + b"\nendobj")


def _sections(count: int, freed: int) -> bytes:
    """A chain of cross-reference sections, each of which frees the same objects."""
    table = b"xref\n0 %d\n" % freed + b"0000000000 00001 f \n" * freed
    data, previous, start = b"%PDF-1.7\n", b"", 0
    for _ in range(count):
        start = len(data)
        data += table + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (freed, previous)
        previous = b"/Prev %d" % start
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def _in_object_stream(content: bytes, member: bytes) -> bytes:
    """A catalogue that lies in an object stream, as object 1; `member` is its text."""
    packed = stream(b"1 0 " + member, b"/Type /ObjStm /N 1 /First 4 " + content)
    head = b"%PDF-1.7\n4 0 obj\n" + packed + b"\nendobj\n"
    entries = b"".join(bytes((kind, 0, 0, place, 0)) for kind, place in ((0, 0), (2, 4), (0, 0), (0, 0), (1, 9)))
    entries += b"\x01" + len(head).to_bytes(3, "big") + b"\x00"
    table = stream(entries, b"/Type /XRef /W [1 3 1] /Size 6 /Root 1 0 R")
    return head + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "only the mark": lambda: b"%PDF-1.7\n",
    "no end": lambda: pdf()[:-30],
    "encrypted": lambda: pdf([b"<< /Filter /Standard /V 2 >>"], trailer=b"/Encrypt 4 0 R"),
    "nested arrays": lambda: pdf(root=b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * MANY + b"]" * MANY + b" >>"),
    "nested dictionaries": lambda: pdf(root=b"<< /X " * MANY + b">>" * MANY),
    "catalogue of a million values": lambda: pdf(root=b"<< /X [" + b"1 " * 1_000_000 + b"] >>"),
    "a number of a million digits": lambda: pdf(root=b"<< /X " + b"9" * 1_000_000 + b" >>"),
    "a name of ten million letters": lambda: pdf(root=b"<< /" + b"a" * 10_000_000 + b" 1 >>"),
    "an open string": lambda: pdf(root=b"<< /X (" + b"(" * 1_000_000),
    "a comment without end": lambda: pdf(root=b"%" + b"x" * 5_000_000),
    "forty million spaces": lambda: pdf(root=b" " * 40_000_000),
    "a catalogue that is itself": lambda: pdf(root=b"1 0 R"),
    "fields that are their own kids": lambda: form(b"[4 0 R]", b"<< /T (a) /Kids [4 0 R 4 0 R] >>"),
    "fields that double": lambda: form(b"[4 0 R]", *(b"<< /T (a) /Kids [%d 0 R %d 0 R] >>" % (n, n) for n in range(5, 60))),
    "names that double": lambda: pdf(
        [b"<< /Kids [%d 0 R %d 0 R] >>" % (n, n) for n in range(5, 60)],
        root=b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 4 0 R >> >>",
    ),
    "a bomb as metadata": lambda: pdf([bomb(100_000_000)], root=b"<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R >>"),
    "entities in metadata": lambda: pdf(
        [stream(b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', b"/Type /Metadata /Subtype /XML")],
        root=b"<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R >>",
    ),
    "a length that is its own stream": lambda: pdf(
        [b"<< /Length 4 0 R >>\nstream\nx\nendstream"], root=b"<< /Type /Catalog /Metadata 4 0 R >>"
    ),
    "a negative length": lambda: pdf(
        [b"<< /Length -1 >>\nstream\nx\nendstream"], root=b"<< /Type /Catalog /Metadata 4 0 R >>"
    ),
    "cross-references in a circle": lambda: pdf(trailer=b"/Prev 9"),
    "cross-references to themselves": lambda: xrefs(b"xref\n0 0\ntrailer\n<< /Size 0 /Root 1 0 R /Prev 9 >>"),
    "many sections": lambda: _sections(5_000, 1),
    "many freed objects": lambda: _sections(20, 40_000),
    "a billion entries that take no room": lambda: xref_stream(b"", b"/W [0 0 0] /Size 1000000000"),
    "a billion entries": lambda: xref_stream(b"", b"/W [0 1 0] /Size 1000000000"),
    "a negative index": lambda: xref_stream(b"", b"/W [1 1 1] /Size 3 /Index [0 5000000000 0 -4999999999]"),
    "rows of one column": lambda: xref_stream(
        zlib.compress(b"\x02\x01" * 2_000_000, 9),
        b"/W [1 1 1] /Size 40000 /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 1 >>",
    ),
    "twenty filters": lambda: xref_stream(
        b"0" * 1_000_000 + b">", b"/W [1 1 1] /Size 4 /Filter [" + b"/AHx " * 20 + b"]"
    ),
    "a comment at the end of an object stream": lambda: _in_object_stream(b"", b"%x"),
    "an object stream that is a bomb": lambda: _in_object_stream(b"/Filter /FlateDecode", zlib.compress(b" " * 50_000_000, 9)),
    "51 MB": lambda: pdf([stream(b"x" * 51 * 1024 * 1024)]),
    "picture and fifty million bytes of it read again and again": lambda: form(
        b"[" + b"4 0 R " * 1000 + b"]", stream(b"x" * 40_000_000)
    ),
}  # fmt: skip
