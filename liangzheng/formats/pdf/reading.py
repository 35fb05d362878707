"""Reads a PDF as far as its signatures need: which bytes each covers, what changed afterwards, what the licence says of itself.

What counts is the file as it was when it was signed: its beginning up to the end of the signature's last range is read again as a
file of its own. Refused by name: encrypted files, files with two sets of cross-references (hybrid), more than 50 MB.
Pages, pictures, scripts and forms are not looked at; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pyhanko.pdf_utils import generic, misc

from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.pdf.bounded import BoundedReader, Budget, entries, entry, refusing
from liangzheng.formats.pdf.errors import PdfError
from liangzheng.formats.pdf.licence_data import LicenceData, read_licence_data
from liangzheng.formats.pdf.mark import is_pdf

MAX_SIZE = 50 * 1024 * 1024  # bytes
MAX_SIGNATURES = 16
MAX_SIGNED = 2 * MAX_SIZE  # bytes that all signatures of a file cover together: each is hashed
_MOST_FIELDS = 2_000
_MOST_LEVELS = 8
_HEX = re.compile(rb"<[0-9A-Fa-f\s]*>")
_PLAIN_HEX = re.compile(rb"<(?:[0-9A-F]*|[0-9a-f]*)>")  # as every signing program writes it


class Coverage(StrEnum):
    """What lies outside of what one signature covers."""

    WHOLE_FILE = "whole_file"
    BACKGROUND = "background"  # later additions that show nothing
    SIGNATURES = "signatures"  # later signatures, perhaps with a picture
    CHANGED = "changed"
    PARTIAL = "partial"  # the signed bytes are no whole file with a hole for the signature
    UNCLEAR = "unclear"  # the later changes could not be compared, or the signature's own value was written anew


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """One signed signature field. `hole`: where the two signed ranges end and begin; `end`: where the second one ends.

    `unverified_claimed_at` is the entry /M; the signature covers it, but it is the signer's own word.
    """

    name: str
    sub_filter: str
    is_timestamp: bool
    is_visible: bool
    contents: bytes
    hole: tuple[int, int]
    end: int
    coverage: Coverage
    unverified_claimed_at: datetime | None

    def signed_bytes(self, data: bytes) -> bytes:
        """Give what was signed: the file up to `end` without the hole."""
        return data[: self.hole[0]] + data[self.hole[1] : self.end]


@dataclass(frozen=True, slots=True)
class PdfFile:
    """The signatures in the order they were made, and the licence as the first of them signed it (else as it stands).

    `shows_unsigned_fields`: there is a visible field for a signature that nobody signed, or only a timestamp.
    """

    signatures: tuple[PdfSignature, ...]
    metadata: LicenceMetadata | None
    metadata_source: str
    is_metadata_changed: bool
    shows_unsigned_fields: bool


def read_pdf(data: bytes) -> PdfFile:
    """Read a PDF. Raises PdfError for what is no PDF or may not be read."""
    if not is_pdf(data):
        raise PdfError("not_pdf")
    if len(data) > MAX_SIZE:
        raise PdfError("too_large")
    budget = Budget()
    with refusing(budget):
        reader = _open(data, budget)
        all_fields = list(_signature_fields(reader))
        fields = [(name, field) for name, field in all_fields if "/V" in field]
        if len(fields) > MAX_SIGNATURES:
            raise PdfError("too_many_signatures")
        found = sorted((_signature(name, field, reader, data, budget) for name, field in fields), key=lambda item: item.end)
        if sum(item.end for item in found) > MAX_SIGNED:
            raise PdfError("too_complex", "signed bytes")
        described, is_changed = _described(reader, found, data, budget)
        unsigned = [field for _, field in all_fields if "/V" not in field]
        shows_unsigned = any(map(_is_shown, unsigned)) or any(item.is_timestamp and item.is_visible for item in found)
    return PdfFile(tuple(found), described.metadata, described.source, is_changed, shows_unsigned)


def _open(data: bytes, budget: Budget) -> BoundedReader:
    reader = BoundedReader(data, budget)
    if "/Encrypt" in reader.trailer:
        raise PdfError("encrypted")
    if reader.xrefs.hybrid_xrefs_present:
        raise PdfError("hybrid_cross_references")
    if not isinstance(reader.root, generic.DictionaryObject):
        raise PdfError("malformed_pdf", "/Root")
    return reader


def _described(reader: BoundedReader, signatures: list[PdfSignature], data: bytes, budget: Budget) -> tuple[LicenceData, bool]:
    """Read the licence as the first signature covers it, and say whether the file now says something else."""
    now = read_licence_data(reader)
    first = next((item for item in signatures if not item.is_timestamp and item.coverage is not Coverage.PARTIAL), None)
    if first is None or first.end == len(data):
        return now, False
    signed = read_licence_data(_open(data[: first.end], budget))
    return signed, signed.metadata != now.metadata


def _signature_fields(reader: BoundedReader) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Walk the form (ISO 32000-1, 12.7): every signature field with its full name, and every signature once."""
    form = entry(reader.root, "/AcroForm")
    fields = entries(form, "/Fields") if form else []
    waiting: list[tuple[Any, str, str, int]] = [(item, "", "", 0) for item in reversed(fields)]
    seen, values = 0, set()
    while waiting:
        field, prefix, kind, level = waiting.pop()
        seen += 1
        if seen > _MOST_FIELDS or level > _MOST_LEVELS:
            raise PdfError("too_complex", "/Fields")
        kind = str(entry(field, "/FT") or kind)
        name = ".".join(part for part in (prefix, str(entry(field, "/T") or "")) if part)
        kids = [kid for kid in entries(field, "/Kids") if "/T" in kid]
        waiting += [(kid, name, kind, level + 1) for kid in reversed(kids)]
        if kind == "/Sig" and "/V" not in field:
            yield name, field
        elif kind == "/Sig":
            reference = field.raw_get("/V")
            if not isinstance(reference, generic.IndirectObject):
                raise PdfError("malformed_pdf", "/V")
            if reference.idnum not in values:
                yield name, field
            values.add(reference.idnum)


