"""PDF: which bytes a signature covers, what happened afterwards, where the licence describes itself; hostile files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field

from liangzheng.formats.pdf import reading
from liangzheng.formats.pdf.errors import PdfError
from liangzheng.formats.pdf.reading import Coverage, read_pdf
from tests.verification.hostile_pdf import pdf, stream
from tests.verification.sealed_licence import METADATA
from tests.verification.signed_pdf import (
    Field,
    PdfAuthority,
    describe,
    face,
    found_pdf_authority,
    licence,
    second,
    sign,
    updated,
    xmp,
)

Writer = IncrementalPdfFileWriter
VISIBLE = (10, 10, 60, 60)


@pytest.fixture(scope="module")
def authority() -> PdfAuthority:
    return found_pdf_authority("SM2")


@pytest.fixture(scope="module")
def signed(authority: PdfAuthority) -> bytes:
    return licence(authority)


def coverages(data: bytes) -> list[Coverage]:
    return [item.coverage for item in read_pdf(data).signatures]


def page(writer: Writer) -> Any:  # noqa: ANN401 - pyHanko's values
    found = writer.root["/Pages"]["/Kids"][0]
    writer.mark_update(found.container_ref)
    return found


def overlay(writer: Writer) -> None:
    """Lay an annotation with a picture of its own over the page."""
    shown = generic.StreamObject(
        {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form")}, stream_data=b"0 0 200 200 re f"
    )
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Stamp"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 200))),
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(shown)}),
        }
    )
    found = page(writer)
    kept = found.get("/Annots")
    annotations = generic.ArrayObject(kept.get_object() if kept else ())
    annotations.append(writer.add_object(note))
    found[pdf_name("/Annots")] = annotations


def replaced_text(writer: Writer) -> None:
    """Replace what the page draws, in place: the shadow that was signed becomes another page."""
    drawn = page(writer).raw_get("/Contents").reference
    changed = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 150 Td (FORGED LICENCE) Tj ET")
    changed.container_ref = drawn
    writer.objects[drawn.generation, drawn.idnum] = changed


def exchanged_text(writer: Writer) -> None:
    """Let the page draw an object that is new."""
    page(writer)[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT (FORGED) Tj ET"))


def another_page_tree(writer: Writer) -> None:
    """Hide and replace: the whole document that waited inside is put in the place of the one that was signed."""
    writer.root[pdf_name("/Pages")] = writer.root.raw_get("/Shadow")
    writer.update_root()


def cropped(writer: Writer) -> None:
    """Hide: what was laid over the page is there, what lies under it comes to light."""
    page(writer)[pdf_name("/MediaBox")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 10, 10)))


def filled_form(writer: Writer) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/V")] = pdf_string("市际班车客运")
    writer.mark_update(field.container_ref)


def empty_field(writer: Writer) -> None:
    """Add a signature field that nobody signs but that shows something."""
    append_signature_field(writer, SigFieldSpec("Nobody", box=VISIBLE, empty_field_appearance=True))


def note_in_info(writer: Writer) -> None:
    writer.set_info(generic.DictionaryObject({pdf_name("/Title"): pdf_string("演示")}))


def other_licence(writer: Writer) -> None:
    """Say something else about the licence, in a place that may lawfully change."""
    describe(writer, {"ZZBH": "演示999999999999号"}, "info")


def with_shadow(writer: Writer) -> None:
    """Before signing: a second page tree that nothing shows."""
    other = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Page"), pdf_name("/MediaBox"): generic.ArrayObject()})
    pages = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Pages"),
            pdf_name("/Kids"): generic.ArrayObject((writer.add_object(other),)),
            pdf_name("/Count"): generic.NumberObject(1),
        }
    )
    writer.root[pdf_name("/Shadow")] = writer.add_object(pages)
    writer.update_root()


def with_form(writer: Writer) -> None:
    """Before signing: a text field."""
    text = {"/FT": pdf_name("/Tx"), "/T": pdf_string("scope"), "/V": pdf_string("县内班车客运")}
    field = generic.DictionaryObject({pdf_name(key): value for key, value in text.items()})
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject((writer.add_object(field),))})
    writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def test_one_signature_covers_the_whole_file(authority: PdfAuthority, signed: bytes) -> None:
    found = read_pdf(signed)
    (signature,) = found.signatures
    assert signature.coverage is Coverage.WHOLE_FILE
    assert len(signature.signed_bytes(signed)) == len(signed) - (signature.hole[1] - signature.hole[0])
    assert signature.contents.startswith(b"\x30")
    assert authority.signing.certificate.der in signature.contents
    assert (found.metadata, found.metadata_source) == (METADATA, "attachment")


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_second_signature_is_lawful(authority: PdfAuthority, is_stream: bool) -> None:  # noqa: FBT001
    first = sign(face(is_stream=is_stream), authority.signing)
    twice = sign(first, authority.signing, second())
    thrice = sign(twice, authority.signing, replace(second("Seal3"), box=VISIBLE))
    assert coverages(twice) == [Coverage.SIGNATURES, Coverage.WHOLE_FILE]
    assert coverages(thrice) == [Coverage.SIGNATURES, Coverage.SIGNATURES, Coverage.WHOLE_FILE]
    assert [item.is_visible for item in read_pdf(thrice).signatures] == [False, False, True]
    assert read_pdf(thrice).metadata == METADATA


SHADOWS: Mapping[str, tuple[Callable[[Writer], None], Callable[[Writer], None]]] = {
    "overlay": (lambda _: None, overlay),
    "text replaced": (lambda _: None, replaced_text),
    "text exchanged": (lambda _: None, exchanged_text),
    "hidden document": (with_shadow, another_page_tree),
    "page cropped": (lambda _: None, cropped),
    "form filled in": (with_form, filled_form),
}


@pytest.mark.parametrize("name", SHADOWS)
def test_a_change_after_signing_is_seen(authority: PdfAuthority, name: str) -> None:
    """Shadow attacks (hide, replace, hide and replace), also when a further signature is laid over them."""
    before, after = SHADOWS[name]
    signed = sign(face(), authority.signing, change=before)
    assert coverages(signed) == [Coverage.WHOLE_FILE]
    assert coverages(updated(signed, after)) == [Coverage.CHANGED]
    covered = sign(signed, authority.signing, second(), change=after)
    assert coverages(covered) == [Coverage.CHANGED, Coverage.WHOLE_FILE]


@pytest.mark.parametrize("name", SHADOWS)
def test_the_same_change_before_signing_is_the_signers_own(authority: PdfAuthority, name: str) -> None:
    """The control: it is the order that counts, not the change."""
    before, after = SHADOWS[name]
    assert coverages(sign(updated(updated(face(), before), after), authority.signing)) == [Coverage.WHOLE_FILE]


def test_without_the_comparison_every_shadow_would_pass(authority: PdfAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the difference analysis: it alone tells a shadow from a lawful second signature."""
    from liangzheng.formats.pdf import changes

    shadow = sign(sign(face(), authority.signing), authority.signing, second(), change=overlay)
    assert coverages(shadow)[0] is Coverage.CHANGED
    monkeypatch.setattr(changes, "changes_since", lambda *_: changes.Change.SIGNATURES)
    assert coverages(shadow)[0] is Coverage.SIGNATURES