def _signature(name: str, field: generic.DictionaryObject, reader: BoundedReader, data: bytes, budget: Budget) -> PdfSignature:
    value = field["/V"]
    contents = bytes(value.raw_get("/Contents").original_bytes)
    hole, end = _ranges(value, data)
    return PdfSignature(
        name=name,
        sub_filter=str(entry(value, "/SubFilter") or ""),
        is_timestamp=entry(value, "/Type") == "/DocTimeStamp",
        is_visible=_is_shown(field),
        contents=_without_padding(contents),
        hole=hole,
        end=end,
        coverage=_coverage(field, contents, hole, end, reader, data, budget),
        unverified_claimed_at=_claimed_at(value),
    )


def _ranges(value: generic.DictionaryObject, data: bytes) -> tuple[tuple[int, int], int]:
    """Read /ByteRange; a shape that covers nothing is given as a hole over everything."""
    numbers = [int(number) for number in entries(value, "/ByteRange")]
    if len(numbers) == 4 and numbers[0] == 0 and min(numbers) >= 0:  # noqa: PLR2004 - two ranges
        _, first, second, length = numbers
        if first < second and second + length <= len(data):
            return (first, second), second + length
    return (0, len(data)), len(data)


def _coverage(
    field: generic.DictionaryObject, contents: bytes, hole: tuple[int, int], end: int, reader: BoundedReader, data: bytes,
    budget: Budget,
) -> Coverage:  # fmt: skip
    written = data[hole[0] : hole[1]]
    if not _HEX.fullmatch(written) or bytes.fromhex(written[1:-1].decode("ascii")) != contents:
        return Coverage.PARTIAL  # the hole is not this signature's own value, or not only
    if not _PLAIN_HEX.fullmatch(written):
        return Coverage.UNCLEAR
    if end == len(data):
        return Coverage.WHOLE_FILE
    try:
        with refusing(budget):
            revision = _signed_revision(reader, data[:end], budget)
    except PdfError as error:
        if error.reason == "too_complex":
            raise
        return Coverage.PARTIAL
    return _later(reader, revision, field["/V"], budget)


def _signed_revision(reader: BoundedReader, signed: bytes, budget: Budget) -> int:
    """Give the number of the revision that ends where the signed bytes end. Raises PdfError when none does.

    Its objects have to lie whole within the signed bytes: one that was left open when it was signed could be filled in later.
    """
    view = _open(signed, budget)
    revision = view.total_revisions - 1
    starts = [[item.xrefs.get_startxref_for_revision(number) for number in range(revision + 1)] for item in (view, reader)]
    if reader.total_revisions <= revision or starts[0] != starts[1]:
        raise PdfError("malformed_pdf", "revisions")
    then = reader.get_historical_resolver(revision)
    for reference in (found for number in range(revision + 1) for found in reader.xrefs.explicit_refs_in_revision(number)):
        place = reader.xrefs.get_historical_ref(reference, revision)
        if place is not None:
            then.get_object(reference)
        if isinstance(place, int) and not _lies_within(reader, place, len(signed)):
            raise PdfError("malformed_pdf", "object behind its signature")
    return revision


def _lies_within(reader: BoundedReader, place: int, end: int) -> bool:
    return reader.ends[place] <= end


def _later(reader: BoundedReader, revision: int, value: generic.DictionaryObject, budget: Budget) -> Coverage:
    from liangzheng.formats.pdf.changes import Change, changes_since  # half a second, and most licences need it never

    try:
        with refusing(budget):
            change = changes_since(reader, revision, value)
    except PdfError as error:
        if error.reason == "too_complex":
            raise
        return Coverage.UNCLEAR
    by_change = {Change.NOTHING: Coverage.PARTIAL, Change.BACKGROUND: Coverage.BACKGROUND, Change.SIGNATURES: Coverage.SIGNATURES}
    return by_change.get(change, Coverage.CHANGED)


def _without_padding(contents: bytes) -> bytes:
    """Cut the zeros with which a signature's place is filled up: behind the DER value that stands at the beginning."""
    return contents.rstrip(b"\x00") if not contents.startswith(b"\x30") else _first_value(contents)


def _first_value(contents: bytes) -> bytes:
    if len(contents) < 2:  # noqa: PLR2004 - tag and length
        return contents
    length, start = contents[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(contents[2:start], "big")
    rest = contents[start + length :]
    return contents if rest.strip(b"\x00") else contents[: start + length]


def _is_shown(field: generic.DictionaryObject) -> bool:
    return any(map(_is_visible, (field, *entries(field, "/Kids"))))


def _is_visible(widget: generic.DictionaryObject) -> bool:
    corners = [float(number) for number in entries(widget, "/Rect")] or [0.0] * 4
    return len(corners) != 4 or (corners[0] != corners[2] and corners[1] != corners[3])  # noqa: PLR2004 - two corners


def _claimed_at(value: generic.DictionaryObject) -> datetime | None:
    try:
        found: datetime = generic.parse_pdf_date(entry(value, "/M"), strict=False)
    except (ValueError, TypeError, misc.PdfReadError):
        return None
    return found if found.tzinfo else None