def test_what_shows_nothing_may_be_added(signed: bytes) -> None:
    assert coverages(updated(signed, note_in_info)) == [Coverage.BACKGROUND]
    assert coverages(updated(signed, empty_field)) == [Coverage.SIGNATURES]  # allowed only under a further signature


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_the_signers_own_limits_are_kept(authority: PdfAuthority, permission: MDPPerm) -> None:
    certified = sign(face(), authority.signing, replace(Field(), permission=permission))
    twice = sign(certified, authority.signing, second())
    expected = Coverage.CHANGED if permission is MDPPerm.NO_CHANGES else Coverage.SIGNATURES
    assert coverages(twice) == [expected, Coverage.WHOLE_FILE]


def test_the_licence_is_read_as_it_was_signed(signed: bytes) -> None:
    plain = read_pdf(updated(signed, note_in_info))
    assert (plain.metadata, plain.is_metadata_changed) == (METADATA, False)
    with pytest.raises(PdfError, match="ambiguous_metadata"):
        read_pdf(updated(signed, other_licence))


@pytest.mark.parametrize("source", ["xmp", "info"])
def test_another_licence_in_the_same_place_is_seen(authority: PdfAuthority, source: str) -> None:
    signed = licence(authority, source=source)
    other = dict(replace(METADATA, number="演示999999999999号").custom_data())

    def change(writer: Writer) -> None:
        if source == "info":
            describe(writer, other, source)
            return
        stored = writer.root["/Metadata"]
        stored._data, stored._encoded_data, stored._xmp = xmp(other), None, None
        writer.mark_update(stored.container_ref)

    found = read_pdf(updated(signed, change))
    assert found.metadata == METADATA
    assert (found.is_metadata_changed, found.signatures[0].coverage) == (True, Coverage.BACKGROUND)


@pytest.mark.parametrize("more", [b"\n", b"%", b"\n%%EOF\n", b"4 0 obj\n<< /FORGED true >>\nendobj\n"])
def test_bytes_behind_the_end_are_not_covered(signed: bytes, more: bytes) -> None:
    try:
        found = coverages(signed + more)
    except PdfError:
        return  # not readable as a PDF is as good
    assert found[0] not in {Coverage.WHOLE_FILE, Coverage.BACKGROUND, Coverage.SIGNATURES}


def with_ranges(data: bytes, change: Callable[[list[int]], list[int]]) -> bytes:
    """Write other numbers into /ByteRange, in the same room."""
    found = re.search(rb"/ByteRange \[([0-9 ]+)\]( *)", data)
    assert found
    numbers = change([int(number) for number in found[1].split()])
    text = b"/ByteRange [%s]" % b" ".join(b"%d" % number for number in numbers)
    return data[: found.start()] + text.ljust(len(found[0])) + data[found.end() :]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: [r[0], r[1] - 9, r[2], r[3]],
        lambda r: [r[0], r[1], r[2] + 9, r[3] - 9],
        lambda r: [r[0], r[1], r[2], r[3] - 9],
        lambda r: [9, r[1] - 9, r[2], r[3]],
        lambda r: [r[0], r[1]],
        lambda r: [r[0], r[1], r[1], r[3]],
        lambda r: [r[0], r[1], r[2], r[3] + 99],
    ],
)
def test_ranges_that_leave_something_out_are_partial(signed: bytes, change: Callable[[list[int]], list[int]]) -> None:
    assert coverages(with_ranges(signed, lambda ranges: ranges)) == [Coverage.WHOLE_FILE]
    assert coverages(with_ranges(signed, change)) == [Coverage.PARTIAL]


def test_a_value_written_in_another_way_is_noticed(signed: bytes) -> None:
    """Nothing covers the hole: its letters may be written otherwise without changing a byte of the value."""
    start, end = read_pdf(signed).signatures[0].hole
    letter = next(place for place in range(start, end) if signed[place : place + 1].isalpha())
    assert coverages(signed[:letter] + signed[letter : letter + 1].swapcase() + signed[letter + 1 :]) == [Coverage.UNCLEAR]
    assert coverages(signed[:start] + signed[start:end].upper() + signed[end:]) == [Coverage.WHOLE_FILE]


def left_open(authority: PdfAuthority) -> bytes:
    """A licence signed with an object whose place lies behind the end of the file, and that object put there afterwards."""
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /X 4 0 R >>"
    base = pdf([b"<< /A 1 >>"], root=catalogue)
    entry = base.rindex(b" 00000 n ") - 10
    behind = len(sign(base, authority.signing)) + 100
    signed = sign(base[:entry] + b"%010d" % behind + base[entry + 10 :], authority.signing)
    assert coverages(signed) == [Coverage.WHOLE_FILE]
    return updated(signed.ljust(behind) + b"4 0 obj\n<< /FORGED 1 >>\nendobj\n", note_in_info)


def test_an_object_left_open_when_signed_cannot_be_completed_later(
    authority: PdfAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    completed = left_open(authority)
    assert coverages(completed) == [Coverage.PARTIAL]
    monkeypatch.setattr(reading, "_lies_within", lambda *_: True)  # the control: nothing else sees it
    assert coverages(completed) == [Coverage.BACKGROUND]


def test_metadata_that_contradict_each_other_are_refused() -> None:
    items = {"ZZBH": "一", "ZZLXDM": "11100000000019713D013"}

    def both(number: str) -> bytes:
        def change(writer: Writer) -> None:
            describe(writer, items, "attachment")
            describe(writer, items | {"ZZBH": number}, "info")

        return updated(face(None), change)

    assert read_pdf(both("一")).metadata_source == "attachment"
    with pytest.raises(PdfError, match="ambiguous_metadata"):
        read_pdf(both("二"))


def test_several_holders_and_xmp_forms() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<r:Description xmlns:z="urn:z" z:ZZBH="1"><z:CZZT><r:Bag><r:li>A</r:li><r:li>B</r:li></r:Bag></z:CZZT></r:Description>'
        b"</r:RDF></x:xmpmeta>"
    )
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R >>"
    found = read_pdf(pdf([stream(packet, b"/Type /Metadata /Subtype /XML")], root=catalogue))
    assert found.metadata is not None
    assert (found.metadata.number, found.metadata.holder, found.metadata_source) == ("1", "A，B", "xmp")
